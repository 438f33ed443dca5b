"""Declaring systems down or back: which, since when, by whom (DESIGN D11). One question over a veil (LOOK §6 Dialog).

Nothing is typed but the time, which stands at now; a time that has not come yet is refused with words. What is declared
is signed into the journal with the name of the member of staff; from that moment lamp, ages, screens and sheets say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.entry.typing_words import NotRead, read_when, typed_time
from desktop.patient.sheet import Scroller
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import DIALOG_RADIUS, FOCUS, TARGET, Look
from desktop.shell.type import MEDIUM, SEMIBOLD, font
from desktop.sources.pane import shortened

WIDE, HIGH = 720, 556  # LOOK §6: at most 840 × 560


@dataclass(frozen=True, slots=True)
class Wish:
    """What was decided: the systems by name, `down` or `back`, and since when (aware)."""

    sources: tuple[str, ...]
    state: str
    since: datetime


def _is_with_control(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class SystemBox(QAbstractButton):
    """One system with a box to tick, 44 px."""

    def __init__(self, look: Look, source: str, title: str, line: str) -> None:
        super().__init__()
        self._look, self.source, self._title, self._line = look, source, title, line
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(TARGET)
        self.setAccessibleName(f"{title}, {line}")
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(300, TARGET)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not _is_with_control(event):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        on = self.isChecked()
        paint.box(painter, QRectF(8, 10, 24, 24), fill=theme.panel, border=theme.ink if on else theme.edge, width=2)
        if on:
            draw_icon(painter, "fresh", 10, 12, 20, theme.ink)
        room = area.width() - 52
        title = shortened(self._title, "body", room, SEMIBOLD)
        paint.draw_text(painter, 44, 19, title, font("body", SEMIBOLD if on else MEDIUM), theme.ink)
        paint.draw_text(painter, 44, 38, shortened(self._line, "label", room), font("label"), theme.ink2)
        if self.hasFocus():
            paint.box(painter, area, border=theme.ink, width=FOCUS)


class DeclareDialog(QFrame):
    """`declared(Wish)`, `left`. Made for one question and thrown away."""

    declared = Signal(object)
    left = Signal()
    grown = Signal()  # it needs more room than before

    def __init__(
        self, look: Look, state: str, systems: Sequence[tuple[str, str, str]], chosen: str, now: datetime, zone: str,
        who: str,
    ) -> None:  # fmt: skip
        """`systems`: (name, title, how it stands now); `chosen`: the one that is ticked at first; `who` says it."""
        super().__init__()
        self._look, self._state, self._now, self._zone = look, state, now, zone
        self.boxes = [SystemBox(look, *s) for s in systems]
        self.all = Button(look, f"All {len(systems)} systems" if len(systems) > 1 else "", "normal")
        self.since = Field(look, "Since, 24-hour clock", unit="another day: 23-Nov 23:50", box_width=130)
        self.since.set_text(typed_time(now, zone))
        self.told = Text(look, "", "body", "hi", weight=600, wrap=True)
        self.told.setAccessibleName("Why it was not declared")
        self.cancel = Button(look, "Leave it as it is", "quiet", hint="Esc")
        self.go = Button(look, "", "primary", hint="Ctrl+Enter")
        self.setAccessibleName(f"Declare systems {state}")
        self._lay_out(who)
        for box in self.boxes:
            box.setChecked(box.source == chosen)
            box.toggled.connect(self._name_it)
        self.all.clicked.connect(self._on_all)
        self.cancel.clicked.connect(self.left)
        self.go.clicked.connect(self.decide)
        self.since.entered.connect(self.go.setFocus)
        look.changed.connect(self.update)
        self._name_it()

    def _lay_out(self, who: str) -> None:
        look = self._look
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(8)
        column.addWidget(Text(look, f"Declare {self._state}", "title"))
        after = (
            "From now on the lamp, the ages, screens and sheets say it, on this laptop at once."
            if self._state == "down"
            else "Say it only when the system works again: what the ward wrote is then brought back, entry by entry."
        )
        column.addWidget(Text(look, after, "label", "ink2", wrap=True))
        held = QWidget()
        grid = QGridLayout(held)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        across = 2 if len(self.boxes) > 3 else 1
        deep = -(-len(self.boxes) // across)
        for n, box in enumerate(self.boxes):
            grid.addWidget(box, n % deep, n // deep)
        column.addSpacing(4)
        grid.setRowStretch(deep, 1)
        self._scroller = Scroller(held, "Systems")
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the boxes take the focus and come into view
        self._scroller.setMinimumHeight(TARGET + 8)
        column.addWidget(self._scroller, 1)
        every = QHBoxLayout()
        every.addWidget(self.all)
        every.addStretch(1)
        self.all.setVisible(len(self.boxes) > 1)
        column.addLayout(every)
        column.addWidget(self.since)
        column.addWidget(self.told)
        self.told.hide()
        column.addWidget(Text(look, who, "label", "ink2", wrap=True))
        buttons = QHBoxLayout()
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        buttons.addWidget(self.go)
        column.addLayout(buttons)

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(box.source for box in self.boxes if box.isChecked())

    def _name_it(self) -> None:
        count = len(self.chosen)
        self.go.rename(f"Declare {count} system{'' if count == 1 else 's'} {self._state}" if count else "Choose first")
        self.go.setEnabled(count > 0)
        every = count == len(self.boxes)
        self.all.rename("None of them" if every else f"All {len(self.boxes)} systems")

    def _on_all(self) -> None:
        on = len(self.chosen) < len(self.boxes)
        for box in self.boxes:
            box.setChecked(on)

    def decide(self) -> None:
        """Read the time and say what was decided, or why not."""
        if not self.chosen:
            return
        try:
            since = datetime.fromisoformat(read_when(self.since.text(), self._now, self._zone))
            if since > self._now:
                raise NotRead("That time has not come yet.")
        except NotRead as reason:
            self.tell(f"Not declared. {reason}")
            self.since.box.setFocus()
            self.since.box.selectAll()
            return
        self.declared.emit(Wish(self.chosen, self._state, since))

    def tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setAccessibleDescription(text)
        self.told.show()
        self.grown.emit()

    def set_busy(self, busy: bool) -> None:
        self.go.setEnabled(not busy and bool(self.chosen))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and _is_with_control(event):
            self.decide()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The keys stay in the question until it is answered."""
        stops: list[QWidget] = [*self.boxes, self.all, self.since.box, self.cancel, self.go]
        able = [w for w in stops if w.isVisible() and w.isEnabled()]
        held = self.window().focusWidget()
        at = next((n for n, w in enumerate(able) if w is held), -1)
        wanted = able[(at + (1 if forward else -1)) % len(able)]
        wanted.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        if wanted in self.boxes:
            self._scroller.ensureWidgetVisible(wanted)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        paint.box(QPainter(self), QRectF(self.rect()), fill=theme.paper, border=theme.ink, width=2,
                  radius=DIALOG_RADIUS)  # fmt: skip


class Veil(QWidget):
    """Ink at 45 % over a place, and one dialog in its middle."""

    def __init__(self, look: Look, over: QWidget) -> None:
        super().__init__(over)
        self._look, self._over = look, over
        self.dialog: DeclareDialog | None = None
        over.installEventFilter(self)
        self.hide()

    def ask(self, dialog: DeclareDialog) -> None:
        self.dismiss()
        self.dialog = dialog
        dialog.setParent(self)
        dialog.grown.connect(self._place)
        self.setGeometry(self._over.rect())
        self._place()
        self.show()
        self.raise_()
        dialog.show()
        (next((b for b in dialog.boxes if b.isChecked()), dialog.boxes[0])).setFocus()

    def dismiss(self) -> None:
        dialog, self.dialog = self.dialog, None
        self.hide()
        if dialog is not None:
            dialog.hide()
            dialog.setParent(None)
            dialog.deleteLater()

    def _place(self) -> None:
        if self.dialog is not None:
            wide, high = min(WIDE, self.width() - 24), min(HIGH, self.height() - 16)
            self.dialog.adjustSize()
            high = min(high, max(self.dialog.sizeHint().height(), 300))
            self.dialog.setGeometry((self.width() - wide) // 2, max(8, (self.height() - high) // 2), wide, high)

    def eventFilter(self, watched, event) -> bool:  # type: ignore[no-untyped-def]
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self.setGeometry(self._over.rect())
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = QColor(self._look.theme.ink if not self._look.theme.is_dark else "#000000")
        ink.setAlphaF(0.45)
        QPainter(self).fillRect(self.rect(), ink)
