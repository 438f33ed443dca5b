"""Printed reports: whose they are, what is kept of them, and PDFs that mean harm."""

from __future__ import annotations

import io
import threading
from hashlib import sha256

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from localdb.records.ids import patient_id
from localdb.records.moments import read_moment
from localdb.records.vocabulary import RECORD_DECODER, Document, HumanName, Patient
from localdb.sources.printed import pages as page_limits
from localdb.sources.printed.reading import read_printed
from localdb.sources.printed.rules import RuleRefused, read_rule
from localdb.sources.profiles import SourceProfile
from localdb.sources.readers import Readers
from localdb.sources.units import FileReading
from localdb.store.checks import fits

RULE = r"""
key = ["mrn", "kind", "date"]
author = "EPR print service"
formats = ["%Y%m%d %H%M", "%d-%b-%Y"]
[patient]
system = "urn:mrn"
check = ["born", "family"]
[[patterns]]
on = "name"
pattern = '^(?P<mrn>\d{7})_(?P<kind>[A-Z]+)_(?P<date>\d{8})(?:_(?P<time>\d{4}))?\.pdf$'
[[patterns]]
on = "text"
pattern = '^Name: (?P<family>[^,\n]+), (?P<given>[^\n]+)$'
[[patterns]]
on = "text"
pattern = '^Born: (?P<born>\d{2}-[A-Z][a-z]{2}-\d{4})'
[[patterns]]
on = "text"
pattern = 'Hospital number (?P<mrn>\d{7})'
optional = true
[kinds]
DISCH = "Discharge summary"
"""
NAME = "0012345_DISCH_20261120_1405.pdf"
LINES = ("Discharge summary", "Name: Núñez, Ana María", "Born: 03-Apr-1970", "Hospital number 0012345", "Stable.")


def pdf(*pages: tuple[str, ...], secret: str | None = None) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1, encrypt=StandardEncryption(secret) if secret else None)
    for lines in pages:
        for n, line in enumerate(lines):
            canvas.drawString(60, 780 - 20 * n, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def read(data: bytes, name: str = NAME, rule: str = RULE) -> FileReading:
    return read_printed(name, data, "epr", SourceProfile(), read_rule(rule))


def document(reading: FileReading) -> Document:
    (unit,) = reading.units
    assert unit.verdict == "read", (unit.code, unit.reason)
    found = RECORD_DECODER.decode(unit.facts[0].body)
    assert isinstance(found, Document)
    return found


def test_a_report_is_one_document_that_waits_for_its_patient():
    data = pdf(LINES, ("Second page: warfarin",))
    reading = read(data, f"prints/{NAME}")
    (unit,) = reading.units
    found = document(reading)
    assert unit.wants == ("urn:mrn|0012345",)
    assert unit.checks == (("born", "1970-04-03"), ("family", "Núñez"))
    assert (found.title, found.media_type, found.size, found.author) == (
        "Discharge summary", "application/pdf", len(data), "EPR print service",
    )  # fmt: skip
    assert found.happened is not None and found.happened.as_json()["utc"] == "2026-11-20T14:05:00Z"
    assert "Stable." in found.body and "warfarin" in found.body
    (blob,) = unit.blobs
    assert blob.data == data and blob.sha256 == found.blob == sha256(data).hexdigest()
    assert zstandard.ZstdDecompressor().decompress(reading.kept) == data
    assert unit.facts[0].order == found.happened.utc and reading.cut == found.happened


def test_a_later_print_of_the_same_document_replaces_it():
    first, second = read(pdf(LINES)), read(pdf((*LINES, "Corrected.")), "0012345_DISCH_20261120_1500.pdf")
    assert first.units[0].facts[0].id == second.units[0].facts[0].id
    assert first.units[0].facts[0].order < second.units[0].facts[0].order
    assert first.units[0].source_id != second.units[0].source_id
    assert read(pdf(LINES)).units[0].source_id == first.units[0].source_id
    apart = RULE.replace('key = ["mrn", "kind", "date"]', "")
    assert (
        read(pdf(LINES), rule=apart).units[0].facts[0].id != read(pdf((*LINES, "x")), rule=apart).units[0].facts[0].id
    )


def test_the_number_of_this_very_source_is_the_patients_key():
    (unit,) = read(pdf(LINES), rule=RULE.replace('system = "urn:mrn"', 'assigner = "RXX"')).units
    assert unit.wants == () and unit.facts[0].patient == patient_id("epr", "RXX", "0012345") == document(
        read(pdf(LINES), rule=RULE.replace('system = "urn:mrn"', 'assigner = "RXX"'))).patient  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "name", "code"),
    [
        (LINES, "report.pdf", "printed.no_match"),
        (LINES[:2], NAME, "printed.no_match"),
        ((*LINES, "Hospital number 0099999"), NAME, "printed.disagrees"),
        (LINES, NAME.replace("0012345", "0012346"), "printed.disagrees"),
        ((*LINES, "Name: Smith, Ann"), NAME, "printed.disagrees"),
        ((*LINES, "Name: NÚÑEZ, Ana"), NAME, None),
        ((), NAME, "printed.no_text"),
        (LINES, NAME.replace("20261120", "20261320"), "printed.time_unreadable"),
        ((*LINES[:2], "Born: 31-Feb-1970"), NAME, "printed.no_match"),
    ],
)
def test_a_report_that_does_not_say_whose_it_is_is_filed_to_nobody(lines, name, code):
    data = pdf(lines)
    reading = read(data, name)
    (unit,) = reading.units
    assert (unit.verdict, unit.code or None) == ("set_aside" if code else "read", code)
    assert "0012345" not in unit.reason and "Núñez" not in unit.reason
    assert zstandard.ZstdDecompressor().decompress(reading.kept) == data


def test_nhs_numbers_are_checked_and_come_first():
    rule = RULE + "[[patterns]]\non = 'text'\npattern = 'NHS No\\.? (?P<nhs>[\\d ]{10,12})'\n"
    rule = rule.replace('[kinds]\nDISCH = "Discharge summary"\n', "")
    (unit,) = read(pdf((*LINES, "NHS No 943 476 5919")), rule=rule).units
    assert unit.wants == ("https://fhir.nhs.uk/id/nhs-number|9434765919",)
    (unit,) = read(pdf((*LINES, "NHS No 943 476 5918")), rule=rule).units
    assert unit.code == "printed.nhs_unsound"


def test_hostile_files(monkeypatch):
    for data, code in (
        (b"", "printed.not_pdf"),
        (b"MSH|^~\\&|", "printed.not_pdf"),
        (b"%PDF-1.7\nnothing", "printed.unreadable"),
        (pdf(LINES)[:300], "printed.unreadable"),
        (pdf(LINES, secret="mine"), "printed.encrypted"),
    ):
        assert [u.code for u in read(data).units] == [code]
    monkeypatch.setattr(page_limits, "LARGEST_FILE", 100)
    assert [u.code for u in read(pdf(LINES)).units] == ["printed.too_large"]


def test_a_long_report_says_what_of_it_can_be_searched(monkeypatch):
    monkeypatch.setattr(page_limits, "MOST_PAGES", 1)
    found = document(read(pdf(LINES, ("the other page",))))
    assert "the other page" not in found.body and found.comments
    assert not document(read(pdf(LINES))).comments


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40))
def test_no_broken_file_makes_the_reader_fail(place, junk):
    whole = pdf(LINES)
    place %= len(whole)
    reading = read(whole[:place] + junk + whole[place + len(junk) :])
    assert next(u.verdict for u in reading.units) in ("read", "set_aside")


def read_slowly(seconds: float) -> bytes:
    """What a child is asked: an endless pattern, as a site might write it."""
    rule = RULE + "[[patterns]]\non = 'text'\npattern = '^(?P<title>(a+)+)$'\noptional = true\n"
    rule = rule.replace('[kinds]\nDISCH = "Discharge summary"\n', "")
    return msgspec.msgpack.encode(read(pdf((*LINES, "a" * 60 + "!")), rule=rule))


def test_a_pattern_without_end_is_ended():
    readers = Readers(1, read_slowly, seconds=2.0)
    answers: list[bytes | None] = []
    asking = threading.Thread(target=lambda: answers.append(readers.ask(1.0)))
    asking.start()
    asking.join(timeout=60)
    assert answers == [None] and readers.children == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (r"(?P<mrn>\d{7})", r"(?P<mnr>\d{7})", "mnr"),
        ("on = \"name\"", "on = \"folder\"", "on"),
        ('["born", "family"]', '["born", "gender"]', "check"),
        (r"^Born: (?P<born>", r"^Born: (?P<title>", "born"),
        ("%d-%b-%Y", "%d-%b-%y", "century"),
        (r"Hospital number (?P<mrn>", "Hospital number ((?P<mrn>", "Pattern 4"),
        ("[patient]", "[patients]", "patients"),
    ],
)  # fmt: skip
def test_a_wrong_rule_says_where(before, after, says):
    with pytest.raises(RuleRefused) as error:
        read_rule(RULE.replace(before, after))
    assert says in str(error.value) and error.value.code == "printed.rule"


def test_what_a_report_says_must_be_what_the_record_says():
    patient = Patient(
        id="P1", patient="P1", source="pas", source_id="1", born=read_moment("1970-04-03"),
        names=(HumanName(family="NÚÑEZ"), HumanName(family="Smith", use="maiden")),
    )  # fmt: skip
    assert fits(patient, (("born", "1970-04-03"), ("family", "Núñez")))
    assert fits(patient, (("family", "smith"),))
    assert not fits(patient, (("born", "1970-04-04"), ("family", "Núñez")))
    assert not fits(patient, (("family", "Nunez"),))
    assert not fits(msgspec.structs.replace(patient, born=read_moment("1970")), (("born", "1970-01-01"),))
