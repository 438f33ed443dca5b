"""The process in which foreign DICOM bytes are read: with a limit of memory and of time, and nothing to lose.

A header may promise gigabytes and a picture may be a bomb; the window, a feed and their keys must not be in one process
with that. One child is kept and asked again and again; one that dies or takes too long is replaced. It holds no key,
opens no file, and ends with its parent, whose end closes its standard input.
"""

from __future__ import annotations

import contextlib
import os
import queue
import struct
import subprocess
import sys
import threading
from typing import IO, Any

import msgspec

from localdb.sources.limits import MIB
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading

MEMORY = 3 * 1024 * MIB  # address space of the child: a file of the largest size, its frames one by one, the libraries
SECONDS = 30.0  # of the processor for a small file; a large one gets SECONDS_PER_MIB more
SECONDS_PER_MIB = 2.0
PATIENCE = 4.0  # times as long by the clock: the processor may be busy with other things
_TOO_LONG = -24  # the exit of a process that has used its processor time (SIGXCPU)
# After these the child is replaced: what is left of its memory is anybody's guess, and a decoder over a damaged picture may
# have written where it should not. No other patient's picture is decoded there.
_SHAKEN = frozenset({"dicom.too_large", "dicom.pixels_damaged"})
_LENGTH = struct.Struct("<Q")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class Asked(msgspec.Struct, array_like=True):
    """What the child is asked; the file's bytes follow. `beside` paths of the files beside a DICOMDIR, None: not known."""

    file: str
    source: str
    profile: SourceProfile
    seconds: float
    beside: frozenset[str] | None = None


class Refusal(msgspec.Struct, array_like=True):
    """Why a file is set aside whole."""

    code: str
    reason: str
    type: str = ""
    uid: str = ""


class Answer(msgspec.Struct, array_like=True):
    """One of the two."""

    reading: FileReading | None = None
    refusal: Refusal | None = None


_ASKED = msgspec.msgpack.Decoder(Asked)
_ANSWER = msgspec.msgpack.Decoder(Answer)


class ChildDied(Exception):
    """The child ended before it answered (`is_slow`: it was ended, because it took too long)."""

    def __init__(self, is_slow: bool) -> None:
        super().__init__("slow" if is_slow else "died")
        self.is_slow = is_slow


class _Child:
    """A running child, asked by one thread at a time."""

    def __init__(self, memory: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "localdb.sources.dicom.child", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a library says of a file may hold the patient's name
            env=dict(os.environ, **_ONE_THREAD),
        )
        self.pid = self._process.pid

    def ask(self, asked: Asked, data: bytes, seconds: float) -> Answer:
        slow = threading.Event()

        def too_long() -> None:
            slow.set()
            self._process.kill()

        timer = threading.Timer(seconds, too_long)
        timer.daemon = True
        timer.start()
        try:
            assert self._process.stdin is not None and self._process.stdout is not None
            _send(self._process.stdin, msgspec.msgpack.encode(asked), data)
            answer = _receive(self._process.stdout)
            return _ANSWER.decode(answer)
        except (OSError, EOFError, msgspec.MsgspecError, ValueError):
            self.end()
            raise ChildDied(slow.is_set() or self._process.returncode == _TOO_LONG) from None
        finally:
            timer.cancel()
            timer.join()

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Ends it, if it has not ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class DicomReader:
    """Asks one child at a time, from any thread; makes it when it is first asked. `close` ends it."""

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._owner = 0
        self.made = 0

    @property
    def pid(self) -> int | None:
        """Of the living child."""
        child = self._child
        return child.pid if child is not None and child.lives else None

    @property
    def is_busy(self) -> bool:
        """Whether it is over a file of another thread."""
        return self._lock.locked()

    def ask(
        self,
        file: str,
        data: bytes,
        source: str,
        profile: SourceProfile,
        beside: frozenset[str] | None = None,
        seconds: float = 0.0,
    ) -> FileReading | Refusal:
        """The units of one file, or why it is set aside. A child that was lost before this file is replaced unseen.
        `seconds` of the processor that the file may take, 0: by its size."""
        seconds = seconds or SECONDS + SECONDS_PER_MIB * len(data) / MIB
        with self._lock:
            try:
                asked = Asked(file, source, profile, seconds, beside)
                found = self._running().ask(asked, data, seconds * PATIENCE)
            except ChildDied as death:
                self._drop()
                if death.is_slow:
                    return Refusal("dicom.too_slow", "it takes longer than Wardlamp gives to one file")
                return Refusal("dicom.reader_died", "its reader died over it")
        if found.refusal is not None and found.refusal.code in _SHAKEN:
            with self._lock:
                self._drop()
        if found.reading is not None:
            return found.reading
        return found.refusal or Refusal("dicom.reader_failed", "the reader itself failed")

    def _running(self) -> _Child:
        if self._child is not None and (self._owner != os.getpid() or not self._child.lives):
            self._drop()
        if self._child is None:
            self._child, self._owner = _Child(self._memory), os.getpid()
            self.made += 1
        return self._child

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None and self._owner == os.getpid():
            child.end()

    def close(self) -> None:
        """Ends the child; a file that is asked afterwards gets a new one."""
        with self._lock:
            self._drop()


def _send(pipe: IO[bytes], *parts: bytes) -> None:
    for part in parts:
        pipe.write(_LENGTH.pack(len(part)))
        pipe.write(part)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    """Raises EOFError where the other end is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (size,) = _LENGTH.unpack(head)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


# -- inside the child ----------------------------------------------------------------------------------------------------


def _limited(memory: int) -> None:
    """Limits this process. Windows has no such limits for a process by itself; there the parent's time limit holds."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes nothing anywhere


def _may_take(seconds: float) -> None:
    """The processor time of the next file, beside the parent's own clock, which a stopped parent would not watch."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, hard))


def answer(asked: Asked, data: bytes) -> Answer:
    """What the child answers; never raises."""
    from localdb.sources.dicom import inside
    from localdb.sources.dicom.faults import DicomRefused

    try:
        return Answer(inside.read(asked.file, data, asked.source, asked.profile, asked.beside))
    except DicomRefused as error:
        return Answer(None, Refusal(error.code, str(error), error.type, error.uid))
    except MemoryError:
        return Answer(None, Refusal("dicom.too_large", "it needs more memory than Wardlamp gives to one file"))
    except RecursionError:
        return Answer(None, Refusal("dicom.too_deep", "its sequences are nested too deeply"))
    except Exception as error:  # noqa: BLE001 a reader's fault sets the file aside with its bytes, it never ends a feed
        return Answer(None, Refusal("dicom.reader_failed", f"the reader itself failed ({type(error).__name__})"))


def _main(memory: int) -> None:
    _limited(memory)
    stdin, stdout = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    todo: queue.Queue[tuple[bytes, bytes]] = queue.Queue(1)

    def listen() -> None:
        """Ends the process with its parent, also in the middle of a file."""
        with contextlib.suppress(EOFError, OSError, MemoryError):
            while True:
                todo.put((_receive(stdin), _receive(stdin)))
        os._exit(0)

    from localdb.sources.dicom import inside

    inside.prepare()
    threading.Thread(target=listen, name="parent", daemon=True).start()
    while True:
        told, data = todo.get()
        asked = _ASKED.decode(told)
        _may_take(asked.seconds)
        made: Any = answer(asked, data)
        del data
        try:
            _send(stdout, msgspec.msgpack.encode(made))
        except MemoryError:
            refusal = Refusal("dicom.too_large", "it needs more memory than Wardlamp gives to one file")
            _send(stdout, msgspec.msgpack.encode(Answer(None, refusal)))
        except OSError:
            os._exit(0)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
