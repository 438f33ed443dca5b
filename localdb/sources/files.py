"""Moves bytes to the reader: in child processes, in order, with bounded memory; small files travel together.

A child gets bytes and gives back units; it holds no key and opens no store. When a child dies over a file, that file
is set aside (`file.reader_died`) and the reading goes on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import msgspec

from localdb.sources.fhir import read_bytes, refused
from localdb.sources.limits import MIB, STANDARD, Limits
from localdb.sources.units import FileReading
from localdb.sources.walking import Part, bare_name, walk

CHUNK_BYTES = 2 * MIB
CHUNK_FILES = 64
_AHEAD = 3  # chunks under way for each child: enough to keep it busy, few enough to bound memory

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[FileReading])


def read_part(part: Part, zone: str) -> FileReading:
    """One part, read here."""
    if part.code:
        return refused(part.file, part.data, part.source, part.code, part.reason, part.sha256)
    reading = read_bytes(
        bare_name(part.file), part.data, part.source, zone, part.transaction_time, first_line=part.first_line
    )
    return msgspec.structs.replace(reading, file=part.file)


def _end_with_parent() -> None:
    """Ends this child when its parent dies, however it dies: it would wait for ever, with a ward's records in memory."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def _read_chunk(parts: list[Part], zone: str) -> bytes:
    return _ENCODER.encode([read_part(part, zone) for part in parts])


def chunks(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Parts gathered until they weigh CHUNK_BYTES or number CHUNK_FILES."""
    held: list[Part] = []
    weight = 0
    for part in parts:
        held.append(part)
        weight += len(part.data)
        if weight >= CHUNK_BYTES or len(held) >= CHUNK_FILES:
            yield held
            held, weight = [], 0
    if held:
        yield held


def read_all(
    paths: Iterable[Path],
    *,
    source: str | None = None,
    zone: str = "Europe/London",
    processes: int = 0,
    limits: Limits = STANDARD,
) -> Iterator[FileReading]:
    """Readings of every file under the paths, in path order. `processes` child processes decode (0: this one does)."""
    parts = walk(paths, source, limits)
    if processes < 1:
        for part in parts:
            yield read_part(part, zone)
        return
    with _Ahead(chunks(parts)) as ahead:
        yield from _Pool(processes, zone).run(ahead)


class _Ahead:
    """Runs an iterator in a thread of its own, a few steps ahead: unpacking goes on while the store writes."""

    _STEPS = 3

    def __init__(self, todo: Iterator[list[Part]]) -> None:
        self._todo = todo
        self._queue: queue.Queue[list[Part] | BaseException | None] = queue.Queue(self._STEPS)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unpacking", daemon=True)

    def __enter__(self) -> Iterator[list[Part]]:
        self._thread.start()
        return self._items()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._queue.get(timeout=0.05)
        self._thread.join()

    def _run(self) -> None:
        last: BaseException | None = None
        try:
            for item in self._todo:
                self._queue.put(item)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 it is raised again where the items are asked for
            last = error
        self._queue.put(last)

    def _items(self) -> Iterator[list[Part]]:
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


class _Pool:
    def __init__(self, processes: int, zone: str) -> None:
        self._processes, self._zone = processes, zone
        self._pool = self._new()
        self._under_way: deque[tuple[list[Part], Future[bytes]]] = deque()

    def _new(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, mp_context=context, initializer=_end_with_parent)

    def run(self, todo: Iterator[list[Part]]) -> Iterator[FileReading]:
        try:
            for chunk in todo:
                self._under_way.append((chunk, self._pool.submit(_read_chunk, chunk, self._zone)))
                if len(self._under_way) >= self._processes * _AHEAD:
                    yield from self._next()
            while self._under_way:
                yield from self._next()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> list[FileReading]:
        chunk, future = self._under_way.popleft()
        try:
            return _DECODER.decode(future.result())
        except BrokenProcessPool:
            return self._one_by_one(chunk)

    def _one_by_one(self, chunk: list[Part]) -> list[FileReading]:
        """After a child died: each file alone, so that only the one that kills its reader is set aside."""
        out = []
        self._restart()
        for part in chunk:
            try:
                out += _DECODER.decode(self._pool.submit(_read_chunk, [part], self._zone).result())
            except BrokenProcessPool:
                out.append(refused(part.file, part.data, part.source, "file.reader_died", "its reader died over it"))
                self._restart()
        self._under_way = deque(
            (waiting, self._pool.submit(_read_chunk, waiting, self._zone)) for waiting, _ in self._under_way
        )
        return out

    def _restart(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._new()


__all__ = ["Part", "read_all", "read_part", "walk"]
