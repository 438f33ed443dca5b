"""OBX-5 by OBX-2, OBX-6, OBX-7, OBX-8 (CLINICAL L2, L3, L5): the text that was sent, whatever was sent."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localdb.sources.hl7v2.message import Segment, parse
from localdb.sources.hl7v2.values import flag_of, range_of, read_value, structured, unit_of

HEAD = "MSH|^~\\&|A|B|C|D|20261120||ORU^R01|1|P|2.5\r"


def obx(text: str) -> Segment:
    made = parse(HEAD + text)
    assert made is not None
    return made.segments[-1]


@pytest.mark.parametrize(
    ("sent", "comparator", "value"),
    [
        ("OBX|1|NM|K||7.0", None, "7.0"),
        ("OBX|1|NM|K||+4", None, "+4"),
        ("OBX|1|NM|CRP||<5", "<", "5"),
        ("OBX|1|NM|CRP||>= 0.50", ">=", "0.50"),
        ("OBX|1|ST|GFR||>90", ">", "90"),
        ("OBX|1|ST|X||<5 days old", None, "<5 days old"),
        ("OBX|1|SN|X||>^100", ">", "100"),
        ("OBX|1|SN|X||^0^-^1", None, "0-1"),
        ("OBX|1|SN|TITRE||^1^:^128", None, "1:128"),
        ("OBX|1|SN|URINE||^2^+", None, "2+"),
        ("OBX|1|SN|MIC||=^0.5", None, "0.5"),
        ("OBX|1|SN|X||<>^5", None, "<>5"),
        ("OBX|1|TX|X||first~second", None, "first\nsecond"),
        ("OBX|1|FT|X||first\\.br\\second", None, "first\nsecond"),
        ("OBX|1|ST|X||10^9 & more", None, "10^9 & more"),
        ("OBX|1|CE|X||POS^Positive^L", None, "Positive"),
        ("OBX|1|CWE|X||260385009^Negative (qualifier value)^SCT^^^^^^Not detected", None, "Not detected"),
        ("OBX|1|CWE|X||A^Alpha^L~B^Beta^L", None, "Alpha; Beta"),
        ("OBX|1|DT|X||20261120", None, "20261120"),
        ("OBX|1|TM|X||0710", None, "0710"),
        ("OBX|1|TS|X||202611200710+0000", None, "202611200710+0000"),
        ("OBX|1|XPN|X||Fry^Stephen", None, "Fry Stephen"),
        ("OBX|1|CX|X||123^^^HOSP&1.2&ISO^MR", None, "123 HOSP 1.2 ISO MR"),
        ("OBX|1||X||no type", None, "no type"),
        ("OBX|1|QQ|X||what^is^this", None, "what is this"),
        ("OBX|1|NM|X||", None, None),
        ('OBX|1|NM|X||""', None, None),
    ],
)
def test_values_of_every_type(sent: str, comparator: str | None, value: str | None) -> None:
    found = read_value(obx(sent))
    assert (found.comparator, found.text) == (comparator, value)


def test_the_codes_of_a_coded_value_stay() -> None:
    codes = read_value(obx("OBX|1|CWE|X||260385009^Negative^SCT^N^Neg^L")).codes
    assert [(c.system, c.code) for c in codes] == [("http://snomed.info/sct", "260385009"), ("L", "N")]


@pytest.mark.parametrize(
    ("sent", "unit"),
    [
        ("mmol/L", "mmol/L"), ("10^9/L", "10^9/L"), ("10*9/L^10*9/L^UCUM", "10*9/L"), ("", None),
        ("258813002^g/L^SCT", "g/L"), ("mg^milligram^UCUM", "mg"), ("^beats per minute", "beats per minute"),
    ],
)  # fmt: skip
def test_units_as_sent(sent: str, unit: str | None) -> None:
    assert unit_of(obx(f"OBX|1|NM|X||1|{sent}")) == unit


def test_ranges_and_flags_as_sent() -> None:
    found = obx("OBX|1|NM|X||1|g/L|70_105|H~A^Abnormal^HL70078")
    assert (range_of(found), flag_of(found)) == ("70_105", "H, A")
    assert (range_of(obx("OBX|1|NM|X||1")), flag_of(obx("OBX|1|NM|X||1||3.5 \\T\\ up|^^^^^^2.7"))) == (None, None)


PRINTABLE = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="|^~\\&", exclude_categories=["Cs", "Z", "Cc"]
    ),
    min_size=1,
    max_size=20,
)


@given(st.sampled_from(["NM", "ST", "TX", "FT", "", "IS"]), PRINTABLE)
@example("NM", "<5")
@example("ST", ">=0.50")
def test_comparator_and_value_together_are_what_was_sent(kind: str, sent: str) -> None:
    found = read_value(obx(f"OBX|1|{kind}|X||{sent}"))
    if sent == '""':
        assert found.text is None
    else:
        assert f"{found.comparator or ''}{found.text or ''}" == sent


@given(st.lists(PRINTABLE | st.just(""), max_size=6))
def test_a_structured_number_loses_nothing(parts: list[str]) -> None:
    found = structured(parts)
    shown = f"{found.comparator or ''}{found.text or ''}"
    wanted = "".join(parts[:4])
    assert shown == (wanted[1:] if parts and parts[0] == "=" and wanted != "=" else wanted)


@given(st.text(max_size=60), st.sampled_from(["NM", "SN", "ST", "TX", "FT", "CE", "CWE", "DT", "XPN", "ZZ", ""]))
def test_reading_a_value_is_total(sent: str, kind: str) -> None:
    made = parse(f"{HEAD}OBX|1|{kind}|X||{sent}")
    assert made is not None
    for segment in made.segments[1:]:
        read_value(segment)
        unit_of(segment)
        range_of(segment)
        flag_of(segment)
