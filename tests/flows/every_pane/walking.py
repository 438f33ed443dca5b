"""Walks a reading's patients through every section, tab, theme and size, and says what was cut or of somebody else.

Every text that is painted is seen by a spy on the one painter of text, so a word that does not end inside its widget is
found wherever it stands. Widgets that scroll sideways (the results grid) are left out of that: their columns may leave
the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from desktop.patient.frame import PatientFrame
from desktop.patient.keyed import KeyedWidget, Stand
from desktop.patient.tabs import Tabs
from desktop.shell import paint
from desktop.shell.tokens import CONTRAST, DARK, LIGHT, Theme
from localdb.chart import wording
from localdb.chart.views import Chart

SIZES = (QSize(1366, 660), QSize(1093, 506), QSize(911, 404))  # the page under the header at 100, 125 and 150 %
THEMES: tuple[Theme, ...] = (LIGHT, DARK, CONTRAST)
SLACK = 1.5  # px: side bearings of letters


@dataclass
class Seen:
    """What the walk met: `pictures` drawn, `cut` texts with their widget and patient, `strangers` of another patient."""

    pictures: int = 0
    tabs: set[str] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


class Spy:
    """Stands before `paint.draw_text` while a keyed widget draws itself."""

    def __init__(self) -> None:
        self.widget: QWidget | None = None
        self.cut: list[tuple[str, str]] = []

    def look(self, painter: QPainter, x: float, text: str, made: Any, right: bool) -> None:
        widget = self.widget
        if widget is None or not text.strip():
            return
        wide = QFontMetricsF(made).horizontalAdvance(text.rstrip())
        left = painter.transform().map(x - wide if right else x, 0.0)[0]
        if left < -SLACK or left + wide > widget.width() + SLACK:
            self.cut.append((type(widget).__name__, text))


_KEPT: list[
    Any
] = []  # Qt remembers the method that it once called: a function that is gone would take the process along


@contextmanager
def spying() -> Iterator[Spy]:
    """Every `draw_text` inside a `KeyedWidget.draw` is seen."""
    spy, draw_text, paint_event = Spy(), paint.draw_text, KeyedWidget.paintEvent

    def seen(painter: QPainter, x: float, baseline: float, text: str, made: Any, color: Any, *, right: bool = False):
        spy.look(painter, x, text, made, right)
        return draw_text(painter, x, baseline, text, made, color, right=right)

    def painting(self: KeyedWidget, event: Any) -> None:
        spy.widget = self if not isinstance(self, QAbstractScrollArea) else None
        try:
            paint_event(self, event)
        finally:
            spy.widget = None

    _KEPT.append(painting)
    paint.draw_text, KeyedWidget.paintEvent = seen, painting  # type: ignore[method-assign]
    try:
        yield spy
    finally:
        paint.draw_text, KeyedWidget.paintEvent = draw_text, paint_event  # type: ignore[method-assign]


def strangers(frame: PatientFrame, chart: Chart) -> list[str]:
    """Widgets with a record of another person than the frame's, and a banner with another name."""
    ids = {chart.patient.id, *chart.patient.ids}
    found = [
        type(w).__name__
        for w in frame.findChildren(QWidget)
        if (held := getattr(w, "_chart", None)) is not None and held.patient.id not in ids
    ]
    family = wording.display_name(chart.patient.name).partition(",")[0]
    return found if family in frame.banner.name else [*found, "banner"]


def every_tab(frame: PatientFrame) -> Iterator[tuple[int, str]]:
    """Goes through the sections and their tabs, each shown when it is yielded."""
    for number in range(1, 8):
        frame.set_section(number)
        section = frame.shown
        if isinstance(section, Tabs):
            for code in list(section.buttons):
                frame.set_section(number, code)
                yield number, code
        else:
            yield number, ""


def walk(context: Any, charts: Iterable[Chart], looks: Iterable[tuple[Theme, QSize]], settle: Any) -> Seen:
    """Each chart in each of `looks`; `settle()` lets the benches answer."""
    seen, chosen = Seen(), list(looks)
    host = QWidget()  # one top-level window for all of them
    host.resize(SIZES[0])
    host.show()
    with spying() as spy:
        for chart in charts:
            stand = Stand()
            for theme, size in chosen:
                context.look.use(theme)
                frame = PatientFrame(context, stand, stand.turn_to(chart.patient.id), chart)
                frame.setParent(host)
                frame.resize(size)
                frame.show()
                for number, code in every_tab(frame):
                    settle()
                    assert not frame.grab().isNull()
                    seen.pictures += 1
                    seen.tabs.add(f"{number}{code and ' '}{code}")
                    seen.strangers += [f"{s} in {number} {code}" for s in strangers(frame, chart)]
                seen.cut += [
                    f"{name}: {text!r} at {size.width()} px of {chart.patient.id}"
                    for name, text in dict.fromkeys(spy.cut)
                ]
                spy.cut.clear()
                frame.hide()
                frame.deleteLater()
                QApplication.processEvents()
    host.hide()
    host.deleteLater()
    return seen
