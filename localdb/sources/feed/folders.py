"""Drop folders: a file that has stopped growing is read, made durable in the intake, then removed or moved to `done`.

The folder belongs to the site and its files are in clear: what was taken does not stay (`after = "delete"`, the
default), since the intake keeps the original bytes encrypted, also of what was set aside; a file of which it cannot
stays where it is. A file leaves the folder only after the commit; a crash in between reads it again, and finds it the
same. Files are read in a child process, so that one that kills its reader is set aside and stops nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from localdb.errors import EnvironmentFault, WardlampError
from localdb.sources.feed.counts import RUNNING, FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.fhir import refused
from localdb.sources.files import Part, chunks, walk
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading

DONE = "done"
# Names of files that somebody still writes.
_UNREADY = (".part", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")
_DECODER = msgspec.msgpack.Decoder(list[FileReading])


class FolderMissing(EnvironmentFault):
    """The folder of a feed is not there."""

    code = "feed.folder_missing"
    next_step = "Make the folder, or mount it; the feed tries again by itself."


class Found(NamedTuple):
    """A file in the folder, and what it looked like."""

    path: Path
    size: int
    changed: int


class Settled:
    """Which files have stopped growing: those that look as they did one look ago."""

    def __init__(self) -> None:
        self._before: dict[Path, tuple[int, int]] = {}

    def of(self, found: list[Found]) -> list[Found]:
        """Those of `found` that are the same as at the last look, in path order."""
        before, self._before = self._before, {f.path: (f.size, f.changed) for f in found}
        return sorted(f for f in found if before.get(f.path) == (f.size, f.changed))


def look(folder: Path) -> list[Found]:
    """The files below a folder; hidden ones, unready ones and what is in `done` left out. Raises feed.folder_missing."""
    if not folder.is_dir():
        raise FolderMissing("The folder of a feed is not there.")
    found = []
    for at, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and not (at == os.fspath(folder) and f == DONE)]
        for name in names:
            if name.startswith((".", "~")) or name.lower().endswith(_UNREADY):
                continue
            path = Path(at, name)
            try:
                state = path.stat()
            except OSError:
                continue  # it was taken away meanwhile
            if path.is_file() and not path.is_symlink():
                found.append(Found(path, state.st_size, state.st_mtime_ns))
    return found


def put_away(path: Path, folder: Path, after: str) -> None:
    """Removes a file that was taken, or moves it into `done` (never over another one)."""
    if after == "delete":
        path.unlink(missing_ok=True)
    else:
        done = folder / DONE
        done.mkdir(exist_ok=True)
        target, n = done / path.name, 1
        while target.exists():
            n += 1
            target = done / f"{path.stem}~{n}{path.suffix}"
        path.rename(target)
    for parent in path.parents:  # folders that a sender made and that are empty now go too
        if parent == folder:
            return
        try:
            parent.rmdir()
        except OSError:
            return


class FolderStation:
    """One drop folder at work. `read` turns parts into readings in the reader's child process."""

    def __init__(
        self,
        feed: FeedSetting,
        profile: SourceProfile,
        writer: Writer,
        counts: FeedCounts,
        log: FeedLog,
        ask: Callable[[list[Part]], bytes | None],
    ) -> None:
        self.feed, self._profile, self._writer = feed, profile, writer
        self._counts, self._log, self._ask = counts, log, ask
        self._folder = Path(feed.folder)
        self._settled = Settled()
        self._is_kept = True  # whether the intake has every byte of the file at hand
        self._left: set[Found] = set()  # files that cannot be read or removed: said once, left where they are

    def run(self, stop: threading.Event) -> None:
        """Looks until it is stopped. Raises feed.folder_missing."""
        self._counts.where = "folder"
        while not stop.is_set():
            found = look(self._folder)
            self._counts.state = RUNNING
            self._left &= set(found)
            self._counts.left = len(self._left)
            for file in self._settled.of(found):
                if stop.is_set():
                    return
                if file not in self._left and not self._one(file):
                    break
            stop.wait(self.feed.pause)

    def _one(self, file: Found) -> bool:
        """Takes one file. False where the disk or the vault is in the way: the rest waits for the next look."""
        self._is_kept = True
        try:
            for reading in self._readings(file.path):
                if any(u.code == "file.unreadable" for u in reading.units):
                    self._leave(file, "file.unreadable")
                    return True
                outcomes = self._writer.take(reading)
                self._counts.note(outcomes)
                if outcomes:
                    self._writer.beat(self.feed.source)
            self._counts.went_well()
        except WardlampError as error:
            self._counts.refuse(error)
            self._log.failed("file_refused", error, feed=self.feed.name)
            return False
        if self._profile.is_sign("file"):
            self._writer.beat(self.feed.source)
        if not self._is_kept:  # it is too large, or packed too well, to be kept aside whole: its only copy stays
            self._leave(file, "file.too_large")
            return True
        try:
            put_away(file.path, self._folder, self.feed.after)
        except OSError as error:
            self._leave(file, type(error).__name__)
        return True

    def _leave(self, file: Found, why: str) -> None:
        self._left.add(file)
        self._counts.left = len(self._left)
        self._log.say("file_left", feed=self.feed.name, error=why)

    def _readings(self, path: Path) -> Iterator[FileReading]:
        for parts in chunks(walk([path], self.feed.source)):
            self._is_kept = self._is_kept and not any(part.code and not part.data for part in parts)
            answer = self._ask(parts)
            if answer is not None:
                yield from _DECODER.decode(answer)
                continue
            for part in parts:  # a reader died: the file over which it dies alone is set aside
                alone = self._ask([part])
                if alone is not None:
                    yield from _DECODER.decode(alone)
                else:
                    yield refused(part.file, part.data, part.source, "file.reader_died", "its reader died over it")
