"""A list beside its page: what is chosen stays in sight."""

from __future__ import annotations

from desktop.patient.letters import LetterShelf
from tests.unit.chart.test_documents import letter
from tests.unit.desktop.patient.builders import chart
from tests.unit.desktop.patient.sections import section_on


def test_what_is_chosen_stays_in_sight_when_the_list_becomes_lower(qtbot) -> None:
    held = chart(documents=tuple(letter(str(n), f"2026-11-{n:02d}T10:00") for n in range(1, 21)))
    made = section_on(qtbot, LetterShelf, held, (1206, 588))
    made.list.choose(7)
    made.resize(1206, 200)
    area = made.list.area_of(7).toRect()
    shown = made.list.visibleRegion().boundingRect()
    assert area.height() < shown.height()
    assert shown.contains(area.center())
