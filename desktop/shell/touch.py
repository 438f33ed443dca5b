"""Fingers: every list and sheet is scrolled by a finger, as by the wheel; a press that does not move is a press (LOOK §4).

One filter of the application gives each scroll area the gesture when it is first shown, so that no screen can forget it.
Qt makes mouse events of touches: a finger that drags must not press what lay under it, or a swipe over the board would
open a patient. So as soon as it drags, what was pressed is let go outside itself, and the rest presses nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScroller, QScrollerProperties, QWidget

_AWAY = QPointF(-10_000, -10_000)
_MOUSE = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)


class Touch(QObject):
    """Install it on the application once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pressed: QWidget | None = None
        self._is_drag = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Polish and isinstance(watched, QAbstractScrollArea):
            by_finger(watched).stateChanged.connect(self._on_state)
        elif kind in _MOUSE and isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            return self._on_mouse(watched, event)
        return False

    def _on_mouse(self, watched: QWidget, event: QMouseEvent) -> bool:
        """Whether the event is swallowed: the rest of a touch that drags."""
        if event.device().type() != QInputDevice.DeviceType.TouchScreen:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            if self._pressed is None:
                self._pressed, self._is_drag = watched, False
            return False
        swallowed = self._is_drag
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._pressed, self._is_drag = None, False
        return swallowed

    def _on_state(self, state: QScroller.State) -> None:
        if state != QScroller.State.Dragging or self._pressed is None or self._is_drag:
            return
        pressed = self._pressed
        event = QMouseEvent(
            QEvent.Type.MouseButtonRelease, _AWAY, _AWAY, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(pressed, event)
        self._is_drag = True


def by_finger(area: QAbstractScrollArea) -> QScroller:
    """Let a finger scroll the area; nothing bounces over the end, which would look like more."""
    view = area.viewport()
    QScroller.grabGesture(view, QScroller.ScrollerGestureType.TouchGesture)
    scroller = QScroller.scroller(view)
    made = scroller.scrollerProperties()
    off = QScrollerProperties.OvershootPolicy.OvershootAlwaysOff
    for metric in (
        QScrollerProperties.ScrollMetric.HorizontalOvershootPolicy,
        QScrollerProperties.ScrollMetric.VerticalOvershootPolicy,
    ):
        made.setScrollMetric(metric, off)
    scroller.setScrollerProperties(made)
    return scroller
