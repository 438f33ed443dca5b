"""A stage for tests of the patient's screens: a made-up house, benches whose answers can be held back, an application.

`Late` delivers what was asked in an order that the test decides, in the window's thread, like workers that are slow.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject

from desktop.shell.context import Context
from desktop.shell.tokens import Look
from localdb.chart.views import Chart
from localdb.errors import InputRefused, WardlampError
from localdb.journal.entries import Receipt
from localdb.journal.kinds import check
from localdb.records.moments import from_instant
from localdb.records.vocabulary import Instance

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


@dataclass
class Images:
    """What a made-up copy holds of pictures: instances by study, pixel files by name."""

    instances: dict[str, tuple[Instance, ...]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)


class FakeReading:
    """Charts by person, and pictures."""

    def __init__(self, charts: dict[str, Chart], images: Images | None = None) -> None:
        self._charts, self._images = charts, images or Images()

    def instances(self, patient: str, study: str) -> tuple[Instance, ...]:
        return self._images.instances.get(study, ())

    def blob(self, digest: str) -> bytes | None:
        return self._images.blobs.get(digest)

    def chart(self, person: str) -> Chart:
        if person not in self._charts:
            raise InputRefused("Nobody in this copy has that id or number.", code="patient.unknown")
        return self._charts[person]


class FakeHouse:
    """Keeps entries and drafts in memory; `broken` is raised by the next `enter`. Bodies meet the journal's own check."""

    staff, device = "Adaeze Obi", "W07"

    def __init__(self, charts: dict[str, Chart] | None = None) -> None:
        self.charts: dict[str, Chart] = charts or {}
        self.site: dict[str, Any] = {}
        self.images = Images()
        self.entered: list[tuple[str, str, dict[str, Any], str | None]] = []
        self.drafts: dict[str, dict[str, Any]] = {}
        self.broken: WardlampError | None = None
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def reading(self) -> FakeReading:
        return FakeReading(self.charts, self.images)

    def enter(self, kind: str, patient: str, body: dict[str, Any], corrects: str | None = None) -> Receipt:
        if self.broken is not None:
            raise self.broken
        check(kind, body, self.at)
        self.entered.append((kind, patient, body, corrects))
        number = len(self.entered)
        return Receipt(entry=f"E{number:013d}", number=f"W07-{number:04d}", written=from_instant(self.at))

    def draft(self, key: str) -> dict[str, Any] | None:
        return self.drafts.get(key)

    def save_draft(self, key: str, body: dict[str, Any]) -> None:
        self.drafts[key] = body

    def drop_draft(self, key: str) -> None:
        self.drafts.pop(key, None)

    def close(self) -> None:
        """Nothing is open."""


class Late(QObject):
    """A bench without a thread: `ask` waits until `deliver` lets one answer through. Same signature as Bench.ask."""

    def __init__(self, tool: Callable[[], Any], seed: int = 0) -> None:
        super().__init__()
        self._tool, self._random = tool, random.Random(seed)
        self.waiting: list[Callable[[], None]] = []
        self.immediate = False

    def ask(
        self,
        key: Hashable,
        job: Callable[[Any], Any],
        then: Callable[[Hashable, Any], None] | None = None,
        failed: Callable[[Hashable, WardlampError], None] | None = None,
        *,
        lane: str | None = None,
    ) -> None:
        """Lanes are left out on purpose: what must hold, holds by the keys alone."""

        def answer() -> None:
            try:
                result = job(self._tool())
            except WardlampError as error:
                if failed is not None:
                    failed(key, error)
                return
            if then is not None:
                then(key, result)

        if self.immediate:
            answer()
        else:
            self.waiting.append(answer)

    def deliver(self) -> bool:
        """Let one of the waiting answers through, whichever; False when none waits."""
        if not self.waiting:
            return False
        self.waiting.pop(self._random.randrange(len(self.waiting)))()
        return True

    def close(self) -> None:
        self.waiting.clear()


LIVE: list[Stage] = []  # every stage of the running test; conftest.py ends their threads


class Stage:
    """A context on a made-up house. `late` holds the reader's answers back, else everything answers at once."""

    def __init__(self, charts: dict[str, Chart], *, late: bool = False, seed: int = 0) -> None:
        self.house = FakeHouse(charts)
        LIVE.append(self)
        self.context = Context(self.house, Look())
        for bench in (self.context.reader, self.context.finder, self.context.writer):
            bench.close()
        self.reader = Late(self.house.reading, seed)
        self.writer = Late(lambda: self.house, seed)
        self.reader.immediate, self.writer.immediate = not late, True
        self.context.reader, self.context.writer = self.reader, self.writer  # type: ignore[assignment]
        self.told: list[str] = []
        self.held: list[Any] = []  # a widget that is only garbage may be taken away in the middle of an event
        self.opened: list[str] = []
        self.context.status.connect(self._on_status)
        self.context.open_patient.connect(self.opened.append)

    def _on_status(self, notice: Any) -> None:
        self.told.append(notice.text)


def stage_of(*charts: Chart, late: bool = False, seed: int = 0) -> Stage:
    return Stage({c.patient.id: c for c in charts}, late=late, seed=seed)
