"""What an archive says that it has, what of it is not here, and what is worth asking for now. Pure (issue 8, H19).

An answer counts only for whom was asked: an archive that does not match by PatientID answers with everybody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

import msgspec
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pynetdicom.dsutils import encode

from localdb.chart.views import PatientView
from localdb.sources.feed.imaging_settings import is_askable

_UID = re.compile(r"[0-9]+(\.[0-9]+)*\Z")
_LONGEST_UID = 64
_FIRST_REST, _LONGEST_REST = timedelta(minutes=5), timedelta(days=1)
HOSPITAL_NUMBERS = ("MR", "MRN", "PI")


def patient_ids(view: PatientView, numbers: Collection[str]) -> tuple[str, ...]:
    """The PatientIDs by which somebody is asked for: the identifiers whose system or type is in `numbers` (letters' case
    does not count), else the hospital numbers. What a matching rule would take for a pattern is left out."""
    wanted = {n.casefold() for n in numbers or HOSPITAL_NUMBERS}
    found = [i.value for i in view.identifiers if {i.system.casefold(), i.type.casefold()} & wanted]
    if not numbers and view.mrn:
        found.insert(0, view.mrn)
    return tuple(dict.fromkeys(v.strip() for v in found if is_askable(v)))


def text_of(found: Dataset, keyword: str) -> str:
    """One value of an answer as text; "" where there is none that can be read."""
    return next(iter(texts_of(found, keyword)), "")


def texts_of(found: Dataset, keyword: str) -> tuple[str, ...]:
    """Every value of an element of an answer as text; () where there is none that can be read."""
    try:
        value = found.get(keyword)
        values = value if isinstance(value, MultiValue | list | tuple) else (value,)
        return tuple(str(v).strip(" \0") for v in values if v is not None)
    except Exception:  # noqa: BLE001 pydicom raises whatever it stumbles over in what an archive sent
        return ()


def number_of(found: Dataset, keyword: str) -> int | None:
    """One whole number of an answer; None where none was said."""
    value = text_of(found, keyword)
    return int(value) if value.isdigit() and len(value) < 10 else None


def is_uid(value: str) -> bool:
    """Whether this is a UID (PS3.5 §9.1)."""
    return len(value) <= _LONGEST_UID and bool(_UID.match(value))


def digest_of(found: Iterable[Dataset]) -> bytes | None:
    """The same for answers that say the same; None where they cannot be written down."""
    made = sha256()
    for one in found:
        encoded = encode(one, True, True)
        if encoded is None:
            return None
        made.update(encoded)
    return made.digest()


class StudySaid(msgspec.Struct, frozen=True, kw_only=True):
    """A study as its archive lists it. `total` instances (None: not said), `day` `YYYYMMDD` or "", and its answer."""

    uid: str
    total: int | None
    day: str
    modalities: frozenset[str]
    answer: Dataset


def studies_of(
    answers: Iterable[Dataset], number: str, modalities: Collection[str], by: str = "PatientID"
) -> tuple[tuple[StudySaid, ...], int]:
    """(the studies of what was asked for, how many answers were of somebody else or of nobody). `by` is the element that
    was matched: PatientID or AccessionNumber."""
    made, strangers = [], 0
    for found in answers:
        uid = text_of(found, "StudyInstanceUID")
        if text_of(found, by) != number.strip() or not text_of(found, "PatientID") or not is_uid(uid):
            strangers += 1
            continue
        held = frozenset(m for m in texts_of(found, "ModalitiesInStudy") if m)
        if modalities and held and not held & set(modalities):
            continue
        total, day = number_of(found, "NumberOfStudyRelatedInstances"), text_of(found, "StudyDate")
        made.append(StudySaid(uid=uid, total=total, day=day, modalities=held, answer=found))
    return tuple(made), strangers


def newest_first(studies: Iterable[StudySaid]) -> list[StudySaid]:
    """One of each, the newest before the others; undated ones last."""
    once = {s.uid: s for s in studies}
    return sorted(once.values(), key=lambda s: (s.day, s.uid), reverse=True)


def since(now: datetime, days: int) -> date:
    """The first day that is asked for."""
    return now.date() - timedelta(days=days or 730)


class Memory:
    """What was learnt since the service began, so that an archive is asked for nothing twice: studies that are whole here,
    and instances that did not come, with when they are worth another try."""

    def __init__(self) -> None:
        self._whole: dict[str, int] = {}
        self._tries: dict[str, tuple[int, datetime]] = {}

    def is_whole(self, study: StudySaid) -> bool:
        """Whether nothing changed since all of it was here. A study without a total is looked at each time."""
        return study.total is not None and self._whole.get(study.uid) == study.total

    def is_whole_now(self, study: StudySaid) -> None:
        if study.total is not None:
            self._whole[study.uid] = study.total

    def due(self, uids: Sequence[str], now: datetime) -> list[str]:
        """Those that are worth asking for now."""
        return [u for u in uids if u not in self._tries or self._tries[u][1] <= now]

    def failed(self, uids: Iterable[str], now: datetime) -> None:
        """They were asked for and did not come: each time the next try is twice as far."""
        for uid in uids:
            times = self._tries.get(uid, (0, now))[0] + 1
            rest = min(_FIRST_REST * 2 ** min(times - 1, 16), _LONGEST_REST)
            self._tries[uid] = times, now + rest

    def came(self, uids: Iterable[str]) -> None:
        for uid in uids:
            self._tries.pop(uid, None)


def within(wanted: Sequence[str], room: int) -> Sequence[str]:
    """The first of them that a run may still fetch."""
    return wanted[: max(room, 0)]


def counted(series: Mapping[str, Sequence[str]], here: Collection[str]) -> tuple[int, int]:
    """(n here, of m) over the instances that an archive lists."""
    every = [u for uids in series.values() for u in uids]
    return sum(u in here for u in every), len(every)
