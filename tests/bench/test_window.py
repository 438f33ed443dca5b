"""The window's budgets (DESIGN §6): processor milliseconds of the window's own process in units of `reference()`.

Processor time, because two cores that others use too say nothing about waiting; the quickest of several runs counts.
What is painted is painted: `grab` renders every pixel. The reading of a chart is counted together with its painting.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop.app import dress, make_application
from desktop.patient.frame import PatientFrame
from desktop.patient.keyed import Stand
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.house import House
from tests.bench.population import feed as take
from tests.bench.population import hospital
from tests.bench.reference import percentile, unit_ms
from tests.made import new_house
from tests.unit.desktop.patient.test_page import wide_chart
from tests.unit.desktop.window_stage import settle, window_on

pytestmark = pytest.mark.bench
SEED, PEOPLE, WHOLE, RECORDS = 20261124, 3000, 28, 500


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """28 beds with charts of 500 records each inside a small index: what the window does not depend on is left out."""
    house = new_house(tmp_path_factory.mktemp("window") / "vault")
    with house.intake() as intake:
        take(intake, hospital(PEOPLE, WHOLE, RECORDS, SEED))
    house.cut()
    closing, house.close = house.close, lambda: None  # type: ignore[method-assign]  # a window closes what it was given
    yield house
    closing()


@pytest.fixture
def look() -> Look:
    made = Look(LIGHT)
    dress(make_application(), made)
    return made


def spent(work: Callable[[], Any]) -> float:
    """Processor ms of this process, all its threads."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


def quickest(work: Callable[[], Any], times: int = 5) -> float:
    return min(spent(work) for _ in range(times))


def test_a_chart_is_opened_and_painted(ward: House, look: Look, kept: Callable[..., None], benchmark: Any) -> None:
    reading = ward.reading()
    ids = [r.patient.id for r in reading.ward().rows if r.patient]
    context, stand = Context(ward, look), Stand()

    def open_one(section: int, person: str) -> None:
        chart = reading.chart(person)
        frame = PatientFrame(context, stand, stand.turn_to(person), chart)
        frame.resize(1366, 680)
        frame.set_section(section)
        frame.show()
        QApplication.processEvents()
        assert not frame.grab().isNull()
        frame.hide()
        frame.deleteLater()

    unit = unit_ms()
    benchmark.pedantic(open_one, args=(1, ids[0]), rounds=1)
    every = {n: quickest(lambda n=n: open_one(n, ids[n])) / unit for n in range(1, 8)}  # type: ignore[misc]
    kept("chart opened and painted", every[1], unit_ms=round(unit, 2))
    kept("section painted", max(every.values()), each={n: round(v, 1) for n, v in every.items()})
    reading.close()
    context.close()


def test_a_grid_of_sixty_thousand_results(look: Look, kept: Callable[..., None], benchmark: Any) -> None:
    """What the window's thread does with 60 rows of 1000 times, once they were arranged beside it; and a scroll."""
    from desktop.patient.results import AT_ONCE, Cumulative
    from tests.unit.desktop.patient.stage import stage_of

    chart = wide_chart(1000, 60)
    assert len(chart.lists["results"].items) > AT_ONCE
    stage, stand = stage_of(chart, late=True), Stand()
    section = Cumulative(stage.context, stand, stand.turn_to(chart.patient.id), chart)
    section.resize(1206, 588)
    unit = unit_ms()

    def first() -> None:
        section.show()
        QApplication.processEvents()
        section.grab()

    benchmark.pedantic(first, rounds=1)
    shown = quickest(first, 1)
    grids: list[Any] = []
    answer = section._on_grid
    section._on_grid = lambda week, grid: grids.append((week, grid))  # type: ignore[method-assign]
    section._show()
    while stage.reader.deliver():
        pass
    if not grids:  # the question was asked with the real answer bound
        grids.append((section.period, section.view.grid))
    filled = quickest(lambda: answer(*grids[-1]), 3)
    bar = section.view.horizontalScrollBar()
    moved = quickest(lambda: (bar.setValue(bar.value() - 1), section.view.grab()))
    kept("grid of 60,000 filled", (shown + filled) / unit)
    kept("grid scrolled", moved / unit)
    section.deleteLater()


def test_unlocked_to_census(ward: House, look: Look, kept: Callable[..., None], benchmark: Any) -> None:
    """From the opened house (the derived key) to all beds painted: window, reading, board."""
    unit = unit_ms()

    def enter() -> None:
        with window_on(ward) as window:  # type: ignore[arg-type]
            assert len([r for r in window.places.ward.rows if r.patient]) == WHOLE
            assert not window.grab().isNull()

    benchmark.pedantic(enter, rounds=1)
    kept("unlock to census", quickest(enter, 3) / unit)


def test_a_keystroke_is_painted(ward: House, kept: Callable[..., None], benchmark: Any) -> None:
    """Key, question in the finder's thread, answer, list painted: over the board with all its beds."""
    unit = unit_ms()
    reading = ward.reading()
    people = [v for text in ("a", "e", "o") for v in reading.find(text, 50)]
    reading.close()
    assert people
    texts = [v.name.family[: 1 + n % 5].casefold() for n, v in enumerate(people)][:60]
    with window_on(ward) as window:  # type: ignore[arg-type]
        window.find()

        def press(text: str) -> None:
            window.header.find.setText(text)
            window.header.find.textEdited.emit(text)
            settle(window.context)  # the window is shown: its paint events are among those that are handled here

        benchmark.pedantic(press, args=(texts[0],), rounds=1)
        taken = [min(spent(lambda t=t: press(t)) for _ in range(2)) / unit for t in texts]  # type: ignore[misc]
        kept("keystroke painted", percentile(taken, 0.95), p50=round(percentile(taken, 0.5), 2))


_START = """
import sys, time
from pathlib import Path
from desktop.app import App, dress, make_application
application = make_application(); app = App(Path(sys.argv[1])); dress(application, app.look)
gate = app.show_gate(); application.processEvents(); assert not gate.grab().isNull()
print(time.process_time() * 1000)
"""


def test_cold_start(ward: House, kept: Callable[..., None], benchmark: Any) -> None:
    """A new process, until the unlock screen is painted. Its processor time is counted from its very beginning."""

    def start() -> float:
        done = subprocess.run(
            [sys.executable, "-c", _START, str(ward.vault)], capture_output=True, text=True, check=True, timeout=120,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return float(done.stdout.split()[-1])

    benchmark.pedantic(start, rounds=1)
    kept("cold start", min(start() for _ in range(3)) / unit_ms())
