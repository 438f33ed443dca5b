"""The timeline on screen: rows of every height that are never cut, keys, filters, the patient's key (H02), long stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.patient.blocks import fold
from desktop.patient.keyed import Stand, WrongPatient
from desktop.patient.timeline import AT_ONCE, EventRow, MarkRow, Timeline
from desktop.patient.timeview import USUAL, TimeView, lines_needed
from desktop.shell import paint
from localdb.chart import timeline as model
from localdb.chart.views import Chart
from localdb.records.moments import from_instant
from tests.unit.chart.test_documents import letter
from tests.unit.desktop.patient.builders import chart, entry, full_chart, patient_view, phoned
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.stage import NOW, stage_of


def show(qtbot, held: Chart, size: tuple[int, int] = (1206, 588)) -> Timeline:
    return section_on(qtbot, Timeline, held, size)


def many(count: int) -> Chart:
    at = [from_instant(NOW - timedelta(minutes=37 * n)) for n in range(count)]
    return chart(documents=tuple(replace(letter(str(n), title=f"Letter {n} " + "word " * (n % 40)), happened=m)
                                 for n, m in enumerate(at)))  # fmt: skip


@given(st.text(alphabet="abWi ÄШ,.5/-\n", max_size=400), st.sampled_from([180.0, 300.0, 640.0]),
       st.sampled_from([("body", 600), ("label", None)]))  # fmt: skip
def test_a_row_is_reserved_no_fewer_lines_than_its_words_need(qapp, text: str, room: float, kind: tuple) -> None:
    role, weight = kind
    assert lines_needed(text, role, weight, room) >= len(fold(text, role, room, weight))


@pytest.mark.parametrize("size", [(1206, 588), (977, 434), (787, 240)])
def test_no_row_draws_below_its_end(qtbot, size: tuple[int, int]) -> None:
    """Every baseline lies inside its row, at each size."""
    timeline = show(qtbot, full_chart(), size)
    drawn: list[float] = []
    real = paint.draw_text

    def on_text(painter, x, baseline, text, made, color, *, right=False):
        drawn.append(baseline)
        return real(painter, x, baseline, text, made, color, right=right)

    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    image = QImage(size[0], 2000, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(paint, "draw_text", on_text)
        for row in timeline.view.rows[:]:
            drawn.clear()
            high = row.height(float(size[0]))
            row.paint(painter, QRectF(0, 0, size[0], high), timeline.stage.context.look.theme)
            assert drawn and max(drawn) <= high - 2, row.words
            assert high >= 29 if isinstance(row, MarkRow) else high >= 38
    painter.end()


def test_the_list_opens_at_what_happened_last_and_what_is_booked_stands_above(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    chosen = timeline.view.chosen_row()
    assert isinstance(chosen, EventRow)
    assert chosen.event.utc <= NOW.timestamp() * 1e6


def test_arrows_step_over_heads_and_marks(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    seen = []
    for _ in range(30):
        QTest.keyClick(timeline.view, Qt.Key.Key_Down)
        row = timeline.view.chosen_row()
        assert isinstance(row, EventRow)
        top = timeline.view._tops[timeline.view.at] - timeline.view.verticalScrollBar().value()
        assert 0 <= top < timeline.view.viewport().height(), "the chosen row is in sight"
        seen.append(timeline.view.at)
    assert seen == sorted(seen)
    QTest.keyClick(timeline.view, Qt.Key.Key_End)
    assert timeline.view.at == max(n for n, r in enumerate(timeline.view.rows[:]) if r.can_open)
    QTest.keyClick(timeline.view, Qt.Key.Key_Home)
    assert timeline.view.verticalScrollBar().value() == 0


def test_bare_letters_do_nothing(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    before = (timeline.view.at, timeline.view.verticalScrollBar().value())
    for key in (Qt.Key.Key_A, Qt.Key.Key_9, Qt.Key.Key_Space):
        QTest.keyClick(timeline.view, key)
    assert (timeline.view.at, timeline.view.verticalScrollBar().value()) == before


def test_filters_show_their_kinds_and_say_how_many_of_all(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    timeline.show_button.click()
    assert timeline.filters.isVisible()
    timeline.filter_buttons["results"].click()
    shown = [r for r in timeline.held if isinstance(r, model.Event)]
    assert {e.kind for e in shown} == {"results"}
    assert f"{len(shown)} of {len(timeline.found.events)} shown" in timeline.head.accessibleName()
    timeline.filter_buttons["given"].click()
    assert {e.kind for e in timeline.held if isinstance(e, model.Event)} <= {"results", "given"}
    timeline.filter_buttons[""].click()
    assert sum(isinstance(r, model.Event) for r in timeline.held) == len(timeline.found.events)


def test_on_a_low_screen_the_filters_stand_in_place_of_the_list_and_keep_their_height(qtbot) -> None:
    timeline = show(qtbot, full_chart(), (787, 240))
    timeline.show_button.click()
    assert not timeline.view.isVisible()
    assert all(b.height() >= 44 for b in timeline.filter_buttons.values())
    timeline.show_button.click()
    assert timeline.view.isVisible()


def test_days_and_marks_are_reached_by_buttons(qtbot) -> None:
    timeline = show(qtbot, many(400))
    first = timeline.view.row_at(0)
    timeline.back_day.click()
    assert timeline.view.row_at(0) > first
    assert isinstance(timeline.held[timeline.view.row_at(0)], model.Day)
    timeline.next_day.click()
    assert timeline.view.row_at(0) == first
    timeline.mark_buttons[model.DAY_AGO].click()
    visible = range(timeline.view.row_at(0), timeline.view.row_at(timeline.view.viewport().height() - 1) + 1)
    assert any(isinstance(timeline.held[n], model.Mark) and timeline.held[n].code == model.DAY_AGO for n in visible)


def test_an_entry_of_the_ward_is_corrected_from_here_and_a_copied_record_is_not(qtbot) -> None:
    written = entry("note", {"text": "Seen."}, number=2)
    held = chart(entries=(written, phoned()), documents=(letter("1"),))
    timeline = show(qtbot, held)
    wished: list[tuple] = []
    timeline.stage.context.record.connect(lambda *a: wished.append(a))
    timeline.show_record(written.id)
    assert timeline.correct.isVisible()
    timeline.correct.click()
    assert wished == [("note", held.patient.id, written.id)]
    timeline.show_record("Rdoc1")
    assert not timeline.correct.isVisible()


def test_show_record_brings_an_event_that_is_filtered_away_into_sight(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    timeline.filter_buttons["results"].click()
    wanted = next(e for e in timeline.found.events if e.kind == "medicines")
    timeline.show_record(wanted.record)
    assert timeline.kinds == set()
    assert timeline.view.chosen_row().event.record == wanted.record


def test_another_patient_leaves_nothing_behind(qtbot) -> None:
    timeline = show(qtbot, full_chart())
    timeline.stand.turn_to("P0000000000009")
    assert len(timeline.view.rows) == 0
    assert not timeline.view.isVisible()
    timeline.view.show()
    image = timeline.view.grab().toImage()
    sunken = timeline.stage.context.look.theme.color("sunken")
    assert {image.pixelColor(x, y).name() for x in (40, 200, 400) for y in (20, 60, 100)} == {sunken.name()}


def test_a_list_of_another_patient_is_refused(qtbot) -> None:
    held = full_chart()
    stage, stand = stage_of(held), Stand()
    with pytest.raises(WrongPatient):
        TimeView(stage.context.look, stand, stand.turn_to(patient_view(1).id), held, "x")


def test_a_long_stay_is_made_beside_the_window_and_measured_in_slices(qtbot) -> None:
    held = many(AT_ONCE + 500)
    timeline = show(qtbot, held)
    qtbot.waitUntil(lambda: len(timeline.held) > AT_ONCE, timeout=20_000)
    assert timeline.view._unmeasured, "not all at once"
    timeline.view.verticalScrollBar().setValue(700 * USUAL)
    timeline.view.grab()
    seen = timeline.held[timeline.view.row_at(0)]
    qtbot.waitUntil(lambda: not timeline.view._unmeasured, timeout=20_000)
    assert timeline.held[timeline.view.row_at(0)] == seen, "what is in sight stays while the rest is measured"
    assert timeline.view._tops[-1] == sum(
        r.height(float(timeline.view.viewport().width())) for r in timeline.view.rows[:]
    )
