"""The sources' clocks in the intake: cut and counts by kind, sign of life and drift by source (DESIGN D11, CLINICAL §7).

Functions on the connection of the intake's owner (inside its transaction), and of any reader for `entries`. A heartbeat is
our own clock's time of a sign of life; what counts as one is the source's setting (`SourceProfile.heartbeat`).

Drift: a message cannot arrive before it was sent, so received - sent is never less than this clock minus theirs, and
the smallest difference of a while comes nearest to it. A negative one says that this clock is behind (or, where it is more
than a day, that one message bore a wrong date: then it is believed only where it comes again and again). A large positive
one may also be a queue that is being replayed, whose differences shrink as it drains: likewise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from localdb.records.moments import Moment, from_instant, read_moment
from localdb.store.generations import ClockEntry
from localdb.store.opening import Connection

CLOCK_STEP = """
    alter table clock add column received integer not null default 0;
    create table source_clock(
        source text primary key, heartbeat text, samples text not null default '[]', drift integer) without rowid;
    create table original_mark(day text primary key, upto integer) without rowid
    """

DRIFT_WINDOW = 30  # minutes that the measure looks back: as long as a wrong clock may stay unnoticed after a right one
STEADY, STEADY_MINUTES = 30, 3  # seconds within which, and minutes in which, a difference comes again
LARGE = 120  # seconds: what is less is told without doubt (CLINICAL §7.2 warns beyond)
DAY = 86_400  # seconds


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """The smallest received - sent of one minute: `minute` since 1970 by this clock, `seconds`."""

    minute: int
    seconds: int


class Expected(msgspec.Struct, frozen=True):
    """What the site says of a source: its title, and the minutes until it is silent (0: nothing is expected)."""

    title: str = ""
    quiet_after: int = 0


def with_sample(samples: Iterable[Sample], at: datetime, seconds: int) -> tuple[Sample, ...]:
    """The samples of the last DRIFT_WINDOW minutes with one more; those after `at` were taken by a clock set back since."""
    minute = int(at.timestamp()) // 60
    least = {s.minute: s.seconds for s in samples if minute - DRIFT_WINDOW < s.minute <= minute}
    least[minute] = min(seconds, least.get(minute, seconds))
    return tuple(Sample(m, least[m]) for m in sorted(least))


def drift_of(samples: Iterable[Sample]) -> int | None:
    """This machine's clock minus the source's, in seconds; None: cannot be told (see the module)."""
    held = sorted(s.seconds for s in samples)
    for n, least in enumerate(held):
        if -DAY <= least <= LARGE or sum(s - least <= STEADY for s in held[n:]) >= STEADY_MINUTES:
            return least
        if least > LARGE:
            return None
    return None


def advance(
    connection: Connection, source: str, kinds: Iterable[str], cut: Moment | None, now: Moment,
    received: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """`source` delivered `kinds` now; the cut advances where a later one is known (D11). `received` counts by kind."""
    counts = received or {}
    for kind in sorted({*kinds, *counts}):
        connection.execute(
            "insert into clock(source,kind,cut,cut_utc,last_message,received) values(?,?,?,?,?,?)"
            " on conflict(source,kind) do update set last_message=excluded.last_message,"
            " received=received+excluded.received,"
            " cut=case when excluded.cut_utc is not null and excluded.cut_utc>=coalesce(cut_utc,excluded.cut_utc)"
            " then excluded.cut else cut end, cut_utc=max(coalesce(cut_utc,excluded.cut_utc),"
            " coalesce(excluded.cut_utc,cut_utc))",
            (source, kind, _written(cut), cut.utc if cut else None, now.text, counts.get(kind, 0)),
        )


def delivered(connection: Connection, source: str) -> set[str]:
    """The kinds that `source` ever delivered: only their cuts may advance without a record (D11)."""
    return {r[0] for r in connection.execute("select kind from clock where source=?", (source,))}


def _written(cut: Moment | None) -> str | None:
    """A cut as lists carry it: ISO 8601, also where its source wrote it in another form (HL7 v2, a table)."""
    if cut is None or cut.instant is None:
        return cut.text if cut is not None else None
    return cut.text if read_moment(cut.text).utc == cut.utc else from_instant(cut.instant).text


def heartbeat(connection: Connection, source: str, at: datetime) -> None:
    """The source gave a sign of life at `at` (aware, by this clock). The newest word counts: a clock may be set back."""
    connection.execute(
        "insert into source_clock(source,heartbeat) values(?,?)"
        " on conflict(source) do update set heartbeat=excluded.heartbeat",
        (source, from_instant(at).text),
    )


def note_drift(connection: Connection, source: str, seconds: int, at: datetime) -> int | None:
    """One live message came `seconds` after it was sent by its own clock. Returns the drift as it is known now."""
    row = connection.execute("select samples from source_clock where source=?", (source,)).fetchone()
    held = msgspec.json.decode(row[0], type=tuple[Sample, ...]) if row else ()
    samples = with_sample(held, at, seconds)
    drift = drift_of(samples)
    connection.execute(
        "insert into source_clock(source,samples,drift) values(?,?,?)"
        " on conflict(source) do update set samples=excluded.samples, drift=excluded.drift",
        (source, msgspec.json.encode(samples).decode(), drift),
    )
    return drift


def cover(connection: Connection, source: str, coverage: str) -> None:
    """How far back the source was asked, in words of its feed (`since 01-Jan-2024`)."""
    connection.execute("update clock set coverage=? where source=?", (coverage, source))


def set_state(connection: Connection, source: str, state: str, kinds: Iterable[str] = ()) -> None:
    """`complete`, `partial` or `failed`, of all kinds of the source or of those named."""
    named = tuple(kinds)
    marks = f" and kind in ({','.join('?' * len(named))})" if named else ""
    connection.execute(f"update clock set state=? where source=?{marks}", (state, source, *named))


def keep_expected(connection: Connection, expected: Mapping[str, Expected]) -> None:
    """What the site expects of its sources, for the next cuts, which have no settings of their own."""
    connection.execute(
        "insert into meta values('expected',?) on conflict(k) do update set v=excluded.v",
        (msgspec.json.encode(expected).decode(),),
    )


def _expected(connection: Connection) -> dict[str, Expected]:
    row = connection.execute("select v from meta where k='expected'").fetchone()
    return msgspec.json.decode(row[0], type=dict[str, Expected]) if row else {}


def entries(connection: Connection) -> tuple[ClockEntry, ...]:
    """Every source and kind, as a list of layers carries them; kind "" for a source that sent no record yet."""
    expected = _expected(connection)
    own = {
        source: (beat, drift)
        for source, beat, drift in connection.execute("select source, heartbeat, drift from source_clock")
    }
    rows = connection.execute(
        "select source, kind, cut, heartbeat, last_message, coverage, state, received from clock order by source, kind"
    ).fetchall()
    rows += [(s, "", None, None, None, "", "never", 0) for s in sorted(own) if not any(r[0] == s for r in rows)]
    made = []
    for source, kind, cut, beat, last, coverage, state, received in rows:
        sign, drift = own.get(source, (None, None))
        said = expected.get(source, Expected())
        made.append(ClockEntry(
            source, kind, cut, sign or beat, last, coverage, state, received, drift,
            said.quiet_after if sign else 0, said.title))  # fmt: skip
    return tuple(made)
