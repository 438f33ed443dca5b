"""ED and RP: files inside results, and pointers to files elsewhere (chapter 2A)."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.records.vocabulary import Document, Report
from localdb.sources.hl7v2.embedded import BAD_BASE64, decoded, media_type, text_of
from tests.unit.sources.hl7v2_help import PID, message, told, unit

PDF = b"%PDF-1.4\n%synthetic\n" + bytes(range(256))
RTF = rb"{\rtf1\ansi Dear colleague,\par This is \b synthetic\b0 .}"
OBR = "OBR|1|P1|F1|ECHO^Echocardiogram^L|||20261120013000|||||||||||||||20261120020000|||F"


def sent(data: bytes, kind: str) -> str:
    return f"OBX|1|ED|ECHO^Echocardiogram^L||{kind}^{base64.b64encode(data).decode()}||||||F"


@pytest.mark.parametrize(
    "kind", ["^AP^PDF^Base64", "LAB^application^pdf^Base64", "^application^pdf^BASE64", "^TEXT^PDF^A"]
)
def test_a_pdf_becomes_a_blob_that_its_document_and_report_name(kind: str) -> None:
    found = unit(message("ORU^R01", PID, OBR, sent(PDF, kind)))
    (document,), (report,) = told(found, "document"), told(found, "report")
    (blob,) = found.blobs
    assert isinstance(document, Document) and isinstance(report, Report)
    assert (blob.data, blob.media_type, blob.sha256) == (PDF, "application/pdf", sha256(PDF).hexdigest())
    assert document.blob == report.blob == blob.sha256
    assert (document.title, document.size, document.body) == ("Echocardiogram", len(PDF), "")


def test_rtf_and_html_are_read() -> None:
    (document,) = told(unit(message("ORU^R01", PID, OBR, sent(RTF, "^TEXT^RTF^Base64"))), "document")
    assert document.body == "Dear colleague,\nThis is synthetic."
    html = b"<html><style>p {}</style><p>One &amp; two</p><p>three</p></html>"
    (document,) = told(unit(message("ORU^R01", PID, OBR, sent(html, "^text^html^Base64"))), "document")
    assert document.body == "One & two\nthree"


def test_scripts_styles_and_comments_are_no_words_and_nothing_after_them_is_lost() -> None:
    html = b"<P>a<br/>b <b>c</b></P><!-- x --><STYLE>z</STYLE>&lt;d<script>y</script> e"
    assert text_of("text/html", html) == "a\nb c\n<d e"


@pytest.mark.parametrize("hostile", [b"<", b"<!", b"<a b=", b"<!--", b"&#", b"<script", b"<style></style"])
def test_hostile_markup_is_read_in_one_pass(hostile: bytes) -> None:
    """The standard library's parser takes minutes over these; here reading ends, and never fails."""
    text_of("text/html", hostile * (400_000 // len(hostile)))


@pytest.mark.parametrize("broken", ["\\.br\\", "\\X0D0A\\", " ", "\n"])
def test_line_breaks_inside_base64_do_no_harm(broken: str) -> None:
    text = base64.b64encode(PDF).decode()
    segment = f"OBX|1|ED|E^E^L||^AP^PDF^Base64^{text[:76]}{broken}{text[76:]}||||||F"
    (blob,) = unit(message("ORU^R01", PID, OBR, segment)).blobs
    assert blob.data == PDF


def test_hexadecimal_and_plain() -> None:
    assert decoded(PDF.hex(), "Hex") == (PDF, "")
    assert decoded("plain words", "A") == (b"plain words", "")


def test_damaged_base64_is_kept_as_sent_and_says_so() -> None:
    found = unit(message("ORU^R01", PID, OBR, "OBX|1|ED|E^E^L||^AP^PDF^Base64^JVBERi0xL!!!||||||F"))
    (document,), (blob,) = told(found, "document"), found.blobs
    assert blob.data == b"JVBERi0xL!!!"
    assert BAD_BASE64 in document.comments


def test_a_pointer_is_text_and_no_file() -> None:
    segment = "OBX|1|RP|E^Image^L||https://pacs.example/?a=1\\T\\b=2^PACS^image^JPEG||||||F"
    found = unit(message("ORU^R01", PID, OBR, segment))
    (document,) = told(found, "document")
    assert document.body == "held elsewhere: https://pacs.example/?a=1&b=2 (PACS), image JPEG"
    assert (document.blob, found.blobs) == ("", ())


def test_a_withdrawn_file_is_not_kept() -> None:
    found = unit(message("ORU^R01", PID, OBR, sent(PDF, "^AP^PDF^Base64")[:-1] + "W", "NTE|1||wrong patient"))
    (document,) = told(found, "document")
    assert (document.status, document.blob, document.comments) == ("entered-in-error", "", ("wrong patient",))
    assert found.blobs == ()


@given(st.binary(max_size=200))
def test_what_was_encoded_comes_out(data: bytes) -> None:
    if data:
        assert decoded(base64.b64encode(data).decode(), "Base64") == (data, "")
        assert decoded(data.hex(), "Hex") == (data, "")


@given(st.text(max_size=100), st.sampled_from(["Base64", "Hex", "A", "", "?"]), st.text(max_size=8))
def test_decoding_is_total(text: str, encoding: str, kind: str) -> None:
    data, _ = decoded(text, encoding)
    text_of(media_type(kind, kind, data), data)
    text_of("text/rtf", data)


def test_a_report_keeps_every_file_and_what_its_department_says_of_it() -> None:
    """Accession OBR-18 (IHE RAD), modality OBR-24, side OBR-15.5, alert OBX-8: as sent."""
    obr = "OBR|1|P1|F1|CT^CT knee^L|||20261120013000||||||||^^^^LEFT|||A-77||||20261120020000||CT|F"
    text = "OBX|1|TX|CT^CT knee^L||Nodule 9 mm.|||AA|||F"
    name = "ECHO^Echocardiogram"
    first = sent(PDF, "^AP^PDF^Base64").replace(name, "A^First")
    second = sent(PDF + b"x", "^AP^PDF^Base64").replace(name, "B^Second").replace("OBX|1", "OBX|2")
    (report,) = told(unit(message("ORU^R01", PID, obr, text, first, second)), "report")
    assert isinstance(report, Report)
    assert (report.accession, report.modality, report.laterality, report.alert) == ("A-77", "CT", "LEFT", "AA")
    assert report.blob == sha256(PDF).hexdigest()
    assert [(f.blob, f.title) for f in report.files] == [(sha256(PDF + b"x").hexdigest(), "Second")]
    assert report.body == "Nodule 9 mm."


def test_a_department_alone_is_no_modality_and_a_normal_mark_no_alert() -> None:
    obr = "OBR|1|P1|F1|XR^Chest^L|||20261120013000|||||||||||||||20261120020000||RAD|F"
    (report,) = told(unit(message("ORU^R01", PID, obr, "OBX|1|TX|XR^Chest^L||Clear.|||N|||F")), "report")
    assert isinstance(report, Report)
    assert (report.modality, report.alert, report.laterality) == ("", "", "")
