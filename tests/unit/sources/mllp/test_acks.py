"""Acknowledgements by the standard (HL7 v2 chapter 2.9, tables 0008, 0155, 0357)."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.mllp.acks import answers, header_of, read_acknowledgement
from localdb.sources.mllp.exchange import Answer

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
TAKEN = Answer(code="AA")
LATER = Answer(code="AE", reason="disk.full", text="no room")
REFUSED = Answer(code="AR", reason="hl7.no_patient", text="it names nobody")


def header(version="2.5.1", accept="", application="", charset="", type_="ADT^A01^ADT_A01", control="X-1"):
    msh = f"MSH|^~\\&|PAS|HOSP|WL|WARD|20261126120000||{type_}|{control}|T|{version}"
    return f"{msh}|||{accept}|{application}||{charset}\rPID|1\r"


def segments(data):
    return {line.split("|")[0]: line.split("|") for line in data.decode("latin-1").split("\r") if line}


@pytest.mark.parametrize(
    ("accept", "application", "expected"),
    [
        # (MSH-15, MSH-16, what is sent for a success, a failure, a refusal): table 0155
        ("", "", (["AA"], ["AE"], ["AR"])),
        ("AL", "NE", (["CA"], ["CE"], ["CR"])),
        ("AL", "", (["CA"], ["CE"], ["CR"])),
        ("NE", "AL", (["AA"], ["AE"], ["AR"])),
        ("AL", "AL", (["CA", "AA"], ["CE", "AE"], ["CR", "AR"])),
        ("ER", "NE", ([], ["CE"], ["CR"])),
        ("SU", "ER", (["CA"], ["AE"], ["AR"])),
        ("NE", "NE", ([], [], [])),
    ],
)
def test_original_and_enhanced_mode(accept, application, expected):
    data = header(accept=accept, application=application).encode()
    for answer, codes in zip((TAKEN, LATER, REFUSED), expected, strict=True):
        assert [read_acknowledgement(a).code for a in answers(data, answer, NOW, "W1")] == codes


def test_sender_and_receiver_change_places_and_its_words_are_repeated():
    (data,) = answers(header(charset="8859/1").encode(), TAKEN, NOW, "W7")
    msh = segments(data)["MSH"]
    assert msh[1:6] == ["^~\\&", "WL", "WARD", "PAS", "HOSP"]
    assert msh[8] == "ACK^A01^ACK" and msh[9:12] == ["W7", "T", "2.5.1"] and msh[17] == "8859/1"
    assert msh[6] == "20261126123000+0000"
    assert segments(data)["MSA"] == ["MSA", "AA", "X-1"]


@pytest.mark.parametrize(
    ("version", "type_"), [("2.2", "ACK"), ("2.3", "ACK^A01"), ("2.3.1", "ACK^A01"), ("2.6", "ACK^A01^ACK")]
)
def test_the_version_decides_the_form(version, type_):
    (data,) = answers(header(version=version, type_="ADT^A01").encode(), REFUSED, NOW, "W1")
    found = segments(data)
    assert found["MSH"][8] == type_
    if version < "2.5":
        assert found["ERR"] == ["ERR", "^^^101&Required field missing&HL70357"]
    else:
        assert found["ERR"][3:6] == ["101^Required field missing^HL70357", "E", "hl7.no_patient"]
    assert found["MSA"][3] == "hl7.no_patient: it names nobody"


def test_odd_delimiters_and_bytes_come_back_as_they_came():
    data = "MSH$*~\\&$A$B$C$D$2026$$ADT*A01$Ünï7$P$2.4\r".encode("cp1252")
    (made,) = answers(data, REFUSED, NOW, "W1")
    assert b"\rMSA$AR$" + "Ünï7".encode("cp1252") + b"$" in made
    assert b"ERR$***101&Required" in made


def test_what_is_no_message_is_answered_too():
    (data,) = answers(b"GET / HTTP/1.1", Answer(code="AR", reason="hl7.not_hl7"), NOW, "W1")
    assert segments(data)["MSA"][1:3] == ["AR", ""] and segments(data)["ERR"][3].startswith("100^")


def test_xml_is_answered_in_xml_and_sixteen_bits_in_sixteen():
    xml = (
        b'<?xml version="1.0"?>\n<ADT_A01 xmlns="urn:hl7-org:v2xml"><MSH><MSH.1>|</MSH.1><MSH.2>^~\\&amp;</MSH.2>'
        b"<MSH.9><MSG.1>ADT</MSG.1><MSG.2>A01</MSG.2></MSH.9><MSH.10>q9</MSH.10><MSH.12><VID.1>2.6</VID.1></MSH.12></MSH>"
        b"<PID/></ADT_A01>"
    )
    for answer in (TAKEN, REFUSED):
        (data,) = answers(xml, answer, NOW, "W1")
        assert data.startswith(b"<?xml") and b"<MSA.2>q9</MSA.2>" in data
        assert read_acknowledgement(data).code == answer.code and read_acknowledgement(data).control_id == "q9"
    wide = header().encode("utf-16-le")
    (data,) = answers(wide, TAKEN, NOW, "W1")
    assert "MSA|AA|X-1" in data.decode("utf-16-le")
    assert read_acknowledgement(data).control_id == "X-1"


def test_a_batch_is_answered_by_its_first_message():
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + header(control="B1").encode() + header(control="B2").encode() + b"BTS|2\r"
    assert header_of(batch).control_id == "B1"


def test_no_code_says_nothing():
    assert answers(header().encode(), Answer(code=""), NOW, "W1") == []


@given(st.binary(max_size=300), st.text(max_size=80), st.sampled_from(["AA", "AE", "AR"]))
def test_anything_can_be_answered_in_one_frame(data, words, code):
    for start in (b"", b"MSH|^~\\&|", b"MSH"):
        for made in answers(start + data, Answer(code=code, reason="hl7.no_patient", text=words), NOW, "W1"):
            assert read_acknowledgement(made) is not None or b"MSH" in start + data
            assert all(len(s) > 3 for s in re.split(rb"\r", made.rstrip(b"\r")) if header_of(start + data) is None)
