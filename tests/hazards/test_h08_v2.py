"""H08 Corrected or withdrawn result still shown, by HL7 v2: messages through intake and cut to chart and paper.

F to C, F to W, F to D, P to X, P to F by OBX-11. In whatever order the messages arrive, also at one and the same moment,
the value that no longer holds is nowhere a present value.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.forms.catalogue import render_pack
from desktop.printing.issuing import model_of, wanted
from localdb.chart.cells import cells_of
from localdb.house import House
from localdb.records import folding
from localdb.records.vocabulary import Result
from localdb.sources.hl7v2 import results, statuses
from tests.made import new_house, nhs_number

GONE, NOW_VALUE = "6.83", "5.97"
NHS = nhs_number(1)


def oru(control: str, at: str, status: str, value: str, *notes: str, report: str = "F") -> bytes:
    return "\r".join((
        f"MSH|^~\\&|LIMS|NORTH|ENGINE|NORTH|{at}||ORU^R01|{control}|P|2.5.1",
        f"PID|1||H1^^^NORTH^MR~{NHS}^^^NHS^NH||Okafor^Adaeze||19580214|F",
        f"ORC|RE|P1|F1||{'CM' if report == 'F' else ''}",
        f"OBR|1|P1|F1|UE^Urea and electrolytes^L|||20261120013000|||||||||||||||{at}|||{report}",
        f"OBX|1|NM|K^Potassium^L||{value}|mmol/L|3.5-5.3|H|||{status}",
        *(f"NTE|{n}|L|{note}" for n, note in enumerate(notes, 1)),
        "",
    )).encode()  # fmt: skip


# OBX-11 first, OBX-11 then, value then, the record's status, the value that stands (None: none)
CHANGES = {
    "F to C": ("F", "C", NOW_VALUE, "corrected", NOW_VALUE),
    "F to W": ("F", "W", GONE, "entered-in-error", None),
    "F to D": ("F", "D", "", "entered-in-error", None),
    "P to X": ("P", "X", "", "cancelled", None),
    "P to F": ("P", "F", NOW_VALUE, "final", NOW_VALUE),
}
EARLY, LATE = "20261120020000", "20261120031500"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def fill(house: House, folder: Path, *messages: bytes) -> None:
    for n, message in enumerate(messages):
        path = folder / f"{n}.hl7"
        path.write_bytes(message)
        house.fill([path], source="lims")


def paper(house: House) -> str:
    import pypdfium2

    (want,) = wanted(house, "F02", patient=NHS, ward=None, blank=0, copies=1)
    document = pypdfium2.PdfDocument(render_pack([("F02", model_of(house, want, "W7K3F0200001A"))]).pdf)
    try:
        return " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def faults(house: House, status: str, value: str | None) -> list[str]:
    """What is wrong with how the result stands in chart and on paper; the one check of this hazard."""
    reading, found = house.reading(), []
    (view,) = reading.find(NHS)
    items = reading.chart(view.id).results.items
    if len(items) != 1:
        return [f"{len(items)} results where there is one"]
    (record,) = items
    assert isinstance(record, Result)
    (cell,) = cells_of(record)
    if record.status != status:
        found.append("the status that stands is not shown")
    if cell.text != (value or ""):
        found.append("a value that no longer holds is the present one")
    if value is None and GONE.encode() in msgspec.json.encode(cell):
        found.append("the withdrawn value stands in the cell")
    text = paper(house)
    if value is None and GONE in text:
        found.append("the withdrawn value is on paper")
    if value is not None and value not in text:
        found.append("the value that stands is not on paper")
    return found


def both(change: str, *, same_moment: bool = False) -> tuple[bytes, bytes, str, str | None]:
    first, then, sent, status, value = CHANGES[change]
    early = oru("C1", EARLY, first, GONE)
    return early, oru("C2", EARLY if same_moment else LATE, then, sent, "Wrong patient"), status, value


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "order", ["in order", "the older comes late", "at one moment", "at one moment, the later first"]
)
def test_only_what_stands_is_a_present_value(house: House, tmp_path: Path, change: str, order: str) -> None:
    first, second, status, value = both(change, same_moment="moment" in order)
    fill(house, tmp_path, *((second, first) if "later first" in order or "late" in order.split() else (first, second)))
    assert faults(house, status, value) == []


def test_a_withdrawal_says_when_and_why_and_a_correction_strikes_what_stood(house: House, tmp_path: Path) -> None:
    first, second, _, _ = both("F to W")
    fill(house, tmp_path, first, second)
    (record,) = house.reading().chart(NHS).results.items
    assert isinstance(record, Result)
    (cell,) = cells_of(record)
    assert (cell.state, cell.reason) == ("withdrawn", "Wrong patient")
    assert cell.marked_at is not None and cell.marked_at.text == LATE
    assert "Wrong patient" in " ".join(paper(house).split())
    _, third, _, _ = both("F to C")
    fill(house, tmp_path, third.replace(b"|C2|", b"|C3|").replace(LATE.encode(), b"20261120040000"))
    (record,) = house.reading().chart(NHS).results.items
    assert isinstance(record, Result)
    (cell,) = cells_of(record)
    assert (cell.text, cell.mark) == (NOW_VALUE, "CORRECTED")
    assert [f.value for f in cell.struck] == [GONE]


def _final(code: str) -> statuses.ResultStatus:
    return statuses.ResultStatus("final")


@pytest.mark.parametrize("change", ["F to C", "F to W", "P to X"])
@pytest.mark.parametrize("control", ["the status is read", "the order of the messages' times"])
def test_sabotage_without_the_control_the_old_value_is_still_shown(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, control: str
) -> None:
    first, second, status, value = both(change)
    if control == "the status is read":
        monkeypatch.setattr(results, "result_status", _final)
    else:
        monkeypatch.setattr(folding.Telling, "place", property(lambda self: self.arrival))
    fill(house, tmp_path, second, first)
    assert faults(house, status, value) != []


@pytest.mark.parametrize("change", ["F to C", "F to W"])
def test_sabotage_without_the_rank_of_statuses_a_tie_is_decided_by_arrival(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    first, second, status, value = both(change, same_moment=True)
    monkeypatch.setattr(folding.Telling, "place", property(lambda self: (self.order, self.arrival)))
    fill(house, tmp_path, second, first)
    assert faults(house, status, value) != []
