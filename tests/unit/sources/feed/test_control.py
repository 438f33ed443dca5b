"""Only who opened the vault speaks with its feed, and errors come back as they were."""

from __future__ import annotations

import io
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.sources.feed.control import ControlServer, address_of, ask_feed
from localdb.sources.feed.logs import FeedLog
from localdb.store.errors import DiskFull

KEY = bytes(range(32))


class Trial:
    def __init__(self, vault: Path) -> None:
        self.vault, self.asked = vault, []
        self.out = io.StringIO()
        self.does: Callable[[dict[str, Any], Any], dict[str, Any]] = lambda asked, tell: {"heard": asked}
        self.server = ControlServer(vault, KEY, self._answer, FeedLog(lambda: datetime.now(UTC), self.out))
        self.server.start()

    def _answer(self, asked: dict[str, Any], tell: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return self.does(asked, tell)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    made = Trial(tmp_path)
    yield made
    made.server.stop()


def refusal(vault: Path, key: bytes = KEY) -> str:
    with pytest.raises(WardlampError) as caught:
        ask_feed(vault, key, {"ask": "cut"})
    return caught.value.code


def test_a_question_is_answered_with_its_progress(trial: Trial) -> None:
    def fill(asked: dict[str, Any], tell: Any) -> dict[str, Any]:
        tell("a.json", 1)
        tell("b.json", 3)
        return {"read": 3}

    trial.does = fill
    seen: list[tuple[str, int]] = []
    assert ask_feed(trial.vault, KEY, {"ask": "fill"}, lambda f, n: seen.append((f, n))) == {"read": 3}
    assert seen == [("a.json", 1), ("b.json", 3)]


def test_who_has_not_opened_the_vault_is_told_nothing_and_asks_nothing(trial: Trial, tmp_path: Path) -> None:
    address = address_of(trial.vault, KEY)
    with Client(address) as pipe:  # a stranger who knows where it listens, and guesses the proof
        pipe.send_bytes(os.urandom(32))
        pipe.recv_bytes(64)
        pipe.send_bytes(bytes(32))
        pipe.recv_bytes(64)
        with pytest.raises((EOFError, ConnectionError)):
            pipe.send_bytes(b'{"ask": "cut"}')
            pipe.recv_bytes(64)
    assert refusal(trial.vault, bytes(32)) == "feed.no_answer"
    assert trial.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows have no mode")
def test_the_socket_is_the_owners_alone(trial: Trial) -> None:
    assert stat.S_IMODE(os.stat(address_of(trial.vault, KEY)).st_mode) == 0o600


def test_a_proof_cannot_be_sent_back(trial: Trial) -> None:
    """A server that only repeats what it hears (without the key) is not believed."""
    folder = trial.vault / "other"
    folder.mkdir()
    from multiprocessing.connection import Listener

    def mirror(listener: Listener) -> None:
        with listener.accept() as pipe:
            nonce = pipe.recv_bytes(64)
            pipe.send_bytes(nonce)
            pipe.send_bytes(pipe.recv_bytes(64))

    with Listener(address_of(folder, KEY)) as listener:
        thread = threading.Thread(target=mirror, args=(listener,))
        thread.start()
        assert refusal(folder) == "feed.no_answer"
        thread.join()


def test_errors_come_back_with_their_code_and_bugs_by_their_type(trial: Trial) -> None:
    def full(asked: dict[str, Any], tell: Any) -> dict[str, Any]:
        raise DiskFull("The disk is full.")

    def bug(asked: dict[str, Any], tell: Any) -> dict[str, Any]:
        raise ValueError("QUILLFEATHER")

    trial.does = full
    assert refusal(trial.vault) == "disk.full"
    trial.does = bug
    assert refusal(trial.vault) == "feed.no_answer"
    assert "QUILL" not in trial.out.getvalue() and "ValueError" in trial.out.getvalue()


def test_without_a_feed_there_is_no_answer(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "feed.not_running"


def test_a_socket_left_behind_is_taken_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(address_of(tmp_path, KEY))
    assert Path(address_of(tmp_path, KEY)).exists() and refusal(tmp_path) == "feed.not_running"
    made = Trial(tmp_path)
    assert ask_feed(tmp_path, KEY, {"ask": "x"}) == {"heard": {"ask": "x"}}
    made.server.stop()
    assert refusal(tmp_path) == "feed.not_running"


def test_a_vault_deep_down_has_a_short_address(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    made = Trial(deep)
    try:
        assert len(address_of(deep, KEY)) < 108
        assert address_of(deep, KEY) != address_of(deep, bytes(32)), "its place tells nothing without the key"
        assert ask_feed(deep, KEY, {"ask": "x"}) == {"heard": {"ask": "x"}}
    finally:
        made.server.stop()
