"""H08 Corrected or withdrawn result still shown, through the stores: from FHIR by fill and cut to chart, search and paper.

F to C (corrected), F to W (entered in error), P to X (cancelled). Whatever the order in which the versions come, the
value that no longer holds is nowhere a present value. (The screen has its own: `test_h08_screen_withdrawn_still_shown`.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.forms.catalogue import render_pack
from desktop.printing.issuing import model_of, wanted
from localdb.chart.cells import cells_of
from localdb.house import House
from localdb.records.vocabulary import Result
from localdb.store import cuts, taking
from tests.made import new_house, nhs_number, person, result, write

GONE, NOW_VALUE = "6.83", "5.97"
NHS = nhs_number(1)


def version(number: int, status: str, value: str | None, **more: Any) -> dict[str, Any]:
    made = result("k", "p1", value or "0", status=status, meta={"versionId": str(number)}, **more)
    if value is None:
        del made["valueQuantity"]
    return made


# first version, second version, status that must stand, present value that must stand (None: no value at all)
CHANGES = {
    "F to C": (version(1, "final", GONE), version(2, "corrected", NOW_VALUE), "corrected", NOW_VALUE),
    "F to W": (version(1, "final", GONE), version(2, "entered-in-error", GONE), "entered-in-error", None),
    "F to W, value taken out": (
        version(1, "final", GONE), version(2, "entered-in-error", None), "entered-in-error", None,
    ),
    "P to X": (version(1, "preliminary", GONE), version(2, "cancelled", None), "cancelled", None),
    "P to F": (version(1, "preliminary", GONE), version(2, "final", NOW_VALUE), "final", NOW_VALUE),
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def fill(house: House, folder: Path, *files: list[dict[str, Any]]) -> None:
    for number, resources in enumerate(files):
        house.fill([write(folder / f"{number}.json", resources)], source="lims")


def paper(house: House) -> str:
    import pypdfium2

    (want,) = wanted(house, "F02", patient=NHS, ward=None, blank=0, copies=1)
    document = pypdfium2.PdfDocument(render_pack([("F02", model_of(house, want, "W7K3F0200001A"))]).pdf)
    try:
        return " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def faults(house: House, status: str, value: str | None) -> list[str]:
    """What is wrong with how the result stands in chart, search and on paper; the one check of this hazard."""
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
    if GONE in msgspec.json.encode(view).decode():
        found.append("the value stands in what a search shows")
    text = paper(house)
    if value is None and GONE in text:
        found.append("the withdrawn value is on paper")
    if value is not None and value not in text:
        found.append("the value that stands is not on paper")
    return found


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("order", ["in order", "the older comes late", "in one file"])
def test_only_what_stands_is_a_present_value(house: House, tmp_path: Path, change: str, order: str) -> None:
    first, second, status, value = CHANGES[change]
    if order == "in order":
        fill(house, tmp_path, [person(1), first], [second])
    elif order == "in one file":
        fill(house, tmp_path, [person(1), first, second])
    else:
        fill(house, tmp_path, [person(1), second], [first])
    assert faults(house, status, value) == []


@pytest.mark.parametrize("change", ["F to C", "P to F"])
def test_what_was_said_before_is_kept_as_replaced(house: House, tmp_path: Path, change: str) -> None:
    first, second, _, _ = CHANGES[change]
    fill(house, tmp_path, [person(1), first], [second])
    (record,) = house.reading().chart(NHS).results.items
    assert isinstance(record, Result)
    assert [(f.value, f.status, f.version) for f in record.replaces] == [(GONE, first["status"], "1")]


def test_a_patient_who_is_entered_in_error_takes_the_withdrawal_along(house: House, tmp_path: Path) -> None:
    """The patient moves into a newer layer by another change: the withdrawn state goes with them."""
    first, second, status, value = CHANGES["F to W"]
    fill(
        house,
        tmp_path,
        [person(1), person(2), first],
        [second],
        [result("other", "p2", "4.1")],
        [person(1, gender="other")],
    )
    assert faults(house, status, value) == []


def _all_older(held: taking.Held, new: Any) -> str:
    return taking.SAME if held.digest == new.digest else taking.OLDER


def _lowest_layer(self: Any, patient: str) -> Any:
    """A reader that asks the layers from the bottom."""
    for stack in (self.whole, self.thin):
        for layer in reversed(stack):
            found = layer.locate(patient)
            if found is not None and not found[1]:
                return layer, found[0]
    return None


@pytest.mark.parametrize("change", ["F to C", "F to W", "P to X"])
@pytest.mark.parametrize("control", ["order of versions", "what changed is cut", "the topmost layer alone"])
def test_sabotage_without_the_control_the_old_value_is_still_shown(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, control: str
) -> None:
    first, second, status, value = CHANGES[change]
    if control == "the topmost layer alone":  # stacks that are never folded, so that two layers hold the patient
        from localdb.store.snapshot import Snapshot

        monkeypatch.setattr(cuts, "SMALL_STACK", 0)
        monkeypatch.setattr(cuts, "FOLD_SHARE", 0)
        monkeypatch.setattr(Snapshot, "locate", _lowest_layer)
    many = [r for n in range(2, 8) for r in (person(n), result(f"k{n}", f"p{n}", "4.1"))]
    fill(house, tmp_path, [person(1), first, *many])
    if control == "order of versions":
        monkeypatch.setattr(taking, "order_of", _all_older)
    elif control == "what changed is cut":
        monkeypatch.setattr(cuts.Cutter, "_changed", lambda self, since, moved: [])
    house.fill([write(tmp_path / "next.json", [second])], source="lims")
    if control == "the topmost layer alone":
        assert len(house.generations.newest().whole) > 1  # type: ignore[union-attr]
    assert faults(house, status, value) != []
