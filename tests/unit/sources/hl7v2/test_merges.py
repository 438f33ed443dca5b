"""Merges, moves and links as events (HL7 v2.8 chapter 3.6, DESIGN D2)."""

from __future__ import annotations

import pytest

from localdb.sources.hl7v2.patients import BELOW_ADT
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import LinkEvent, MoveEvent, Unit
from tests.unit.sources.hl7v2_help import PID, key, message, told, unit

OLD = "MRG|654321^^^HOSP^MR"
ORDER = 1_795_140_600_000_000  # 20-Nov-2026 02:10 GMT


def pid(number: str) -> str:
    return PID.replace("123456", number)


def visit(number: str) -> str:
    return "PV1|1|I|W7" + "|" * 16 + number


def links(found: Unit) -> list[tuple[str, str, str, bool]]:
    return [(link.patient, link.other, link.type, link.undo) for link in found.links]


@pytest.mark.parametrize("event", ["A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"])
def test_the_former_patient_goes_on_as_the_present_one(event: str) -> None:
    found = unit(message(f"ADT^{event}", PID, OLD))
    assert found.links == (
        LinkEvent(patient=key("654321"), other=key("123456"), type="replaced-by", order=ORDER, said="20261120021000"),
    )
    assert found.moves == ()


def test_the_former_number_is_found_and_told_below_everything_else() -> None:
    found = unit(message("ADT^A40", PID, OLD + "||||||Frye^Steven"))
    (former,) = [p for p in told(found, "patient") if p.id == key("654321")]
    assert [(i.system, i.value, i.type) for i in former.identifiers] == [("HOSP", "654321", "MR")]
    assert former.text == "Steven Frye"
    (fact,) = [f for f in found.facts if f.id == key("654321")]
    assert fact.partial and fact.order == ORDER - BELOW_ADT


def test_pairs_repeat() -> None:
    data = message("ADT^A40", PID, "MRG|1^^^HOSP^MR", pid("200"), "MRG|2^^^HOSP^MR", pid("300"), "MRG|3^^^HOSP^MR")
    assert links(unit(data)) == [
        (key("1"), key("123456"), "replaced-by", False),
        (key("2"), key("200"), "replaced-by", False),
        (key("3"), key("300"), "replaced-by", False),
    ]


@pytest.mark.parametrize(
    "former", ["654321", "654321^^^HOSP", "^^^X^MR~654321^^^HOSP^MR", "9^^^OTHER^MR~654321^^^HOSP^XX"]
)
def test_the_former_key_is_the_number_of_the_survivors_authority(former: str) -> None:
    assert links(unit(message("ADT^A40", PID, f"MRG|{former}")))[0][0] == key("654321")


def test_a_former_number_of_another_authority_stays_its_own() -> None:
    assert links(unit(message("ADT^A40", PID, "MRG|5^^^OLDHOSP^MR")))[0][0] == key("5", "OLDHOSP")


def test_the_sites_authorities_choose_both_keys() -> None:
    profile = SourceProfile(authorities=("LAB",))
    data = message("ADT^A40", PID + "".join(()), "MRG|1^^^HOSP^MR~7^^^LAB^PI").replace(
        b"9434765919^^^NHS^NH", b"8^^^LAB^PI"
    )
    assert links(unit(data, profile)) == [(key("7", "LAB"), key("8", "LAB"), "replaced-by", False)]


def test_a_visit_moves_from_whoever_had_it_where_no_former_patient_is_named() -> None:
    found = unit(message("ADT^A45", PID, "MRG|||ACC||V8"))
    assert [(m.encounter, m.former) for m in found.moves] == [("Encounter/V8", "")]


def test_a_merge_of_a_number_with_itself_is_none() -> None:
    found = unit(message("ADT^A40", PID, "MRG|123456^^^HOSP^MR"))
    assert found.verdict == "read" and found.links == ()


@pytest.mark.parametrize("segments", [(PID,), (PID, "MRG|"), (PID, "MRG|||ACC")])
def test_a_merge_that_does_not_name_both_is_a_persons_matter(segments: tuple[str, ...]) -> None:
    found = unit(message("ADT^A40", *segments))
    assert (found.verdict, found.code) == ("set_aside", "hl7.merge_unclear")


def test_a_link_and_its_undoing() -> None:
    linked = unit(message("ADT^A24", PID, visit("V1"), pid("200")))
    parted = unit(message("ADT^A37", PID, visit("V1"), pid("200"), time="20261121"))
    assert links(linked) == [(key("200"), key("123456"), "seealso", False)]
    assert links(parted) == [(key("200"), key("123456"), "seealso", True)]
    assert parted.links[0].order > linked.links[0].order


@pytest.mark.parametrize("event", ["A24", "A37"])
def test_a_link_of_one_is_unclear(event: str) -> None:
    assert unit(message(f"ADT^{event}", PID)).code == "hl7.merge_unclear"


def test_visits_move_with_all_that_names_them() -> None:
    data = message(
        "ADT^A45", PID, "MRG|654321^^^HOSP^MR||||V8", visit("V8"), "MRG|654321^^^HOSP^MR||||V9", visit("V10")
    )
    found = unit(data)
    assert found.moves == tuple(
        MoveEvent(encounter=f"Encounter/{v}", patient=key("123456"), order=ORDER, former=key("654321"))
        for v in ("V8", "V9", "V10")
    )
    assert found.links == ()


def test_an_account_moves_only_with_a_visit_number() -> None:
    moved = unit(message("ADT^A44", PID, "MRG|654321^^^HOSP^MR||ACC||V8"))
    assert [m.encounter for m in moved.moves] == ["Encounter/V8"]
    unclear = unit(message("ADT^A44", PID, "MRG|654321^^^HOSP^MR||ACC"))
    assert (unclear.verdict, unclear.code) == ("set_aside", "hl7.move_unclear")


@pytest.mark.parametrize("event", ["A42", "A50"])
def test_a_visit_number_goes_on_as_another(event: str) -> None:
    found = unit(message(f"ADT^{event}", PID, OLD + "||||V8", visit("V9")))
    stays = {s.source_id: s for s in told(found, "stay")}
    assert stays["V8"].status == "entered-in-error" and "V9" in stays["V8"].comments[0]
    assert stays["V9"].status == ""
    assert [m.encounter for m in found.moves] == ["Encounter/V8"]
    assert unit(message(f"ADT^{event}", PID, OLD, visit("V9"))).code == "hl7.merge_unclear"


@pytest.mark.parametrize("event", ["A35", "A41", "A48", "A49", "A51"])
def test_accounts_and_alternate_numbers_join_nobody(event: str) -> None:
    found = unit(message(f"ADT^{event}", PID, OLD + "||ACC1"))
    assert (found.verdict, found.links, found.moves) == ("read", (), ())
    assert [p.id for p in told(found, "patient")] == [key("123456")]


def test_a_deletion_of_a_person_is_a_persons_decision() -> None:
    found = unit(message("ADT^A29", PID))
    assert (found.verdict, found.code, found.facts) == ("set_aside", "hl7.person_deletion", ())
