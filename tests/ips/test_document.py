"""The summary of a made chart: valid in every state of every list, honest about each, and never wider than it may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.exporting import written_of
from localdb.chart.ips import ABSENCE, DOWNTIME, international_summary
from localdb.chart.ips_elements import date_time
from localdb.chart.views import NONE_ASSERTED, NOT_RECORDED, UNAVAILABLE, Chart, Listing
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Coding, HumanName
from tests.conftest import LONG
from tests.ips.conftest import BUNDLE, read
from tests.ips.definitions import Definitions, definitions
from tests.ips.validator import Validator
from tests.unit.chart.test_summary import alert
from tests.unit.desktop.patient.builders import (
    allergy,
    at,
    chart,
    entry,
    full_chart,
    medicine,
    patient_view,
    phoned,
    result,
)
from tests.unit.desktop.patient.stage import NOW

REQUIRED = {"48765-2": "allergies", "10160-0": "medicines", "11450-4": "problems"}


def made(held: Chart, now: datetime = NOW) -> Any:
    """The document as another system reads it."""
    written, _ = written_of(held.entries)
    return read(msgspec.json.encode(international_summary(held, now, written=written)))


def wrong(bundle: Any) -> list[str]:
    return Validator(definitions(), bundle).issues(bundle, BUNDLE)


def section(bundle: Any, code: str) -> Any:
    sections = bundle["entry"][0]["resource"]["section"]
    return next(s for s in sections if s["code"].get("coding", [{"code": ""}])[0]["code"] == code)


def of(bundle: Any, type_: str) -> list[Any]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == type_]


def test_a_full_chart_makes_a_valid_document(held: Definitions) -> None:
    bundle = made(full_chart())
    assert wrong(bundle) == []
    assert len(of(bundle, "Observation")) > 10


@pytest.mark.parametrize("state", [UNAVAILABLE, NOT_RECORDED])
@pytest.mark.parametrize("code", REQUIRED)
def test_what_is_not_here_or_not_recorded_never_reads_as_none(held: Definitions, state: str, code: str) -> None:
    bundle = made(chart(**{REQUIRED[code]: Listing(state)}))
    assert wrong(bundle) == []
    one = section(bundle, code)
    assert "entry" not in one
    assert one["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert "does not mean none" in one["emptyReason"]["text"] and one["emptyReason"]["text"] in one["text"]["div"]
    assert "nilknown" not in str(bundle) and "no known" not in str(bundle).casefold()


def test_none_known_is_said_only_by_the_assertion_of_a_source(held: Definitions) -> None:
    none = allergy("No known allergy", "", "2026-11-23T17:00", asserts_none=True,
                   codes=(Coding("http://snomed.info/sct", "716186003", "No known allergy"),))  # fmt: skip
    bundle = made(chart(allergies=Listing(NONE_ASSERTED, (none,))))
    assert wrong(bundle) == []
    (one,) = of(bundle, "AllergyIntolerance")
    assert one["code"]["coding"][0]["code"] == "716186003"
    assert len(section(bundle, "48765-2")["entry"]) == 1


def test_refuted_withdrawn_and_restricted_records_do_not_leave(held: Definitions) -> None:
    kept = allergy("Latex", "rash", "2019-06-12T10:00")
    gone = [
        allergy("Aspirin", "rash", "2019-06-12T10:00", verification="refuted"),
        allergy("Ibuprofen", "rash", "2019-06-12T10:00", verification="entered-in-error"),
        allergy("Secretol", "rash", "2019-06-12T10:00", restricted=True),
    ]
    withdrawn = result("Potassium", "6.81", "2026-11-24T01:10", status="entered-in-error")
    bundle = made(chart(allergies=(kept, *gone), results=(withdrawn,)))
    assert wrong(bundle) == []
    text = str(bundle)
    assert "Latex" in text and "1 restricted record is not shown here." in text
    assert not [word for word in ("Aspirin", "Ibuprofen", "Secretol", "6.81") if word in text]


def test_a_section_of_restricted_records_alone_says_withheld(held: Definitions) -> None:
    bundle = made(chart(allergies=(allergy("Secretol", "rash", "2019-06-12T10:00", restricted=True),)))
    assert section(bundle, "48765-2")["emptyReason"]["coding"][0]["code"] == "withheld"
    assert wrong(bundle) == []


def test_no_blood_group_and_no_decision_on_resuscitation_leave(held: Definitions) -> None:
    group = result("ABO and Rh group", "AB RhD negative", "2026-11-20T01:10", loinc="882-1", unit=None)
    bundle = made(chart(results=(group,), alerts=(alert("ReSPECT, dated 03-Sep-2026"), alert("Falls"))))
    assert wrong(bundle) == []
    assert "RhD negative" not in str(bundle)
    assert [f["code"]["text"] for f in of(bundle, "Flag")] == ["Falls"]
    said = section(bundle, "42348-3")["text"]["div"]
    assert "Record holds: ReSPECT" in said and ABSENCE in said
    assert ABSENCE in section(made(chart()), "42348-3")["text"]["div"]


@pytest.mark.parametrize(("sent", "comparator", "there"), [
    ("7.0", None, {"value": "7.0"}), ("5", "<", {"value": "5", "comparator": "<"}), ("1e3", None, None),
    ("07", None, None), ("1,000", None, None), ("trace", None, None), ("5", "~", None),
])  # fmt: skip
def test_a_value_leaves_to_the_letter(held: Definitions, sent: str, comparator: str | None, there: Any) -> None:
    one = result("Potassium", sent, "2026-11-24T01:10", comparator=comparator)
    bundle = made(chart(results=(one,)))
    assert wrong(bundle) == []
    (seen,) = of(bundle, "Observation")
    if there is None:
        assert seen["valueString"] == f"{comparator or ''}{sent} mmol/L"
    else:
        assert {k: str(v) for k, v in seen["valueQuantity"].items() if k != "unit"} == there


def test_an_unverified_result_leaves_as_preliminary_and_says_so(held: Definitions) -> None:
    (seen,) = of(made(chart(results=(result("CRP", "212", "2026-11-24T01:10", status="R"),))), "Observation")
    assert seen["status"] == "preliminary"
    assert "UNVERIFIED" in seen["note"][0]["text"]


def test_entries_of_the_downtime_stand_apart_as_preliminary(held: Definitions) -> None:
    note = entry("note", {"happened": "2026-11-24T03:00:00+00:00", "text": "Seen."}, number=2)
    old = entry("note", {"happened": "2026-11-24T03:00:00+00:00", "text": "Wrong."}, number=3, corrected_by="E9")
    held_chart = chart(entries=(phoned(), note, old))
    bundle = made(held_chart)
    assert wrong(bundle) == []
    (seen,) = of(bundle, "Observation")
    assert seen["status"] == "preliminary"
    last = bundle["entry"][0]["resource"]["section"][-1]
    assert last["code"]["text"] == DOWNTIME
    assert "UNCONFIRMED, BY PHONE" in last["text"]["div"]
    assert len(last["entry"]) == 2
    assert "entry" not in section(bundle, "30954-2")


def test_the_document_says_that_it_is_a_copy_and_is_the_same_each_time(held: Definitions) -> None:
    one, other = made(full_chart()), made(full_chart())
    assert one == other
    composition = one["entry"][0]["resource"]
    assert composition["status"] == "preliminary" and "not live" in composition["title"]
    of_copy = [s for s in composition["section"] if s["code"].get("text") != DOWNTIME]
    assert len(of_copy) >= 7
    assert all("Copy, not live" in s["text"]["div"] for s in of_copy)


def test_markup_in_a_name_stays_words(held: Definitions) -> None:
    bundle = made(chart(medicines=(medicine("<script>x</script> & co\x07", "1 g", "oral", "once", None),)))
    assert wrong(bundle) == []
    assert "<script>" not in section(bundle, "10160-0")["text"]["div"]


@pytest.mark.parametrize(("sent", "leaves"), [
    ("2026", "2026"), ("2026-11", "2026-11"), ("2026-11-24", "2026-11-24"),
    ("2026-11-24T01:10:05+01:00", "2026-11-24T01:10:05+01:00"), ("2026-11-24T01:10:05Z", "2026-11-24T01:10:05Z"),
])  # fmt: skip
def test_a_time_leaves_no_more_precise_than_it_came(sent: str, leaves: str) -> None:
    assert date_time(read_moment(sent)) == leaves


TEXTS = st.text(max_size=20)


@settings(max_examples=200 if LONG else 10, deadline=None)
@given(name=TEXTS, dose=TEXTS, value=TEXTS, code=TEXTS, system=TEXTS, family=TEXTS,
       when=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)))  # fmt: skip
def test_whatever_a_source_sends_the_document_is_valid(
    held: Definitions, name: str, dose: str, value: str, code: str, system: str, family: str, when: datetime
) -> None:
    codes = (Coding(system, code, name),)
    drug = replace(medicine(name, dose, dose, dose, None), codes=codes)
    one = replace(result(name, value, "2026-11-24T01:10", unit=dose, flag=code, range=dose), codes=codes,
                  happened=read_moment(when.isoformat()), comments=(name,))  # fmt: skip
    bad = replace(allergy(name, dose, "2026-11-24T01:10"), codes=codes, happened=at("2026"))
    who = patient_view(name=HumanName(family=family), born=None, address=dose, phones=(code,))
    assert wrong(made(chart(who, medicines=(drug,), results=(one,), allergies=(bad,)))) == []
