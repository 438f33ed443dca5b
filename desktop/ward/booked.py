"""The row of one appointment: when, who with two identifiers, what for and with whom, and whom to ring (FIELD.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, REGULAR, SEMIBOLD, font, width
from desktop.ward.folding import NameLine, flowed, folded_name, name_width
from desktop.ward.hits import WIDEST, Chip, chips_of, chips_width, draw_chips
from desktop.ward.rows import list_name
from localdb.chart import wording
from localdb.chart.agenda import AgendaRow
from localdb.chart.views import PatientView

NO_PHONE = "no telephone number in this copy"
_STATUS = {"cancelled": "CANCELLED", "noshow": "did not attend", "arrived": "arrived", "fulfilled": "seen",
           "checked-in": "arrived", "waitlist": "waiting list", "proposed": "proposed", "pending": "pending"}  # fmt: skip
_LEFT, _RIGHT, _TIME, _GAP = 22, 14, 88, 30
_NAME, _FACT = 26, 22  # px from line to line


@dataclass(frozen=True, slots=True)
class _Laid:
    """`phones` in their lines, the first beside that of the name; chips behind the name's last line or (`is_below`) below;
    `identity` in its lines; `what` in its lines, the first beside the identity (`is_beside`) or under it."""

    names: tuple[NameLine, ...]
    phones: list[str]
    is_below: bool
    identity: list[str]
    what: list[str]
    is_beside: bool

    @property
    def top(self) -> int:
        """Lines of name, chips and telephone numbers."""
        return max(len(self.names) + self.is_below, len(self.phones))

    @property
    def foot(self) -> int:
        return len(self.identity) + len(self.what) - self.is_beside


@dataclass(frozen=True, slots=True)
class BookedRow:
    """One appointment; `room` the width for which its lines are folded."""

    view: PatientView
    time: str
    family: str
    given: str
    identity: str
    what: str
    phones: tuple[str, ...]
    status: str = ""
    is_off: bool = False
    alike: str = ""
    room: float = WIDEST
    can_open: bool = True
    _laid: list[_Laid] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def patient(self) -> str:
        return self.view.id

    @property
    def ring(self) -> str:
        """The telephone numbers in words."""
        return " or ".join(self.phones) or NO_PHONE

    @property
    def text(self) -> str:
        name = f"{self.family}, {self.given}" if self.given else self.family
        said = (self.time, name, self.alike.lower(), self.identity, self.what, self.status, self.ring)
        return ", ".join(x for x in said if x)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return chips_of(self.alike, self.status, is_off=self.is_off or self.view.is_deceased)

    @property
    def laid(self) -> _Laid:
        """Where everything stands, worked out once."""
        if not self._laid:
            self._laid.append(_laid_out(self))
        return self._laid[0]

    @property
    def height(self) -> int:
        return 16 + _NAME * self.laid.top + _FACT * self.laid.foot

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        laid, left, right, first = self.laid, area.left() + _LEFT, area.right() - _RIGHT, area.top() + 26
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        draw = paint.draw_struck if self.is_off else paint.draw_text
        draw(painter, left, first, self.time, font("ident", SEMIBOLD), theme.ink)
        left += _TIME
        for n, line in enumerate(laid.names):
            x = left
            for text, weight in line:
                x += paint.draw_text(painter, x, first + _NAME * n, text, font("value", weight), theme.ink)
        baseline = first + _NAME * (len(laid.names) - 1)
        x = left + name_width(laid.names[-1], "value")
        if laid.is_below:
            x, baseline = left - 14, baseline + _NAME
        draw_chips(painter, x, baseline - 18, self.chips, theme)
        weight = SEMIBOLD if self.phones else REGULAR
        for n, text in enumerate(laid.phones):
            paint.draw_text(painter, right, first + _NAME * n, text, font("value", weight), theme.ink, right=True)
        baseline = first + _NAME * (laid.top - 1) + 25
        for n, text in enumerate(laid.identity):
            paint.draw_text(painter, left, baseline + _FACT * n, text, font("label"), theme.ink2)
        start = baseline + _FACT * (len(laid.identity) - laid.is_beside)
        for n, text in enumerate(laid.what):
            at = right if laid.is_beside else left
            paint.draw_text(painter, at, start + _FACT * n, text, font("label"), theme.ink2, right=laid.is_beside)


def _laid_out(row: BookedRow) -> _Laid:
    """Name, chips and numbers side by side where they have room, else in columns of their own; then the same for who it
    is and what for."""
    room = row.room - _LEFT - _TIME - _RIGHT
    pieces = ((f"{row.family}, " if row.given else row.family, BOLD), (row.given, REGULAR))
    weight = SEMIBOLD if row.phones else REGULAR
    names, phones = folded_name(pieces, "value", WIDEST), [row.ring]
    chips = chips_width(row.chips)
    ring, name = width(row.ring, "value", weight), name_width(names[-1], "value")
    is_below = False
    if name + chips + _GAP + ring > room:
        phones = _in_lines(row.phones, room * 0.45) or fold(NO_PHONE, "value", room * 0.45)
        ring = max(width(p, "value", weight) for p in phones)
        names = folded_name(pieces, "value", room - ring - _GAP)
        is_below = bool(row.chips) and name_width(names[-1], "value") + chips > room - ring - _GAP
    identity = fold(row.identity, "label", room)
    is_beside = len(identity) == 1 and width(row.identity, "label") + _GAP + width(row.what, "label") <= room
    what = [row.what] if is_beside else fold(row.what, "label", room)
    return _Laid(names, phones, is_below, identity, what, is_beside)


def _in_lines(phones: tuple[str, ...], room: float) -> list[str]:
    """As many numbers on a line as have room, each whole; the word between them ends a line."""
    said = [f"{p} or" for p in phones[:-1]] + list(phones[-1:])
    lines: list[str] = []
    for text, at in zip(said, flowed([width(p, "value", SEMIBOLD) for p in said], room, 6), strict=True):
        if at == len(lines):
            lines.append(text)
        else:
            lines[-1] += f" {text}"
    return [part for line in lines for part in fold(line, "value", room, SEMIBOLD)]


def booked_row(row: AgendaRow, now: datetime, zone: str, room: float = WIDEST) -> BookedRow:
    """The words of one appointment, as sent; `room` for its lines."""
    one, view = row.appointment, row.patient
    family, given = list_name(view)
    at = one.happened
    time = wording.time(at, zone) if at is not None and at.has_time else "no time"
    born = wording.born_text(view.born, now, estimated=view.born_estimated)
    number = f"NHS No. {wording.nhs_number(view.nhs)}" if view.nhs else f"Hospital No. {view.mrn}" if view.mrn else ""
    what = ", ".join(x for x in (one.text, *one.participants) if x) or "what for was not sent"
    return BookedRow(
        view=view, time=time, family=family, given=given,
        identity=", ".join(x for x in (f"Born {born}", number) if x),
        what=wording.clean(what), phones=view.phones, is_off=row.is_off, alike=row.alike,
        status="Died" if view.is_deceased else _STATUS.get(one.status, "" if one.status in ("booked", "") else one.status),
        room=room,
    )  # fmt: skip
