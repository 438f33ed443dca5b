"""The lines of what was in flight as rows that paint themselves: for one patient, and for a ward (CLINICAL §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.patient.words import short
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font
from localdb.chart import wording
from localdb.chart.in_flight import OUTCOMES, STATES, Line
from localdb.chart.views import PatientView

_AGE = 92  # px at the right for the age in hours
_NAME = 0.32  # of a ward's row: bed and name
_URGENT = frozenset({"stat", "urgent", "asap"})
RESTRICTED = "Restricted request"  # on a list of many patients its name stays unsaid (CLINICAL §1.5)


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The head of a group: its words and how many lines stand below it."""

    title: str
    count: str
    height: int = 44
    can_open: bool = False

    @property
    def text(self) -> str:
        return f"{self.title}, {self.count}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        head = QRectF(area.left() + 8, area.top() + 6, area.width() - 16, 34)
        paint.draw_section_head(painter, head, self.title, theme, count=self.count, age="", state="fresh")


@dataclass(frozen=True, slots=True)
class FlightRow:
    """One line. `who` the folded bed and name on a ward ((): the patient's own pane); `facts` below the name of the test;
    `ended` who closed it, how and when ("": open)."""

    line: Line
    patient: str
    view: PatientView
    who: tuple[str, ...]
    test: tuple[str, ...]
    facts: tuple[str, ...]
    ended: tuple[str, ...]
    age: str
    can_open: bool = True

    @property
    def height(self) -> int:
        body = 22 * len(self.test) + 21 * (len(self.facts) + len(self.ended))
        return max(52, 16 + max(body, 22 * len(self.who)))

    @property
    def text(self) -> str:
        end = "" if self.line.is_open else "closed"
        age = f"{self.age} since it was ordered" if self.age else ""
        parts = (" ".join(self.who), " ".join(self.test), end, " ".join(self.ended), " ".join(self.facts), age)
        return ", ".join(p for p in parts if p)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, top = area.left() + 16, area.right() - 12, area.top() + 8.0
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        for n, words in enumerate(self.who):
            paint.draw_text(
                painter, left, top + 17 + 22 * n, words, font("body", BOLD if n == 0 else MEDIUM), theme.ink
            )
        if self.who:
            left = area.left() + area.width() * _NAME
        if self.age:
            token = theme.ink if self.line.is_open else theme.ink2
            paint.draw_text(painter, right, top + 17, self.age, font("label", BOLD), token, right=True)
        for words in self.test:
            top += 22
            if self.line.is_open:
                paint.draw_text(painter, left, top - 5, words, font("value", MEDIUM), theme.ink)
            else:
                paint.draw_struck(painter, left, top - 5, words, font("value", MEDIUM), theme.ink2)
        for n, words in enumerate(self.ended):
            top += 21
            indent = 26 if n == 0 else 0
            if n == 0:
                draw_icon(painter, "ward wrote", left, top - 19, 18, theme.pen)
            paint.draw_text(painter, left + indent, top - 5, words, font("label", SEMIBOLD), theme.pen)
        for words in self.facts:
            top += 21
            paint.draw_text(painter, left, top - 5, words, font("label"), theme.ink2)


def facts_of(line: Line, now: datetime, title: str) -> str:
    """Order number, priority, who asked, when, how far: each as sent; what was not sent is left out, not guessed."""
    priority = line.priority.upper() if line.priority in _URGENT else line.priority
    numbers = ", ".join(line.numbers)
    asked = f"ordered {short(line.asked, now)}" if line.asked is not None else "time of the order not sent"
    parts = [
        priority,
        f"order {numbers}" if numbers else "no order number sent",
        asked,
        f"by {line.requester}" if line.requester else "",
        f"collected {short(line.collected, now)}" if line.collected is not None else "",
        f"received {short(line.received, now)}" if line.received is not None else "",
        f"wanted {short(line.wanted, now)}" if line.wanted is not None and line.wanted != line.asked else "",
        f"reason: {line.reason}" if line.reason else "",
        f"{title} says: {line.said}" if line.said else "",
    ]
    return ", ".join(p for p in parts if p)


def ended_of(line: Line, now: datetime) -> str:
    """`Cancelled: nurse A. Adeyemi, 02:50, K95-17. note`; a result that has come: when, and that nobody closed it yet."""
    if line.closing is not None:
        end = line.closing
        words = OUTCOMES.get(end.outcome, end.outcome)
        note = f" {end.note}" if end.note else ""
        return f"Closed, {words}: {end.by}, {short(end.at, now)}, {end.number}.{note}"
    if line.come is not None:
        return f"Result has come {short(line.come, now)}. Read it, then close this line."
    return ""


def age_of(line: Line, now: datetime) -> str:
    """Age in whole hours (CLINICAL §3.3); in minutes in the first hour; "" where it is not known."""
    hours = line.hours(now)
    if hours is None or line.asked is None or line.asked.instant is None:
        return ""
    if not line.asked.has_time:
        return f"{hours // 24}d" if hours >= 24 else ""
    return f"{hours}hr" if hours else wording.duration(now - line.asked.instant)


def flight_row(
    line: Line, view: PatientView, now: datetime, room: float, *, ward: bool = False, title: str = "", alike: str = ""
) -> FlightRow:
    """A row for a list `room` px wide; `ward`: on a list of many patients, with bed and name, and `alike` as of a Chart;
    `title`: what the site calls the source."""
    name_room = room * _NAME - 40
    inner = room * (1 - _NAME) - _AGE - 24 if ward else room - _AGE - 40
    who: list[str] = []
    if ward:
        who = [
            f"Bed {view.bed}" if view.bed else "No bed",
            *fold(wording.display_name(view.name), "body", name_room, BOLD),
            *(fold(alike, "body", name_room, MEDIUM) if alike else ()),
        ]
    hidden = ward and line.restricted
    test = RESTRICTED if hidden else line.test
    facts = "open the patient to see what it is" if hidden else facts_of(line, now, title or line.source)
    ended = ended_of(line, now)
    return FlightRow(
        line=line,
        patient=view.id,
        view=view,
        who=tuple(who),
        test=tuple(fold(test, "value", inner, MEDIUM)),
        facts=tuple(fold(facts, "label", inner)) if facts else (),
        ended=tuple(fold(ended, "label", inner - 26, SEMIBOLD)) if ended else (),
        age=age_of(line, now),
    )


def with_heads(rows: Sequence[FlightRow]) -> list[HeadRow | FlightRow]:
    """Rows under the head of their state, the closed ones last; the order of the rows is kept within each."""
    made: list[HeadRow | FlightRow] = []
    for state, title in STATES.items():
        mine = [r for r in rows if r.line.is_open and r.line.state == state]
        if mine:
            made += [HeadRow(title, str(len(mine))), *mine]
    closed = [r for r in rows if not r.line.is_open]
    return [*made, *([HeadRow("Closed", str(len(closed))), *closed] if closed else [])]
