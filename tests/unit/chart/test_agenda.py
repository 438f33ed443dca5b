"""Clinics and theatre lists of a day: as sent, by place and time, cancelled kept, restricted never named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.agenda import CLINIC, NOWHERE, THEATRE_LIST, agenda, day_of, kind_of, told, told_words
from localdb.chart.views import SourceAge
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Appointment
from tests.unit.desktop.patient.builders import patient_view

DAY = date(2026, 11, 24)


def booked(number: int, at: str | None, text: str = "Review", place: str = "Clinic 4", **more: Any) -> Appointment:
    more.setdefault("status", "booked")
    return Appointment(id=f"R{number}", patient="P", source="pas", source_id=str(number), text=text, place=place,
                       happened=read_moment(at) if at else None, **more)  # fmt: skip


def held(*appointments: Appointment) -> list[tuple[Any, Appointment]]:
    return [(patient_view(n % 3), a) for n, a in enumerate(appointments)]


def test_only_that_day_by_place_and_time_and_the_site_s_clock_says_which_day() -> None:
    found = agenda(held(
        booked(1, "2026-11-24T10:00:00+00:00"), booked(2, "2026-11-24T09:00:00+00:00"),
        booked(3, "2026-11-24T08:00:00+00:00", place="Annexe"), booked(4, "2026-11-25T00:00:00+00:00"),
        booked(5, "2026-11-24"), booked(6, "2026-11"), booked(7, None), booked(8, "2026-11-24T11:00:00+00:00", place=""),
    ), DAY)  # fmt: skip
    assert [r.appointment.source_id for r in found.rows] == ["3", "5", "2", "1", "8"]
    assert found.rows[-1].place == NOWHERE
    summer = booked(9, "2026-07-01T23:30:00+00:00")
    assert day_of(summer.happened) == date(2026, 7, 2), "23:30 GMT is past midnight in summer"


def test_what_was_cancelled_stays_and_says_so_and_what_was_an_error_does_not() -> None:
    statuses = ("booked", "cancelled", "noshow", "entered-in-error", "arrived")
    made = [booked(n, "2026-11-24T09:00:00+00:00", status=s) for n, s in enumerate(statuses)]
    found = agenda(held(*made), DAY)
    assert {r.appointment.status: r.is_off for r in found.rows} == {
        "booked": False, "cancelled": True, "noshow": True, "arrived": False,
    }  # fmt: skip


def test_a_restricted_appointment_is_counted_and_not_named() -> None:
    found = agenda(held(booked(1, "2026-11-24T09:00:00+00:00", restricted=True)), DAY)
    assert (found.rows, found.restricted) == ((), 1)


@pytest.mark.parametrize(
    ("text", "place", "kind"),
    [
        ("Hip replacement", "Main Theatres, Theatre 5", THEATRE_LIST),
        ("Elective surgery", "", THEATRE_LIST),
        ("Endoscopy", "Unit 1", THEATRE_LIST),
        ("Diabetes follow-up", "Clinic 2", CLINIC),
        # Where it is decides before what it is: a surgeon's outpatients are nobody's theatre list, and a ward that
        # looks for them rings the clinic; in a theatre, what the text calls it does not matter.
        ("Surgical outpatient review", "Clinic 2", CLINIC),
        ("Pre-operative assessment", "Outpatients 3", CLINIC),
        ("Procedure", "Surgical out-patients, OPD 4", CLINIC),
        ("Pain clinic injection list", "Day Surgery, Theatre 2", THEATRE_LIST),
        ("Hernia repair", "Day Surgery Unit", THEATRE_LIST),
        ("Surgical review", "Clinical Decision Unit", THEATRE_LIST),  # no clinic: the text decides
        ("Review", "Amphitheatre", CLINIC),
        ("", "", CLINIC),
    ],
)
def test_a_theatre_list_is_what_the_source_calls_one(text: str, place: str, kind: str) -> None:
    assert kind_of(booked(1, None, text, place)) == kind


NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
_CUT = read_moment("2026-11-24T02:40:00+00:00")


def source(**facts: Any) -> SourceAge:
    return SourceAge(**{"source": "bookings", "title": "Bookings", "kinds": {"appointment": _CUT}, **facts})


def complete(*sources: SourceAge) -> str:
    return told_words(told(sources, NOW))


def test_a_source_that_was_read_whole_is_complete_to_its_time_with_its_age() -> None:
    assert complete(source()) == "Appointments complete: Bookings to 24-Nov-2026 02:40, 32min ago."
    assert "PAS clinics to" in told_words(told([source()], NOW, titles={"bookings": "PAS clinics"}))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": "failed"}, "Bookings could not be read: appointments may be missing. What is here is of 02:40."),
        ({"state": "partial"}, "Bookings was read in part only"),
        ({"state": "never"}, "ever came from Bookings"),
        ({"kinds": {"appointment": None}}, "ever came from Bookings"),
        (
            {"declared": "down", "declared_since": read_moment("2026-11-24T02:47:00+00:00")},
            "Bookings is down since 02:47: no appointment after 02:40 is here.",
        ),
        ({"expected": 15, "heartbeat": read_moment("2026-11-24T02:41:00+00:00")}, "Bookings: silent since 02:41"),
        ({"kinds": {"appointment": read_moment("2026-11-24T09:00:00+00:00")}}, "clock of this laptop is earlier"),
    ],
    ids=["failed", "partial", "never", "no time", "down", "silent", "clock"],
)
def test_appointments_of_a_source_that_is_not_whole_are_never_called_complete(
    facts: dict[str, Any], words: str
) -> None:
    said = complete(source(**facts))
    assert "complete" not in said
    assert words in said
    beside = complete(source(**facts), source(source="theatre", title="Theatres"))
    assert words in beside
    assert "complete: Bookings" not in beside


def test_only_sources_of_appointments_are_named_and_none_is_said() -> None:
    assert "No source of appointments" in complete(source(kinds={"result": _CUT}))
    assert "No source of appointments" in complete()


_WHEN = st.sampled_from(["2026-11-24T08:00:00+00:00", "2026-11-24T23:59:00+00:00", "2026-11-24", "2026-11-23", None])
_STATUS = st.sampled_from(["booked", "cancelled", "entered-in-error", "", "pending"])


@given(st.lists(st.tuples(_WHEN, _STATUS, st.booleans()), max_size=12))
def test_each_appointment_of_the_day_is_on_one_list_or_counted(made: list[tuple[str | None, str, bool]]) -> None:
    appointments = [booked(n, at, status=status, restricted=hidden) for n, (at, status, hidden) in enumerate(made)]
    found = agenda(held(*appointments), DAY)
    of_day = [a for a in appointments if day_of(a.happened) == DAY and a.status != "entered-in-error"]
    assert len(found.rows) + found.restricted == len(of_day)
    assert len(found.of(CLINIC)) + len(found.of(THEATRE_LIST)) == len(found.rows)
