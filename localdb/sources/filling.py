"""`fill`: reads files into the intake and counts what became of each unit (DESIGN §5 fill, D4, D11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from localdb.errors import InputRefused
from localdb.records.moments import Moment, read_moment
from localdb.sources.files import read_all
from localdb.sources.kinds import read_any
from localdb.sources.profiles import Profiles
from localdb.sources.units import ANSWERS, NOT_KEPT, READ, SET_ASIDE, FileReading
from localdb.store.intake import Intake
from localdb.store.taking import OLDER, OUTCOMES, SAME, TAKEN, WAITING, Outcome

Progress = Callable[[str, int], None]  # file just read, units so far


# Below this many bytes, starting child processes takes longer than reading.
SMALL_FILL = 6 * 1024 * 1024


def weight(paths: Iterable[Path]) -> int:
    """Bytes under these paths; an archive counts tenfold."""
    total = 0
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            if file.is_file():
                packed = file.suffix in (".gz", ".zip", ".xz", ".tgz", ".tar")
                total += file.stat().st_size * (10 if packed else 1)
    return total


class TimeUnreadable(InputRefused):
    """A time on the command line that cannot be read."""

    code = "time.unreadable"
    next_step = "Give an ISO 8601 time with its offset, such as 2026-11-20T02:10:00+00:00."


class Aside(msgspec.Struct, frozen=True):
    """One unit that was set aside, with the SHA-256 of its bytes."""

    file: str
    index: int
    code: str
    reason: str
    sha256: str


class FillReport(msgspec.Struct, kw_only=True):
    """What a fill did. The six outcomes sum to `read`; `found` = units of earlier fills whose patient came now."""

    read: int = 0
    taken: int = 0
    same: int = 0
    older: int = 0
    not_kept: int = 0
    waiting: int = 0
    set_aside: list[Aside] = []
    by_type: dict[str, dict[str, int]] = {}
    files: int = 0
    found: int = 0
    generation: int = 0

    def count(self, type_: str, outcome: str, step: int = 1) -> None:
        if outcome != SET_ASIDE:
            setattr(self, outcome, getattr(self, outcome) + step)
        of_type = self.by_type.setdefault(type_, {})
        of_type[outcome] = of_type.get(outcome, 0) + step
        if not of_type[outcome]:
            del of_type[outcome]


def read_as_of(text: str) -> Moment:
    """The moment of `--as-of`. Raises time.unreadable where it is no instant with an offset."""
    moment = read_moment(text)
    if moment.utc is None or moment.offset is None or not moment.has_time:
        raise TimeUnreadable("The time given with --as-of cannot be read.")
    return moment


DRIFT_MICROS = 120_000_000  # two minutes: what clocks may differ without a warning (CLINICAL §7.2)


class _Cuts:
    """Which cut each (source, kind) earned in this fill (D11).

    `--as-of` counts for all; a snapshot file (searchset, bulk, transaction …) is complete to its own time, and several
    of them only to the earliest; of messages the latest counts. A message dated later than now says nothing of what
    is here.
    """

    def __init__(self, as_of: Moment | None, now: Moment) -> None:
        self._as_of = as_of
        self._latest = (now.utc or 0) + DRIFT_MICROS
        self.kinds: dict[str, set[str]] = {}
        self._cuts: dict[tuple[str, str], tuple[str, Moment]] = {}

    def note(self, reading: FileReading) -> None:
        kinds = {r[0] for u in reading.units if u.verdict == READ for r in u.records}
        kinds |= {f.kind for u in reading.units if u.verdict == READ for f in u.facts}
        self.kinds.setdefault(reading.source, set()).update(kinds)
        if self._as_of is not None or reading.cut is None or reading.cut.utc is None:
            return
        if reading.cut_rule == "message" and reading.cut.utc > self._latest:
            return
        for kind in kinds:
            held = self._cuts.get((reading.source, kind))
            if held is None or held[1].utc is None:
                self._cuts[reading.source, kind] = (reading.cut_rule, reading.cut)
                continue
            later = reading.cut.utc > held[1].utc
            if later == (reading.cut_rule == "message"):
                self._cuts[reading.source, kind] = (reading.cut_rule, reading.cut)

    def apply(self, intake: Intake) -> None:
        for source, kinds in self.kinds.items():
            for kind in kinds:
                held = self._cuts.get((source, kind))
                intake.advance_clock(source, [kind], self._as_of or (held[1] if held else None))


def fill(
    intake: Intake,
    paths: Iterable[Path],
    *,
    source: str | None = None,
    as_of: Moment | None = None,
    zone: str = "Europe/London",
    profiles: Profiles | None = None,
    processes: int = 2,
    progress: Progress | None = None,
) -> FillReport:
    """Reads files and folders into the intake; every unit gets an outcome. Does not cut. Raises disk.*, file.missing."""
    paths = list(paths)
    if weight(paths) < SMALL_FILL:
        processes = 0
    report, cuts = FillReport(), _Cuts(as_of, intake.now())
    waits: dict[str, Outcome] = {}
    for reading in read_all(paths, source=source, zone=zone, profiles=profiles, processes=processes):
        report.files += 1
        for outcome in intake.take(reading):
            report.read += 1
            report.count(outcome.type, outcome.outcome)
            _note(report, waits, reading.file, outcome)
        cuts.note(reading)
        if progress is not None:
            progress(reading.file, report.read)
    for outcome in intake.retry_waiting():
        held = waits.pop(outcome.unit, None)
        if held is None:
            report.found += 1
            continue
        report.count(held.type, WAITING, -1)
        report.count(outcome.type, outcome.outcome)
        _note(report, waits, "", outcome)
    cuts.apply(intake)
    intake.commit()
    return report


def _note(report: FillReport, waits: dict[str, Outcome], file: str, outcome: Outcome) -> None:
    if outcome.outcome == WAITING:
        waits[outcome.unit] = outcome
    elif outcome.outcome == SET_ASIDE:
        report.set_aside.append(Aside(file, outcome.index, outcome.code, outcome.reason, outcome.sha256))


def retry_aside(intake: Intake, *, zone: str = "Europe/London", profiles: Profiles | None = None) -> FillReport:
    """Reads again what was set aside (after a fix of the reader or of a rule); what now has a place leaves the list."""
    report = FillReport()
    for held in intake.aside_items(limit=1_000_000):
        number, data = int(str(held["id"])), intake.aside_bytes(int(str(held["id"])))
        if data is None or held["type"] in ANSWERS:  # what a query answered is asked anew
            continue
        reading = read_any(str(held["file"]), data, str(held["source"]), profiles or Profiles(zone=zone))
        if len(reading.units) == 1:  # its place in the file that it came in
            place = int(str(held["index"]))
            reading = msgspec.structs.replace(reading, units=(msgspec.structs.replace(reading.units[0], index=place),))
        intake.settle_aside(number)
        report.files += 1
        for outcome in intake.take(reading):
            report.read += 1
            report.count(outcome.type, outcome.outcome)
            _note(report, {}, reading.file, outcome)
    intake.commit()
    return report


__all__ = [
    "NOT_KEPT",
    "OLDER",
    "OUTCOMES",
    "SAME",
    "TAKEN",
    "WAITING",
    "FillReport",
    "fill",
    "read_as_of",
    "retry_aside",
]
