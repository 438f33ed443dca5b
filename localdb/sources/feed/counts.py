"""What each feed did since the service started: numbers, ages and codes, for health, status and the log."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.sources.units import SET_ASIDE
from localdb.store.taking import OUTCOMES, Outcome

STARTING, RUNNING, FAILED, STOPPED = "starting", "running", "failed", "stopped"


class FeedCounts:
    """The counters of one feed; may be shared by threads."""

    def __init__(self, name: str, source: str, kind: str, clock: Clock) -> None:
        self.name, self.source, self.kind, self._clock = name, source, kind, clock
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._aside: Counter[str] = Counter()
        self._told: Counter[str] = Counter()
        self._refused = 0
        self.state, self.fault, self.where = STARTING, "", ""
        self.last_at: datetime | None = None
        self.connections = 0
        self.restarts = 0
        self.left = 0  # files that cannot be taken, and stay in the folder until a person looks

    def note(self, outcomes: Iterable[Outcome]) -> None:
        with self._lock:
            self.last_at = self._clock()
            for outcome in outcomes:
                self._outcomes[outcome.outcome] += 1
                if outcome.outcome == SET_ASIDE:
                    self._aside[outcome.code] += 1

    def refuse(self, error: BaseException) -> None:
        """What came could not be made durable: the sender was told so and will repeat it."""
        with self._lock:
            self._refused += 1
            self.fault = error.code if isinstance(error, WardlampError) else type(error).__name__

    def went_well(self) -> None:
        self.fault = ""

    def report(self) -> dict[str, object]:
        """Everything, as JSON; no patient data."""
        with self._lock:
            return {
                "name": self.name, "source": self.source, "kind": self.kind, "state": self.state, "fault": self.fault,
                "where": self.where, "connections": self.connections, "restarts": self.restarts, "left": self.left,
                "last_message": self.last_at.isoformat(timespec="seconds") if self.last_at else None,
                "read": sum(self._outcomes.values()), **{o: self._outcomes[o] for o in OUTCOMES},
                "refused": self._refused, "aside_codes": dict(self._aside),
            }  # fmt: skip

    def news(self) -> dict[str, int]:
        """What was counted since this was last asked; {} where nothing was."""
        with self._lock:
            now = Counter({**self._outcomes, "refused": self._refused})
            fresh = {name: n for name, n in (now - self._told).items() if n}
            self._told = now
            return fresh
