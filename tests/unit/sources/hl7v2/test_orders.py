"""ORM, OMG, OML, OMD and REF: what is in flight (CLINICAL §3.3)."""

from __future__ import annotations

from localdb.records.vocabulary import Request
from tests.unit.sources.hl7v2_help import PID, cleared, message, one, told, unit


def requests(*segments: str, type_: str = "ORM^O01") -> list[Request]:
    return told(unit(message(type_, PID, *segments)), "request")


def test_each_obr_is_a_request() -> None:
    found = requests(
        "ORC|NW|P1^EPR|||||||20261120010000|||D1^Singh^Priya", "TQ1|1||||||20261120020000||S",
        "OBR|1|P1^EPR||FBC^Full blood count^L|||||||||Known anaemia||||||||||||||||||Z1^Chest pain^L", "NTE|1||Fasting",
        "ORC|NW|P2^EPR", "OBR|2|P2^EPR||UE^Urea and electrolytes^L",
    )  # fmt: skip
    first, second = found
    assert [(r.text, r.status) for r in found] == [("Full blood count", "active"), ("Urea and electrolytes", "active")]
    assert (first.priority, first.reason, first.author) == ("stat", "Chest pain; Known anaemia", "Priya Singh")
    assert first.comments == ("Fasting",)
    assert first.happened is not None and first.happened.text == "20261120020000"
    assert first.said is not None and first.said.text == "20261120010000"
    assert second.comments == ()


def test_two_tests_under_one_number_are_two_requests() -> None:
    found = requests("ORC|NW|P1", "OBR|1|P1||FBC^FBC^L", "OBR|2|P1||UE^UE^L")
    assert len({r.id for r in found}) == 2


def test_a_cancellation_is_of_the_same_request_and_says_only_that() -> None:
    (placed,) = requests("ORC|NW|P1", "OBR|1|P1||FBC^FBC^L")
    data = message("ORM^O01", PID, "ORC|CA|P1||||||||||||||Z^Patient left^L", "OBR|1|P1||FBC^FBC^L")
    found: Request = one(data, "request")
    assert (found.id, found.status, found.comments) == (placed.id, "revoked", ("Order: Patient left",))
    (fact,) = [f for f in unit(data).facts if f.kind == "request"]
    assert fact.partial and cleared(unit(data), "request") == ()


def test_an_order_without_obr_is_a_request_too() -> None:
    found = requests("ORC|NW|D1", "TQ1|1||^Breakfast", "ODS|D||^Low salt", "ORC|NW|D2", type_="OMD^O03")
    assert [r.text for r in found] == ["Diet: Low salt", "Order"]


def test_questions_at_order_entry_are_observations() -> None:
    found = unit(
        message("OML^O21", PID, "ORC|NW|P1", "OBR|1|P1||GRP^Group and save^L", "OBX|1|ST|Q1^Transfused?^L||No||||||F")
    )
    assert [(r.text, r.value) for r in told(found, "observation")] == [("Transfused?", "No")]
    assert told(found, "result") == told(found, "report") == []


def test_a_referral() -> None:
    (found,) = requests(
        "RF1|A|R|MED^Medical^HL70281|||R77^GP|20261119||||", "PRD|RT^Referred to^HL70286|Lee^Ann^^^Dr",
        type_="REF^I12",
    )  # fmt: skip
    assert (found.text, found.status, found.priority, found.category) == (
        "Referral: Medical", "active", "routine", "referral",
    )  # fmt: skip
    assert found.comments == ("Referred to: Dr Ann Lee",)
