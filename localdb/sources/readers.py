"""Children that read: each a process with one pipe, asked by a thread of its own.

Plain processes and pipes, not a process pool: the pool of Python 3.11's first releases (Debian 12 has one) can wait for
ever when it is shut down after a child died. A child that dies is replaced, and only the file that kills every reader
is given up. A child ends with its parent, however that dies: it would wait for ever, with a ward's records in memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
_AHEAD = 3  # chunks under way for each child: enough to keep it busy, few enough to bound memory
_CONTEXT = multiprocessing.get_context("spawn")


class ReaderDied(Exception):
    """The child ended before it answered, or was ended because it took too long."""


def end_with_parent() -> None:
    """In a child: ends it when its parent ends, however that dies."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _serve(pipe: Connection, work: Callable[[Any], bytes]) -> None:
    """The child: answers until its pipe is closed."""
    end_with_parent()
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(work(pipe.recv()))


class _Child:
    def __init__(self, work: Callable[[Any], bytes]) -> None:
        self._pipe, far = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_serve, args=(far, work), daemon=True)
        self.process.start()
        far.close()  # so that the pipe ends when the child does

    def ask(self, what: object, seconds: float | None) -> bytes:
        try:
            self._pipe.send(what)
            if not self._pipe.poll(seconds):
                self.end()
                raise ReaderDied
            return self._pipe.recv_bytes()
        except (EOFError, OSError):
            self.end()
            raise ReaderDied from None

    def end(self) -> None:
        """Idle children leave when the pipe closes; one that is busy, or lost, is ended."""
        self._pipe.close()
        self.process.join(timeout=0.2)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


class Readers(Generic[Asked]):
    """`count` children that do `work` (a function of a module); answers come in the order of the questions. A child that
    is over one question for more than `seconds` (None: for ever) is ended, as if it had died."""

    def __init__(self, count: int, work: Callable[[Asked], bytes], seconds: float | None = None) -> None:
        self._count, self._work, self._seconds = count, work, seconds
        self._own = threading.local()
        self._lock = threading.Lock()
        self._is_over = False
        self.children: list[_Child] = []

    def answers(self, todo: Iterator[Asked]) -> Iterator[tuple[Asked, bytes | None]]:
        """(question, answer) in order; None where the reader died over it. All children are gone at the end."""
        with ThreadPoolExecutor(self._count, thread_name_prefix="reader") as threads:
            under_way: deque[tuple[Asked, Future[bytes | None]]] = deque()
            try:
                for asked in todo:
                    under_way.append((asked, threads.submit(self.ask, asked)))
                    if len(under_way) >= self._count * _AHEAD:
                        first, future = under_way.popleft()
                        yield first, future.result()
                while under_way:
                    first, future = under_way.popleft()
                    yield first, future.result()
            finally:
                for _, future in under_way:
                    future.cancel()
                self.close()

    def ask(self, what: Asked) -> bytes | None:
        """One question to this thread's child, which is made when it is first asked."""
        child = getattr(self._own, "child", None)
        if child is None:
            with self._lock:
                if self._is_over:
                    return None
                child = self._own.child = _Child(self._work)
                self.children.append(child)
        try:
            return child.ask(what, self._seconds)
        except ReaderDied:
            self._own.child = None
            with self._lock:
                if child in self.children:
                    self.children.remove(child)
            return None

    def close(self) -> None:
        """Ends all children; one that is asked afterwards answers None."""
        with self._lock:
            self._is_over = True
            children, self.children = self.children, []
        for child in children:
            child.end()
