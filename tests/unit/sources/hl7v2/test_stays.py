"""Stays as the events of ADT tell them (HL7 v2.8 chapter 3)."""

from __future__ import annotations

import pytest

from localdb.records.ids import record_id
from localdb.records.vocabulary import RECORD_DECODER, Stay
from localdb.sources.hl7v2.stays import BEFORE_ALL, STATUS
from tests.unit.sources.hl7v2_help import PID, SOURCE, cleared, key, message, one, told, unit

PV1 = "PV1|1|I|W7^Bay 2^B4^RXX|||W6|C1^Wells^Ann^^^Dr|||CAR^Cardiology|||||||||V100" + "|" * 25 + "20261119230000"


def stay(event: str, pv1: str = PV1, *more: str) -> Stay:
    found: Stay = one(message(f"ADT^{event}", PID, pv1, *more), "stay")
    return found


def test_an_admission() -> None:
    found = stay("A01", PV1, "PV2|||R07^Chest pain^I10")
    assert found.id == record_id(SOURCE, "Encounter", "V100")
    assert (found.source_id, found.patient) == ("V100", key("123456"))
    assert (found.status, found.class_, found.text) == ("in-progress", "IMP", "Cardiology")
    assert (found.ward, found.bed, found.author) == ("W7", "Bay 2 B4", "RXX")
    assert (found.reason, found.consultant) == ("Chest pain", "Dr Ann Wells")
    assert found.happened is not None and found.happened.text == "20261119230000"


# Chapter 3's events and what a stay is after them (FHIR Encounter.status).
AFTER = {
    "A01": "in-progress",
    "A02": "in-progress",
    "A03": "finished",
    "A04": "in-progress",
    "A05": "planned",
    "A06": "in-progress",
    "A07": "in-progress",
    "A08": "",
    "A11": "cancelled",
    "A12": "",
    "A13": "in-progress",
    "A14": "planned",
    "A15": "",
    "A16": "",
    "A21": "onleave",
    "A22": "in-progress",
    "A23": "entered-in-error",
    "A25": "",
    "A26": "",
    "A27": "cancelled",
    "A38": "cancelled",
    "A52": "in-progress",
    "A53": "onleave",
}


@pytest.mark.parametrize("event", sorted(AFTER))
def test_each_event_leaves_its_status(event: str) -> None:
    assert stay(event).status == AFTER[event]
    assert STATUS[event] == AFTER[event]


def test_a_discharge_ends_and_its_cancelling_takes_the_end_away() -> None:
    assert stay("A03", PV1 + "|20261120100000").ended.text == "20261120100000"  # type: ignore[union-attr]
    by_event = message("ADT^A03", "EVN|A03|20261120101000||||20261120100500", PID, PV1)
    assert one(by_event, "stay").ended.text == "20261120100500"
    assert stay("A03").ended is None
    assert "ended" in cleared(unit(message("ADT^A13", PID, PV1)), "stay")


def test_a_place_replaces_the_whole_place() -> None:
    moved = unit(message("ADT^A02", PID, PV1.replace("W7^Bay 2^B4^RXX", "W9")))
    (found,) = told(moved, "stay")
    assert (found.ward, found.bed) == ("W9", "")
    assert "bed" in cleared(moved, "stay") and "ward" not in cleared(moved, "stay")
    silent = unit(message("ADT^A08", PID, PV1.replace("W7^Bay 2^B4^RXX", "")))
    assert cleared(silent, "stay") == ()


@pytest.mark.parametrize(
    ("sent", "class_"), [("I", "IMP"), ("E", "EMER"), ("O", "AMB"), ("P", "PRENC"), ("B", "IMP"), ("XY", "XY")]
)
def test_classes(sent: str, class_: str) -> None:
    assert stay("A08", PV1.replace("PV1|1|I", f"PV1|1|{sent}")).class_ == class_


def test_without_a_visit_number_the_admission_or_the_patient_names_the_stay() -> None:
    bare = PV1.replace("V100", "")
    assert stay("A01", bare).source_id == f"20261119230000|{key('123456')}"
    assert stay("A01", bare.replace("20261119230000", "")).source_id == f"current|{key('123456')}"


def test_every_fact_of_a_stay_is_partial_and_keeps_the_events_order() -> None:
    (early,), (late,) = (
        [f for f in unit(message("ADT^A02", PID, PV1, time=t)).facts if f.kind == "stay"]
        for t in ("20261120021000", "20261120021001")
    )
    assert early.partial and late.partial and late.order - early.order == 1_000_000


def test_a_sequence_number_parts_messages_of_the_same_second() -> None:
    facts = [unit(message("ADT^A02", PID, PV1, more=f"|{n}")).facts for n in (7, 8)]
    assert {f.tie for f in facts[0]} == {7} and {f.tie for f in facts[1]} == {8}


@pytest.mark.parametrize(
    ("type_", "pv1"),
    [
        ("ADT^A28", PV1),
        ("ADT^A31", PV1),
        ("ADT^A01", "PV1|1|N"),
        ("ADT^A01", "PV1|1"),
        ("ORU^R01", PV1),
        ("SIU^S12", PV1),
    ],
)
def test_no_stay_is_made_of_a_person_event_or_another_message(type_: str, pv1: str) -> None:
    assert told(unit(message(type_, PID, pv1)), "stay") == []


def test_a_bed_swap_moves_both() -> None:
    other = PID.replace("123456", "777")
    data = message("ADT^A17", PID, PV1, other, PV1.replace("V100", "V200").replace("B4", "B9"))
    assert {s.patient: s.bed for s in told(unit(data), "stay")} == {key("123456"): "Bay 2 B4", key("777"): "Bay 2 B9"}


def test_a_protected_visit_is_restricted() -> None:
    assert stay("A01", PV1, "PV2|" + "|" * 21 + "Y").restricted is True


def test_alerts_are_said_replaced_and_ended() -> None:
    def alerts(event: str, ambulatory: str, precautions: str = "") -> dict[str, tuple[str, str]]:
        pv1 = PV1.split("|")
        pv1[15] = ambulatory
        data = message(f"ADT^{event}", PID, "|".join(pv1), "PV2" + "|" * 41 + precautions)
        return {a.category: (a.status, a.text) for a in told(unit(data), "alert")}

    assert alerts("A01", "B6~A2", "MRSA^Contact isolation") == {
        "Ambulatory status": ("active", "Pregnant, Wheelchair or stretcher bound"),
        "Precautions": ("active", "Contact isolation"),
    }
    assert alerts("A08", "A0") == {"Ambulatory status": ("inactive", "Ambulatory status")}
    assert alerts("A08", '""', '""') == {
        "Ambulatory status": ("inactive", "Ambulatory status"),
        "Precautions": ("inactive", "Precautions"),
    }
    assert alerts("A08", "") == {}


def test_somebody_first_heard_of_by_an_update_lies_in_the_ward_until_an_event_says_otherwise() -> None:
    def supposed(event: str, pv1: str) -> list[str]:
        facts = unit(message(f"ADT^{event}", PID, pv1)).facts
        return [RECORD_DECODER.decode(f.body).status for f in facts if f.kind == "stay" and f.order == BEFORE_ALL]

    assert supposed("A08", PV1) == ["in-progress"]
    assert supposed("A03", PV1) == [], "an event that says a status supposes nothing"
    assert supposed("A08", PV1.replace("|I|", "|O|")) == [], "an out-patient lies in no ward"
    assert supposed("A08", PV1 + "|20261120090000") == [], "a discharge time was sent"
