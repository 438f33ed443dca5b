"""Search as you type (F2): the panel below the header, over everything but the age strip (look/03).

The finder's own thread asks its own `Reading`; a newer key makes the older question void, and an answer whose question
is no longer the one in the field is refused. Arrows choose, Enter opens, Esc leaves; nothing blocks the window.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.header import FindField
from desktop.shell.lists import RowList
from desktop.shell.tokens import SMALL_WIDTH
from desktop.shell.type import SEMIBOLD, font
from desktop.ward.hits import HeadRow, People, PersonRow, count_words, person_row
from localdb.chart.views import PatientView
from localdb.errors import WardlampError

if TYPE_CHECKING:
    from localdb.reading import Reading

LIMIT = 50
_FOOT, _TOP, _BAR = 44, 12, 16  # _BAR: what a scroll bar takes


def _found(reading: Reading, wanted: str) -> People:
    hits = reading.find(wanted, LIMIT)
    return hits, reading.similar(hits)


class SearchPanel(QWidget):
    """The veil, the list and its foot. Whoever is opened is wished for by `Context.open_found`."""

    def __init__(self, context: Context, field: FindField, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._field, self._look = context, field, context.look
        self._asked, self._answered, self._said = "", "", ""
        self.ward = ""
        self.hits: tuple[PatientView, ...] = ()
        self.list = RowList(self._look, "People found", self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.opened.connect(self._on_open)
        self._found: tuple[People, str] | None = None
        self._folded = 0.0
        field.textEdited.connect(self._on_typed)
        field.moved.connect(self.list.step)
        field.returnPressed.connect(self._on_enter)
        field.left.connect(self.leave)
        self._look.changed.connect(self.update)
        self.setAccessibleName("Search")
        self.hide()

    def leave(self) -> None:
        """Close the panel and forget what was typed."""
        self._asked = self._answered = ""
        self._field.clear()
        self._forget()
        self.hide()
        if self._field.hasFocus():
            self._field.clearFocus()
            self.parentWidget().setFocus()

    def _forget(self) -> None:
        self.hits, self._said, self._found = (), "", None
        self.list.show_rows(())

    def _on_typed(self, text: str) -> None:
        wanted = " ".join(text.split())
        self._asked = wanted
        if not wanted:
            self._forget()
            self.hide()
            return
        self._context.finder.ask(
            wanted, lambda reading: _found(reading, wanted), self.on_found, self._on_failed, lane="find"
        )

    def on_found(self, asked: Hashable, found: People) -> None:
        """Show an answer, but only to the question that stands in the field now (H02)."""
        if asked != self._asked:
            return
        hits, _ = found
        self._found, self._folded = (found, str(asked)), 0.0
        self._answered, self.hits = str(asked), hits
        self._said = count_words(len(hits), LIMIT) if hits else "Nobody found"
        self.arrange()
        self.show()
        self.raise_()

    def _on_failed(self, asked: Hashable, error: WardlampError) -> None:
        if asked == self._asked:
            self._said, self._found = f"{error.code}. {error.message} {error.next_step}", None
            self.list.show_rows(())
            self.arrange()
            self.show()
            self.raise_()

    def _fold(self, room: float) -> None:
        """The rows for the width that there is; the chosen one stays when only the width changed."""
        if self._found is not None and room != self._folded:
            keep, self._folded = self._folded > 0, room
            self.list.show_rows(self._rows(*self._found, room), keep=keep)

    def _rows(self, found: People, typed: str, room: float) -> list[HeadRow | PersonRow]:
        now, (hits, alike) = self._context.now(), found
        here = [v for v in hits if self.ward and v.ward == self.ward]
        rest = [v for v in hits if v not in here]
        rows: list[HeadRow | PersonRow] = []
        if here:
            rows.append(HeadRow(self.ward, room))
        for view in here:
            rows.append(person_row(view, now, ward=self.ward, typed=typed, alike=alike.get(view.id, ""), room=room))
        for thin in (False, True):
            held = [v for v in rest if (v.scope == "thin") is thin]
            if held:
                rows.append(HeadRow("Elsewhere: identity, allergies and alerts only" if thin else "Elsewhere", room))
                rows += [person_row(v, now, typed=typed, alike=alike.get(v.id, ""), room=room) for v in held]
        return rows

    def _on_enter(self) -> None:
        """Enter opens what is chosen, but never from an answer to an earlier question."""
        if self._answered == self._asked and self._asked:
            self.list.open_chosen()

    def _on_open(self, row: PersonRow) -> None:
        self.leave()
        self._context.open_found.emit(row.view, row.alike)

    def _wide(self) -> float:
        return self.width() - 24 if self.width() < SMALL_WIDTH else 860

    def _panel(self) -> QRectF:
        room = self._wide()
        left = 12.0 if self.width() < SMALL_WIDTH else min(253.0, (self.width() - room) / 2)
        height = min(self.list.content_height() + _TOP + _FOOT + 4, self.height() - 12)
        return QRectF(left, 2, room, max(height, _FOOT + 30 if self.hits else 96))

    def arrange(self) -> None:
        """Fit the list to what was found."""
        self._fold(max(self._wide() - 4 - _BAR, 300))
        panel = self._panel()
        inner = panel.adjusted(2, _TOP, -2, -_FOOT - 2)
        self.list.setGeometry(inner.toRect())
        self.list.setVisible(bool(self.hits))
        self.update()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.arrange()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._panel().contains(event.position()):
            self.leave()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        veil = theme.color("paper")
        veil.setAlphaF(0.72)
        painter.fillRect(self.rect(), veil)
        panel = self._panel()
        paint.box(painter, panel, fill=theme.panel, border=theme.ink, width=2, radius=4)
        foot = QRectF(panel.left() + 2, panel.bottom() - _FOOT - 2, panel.width() - 4, _FOOT)
        painter.fillRect(foot, theme.color("sunken"))
        paint.hairline(painter, foot.left(), foot.top(), foot.right(), theme.rule2)
        baseline, x = foot.top() + 28, foot.left() + 18
        x += paint.draw_text(painter, x, baseline, self._said, font("label", SEMIBOLD), theme.ink) + 14
        if not self.hits:
            words = "Not in this copy is no proof of none. Check the spelling, or try a number or the date of birth."
            paint.draw_text(painter, panel.left() + 22, panel.top() + 34, words, font("body"), theme.ink)
            return
        hint = "Check two identifiers with the wristband, then open."
        paint.draw_text(painter, x, baseline, hint, font("label"), theme.ink2)
        end = foot.right() - 226
        end += paint.draw_key(painter, end, foot.top() + 12, "\u2191", theme) + 4
        end += paint.draw_key(painter, end, foot.top() + 12, "\u2193", theme) + 8
        end += paint.draw_text(painter, end, baseline, "choose", font("label"), theme.ink2) + 14
        end += paint.draw_key(painter, end, foot.top() + 12, "Enter", theme) + 8
        paint.draw_text(painter, end, baseline, "opens", font("label"), theme.ink2)
