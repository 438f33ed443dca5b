"""What awaits its formal report, as rows that paint themselves, for the place Waiting (CLINICAL §4.1; hazard H09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.patient.flightrows import HeadRow
from desktop.patient.words import short
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font
from localdb.chart import wording
from localdb.chart.awaiting import ASKED, STATES, Awaited, Awaiting
from localdb.chart.reports import held_words
from localdb.chart.views import PatientView

_AGE = 92  # px at the right for the age
_NAME = 0.32  # of the row: bed and name
RESTRICTED = "Restricted examination"
NOBODY = "Nobody on the ward has written down what is seen"


@dataclass(frozen=True, slots=True)
class AwaitedRow:
    """One line. `who` the folded bed and name; `pen` what the ward read, or that nobody did."""

    line: Awaited
    patient: str
    view: PatientView
    who: tuple[str, ...]
    test: tuple[str, ...]
    pen: tuple[str, ...]
    facts: tuple[str, ...]
    age: str
    can_open: bool = True

    @property
    def height(self) -> int:
        body = 22 * len(self.test) + 21 * (len(self.facts) + len(self.pen))
        return max(52, 16 + max(body, 22 * len(self.who)))

    @property
    def text(self) -> str:
        age = f"{self.age} ago" if self.age else ""
        parts = (" ".join(self.who), " ".join(self.test), self.line.state_words, " ".join(self.pen),
                 " ".join(self.facts), age)  # fmt: skip
        return ", ".join(p for p in parts if p)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, top = area.left() + 16, area.right() - 12, area.top() + 8.0
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        for n, words in enumerate(self.who):
            made = font("body", BOLD if n == 0 else MEDIUM)
            paint.draw_text(painter, left, top + 17 + 22 * n, words, made, theme.ink)
        left = area.left() + area.width() * _NAME
        if self.age:
            paint.draw_text(painter, right, top + 17, self.age, font("label", BOLD), theme.ink, right=True)
        for words in self.test:
            top += 22
            paint.draw_text(painter, left, top - 5, words, font("value", MEDIUM), theme.ink)
        is_read = bool(self.line.readings)
        for n, words in enumerate(self.pen):
            top += 21
            if n == 0 and is_read:
                draw_icon(painter, "ward wrote", left, top - 19, 18, theme.pen)
            made, token = font("label", SEMIBOLD if is_read else None), theme.pen if is_read else theme.ink2
            paint.draw_text(painter, left + (26 if n == 0 and is_read else 0), top - 5, words, made, token)
        for words in self.facts:
            top += 21
            paint.draw_text(painter, left, top - 5, words, font("label"), theme.ink2)


def awaited_row(line: Awaited, view: PatientView, now: datetime, room: float, *, alike: str = "") -> AwaitedRow:
    """A row for a list `room` px wide; a restricted examination does not say what it is (CLINICAL §1.5)."""
    name_room, inner = room * _NAME - 40, room * (1 - _NAME) - _AGE - 24
    who = [
        f"Bed {view.bed}" if view.bed else "No bed",
        *fold(wording.display_name(view.name), "body", name_room, BOLD),
        *(fold(alike, "body", name_room, MEDIUM) if alike else ()),
    ]
    facts = "open the patient to see what it is" if line.restricted else _facts(line, now)
    pen = "" if line.restricted or line.state == ASKED else _pen(line, now)
    return AwaitedRow(
        line=line, patient=view.id, view=view, who=tuple(who),
        test=tuple(fold(RESTRICTED if line.restricted else line.test, "value", inner, MEDIUM)),
        pen=tuple(fold(pen, "label", inner - 26, SEMIBOLD)) if pen else (),
        facts=tuple(fold(facts, "label", inner)) if facts else (), age=_age(line, now),
    )  # fmt: skip


def _pen(line: Awaited, now: datetime) -> str:
    if not line.readings:
        return NOBODY
    entry = line.readings[0].entry
    more = f" and {len(line.readings) - 1} more" if len(line.readings) > 1 else ""
    return f"PROVISIONAL reading by {entry.staff}, {short(entry.happened or entry.written, now)}, {entry.number}{more}"


def _facts(line: Awaited, now: datetime) -> str:
    found = line.examination
    asked = ", ".join(f"{r.number}, {short(r.happened or r.written, now)}" for r in line.requests)
    word = "done" if found is not None else "asked for"
    return ", ".join(x for x in (
        f"{word} {short(line.since, now)}" if line.since is not None else "time not sent",
        f"accession {line.accession}" if line.accession else "",
        held_words(found.study) if found is not None and found.study is not None else "",
        f"asked for here as {asked}" if asked and found is not None else f"no. {asked}" if asked else "",
        f"sheet {', '.join(line.serials)}" if line.serials else "",
    ) if x)  # fmt: skip


def _age(line: Awaited, now: datetime) -> str:
    hours = line.hours(now)
    if hours is None or line.since is None or line.since.instant is None:
        return ""
    if not line.since.has_time or hours >= 72:
        return f"{hours // 24}d" if hours >= 24 else ""
    return f"{hours}hr" if hours else wording.duration(now - line.since.instant)


def grouped(rows: Sequence[AwaitedRow]) -> list[HeadRow | AwaitedRow]:
    """Rows under the head of their state, oldest first in each: what was done and not reported stands first."""
    made: list[HeadRow | AwaitedRow] = []
    for state in sorted(STATES, key=lambda s: (s == ASKED, list(STATES).index(s))):
        mine = [r for r in rows if r.line.state == state]
        mine.sort(
            key=lambda r: r.line.since.utc if r.line.since is not None and r.line.since.utc is not None else -(2**62)
        )
        made += [HeadRow(STATES[state], str(len(mine))), *mine] if mine else []
    return made


def head_words(found: Sequence[Awaiting], where: str) -> str:
    """What stands under the title of the list."""
    lines = [line for one in found for line in one.lines]
    read, older = sum(bool(n.readings) for n in lines), sum(a.older for a in found)
    asks, answered = sum(a.asks for a in found), sum(len(a.answered) for a in found)
    if not lines and not asks:
        first = f"Nothing in {where} awaits a formal report as far as this copy knows. That is no proof of none."
    else:
        done = sum(n.state != ASKED for n in lines)
        first = (f"Without a formal report: {done}, read by the ward: {read}."
                 f" On paper, nothing has come: {len(lines) - done}.")  # fmt: skip
    more = [
        f"To be compared with the formal report: {asks}." if asks else "",
        f"Answered of what was asked for on paper: {answered}." if answered else "",
        f"Not listed: {older} of more than 90 days ago." if older else "",
    ]
    return " ".join((first, *(m for m in more if m)))
