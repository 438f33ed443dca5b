"""The trends tab: up to four analytes one above the other on one time axis, each on its own scale (CLINICAL §2.3, L4, L5).

Never two units, methods or laboratories in one plot: each row of the grid is a plot of its own. What was phoned stands
as an open square, unjoined. Which are shown is chosen by press or key at the left.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.patient.blocks import Head, State, fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.trendview import draw_plot, ticks_width
from desktop.patient.words import section_age, state_words
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.parts import Button, Text
from desktop.shell.type import BOLD, SEMIBOLD, font, width
from localdb.chart.grid import Row, cumulative
from localdb.chart.trend import LIMIT, PHONED, REPLACED, Trend, aligned, trend
from localdb.chart.views import KNOWN, Chart
from localdb.codes import downtime_set
from localdb.records.moments import micros

MOST, LIST_ROOM, PLOT_LEAST = 4, 280, 92
WINDOWS = (("7 days", timedelta(days=7)), ("30 days", timedelta(days=30)), ("All", None))
ENOUGH = 3  # figures of one test in a week: then the week is what is shown first
FOOT = "Triangle: flagged as sent. Open circle: replaced, or at a limit. Open square: by phone, unconfirmed."


class TrendStack(KeyedWidget):
    """The plots. `shown` are the trends, oldest at the left; every plot has the same time axis."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self.shown: tuple[Trend, ...] = ()
        self.setMinimumHeight(200)

    def show_trends(self, trends: tuple[Trend, ...]) -> None:
        self.shown = trends
        self.setMinimumHeight(max(200, len(trends) * (PLOT_LEAST + 12) + 30))
        self.setAccessibleName("; ".join(t.words for t in trends) or "Nothing chosen")
        self.update()

    def spoken(self) -> str:
        return self.accessibleName()

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        if not self.shown:
            paint.draw_text(painter, 8, 30, "Choose one to four tests at the left.", font("body"), theme.ink2)
            return
        first, last, days = aligned(self.shown)
        left = max(ticks_width(t) for t in self.shown)
        step = min(230.0, (self.height() - 26) / len(self.shown))
        for n, found in enumerate(self.shown):
            top = 4 + n * step
            self._title(painter, found, top)
            area = QRectF(left, top + 30, self.width() - left - 64, step - 46)
            room = QRectF(0, top, self.width(), step)
            is_last = n == len(self.shown) - 1
            draw_plot(painter, found, area, room, theme, ends=(first, last), days=days if is_last else ())

    def _title(self, painter: QPainter, found: Trend, top: float) -> None:
        """Name and unit, the range as sent, what is odd about the marks; never cut: the detail goes first."""
        theme, room = self.theme, self.width() - 8.0
        name = f"{found.name}, {found.unit or 'no unit sent'}"
        shapes = {p.shape for p in found.points}
        notes = [f"range {found.band_text}" if found.band is not None else ""]
        notes += [words for shape, words in ((PHONED, "by phone: unconfirmed"), (REPLACED, "replaced value"),
                                             (LIMIT, "beyond a limit")) if shape in shapes]  # fmt: skip
        notes += [f"{found.left_out} in words, not drawn"] if found.left_out else []
        lines = fold(name, "body", room, SEMIBOLD)
        end = paint.draw_text(painter, 0, top + 18, lines[0], font("body", SEMIBOLD), theme.ink)
        said = "; ".join(x for x in notes if x)
        while said and end + 16 + width(said, "label") > room:
            said = said.rpartition("; ")[0]
        paint.draw_text(painter, end + 14, top + 18, said, font("label"), theme.ink2)


class Trends(QWidget):
    """The tab: which tests at the left, their plots at the right, how far back above."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._chart = context, chart
        self._window = self._first_window()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 4)
        column.setSpacing(6)
        listing = chart.lists["results"]
        self.rows: tuple[Row, ...] = ()
        self.chosen: list[int] = []
        if listing.state != KNOWN or not listing.items:
            column.addWidget(self._empty(stand, key))
            return
        self.stack = TrendStack(context, stand, key, chart)
        self.buttons: list[Button] = []
        self._names = QVBoxLayout()
        self._names.setSpacing(4)
        self._names.setContentsMargins(0, 0, 6, 0)
        self._windows: list[Button] = []
        bar = QHBoxLayout()
        bar.setSpacing(6)
        for n, (word, back) in enumerate(WINDOWS):
            button = Button(context.look, word, name=f"Shown: {word if back else 'all in this copy'}")
            button.setProperty("window", n)
            button.clicked.connect(self._on_window)
            self._windows.append(button)
            bar.addWidget(button)
        bar.addStretch(1)
        self._list = QWidget()
        self._list.setLayout(self._names)
        names = QScrollArea()
        names.setWidget(self._list)
        names.setWidgetResizable(True)
        names.setFrameShape(QFrame.Shape.NoFrame)
        names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        names.setFixedWidth(LIST_ROOM)
        names.setAccessibleName("Tests with figures")
        names.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plots = QScrollArea()
        plots.setWidget(self.stack)
        plots.setWidgetResizable(True)
        plots.setFrameShape(QFrame.Shape.NoFrame)
        plots.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        plots.setAccessibleName("Trends")
        row = QHBoxLayout()
        row.setSpacing(14)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addLayout(bar)
        side.addWidget(names, 1)
        row.addLayout(side)
        row.addWidget(plots, 1)
        column.addLayout(row, 1)
        column.addWidget(Text(context.look, FOOT, "label", "ink2", wrap=True))
        self._arrange()

    def _first_window(self) -> int:
        """A week, if some test came often enough in it; else all that there is."""
        since = micros(self._context.now() - timedelta(days=7))
        named = Counter(
            r.text for r in self._chart.lists["results"].items if r.happened and (r.happened.utc or 0) >= since
        )
        return 0 if max(named.values(), default=0) >= ENOUGH else len(WINDOWS) - 1

    def _empty(self, stand: Stand, key: PatientKey) -> Sheet:
        def arrange(chart: Chart, room: float) -> list[Placed]:
            now = self._context.now()
            said = state_words(chart.lists["results"], "results", chart, now, "result")
            assert said is not None
            return [Placed(8, 0, room - 16, [Head("Trends", section_age(chart, now, "result")), State(said)])]

        return Sheet(self._context.look, stand, key, self._chart, arrange, "Trends")

    def _arrange(self) -> None:
        """The rows that have figures in the window, in the order of the grid; thousands are arranged beside the window's
        thread."""
        items, now, back = self._chart.lists["results"].items, self._context.now(), WINDOWS[self._window][1]
        phoned = self._chart.phoned

        def made(_: object) -> list[tuple[Row, Trend]]:
            rows = cumulative(items, downtime_set(), now=now, window=back).rows
            return [(r, t) for r in rows if (t := trend(r, phoned)) is not None]

        self._context.reader.ask(self._window, made, self._on_made, lane=f"trends-{id(self)}")

    def _on_made(self, window: object, made: list[tuple[Row, Trend]]) -> None:
        if window != self._window or not self.stack.may_show():
            return
        names = {self.rows[n].name for n in self.chosen}
        self.rows, self._trends = tuple(r for r, _ in made), tuple(t for _, t in made)
        for button in self.buttons:
            self._names.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        while self._names.count():
            self._names.takeAt(0)
        for n, (row, found) in enumerate(made):
            said = f"{row.name}, {row.unit}" if row.unit else row.name
            words = fold(said, "button", LIST_ROOM - 60)
            button = Button(self._context.look, said if len(words) == 1 else row.name, name=found.words)
            if width(button.words, "button", BOLD) > LIST_ROOM - 50:
                button.rename(fold(row.name, "button", LIST_ROOM - 70, BOLD)[0] + " …")
                button.setAccessibleName(found.words)
            button.setProperty("row", n)
            button.clicked.connect(self._on_row)
            self.buttons.append(button)
            self._names.addWidget(button)
        self._names.addStretch(1)
        kept = [n for n, r in enumerate(self.rows) if r.name in names][:MOST]
        several = sorted(range(len(made)), key=lambda n: (len(made[n][1].points) < 2, n))
        self.chosen = kept or sorted(several[: min(3, MOST)])
        if self.buttons:
            self.setFocusProxy(self.buttons[0])
        self._show()

    def _show(self) -> None:
        for n, button in enumerate(self.buttons):
            button.use_kind("chosen" if n in self.chosen else "normal")
        for n, button in enumerate(self._windows):
            button.use_kind("chosen" if n == self._window else "normal")
        self.stack.show_trends(tuple(self._trends[n] for n in self.chosen))

    def _on_row(self) -> None:
        """A fifth one takes the place of the one that was chosen first."""
        n = int(self.sender().property("row"))
        if n in self.chosen:
            self.chosen.remove(n)
        else:
            self.chosen = [*self.chosen[-(MOST - 1) :], n]
        self._show()

    def _on_window(self) -> None:
        self._window = int(self.sender().property("window"))
        self._arrange()

    def retime(self) -> None:
        """Nothing here says an age."""
