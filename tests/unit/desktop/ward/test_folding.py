"""Rows of people, wards and bookings at every width: nothing runs into anything, out of its row, or ends in dots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from desktop.shell import paint
from desktop.shell.lists import Row
from desktop.shell.tokens import LIGHT
from desktop.ward import booked, folding, hits
from desktop.ward.booked import booked_row
from desktop.ward.everyone import WardRow
from desktop.ward.hits import HeadRow, person_row
from localdb.chart.agenda import agenda
from localdb.chart.matching import IN_HOSPITAL, SAME_WARD
from localdb.chart.views import PatientView
from localdb.records.vocabulary import HumanName
from tests.unit.chart.test_agenda import booked as appointment
from tests.unit.desktop.ward_house import NOW, TWINS

NAMES = (
    HumanName(family="Featherstonehaugh-Cholmondeley-Satterthwaite", given=("Wilhelmina",), prefix=("Mrs",)),
    HumanName(family="Ng", given=("Li",)),
    HumanName(family="W" * 40, given=("M" * 40,)),
    HumanName(text="Suharto"),
    HumanName(family="\u0645\u062d\u0645\u062f", given=("\u0623\u0645\u064a\u0646\u0629",)),
    HumanName(family="van der Westhuizen-Oyelaran", given=("Maximiliana Alexandrina", "Persephone")),
)
PHONES = ((), ("07700 900123",), ("07700 900123", "01632 960456"), ("+44 (0)20 7946 0018 ext 4242", "1" * 30, "07"))
TEXTS = ("Review", "Anticoagulation review with blood test and a conversation about treatment at home, Sr M. Lowe")
ROOMS = (560, 700, 763, 780, 843, 1100, 1190)

Box = tuple[str, float, float, float]  # words, left, right, baseline


@contextmanager
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Box]]:
    """What is painted, as words with their place; a chip counts as its whole box."""
    found: list[Box] = []
    chip, text, struck = paint.draw_chip, paint.draw_text, paint.draw_struck

    def put(one: Any) -> Any:
        def draw(painter: Any, x: float, baseline: float, words: str, made: Any, *rest: Any, **more: Any) -> float:
            wide = QFontMetricsF(made).horizontalAdvance(words)
            left = x - wide if more.get("right") else x
            found.append((words, left, left + wide, baseline))
            return float(one(painter, x, baseline, words, made, *rest, **more))

        return draw

    def put_chip(painter: Any, x: float, y: float, words: str, *rest: Any, **more: Any) -> float:
        count = len(found)
        wide = float(chip(painter, x, y, words, *rest, **more))
        found[count:] = [(words, x, x + wide, y + 18)]
        return wide

    with monkeypatch.context() as patched:
        patched.setattr(paint, "draw_text", put(text))
        patched.setattr(paint, "draw_struck", put(struck))
        patched.setattr(paint, "draw_chip", put_chip)
        yield found


def faults(monkeypatch: pytest.MonkeyPatch, row: Row, room: float, words: Sequence[str]) -> list[str]:
    """What is wrong with a row at a width; `words` must all be there."""
    image = QImage(int(room), row.height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        with drawn(monkeypatch) as boxes:
            row.paint(painter, QRectF(0, 0, room, row.height), LIGHT)
    finally:
        painter.end()
    wrong = [f"{w!r} leaves the row" for w, left, right, _ in boxes if w.strip() and (left < 0 or right > room + 0.5)]
    wrong += [f"{w!r} leaves it below" for w, _, _, at in boxes if not 12 <= at <= row.height - 4]
    wrong += [f"{w!r} is cut" for w, *_ in boxes if "\u2026" in w]
    for n, (one, left, right, at) in enumerate(boxes):
        for other, left_, right_, at_ in boxes[n + 1 :]:
            if abs(at - at_) < 15 and min(right, right_) - max(left, left_) > 1:
                wrong.append(f"{one!r} over {other!r}")
    said = "".join("".join(w.split()) for w, *_ in boxes)
    return [*wrong, *(f"{w!r} is not whole" for w in words if "".join(w.split()) not in said)]


def booking(view: PatientView, text: str, alike: str, room: float, status: str = "booked") -> booked.BookedRow:
    one = appointment(1, "2026-11-24T09:00:00+00:00", text=text, status=status)
    (row,) = agenda([(view, one)], date(2026, 11, 24)).marked({view.id: alike}).rows
    return booked_row(row, NOW, "Europe/London", room)


def person(name: HumanName, **more: Any) -> PatientView:
    return msgspec.structs.replace(TWINS[0], name=name, **more)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("name", NAMES, ids=lambda n: (n.family or n.text)[:12])
def test_no_booking_runs_into_its_numbers(qtbot: Any, monkeypatch: Any, name: HumanName, room: int) -> None:
    wrong = {}
    for phones in PHONES:
        for text in TEXTS:
            for alike, is_deceased in (("", False), (SAME_WARD, True), (IN_HOSPITAL, False)):
                view = person(name, phones=phones, is_deceased=is_deceased)
                row = booking(view, text, alike, room)
                words = [*phones, text, *([alike] if alike else []), *name.family.upper().split("-")]
                if found := faults(monkeypatch, row, room, words):
                    wrong[(phones, text[:9], alike)] = found
    assert wrong == {}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("name", NAMES, ids=lambda n: (n.family or n.text)[:12])
def test_no_person_is_cut(qtbot: Any, monkeypatch: Any, name: HumanName, room: int) -> None:
    wrong = {}
    for ward in ("Ash Ward", "Cedar Ward and Acute Medical Unit of the North Wing, Level 3"):
        for alike, is_deceased in (("", False), (SAME_WARD, True), (IN_HOSPITAL, True)):
            view = person(name, ward=ward, is_deceased=is_deceased)
            row = person_row(view, NOW, typed="fea 999", alike=alike, room=room)
            words = [view.mrn or "", f"{ward}, bed A1", *([alike] if alike else []), *name.family.upper().split("-")]
            if found := faults(monkeypatch, row, room, words):
                wrong[(ward[:9], alike)] = found
    assert wrong == {}


@pytest.mark.parametrize("room", ROOMS)
def test_no_ward_and_no_head_is_cut(qtbot: Any, monkeypatch: Any, room: int) -> None:
    for name in ("Ash Ward", "Cedar Ward and Acute Medical Unit of the North Wing, Level 3", "W" * 50):
        row = WardRow(name, "25 patients, 2 empty, 1 closed", 12, 3, room)
        assert faults(monkeypatch, row, room, [name, row.counts, row.outstanding]) == []
        assert faults(monkeypatch, HeadRow(name, room), room, [name]) == []


def test_where_there_is_room_a_row_stays_as_low_as_it_was(qtbot: Any) -> None:
    """LOOK look/03: 60 px for a person; two lines for a booking."""
    plain = person(HumanName(family="Okonkwo", given=("Ifeoma",)), phones=("07700 900123",))
    assert person_row(plain, NOW, room=850).height == 60
    assert booking(plain, "Review", "", 1190).height == 64
    assert WardRow("Ash Ward", "25 patients", 2, 0, 1190).height == 52


def test_sabotage_rows_that_are_not_folded_are_caught(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unfolded = lambda pieces, role, room: (tuple(pieces),)  # noqa: E731
    monkeypatch.setattr(booked, "folded_name", unfolded)
    monkeypatch.setattr(hits, "folded_name", unfolded)
    view = person(NAMES[0], phones=PHONES[2])
    assert any("over" in f for f in faults(monkeypatch, booking(view, "Review", "", 763), 763, []))
    wide = person(NAMES[2])
    assert any("leaves the row" in f for f in faults(monkeypatch, person_row(wide, NOW, room=763), 763, []))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("aW -'\u00e9", max_size=60), st.text("iM -", max_size=40), st.floats(40, 900))
def test_no_letter_is_lost_and_no_line_is_too_wide(qtbot: Any, family: str, rest: str, room: float) -> None:
    lines = folding.folded_name(((family, 700), (rest, 400)), "value", room)
    joined = "".join(text for line in lines for text, _ in line)
    assert "".join(joined.split()) == "".join((family + rest).split())
    for line in lines:
        bare = [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else []
        assert folding.name_width(tuple(bare), "value") <= room + 0.01
