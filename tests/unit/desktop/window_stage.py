"""The real window on a made-up house, with real threads; `settle` waits for signals, never for time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop.app import dress, make_application
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from desktop.shell.window import MainWindow
from tests.unit.desktop.ward_house import FakeHouse


def settle(context: Context) -> None:
    """Handle events until no bench has work left; fails after 20 s."""
    for _ in range(200):
        QApplication.processEvents()
        busy = next((b for b in context.benches() if b.is_busy), None)
        if busy is None:
            QApplication.processEvents()
            if not any(b.is_busy for b in context.benches()):
                return
            continue
        loop, limit = QEventLoop(), QTimer()
        limit.setSingleShot(True)
        busy.idle.connect(loop.quit)
        limit.timeout.connect(loop.quit)
        limit.start(20_000)
        loop.exec()
        assert limit.isActive(), "a bench did not finish"
    raise AssertionError("the window did not come to rest")


@contextmanager
def window_on(house: FakeHouse, width: int = 1366, height: int = 768) -> Iterator[MainWindow]:
    """A shown, started window; at the end closed and every thread joined."""
    application = make_application()
    look = Look(LIGHT)
    dress(application, look)
    context = Context(house, look)  # type: ignore[arg-type]
    window = MainWindow(context, ("Adaeze Obi", "Mair Pryce"))
    window.shut_down.connect(context.close)
    window.resize(width, height)
    window.start()
    window.show()
    try:
        settle(context)
        yield window
    finally:
        window.close()
        window.deleteLater()
        QApplication.processEvents()
