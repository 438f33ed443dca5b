"""What the service logs: one JSON object a line on standard error, without a word of what came.

A line has `at`, `event`, and of the fields below those that fit. Texts are names of ours (feed, source, code, type of an
error) or addresses; anything else is refused before it is written, so that no message, file name or error text can
bring a patient into a log.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import types
import warnings
from typing import Any, TextIO

from localdb.clock import Clock, present
from localdb.errors import HouseFault, WardlampError

FIELDS = frozenset(
    {
        "feed",
        "source",
        "kind",
        "code",
        "error",
        "peer",
        "listen",
        "count",
        "seconds",
        "generation",
        "written",
        "taken",
        "same",
        "older",
        "not_kept",
        "waiting",
        "set_aside",
        "refused",
        "again",
        "health",
        "thread",
    }
)
_TEXT = re.compile(r"[A-Za-z0-9._:\[\]-]{0,64}\Z")


class FeedLog:
    """Writes lines; may be shared by threads."""

    def __init__(self, clock: Clock = present, stream: TextIO | None = None) -> None:
        self._clock, self._stream, self._lock = clock, stream, threading.Lock()

    def say(self, event: str, **fields: str | int | float | bool) -> None:
        """One line. Raises HouseFault for a field or a text that is not ours to log."""
        for name, value in fields.items():
            if name not in FIELDS or (isinstance(value, str) and not _TEXT.match(value)):
                raise HouseFault(f"The log takes no {name} of that kind.")
        line = json.dumps({"at": self._clock().isoformat(timespec="milliseconds"), "event": event, **fields})
        stream = self._stream or sys.stderr
        with self._lock:
            try:
                stream.write(line + "\n")
                stream.flush()
            except (OSError, ValueError):
                # Whoever read the log went away, or its disk is full: feeding goes on.
                return

    def failed(self, event: str, error: BaseException, **fields: str | int | float | bool) -> None:
        """What went wrong, by its code, or by its type where it has none; never by its words."""
        known = isinstance(error, WardlampError)
        self.say(event, **fields, **({"code": error.code} if known else {"error": type(error).__name__}))  # type: ignore[attr-defined]

    def hook(self) -> None:
        """Errors that nobody caught, and warnings, are logged by type too: a traceback's last line may hold a value."""

        def from_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                self.failed("thread_ended", args.exc_value)

        def from_main(_: type[BaseException], error: BaseException, __: types.TracebackType | None) -> Any:
            self.failed("ended", error)

        def from_library(
            message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None,
            line: str | None = None,
        ) -> None:  # fmt: skip
            self.say("warning", error=category.__name__)

        threading.excepthook = from_thread
        sys.excepthook = from_main
        warnings.showwarning = from_library  # pydicom's repeat the value that they warn of
