"""What changed, the plan and the pointer to a decision on resuscitation (CLINICAL §1.5, §7.1; H08, H16)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from localdb.chart.documents import RESTRICTED
from localdb.chart.summary import (
    DAY,
    STAY,
    WORDS,
    Change,
    changes,
    plan,
    resuscitation,
    resuscitation_words,
    since_of,
)
from localdb.chart.views import Chart
from localdb.records.vocabulary import Alert, Move, Stay
from tests.unit.chart.test_documents import letter
from tests.unit.chart.test_reports import report
from tests.unit.desktop.patient.builders import allergy, at, chart, former, medicine, patient_view, result
from tests.unit.desktop.patient.stage import NOW

YESTERDAY = NOW - timedelta(hours=24)


def alert(text: str, said: str | None = "2026-11-23T17:00", **rest: object) -> Alert:
    given = {"id": f"R{text}", "patient": "P0000000000001", "source": "pas", "source_id": text, "status": "active"}
    return Alert(**(given | {"text": text, "said": at(said)} | rest))  # type: ignore[arg-type]


def found(held: Chart, since=YESTERDAY) -> list[Change]:
    return list(changes(held, since, NOW).items)


def test_a_result_counts_by_when_it_was_reported_not_by_when_it_was_taken() -> None:
    late = result("Culture", "No growth", "2026-11-20T08:00", said="2026-11-24T01:00")
    old = result("Potassium", "5.4", "2026-11-20T08:00", said="2026-11-20T09:00")
    (one,) = found(chart(results=(late, old)))
    assert (one.word, one.section, one.tab) == ("New result", 2, "tests")
    assert "No growth" in one.text


def test_results_of_one_panel_and_time_are_one_change_that_names_what_was_flagged() -> None:
    made = [
        replace(result(f"T{n}", str(n), "2026-11-24T01:10", flag="H" if n == 3 else None), panel="U&E")
        for n in range(8)
    ]
    (one,) = found(chart(results=made))
    assert one.text == "U&E, 8 values"
    assert one.detail == "T3 3 mmol/L H"


@pytest.mark.parametrize("status", ["entered-in-error", "W"])
def test_a_withdrawn_result_is_first_and_has_no_value(status: str) -> None:
    gone = result("Potassium", "6.81", "2026-11-24T01:10", status=status, said="2026-11-24T02:20")
    other = result("Sodium", "131", "2026-11-24T01:10")
    every = found(chart(results=(other, gone)))
    assert [c.word for c in every] == ["Withdrawn", "New result"]
    assert "6.81" not in every[0].text + every[0].detail


def test_a_corrected_result_says_what_it_is_now_and_nowhere_what_it_was() -> None:
    new = result("Potassium", "5.92", "2026-11-24T01:10", status="corrected", said="2026-11-24T02:05",
                 replaces=(former("6.81", "2026-11-24T01:40"),))  # fmt: skip
    (one,) = found(chart(results=(new,)))
    assert one.word == "Corrected" and "5.92" in one.text
    assert "6.81" not in one.text + one.detail


def test_an_unverified_or_preliminary_result_says_so() -> None:
    for status, word in (("R", "UNVERIFIED"), ("preliminary", "PRELIM")):
        (one,) = found(chart(results=(result("CRP", "212", "2026-11-24T01:10", status=status),)))
        assert word in one.text


def test_a_blood_group_is_a_change_without_its_group() -> None:
    group = result("ABO and Rh group", "A RhD positive", "2026-11-24T01:10", loinc="882-1", unit=None)
    (one,) = found(chart(results=(group,)))
    assert one.tab == "bank"
    assert "positive" not in one.text + one.detail


def test_medicines_started_stopped_and_suspended() -> None:
    said = at("2026-11-24T00:30")
    held = [
        medicine("levofloxacin", "500 mg", "oral", "once", None),
        replace(medicine("ramipril", "5 mg", "oral", "once", None, status="on-hold"), happened=at("2020-01-01"), said=said),
        replace(medicine("metformin", "1 g", "oral", "twice", None, status="stopped"), happened=at("2020-01-01"),
                ended=said),
        replace(medicine("bisoprolol", "5 mg", "oral", "once", None), happened=at("2020-01-01")),
    ]  # fmt: skip
    every = found(chart(medicines=held))
    assert {(c.word, c.text.split(" ")[0]) for c in every} == {
        ("Started", "levofloxacin"), ("Suspended", "ramipril"), ("Stopped", "metformin"),
    }  # fmt: skip


def test_reports_alerts_allergies_and_moves_of_bed() -> None:
    stay = Stay(id="Rs", patient="P0000000000001", source="pas", source_id="s", status="in-progress",
                happened=at("2026-11-20T10:00"),
                moves=(Move(text="Acute Unit", start=at("2026-11-20T10:00")),
                       Move(text="Ash Ward, A1", start=at("2026-11-23T18:00"))))  # fmt: skip
    seen = report("Chest X-ray", status="final", said=at("2026-11-24T01:50"))
    every = found(chart(reports=(seen,), stays=(stay,), alerts=(alert("Falls"),),
                        allergies=(allergy("Latex", "rash", "2026-11-24T00:10"),)))  # fmt: skip
    assert [c.word for c in every] == ["New alert", "New allergy", "New report", "Moved"]
    assert every[-1].text == "Ash Ward, A1"


def test_a_visit_that_began_is_no_move() -> None:
    visit = Stay(id="Rv", patient="P0000000000001", source="pas", source_id="v", status="finished", class_="AMB",
                 text="Clinic", happened=at("2026-11-23T14:00"))  # fmt: skip
    assert [(c.word, c.text) for c in found(chart(stays=(visit,)))] == [("New stay", "Clinic")]


def test_a_restricted_record_stands_under_its_code_and_for_other_roles_not_at_all() -> None:
    held = chart(alerts=(alert("secret matter", restricted=True),))
    (one,) = changes(held, YESTERDAY, NOW).items
    assert one.text == RESTRICTED
    assert changes(held, YESTERDAY, NOW, role="clerk").items == ()


def test_what_has_no_time_is_counted_apart_and_a_day_counts_until_it_is_over() -> None:
    held = chart(alerts=(alert("undated", None), alert("by day", "2026-11-23")))
    told = changes(held, YESTERDAY, NOW)
    assert [c.text for c in told.items] == ["by day"]
    assert told.undated == 1


@given(st.lists(st.integers(0, 72 * 60), max_size=12), st.integers(0, 72 * 60))
def test_a_later_moment_never_has_more_changes(minutes: list[int], step: int) -> None:
    held = chart(
        results=[
            result(f"T{n}", "1", (NOW - timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M")) for n, m in enumerate(minutes)
        ]
    )
    early = NOW - timedelta(hours=72)
    one, other = found(held, early), found(held, early + timedelta(minutes=step))
    assert {c.record for c in other} <= {c.record for c in one}
    assert all(c.word in WORDS for c in one)


def test_a_span_counts_from_the_admission_or_says_that_it_is_not_known() -> None:
    assert since_of(chart(), DAY, NOW) == YESTERDAY
    admitted = at("2026-11-23T16:20")
    assert admitted is not None
    assert since_of(chart(patient_view(admitted=admitted)), STAY, NOW) == admitted.instant
    assert since_of(chart(patient_view(admitted=None)), STAY, NOW) is None


def test_absence_of_a_decision_is_never_evidence() -> None:
    none = resuscitation_words(resuscitation(chart()), NOW)
    assert "not evidence of absence" in " ".join(none)
    assert "for CPR" not in " ".join(none)
    held = chart(alerts=(alert("ReSPECT, dated 03-Sep-2026", "2026-09-03"), alert("Falls")))
    (pointer,) = resuscitation(held)
    said = " ".join(resuscitation_words((pointer,), NOW))
    assert said.startswith("Record holds: ReSPECT, dated 03-Sep-2026, 03-Sep-2026") and "CHECK THE ORIGINAL" in said


def test_an_ended_or_restricted_decision_is_no_pointer() -> None:
    gone = alert("DNACPR", status="inactive")
    kept = alert("DNACPR form", restricted=True)
    assert resuscitation(chart(alerts=(gone, kept))) == ()


def test_the_plan_is_the_newest_document_that_says_so() -> None:
    old = letter("Management plan", happened=at("2026-11-20T10:00"))
    new = letter("Post-take ward round", happened=at("2026-11-23T19:00"))
    other = letter("Clinic letter", happened=at("2026-11-24T01:00"))
    chosen = plan(chart(documents=(old, new, other)))
    assert chosen is not None and chosen.id == new.id
    assert plan(chart(documents=(other,))) is None
