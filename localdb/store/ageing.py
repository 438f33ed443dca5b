"""Windows and retention in the intake: whom a window moved past, and originals that are older than the site keeps them.

A window leaves records out of the copy, never out of the intake. Once a day, and whenever the windows change, a cut
writes everyone anew whose records the windows passed since (FIELD §3.5); between, a record leaves with the next change of
its patient. Retention removes the sources' own bytes (`original.frame`, and those of what was set aside and settled),
never a record; the row with its SHA-256 stays, to tell that it was there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from localdb.chart.windows import Windows, dated, windows_of
from localdb.records.moments import Moment, micros
from localdb.records.vocabulary import THIN_KINDS
from localdb.store.generations import Generation
from localdb.store.opening import Connection


class _Times(msgspec.Struct):
    """A record's times, read from its JSON without the rest."""

    happened: Moment | None = None
    said: Moment | None = None
    ended: Moment | None = None


_TIMES: msgspec.json.Decoder[_Times] = msgspec.json.Decoder(_Times)


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[retention]` of site.toml: days for which the sources' own bytes are kept; 0 (default): for ever."""

    originals_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0


class Removed(msgspec.Struct, frozen=True):
    """What a daily pass removed: originals, bytes of settled items, and their compressed size."""

    originals: int = 0
    settled: int = 0
    size: int = 0


def keep_windows(connection: Connection, windows: Windows) -> None:
    """The site's windows, for the next cuts, which have no settings of their own."""
    held = msgspec.json.encode(windows).decode()
    connection.execute("insert into meta values('windows',?) on conflict(k) do update set v=excluded.v", (held,))


def held_windows(connection: Connection) -> Windows:
    """The windows that cuts apply; none where the site set none."""
    row = connection.execute("select v from meta where k='windows'").fetchone()
    return windows_of(msgspec.json.decode(row[0], type=dict[str, int])) if row else Windows()


def is_due(held: Generation, windows: Windows, now: datetime) -> bool:
    """Whether everyone's windows are to be looked at: they changed, or were looked at on an earlier day."""
    if windows_of(held.windows) != windows:
        return True
    return bool(windows) and (not held.windowed or now.date() != datetime.fromisoformat(held.windowed).date())


def passed(connection: Connection, held: Generation, windows: Windows, now: datetime) -> set[str]:
    """Persons whom the next cut writes anew because windows changed, or moved past one of their records."""
    before = windows_of(held.windows)
    if before.discharged_days != windows.discharged_days:
        return _with_kinds(connection, None)
    if before != windows:
        kinds = {k for k in {*before.spans, *windows.spans} if before.spans.get(k) != windows.spans.get(k)}
        return _with_kinds(connection, _as_stored(kinds))
    then = datetime.fromisoformat(held.windowed) if held.windowed else datetime.fromtimestamp(0, now.tzinfo)
    limits = {k: (micros(then - span), micros(now - span)) for k, span in windows.spans.items()}
    for one, other in (("result", "observation"), ("observation", "result")):  # which it is, a report may decide
        if one in limits:
            low, high = limits[one]
            low2, high2 = limits.get(other, (low, high))
            limits[other] = (min(low, low2), max(high, high2))
    gone = timedelta(days=windows.discharged_days)
    everyone = (micros(then - gone), micros(now - gone)) if windows.discharged_days else None
    marks = ",".join("?" * len(limits))
    thin = ",".join(f"'{k}'" for k in sorted({*THIN_KINDS, "instance"}))  # an instance goes with its study
    which = f"kind not in ({thin})" if everyone else f"kind in ({marks})"
    found: set[str] = set()
    for patient, kind, body in connection.execute(
        f"select patient, kind, body from record where {which}", () if everyone else sorted(limits)
    ):
        if patient in found:
            continue
        times = _TIMES.decode(body)
        at = dated(times.happened, times.said, times.ended, ends=kind == "medicine")
        low, high = limits.get(kind, (0, 0))
        if at is not None and low <= at < high:
            found.add(patient)
        elif everyone is not None and any(
            m is not None and m.utc is not None and everyone[0] <= m.utc < everyone[1]
            for m in (times.happened, times.said, times.ended)
        ):
            found.add(patient)
    return _persons(connection, found)


def _as_stored(kinds: Iterable[str]) -> set[str]:
    """The kinds as the intake has them: an observation may become a result when a chart is made."""
    made = set(kinds)
    return made | ({"result", "observation"} if made & {"result", "observation"} else set())


def _with_kinds(connection: Connection, kinds: Iterable[str] | None) -> set[str]:
    """Persons with a record of these kinds; None: of any kind beyond a thin patient's."""
    named = sorted(kinds if kinds is not None else THIN_KINDS)
    marks = ",".join("?" * len(named))
    sql = f"select distinct patient from record where kind {'' if kinds is not None else 'not '}in ({marks})"
    return _persons(connection, {r[0] for r in connection.execute(sql, named)})


def _persons(connection: Connection, patients: set[str]) -> set[str]:
    found: set[str] = set()
    ids = sorted(patients)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        found |= {r[0] for r in connection.execute(f"select person from patient where id in ({marks})", part)}
    return found


# -- retention ------------------------------------------------------------------------------------------------------


def remove_originals(connection: Connection, retention: Retention, now: datetime) -> Removed:
    """Once a day: notes how far the originals go today, and removes the bytes of those that are older than they are kept.

    Inside the owner's transaction. An original has no date of its own: its age counts from the first pass after it came,
    so it is kept a little longer, never shorter. What waits, and what was set aside and not settled, is never touched.
    """
    today = now.date().isoformat()
    if connection.execute("select 1 from original_mark where day=?", (today,)).fetchone():
        return Removed()
    connection.execute("insert into original_mark select ?, coalesce(max(id),0) from original", (today,))
    if not retention.originals_days:
        return Removed()
    limit = now - timedelta(days=retention.originals_days)
    oldest = limit.date().isoformat()
    upto = connection.execute("select coalesce(max(upto),0) from original_mark where day<=?", (oldest,)).fetchone()[0]
    connection.execute(
        "delete from original_mark where day<(select max(day) from original_mark where day<=?)", (oldest,)
    )
    originals, size = connection.execute(
        "select count(*), coalesce(sum(length(frame)),0) from original where id<=? and frame is not null", (upto,)
    ).fetchone()
    connection.execute("update original set frame=null where id<=? and frame is not null", (upto,))
    done = [
        (number, length)
        for number, settled, length in connection.execute(
            "select id, settled, length(frame) from aside where settled is not null and frame is not null"
        )
        if datetime.fromisoformat(settled) < limit
    ]
    connection.executemany("update aside set frame=null where id=?", [(n,) for n, _ in done])
    return Removed(int(originals), len(done), int(size) + sum(length for _, length in done))
