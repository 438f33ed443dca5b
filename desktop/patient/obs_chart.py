"""The observation chart of one patient: a column a set, the newest at the right (CLINICAL §2.1, §2.3; look of the ward).

Only the sets in sight are laid out and painted, so that a stay of thousands of sets turns as fast as one of ten. Arrow
keys and buttons move; columns stand by set, or by time.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.blocks import Head, State, fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.obs_paint import (
    LABELS,
    RIGHT,
    draw_ground,
    draw_label,
    draw_latest,
    draw_marks,
    strip_height,
)
from desktop.patient.sheet import Placed, Scroller, Sheet
from desktop.patient.words import StateWords, day, section_age, short, state_words
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button
from desktop.shell.spoken import long_dates
from desktop.shell.type import SEMIBOLD, font, line_height
from localdb.chart import wording
from localdb.chart.observation_chart import Strip, Words, observation_chart, strips
from localdb.chart.observation_sets import ObsSet
from localdb.chart.views import Chart

COLUMN, WIDE_COLUMN, HEAD = 74, 108, 62


class ChartPane(KeyedWidget):
    """The painted chart. `end` how many sets, the newest last, lie before the right edge."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self._context = context
        self.model = observation_chart(chart, context.now())
        self.end = len(self.model.sets)
        self.by_time = False
        self.shown: tuple[ObsSet, ...] = ()
        self.rows: tuple[Strip | Words, ...] = ()
        self.setMinimumWidth(LABELS + RIGHT + 2 * COLUMN)

    @property
    def column(self) -> int:
        """Wide enough for the widest word of a row of words."""
        return WIDE_COLUMN if self.model.incomplete else COLUMN

    @property
    def fit(self) -> int:
        """How many sets stand side by side."""
        return max(1, int((self.width() - LABELS - RIGHT - 8) // self.column))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self.lay_out()
        super().resizeEvent(event)

    def move_to(self, end: int) -> None:
        """Show the sets before `end`; never fewer than fit, where there are so many."""
        self.end = max(min(self.fit, len(self.model.sets)), min(end, len(self.model.sets)))
        self.lay_out()

    def lay_out(self) -> None:
        """Take the sets in sight and be as high as their rows."""
        self.end = max(min(self.fit, len(self.model.sets)), self.end)
        self.shown = self.model.sets[max(0, self.end - self.fit) : self.end]
        self.rows = strips(self.model, self.shown)
        high = self._top() + sum(self._height(r) for r in self.rows) + self._foot()
        self.setFixedHeight(int(high + 12))
        self.setAccessibleName(f"Observation chart, sets {self._from() + 1} to {self.end} of {len(self.model.sets)}")
        self.setAccessibleDescription(long_dates(self.spoken()))
        self.update()

    def _from(self) -> int:
        return self.end - len(self.shown)

    def spoken(self) -> str:
        """The sets in sight, the newest first, in words."""
        said = [text.rstrip(".") for text in self.model.why]
        for one in reversed(self.shown):
            parts = [f"{r.label} {_told(one, r.key)}" for r in self.rows if _told(one, r.key)]
            who = "typed here, " if one.entry is not None else ""
            said.append(f"{who}{wording.date_time(one.moment)}: {', '.join(parts)}")
        return ". ".join(said)

    def _notes(self) -> list[str]:
        return [line for text in self.model.why for line in fold(text, "label", self.width() - 16)]

    def _top(self) -> float:
        return HEAD + len(self._notes()) * 21 + 8

    def _foot(self) -> float:
        return len(self._legend()) * 21 + 10

    def _legend(self) -> list[str]:
        notes = [f"SpO2: {r.note}." for r in self.rows if isinstance(r, Strip) and r.key == "spo2" and r.note]
        notes += [f"{r.label}: {r.note}." for r in self.rows if isinstance(r, Strip) and r.key != "spo2" and r.note]
        text = (
            f"{len(self.shown)} of {len(self.model.sets)} sets shown, newest at the right. "
            "Blank: not taken, or not in this copy. * has a note: see the table. "
            "Open square: typed here. Open circle: beyond what was measured."
        )
        return [line for part in (*notes, text) for line in fold(part, "label", self.width() - 16)]

    def _height(self, row: Strip | Words) -> float:
        if isinstance(row, Strip):
            return strip_height(row)
        lines = max((len(self._cell(c.value, c.unit)) for c in row.cells if c is not None), default=1)
        return max(30, lines * 20 + 10, 48 if row.points else 0, len(self._latest(row)) * line_height("label") + 10)

    def _latest(self, row: Words) -> list[str]:
        """The latest of a row of words; with its time where it is not of the newest set."""
        told = [(c, t) for c, t in zip(row.cells, self._times(), strict=True) if c is not None]
        if not told:
            return []
        last, when = told[-1]
        lines = fold(f"{last.value} {last.unit}".strip(), "label", RIGHT - 24, 700)
        return lines if row.cells[-1] is not None else [*lines, *fold(f"at {when}", "label", RIGHT - 24)]

    def _times(self) -> list[str]:
        """When each set in sight was taken, in words."""
        return [short(s.moment, self._context.now()) for s in self.shown]

    def _cell(self, value: str, unit: str) -> list[str]:
        return fold(f"{value} {unit}".strip(), "label", self.column - 8, SEMIBOLD)

    def _xs(self) -> list[float]:
        """The middle of each column: by set, or by time between the first and the last in sight."""
        count = len(self.shown)
        left = max(float(LABELS), self.width() - RIGHT - 8.0 - count * self.column)  # the newest at the right edge
        even = [left + (n + 0.5) * self.column for n in range(count)]
        times = [s.moment.utc if s.moment is not None else None for s in self.shown]
        known = [t for t in times if t is not None]
        if not self.by_time or len(known) != count or count < 3 or known[-1] == known[0]:
            return even
        span = self.width() - RIGHT - LABELS - self.column - 8
        return [LABELS + self.column / 2 + span * (t - known[0]) / (known[-1] - known[0]) for t in known]

    def draw(self, painter: QPainter) -> None:
        theme, y = self.theme, 4.0
        for line in self._notes():
            paint.draw_text(painter, 8, y + 16, line, font("label"), theme.ink2)
            y += 21
        y += 4
        xs = self._xs()
        right = self.width() - RIGHT
        top, bottom = y, y + HEAD + sum(self._height(r) for r in self.rows)
        painter.fillRect(QRectF(0, y, self.width(), HEAD), theme.color("sunken"))
        self._draw_columns(painter, xs, top, bottom)
        paint.draw_text(painter, 8, y + 52, "Taken", font("label"), theme.ink2)
        paint.draw_text(painter, right + 20, y + 52, "Latest", font("label", SEMIBOLD), theme.ink)
        paint.hairline(painter, 0, y + HEAD - 1, self.width(), theme.ink, 1.5)
        y += HEAD
        typed = [s.entry is not None for s in self.shown]
        clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(self.visibleRegion().boundingRect())
        for row in self.rows:
            high = self._height(row)
            if y + high >= clip.top() and y <= clip.bottom():
                if isinstance(row, Strip):
                    area = QRectF(LABELS, y + 6, right - LABELS, high - 12)
                    draw_ground(painter, row, area, theme)
                    draw_label(painter, row, 8, y, theme)
                    draw_marks(painter, row, area, xs, typed, theme)
                    draw_latest(painter, row, right + 20, y, theme, self._times())
                else:
                    self._draw_words(painter, row, xs, typed, y)
                paint.hairline(painter, 0, y + high - 1, self.width(), theme.rule2)
            y += high
        for line in self._legend():
            y += 21
            paint.draw_text(painter, 8, y, line, font("label"), theme.ink2)

    def _draw_columns(self, painter: QPainter, xs: Sequence[float], top: float, bottom: float) -> None:
        """Heads with date and time, each day's name once, the ward's own sets in pen."""
        theme, now, last, used = self.theme, self._context.now(), "", -1.0
        for one, x in zip(self.shown, xs, strict=True):
            left = x - self.column / 2
            color = theme.pen if one.entry is not None else theme.ink
            if one.entry is not None:
                painter.fillRect(QRectF(left + 1, top, self.column - 2, bottom - top), theme.color("pen_tint"))
                draw_icon(painter, "ward wrote", left + self.column - 20, top + 2, 14, theme.pen)
            date = day(one.moment, now)
            if left < used:
                continue  # by time, heads that would touch are left out: the marks stay
            used = left + self.column - 8
            if date != last:
                paint.draw_text(painter, left + 4, top + 17, date, font("label", SEMIBOLD), color)
                last = date
            clock = wording.time(one.moment) or "no time"
            for n, line in enumerate(fold(clock, "label", self.column - 8, SEMIBOLD)[:2]):
                paint.draw_text(painter, left + 4, top + 36 + 19 * n, line, font("label", SEMIBOLD), color)

    def _draw_words(self, painter: QPainter, row: Words, xs: Sequence[float], typed: Sequence[bool], y: float) -> None:
        theme = self.theme
        paint.draw_text(painter, 8, y + 20, row.label, font("label", SEMIBOLD), theme.ink)
        if row.points:
            paint.draw_text(painter, 8, y + 40, row.points, font("label"), theme.ink2)
        for cell, x, pen in zip(row.cells, xs, typed, strict=True):
            if cell is None:
                continue
            for n, line in enumerate(self._cell(cell.value, cell.unit)):
                color = theme.pen if pen else theme.ink
                paint.draw_text(painter, x - self.column / 2 + 4, y + 20 + 20 * n, line, font("label", SEMIBOLD), color)
        for n, line in enumerate(self._latest(row)):
            at = y + 20 + n * line_height("label")
            paint.draw_text(painter, self.width() - RIGHT + 20, at, line, font("label", SEMIBOLD), theme.ink)


def _told(one: ObsSet, key: str) -> str:
    found = one.news2 if key == "news2" else one.vitals.get(key)
    return f"{found.value} {found.unit}".strip() if found is not None else ""


class ChartTab(QWidget):
    """The tab: the chart and the buttons that move it (`controls`); or why there is none."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._chart = context, chart
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(4)
        self.pane = ChartPane(context, stand, key, chart)
        self.empty: Sheet | None = None
        self.controls: tuple[Button, ...] = ()  # the section puts them beside its tabs
        if not self.pane.model.sets:
            self.pane.deleteLater()
            self.empty = Sheet(context.look, stand, key, chart, self._say_none, "Observation chart")
            column.addWidget(self.empty)
            self.setFocusProxy(self.empty)
            return
        self.earlier = Button(context.look, "Earlier", icon="before")
        self.later = Button(context.look, "Later", icon="after")
        self.newest = Button(context.look, "Newest")
        self.spacing = Button(context.look, "By time")
        self.spacing.setAccessibleName("Columns by time")
        wishes = (self._on_earlier, self._on_later, self._on_newest, self._on_spacing)
        self.controls = (self.earlier, self.later, self.newest, self.spacing)
        for button, slot in zip(self.controls, wishes, strict=True):
            button.clicked.connect(slot)
        self.scroller = Scroller(self.pane, "Observation chart")
        self.scroller.installEventFilter(self)
        column.addWidget(self.scroller, 1)
        self.setFocusProxy(self.scroller)
        self._say()

    def _say_none(self, chart: Chart, room: float) -> Sequence[Placed]:
        now = self._context.now()
        said = state_words(chart.lists["observations"], "observations", chart, now, "observation")
        head = Head("Observations, as sent", section_age(chart, now, "observation"))
        if said is None:
            return [Placed(8, 0, room - 16, [head, State(_NO_SETS)])]
        return [Placed(8, 0, room - 16, [head, State(said)])]

    def eventFilter(self, watched, event) -> bool:  # type: ignore[no-untyped-def]
        if isinstance(event, QKeyEvent) and event.type() == event.Type.KeyPress and not event.modifiers():
            wish = {
                Qt.Key.Key_Left: self._on_earlier, Qt.Key.Key_Right: self._on_later,
                Qt.Key.Key_Home: self._on_oldest, Qt.Key.Key_End: self._on_newest,
            }.get(Qt.Key(event.key()))  # fmt: skip
            if wish is not None:
                wish()
                return True
        return False

    def _move(self, end: int) -> None:
        self.pane.move_to(end)
        self._say()

    def _on_earlier(self) -> None:
        self._move(self.pane.end - max(1, self.pane.fit - 1))

    def _on_later(self) -> None:
        self._move(self.pane.end + max(1, self.pane.fit - 1))

    def _on_oldest(self) -> None:
        self._move(0)

    def _on_newest(self) -> None:
        self._move(len(self.pane.model.sets))

    def _on_spacing(self) -> None:
        self.pane.by_time = not self.pane.by_time
        self.spacing.use_kind("chosen" if self.pane.by_time else "normal")
        self.pane.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.empty is None:
            self._say()

    def _say(self) -> None:
        """Buttons that lead nowhere are off."""
        self.earlier.setEnabled(self.pane.end > self.pane.fit)
        self.later.setEnabled(self.pane.end < len(self.pane.model.sets))
        self.newest.setEnabled(self.pane.end < len(self.pane.model.sets))

    def retime(self) -> None:
        if self.empty is not None:
            self.empty.retime()
        else:
            self.pane.update()


_NO_SETS = StateWords(
    "No observation sets in this copy",
    "Other observations came: they stand on the tab Table. That is not proof that none was taken.",
)
