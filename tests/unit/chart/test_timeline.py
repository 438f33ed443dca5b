"""The timeline: what is an event, in which order, under which head, and what lies across (CLINICAL §1.5, §3.1, H08)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from localdb.chart import timeline as model
from localdb.chart.documents import RESTRICTED
from localdb.chart.timeline import Day, Event, Mark, rows, timeline
from localdb.chart.views import Chart
from localdb.records.moments import Moment, from_instant
from localdb.records.vocabulary import Administration, Medicine, Move, Stay
from tests.unit.chart.test_documents import letter
from tests.unit.chart.test_reports import report
from tests.unit.desktop.patient.builders import (
    at,
    chart,
    entry,
    former,
    full_chart,
    obs_set,
    patient_view,
    phoned,
    result,
    sources,
)
from tests.unit.desktop.patient.stage import NOW

WHEN = "2026-11-24T01:10"


def events(held: Chart, kind: str = "", role: str = "clinician") -> list[Event]:
    return [e for e in timeline(held, NOW, role).events if not kind or e.kind == kind]


def panel(count: int, flagged: int = 0, name: str = "U&E") -> tuple:
    return tuple(
        replace(result(f"Test {n}", str(n), WHEN, flag="H" if n < flagged else None), panel=name) for n in range(count)
    )


def test_a_panel_is_one_line_that_names_what_was_flagged() -> None:
    (one,) = events(chart(results=panel(12, 2)), "results")
    assert one.text == "U&E: 12 results, 2 flagged"
    assert one.detail == "Test 0 0 mmol/L H; Test 1 1 mmol/L H"
    assert one.weight == "flagged"


def test_a_panel_without_flags_says_as_sent_and_few_results_are_all_named() -> None:
    (many,) = events(chart(results=panel(9)), "results")
    assert many.text == "U&E: 9 results, none flagged as sent" and many.detail == ""
    (few,) = events(chart(results=panel(3)), "results")
    assert few.detail.count("Test") == 3


def test_panels_of_other_times_sources_and_names_stay_apart() -> None:
    one, other = panel(2), panel(2, name="FBC")
    later = tuple(replace(r, id=f"{r.id}x", happened=at("2026-11-24T02:10")) for r in one)
    elsewhere = tuple(replace(r, id=f"{r.id}y", source="poct") for r in one)
    assert len(events(chart(results=(*one, *other, *later, *elsewhere)), "results")) == 4


def test_a_withdrawn_value_is_in_no_event_and_its_withdrawal_is_one() -> None:
    gone = result("Potassium", "6.81", WHEN, status="entered-in-error", said="2026-11-24T02:20",
                  replaces=(former("6.82", "2026-11-24T01:40"),))  # fmt: skip
    every = events(chart(results=(gone,)))
    assert not any(x in f"{e.text} {e.detail}" for e in every for x in ("6.81", "6.82"))
    (change,) = (e for e in every if e.kind == "changed")
    assert (change.word, change.moment) == ("Withdrawn", at("2026-11-24T02:20"))


def test_a_correction_is_an_event_at_its_own_time_with_the_new_value_only() -> None:
    new = result("Potassium", "5.92", WHEN, status="corrected", said="2026-11-24T02:05",
                 replaces=(former("6.81", "2026-11-24T01:40"),))  # fmt: skip
    every = events(chart(results=(new,)))
    (change,) = (e for e in every if e.kind == "changed")
    assert change.moment == at("2026-11-24T02:05") and "5.92" in change.text
    assert not any("6.81" in f"{e.text} {e.detail}" for e in every)


def test_observations_of_one_time_are_one_line_led_by_the_score_as_sent() -> None:
    held = chart(observations=tuple(obs_set("2026-11-24T01:30", {"resp": "20", "news2": "5"})))
    (one,) = events(held, "observations")
    assert "5" in one.text and "20" in one.detail


def test_observations_without_a_score_get_none() -> None:
    (one,) = events(
        chart(observations=tuple(obs_set("2026-11-24T01:30", {"resp": "20", "pulse": "90"}))), "observations"
    )
    assert "NEWS" not in one.text.upper() and one.detail == ""


def test_medicines_start_and_stop_and_a_dose_that_was_not_given_says_so() -> None:
    common = {"patient": "P0000000000001", "source": "epma", "happened": at("2026-11-20T09:00")}
    taken = Medicine(id="R1", source_id="1", status="stopped", text="metformin", ended=at("2026-11-23T17:00"),
                     dose="500 mg", **common)  # fmt: skip
    doses = (
        Administration(id="R2", source_id="2", status="completed", text="apixaban", dose="2.5 mg", **common),
        Administration(
            id="R3",
            source_id="3",
            status="not-done",
            text="atorvastatin",
            reason="refused",
            **common,
        ),
    )
    held = chart(medicines=(taken,), administrations=doses)
    assert [(e.word, e.moment) for e in events(held, "medicines")] == [
        ("Stopped", at("2026-11-23T17:00")), ("Started", at("2026-11-20T09:00"))]  # fmt: skip
    assert {(e.word, e.text, e.detail) for e in events(held, "given")} == {
        ("Given", "apixaban", "2.5 mg"), ("Not given", "atorvastatin", "refused")}  # fmt: skip


def test_a_stay_begins_and_ends() -> None:
    stay = Stay(id="R1", patient="P0000000000001", source="pas", source_id="1", status="finished", class_="IMP",
                happened=at("2026-11-01T09:00"), ended=at("2026-11-05T12:00"), ward="Elm Ward", bed="3")  # fmt: skip
    assert [(e.word, e.detail) for e in events(chart(stays=(stay,)), "moves")] == [
        ("Ended", "Elm Ward, bed 3"), ("Began", "Elm Ward, bed 3")]  # fmt: skip


def test_every_move_of_a_stay_is_an_event_at_its_time() -> None:
    places = (Move("Location/1", "Emergency Department", at("2026-11-23T16:20"), at("2026-11-23T19:40")),
              Move("Location/2", "Ash Ward, bed A1", at("2026-11-23T19:40")))  # fmt: skip
    stay = Stay(id="R1", patient="P0000000000001", source="pas", source_id="1", status="in-progress", class_="IMP",
                happened=at("2026-11-23T16:20"), ward="Ash Ward", bed="A1", moves=places)  # fmt: skip
    assert [(e.word, e.text, e.detail, e.moment) for e in events(chart(stays=(stay,)), "moves")] == [
        ("Moved", "to Ash Ward, bed A1", "from Emergency Department", at("2026-11-23T19:40")),
        ("Began", "In-patient stay", "Emergency Department", at("2026-11-23T16:20")),
    ]


@pytest.mark.parametrize(
    ("status", "kind", "shows"),
    [("final", "reports", True), ("preliminary", "reports", True), ("amended", "changed", True),
     ("entered-in-error", "changed", False)],
)  # fmt: skip
def test_reports_stand_at_the_time_at_which_they_were_said(status: str, kind: str, shows: bool) -> None:
    held = report(status=status, conclusion="No fracture.", said=at("2026-11-24T02:00"))
    (one,) = events(chart(reports=(held,)))
    assert (one.kind, one.moment) == (kind, at("2026-11-24T02:00"))
    assert ("No fracture" in one.detail) == shows


def test_restricted_records_stand_under_their_code_alone() -> None:
    held = chart(documents=(letter("1", restricted=True, title="Safeguarding", author="T. Lindqvist"),),
                 reports=(report(restricted=True, text="Forensic CT"),),
                 results=(replace(result("HIV", "positive", WHEN), restricted=True),))  # fmt: skip
    every = events(held)
    assert len(every) == 3
    assert all(e.text == RESTRICTED and e.detail == "" for e in every)
    assert events(held, role="feed") == []
    assert "3 restricted records are not shown" in timeline(held, NOW, "feed").kept_back


def test_what_the_ward_wrote_is_an_event_of_its_own_kind() -> None:
    held = chart(entries=(phoned(), entry("note", {"text": "Seen."}, number=2)))
    assert [e.weight for e in events(held, "written")] == ["written", "written"]
    assert all(e.entry is not None for e in events(held, "written"))


# -- rows: heads and lines across


def test_heads_name_the_day_and_say_which_is_today() -> None:
    held = chart(documents=tuple(letter(str(n), w) for n, w in enumerate(
        ("2026-11-24T01:00", "2026-11-23T23:00", "2026-11-20T23:00"))))  # fmt: skip
    found = [r.title for r in rows(replace(timeline(held, NOW), marks=()), (), NOW) if isinstance(r, Day)]
    assert found == ["Tue 24-Nov-2026, today", "Mon 23-Nov-2026, yesterday", "Fri 20-Nov-2026"]


def test_a_moment_is_headed_no_more_precisely_than_it_was_sent() -> None:
    held = chart(
        documents=(letter("1", happened=at("2019")), letter("2", happened=at("2019-03")), letter("3", happened=None))
    )
    found = [r.title for r in rows(replace(timeline(held, NOW), marks=()), (), NOW) if isinstance(r, Day)]
    assert found == ["Mar-2019, day not sent", "2019, day not sent", "Time not recorded"]


def test_the_ends_of_the_copy_and_the_downtime_lie_across_at_their_times() -> None:
    marks = timeline(chart(), NOW).marks
    assert [(m.code, m.text) for m in marks if m.code == model.DOWN] == [(model.DOWN, "Declared down: all systems")]
    ends = {m.at.strftime("%H:%M"): m.text for m in marks if m.code == model.CUT}
    assert ends["02:08"] == "The copy ends here: lims"
    assert "eobs" in ends["02:38"] and "epma" in ends["02:38"], "the end of a source is the oldest of its kinds"
    assert list(marks) == sorted(marks, key=lambda m: m.at, reverse=True)


def test_admission_and_24_hours_ago_are_lines() -> None:
    codes = [m.code for m in timeline(chart(), NOW).marks]
    assert codes.count(model.ADMITTED) == codes.count(model.DAY_AGO) == 1
    nowhere = chart(patient_view(admitted=None))
    assert model.ADMITTED not in [m.code for m in timeline(nowhere, NOW).marks]


def test_filters_leave_out_kinds_and_never_the_lines_across() -> None:
    found = timeline(full_chart(), NOW)
    shown = rows(found, {"documents"}, NOW)
    assert {r.kind for r in shown if isinstance(r, Event)} == {"documents"}
    assert [r for r in shown if isinstance(r, Mark)] == list(found.marks)
    assert sum(found.counts.values()) == len(found.events)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 24)).map(lambda d: from_instant(d.replace(tzinfo=UTC)))


@given(st.lists(MOMENTS, max_size=30), st.lists(MOMENTS, min_size=1, max_size=4))
def test_newest_first_each_once_and_every_mark_between_its_neighbours(
    happened: list[Moment], cuts: list[Moment]
) -> None:
    held = chart(documents=tuple(letter(str(n), happened=m) for n, m in enumerate(happened)))
    held = replace(
        held, sources=tuple(replace(s, kinds={"document": m}) for s, m in zip(sources(), cuts, strict=False))
    )
    made = rows(timeline(held, NOW), (), NOW)
    shown = [r for r in made if isinstance(r, Event)]
    assert sorted(e.record for e in shown) == sorted(d.id for d in held.lists["documents"].items)
    keyed = [r.utc if isinstance(r, Event) else round(r.at.timestamp() * 1e6) for r in made if not isinstance(r, Day)]
    assert keyed == sorted(keyed, reverse=True)
    heads = [r.key for r in made if isinstance(r, Day)]
    assert len(heads) == len(set(heads)), "a day has one head"
    assert isinstance(made[0], Day)


def test_the_sabotage_of_a_lost_day_head_would_be_seen() -> None:
    """The property above is no empty one: a day's rows out of order give it two heads."""
    held = chart(documents=(letter("1", WHEN), letter("2", "2026-11-20T10:00"), letter("3", "2026-11-24T00:10")))
    found = timeline(held, NOW)
    mixed = replace(found, events=(found.events[0], found.events[2], found.events[1]), marks=())
    heads = [r.key for r in rows(mixed, (), NOW) if isinstance(r, Day)]
    assert len(heads) != len(set(heads))


def test_times_of_the_change_of_clocks_say_their_zone() -> None:
    changed = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert model.time_word(from_instant(changed)).endswith(("BST", "BST or GMT"))
    assert model.time_word(from_instant(changed + timedelta(days=10))) == "00:30"
