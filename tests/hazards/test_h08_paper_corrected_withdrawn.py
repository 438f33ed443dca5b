"""H08 on paper: F→C shows the old value struck and the new one; F→W a tombstone and no value; P→X why there is none.

Sabotage: the page is made as if every status were final.
"""

from __future__ import annotations

import msgspec
import pytest

from desktop.forms import catalogue, sheet, summary_results
from localdb.chart import cells
from localdb.chart.grid import latest
from localdb.records.vocabulary import Former, Record, Result
from tests.unit.forms import checks, paper

STORY = {
    "corrected": paper.result(
        "Potassium", "2823-3", "5.97", "mmol/L", status="corrected", range="3.5-5.3", flag="H",
        replaces=(Former(value="6.83", unit="mmol/L", status="final", said=paper.ago(hours=2)),),
    ),
    "withdrawn": paper.result("Lactate", "32693-4", "9.91", "mmol/L", status="entered-in-error",
                              comments=("wrong patient",)),
    "unavailable": paper.result("D-dimer", "48065-7", None, "ug/L", status="cancelled", absent="sample clotted"),
    "preliminary": paper.result("CRP", "1988-5", "212.4", "mg/L", status="preliminary"),
    "unverified": paper.result("ALT", "1742-6", "38.1", "U/L", status="R"),
}  # fmt: skip


def faults() -> list[str]:
    model = paper.model("F02", paper.chart(results=tuple(STORY.values()), reports=()))
    made = catalogue.render_pack([("F02", model)])
    text = checks.squeezed(" ".join(checks.page_texts(made.pdf)))
    wanted = {
        "corrected": ["5.97", "CORRECTED24-Nov-202601:14,was", "6.83"],
        "withdrawn": ["WITHDRAWNbyEPR24-Nov-202601:14:wrongpatient"],
        "unavailable": ["NOTAVAILABLE:sampleclotted"],
        "preliminary": ["212.4", "PRELIMINARY,notyetauthorised"],
        "unverified": ["38.1", "UNVERIFIED,notyetauthorised"],
    }
    found = [f"{name}: {t}" for name, texts in wanted.items() for t in texts if t not in text]
    if "9.91" in text:
        found.append("withdrawn: its value is on the page")
    return found


def test_each_status_has_its_words_and_a_withdrawn_value_is_gone() -> None:
    assert made_without_fault()
    assert faults() == []


def made_without_fault() -> bool:
    return catalogue.render_pack([("F02", paper.filled("F02"))]).faults == ()


def test_the_old_value_is_struck_through(monkeypatch: pytest.MonkeyPatch) -> None:
    strokes: list[tuple[float, ...]] = []
    honest = sheet.Sheet.line

    def noted(self, *numbers):  # type: ignore[no-untyped-def]
        strokes.append(numbers)
        honest(self, *numbers)

    monkeypatch.setattr(sheet.Sheet, "line", noted)
    model = paper.model("F02", paper.chart(results=(STORY["corrected"],)))
    placed = next(p for p in catalogue.render_pack([("F02", model)]).placed if "6.83" in p.text)
    through = [s for s in strokes if placed.left < s[0] < s[2] < placed.right and placed.top < s[1] < placed.bottom]
    assert len(through) == 1


def test_a_page_printed_before_the_correction_says_what_was_known_then() -> None:
    before = msgspec.structs.replace(STORY["corrected"], status="final", value="6.83", replaces=())
    text = " ".join(checks.page_texts(catalogue.render("F02", paper.model("F02", paper.chart(results=(before,))))))
    assert "6.83" in text
    assert "CORRECTED" not in text


def test_the_check_catches_a_page_that_ignores_what_the_source_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_final(results: tuple[Record, ...], order: object = ()) -> object:
        return latest([msgspec.structs.replace(r, status="final") for r in results if isinstance(r, Result)])

    monkeypatch.setattr(summary_results, "latest", all_final)
    found = faults()
    assert "withdrawn: its value is on the page" in found
    assert any(f.startswith("preliminary") for f in found)


def test_the_check_catches_a_page_without_the_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_results, "_state_notes", lambda model, cell: ())
    assert {f.split(":")[0] for f in faults()} == set(STORY)
    assert cells.WITHDRAWN == "withdrawn"
