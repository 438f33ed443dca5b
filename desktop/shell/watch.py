"""When to lock: nobody touched the laptop, or it slept (LOOK §7, STACK-desktop §10).

Sleep shows as the wall clock running away from the monotonic one between two ticks; a wall clock that is set back shows
the same way and locks too. Clocks are passed in, so that tests move them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)
TICK = 1000  # ms
SLEPT = 5.0  # seconds by which the wall clock may run ahead within one tick


class Watch(QObject):
    """`lock_due(reason)` with reason `idle` or `sleep`; `ticked` once a second."""

    lock_due = Signal(str)
    ticked = Signal()

    def __init__(
        self,
        idle_seconds: float,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.idle_seconds = idle_seconds
        self._wall, self._steady = wall, steady
        self._touched = steady()
        self._last = (wall(), steady())
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        self.touch()
        self._last = (self._wall(), self._steady())
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def touch(self) -> None:
        """Somebody is here."""
        self._touched = self._steady()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self.touch()
        return False

    def tick(self) -> None:
        """Look at both clocks."""
        wall, steady = self._wall(), self._steady()
        drift = abs((wall - self._last[0]) - (steady - self._last[1]))
        self._last = (wall, steady)
        if drift > SLEPT:
            self.lock_due.emit("sleep")
        elif steady - self._touched >= self.idle_seconds:
            self.lock_due.emit("idle")
        self.ticked.emit()
