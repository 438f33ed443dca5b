"""What every test may ask for: the data, the corpus, a clock that stands, and whether this is the long run.

Rules: nothing is skipped in silence. A test that needs the large data fails with the reason when it is absent, unless
`WARDLAMP_DATA` was set to nothing on purpose.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault(
    "QT_QPA_PLATFORM", "offscreen"
)  # before Qt is first imported, or a machine without a screen aborts
LONG = os.environ.get("WARDLAMP_LONG", "") not in ("", "0")
settings.register_profile("short", max_examples=40, deadline=None)  # a machine that others use is slow at times
settings.register_profile("long", max_examples=300, deadline=None)
settings.load_profile("long" if LONG else "short")


class Clock:
    """A clock that stands until it is moved; call it for an aware `datetime`."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, step: timedelta) -> None:
        """Forward, or back with a negative step, as a laptop's clock may go."""
        self.at += step


def left_out(item: pytest.Item, asked: str) -> bool:
    """Whether this run leaves a test to another one: the long run, or the one under a real X11 server.

    `asked` is the expression given by `-m`: what it names is never left out.
    """
    for mark in ("long", "bench"):
        if item.get_closest_marker(mark) and not LONG and mark not in asked:
            return True
    return bool(item.get_closest_marker("xvfb")) and os.environ["QT_QPA_PLATFORM"] == "offscreen"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `check.sh` runs elsewhere; pytest counts it as deselected."""
    asked = str(config.option.markexpr or "")
    later = [item for item in items if left_out(item, asked)]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The small set of openly licensed files that comes with the source."""
    return ROOT / "tests" / "corpus"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The large data: `WARDLAMP_DATA`, else `../shared/data` beside the checkout."""
    named = os.environ.get("WARDLAMP_DATA")
    if named == "":
        pytest.skip("WARDLAMP_DATA is set to nothing: the large data was left out on purpose")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "MANIFEST.csv").is_file():
        pytest.fail("the large data is not there: set WARDLAMP_DATA to its folder (the one with MANIFEST.csv)")
    return folder


@pytest.fixture(scope="session")
def long() -> bool:
    """True under `check.sh --long`: run the full counts."""
    return LONG


@pytest.fixture(scope="session")
def times(long: bool) -> Callable[[int, int], int]:
    """`times(few, many)`: how often to repeat, in the short and in the long run."""
    return lambda few, many: many if long else few


@pytest.fixture
def clock() -> Clock:
    """The demonstration's moment: 24-Nov-2026 03:12 GMT."""
    return Clock(datetime(2026, 11, 24, 3, 12, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _no_window_is_left() -> Iterator[None]:
    """Ends the windows that a test made and left: each is dressed anew with every later one, and a run became slower and
    slower."""
    before = set(_windows())
    yield
    left = [widget for widget in _windows() if widget not in before]
    if left:
        from PySide6.QtCore import QCoreApplication, QEvent

        for widget in left:
            widget.hide()
            widget.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _windows() -> list[Any]:
    """Top-level widgets, where the test has Qt at all."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    return widgets.QApplication.topLevelWidgets() if widgets and widgets.QApplication.instance() else []
