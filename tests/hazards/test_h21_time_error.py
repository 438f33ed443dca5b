"""H21 A time is wrong: clock changes, times without a zone, drift. Times come in through HL7 v2 and FHIR as they are sent;
the doubled hour of October and the skipped one of March (CLINICAL §7.2). Sabotage: the doubt, the zone and the drift are
not heeded.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from desktop.lamp.state import cells
from localdb.chart import staleness, wording
from localdb.records import moments
from localdb.records.moments import Moment, from_instant, read_moment
from localdb.sources.hl7v2 import times
from tests.unit.forms import paper

LONDON = "Europe/London"
# The last Sunday of October 2026: at 02:00 BST clocks go back to 01:00 GMT; of March: at 01:00 GMT on to 02:00 BST.
DOUBLED = ("20261025013000", "2026-10-25T01:30:00")
SKIPPED = ("20260329013000", "2026-03-29T01:30:00")


def readings(v2: str, fhir: str) -> tuple[Moment, Moment]:
    found = times.read_dtm(v2, LONDON)
    assert found is not None
    return found, read_moment(fhir, LONDON)


def faults() -> list[str]:
    found = []
    for moment in readings(*DOUBLED):
        if "doubled_hour" not in moment.doubts:
            found.append("the doubled hour is not flagged")
        # The earlier of the two: 01:30 BST, half an hour after midnight UTC.
        if moment.instant != datetime(2026, 10, 25, 0, 30, tzinfo=UTC):
            found.append("the doubled hour is not taken as the earlier one")
        if wording.time(moment) != "01:30 BST or GMT":
            found.append(f"the doubled hour is shown as {wording.time(moment)}")
    sent = times.read_dtm("20261025013000+0000", LONDON)
    if sent is None or wording.time(sent) != "01:30 GMT" or sent.doubts:
        found.append("a time with its offset is not the one that was sent")
    return found


def test_the_doubled_hour_is_flagged_taken_as_the_earlier_one_and_named() -> None:
    assert faults() == []


def test_a_time_of_the_skipped_hour_keeps_its_letters_and_its_doubt() -> None:
    for moment, text in zip(readings(*SKIPPED), SKIPPED, strict=True):
        assert moment.text == text
        assert "doubled_hour" in moment.doubts or "assumed_zone" in moment.doubts
        assert moment.instant is not None and abs(moment.instant - datetime(2026, 3, 29, 1, tzinfo=UTC)) <= timedelta(
            hours=1
        )


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2026-03-29", 23), ("2026-06-01", 24)])
def test_an_interval_is_counted_from_utc(day: str, hours: int) -> None:
    """From midnight to midnight by the ward's clock: the hours that really went by."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(LONDON))
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=ZoneInfo(LONDON))
    first, last = (read_moment(t.isoformat()) for t in (start, end))
    assert first.utc is not None and last.utc is not None
    assert timedelta(microseconds=last.utc - first.utc) == timedelta(hours=hours)
    found = staleness.staleness(first, end, "result")
    assert found.minutes == hours * 60


@pytest.mark.parametrize("seconds", [-7200, -121, 121, 3600])
def test_a_clock_that_is_off_is_named_beside_the_ages(seconds: int) -> None:
    assert len(drifts(seconds)) == 1


@pytest.mark.parametrize("seconds", [None, -120, 0, 120])
def test_two_minutes_are_no_drift(seconds: int | None) -> None:
    assert drifts(seconds) == []


def drifts(seconds: int | None) -> list[str]:
    """What the age strip says of clocks."""
    at = from_instant(paper.NOW)
    held = [msgspec.structs.replace(s, kinds=dict.fromkeys(s.kinds, at), cut=at) for s in paper.sources()]
    held[0] = msgspec.structs.replace(held[0], drift=seconds)
    return [c.text for c in cells(held, paper.NOW) if c.names.startswith("Clock of")]


def test_sabotage_without_its_doubts_the_doubled_hour_passes_for_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    times.read_dtm.cache_clear()
    plain = times.Moment

    def certain(text: str, *rest: object, **more: object) -> Moment:
        made = plain(text, *rest, **more)  # type: ignore[arg-type]
        return msgspec.structs.replace(made, doubts=())

    monkeypatch.setattr(times, "Moment", certain)
    monkeypatch.setattr(moments, "Moment", certain)
    try:
        assert faults()
    finally:
        monkeypatch.undo()
        times.read_dtm.cache_clear()


def test_sabotage_without_the_limit_no_clock_is_ever_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness, "DRIFT", timedelta(days=1))
    assert drifts(3600) == []
