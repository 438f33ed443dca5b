"""Sheets and jobs as rows that paint themselves: two folded lines each, nothing is cut (LOOK §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font
from localdb.chart import wording
from localdb.chart.views import Identity
from localdb.journal.ledger import Superseded
from localdb.journal.sheets import CLOSED, Story, words
from localdb.records.moments import from_instant

_LEFT, _SERIAL = 12, 172


def grouped(serial: str) -> str:
    """`W07A F11 00042 X`: a serial as it is read out."""
    return f"{serial[:4]} {serial[4:7]} {serial[7:12]} {serial[12:]}".strip()


def whose(identity: Identity | None, ward: str, *, blank: bool) -> str:
    """Whose paper it is, in words."""
    if identity is not None:
        return f"{wording.display_name(identity.name)}, NHS No. {wording.nhs_number(identity.nhs)}"
    if blank:
        return f"blank, {ward}" if ward else "blank"
    return ward or "a list"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One sheet of the ledger, folded for `room` px. `warn` why it shall be taken out of use."""

    story: Story
    heads: tuple[str, ...]
    facts: tuple[str, ...]
    state: str
    warn: str
    can_open: bool = True

    @property
    def height(self) -> int:
        return max(52, 12 + 22 * len(self.heads) + 21 * len(self.facts) + (28 if self.warn else 0))

    @property
    def text(self) -> str:
        return ". ".join(x for x in (*self.heads, *self.facts, self.state, self.warn) if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, y = area.left() + _LEFT, area.top() + 24
        serial = grouped(self.story.sheet.serial)
        paint.draw_text(painter, left, y, serial, font("body", SEMIBOLD, ident=True), theme.ink)
        closed = self.story.sheet.state in CLOSED
        wide = paint.chip_width(self.state)
        paint.draw_chip(painter, area.right() - 12 - wide, area.top() + 7, self.state, theme,
                        kind="plain" if closed else "strong")  # fmt: skip
        for n, head in enumerate(self.heads):
            paint.draw_text(painter, left + _SERIAL, y + n * 22, head, font("body", MEDIUM), theme.ink)
        at = y + (len(self.heads) - 1) * 22 + 22
        for n, fact in enumerate(self.facts):
            paint.draw_text(painter, left + _SERIAL, at + n * 21, fact, font("label"), theme.ink2)
        if self.warn:
            paint.draw_chip(painter, left + _SERIAL, at + len(self.facts) * 21 - 14, self.warn, theme, kind="warn",
                            icon="caution")  # fmt: skip
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)


def sheet_row(
    story: Story, title: str, zone: str, room: float, old: Superseded | None = None, *, now: datetime
) -> SheetRow:  # fmt: skip
    """`title` of its form; `room` the width of the list in px."""
    one = story.sheet
    state = words(one.state)
    wide = room - _LEFT - _SERIAL - 24
    size = f"{one.pages} page{'' if one.pages == 1 else 's'}" + (f", {one.copies} copies" if one.copies > 1 else "")
    again = f"reprint {one.reprints}" if one.reprints else ""
    issued = story.events[0] if story.events else None
    when = wording.date_time(issued.written, zone, year=not _is_near(issued.written.instant, now)) if issued else ""
    by = f"{when} by {issued.staff}" if issued else ""
    holder = f"with {one.holder}" if one.holder else ""
    facts = ", ".join(x for x in (whose(story.identity, one.ward, blank=one.blank), size, again, by, holder) if x)
    return SheetRow(
        story,
        tuple(fold(wording.clean(title), "body", wide - paint.chip_width(state), MEDIUM)),
        tuple(fold(wording.clean(facts), "label", wide)),
        state,
        _grouped_words(old),
    )


def _is_near(then: datetime | None, now: datetime) -> bool:
    return then is not None and abs((now - then).days) < 180


def _grouped_words(old: Superseded | None) -> str:
    if old is None:
        return ""
    return f"Out of use: replaced by {grouped(old.by)}" if old.by else "Out of use: printed from an older copy"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a sheet, or a line of a pack: a mark, what, and when or why below."""

    head: str
    facts: tuple[str, ...]
    icon: str = "fresh"
    value: object = None
    can_open: bool = False

    @property
    def height(self) -> int:
        return 34 + 21 * len(self.facts)

    @property
    def text(self) -> str:
        return ". ".join((self.head, *self.facts))

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        draw_icon(painter, self.icon, area.left() + 10, area.top() + 8, 18, theme.ink)
        paint.draw_text(painter, area.left() + 40, area.top() + 22, self.head, font("body", SEMIBOLD), theme.ink)
        for n, fact in enumerate(self.facts):
            paint.draw_text(painter, area.left() + 40, area.top() + 43 + n * 21, fact, font("label"), theme.ink2)
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)


_ICONS = {"issued": "record", "made": "letters", "printed": "printed", "reprinted": "print", "handed_over": "onward",
          "returned": "back", "entered": "send", "scanned": "imaging", "void": "not safe", "spoiled": "not safe",
          "lost": "caution"}  # fmt: skip


def step_rows(story: Story, zone: str, room: float) -> Sequence[StepRow]:
    """What happened to a sheet, the newest first."""
    rows = []
    for event in reversed(story.events):
        head = words(event.state).capitalize()
        if event.to:
            head += f" to {wording.clean(event.to)}"
        if event.reprint:
            which = f", page {', '.join(map(str, event.pages))}" if event.pages else ""
            head = f"Reprint {event.reprint}{which}"
        facts = [f"{wording.date_time(event.written, zone)}, {wording.clean(event.staff)}", wording.clean(event.remark)]
        lines = [line for fact in facts if fact for line in fold(fact, "label", room - 56)]
        rows.append(StepRow(head, tuple(lines), _ICONS.get(event.state, "fresh")))
    return rows


def instant_words(microseconds: int, zone: str) -> str:
    """A stored instant (microseconds since 1970; 0 = none) as date and time."""
    if not microseconds:
        return ""
    from datetime import UTC
    from datetime import datetime as instant

    return wording.date_time(from_instant(instant.fromtimestamp(microseconds / 1e6, UTC)), zone, year=False)
