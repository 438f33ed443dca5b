"""The threads beside the window: reading and writing never happen in the window's own (DESIGN §3, D12).

A `Bench` is one thread with one tool (a Reading, or the House for writing). Work is asked for with a **key**; the
answer comes back in the window's thread together with that key, and the asker refuses it when the key is no longer its
own (hazard H02). An asker that is gone gets nothing. Every thread is joined by `close`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from queue import SimpleQueue
from types import MethodType
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from desktop.shell.tidy import keeper
from localdb.errors import HouseFault, WardlampError

Answer = Callable[[Hashable, Any], None]


def _held(call: Answer | None) -> Callable[[], Answer | None]:
    """A way to the call that does not keep its owner alive; None once the owner is gone (also on Qt's side)."""
    if call is None:
        return lambda: None
    if not isinstance(call, MethodType):
        return lambda: call
    reference = weakref.WeakMethod(call)

    def find() -> Answer | None:
        found = reference()
        owner = found.__self__ if found is not None else None
        alive = owner is not None and (not isinstance(owner, QObject) or shiboken6.isValid(owner))
        return found if alive else None

    return find


class _Task:
    __slots__ = ("failed", "job", "key", "lane", "number", "then")

    def __init__(
        self, number: int, key: Hashable, job: Callable[[Any], Any], then: Any, failed: Any, lane: str | None
    ) -> None:
        self.number, self.key, self.job, self.lane = number, key, job, lane
        self.then, self.failed = _held(then), _held(failed)


class Bench(QObject):
    """One thread with one tool. `ask` may be called from the window's thread only."""

    _done = Signal(object, object, object)
    fault = Signal(object)  # WardlampError that no asker took
    idle = Signal()  # nothing is left to do

    def __init__(self, name: str, make_tool: Callable[[], Any], parent: QObject | None = None) -> None:
        """`make_tool` runs in the new thread, once, before the first task; a tool with `close()` is closed there."""
        super().__init__(parent)
        self._make_tool = make_tool
        self._queue: SimpleQueue[_Task | None] = SimpleQueue()
        self._count = 0
        self._open = 0
        self._stale = False
        self._newest: dict[str, int] = {}
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        self._name, self._is_closed = name, False
        self._thread: threading.Thread | None = None  # started by the first question

    @property
    def is_busy(self) -> bool:
        return self._open > 0

    def ask(
        self,
        key: Hashable,
        job: Callable[[Any], Any],
        then: Answer | None = None,
        failed: Answer | None = None,
        *,
        lane: str | None = None,
    ) -> None:
        """Run `job(tool)` in the thread, then `then(key, result)` or `failed(key, WardlampError)` in the window's.

        With a `lane`, a newer question of the same lane makes this one void, whether it waits or runs.
        """
        self._count += 1
        self._open += 1
        if lane is not None:
            self._newest[lane] = self._count
        self._queue.put(_Task(self._count, key, job, then, failed, lane))
        if self._thread is None and not self._is_closed:
            keeper.hold()
            self._thread = threading.Thread(target=self._run, name=f"wardlamp-{self._name}", daemon=True)
            self._thread.start()

    def renew(self) -> None:
        """Close the tool before the next task and make a new one (somebody else unlocked)."""
        self._stale = True

    def close(self) -> None:
        """Let the thread finish what was asked, close its tool and end it; answers that are left are not delivered."""
        thread, self._thread, self._is_closed = self._thread, None, True
        if thread is not None:
            self._queue.put(None)
            thread.join()
            keeper.release()

    def _is_void(self, task: _Task) -> bool:
        return task.lane is not None and self._newest.get(task.lane) != task.number

    def _run(self) -> None:
        tool: Any = None
        while (task := self._queue.get()) is not None:
            if self._is_void(task):
                self._done.emit(task, None, None)
                continue
            try:
                if self._stale:
                    self._stale = False
                    tool = _closed(tool)
                if tool is None:
                    tool = self._make_tool()
                self._done.emit(task, task.job(tool), None)
            except WardlampError as error:
                self._done.emit(task, None, error)
            except Exception as error:  # noqa: BLE001  a fault of ours: by type only, texts may hold patient data
                self._done.emit(task, None, HouseFault(f"Something failed inside Wardlamp ({type(error).__name__})."))
        _closed(tool)

    def _on_done(self, task: _Task, result: Any, error: WardlampError | None) -> None:
        self._open -= 1
        if not self._is_closed and not self._is_void(task):
            call = task.failed() if error is not None else task.then()
            if call is not None:
                call(task.key, error if error is not None else result)
            elif error is not None and task.failed is not None:
                self.fault.emit(error)
        if self._open == 0:
            self.idle.emit()


def _closed(tool: Any) -> None:
    if tool is not None and hasattr(tool, "close"):
        tool.close()
