"""A keyboard-wedge scanner is told from hands, and what it types goes nowhere else (CLINICAL §8, STACK-desktop §10).

A scan is at least 6 characters that come less than 30 ms apart and end with Enter or Tab just as soon; the times are the
keyboard's own (the event's time stamp), so that a busy window changes nothing. The first two characters cannot be told
from typing and reach the field that has the focus; from the third on they are held back. When it was a scan, the field is
put back as it was and `scanned(text)` says what came; when it was not, what was held is typed after all. Nothing else
happens here: a scan signs, prints, presses and opens nothing.

The same code within 2 s is one scan. While `is_open()` is false (the curtain is down) every key passes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

GAP = 30  # ms between two keys of a scanner
SHORTEST = 6  # characters
PASSED = 2  # characters that reach the field before a burst shows
AGAIN = 2000  # ms within which the same code is the same scan
TAIL = 100  # ms after a scan in which a second end (CR and LF) is swallowed
_ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_GS = "\x1d"
Field = QLineEdit | QTextEdit | QPlainTextEdit


def focused() -> QWidget | None:
    """Who gets a key now."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        return popup.focusWidget() or popup
    return QApplication.focusWidget() or QApplication.activeWindow()


class _Kept:
    """A field as it stood before the first key of a burst."""

    def __init__(self, field: Field) -> None:
        self.field = field
        if isinstance(field, QLineEdit):
            self.text, self.cursor = field.text(), field.cursorPosition()
            self.chosen = (field.selectionStart(), field.selectionLength())
        else:
            self.text, cursor = field.toPlainText(), field.textCursor()
            self.cursor, self.chosen = cursor.position(), (cursor.anchor(), 0)

    def put_back(self) -> None:
        field = self.field
        if isinstance(field, QLineEdit):
            if field.text() != self.text:
                field.setText(self.text)
                field.textEdited.emit(self.text)  # whoever follows the typing must follow it back
            field.setCursorPosition(self.cursor)
            if self.chosen[0] >= 0:
                field.setSelection(*self.chosen)
            return
        cursor = field.textCursor()
        if field.toPlainText() != self.text:
            cursor.select(QTextCursor.SelectionType.Document)
            cursor.insertText(self.text)
        cursor.setPosition(self.chosen[0])
        cursor.setPosition(self.cursor, QTextCursor.MoveMode.KeepAnchor)
        field.setTextCursor(cursor)


class Scanner(QObject):
    """An event filter of the application. `scanned(text)`: a code was read, as it came."""

    scanned = Signal(str)

    def __init__(
        self,
        is_open: Callable[[], bool],
        *,
        focus: Callable[[], QWidget | None] = focused,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._is_open, self._focus = is_open, focus
        self._text, self._last = "", 0
        self._kept: _Kept | None = None
        self._start: QWidget | None = None
        self._held: list[tuple[int, Qt.KeyboardModifier, str]] = []  # not the events: Qt frees them after the filter
        self._before: tuple[str, int] = ("", -AGAIN)
        self._done_at = -AGAIN
        self._is_replaying = False
        self._rest = QTimer(self)  # a burst that ends without an end is typed after all
        self._rest.setSingleShot(True)
        self._rest.setInterval(2 * GAP)
        self._rest.timeout.connect(self.let_go)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind != QEvent.Type.KeyPress and kind != QEvent.Type.ShortcutOverride:
            return False
        if self._is_replaying or not isinstance(watched, QWidget) or not isinstance(event, QKeyEvent):
            return False
        if watched is not self._focus():
            return False  # the same key on its way up through the parents
        if kind == QEvent.Type.ShortcutOverride:
            return self._keep_from_shortcuts(event)
        return self._on_key(watched, event)

    def _is_next(self, event: QKeyEvent) -> bool:
        """Whether a key comes as soon after the last as only a scanner can."""
        return bool(self._text) and 0 <= event.timestamp() - self._last < GAP

    def _keep_from_shortcuts(self, event: QKeyEvent) -> bool:
        """Inside a burst no key is a shortcut: Ctrl+] and Ctrl+M are signs of a code."""
        if len(self._text) >= PASSED and self._is_next(event):
            event.accept()
            return True
        return False

    def _on_key(self, watched: QWidget, event: QKeyEvent) -> bool:
        """Whether the key is swallowed."""
        if not self._is_open() or event.isAutoRepeat() or not event.timestamp():
            self.let_go()
            return False
        key, sign = event.key(), _sign(event)
        if key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock):
            return False
        if key in _ENDS or sign in ("\r", "\n"):
            return self._on_end(event)
        if not self._is_next(event):
            self.let_go()
            if not sign:
                return False
            self._begin(watched)
        elif not sign:
            self.let_go()
            return False
        self._text += sign
        self._last = event.timestamp()
        if len(self._text) <= PASSED:
            return False
        self._held.append((event.key(), event.modifiers(), event.text()))
        self._rest.start()
        return True

    def _begin(self, watched: QWidget) -> None:
        self._start = watched
        is_field = isinstance(watched, Field) and not watched.isReadOnly()
        self._kept = _Kept(watched) if is_field else None  # type: ignore[arg-type]

    def _on_end(self, event: QKeyEvent) -> bool:
        at = event.timestamp()
        if self._is_next(event) and len(self._text) >= SHORTEST:
            text = self._text
            self._put_back()
            self._forget()
            self._done_at = at
            before, self._before = self._before, (text, at)
            if text != before[0] or not 0 <= at - before[1] < AGAIN:
                self.scanned.emit(text)
            return True
        if not self._text and 0 <= at - self._done_at < TAIL:
            return True
        self.let_go()
        return False

    def _put_back(self) -> None:
        """The field as it was; one that took the focus in between loses what it got of the code."""
        if self._kept is not None:
            self._kept.put_back()
        now = self._focus()
        if isinstance(now, QLineEdit) and now is not self._start:
            for n in range(min(PASSED, len(self._text)), 0, -1):
                if now.text().endswith(self._text[:n]):
                    now.setText(now.text()[:-n])
                    now.textEdited.emit(now.text())
                    break

    def let_go(self) -> None:
        """It was no scan: what was held back is typed into whoever has the focus."""
        held = self._held
        self._forget()
        if not held:
            return
        self._is_replaying = True
        try:
            for key, modifiers, text in held:
                target = self._focus()
                if target is not None:
                    QApplication.sendEvent(target, QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))
        finally:
            self._is_replaying = False

    def _forget(self) -> None:
        self._rest.stop()
        self._text, self._held, self._kept, self._start = "", [], None, None


def _sign(event: QKeyEvent) -> str:
    """The character that a key stands for in a code; "" for a key that is none."""
    text = event.text()
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        is_separator = text == _GS or event.key() == Qt.Key.Key_BracketRight
        return _GS if is_separator else text if text in ("\r", "\n") else ""
    if event.modifiers() & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
        return ""
    return text if text and (text.isprintable() or text in (_GS, "\r", "\n")) else ""
