"""Benches: keys come back, lanes void, who is gone gets nothing, threads end."""

from __future__ import annotations

import gc
import threading
from collections.abc import Hashable
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.threads import Bench
from localdb.errors import HouseFault, InputRefused, WardlampError


class Asker(QObject):
    """Keeps what it was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[tuple[Hashable, Any]] = []
        self.refused: list[tuple[Hashable, str]] = []

    def then(self, key: Hashable, result: Any) -> None:
        self.got.append((key, result))

    def failed(self, key: Hashable, error: WardlampError) -> None:
        self.refused.append((key, error.code))


def rest(qtbot: QtBot, bench: Bench) -> None:
    if bench.is_busy:
        with qtbot.waitSignal(bench.idle, timeout=5000):
            pass


@pytest.fixture
def bench(qtbot: QtBot) -> Any:
    made = Bench("test", lambda: "tool")
    yield made
    made.close()


def test_answers_come_with_their_keys_in_the_windows_thread(qtbot: QtBot, bench: Bench) -> None:
    asker, threads = Asker(), []
    for n in range(5):
        bench.ask(n, lambda tool, n=n: (threads.append(threading.current_thread()), f"{tool}{n}")[1], asker.then)
    rest(qtbot, bench)
    assert asker.got == [(n, f"tool{n}") for n in range(5)]
    assert threading.main_thread() not in threads


def test_a_newer_question_of_a_lane_voids_the_older(qtbot: QtBot, bench: Bench) -> None:
    asker, gate = Asker(), threading.Event()
    bench.ask("old", lambda tool: gate.wait(5), asker.then, lane="find")
    bench.ask("other", lambda tool: 1, asker.then)
    bench.ask("new", lambda tool: 2, asker.then, lane="find")
    gate.set()
    rest(qtbot, bench)
    assert asker.got == [("other", 1), ("new", 2)]


def test_who_is_gone_gets_nothing(qtbot: QtBot, bench: Bench) -> None:
    gate = threading.Event()

    class Panel(QWidget):
        def then(self, key: Hashable, result: Any) -> None:
            raise AssertionError("a widget that is gone was called")

    panel = Panel()
    bench.ask(1, lambda tool: gate.wait(5), panel.then)
    panel.deleteLater()
    qtbot.wait(1)
    del panel
    gate.set()
    rest(qtbot, bench)


def test_errors_are_said_by_code_and_faults_of_ours_without_their_text(qtbot: QtBot, bench: Bench) -> None:
    asker = Asker()

    def refuse(tool: str) -> None:
        raise InputRefused("no", code="patient.unknown")

    def fall(tool: str) -> None:
        raise ValueError("OKONKWO, Ifeoma")

    faults: list[WardlampError] = []
    bench.ask(1, refuse, asker.then, asker.failed)
    bench.ask(2, fall, asker.then, lambda key, error: faults.append(error))
    rest(qtbot, bench)
    assert asker.refused == [(1, "patient.unknown")]
    assert isinstance(faults[0], HouseFault)
    assert "OKONKWO" not in faults[0].message


def test_a_renewed_bench_closes_its_tool_and_makes_another(qtbot: QtBot) -> None:
    closed: list[int] = []

    class Tool:
        def __init__(self, number: int) -> None:
            self.number = number

        def close(self) -> None:
            closed.append(self.number)

    made: list[Tool] = []

    def make() -> Tool:
        made.append(Tool(len(made)))
        return made[-1]

    bench, asker = Bench("test", make), Asker()
    bench.ask("a", lambda tool: tool.number, asker.then)
    rest(qtbot, bench)
    bench.renew()
    bench.ask("b", lambda tool: tool.number, asker.then)
    rest(qtbot, bench)
    bench.close()
    assert asker.got == [("a", 0), ("b", 1)]
    assert closed == [0, 1]


def test_no_cycle_is_freed_beside_the_window(qtbot: QtBot) -> None:
    """A widget freed in a reader's thread would end the process: garbage waits for the window's thread."""
    freed: list[threading.Thread] = []

    class Knot:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            freed.append(threading.current_thread())

    def make_garbage(tool: Any) -> None:
        for _ in range(3000):
            Knot()

    bench = Bench("test", lambda: "tool")
    bench.ask(1, make_garbage)
    rest(qtbot, bench)
    assert freed == []
    bench.close()
    assert len(freed) == 3000
    assert set(freed) == {threading.main_thread()}
    assert gc.isenabled()
