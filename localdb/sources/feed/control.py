"""How a command speaks with the running feed of its vault (DESIGN D12: `fill` hands its files over).

A local socket (a pipe on Windows) whose both ends prove that they opened the vault; then one JSON object each way, with
`{"progress": [file, units]}` before it as often as there is news. Never pickle. What may be asked is a fixed list.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

import msgspec

from localdb.errors import EnvironmentFault, WardlampError
from localdb.sources.feed.logs import FeedLog

SOCKET_FILE = "feed.sock"
_LONGEST_PATH = 100  # a local socket's name may have 107 bytes
_LARGEST = 64 * 1024 * 1024
Tell = Callable[[str, int], None]
Answer = Callable[[dict[str, Any], Tell], dict[str, Any]]


class FeedNotRunning(EnvironmentFault):
    """Nobody answers for the vault."""

    code = "feed.not_running"
    next_step = "Start it with `wardlamp feed run`, or its service."


class FeedNoAnswer(EnvironmentFault):
    """The feed ended in the middle of an answer."""

    code = "feed.no_answer"
    next_step = "Look at its log; if it hangs, restart its service: what was acknowledged is held."


def address_of(vault: Path, key: bytes) -> str:
    """Where the feed of a vault listens: in the vault's folder, or, where that name is too long, in the temporary one
    under a name that only who has the keys can tell."""
    mark = hmac.new(key, b"control address", hashlib.sha256).hexdigest()[:32]
    if sys.platform == "win32":
        return rf"\\.\pipe\wardlamp-{mark}"
    path = os.fspath(vault.resolve() / SOCKET_FILE)
    return path if len(os.fsencode(path)) <= _LONGEST_PATH else os.path.join(tempfile.gettempdir(), f"wl-{mark}.sock")


class ControlServer:
    """Answers commands, each connection in a thread of its own. The caller owns the intake, so that a socket that an
    earlier run left behind is nobody's."""

    def __init__(self, vault: Path, key: bytes, answer: Answer, log: FeedLog) -> None:
        self._address, self._key, self._answer, self._log = address_of(vault, key), key, answer, log
        if sys.platform != "win32":
            with suppress(FileNotFoundError):
                os.unlink(self._address)
        before = os.umask(0o177) if sys.platform != "win32" else 0
        try:
            self._listener = Listener(self._address, backlog=16)
        finally:
            if sys.platform != "win32":
                os.umask(before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Takes no more; answers under way go on until the process ends."""
        self._over.set()
        with suppress(OSError, EOFError):
            Client(self._address).close()  # wakes `accept`
        self._thread.join(timeout=5)
        with suppress(OSError):
            self._listener.close()  # somebody may have taken its socket away

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                pipe = self._listener.accept()
            except OSError:
                if self._over.is_set():
                    return
                continue
            if self._over.is_set():
                pipe.close()
                return
            threading.Thread(target=self._serve, args=(pipe,), name="control answer", daemon=True).start()

    def _serve(self, pipe: Connection) -> None:
        with pipe, suppress(OSError, EOFError):
            try:
                _prove(pipe, self._key, is_server=True)
                asked = msgspec.json.decode(pipe.recv_bytes(_LARGEST), type=dict[str, Any])
            except (AuthenticationError, msgspec.MsgspecError):
                self._log.say("control_refused")
                return
            try:
                answer = self._answer(asked, lambda file, n: pipe.send_bytes(_json({"progress": [file, n]})))
            except WardlampError as error:
                answer = {"error": [error.code, error.message, error.next_step]}
            except (OSError, EOFError):
                raise
            except Exception as error:  # noqa: BLE001 its words may hold a value; the one who asked learns its type
                self._log.failed("control_failed", error)
                answer = {"error": ["feed.no_answer", f"The feed failed ({type(error).__name__}).", ""]}
            pipe.send_bytes(_json(answer))


def ask_feed(vault: Path, key: bytes, asked: dict[str, Any], tell: Tell | None = None) -> dict[str, Any]:
    """Asks the running feed. Raises feed.not_running, feed.no_answer, or what the feed refused."""
    try:
        pipe = Client(address_of(vault, key))
    except OSError:
        raise FeedNotRunning("No feed runs on this vault.") from None
    with pipe:
        try:
            _prove(pipe, key, is_server=False)
            pipe.send_bytes(_json(asked))
            while True:
                answer = msgspec.json.decode(pipe.recv_bytes(_LARGEST), type=dict[str, Any])
                if "progress" not in answer:
                    break
                if tell is not None:
                    file, n = answer["progress"]
                    tell(str(file), int(n))
        except (OSError, EOFError, AuthenticationError, msgspec.MsgspecError):
            raise FeedNoAnswer("The running feed did not answer.") from None
    if "error" in answer:
        code, message, next_step = answer["error"]
        raise EnvironmentFault(message, code=code, next_step=next_step or None)
    return answer


def _prove(pipe: Connection, key: bytes, *, is_server: bool) -> None:
    """Each end proves by HMAC-SHA256 over the other's nonce and its own part that it has the key (the module's own
    `authkey` is HMAC-MD5 in Python 3.11). Raises AuthenticationError."""
    mine = os.urandom(32)
    pipe.send_bytes(mine)
    theirs = pipe.recv_bytes(64)
    sides = (b"server", b"client") if is_server else (b"client", b"server")
    pipe.send_bytes(hmac.digest(key, sides[0] + theirs + mine, "sha256"))
    proof = pipe.recv_bytes(64)
    if not hmac.compare_digest(proof, hmac.digest(key, sides[1] + mine + theirs, "sha256")):
        raise AuthenticationError


def _json(what: dict[str, Any]) -> bytes:
    return msgspec.json.encode(what)
