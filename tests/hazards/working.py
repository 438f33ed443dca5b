"""Run as a process of its own by the H24 test: a ward's whole use of one vault, then it stands until it is killed.

usage: python -m tests.hazards.working VAULT FOLDER [SABOTAGE]      prints "standing" when everything was done
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from localdb.house import House, open_house
from tests.made import NOW, SECRET, nhs_number

MARKS = {
    "family": "Quillfeather", "given": "Marigoldine", "hospital number": "H7734411", "value": "7.7345",
    "comment": "haemolysed-zeppelin", "note": "wandering-lighthouse", "draft": "unsent-marmalade",
    "caller": "Dr Thistlewick", "search": "Quillfeat",
}  # fmt: skip
NUMBER = nhs_number(77)


def fill_and_cut(house: House, folder: Path) -> None:
    import localdb.sources.filling as filling

    filling.SMALL_FILL = 0  # the files are read in child processes, as a whole hospital's are
    house.fill([folder / "first.json"], source="lims")
    house.fill([folder / "second.json"], source="lims")
    house.cut()


def search_and_read(house: House) -> Any:
    reading = house.reading()
    for text in (MARKS["search"], MARKS["family"] + " " + MARKS["given"], NUMBER, MARKS["hospital number"]):
        assert [v.nhs for v in reading.find(text)] == [NUMBER]
    reading.ward("Ash Ward")
    reading.pending()
    assert reading.chart(NUMBER).results.items
    return reading


def write_and_print(house: House) -> None:
    from desktop.printing.issuing import issue, wanted

    at = "2026-11-24T03:10:00+00:00"
    first = house.enter("note", NUMBER, {"happened": at, "text": MARKS["note"]})
    house.enter("note", NUMBER, {"happened": at, "text": MARKS["note"] + " again"}, first.entry)
    house.enter("phoned_result", NUMBER, {
        "collected": "2026-11-24T02:00:00+00:00", "test": "Potassium", "value": MARKS["value"], "unit": "mmol/L",
        "caller": {"name": MARKS["caller"], "role": "BMS", "ext": "4411"}, "read_back": True,
    })  # fmt: skip
    house.save_draft("note", {"text": MARKS["draft"]})
    house.save_draft("other", {"text": MARKS["draft"]})
    house.drop_draft("other")
    house.opened(house.reading().resolve(NUMBER))
    for form in ("F02", "F03", "F18", "F27"):
        issue(house, wanted(house, form, patient=NUMBER, ward=None, blank=0, copies=1))
    issue(house, wanted(house, "F01", patient=None, ward="Ash Ward", blank=0, copies=1))


def standing_sort(house: House) -> Any:
    """A sort that does not end: whoever keeps what is returned keeps it in the middle."""
    owned = house.intake()
    rows = owned.__enter__().connection.execute(
        "with recursive n(k) as (select 1 union all select k+1 from n where k<400)"
        " select r.body, n.k from record r, n order by r.body desc, n.k"
    )
    return owned, rows, rows.fetchone()


def sabotage(name: str) -> None:
    """Takes one control away."""
    from sqlcipher3 import dbapi2

    import localdb.store.opening as opening

    real = opening._keyed

    def without_key(uri: str, key: bytes, page: int, pragmas: tuple[str, ...]) -> Any:
        connection = dbapi2.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        for pragma in (p for p in pragmas if not p.startswith("cipher_")):
            connection.execute("pragma " + pragma)
        return connection

    def spilling(uri: str, key: bytes, page: int, pragmas: tuple[str, ...]) -> Any:
        connection = real(uri, key, page, pragmas)
        connection.execute("pragma temp_store=FILE")
        connection.execute("pragma cache_size=10")
        return connection

    if name == "no key":
        opening._keyed = without_key
    elif name == "temporary files":
        opening._keyed = spilling
    elif name == "clear lists":
        from localdb.vault.keys import Keys

        Keys.seal = lambda self, name, data: data  # type: ignore[method-assign]
        Keys.open = lambda self, name, data: data  # type: ignore[method-assign]
    elif name == "a page in the temporary folder":
        import desktop.printing.issuing as issuing

        made = issuing.render_pack

        def spooling(jobs: Any) -> Any:
            rendered = made(jobs)
            with tempfile.NamedTemporaryFile(suffix=".pdf", delete=False) as file:
                file.write(rendered.pdf)
            return rendered

        issuing.render_pack = spooling
    elif name == "a log of what was written":
        entered = House.enter

        def logging(self: House, kind: str, patient: str, body: dict[str, Any], corrects: str | None = None) -> Any:
            with open(Path.home() / "wardlamp.log", "a", encoding="utf-16-le") as file:
                file.write(repr(body))
            return entered(self, kind, patient, body, corrects)

        House.enter = logging  # type: ignore[method-assign]
    elif name:
        raise ValueError(name)


def main(vault: str, folder: str, broken: str = "") -> None:
    sabotage(broken)
    house = open_house(Path(vault), SECRET, clock=lambda: NOW)
    fill_and_cut(house, Path(folder))
    held = search_and_read(house), write_and_print(house), standing_sort(house)
    print("standing", flush=True)
    sys.stdin.read()
    del held


if __name__ == "__main__":
    main(*sys.argv[1:])
