"""The press in a process of its own (DESIGN D12): a locked screen does not stop it, and the window never waits for it.

The keys come through its standard input, which stays open as long as the window lives: when it ends, however it ends, the
press sends no further sheet and goes, so that no process with keys outlives the window; the queue goes on at the next
unlock. What happens is told on standard output, one line of JSON each, serials and counts only.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from desktop.printing.errors import PressBusy
from localdb.errors import WardlampError

_HEAD = struct.Struct(">II")


class Line(msgspec.Struct, frozen=True):
    """One line of the child: progress, or the error (code, message, next step) with which it ended."""

    progress: Any = None
    error: tuple[str, str, str] | None = None


class Running:
    """A press that runs. `told` and `ended` are called from a thread of its own."""

    def __init__(self, house: Any, told: Callable[[Any], None], ended: Callable[[WardlampError | None], None]) -> None:
        vault, keys = os.fsencode(house.vault), house.keys_for_child()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "desktop.printing.runner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._child.stdin is not None
        self._child.stdin.write(_HEAD.pack(len(vault), len(keys)) + vault + keys)
        self._child.stdin.flush()
        self._told, self._ended = told, ended
        self._thread = threading.Thread(target=self._listen, name="wardlamp-press", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self, wait: float = 10.0) -> None:
        """Ends it after the sheet that it is sending, and waits; what is left stays in the queue."""
        if self._child.stdin is not None and not self._child.stdin.closed:
            self._child.stdin.close()
        try:
            self._child.wait(wait)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended by itself within the time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _listen(self) -> None:
        from desktop.printing.press import Progress

        fault: WardlampError | None = None
        assert self._child.stdout is not None
        with self._child.stdout as lines:
            for raw in lines:
                line = msgspec.json.decode(raw, type=Line)
                if line.error is not None:
                    code, message, next_step = line.error
                    fault = WardlampError(message, code=code, next_step=next_step)
                else:
                    self._told(msgspec.convert(line.progress, Progress))
        self._child.wait()
        if self._child.stdin is not None and not self._child.stdin.closed:
            self._child.stdin.close()
        self._ended(fault)


def start(
    house: Any, told: Callable[[Any], None] = lambda progress: None,
    ended: Callable[[WardlampError | None], None] = lambda fault: None,
) -> Running:  # fmt: skip
    """A press beside this process, for what is queued now and what is put in while it runs. `ended` hears the error with
    which it ended; a press that runs already is none."""
    return Running(house, told, ended)


def main() -> int:
    """The child's side."""
    from desktop.hardening import harden
    from desktop.printing import press
    from localdb.house import house_from_pipe

    harden()
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    first, second = _HEAD.unpack(inward.read(_HEAD.size))
    vault, keys = Path(os.fsdecode(inward.read(first))), inward.read(second)
    left = threading.Event()

    def watch() -> None:
        inward.read()
        left.set()

    def pause(seconds: float) -> None:
        left.wait(seconds)

    threading.Thread(target=watch, name="wardlamp-parent", daemon=True).start()

    def say(line: Line) -> None:
        try:
            outward.write(msgspec.json.encode(line) + b"\n")
            outward.flush()
        except OSError:
            left.set()  # nobody listens any more

    house = house_from_pipe(vault, keys)
    try:
        press.run(house, lambda p: say(Line(progress=p)), stop=left.is_set, pause=pause)
    except PressBusy:
        return 0
    except WardlampError as error:
        say(Line(error=(error.code, error.message, error.next_step)))
        return 1
    finally:
        house.close()
    return 0


if __name__ == "__main__":
    sys.stdout.flush()
    status = main()
    os._exit(status)  # the thread that watches the parent may hold standard input
