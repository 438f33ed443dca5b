"""What a scan says (CLINICAL §1.4, §8): the vectors of the page, round trips, damage, keyboards, and patterns that cannot
hang. Numbers are made by the rules of the standards, never by the code under test, where the page gives none."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localdb.chart.gs1 import GS, check_digit, gsrn_of, read_date, read_gs1
from localdb.chart.scan_errors import _SAID, ScanRefused
from localdb.chart.scan_patterns import PatternRefused, Scanning, ScanPattern, found_by, read_scanning
from localdb.chart.scanning import BARE, NUMBER, Band, SheetCode, number_label, read_scan
from localdb.records.ids import ALPHABET, nhs_number_is_sound, serial_is_sound, serial_number

# CLINICAL §1.4, computed there: NHS number -> GSRN.
VECTORS = {"9434765919": "505089894347659192", "9990000018": "505089899900000183"}
# The live trust pattern of CLINICAL §1.4, separators already lost.
LIVE = "801850508989990000018391RJC,H0001234,50552303,93OKONKWO,Ifeoma,14-Mar-1951,"


def refused(text: str, site: Scanning | None = None) -> str:
    with pytest.raises(ScanRefused) as why:
        read_scan(text, site)
    assert text[:6] not in str(why.value), "an error must not hold what was read"
    assert text[:6] not in why.value.next_step
    return why.value.code


numbers = st.integers(400_000_000, 799_999_999).map(str).flatmap(
    lambda stem: st.sampled_from([n for n in (f"{stem}{c}" for c in range(10)) if nhs_number_is_sound(n)] or [""])
).filter(bool)  # fmt: skip
hospital = st.from_regex(r"[A-Z]{0,2}[0-9]{4,9}", fullmatch=True)
names = st.from_regex(r"[A-Z][A-Za-z' -]{0,30}[A-Za-z]", fullmatch=True)
dates = st.dates()


def day(of: object) -> str:
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return f"{of.day}-{months[of.month - 1]}-{of.year:04d}"  # type: ignore[attr-defined]


def band(nhs: str, mrn: str, family: str, given_: str, born: object, gs: str) -> str:
    return f"8018{gsrn_of(nhs)}{gs}91RJC,{mrn},50552303,{gs}93{family},{given_},{day(born)},"


@pytest.mark.parametrize(("nhs", "gsrn"), VECTORS.items())
def test_the_vectors_of_the_page(nhs: str, gsrn: str) -> None:
    assert gsrn_of(nhs) == gsrn
    for text in (f"8018{gsrn}", f"]d28018{gsrn}", f"]C18018{gsrn}", f"(8018){gsrn}", gsrn, f"{GS}8018{gsrn}\r"):
        found = read_scan(text)
        assert isinstance(found, Band)
        assert (found.nhs, found.is_checked, found.is_number) == (nhs, True, True)


def test_the_live_band_of_a_trust_is_read_whole() -> None:
    found = read_scan(LIVE)
    assert found == Band(nhs="9990000018", mrn="H0001234", family="OKONKWO", given="Ifeoma", born="1951-03-14")


@given(numbers, hospital, names, names, dates, st.sampled_from([GS, "", "{GS}", "^]", "~~"]),
       st.sampled_from(["", "]d2", "]C1", "]D2"]))  # fmt: skip
def test_a_band_comes_back_whatever_became_of_its_separators(
    nhs: str, mrn: str, family: str, given_: str, born: object, gs: str, prefix: str
) -> None:
    found = read_scan(prefix + band(nhs, mrn, family, given_, born, gs), Scanning(separators=("~~",)))
    assert isinstance(found, Band)
    assert (found.nhs, found.mrn, found.family, found.given) == (nhs, mrn, family.strip(), given_.strip())
    plausible = born.year >= 1000  # type: ignore[attr-defined]
    assert found.born == (born.isoformat() if plausible else found.born)  # type: ignore[attr-defined]


def test_a_number_inside_a_number_is_no_element() -> None:
    """Hospital numbers that hold what an element begins with, separators lost."""
    for mrn in ("129912", "9312345", "91923", "80189", "H9398"):
        found = read_scan(LIVE.replace("H0001234", mrn))
        assert isinstance(found, Band)
        assert (found.mrn, found.family) == (mrn, "OKONKWO")


def test_without_its_check_digit_a_number_is_unverified() -> None:
    found = read_scan(LIVE.replace("505089899900000183", "50508989990000018"))
    assert isinstance(found, Band)
    assert (found.nhs, found.mrn, found.is_checked) == ("9990000018", "H0001234", False)


def test_a_newborn_s_band_names_the_mother() -> None:
    found = read_scan(
        f"8018{gsrn_of('9990000026')}{GS}91RJC,B1,{GS}922,2,HUGHES,Elin{GS}93HUGHES,Baby,1-Nov-2026,03:12"
    )
    assert isinstance(found, Band)
    assert (found.baby, found.babies, found.mother, found.born_time) == ("2", "2", "HUGHES, Elin", "03:12")


@given(numbers, st.data())
def test_no_single_wrong_or_swapped_digit_gives_another_number(nhs: str, data: st.DataObject) -> None:
    digits = gsrn_of(nhs)
    at = data.draw(st.integers(0, 16))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[at]]))
    swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    for damaged in {digits[:at] + other + digits[at + 1 :], swapped} - {digits}:
        try:
            found = read_scan("8018" + damaged + f"{GS}91RJC,H1,")
        except ScanRefused:
            continue
        assert isinstance(found, Band)
        assert found.nhs in ("", nhs), "another number was read from a damaged code"


@given(
    st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=80) | st.text(alphabet="0189,|]dCW" + GS, max_size=60)
)
def test_no_text_brings_the_reader_down(text: str) -> None:
    try:
        found = read_scan(text)
    except ScanRefused as why:
        assert why.code in _SAID
    else:
        assert isinstance(found, Band | SheetCode)
        if isinstance(found, Band) and found.nhs:
            assert nhs_number_is_sound(found.nhs)


def test_a_code_cut_anywhere_never_names_somebody_else() -> None:
    for end in range(len(LIVE)):
        try:
            found = read_scan(LIVE[:end])
        except ScanRefused:
            continue
        assert isinstance(found, Band)
        assert found.nhs in ("", "9990000018")
        assert "H0001234".startswith(found.mrn) or found.read_as in (BARE, NUMBER)


@pytest.mark.parametrize(("text", "code"), [
    ("8018505089899900000184", "scan.check_digit"), ("8017505089899900000183", "scan.staff_badge"),
    (f"8018505089899900000183{GS}94anything", "scan.not_a_band"), ("999 000 0019", "scan.nhs_unsound"),
    (f"8018{'505089899900000'}{'19'}{check_digit('50508989990000019')}", "scan.nhs_unsound"),
    ("WL1|F02|W07F0200001A|P0000000000000", "scan.serial"), ("W0", "scan.not_known"), ("just words", "scan.not_known"),
    ("9" * 401, "scan.too_long"), (f"]d2{GS}", "scan.damaged"),
])  # fmt: skip
def test_what_cannot_be_used_says_why(text: str, code: str) -> None:
    assert refused(text) == code


def test_bare_numbers() -> None:
    for text in ("9990000018", "999 000 0018", "999-000-0018"):
        assert read_scan(text) == Band(nhs="9990000018", read_as=NUMBER)
    assert read_scan("H0001234") == Band(mrn="H0001234", read_as=BARE)
    assert [number_label(n) for n in ("3200000012", "0101504444", "9434765919", "4010232137")] == [
        "H&C No.", "CHI No.", "NHS No.", "NHS No.",
    ]  # fmt: skip


codes3 = st.text(alphabet=ALPHABET, min_size=3, max_size=3)


@given(codes3, codes3, st.integers(0, 32**5 - 1), st.text(alphabet=ALPHABET, min_size=13, max_size=13))
def test_a_sheet_comes_back_through_every_keyboard(device: str, form: str, sequence: int, key: str) -> None:
    serial = serial_number(device, form, sequence)
    text = f"WL1|{form}|{serial}|P{key}"
    keyboards = ("", "caps", "US scanner, UK laptop", "UK scanner, US laptop")
    faults = (text, text.swapcase(), text.replace("|", "~"), text.replace("|", ">"))
    for name, typed in zip(keyboards, faults, strict=True):
        found = read_scan(typed)
        assert isinstance(found, SheetCode), name
        assert (found.serial, found.form, found.key) == (serial, form, f"P{key}")
        assert bool(found.repaired) is (typed != text)
    for alone in (serial, serial.lower(), f"{serial[:4]} {serial[4:7]} {serial[7:]}"):
        found = read_scan(alone)
        assert isinstance(found, SheetCode)
        assert found.serial == serial


@given(codes3, st.integers(0, 32**5 - 1), st.integers(1, 11), st.sampled_from(ALPHABET))
def test_a_misread_serial_is_no_other_sheet(device: str, sequence: int, at: int, other: str) -> None:
    serial = serial_number(device, "F02", sequence)
    damaged = serial[:at] + other + serial[at + 1 :]
    if damaged != serial:
        assert not serial_is_sound(damaged)
        assert refused(f"WL1|F02|{damaged}|P0000000000000") == "scan.serial"


TRUST = ScanPattern(
    name="Trust B", example="B|H0000001|9990000018|OKONKWO|Ifeoma|14/03/1951|F",
    pattern=r"\w+\|(?P<mrn>[^|]*)\|(?P<nhs>\d{10})?\|(?P<family>[^|]*)\|(?P<given>[^|]*)\|(?P<born>[\d/]*)\|[MFU]",
)  # fmt: skip


def test_a_site_s_own_pattern_and_its_other_separator() -> None:
    site = read_scanning({"patterns": [
        {"name": TRUST.name, "pattern": TRUST.pattern, "example": TRUST.example},
        {"name": "Trust C", "pattern": TRUST.pattern.replace(r"\|", "±").replace("|", "±"),
         "example": TRUST.example.replace("|", "±")},
    ]})  # fmt: skip
    for text, name in ((TRUST.example, "Trust B"), (TRUST.example.replace("|", "±"), "Trust C")):
        found = read_scan(text, site)
        assert isinstance(found, Band)
        assert (found.nhs, found.mrn, found.family, found.born) == ("9990000018", "H0000001", "OKONKWO", "1951-03-14")
        assert found.read_as == f"pattern {name}"
    assert refused(TRUST.example.replace("9990000018", "9990000019"), site) == "scan.not_known"
    assert read_scan(TRUST.example.replace("|", "~"), site).repaired, "a keyboard changed the separators"


def test_an_american_site_says_how_its_dates_are_meant() -> None:
    american = ScanPattern(name="A", pattern=r"(?P<mrn>\d+);(?P<born>.*)", example="1;03/14/1951", born="mdy")
    assert found_by(american, "77;03/14/1951") == {"mrn": "77", "born": "1951-03-14"}
    assert [read_date(t) for t in ("1-Mar-1950", "01/03/1950", "19500301", "1950-03-01", "31/02/1950", "29-Feb-1951")] == [
        "1950-03-01", "1950-03-01", "1950-03-01", "1950-03-01", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", [
    r"(?P<mrn>(?:a+)+)b", r"(?P<mrn>(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)(?:a|a)b)",
    r"(?P<mrn>.*.*.*.*.*.*.*.*x)", r"(?P<mrn>(?:(?:a?){20})*)b", r"(?P<mrn>(?:[a-z]*)*)\d", r"(?P<mrn>(?:a|aa|aaa)*)b",
])  # fmt: skip
def test_no_pattern_can_hang(pattern: str) -> None:
    """Ten thousand letters against patterns that take for ever in the usual reading."""
    one = ScanPattern(name="slow", pattern=pattern, example="x")
    began = time.perf_counter()
    assert found_by(one, "a" * 10_000) is None
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(("pattern", "why"), [
    (r"(?P<mrn>\d+)(?=x)", "looks ahead"), (r"(?P<mrn>\d+?)x", "as little"), (r"(?P<mrn>a)\1", "refers back"),
    (r"(?P<name>\d+)", "has a group"), (r"\d+", "no group"), (r"(?P<mrn>[)", "is no pattern"),
    (r"(?P<family>\w+)", "could name nobody"), (r"(?i)(?P<mrn>\d+)", "sets a flag"),
    (r"(?P<mrn>\d+)x", "own example"), ("(?P<mrn>" + "a" * 300 + ")", "longer"), (r"*(?P<mrn>\d)", "is no pattern"),
])  # fmt: skip
def test_a_pattern_that_cannot_be_used_is_refused_with_the_settings(pattern: str, why: str) -> None:
    with pytest.raises(PatternRefused, match=why):
        read_scanning({"patterns": [{"name": "P", "pattern": pattern, "example": "1"}]})


@example(pattern="[[", text="")  # what a later Python reads as a set within a set
@given(st.from_regex(r"[a-z\[\](){}*+?|\\^.,0-9:<>P=-]{1,24}", fullmatch=True), st.text(alphabet="ab01(|", max_size=20))
def test_any_pattern_is_taken_or_refused(pattern: str, text: str) -> None:
    one = ScanPattern(name="any", pattern=f"(?P<mrn>.*)(?:{pattern})?", example="x")
    try:
        found = found_by(one, text)
    except PatternRefused:
        return
    assert found is None or re.fullmatch(r"(?s).*", found["mrn"])


def test_separators_that_could_be_part_of_a_number_are_refused() -> None:
    with pytest.raises(PatternRefused):
        read_scanning({"separators": ["8"]})
    with pytest.raises(PatternRefused):
        read_scanning({"separatrs": []})


def test_the_table_of_errors_says_the_same() -> None:
    from desktop.help.content import error_table

    table = error_table()
    for code, (message, next_step) in _SAID.items():
        assert (table[code]["message"], table[code]["next_step"]) == (message, next_step)


def test_two_readings_that_differ_are_none() -> None:
    """Nothing tells whether 93 begins the name or ends the hospital number of this one."""
    assert read_gs1("9990000018") is None
    assert refused("91RJC,1293AB,93CD,") in ("scan.unclear", "scan.damaged")
