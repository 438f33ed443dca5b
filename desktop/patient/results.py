"""The results section: a tab of tests (panels, the grid, the trend, phoned results in their own box; look/05), and what
else a laboratory sends."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.patient.blocks import Head, State, draw_blocks, tall
from desktop.patient.gridview import GridView
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Placed, Scroller, Sheet
from desktop.patient.struck import StruckStrip
from desktop.patient.summary import phoned_box
from desktop.patient.tabs import Tab, Tabs
from desktop.patient.trendview import TrendView
from desktop.patient.words import other_ages, section_age, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET
from desktop.shell.type import font
from localdb.chart.cells import Cell
from localdb.chart.grid import WEEK, Grid, Row, cumulative
from localdb.chart.views import KNOWN, Chart
from localdb.codes import downtime_set
from localdb.records.moments import micros

BANK = next(p.title for p in downtime_set() if p.code == "Blood bank")
DAY = timedelta(days=1)
AT_ONCE = 3000  # results that are arranged within a frame or two
PERIODS = (
    ("Last 7 days", WEEK),
    ("Last 30 days", timedelta(days=30)),
    ("All in this copy", None),
    ("Last 24 hours", DAY),
)
THE_WEEK, ALL = 0, 2


class Results(Tabs):
    """The section with its tabs; each is made when it is first shown."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        from desktop.patient.bank import Bank
        from desktop.patient.flight import Flight
        from desktop.patient.microbiology import MicrobiologyTab
        from desktop.patient.trends import Trends

        tabs = (
            Tab("tests", "Tests", Cumulative),
            Tab("trends", "Trends", Trends),
            Tab("microbiology", "Microbiology", MicrobiologyTab),
            Tab("bank", "Blood bank", Bank),
            Tab("flight", "In flight", Flight),
        )
        super().__init__(context, stand, key, chart, tabs, "Results")


class Cumulative(QWidget):
    """The tab of tests. `grid` is what is shown; `choose(row, cells)` fills the trend."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._chart = context, chart
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 12, 4)
        self._column.setSpacing(6)
        self.phoned = Phoned(context, stand, key, chart)
        self.struck = StruckStrip(context, stand, key, chart, ("result",))
        self._column.addWidget(self.struck)
        listing = chart.lists["results"]
        if listing.state != KNOWN or not listing.items:
            self._show_state(stand, key)
            return
        self.view = GridView(context, stand, key, chart)
        self.trend = TrendView(context, stand, key, chart)
        self.view.chosen.connect(self._on_chosen)
        self._bar = QHBoxLayout()
        self._bar.setSpacing(6)
        self._column.addLayout(self._bar)
        row = QHBoxLayout()
        row.setSpacing(20)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.view, 1)
        left.addWidget(self.phoned)
        self._foot = Text(context.look, "", "label", "ink2", wrap=True)
        left.addWidget(self._foot)
        row.addLayout(left, 1)
        self._trend_room = Scroller(self.trend, "Trend and details")
        self._trend_room.setFixedWidth(224)
        row.addWidget(self._trend_room)
        self._column.addLayout(row, 1)
        self.setFocusProxy(self.view)
        since = micros(context.now() - WEEK)
        is_week = any(r.happened is not None and (r.happened.utc or 0) >= since for r in listing.items)
        self.period = THE_WEEK if is_week else ALL
        self._typed = ""
        self._panels: list[Button] = []
        self._make_bar()
        self._show()

    def _show_state(self, stand: Stand, key: PatientKey) -> None:
        def arrange(chart: Chart, room: float) -> list[Placed]:
            now = self._context.now()
            said = state_words(chart.lists["results"], "results", chart, now, "result")
            assert said is not None
            return [Placed(8, 0, room - 16, [Head("Results", section_age(chart, now, "result")), State(said)])]

        self._column.addWidget(Sheet(self._context.look, stand, key, self._chart, arrange, "Results"), 1)
        self._column.addWidget(self.phoned)

    def _make_bar(self) -> None:
        look = self._context.look
        self._jump = QLineEdit()
        self._jump.setPlaceholderText("Show a test")
        self._jump.setAccessibleName("Show a test: type a part of its name or its panel")
        self._jump.setFont(font("body"))
        self._jump.setMinimumHeight(TARGET)
        self._jump.setMinimumWidth(120)
        self._jump.setMaximumWidth(232)
        self._jump.textEdited.connect(self._on_jump)
        self._jump.returnPressed.connect(self.view.setFocus)
        self._period = Button(look, "", "normal", icon="down")
        self._period.clicked.connect(self._on_period)

    @property
    def grid(self) -> Grid:
        return self.view.grid

    def _show(self) -> None:
        """Arrange the results; thousands of them beside the window's thread, which never waits (DESIGN §3)."""
        now, items = self._context.now(), self._chart.lists["results"].items
        window = PERIODS[self.period][1]

        def arranged(_: object) -> Grid:
            return cumulative(items, downtime_set(), now=now, window=window)

        if len(items) <= AT_ONCE:
            self._on_grid(self.period, arranged(None))
            return
        self._foot.setText(f"Arranging {len(items)} results \u2026")
        self._context.reader.ask(self.period, arranged, self._on_grid, lane=f"grid-{id(self)}")

    def _on_grid(self, period: Hashable, grid: Grid) -> None:
        if period != self.period or not self.view.may_show():
            return
        self._whole = grid
        self._period.rename(PERIODS[self.period][0])
        self._period.setAccessibleName(f"Shown: {self._period.words}. Change")
        self._fill_bar(grid)
        self._filter()

    def _filter(self) -> None:
        """What was typed leaves the rows whose test or panel has it; where none has, all stand and the foot says so."""
        wanted, whole = self._typed.casefold().strip(), self._whole
        panels = [
            msgspec.structs.replace(p, rows=tuple(r for r in p.rows if _has(wanted, r.name, p.title, p.code)))
            for p in whole.panels
        ]
        found = msgspec.structs.replace(whole, panels=tuple(p for p in panels if p.rows)) if wanted else whole
        self.view.show_grid(found if found.rows else whole)
        if wanted and found.rows:
            begins = [r for r in found.rows if r.name.casefold().startswith(wanted)]
            self.view.choose_row((begins or list(found.rows))[0])
        self._foot.setText(self._foot_words(whole, found, wanted))

    def _foot_words(self, whole: Grid, found: Grid, wanted: str) -> str:
        now, items = self._context.now(), self._chart.lists["results"].items
        by_id = {i.id: i for i in items}
        main = [by_id[c.record] for row in whole.rows for c in row.every if row.panel != BANK]
        age = section_age(self._chart, now, "result", of=main or items)
        older = whole.total - whole.shown
        parts = []
        if wanted:
            count = f"{len(found.rows)} of {len(whole.rows)} tests shown" if found.rows else "No test has that name"
            parts.append(f"{count}: clear the field for all.")
        parts += ["Blank means no result in this copy.", f"{whole.shown} of {whole.total} shown."]
        parts.append(f"Older: Left, Home{', or the period above' if self.period != ALL and older else ''}.")
        parts.append(f"Labs complete to {age.text}.")
        if aged := self._chart.lists["results"].window:
            parts.append(f"{aged} The last of each test is shown.")
        others = other_ages(self._chart, now, "result", main)
        return " ".join(parts) + (f"\nOther sources complete to: {others}." if others else "")

    def _fill_bar(self, grid: Grid) -> None:
        """A button for each panel that has rows, as many as fit; all can be reached by scrolling and by the jump."""
        for button in self._panels:
            self._bar.removeWidget(button)
            button.deleteLater()
        self._panels = []
        for widget in (self._jump, self._period):
            self._bar.removeWidget(widget)
        while self._bar.count():
            self._bar.takeAt(0)
        room = max(self.width(), 400) - 20 - 190 - 150
        for panel in grid.panels:
            code = panel.code if len(panel.code) <= 14 else ""
            if not code:
                continue
            button = Button(self._context.look, code, "normal", name=f"Go to {panel.title}")
            button.setProperty("panel", panel.title)
            wide = button.minimumSizeHint().width() + 12
            if room - wide - 6 < 0:
                button.deleteLater()
                break
            room -= wide + 6
            button.setFixedWidth(wide)
            button.clicked.connect(self._on_panel)
            self._panels.append(button)
            self._bar.addWidget(button)
        self._bar.addStretch(1)
        self._bar.addWidget(self._jump, 2)
        self._bar.addWidget(self._period)
        self._mark_panel()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if hasattr(self, "view"):
            self._trend_room.setFixedWidth(224 if self.window().width() >= SMALL_WIDTH else 196)
            if event.size().width() != event.oldSize().width():
                self._fill_bar(self.view.grid)
        super().resizeEvent(event)

    def _on_panel(self) -> None:
        self.view.choose_panel(self.sender().property("panel"))
        self.view.setFocus()

    def _on_period(self) -> None:
        self.period = (self.period + 1) % len(PERIODS)
        self._show()

    def _on_jump(self, text: str) -> None:
        self._typed = text
        self._filter()

    def _on_chosen(self, row: Row, cells: tuple[Cell, ...]) -> None:
        self.trend.show_result(row, cells)
        self._mark_panel()

    def _mark_panel(self) -> None:
        row = self.view.chosen_row
        for button in self._panels:
            button.use_kind("chosen" if row is not None and button.property("panel") == row.panel else "normal")

    def retime(self) -> None:
        """The minute changed: the words at the foot; the grid keeps its place."""
        self.struck.retime()
        if hasattr(self, "view"):
            self.view.viewport().update()


def _has(wanted: str, *texts: str) -> bool:
    return any(wanted in text.casefold() for text in texts)


class Phoned(KeyedWidget):
    """UNCONFIRMED, BY PHONE: a box of its own below the grid, never in it (CLINICAL §3.1 L10, H10)."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self._context = context
        self.blocks = phoned_box(chart, context.now())[1:]
        self.setAccessibleName(". ".join(b.words for b in self.blocks))
        self.setHidden(not self.blocks)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(int(tall(self.blocks, self.width())))
        super().resizeEvent(event)

    def draw(self, painter: QPainter) -> None:
        draw_blocks(painter, self.blocks, 0, 0, self.width(), self.theme)
