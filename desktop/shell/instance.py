"""One window for one vault and one user: a second start brings the first to the front (STACK-desktop §10)."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket


class SingleInstance(QObject):
    """`is_first` tells whether this process is the first; `called` when another one knocked."""

    called = Signal()

    def __init__(self, vault: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        self._name = "wardlamp-" + sha256(f"{user}\x1f{vault.resolve()}".encode()).hexdigest()[:16]
        self._lock = QLockFile(str(Path(tempfile.gettempdir()) / f"{self._name}.lock"))
        self._lock.setStaleLockTime(0)
        self.is_first = self._lock.tryLock(0)
        self._server: QLocalServer | None = None
        if self.is_first:
            QLocalServer.removeServer(self._name)  # left by a process that was killed: the lock says that it is gone
            self._server = QLocalServer(self)
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            self._server.newConnection.connect(self._on_knock)
            self._server.listen(self._name)

    def knock(self, wait: int = 1000) -> bool:
        """Ask the first process to come to the front; whether it answered."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        reached = socket.waitForConnected(wait)
        socket.disconnectFromServer()
        return reached

    def _on_knock(self) -> None:
        socket = self._server.nextPendingConnection() if self._server else None
        if socket is not None:
            socket.disconnected.connect(socket.deleteLater)
        self.called.emit()

    def release(self) -> None:
        """Let the next process be the first."""
        if self._server is not None:
            self._server.close()
        if self.is_first:
            self._lock.unlock()
