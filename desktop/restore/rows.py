"""One row for each entry of the downtime, in the order in which they are sent; and the line that balances."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, SEMIBOLD, font, metrics
from localdb.chart import wording
from localdb.chart.views import Entry
from localdb.restore import Summary

# state -> its word, the kind of chip (None: plain words)
STATES: dict[str, tuple[str, str | None]] = {
    "kept": ("kept here", None),
    "waiting": ("to be sent", None),
    "sent": ("sent, no answer yet", "warn"),
    "confirmed": ("confirmed there", None),
    "refused": ("refused there", "strong"),
    "needs_person": ("needs a person", "warn"),
}
KINDS = {"observations": "observation set", "phoned_result": "result by phone", "note": "note", "request": "request",
         "closure": "end of a request", "registration": "registration", "identification": "identification",
         "evaluation": "provisional reading", "comparison": "reading compared", "image_move": "images moved"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry and where it stands. `id` the entry's."""

    id: str
    patient: str
    number: str
    kind: str
    name: str
    happened: str
    state: str
    reason: str
    can_open: bool = True

    @property
    def height(self) -> int:
        return 74

    @property
    def text(self) -> str:
        facts = (self.number, self.kind, self.name, self.happened, STATES[self.state][0], self.reason)
        return ", ".join(x for x in facts if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, first = area.left() + 12, area.right() - 12, area.top() + 22
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        word, chip = STATES[self.state]
        room = paint.chip_width(word)
        if chip:
            paint.draw_chip(painter, right - room, area.top() + 5, word, theme, kind=chip)
        else:
            token = theme.ok if self.state == "confirmed" else theme.ink2
            paint.draw_text(painter, right, first, word, font("label", SEMIBOLD), token, right=True)
        what = metrics("body", SEMIBOLD).elidedText(self.kind.capitalize(), _RIGHT, right - left - room - 8)
        paint.draw_text(painter, left, first, what, font("body", SEMIBOLD), theme.ink)
        name = metrics("label", BOLD).elidedText(self.name, _RIGHT, right - left)
        paint.draw_text(painter, left, first + 21, name, font("label", BOLD), theme.ink)
        used = paint.draw_text(painter, left, first + 42, self.number, font("label", ident=True), theme.ink2)
        paint.draw_text(painter, left + used + 14, first + 42, self.happened, font("label"), theme.ink2)


_RIGHT = Qt.TextElideMode.ElideRight  # the whole name stands in the pane beside the list


def entry_rows(entries: tuple[Entry, ...], found: Summary) -> list[EntryRow]:
    """The rows in the order in which entries are sent (CLINICAL §7.3)."""
    by_id = {e.id: e for e in entries}
    rows = []
    for stands in found.entries:
        entry = by_id.get(stands.id)
        if entry is None:
            continue
        who = entry.identity
        rows.append(
            EntryRow(
                id=entry.id,
                patient=who.patient if who else "",
                number=entry.number,
                kind=KINDS.get(entry.kind, entry.kind),
                name=wording.display_name(who.name) if who else wording.NO_NAME,
                happened=wording.date_time(entry.happened or entry.written, year=False),
                state=stands.state,
                reason=stands.reason.partition(": ")[2],
            )
        )
    return rows


def balance_words(found: Summary) -> str:
    """`12 entries = 2 kept here + 9 confirmed there + 1 needs a person`."""
    counts = [(getattr(found, state), word) for state, (word, _) in STATES.items()]
    parts = " + ".join(f"{count} {word}" for count, word in counts if count)
    total = len(found.entries)
    return f"{total} entries = {parts}" if total else "Nothing was written during this downtime."
