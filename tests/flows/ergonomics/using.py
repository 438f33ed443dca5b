"""What a hand, an eye and a screen reader need of a screen, as lists of what is wrong (CLINICAL §8, LOOK §3-§7)."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from desktop.shell.parts import Button
from desktop.shell.tokens import TARGET

Role = QAccessible.Role
USED = (Role.PushButton, Role.Button, Role.CheckBox, Role.RadioButton, Role.EditableText, Role.List, Role.ComboBox,
        Role.ListItem, Role.Link, Role.PageTab, Role.SpinBox, Role.Slider, Role.Table, Role.Tree)  # fmt: skip
LEAST_TEXT = 15  # px (LOOK §3: the floor)
Field = QLineEdit | QTextEdit | QPlainTextEdit


def nodes(at: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Everything below that is not hidden."""
    if at.state().invisible:
        return
    yield at
    for n in range(at.childCount()):
        child = at.child(n)
        if child is not None and child.isValid():
            yield from nodes(child)


def unnamed(window: QWidget) -> list[str]:
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    return [
        f"{n.role().name} of {type(n.object()).__name__} has no name"
        for n in nodes(root)
        if n.role() in USED and not n.text(QAccessible.Text.Name).strip()
    ]


def shown(window: QWidget) -> list[QWidget]:
    return [w for w in window.findChildren(QWidget) if w.isVisible()]


def is_used(widget: QWidget) -> bool:
    """Whether a hand or a key works it."""
    if isinstance(widget, QScrollBar) or not widget.isEnabled():
        return False
    return isinstance(widget, QAbstractButton | QLineEdit) or bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _called(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName()[:40]!r}"


def small(window: QWidget) -> list[str]:
    """Targets under 44 px."""
    return [
        f"{_called(w)} is {w.width()}×{w.height()}"
        for w in shown(window)
        if is_used(w)
        and w.isEnabled()
        and isinstance(w, QAbstractButton | QLineEdit)
        and min(w.width(), w.height()) < TARGET
    ]


def small_text(window: QWidget) -> list[str]:
    return [
        f"{_called(w)} writes {w.font().pixelSize()} px"
        for w in shown(window)
        if isinstance(w, QLabel | QAbstractButton | Field) and 0 < w.font().pixelSize() < LEAST_TEXT
    ]


def _scroller(widget: QWidget) -> QAbstractScrollArea | None:
    """The scroll area whose content the widget is."""
    at: QWidget | None = widget
    while at is not None:
        above = at.parentWidget()
        if isinstance(above, QAbstractScrollArea) and above.viewport() is at:
            return above
        at = above
    return None


def out_of_reach(window: QWidget) -> list[str]:
    """What can be used (in a scroll area: read, too) and is cut off by the window or by what it lies in."""
    found = []
    for widget in shown(window):
        if not (is_used(widget) or isinstance(widget, QLabel) and _scroller(widget) is not None):
            continue
        area = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        scroller = _scroller(widget)
        if scroller is not None:
            inner = scroller.viewport()
            sideways = QRect(widget.mapTo(inner, QPoint(0, 0)), widget.size())
            if (
                sideways.left() < -1 or sideways.right() > inner.width() + 1
            ) and not scroller.horizontalScrollBar().maximum():
                found.append(f"{_called(widget)} is cut sideways in {_called(scroller)}")
            continue
        above = widget.parentWidget()
        held = window.rect()
        while above is not None and above is not window:
            held = held.intersected(QRect(above.mapTo(window, QPoint(0, 0)), above.size()))
            above = above.parentWidget()
        if not held.adjusted(-1, -1, 1, 1).contains(area):
            found.append(f"{_called(widget)} at {area.getRect()} lies out of {held.getRect()}")
    return found


def cut_words(window: QWidget) -> list[str]:
    """Buttons narrower than their words; labels on one line narrower than theirs."""
    found = []
    for widget in shown(window):
        if isinstance(widget, Button):
            icon, words, hint = widget._content()
            if icon + words + hint > widget.width() + 1:
                found.append(f"{_called(widget)}: {icon + words + hint:.0f} px of words in {widget.width()}")
        elif isinstance(widget, QLabel) and widget.text() and not widget.wordWrap():
            wide = widget.fontMetrics().horizontalAdvance(widget.text())
            if wide > widget.width() + 1:
                found.append(f"label {widget.text()[:30]!r}: {wide} px of words in {widget.width()}")
    return found


def _is_in_front(widget: QWidget, window: QWidget) -> bool:
    """Whether a press on its middle meets it, and not what lies over it (a question, a veil)."""
    hit = window.childAt(widget.mapTo(window, widget.rect().center()))
    return hit is not None and (hit is widget or widget.isAncestorOf(hit))


def overlapping(window: QWidget) -> list[str]:
    """Two controls on one spot, neither inside the other nor under a question."""
    held = [
        w
        for w in shown(window)
        if isinstance(w, QAbstractButton | QLineEdit) and _scroller(w) is None and _is_in_front(w, window)
    ]
    found = []
    for n, one in enumerate(held):
        for other in held[n + 1 :]:
            if one.isAncestorOf(other) or other.isAncestorOf(one):
                continue
            a, b = (QRect(w.mapTo(window, QPoint(0, 0)), w.size()) for w in (one, other))
            common = a.intersected(b)
            if common.width() > 2 and common.height() > 2 and one.window() is other.window():
                found.append(f"{_called(one)} and {_called(other)} overlap")
    return found


def _picture(window: QWidget) -> QImage:
    QApplication.processEvents()
    return window.grab().toImage()


def blind_focus(window: QWidget) -> list[str]:
    """What takes the focus by Tab without a change that can be seen."""
    found = []
    for widget in shown(window):
        if not is_used(widget) or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.focusProxy() is not None:
            continue
        scroller = _scroller(widget)
        if isinstance(scroller, QScrollArea):
            scroller.ensureWidgetVisible(widget)  # as Tab does
        before = window.focusWidget()
        if before is not None:
            before.clearFocus()
        without = _picture(window)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if not widget.hasFocus():
            continue
        if _picture(window) == without:
            found.append(f"{_called(widget)} shows no focus")
    return found


def faults(window: QWidget) -> list[str]:
    """All of it, but the focus, which takes a picture each."""
    return [*unnamed(window), *small(window), *small_text(window), *out_of_reach(window), *cut_words(window),
            *overlapping(window)]  # fmt: skip
