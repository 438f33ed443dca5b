"""Garbage is collected in the window's thread only, as long as other threads run Python beside it.

Python collects cycles in whichever thread happens to allocate; a widget that is freed in a reader's thread brings the
process down. While any bench runs, automatic collection is off and a timer of the window's thread does it.
"""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QCoreApplication, QTimer

_EVERY = 500  # ms
_LIMITS = (700, 10, 10)  # Python's own thresholds


class _Keeper:
    """Counts the benches that run. There is one, as there is one collector in a process."""

    def __init__(self) -> None:
        self._running = 0
        self._timer: QTimer | None = None

    def hold(self) -> None:
        """A bench begins. Call from the window's thread."""
        assert threading.current_thread() is threading.main_thread()
        self._running += 1
        if self._running == 1:
            gc.disable()
            if QCoreApplication.instance() is not None:
                self._timer = QTimer()
                self._timer.setInterval(_EVERY)
                self._timer.timeout.connect(self.collect)
                self._timer.start()

    def release(self) -> None:
        """A bench has ended; the last one gives collection back to Python."""
        self._running -= 1
        if self._running == 0:
            if self._timer is not None:
                self._timer.stop()
                self._timer = None
            gc.collect()
            gc.enable()

    def collect(self) -> None:
        """What Python would have done by itself since the last look."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > _LIMITS[generation]:
                gc.collect(generation)
                return


keeper = _Keeper()
