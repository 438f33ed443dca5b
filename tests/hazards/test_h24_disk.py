"""H24 Disclosure, the disk and the census: nothing of a patient stands in clear on a laptop that is lost.

A process of its own fills, cuts, searches, sorts, reads, enters, drafts and makes pages; while it stands and after it
was killed, everything that it could write is searched: the vault, the temporary folder, its home, its working folder,
and files that it holds open without a name.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.forms.catalogue import render_pack
from desktop.printing.issuing import model_of, wanted
from localdb.house import House
from tests.conftest import ROOT
from tests.hazards.working import MARKS, NUMBER
from tests.made import new_house, person, result, stay, ward, write

PLACES = ("vault", "temp", "home", "work")


def encodings(mark: str) -> Iterator[tuple[str, bytes]]:
    """The forms in which a mark may stand: UTF-8, UTF-16, and base64 at each of three alignments."""
    plain = mark.encode()
    yield "utf-8", plain
    yield "utf-16", mark.encode("utf-16-le")
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + plain)
        whole = coded[4 if shift else 0 : (len(plain) + shift) // 3 * 4]
        yield f"base64 +{shift}", whole


def clear_in(data: bytes) -> list[str]:
    """Which marks and which clear formats these bytes hold."""
    found = [f"{name} ({form})" for name, mark in {**MARKS, "number": NUMBER}.items()
             for form, coded in encodings(mark) if coded in data]  # fmt: skip
    found += ["a plain database"] if data.startswith(b"SQLite format 3") else []
    found += ["a page in clear"] if b"%PDF-" in data else []
    try:
        found += ["a list of layers in clear"] if "sha256" in str(json.loads(data)) else []
    except ValueError:
        pass  # as it should be: what is sealed is no JSON
    return found


def disclosed(place: Path, process: int | None = None) -> list[str]:
    """Everything in clear that the program left, and what it holds open without a name."""
    found = []
    for path in sorted(p for name in PLACES for p in (place / name).rglob("*") if p.is_file()):
        found += [f"{path.relative_to(place)}: {what}" for what in clear_in(path.read_bytes())]
    for link in Path(f"/proc/{process}/fd").iterdir() if process else ():
        target = os.readlink(link)
        if target.endswith(" (deleted)") and target.startswith("/"):
            found += [f"unnamed file: {what}" for what in clear_in(link.read_bytes())]
    return found


def hospital(folder: Path) -> None:
    """One marked patient among others, in bed, with results, and with a second fill that replaces some."""
    named = {"name": [{"use": "official", "family": MARKS["family"], "given": [MARKS["given"]]}]}
    marked = person(77, **named)
    marked["identifier"][1]["value"] = MARKS["hospital number"]
    remark = [{"text": MARKS["comment"]}]
    people = [r for n in range(1, 30) for r in (person(n), result(f"k{n}", f"p{n}", "4.1"))]
    bloods = [result(f"z{n}", "p77", MARKS["value"], note=remark) for n in range(40)]
    write(folder / "first.json", [*ward(), marked, stay("p77", 1), *bloods, *people])
    write(folder / "second.json", [result(f"z{n}", "p77", "5.5", meta={"versionId": "2"}) for n in range(9)])


def use(place: Path, broken: str = "") -> list[str]:
    """What is in clear while the program stands, and after kill -9."""
    hospital(place / "data")
    for name in PLACES[1:]:
        (place / name).mkdir()
    new_house(place / "vault").close()
    if broken == "no key":  # the stores are made without one, too
        _made_plain(place)
    names = {
        "TMPDIR": "temp",
        "HOME": "home",
        "XDG_CACHE_HOME": "home",
        "XDG_CONFIG_HOME": "home",
        "SQLITE_TMPDIR": "temp",
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.hazards.working", str(place / "vault"), str(place / "data"), broken],
        cwd=place / "work", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **{k: str(place / v) for k, v in names.items()}},
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "standing\n"
        found = disclosed(place, child.pid)
        child.kill()
        assert child.wait() == -signal.SIGKILL
    return found + disclosed(place)


def _made_plain(place: Path) -> None:
    shutil.rmtree(place / "vault")
    program = (
        "import sys; from tests.hazards.working import sabotage; sabotage('no key');"
        " from tests.made import new_house; from pathlib import Path; new_house(Path(sys.argv[1])).close()"
    )
    subprocess.run([sys.executable, "-c", program, str(place / "vault")], cwd=ROOT, check=True)


def test_nothing_of_a_patient_stands_in_clear_on_the_disk(tmp_path: Path) -> None:
    assert use(tmp_path) == []


@pytest.mark.parametrize(
    ("broken", "sign"),
    [
        ("no key", "a plain database"),
        ("temporary files", "unnamed file: family (utf-8)"),
        ("clear lists", "a list of layers in clear"),
        ("a page in the temporary folder", "a page in clear"),
        ("a log of what was written", "home/wardlamp.log: note (utf-16)"),
    ],
)
def test_sabotage_a_control_of_the_disk_is_taken_away(tmp_path: Path, broken: str, sign: str) -> None:
    assert any(sign in found for found in use(tmp_path, broken))


@pytest.mark.parametrize("shift", range(3))
def test_the_search_sees_base64_at_each_alignment(shift: int) -> None:
    data = base64.b64encode(bytes(range(65, 65 + shift)) + MARKS["note"].encode() + b" and more")
    assert any(f.startswith("note (base64") for f in clear_in(data))


# -- the census -------------------------------------------------------------------------------------------------------

SECRET_ALERT, OPEN_ALERT = "Confidential: whereabouts withheld", "Falls risk"


def alert(n: int, text: str, **more: object) -> dict[str, object]:
    return {"resourceType": "Flag", "id": f"f{n}", "status": "active", "subject": {"reference": "Patient/p1"},
            "code": {"text": text}, **more}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    hidden = alert(1, SECRET_ALERT, meta={"security": [{
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]})  # fmt: skip
    made.fill(
        [write(tmp_path / "a.json", [*ward(), person(1), stay("p1", 1), hidden, alert(2, OPEN_ALERT)])], source="pas"
    )
    yield made
    made.close()


def census_text(house: House) -> str:
    import pypdfium2

    (want,) = wanted(house, "F01", patient=None, ward="Ash Ward", blank=0, copies=1)
    rendered = render_pack([("F01", model_of(house, want, "W7K3F0100001A"))])
    assert rendered.plain == ()
    document = pypdfium2.PdfDocument(rendered.pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


def census_discloses(house: House) -> bool:
    text = census_text(house)
    assert OPEN_ALERT in text, "the census shows alerts at all"
    return SECRET_ALERT.split(":")[0] in text or "whereabouts" in text


def test_the_census_on_paper_has_no_restricted_alert(house: House) -> None:
    assert any(a.text == SECRET_ALERT for a in house.reading().chart("H0000001").alerts.items), "it is in the chart"
    assert not census_discloses(house)


def test_sabotage_the_mark_of_confidentiality_is_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Restricted alerts are told apart nowhere: the same check sees them on the page."""
    import msgspec

    from localdb.chart import assembly

    real = assembly._resolved
    monkeypatch.setattr(
        assembly, "_resolved", lambda r, lookup: msgspec.structs.replace(real(r, lookup), restricted=False)
    )
    with house.intake() as intake:
        intake.begin()
        intake.mark_changed([v.id for v in house.reading().find("H0000001")])
        intake.commit()
    house.cut()
    assert census_discloses(house)
