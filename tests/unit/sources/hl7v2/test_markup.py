"""HL7 v2 in XML reads as the same message; hostile XML is refused and fetches nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.hl7v2.markup import NotMessage, looks_like_markup, text_of
from localdb.sources.hl7v2.message import parse
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ, SET_ASIDE
from tests.unit.sources.hl7v2_help import key, own_bytes, read, told

NAMESPACE = 'xmlns="urn:hl7-org:v2xml"'
HEADER = (
    "<MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2><MSH.3><HD.1>PAS</HD.1></MSH.3><MSH.7><TS.1>20261120021000</TS.1></MSH.7>"
    "<MSH.9><MSG.1>ADT</MSG.1><MSG.2>A01</MSG.2></MSH.9><MSH.10>C1</MSH.10></MSH>"
)


def document(body: str, *, before: str = "", namespace: str = NAMESPACE) -> bytes:
    return f'<?xml version="1.0"?>{before}<ADT_A01 {namespace}>{HEADER}{body}</ADT_A01>'.encode()


PERSON = """
  <PID>
    <PID.3><CX.1>123456</CX.1><CX.4><HD.1>HOSP</HD.1></CX.4><CX.5>MR</CX.5></PID.3>
    <PID.3><CX.1>9</CX.1></PID.3>
    <PID.5><XPN.1><FN.1>O&apos;Brien &amp; ~Sons|^</FN.1></XPN.1><XPN.2>Ann</XPN.2></PID.5>
  </PID>"""


@pytest.mark.parametrize(
    "data",
    [
        document(PERSON),
        document(f"<ADT_A01.PATIENT>{PERSON}</ADT_A01.PATIENT>"),
        document(PERSON, namespace=""),
        document(PERSON, before='<!DOCTYPE ADT_A01 SYSTEM "http://localhost/x.dtd">'),
        b"\xef\xbb\xbf" + document(PERSON),
        document(PERSON)
        .replace(b"<ADT_A01 ", b"<h:ADT_A01 xmlns:h='urn:hl7-org:v2xml' ")
        .replace(b"</ADT", b"</h:ADT"),
    ],
)
def test_the_same_message_in_markup(data: bytes) -> None:
    reading = read(data)
    (found,) = reading.units
    assert (found.verdict, found.type) == (READ, "ADT^A01")
    (patient,) = told(found, "patient")
    assert patient.id == key("123456")
    assert patient.names[0].family == "O'Brien & ~Sons|^"
    assert [i.value for i in patient.identifiers] == ["123456", "9"]
    assert own_bytes(reading, found) == data


def test_lines_and_escapes_of_a_text() -> None:
    text = text_of(document("<NTE><NTE.3>one\n  two<escape V='.br'/>three \\ four</NTE.3></NTE>"))
    found = parse(text)
    assert found is not None
    assert found.segments[1].text(3) == "one\ntwo\nthree \\ four"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (document(PERSON, before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "hl7.xml_unsafe"),
        (document("<NTE>&x;</NTE>", before='<!DOCTYPE a [<!ENTITY x "boom">]>'), "hl7.xml_unsafe"),
        (document("<NTE>&x;</NTE>", before='<!DOCTYPE a SYSTEM "http://localhost/x.dtd">'), "hl7.xml_unsafe"),
        (document("<NTE>&x;</NTE>"), "hl7.xml_damaged"),
        (document("<PID>")[:-4], "hl7.xml_damaged"),
        (document("<A1>" * 200 + "</A1>" * 200), "hl7.xml_damaged"),
        (f"<ADT_A01 {NAMESPACE}><PID/></ADT_A01>".encode(), "hl7.not_hl7"),
    ],
)
def test_hostile_or_damaged_documents_are_set_aside_whole(data: bytes, code: str) -> None:
    reading = read(data)
    (found,) = reading.units
    assert (found.verdict, found.code) == (SET_ASIDE, code)
    assert own_bytes(reading, found) == data
    assert "passwd" not in found.reason


def test_other_markup_is_not_taken_for_messages() -> None:
    assert not looks_like_markup(b'<Patient xmlns="http://hl7.org/fhir"><id value="x"/></Patient>')
    assert not looks_like_markup(b"<html><body>MSH</body></html>")
    assert not looks_like_markup(b"MSH|^~\\&|")


@given(
    st.text(st.characters(codec="utf-8"), max_size=80),
    st.text(st.sampled_from("<>/&; \n\"'MSH.1PID^|~\\"), max_size=80),
)
def test_any_document_has_an_answer(value: str, markup: str) -> None:
    for body in (value, markup, f"<PID><PID.3>{value}</PID.3></PID>"):
        try:
            text = text_of(document(body))
        except NotMessage as error:
            assert error.code.startswith("hl7.")
        else:
            assert parse(text) is not None


def test_an_acknowledgement_in_xml_is_a_known_type_that_is_not_kept() -> None:
    """Its document element is called like a segment."""
    ack = (
        b'<ACK xmlns="urn:hl7-org:v2xml"><MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2><MSH.7><TS.1>20261124</TS.1></MSH.7>'
        b"<MSH.9><MSG.1>ACK</MSG.1></MSH.9><MSH.10>1</MSH.10><MSH.11><PT.1>P</PT.1></MSH.11><MSH.12><VID.1>2.5</VID.1>"
        b"</MSH.12></MSH><MSA><MSA.1>AA</MSA.1><MSA.2>7</MSA.2></MSA></ACK>"
    )
    (unit,) = read_messages("a.xml", ack, "lims", SourceProfile()).units
    assert (unit.verdict, unit.code) == ("not_kept", "")
