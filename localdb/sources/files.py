"""Moves bytes to the reader: in child processes, in order, with bounded memory; small files travel together.

A child gets bytes and gives back units; it holds no key and opens no store. When a child dies over a file, that file
is set aside (`file.reader_died`) and the reading goes on.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from localdb.sources.fhir import refused
from localdb.sources.kinds import read_any
from localdb.sources.limits import MIB, STANDARD, Limits
from localdb.sources.profiles import Profiles
from localdb.sources.readers import Readers
from localdb.sources.units import FileReading
from localdb.sources.walking import Part, bare_name, walk

CHUNK_BYTES = 2 * MIB
CHUNK_FILES = 64

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[FileReading])


def read_part(part: Part, profiles: Profiles | str) -> FileReading:
    """One part, read here as its source is read; a zone alone in place of the profiles stands for the defaults."""
    if part.code:
        return refused(part.file, part.data, part.source, part.code, part.reason, part.sha256)
    if isinstance(profiles, str):
        profiles = Profiles(zone=profiles)
    reading = read_any(
        bare_name(part.file), part.data, part.source, profiles, part.transaction_time, part.first_line, part.beside
    )
    return msgspec.structs.replace(reading, file=part.file)


class _Chunk(NamedTuple):
    """What a child is asked: files, and how their sources are read."""

    parts: list[Part]
    profiles: Profiles | str


def _read_chunk(asked: _Chunk) -> bytes:
    return _ENCODER.encode([read_part(part, asked.profiles) for part in asked.parts])


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
    profiles: Profiles | None = None,
    processes: int = 0,
    limits: Limits = STANDARD,
) -> Iterator[FileReading]:
    """Readings of every file under the paths, in path order. `processes` child processes decode (0: this one does).
    `zone` counts where no `profiles` are given."""
    known = profiles or Profiles(zone=zone)
    parts = walk(paths, source, limits)
    if processes < 1:
        for part in parts:
            yield read_part(part, known)
        return
    with _Ahead(chunks(parts)) as ahead:
        yield from read_beside(Readers(processes, _read_chunk), (_Chunk(parts, known) for parts in ahead))


def read_beside(readers: Readers[_Chunk], todo: Iterator[_Chunk]) -> Iterator[FileReading]:
    """Readings in order. After a child died each file of its chunk is read alone, so that only the one that kills its
    reader is set aside."""
    for chunk, answer in readers.answers(todo):
        if answer is not None:
            yield from _DECODER.decode(answer)
            continue
        for part in chunk.parts:
            alone = readers.ask(_Chunk([part], chunk.profiles))
            if alone is not None:
                yield from _DECODER.decode(alone)
            else:
                yield refused(part.file, part.data, part.source, "file.reader_died", "its reader died over it")


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


__all__ = ["Part", "read_all", "read_part", "walk"]
