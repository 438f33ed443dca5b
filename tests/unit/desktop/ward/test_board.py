"""The board's rows: marks, restricted alerts, names that are never cut, chips that never collide."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from desktop.shell.tokens import LIGHT
from desktop.shell.type import width
from desktop.ward import bedpaint
from desktop.ward.marks import marks_of
from desktop.ward.rows import bed_row, list_name, ward_counts
from localdb.chart.matching import SAME_WARD
from localdb.chart.views import KNOWN, CensusRow
from localdb.records.vocabulary import HumanName
from tests.unit.desktop.ward_house import NOW, TWINS, alert


@pytest.mark.parametrize(
    ("text", "code", "marks"),
    [
        ("Falls risk, low bed", "FALLS", ["falls"]),
        ("ReSPECT, dated 03-Sep-2026", "", ["resus"]),
        ("Infection: none recorded, MRSA screen awaited", "INFECTION", []),
        ("Bleeding risk: no NSAIDs, not anticoagulated", "BLEEDING", []),
        ("Oxygen target 88-92 %, SpO2 scale 2", "", ["88-92 %"]),
        ("Contact isolation: C. difficile", "", ["isolation"]),
    ],
)
def test_marks_are_earned_by_code_or_word(text: str, code: str, marks: list[str]) -> None:
    found = [m.name for m in marks_of((alert(text, code),))]
    assert [m for m in found if m != "infection"] == marks


def test_a_restricted_alert_never_stands_on_a_list() -> None:
    assert marks_of((alert("Falls risk", "FALLS", restricted=True),)) == ()


def test_the_row_says_all_in_words() -> None:
    row = CensusRow(bed="A1", patient=TWINS[0], allergy_state=KNOWN, alike=SAME_WARD, waiting=2, score="7")
    text = bed_row(row, NOW).text
    for words in ("MOHAMMED, Amina", "same name on ward", "known allergies", "2 tests waiting", "NEWS2 7"):
        assert words in text


NAMES = (
    HumanName(family="Featherstonehaugh-Cholmondeley-Satterthwaite", given=("Wilhelmina", "Alexandrina", "Persephone")),
    HumanName(family="Ogunbanjo-Fitzgerald", given=("Oluwaseun", "Christopher")),
    HumanName(family="Suharto"),
    HumanName(text="Nguyễn Thị Lan"),
    HumanName(family="محمد", given=("أمينة",)),
)


@pytest.mark.parametrize("name", NAMES, ids=lambda n: n.family or n.text)
def test_no_letter_of_a_name_is_lost_and_no_line_is_too_wide(qtbot: QtBot, name: HumanName) -> None:
    row = bed_row(CensusRow(bed="A1", patient=replace(TWINS[0], name=name)), NOW)
    room = bedpaint.AGE - bedpaint.NAME - 10.0
    lines = bedpaint.name_lines(row, room)
    role, rooms = "body", (room, room, room)
    if not bedpaint.fits_two(lines, room):
        role, rooms = "label", (room + bedpaint.ALERTS - bedpaint.AGE, room + bedpaint.ALERTS - bedpaint.AGE, room)
        lines = bedpaint.packed_name(row, rooms)
    assert len(lines) <= 3
    for (bold, plain), space in zip(lines, rooms, strict=False):
        assert width(bold, role, 700) + width(plain.rstrip(), role) <= space
    family, given = list_name(replace(TWINS[0], name=name))
    drawn = "".join(bold + plain for bold, plain in lines)
    assert "".join(drawn.split()) == "".join(f"{family}{',' if given else ''}{given}".split())


def test_painting_a_row_never_fails_at_either_size(qtbot: QtBot) -> None:
    image = QImage(600, 44, QImage.Format.Format_RGB32)
    for name in NAMES:
        view = replace(TWINS[0], name=name, is_deceased=True, reason="A very long reason that must end somewhere " * 3)
        alerts = tuple(
            alert(w, w.upper()) for w in ("resus", "falls", "diabetes", "anticoagulant", "oxygen", "contact")
        )
        row = bed_row(CensusRow(bed="A1", patient=view, alerts=alerts, alike=SAME_WARD, entries=1, score="12"), NOW)
        painter = QPainter(image)
        bedpaint.paint_bed(painter, QRectF(0, 0, 590, 44), row, LIGHT, chosen=True, focused=True)
        bedpaint.paint_small_bed(painter, QRectF(0, 0, 312, 44), row, LIGHT)
        painter.end()
    assert len(bedpaint.marks_shown(row)) >= 6


def test_the_rail_counts_beds() -> None:
    rows = tuple(
        bed_row(r, NOW)
        for r in (CensusRow(bed="A1", patient=TWINS[0]), CensusRow(bed="A2"), CensusRow(bed="A3", note="closed: clean"))
    )
    assert ward_counts(rows) == ("1 patient", "1 empty, 1 closed")
