"""A section on a made-up chart, alone: for tests of what one section shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.patient.keyed import Stand
from localdb.chart.views import Chart
from tests.unit.desktop.patient.stage import stage_of


def section_on(
    qtbot: Any, make: Callable[..., Any], held: Chart, size: tuple[int, int] = (1206, 588), *, role: str = "clinician"
) -> Any:
    """The section, shown; its stage and stand are its attributes, so that they live as long as it."""
    stage = stage_of(held)
    stage.house.role = role  # type: ignore[attr-defined]
    stand = Stand()
    made = make(stage.context, stand, stand.turn_to(held.patient.id), held)
    made.stage, made.stand = stage, stand
    stage.held.append(made)  # alive until the test's end, whether or not the test keeps it
    qtbot.addWidget(made, before_close_func=lambda _: stage.context.close())
    made.resize(*size)
    made.show()
    return made
