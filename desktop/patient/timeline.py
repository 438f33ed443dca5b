"""The timeline: everything that is dated in one line of time, newest first; what the ward wrote is in pen, with author
and time; the ends of the copy, the downtime and the admission lie across it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import fold
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.timeview import TimeRow, TimeView, lines_needed
from desktop.patient.words import section_age, state_words, told
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button, SectionHead, Text
from desktop.shell.tokens import TARGET, Theme
from desktop.shell.type import SEMIBOLD, font
from localdb.chart import timeline as model
from localdb.chart.timeline import Day, Event, Mark
from localdb.chart.views import Chart
from localdb.errors import WardlampError

AT_ONCE = 1500  # records up to which the timeline is made in the window's own thread
_TIME, _WORD, _TEXT, _SOURCE = 14.0, 92.0, 204.0, 120.0
_LOW = 420  # px of height below which the filters stand in place of the list
_WITH_SOURCE = 700
_BENCH = "timeline"


class DayRow:
    """The head of a day."""

    can_open = False

    def __init__(self, day: Day) -> None:
        self.day, self.words = day, day.title

    def height(self, room: float) -> int:
        return 38

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.draw_text(painter, area.left() + 2, area.bottom() - 11, self.words, font("body", SEMIBOLD), theme.ink)
        paint.hairline(painter, area.left(), area.bottom() - 2, area.right(), theme.ink, 1.5)


class MarkRow:
    """A line across: the end of the copy, a declaration, the admission, 24 hours ago."""

    can_open = False

    def __init__(self, mark: Mark, now: datetime) -> None:
        self.mark = mark
        self._when = model.clock_of(mark.at)
        self.words = f"{self._when} {mark.text}"

    def height(self, room: float) -> int:
        return 8 + 21 * lines_needed(self.mark.text, "label", SEMIBOLD, room - _WORD - 16)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        strong = self.mark.code in (model.CUT, model.DOWN)
        area = area.adjusted(0, 1, 0, -2)
        paint.box(painter, area, fill=theme.warn_tint if strong else theme.sunken,
                  border=theme.warn_fill if strong else theme.rule2, width=1, radius=0)  # fmt: skip
        y = area.top() + 18
        paint.draw_text(painter, area.left() + _TIME, y, self._when, font("label", SEMIBOLD), theme.ink)
        for line in fold(self.mark.text, "label", area.width() - _WORD - 16, SEMIBOLD):
            paint.draw_text(painter, area.left() + _WORD, y, line, font("label", SEMIBOLD), theme.ink)
            y += 21


class EventRow:
    """One event: time of its day, what happened, to what, more of it, from where."""

    can_open = True

    def __init__(self, event: Event, now: datetime) -> None:
        self.event, self._now = event, now
        self._when = model.time_word(event.moment)
        if event.entry is not None:
            said = told(event.entry, now)
            by_phone = "UNCONFIRMED, BY PHONE: " if event.entry.kind == "phoned_result" else ""
            self._text, self._detail = by_phone + said.head, f"{said.text} ({said.signed})".strip()
        else:
            self._text, self._detail = event.text, event.detail
        self.words = ", ".join(x for x in (self._when, event.word, self._text, self._detail, event.source) if x)

    def _rooms(self, room: float) -> tuple[float, float]:
        """(width of the texts, width of the source's column)."""
        source = _SOURCE if room >= _WITH_SOURCE else 0.0
        return room - _TEXT - source - 12, source

    def _below(self, source: float) -> str:
        """The detail, and the source where it has no column."""
        return self._detail if source else ", ".join(x for x in (self._detail, self.event.source) if x)

    def height(self, room: float) -> int:
        texts, source = self._rooms(room)
        below = self._below(source)
        high = 12 + 22 * lines_needed(self._text, "body", SEMIBOLD, texts)
        high += 21 * lines_needed(below, "label", None, texts) if below else 0
        words = max(lines_needed(self.event.word, "label", None, _TEXT - _WORD - 8),
                    lines_needed(self._when, "label", SEMIBOLD, _WORD - _TIME - 6))  # fmt: skip
        return max(44, high, 12 + 21 * words, 12 + 21 * lines_needed(self.event.source, "label", None, source - 12)
                   if source else 0)  # fmt: skip

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        event = self.event
        texts, source = self._rooms(area.width())
        if event.entry is not None:
            painter.fillRect(area.adjusted(5, 0, 0, -1), theme.color("pen_tint"))
            draw_icon(painter, "ward wrote", area.left() + _TEXT - 26, area.top() + 8, 18, theme.pen)
        y = area.top() + 22
        for n, line in enumerate(fold(self._when, "label", _WORD - _TIME - 6, SEMIBOLD)):  # `01:30 BST or GMT`
            paint.draw_text(painter, area.left() + _TIME, y + 21 * n, line, font("label", SEMIBOLD), theme.ink)
        self._column(painter, area.left() + _WORD, y, event.word, _TEXT - _WORD - 8, theme.ink2)
        if source:
            self._column(painter, area.right() - source, y, event.source, source - 12, theme.ink2)
        color = (
            theme.pen if event.entry is not None else theme.hi if event.weight in ("flagged", "changed") else theme.ink
        )
        for line in fold(self._text, "body", texts, SEMIBOLD):
            paint.draw_text(painter, area.left() + _TEXT, y, line, font("body", SEMIBOLD), color)
            y += 22
        below = self._below(source)
        for line in fold(below, "label", texts) if below else ():
            paint.draw_text(painter, area.left() + _TEXT, y, line, font("label"), theme.ink2)
            y += 21
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)

    @staticmethod
    def _column(painter: QPainter, x: float, y: float, text: str, room: float, color: str) -> None:
        for line in fold(text, "label", room):
            paint.draw_text(painter, x, y, line, font("label"), color)
            y += 21


class Rows(Sequence[TimeRow]):
    """The rows of a timeline; each is made when it is first asked for."""

    def __init__(self, held: Sequence[Day | Mark | Event], now: datetime) -> None:
        self.held, self._now = held, now
        self._made: dict[int, TimeRow] = {}

    def __len__(self) -> int:
        return len(self.held)

    def __getitem__(self, number):  # type: ignore[no-untyped-def]
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self.held)))]
        if number not in self._made:
            row = self.held[number]
            self._made[number] = (
                EventRow(row, self._now) if isinstance(row, Event)
                else DayRow(row) if isinstance(row, Day) else MarkRow(row, self._now)
            )  # fmt: skip
        return self._made[number]


class Timeline(QWidget):
    """The section. `kinds` are the filters in use (none: all)."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        self._role = str(getattr(context.house, "role", "clinician"))
        self.found: model.Timeline | None = None
        self.kinds: set[str] = set()
        self._awaited = ""  # a record that is to be shown as soon as the timeline is there
        self.setAccessibleName("Timeline")
        self.head = SectionHead(context.look, "In the copy and written here")
        self.view = TimeView(context.look, stand, key, chart, "Timeline, newest first")
        self.said = Text(context.look, "", "label", "ink2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(6)
        column.addLayout(self._bar())
        column.addWidget(self.filters)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)
        column.addWidget(self.said)
        self.view.chosen.connect(self._on_chosen)
        self.view.opened.connect(self._on_opened)
        self.setFocusProxy(self.view)
        self._make()

    # -- making

    def _make(self) -> None:
        chart, now, role = self._chart, self._context.now(), self._role
        self.said.setText("The timeline is being put together.")
        self._beside(lambda _: model.timeline(chart, now, role), self._on_made)

    def _beside(self, job: Callable[[Any], Any], then: Callable[[Hashable, Any], None]) -> None:
        """Small charts at once, large ones beside the window; the answer counts only for this key (H02)."""
        if sum(len(listing.items) for listing in self._chart.lists.values()) <= AT_ONCE:
            then(self._key, job(None))
        else:
            self._context.extra(_BENCH).ask(self._key, job, then, self._on_failed, lane=f"timeline-{id(self)}")

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if self._stand.admits(self._key):
            self.said.setText(f"{error.code}. {error.message} {error.next_step}")

    def _on_made(self, key: Hashable, found: model.Timeline) -> None:
        if not self._stand.admits(self._key):
            return
        self.found = found
        self._fill_filters()
        self._show()

    def _show(self) -> None:
        if self.found is not None:
            found, kinds, now = self.found, frozenset(self.kinds), self._context.now()
            self._beside(lambda _: model.rows(found, kinds, now), self._on_rows)

    def _on_rows(self, key: Hashable, held: list[Day | Mark | Event]) -> None:
        if not self._stand.admits(self._key) or self.found is None:
            return
        now = self._context.now()
        made = Rows(held, now)
        self.view.show_rows(made)
        self._go_to_now(held, now)
        total, shown = len(self.found.events), sum(isinstance(r, Event) for r in held)
        age = section_age(self._chart, now, *(k for s in self._chart.sources for k in s.kinds))
        self.head.show_age("In the copy and written here", age.text, state=age.state,
                           count=str(total) if shown == total else f"{shown} of {total} shown")  # fmt: skip
        self.said.setText(self._notes(now))
        self.said.setVisible(bool(self.said.text()))
        self._on_chosen(self.view.chosen_row())
        if self._awaited:
            self.show_record(self._awaited)

    @property
    def held(self) -> Sequence[Day | Mark | Event]:
        """What the view shows, as the model has it."""
        rows = self.view.rows
        return rows.held if isinstance(rows, Rows) else ()

    def _go_to_now(self, rows: Sequence[Day | Mark | Event], now: datetime) -> None:
        """What is booked for later stands above; the list opens at what has happened last."""
        past = now.timestamp() * 1_000_000
        first = next((n for n, r in enumerate(rows) if isinstance(r, Event) and r.utc <= past), 0)
        while first > 0 and not isinstance(rows[first], Day):
            first -= 1
        if first > 0:
            self.view.go_to(first)

    def _notes(self, now: datetime) -> str:
        """What is not in the timeline, and why."""
        names = (("results", "result"), ("medicines", "medicine"), ("observations", "observation"))
        notes = [f"{m.title}." for n, k in names if (m := state_words(self._chart.lists[n], n, self._chart, now, k))]
        notes += [f"{n.capitalize()}. {x.window}" for n, x in self._chart.lists.items() if x.window]
        if self.found is not None and self.found.kept_back:
            notes.append(self.found.kept_back)
        return " ".join(notes)

    # -- the bar

    def _bar(self) -> QHBoxLayout:
        look = self._context.look
        bar = QHBoxLayout()
        bar.setSpacing(6)
        self.show_button = Button(look, "Show: all", "normal", icon="down", name="Choose what the timeline shows")
        self.show_button.clicked.connect(self._on_show)
        self.back_day = Button(look, "Day before", "normal", name="Go to the day before")
        self.next_day = Button(look, "Day after", "normal", name="Go to the day after")
        self.back_day.clicked.connect(self._on_day)
        self.next_day.clicked.connect(self._on_day)
        self.marks = QHBoxLayout()
        self.marks.setSpacing(6)
        self.mark_buttons: dict[str, Button] = {}
        for code, word, name in ((model.DAY_AGO, "24 hours ago", "Go to 24 hours ago"),
                                 (model.ADMITTED, "Admission", "Go to the admission")):  # fmt: skip
            button = Button(look, word, "normal", name=name)
            button.setProperty("mark", code)
            button.clicked.connect(self._on_mark)
            self.mark_buttons[code] = button
        self.correct = Button(look, "Correct", "normal", icon="record", name="Correct the chosen entry by a new one")
        self.correct.clicked.connect(self._on_correct)
        self.correct.hide()
        for one in (self.show_button, self.back_day, self.next_day, *self.mark_buttons.values()):
            bar.addWidget(one)
        bar.addStretch(1)
        bar.addWidget(self.correct)
        self.filters = QWidget()
        self.filters.setAccessibleName("What the timeline shows")
        self._grid = QGridLayout(self.filters)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self.filter_buttons: dict[str, Button] = {}
        self.filters.hide()
        return bar

    def _fill_filters(self) -> None:
        if self.found is None or self.filter_buttons:
            return
        listed = [("", "All", len(self.found.events))]
        listed += [(k, model.KINDS[k], n) for k, n in self.found.counts.items()]
        for n, (code, word, count) in enumerate(listed):
            button = Button(self._context.look, f"{word} {count}", "normal", name=f"Show {word}, {count}")
            button.setProperty("kind", code)
            button.clicked.connect(self._on_kind)
            self.filter_buttons[code] = button
            button.setMinimumHeight(TARGET)
            self._grid.addWidget(button, n // 4, n % 4)
        self._dress()

    def _dress(self) -> None:
        for code, button in self.filter_buttons.items():
            button.use_kind("chosen" if (code in self.kinds if code else not self.kinds) else "normal")
        words = [model.KINDS[k] for k in model.KINDS if k in self.kinds]
        self.show_button.rename(f"Show: {words[0].lower()}" if len(words) == 1 else
                                f"Show: {len(words)} kinds" if words else "Show: all")  # fmt: skip
        self.show_button.setAccessibleName(f"Choose what the timeline shows, now {', '.join(words) or 'all'}")

    def _on_show(self) -> None:
        self.filters.setVisible(not self.filters.isVisible())
        is_open = self.filters.isVisible()
        self.show_button.icon_name = "up" if is_open else "down"
        for widget in (self.head, self.view):
            widget.setVisible(not (is_open and self.height() < _LOW))

    def _on_kind(self) -> None:
        code = str(self.sender().property("kind"))
        self.kinds = set() if not code else self.kinds ^ {code}
        self._dress()
        self._show()

    def _on_day(self) -> None:
        back = self.sender() is self.back_day
        first = max(self.view.row_at(0), 0)
        days = [n for n, r in enumerate(self.held) if isinstance(r, Day)]
        found = [n for n in days if n > first] if back else [n for n in days if n < first][::-1]
        if found:
            self.view.go_to(found[0])

    def _on_mark(self) -> None:
        self.go_to_mark(str(self.sender().property("mark")))

    def go_to_mark(self, code: str) -> None:
        """Bring a line across into sight: what stands above it happened after it."""
        for n, row in enumerate(self.held):
            if isinstance(row, Mark) and row.code == code:
                self.view.go_to(n, above=0.6)
                return

    # -- rows

    def _on_chosen(self, row: object) -> None:
        entry = row.event.entry if isinstance(row, EventRow) else None
        can = entry is not None and not entry.corrected_by
        self.correct.setVisible(can)
        if can and entry is not None:
            self.correct.setAccessibleName(f"Correct {entry.number} by a new entry")

    def _on_correct(self) -> None:
        row = self.view.chosen_row()
        if isinstance(row, EventRow) and row.event.entry is not None:
            self._context.record.emit(row.event.entry.kind, self._key.person, row.event.entry.id)

    def _on_opened(self, row: object) -> None:
        from desktop.patient.find import open_record

        if isinstance(row, EventRow) and row.event.entry is None and row.event.section != 7:
            open_record(self, row.event.section, row.event.tab, row.event.record)

    def show_record(self, record: str) -> None:
        """Bring the event of a record or entry into sight."""
        if self.found is None or self.kinds:
            self._awaited, self.kinds = record, set()
            self._dress()
            self._show()
            return
        self._awaited = ""
        for n, row in enumerate(self.held):
            if isinstance(row, Event) and row.record == record:
                self.view.go_to(n)
                return

    def retime(self) -> None:
        """The minute changed: the mark of 24 hours ago moves, ages are said anew; the place stays."""
        self.said.setText(self._notes(self._context.now()))
