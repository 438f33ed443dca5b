"""What comes attached to FHIR documents and reports: words where they are words, else the file itself, sealed."""

from __future__ import annotations

import io
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.house import make_house, open_house
from localdb.records.vocabulary import Document, Report
from localdb.sources.filetext import DRAWN
from localdb.sources.printed.words import words_in, words_of
from tests.conftest import Clock
from tests.unit.sources.fhir_help import PATIENT, bundle, read, record, records, unit

PDF = b"%PDF-1.4\nsynthetic" + bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\nsynthetic"


def attached(data: bytes, kind: str, **more: Any) -> dict[str, Any]:
    return {"contentType": kind, "data": b64encode(data).decode(), **more}


def letter(*attachments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference", "id": "d1", "status": "current", "subject": PATIENT,
        "type": {"text": "Clinic letter"}, "content": [{"attachment": a} for a in attachments], **more,
    }  # fmt: skip


def test_a_pdf_goes_into_the_sealed_store_and_its_record_names_it() -> None:
    found = unit(letter(attached(PDF, "application/pdf", title="Renal clinic")))
    document = record(letter(attached(PDF, "application/pdf", title="Renal clinic")))
    (blob,) = found.blobs
    assert isinstance(document, Document)
    assert (document.blob, document.media_type, document.size) == (sha256(PDF).hexdigest(), "application/pdf", len(PDF))
    assert (blob.sha256, blob.data, document.title, document.body) == (document.blob, PDF, "Renal clinic", "")
    assert not any("not shown" in c for c in document.comments)


def test_every_file_is_held_not_only_the_first() -> None:
    document = record(letter(attached(PDF, "application/pdf"), attached(PNG, "image/png", title="Scan"),
                             attached(b"Dear colleague", "text/plain")))  # fmt: skip
    assert [(f.media_type, f.title) for f in document.files] == [("image/png", "Scan")]
    assert document.body == "Dear colleague"


def test_what_the_bytes_are_counts_more_than_what_the_sender_called_them() -> None:
    assert record(letter(attached(PDF, "application/octet-stream"))).media_type == "application/pdf"
    assert record(letter(attached(PNG, ""))).media_type == "image/png"


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (rb"{\rtf1\ansi Dear colleague,\par This is \b synthetic\b0 .}", "text/rtf", "Dear colleague,\nThis is synthetic."),
        (rb"{\rtf1\ansi na\'efve}", "application/rtf", "na\u00efve"),
        (b"<p>One &amp; two</p><script>x()</script><p>three</p>", "text/html", "One & two\nthree"),
        (b"<ClinicalDocument><text>Plan</text></ClinicalDocument>", "application/xml", "Plan"),
        ("na\u00efve".encode(), "text/plain; charset=utf-8", "na\u00efve"),
        (b"said without a kind", "", "said without a kind"),
    ],
)  # fmt: skip
def test_what_is_text_is_read_and_not_held_a_second_time(data: bytes, kind: str, words: str) -> None:
    found = unit(letter(attached(data, kind)))
    assert record(letter(attached(data, kind))).body == words
    assert found.blobs == ()


def test_damaged_rtf_is_held_as_its_file_and_said() -> None:
    document = record(letter(attached(rb"{\rtf1", "text/rtf")))
    assert document.body == ""
    assert document.blob
    assert "Attached and not shown here: text/rtf." in document.comments


def test_a_binary_of_the_same_bundle_is_the_letters_file() -> None:
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "application/pdf", "data": b64encode(PDF).decode()}
    whole = bundle({"resource": letter({"url": "Binary/b1"})}, {"resource": binary, "fullUrl": "https://x/Binary/b1"})
    (first, second) = read(whole).units
    assert (first.verdict, second.verdict) == ("read", "not_kept")
    assert [b.data for b in first.blobs] == [PDF]
    alone = record(letter({"url": "Binary/b1"}))
    assert alone.comments == ("Not in this copy: a document kept elsewhere.",)


def test_files_of_one_entry_are_not_given_to_the_next() -> None:
    refused = {**letter(attached(PDF, "application/pdf")), "id": "d0", "status": 7}
    first, second = read(bundle(refused, letter(attached(b"plain", "text/plain")))).units
    assert first.verdict == "set_aside"
    assert second.blobs == ()


def test_a_report_has_its_file_accession_side_alert_and_modality_as_sent() -> None:
    sent = {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "subject": PATIENT, "code": {"text": "CT knee"},
        "category": [{"coding": [{"code": "RAD"}, {"code": "CT"}]}],
        "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": "A-77"}],
        "presentedForm": [attached(PDF, "application/pdf")],
        "extension": [{"url": "https://x.example/report-alert", "valueCode": "RED 2"},
                      {"url": "https://x.example/laterality", "valueCodeableConcept": {"text": "Left"}}],
    }  # fmt: skip
    report = record(sent)
    assert isinstance(report, Report)
    assert (report.accession, report.modality, report.alert, report.laterality) == ("A-77", "CT", "RED 2", "Left")
    assert (report.blob, report.media_type) == (sha256(PDF).hexdigest(), "application/pdf")


def test_what_replaces_what_and_what_is_confidential_is_kept() -> None:
    said = letter(
        attached(b"x", "text/plain"), relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/d0"}}],
        securityLabel=[{"coding": [{"code": "R"}]}], context={"practiceSetting": {"text": "Cardiology"}},
        category=[{"text": "Correspondence"}],
    )  # fmt: skip
    document = record(said)
    assert [(r.role, r.key) for r in document.references] == [("replaces", "DocumentReference/d0")]
    assert (document.restricted, document.specialty, document.category) == (True, "Cardiology", "Correspondence")
    assert not record(letter(attached(b"x", "text/plain"))).restricted
    secret = {"resourceType": "Composition", "id": "c", "status": "final", "subject": PATIENT, "title": "t",
              "confidentiality": "V"}  # fmt: skip
    assert record(secret).restricted


@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/plain", "text/rtf", "text/html", "application/pdf", "image/png"]),
)
def test_any_attachment_is_words_or_a_file_and_never_both_lost(data: bytes, kind: str) -> None:
    found = unit(letter(attached(data, kind)))
    (document,) = records(letter(attached(data, kind)))
    assert isinstance(document, Document)
    held = {b.sha256: b.data for b in found.blobs}
    if document.blob:
        assert held[document.blob] == data
        assert document.media_type in DRAWN or any("not shown here" in c for c in document.comments)
    elif data and kind not in ("text/plain", "text/html"):
        assert document.body


def test_a_filled_letter_is_read_back_from_the_sealed_store_and_lies_nowhere_in_clear(tmp_path: Path) -> None:
    vault, file = tmp_path / "vault", tmp_path / "letters.json"
    clock = Clock(datetime(2026, 11, 24, 3, 12, tzinfo=UTC))
    make_house(vault, "Adaeze Obi", b"lantern-oil-brass-wick", device="W07", kdf="floor", clock=clock)
    person = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Okonkwo"}]}
    import json

    file.write_text(json.dumps(bundle(person, letter(attached(PDF, "application/pdf")))), encoding="utf-8")
    house = open_house(vault, b"lantern-oil-brass-wick", clock=clock)
    try:
        house.fill([file], source="docs")
        reading = house.reading()
        try:
            (found,) = reading.find("okonkwo")
            (document,) = reading.chart(found.id).lists["documents"].items
            assert isinstance(document, Document)
            assert reading.blob(document.blob) == PDF
        finally:
            reading.close()
    finally:
        house.close()
    assert not [f for f in vault.rglob("*") if f.is_file() and PDF[:40] in f.read_bytes()]


def test_words_of_pdfs_come_from_a_child_and_a_file_without_words_has_none() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, "Ejection fraction 58 %")
    canvas.save()
    assert words_in(out.getvalue()).decode().strip() == "Ejection fraction 58 %"
    assert words_in(b"no pdf") == b""
    found = words_of([("a", out.getvalue()), ("b", PDF)])
    assert found["a"].strip() == "Ejection fraction 58 %"
    assert found["b"] == ""
    assert words_of([("a", out.getvalue())], lambda: False) == {}
