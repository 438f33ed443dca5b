"""SIU and MDM."""

from __future__ import annotations

import base64

import pytest

from localdb.records.vocabulary import Appointment, Document
from tests.unit.sources.hl7v2_help import PID, message, one, told, unit

SCH = (
    "SCH|A1^PAS|||||R^Rebooked|CHECK^Check-up^L|OP^Outpatient^L|30|min|^^^20261201093000^20261201100000"
    "|||||D1^Singh^Priya"
)
RESOURCES = (
    "RGS|1", "AIS|1||CARD^Cardiology clinic^L|20261201093000", "NTE|1||Bring medicines",
    "AIL|1||OPD^12^^NORTH", "AIP|1||C7^Lee^Ann|CONS^Consultant^L",
)  # fmt: skip


@pytest.mark.parametrize(
    ("trigger", "status"),
    [
        ("S12", "booked"),
        ("S13", "booked"),
        ("S14", "booked"),
        ("S15", "cancelled"),
        ("S17", "entered-in-error"),
        ("S26", "noshow"),
    ],
)
def test_appointments_by_event(trigger: str, status: str) -> None:
    found: Appointment = one(message(f"SIU^{trigger}", PID, SCH, *RESOURCES), "appointment")
    assert found.status == status
    assert (found.source_id, found.text) == ("A1^PAS", "Cardiology clinic, Outpatient, Check-up")
    assert (found.place, found.participants) == ("OPD, 12, NORTH", ("Ann Lee (Consultant)",))
    assert found.happened is not None and found.happened.text == "20261201093000"
    assert found.ended is not None and found.ended.text == "20261201100000"
    assert "Bring medicines" in found.comments


def txa(
    *, number: str = "D1", parent: str = "", completion: str = "AU", available: str = "AV", secret: str = "U"
) -> str:
    fields = [
        "TXA",
        "1",
        "DS",
        "TX",
        "20261120010000",
        "",
        "20261120011000",
        "20261120012000",
        "",
        "C7^Lee^Ann",
        "",
        "",
    ]
    return "|".join([*fields, number, parent, "", "", "", completion, secret, available])


TEXT = ("OBX|1|TX|L^Letter^L||Dear colleague,||||||F", "OBX|2|TX|L^Letter^L||all well.||||||F")


def document(trigger: str, *segments: str) -> Document:
    found: Document = one(message(f"MDM^{trigger}", PID, *segments), "document")
    return found


def test_a_document_with_its_text() -> None:
    found = document("T02", txa(), *TEXT)
    assert (found.source_id, found.title, found.author) == ("D1", "Discharge summary", "Ann Lee")
    assert (found.body, found.status, found.media_type) == ("Dear colleague,\nall well.", "current", "text/plain")
    assert found.happened is not None and found.happened.text == "20261120010000"


@pytest.mark.parametrize("completion", ["DI", "DO", "IN", "IP", "PA"])
def test_what_is_not_authenticated_says_so(completion: str) -> None:
    found = document("T02", txa(completion=completion), *TEXT)
    assert found.status == "preliminary" and found.comments[0].startswith("PRELIMINARY")


def test_a_cancelled_document_has_no_text() -> None:
    for found in (document("T11", txa()), document("T02", txa(available="CA"), *TEXT)):
        assert (found.status, found.body) == ("entered-in-error", "")


def test_a_replacement_supersedes_the_one_before() -> None:
    new, old = told(unit(message("MDM^T10", PID, txa(number="D2", parent="D1"), *TEXT)), "document")
    assert (new.source_id, new.status, old.source_id, old.status) == ("D2", "current", "D1", "superseded")
    assert old.id == document("T02", txa(), *TEXT).id


def test_an_addendum_stands_beside_its_document() -> None:
    found = document("T06", txa(number="D2", parent="D1"), *TEXT)
    assert found.comments[0] == "Addendum to an earlier document"
    assert ("based_on", "DocumentReference/D1") in [(r.role, r.key) for r in found.references]


def test_a_notification_without_content_leaves_the_text_that_is_held() -> None:
    (fact,) = [f for f in unit(message("MDM^T03", PID, txa())).facts if f.kind == "document"]
    assert fact.partial
    (fact,) = [f for f in unit(message("MDM^T04", PID, txa(), *TEXT)).facts if f.kind == "document"]
    assert not fact.partial


def test_a_restricted_document_is_marked() -> None:
    assert document("T02", txa(secret="R"), *TEXT).restricted
    assert not document("T02", txa(), *TEXT).restricted


def test_an_embedded_letter_is_a_blob() -> None:
    data = b"%PDF-1.7 synthetic"
    segment = f"OBX|1|ED|L^Letter^L||^application^pdf^Base64^{base64.b64encode(data).decode()}||||||F"
    found = unit(message("MDM^T02", PID, txa(), segment))
    (one_,), (blob,) = told(found, "document"), found.blobs
    assert (blob.data, one_.blob, one_.media_type) == (data, blob.sha256, "application/pdf")
