"""AL1, IAM, DG1, PRB, PR1 (CLINICAL §1.5): "no known allergies" only where it was said."""

from __future__ import annotations

import pytest

from localdb.records.vocabulary import Allergy, Coding, Problem
from tests.unit.sources.hl7v2_help import PID, message, one, told, unit

SNOMED = "http://snomed.info/sct"


def allergy(segment: str, event: str = "A01") -> Allergy:
    found: Allergy = one(message(f"ADT^{event}", PID, segment), "allergy")
    return found


def test_an_allergy_as_al1_says_it() -> None:
    found = allergy("AL1|1|DA|7980^Penicillin^RXNORM|SV|Rash~HIV^Hives|20200101")
    assert found.text == "Penicillin"
    assert found.codes == (Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "7980", "Penicillin"),)
    assert (found.type, found.severity, found.reactions) == ("Drug allergy", "severe", ("Rash", "Hives"))
    assert (found.status, found.clinical, found.verification) == ("active", "active", "")
    assert found.happened is not None and found.happened.text == "20200101"
    assert found.said is not None and found.said.text == "20261120021000"
    assert not found.asserts_none


def test_an_allergy_as_iam_says_it() -> None:
    found = allergy(
        "IAM|1|FA^Food^HL70127|256349002^Peanut^SCT|MO|Wheeze|A|AL77|told by mother|IN||2019|in childhood|20261101||||C"
    )
    assert (found.source_id, found.type, found.verification) == ("AL77", "intolerance", "confirmed")
    assert found.codes == (Coding(SNOMED, "256349002", "Peanut"),)
    assert found.comments == ("Onset: in childhood", "told by mother")
    assert found.said is not None and found.said.text == "20261101"
    assert found.happened is not None and found.happened.precision == "year"


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ("D", "C", "entered-in-error"),
        ("A", "E", "entered-in-error"),
        ("U", "I", "inactive"),
        ("A", "S", "active"),
        ("X", "", "active"),
    ],
)
def test_iams_actions_and_statuses(action: str, code: str, status: str) -> None:
    found = allergy(f"IAM|1||X^Latex|||{action}|77||||||||||{code}")
    assert found.status == status


def test_the_same_agent_is_the_same_allergy_and_a_deletion_names_it() -> None:
    said = allergy("AL1|1|DA|7980^Penicillin^RXNORM|MO")
    again = allergy("AL1|3|DA|7980^PENICILLIN^RXNORM|SV", "A08")
    deleted = allergy("IAM|1|DA|7980^Penicillin^RXNORM|||D", "A08")
    other = allergy("AL1|1|DA|7981^Amoxicillin^RXNORM")
    assert said.id == again.id == deleted.id != other.id


@pytest.mark.parametrize(
    "sent",
    [
        "716186003^No known allergy^SCT",
        "409137002^^SNOMED",
        "429625007^x^SCT",
        "NKA^No Known Allergies",
        "NKDA",
        "^No known drug allergies",
        "NKA^NKA^LOCAL",
        "^No known allergy.",
        "160244002^No Known Allergies^SNM",
    ],
)
def test_an_explicit_no_known_allergies_asserts_none(sent: str) -> None:
    assert allergy(f"AL1|1|DA|{sent}").asserts_none is True


@pytest.mark.parametrize(
    "sent",
    [
        "^No known allergies to penicillin",
        "7980^Penicillin^RXNORM",
        "^Unknown",
        "^None",
        "NKA^Penicillin^LOCAL",
        "^no known allergies except latex",
        "716186003^Penicillin^LOCAL",
        "^Nil",
    ],
)
def test_nothing_else_asserts_none(sent: str) -> None:
    assert allergy(f"AL1|1|DA|{sent}").asserts_none is False


def test_a_withdrawn_assertion_asserts_nothing() -> None:
    assert allergy("IAM|1||716186003^No known allergy^SCT|||D").asserts_none is False
    assert allergy("IAM|1||716186003^No known allergy^SCT|||U|||||||||||I").asserts_none is False


def test_an_empty_al1_is_no_allergy() -> None:
    assert told(unit(message("ADT^A01", PID, "AL1|1|DA|", "AL1|2")), "allergy") == []


def test_allergies_come_with_any_message() -> None:
    assert one(message("ORM^O01", PID, "AL1|1|DA|^Latex"), "allergy").text == "Latex"


PV1 = "PV1|1|I|W7" + "|" * 16 + "V100"


def diagnosis(segment: str) -> Problem:
    found: Problem = one(message("ADT^A01", PID, PV1, segment), "problem")
    return found


def test_a_diagnosis_of_a_stay() -> None:
    found = diagnosis("DG1|1||I21.9^Acute myocardial infarction^I10||20261120|A||||||||||D1^Wells^Ann^^^Dr")
    assert (found.text, found.category, found.author) == (
        "Acute myocardial infarction",
        "Admitting diagnosis",
        "Dr Ann Wells",
    )
    assert found.references[0].key == "Encounter/V100"
    assert found.codes[0].system == "http://hl7.org/fhir/sid/icd-10"
    assert diagnosis("DG1|1|||Fell down the stairs").text == "Fell down the stairs"


def test_a_deleted_diagnosis_is_an_error() -> None:
    found = diagnosis("DG1|1||I21^AMI^I10|||F" + "|" * 14 + "D9|D")
    assert (found.source_id, found.status) == ("D9", "entered-in-error")


def problem(event: str, segment: str, *more: str) -> Problem:
    found: Problem = one(message(f"PPR^{event}", PID, segment, *more), "problem")
    return found


def test_a_problem_of_the_list() -> None:
    found = problem(
        "PC1", "PRB|AD|20261101|I10^Hypertension^I10|P7||1|20100101|||||||active||2009", "NTE|1||Well controlled"
    )
    assert (found.text, found.source_id, found.status, found.clinical) == ("Hypertension", "P7", "active", "active")
    assert found.happened is not None and found.happened.text == "2009"
    assert found.said is not None and found.said.text == "20261101"
    assert found.comments == ("Well controlled",)


@pytest.mark.parametrize(
    ("event", "segment", "status"),
    [
        ("PC2", "PRB|UP|20261101|I10^X^I10|P7|||||20261031", "resolved"),
        ("PC2", "PRB|UP|20261101|I10^X^I10|P7||||||||||INACTIVE", "inactive"),
        ("PC3", "PRB|DE|20261101|I10^X^I10|P7", "entered-in-error"),
        ("PC3", "PRB||20261101|I10^X^I10|P7", "entered-in-error"),
    ],
)
def test_a_problem_ends_or_is_deleted(event: str, segment: str, status: str) -> None:
    assert problem(event, segment).status == status
    assert problem("PC1", "PRB|AD|20261001|I10^X^I10|P7").id == problem(event, segment).id


def test_procedures_are_kept_for_a_later_list() -> None:
    found = one(message("ADT^A01", PID, PV1, "PR1|1||80146002^Appendicectomy^SCT||20261120"), "other")
    assert (found.type, found.text) == ("Procedure", "Appendicectomy")
