"""How far back the copy goes (FIELD §3.5): what a site's windows leave out of a laptop's copy. Pure; now is passed in.

Ageing out is never a clinical deletion: the intake keeps every record, the chart says that older ones are not in this
copy, and a wider window brings them back with the next cut. Off by default. Never aged out, however old: identity,
allergies, alerts, problems, requests, blood groups; and of those who are not long discharged what runs (active medicines,
results and reports that are not final), what has no known time, and the last of each test, observation, examination and
kind of letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec.structs import replace

from localdb.chart.assembly import IN_FLIGHT, PRESENT, Assembled
from localdb.chart.held_images import bare_uid
from localdb.records.moments import Moment, micros
from localdb.records.vocabulary import (
    BLOOD_GROUP_CODES,
    LISTS,
    THIN_KINDS,
    Appointment,
    ImagingStudy,
    Instance,
    Medicine,
    Observation,
    Record,
    Request,
    Stay,
)

Count = Annotated[int, msgspec.Meta(ge=0, le=36_500)]
_RUNNING = frozenset({"registered", "partial", "preliminary"})
_STOPPED = frozenset({"stopped", "completed", "cancelled", "ended", "entered-in-error", "not-taken"})
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_LASTING = frozenset({"problem", "request", *THIN_KINDS})


class Windows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[windows]` of site.toml; each 0 (default): everything. Days since a record happened, hours for administrations,
    days since a medicine was stopped; `discharged_days`: who was discharged longer ago, and of whom nothing was heard
    since, stands thin."""

    results_days: Count = 0
    observations_days: Count = 0
    reports_days: Count = 0
    documents_days: Count = 0
    images_days: Count = 0
    appointments_days: Count = 0
    administrations_hours: Count = 0
    stopped_medicines_days: Count = 0
    discharged_days: Count = 0

    def __bool__(self) -> bool:
        return self != Windows()

    @property
    def spans(self) -> dict[str, timedelta]:
        """Kind of record -> how far back it goes; kinds without a window are left out."""
        days = {
            "result": self.results_days,
            "observation": self.observations_days,
            "report": self.reports_days,
            "document": self.documents_days,
            "image": self.images_days,
            "appointment": self.appointments_days,
            "medicine": self.stopped_medicines_days,
        }
        made = {kind: timedelta(days=count) for kind, count in days.items() if count}
        if self.administrations_hours:
            made["administration"] = timedelta(hours=self.administrations_hours)
        return made


def windows_of(held: Mapping[str, int]) -> Windows:
    """The windows as a list of layers carries them; names that a newer program knows are passed over."""
    known = {name: count for name, count in held.items() if name in Windows.__struct_fields__}
    return msgspec.convert(known, Windows)


def within(made: Assembled, windows: Windows, now: datetime) -> Assembled:
    """One person as far back as the windows go, with what was left out named in `view.aged`."""
    if windows.discharged_days and _is_gone(made, now - timedelta(days=windows.discharged_days)):
        words = f"discharged more than {_days(windows.discharged_days)} ago"
        kept = tuple(r for r in made.rows if _kind(r) in _LASTING or _is_blood_group(r))
        left = {_kind(r) for r in made.rows} - {_kind(r) for r in kept}
        aged = tuple((kind, words) for kind in LISTS.values() if kind in left)
        return Assembled(replace(made.view, scope="thin", aged=aged), kept, made.pending)
    spans = windows.spans
    since = {kind: micros(now - span) for kind, span in spans.items()}
    kept_rows: list[Record] = []
    left_out: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for record in made.rows:  # newest first within a kind
        kind = _kind(record)
        key = _test(record) if kind in since else None
        is_last = key is not None and key not in seen
        if kind not in since or is_last or not _is_older(record, since[kind]):
            kept_rows.append(record)
            if key is not None and _tells(record):
                seen.add(key)
        else:
            left_out.add(kind)
    if not left_out:
        return made
    if "image" in left_out:  # the instances of an examination go with it
        studies = {bare_uid(r.uid) for r in kept_rows if isinstance(r, ImagingStudy)}
        kept_rows = [r for r in kept_rows if not isinstance(r, Instance) or bare_uid(r.study) in studies]
    aged = tuple((kind, _words(windows, kind)) for kind in LISTS.values() if kind in left_out)
    return Assembled(replace(made.view, aged=aged), tuple(kept_rows), made.pending)


def _words(windows: Windows, kind: str) -> str:
    """`older than 30 days`, `given more than 72 hours ago`, `stopped more than 7 days ago`."""
    if kind == "administration":
        return f"given more than {windows.administrations_hours} hours ago"
    days = _days(windows.spans[kind].days)
    return f"stopped more than {days} ago" if kind == "medicine" else f"older than {days}"


def _days(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"


def _kind(record: Record) -> str:
    return str(type(record).__struct_config__.tag)


def dated(happened: Moment | None, said: Moment | None, ended: Moment | None, *, ends: bool) -> int | None:
    """The time that a window looks at, microseconds UTC; `ends`: of what was stopped, when. None: not known."""
    for moment in (ended, said, happened) if ends else (happened, said):
        if moment is not None and moment.utc is not None:
            return moment.utc
    return None


def _is_older(record: Record, since: int) -> bool:
    """Whether it is aged out, were it not the last of its kind."""
    if record.status in _RUNNING or _is_blood_group(record):
        return False
    if isinstance(record, Medicine) and record.status not in _STOPPED:
        return False
    at = dated(record.happened, record.said, record.ended, ends=isinstance(record, Medicine))
    return at is not None and at < since


def _is_blood_group(record: Record) -> bool:
    return isinstance(record, Observation) and any(c.code in BLOOD_GROUP_CODES for c in record.codes)


def _tells(record: Record) -> bool:
    """Whether a record may stand as the last of its test: a withdrawn or empty one hides no value."""
    if record.status in _WITHDRAWN:
        return False
    return not isinstance(record, Observation) or bool(record.value or record.components or record.value_codes)


def _test(record: Record) -> tuple[str, ...] | None:
    """What a record is the last of; None for kinds whose last one is not kept. A test's unit, method and specimen are its
    own, as in the grid (H07)."""
    kind = _kind(record)
    if kind not in ("result", "observation", "report", "document"):
        return None
    if not _tells(record):
        return None
    name = f"{record.codes[0].system}|{record.codes[0].code}" if record.codes else record.text.casefold()
    if isinstance(record, Observation):
        return kind, name, record.unit or "", record.method, record.specimen
    return kind, name


def _is_gone(made: Assembled, since: datetime) -> bool:
    """Discharged before `since`, with nothing in flight, planned or heard of after it."""
    limit = micros(since)
    stays = [r for r in made.rows if isinstance(r, Stay) and r.status not in _WITHDRAWN]
    if not any(s.ended is not None and s.ended.utc is not None for s in stays):
        return False
    if any(s.ended is None and s.status in (*PRESENT, "planned") for s in stays):
        return False
    for record in made.rows:
        if isinstance(record, Request) and record.status in IN_FLIGHT:
            return False
        times = [m.utc for m in (record.happened, record.said, record.ended) if m is not None and m.utc is not None]
        if any(at >= limit for at in times) or (isinstance(record, Appointment) and not times):
            return False
    return True
