"""Tables of small systems: what a row becomes, what is rejected and why, and files that mean harm."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.records.ids import patient_id, record_id
from localdb.sources.tables import rows as row_limits
from localdb.sources.tables.mapping import MappingRefused, letter_of, read_mapping
from localdb.sources.tables.sheets import plain_number
from localdb.sources.tables.times import FormatWrong, find_time, pattern_of, read_time
from tests.unit.sources.tables.table_help import HEADER, LAB, ROW, lab, own_bytes, read, records, sheet

WARD = """
kind = "stay"
[patient]
number = "MRN"
family = "Surname"
born = "Born"
[columns]
ward = "Ward"
bed = "Bed"
reason = "Reason"
[constants]
status = "in-progress"
[order]
by = "name"
name = "%Y%m%d-%H%M"
"""


def test_a_row_is_a_patient_and_a_result_to_the_letter():
    (unit,) = lab(ROW).units
    person, result = records(unit)
    assert person.id == patient_id("lims", "RXX", "123") == result.patient
    assert (person.names[0].family, person.names[0].given) == ("SMITH", ("Ann",))
    assert [(i.system, i.value, i.type) for i in person.identifiers] == [
        ("RXX", "123", "MR"),
        ("https://fhir.nhs.uk/id/nhs-number", "9434765919", "NH"),
    ]
    # Third of April: the mapping says so, and it is compared with other sources as ISO.
    assert (person.born.text, person.born.precision) == ("1970-04-03", "day")
    assert (result.value, result.unit, result.range, result.flag) == ("5.10", "mmol/L", "3.5-5.3", None)
    assert result.id == record_id("lims", "Observation", "L1|Potassium")
    assert result.happened.text == "20/11/2026 08:05"
    assert result.happened.as_json()["utc"] == "2026-11-20T08:05:00Z"
    assert result.happened.precision == "minute" and result.happened.doubts == ("assumed_zone",)


def test_a_row_is_ordered_by_its_time_and_its_patient_never_replaces_what_adt_said():
    (unit,) = lab(ROW).units
    reported = int(datetime.fromisoformat("2026-11-20T09:40:00+00:00").timestamp()) * 1_000_000
    person, result = unit.facts
    assert (result.order, result.partial) == (reported, False)
    assert (person.order, person.partial) == (reported - 10**17, True)
    assert unit.updated == reported


def test_summer_time_is_the_mappings_zone():
    (unit,) = lab(ROW.replace("20/11/2026", "20/07/2026")).units
    assert records(unit)[1].happened.as_json()["utc"] == "2026-07-20T07:05:00Z"
    (unit,) = lab(ROW.replace("20/11/2026 08:05", "25/10/2026 01:30")).units
    assert "doubled_hour" in records(unit)[1].happened.doubts


@pytest.mark.parametrize(
    ("sent", "comparator", "value"),
    [("<5", "<", "5"), (">= 90.0", ">=", "90.0"), ("≤3", "<=", "3"), ("5.10", None, "5.10"),
     ("<see note>", None, "<see note>")],
)  # fmt: skip
def test_a_comparator_stands_apart(sent, comparator, value):
    (unit,) = lab(ROW.replace("5.10", sent)).units
    result = records(unit)[1]
    assert (result.comparator, result.value) == (comparator, value)


def test_a_status_is_translated_completely():
    states = [lab(ROW.replace("Auth", s)).units[0] for s in ("Auth", "unauth", "Amended", "Withdrawn")]
    assert [records(u)[1].status for u in states] == ["final", "preliminary", "corrected", "entered-in-error"]
    assert [u.facts[1].tie for u in states] == [2, 0, 3, 4]
    (unknown,) = lab(ROW.replace("Auth", "Provisional?")).units
    assert (unknown.verdict, unknown.code) == ("set_aside", "table.value_unknown")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("123", ""), "table.patient_missing"),
        (("9434765919", "9434765918"), "table.nhs_unsound"),
        (("20/11/2026 08:05", "11/20/2026 08:05"), "table.time_unreadable"),
        (("20/11/2026 09:40", ""), "table.value_missing"),
        (("Potassium,5.10", ",5.10"), "table.value_missing"),
        (("Potassium", "Pot\x00assium"), "table.row_unreadable"),
        (("SMITH", 'SM"ITH'), None),
        (("SMITH", '"SM"ITH'), "table.row_unreadable"),
    ],
)
def test_a_rejected_row_keeps_its_bytes_and_its_neighbours(change, code):
    bad = ROW.replace(*change)
    good = ROW.replace("L1", "L2")
    reading = lab(bad, good)
    first, second = reading.units
    assert second.verdict == "read" and own_bytes(reading, second).decode() == good
    assert own_bytes(reading, first).decode() == bad
    if code is None:
        assert first.verdict == "read"
        return
    assert (first.verdict, first.code) == ("set_aside", code)
    assert first.reason.startswith("row 2: ")
    for secret in ("SMITH", "943476", "123,", "Potassium", "5.10"):
        assert secret not in first.reason


def test_a_cell_with_lines_and_delimiters_in_quotes():
    comment = 'Haemolysed, "slightly"\r\nrepeat'
    quoted = '"' + comment.replace('"', '""') + '"'
    (unit,) = lab(ROW + quoted).units
    assert records(unit)[1].comments == (comment,)


def test_equal_rows_are_one_unit_and_contradicting_rows_none():
    twice = lab(ROW, ROW).units
    assert twice[0].source_id == twice[1].source_id and twice[0].digest == twice[1].digest
    again = lab(ROW, ROW.replace("L1", "L9")).units
    assert again[0].digest == twice[0].digest
    contradicting = lab(ROW, ROW.replace("5.10", "5.1"), ROW.replace("L1", "L2")).units
    assert [(u.verdict, u.code) for u in contradicting] == [
        ("set_aside", "table.rows_contradict"), ("set_aside", "table.rows_contradict"), ("read", ""),
    ]  # fmt: skip
    later = lab(ROW, ROW.replace("5.10", "5.2").replace("09:40", "10:40")).units
    assert [u.verdict for u in later] == ["read", "read"]
    assert later[0].facts[1].id == later[1].facts[1].id and later[0].facts[1].order < later[1].facts[1].order


def test_arrival_orders_where_nothing_else_does():
    mapping = LAB[: LAB.index("[order]")]
    first = lab(ROW, mapping=mapping, received=5).units[0]
    second = lab(ROW, mapping=mapping, received=6).units[0]
    assert (first.facts[1].order, second.facts[1].order) == (5, 6)
    assert first.source_id != second.source_id  # a value that comes back to what it was is said again
    assert lab(ROW, mapping=mapping).units[0].facts[1].order == 0


def test_a_ward_list_by_its_name_clears_what_it_no_longer_says():
    data = "MRN,Surname,Born,Ward,Bed,Reason\n77,Okafor,1950-02-01,Ash,,Chest pain\n"
    reading = read(data, WARD, file="out/wardlist_20261120-0610.csv")
    (unit,) = reading.units
    _, stay = records(unit)
    assert (stay.ward, stay.bed, stay.status, stay.reason) == ("Ash", "", "in-progress", "Chest pain")
    person, place = unit.facts
    assert place.cleared == ("bed",) and place.partial
    assert place.order == person.order == int(datetime.fromisoformat("2026-11-20T06:10:00+00:00").timestamp()) * 10**6
    assert reading.cut is not None and reading.cut.text == "20261120-0610"
    assert read(data, WARD, file="wardlist.csv").units[0].code == "table.name_without_time"


def test_a_row_that_only_finds_its_patient_waits_for_the_number():
    mapping = LAB.replace('assigner = "RXX"', "find = true").replace('number = "MRN"\n', "")
    (unit,) = lab(ROW, mapping=mapping).units
    assert unit.wants == ("https://fhir.nhs.uk/id/nhs-number|9434765919",)
    (result,) = records(unit)
    assert (result.patient, unit.facts[0].patient, result.value) == ("", "", "5.10")


def test_columns_by_letter_and_without_a_header():
    mapping = """
kind = "allergy"
none = ["NKDA"]
[file]
header = 0
delimiter = ";"
encoding = "cp1252"
[patient]
number = "A"
[columns]
text = "B"
reaction = "@D"
[constants]
clinical = "active"
"""
    reading = read("1;Pénicilline;x;Éruption\n2;nkda;;\n".encode("cp1252"), mapping)
    assert [records(u)[1].text for u in reading.units] == ["Pénicilline", "nkda"]
    assert [records(u)[1].asserts_none for u in reading.units] == [False, True]
    assert records(reading.units[0])[1].reactions == ("Éruption",)
    wrong = read("1;Pénicilline;x;y\n".encode("cp1252"), mapping.replace("cp1252", "utf-8"))
    assert [u.code for u in wrong.units] == ["table.wrong_encoding"]


def test_a_missing_column_sets_the_file_aside_whole():
    reading = read(HEADER.replace("Result", "Value") + "\n" + ROW + "\n")
    (unit,) = reading.units
    assert unit.code == "table.column_missing" and own_bytes(reading, unit).endswith(ROW.encode() + b"\n")
    assert [u.code for u in read(HEADER + ",Result\n" + ROW + ",x\n").units] == ["table.column_twice"]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('kind = "result"', 'kind = "results"', "kind"),
        ('value = "Result"', 'valeu = "Result"', "columns.valeu"),
        ('"Auth" = "final"', '"Auth" = "authorised"', "status"),
        ('by = "row"', 'by = "time"', "order.by"),
        ('column = "Reported"', "", "order.column"),
        ('number = "MRN"', "", "patient.number"),
        ('["%d/%m/%Y %H:%M", "%d/%m/%Y"]', '["%d/%m/%y"]', "century"),
        ('text = "Test"', "", "text or code"),
        ("[patient]", "[pateint]", "pateint"),
        ('kind = "result"', "kind = result", "TOML"),
    ],
)
def test_a_wrong_mapping_says_where(before, after, says):
    with pytest.raises(MappingRefused) as error:
        read_mapping(LAB.replace(before, after))
    assert says in str(error.value) and error.value.code == "table.mapping"


# -- spreadsheets ---------------------------------------------------------------------------------------------------

SHEET_HEADER = HEADER.split(",")


def sheet_row(**more: object) -> list[object]:
    values: dict[str, object] = dict(zip(SHEET_HEADER, ROW.split(","), strict=True))
    values.update(more)
    return [values[h] if values[h] != "" else None for h in SHEET_HEADER]


def result_of(value: object, format_: str = "General") -> object:
    place = f"{letter_of(SHEET_HEADER.index('Result'))}2"
    (unit,) = read(sheet(SHEET_HEADER, sheet_row(Result=value), formats={place: format_})).units
    return records(unit)[1].value if unit.verdict == "read" else unit.code


@pytest.mark.parametrize(
    ("value", "format_", "kept"),
    [
        ("5.10", "@", "5.10"),
        (5.1, "General", "5.1"),
        (5.1, "0.00", "5.10"),
        (0.1 + 0.2, "General", "0.3"),
        (5.126, "0.00", "5.126"),  # a format never rounds
        (1234.5, "#,##0.00", "1234.50"),
        (1e-7, "General", "0.0000001"),
        (150, "0", "150"),
        (-2, "0.0", "-2.0"),
        (0.05, "0%", "table.cell_unclear"),
        (5, '"<"0', "table.cell_unclear"),
        (5000000, "0.0,,", "table.cell_unclear"),
    ],
)
def test_a_number_is_kept_as_it_is_shown(value, format_, kept):
    assert result_of(value, format_) == kept


def test_dates_and_long_numbers_of_a_sheet():
    row = sheet_row(MRN=123, NHS=9434765919, DOB=datetime(1970, 4, 3), Taken=datetime(2026, 11, 20, 8, 5),
                    Reported=datetime(2026, 11, 20, 9, 40, 0, 400))  # fmt: skip
    (unit,) = read(sheet(SHEET_HEADER, row, formats={"B2": "0000000", "F2": "dd/mm/yyyy"})).units
    person, result = records(unit)
    assert person.source_id == "0000123"
    assert person.born.text == "1970-04-03"
    assert result.happened.text == "2026-11-20T08:05" and result.happened.precision == "minute"


def test_a_formula_is_its_computed_text_or_nothing():
    data = sheet(SHEET_HEADER, sheet_row(Result="=1+1"))
    (unit,) = read(data).units  # openpyxl computes nothing, so there is no text
    assert records(unit)[1].value is None and records(unit)[1].status == "final"


def test_what_a_sheet_cannot_hold():
    assert [u.code for u in read(sheet(SHEET_HEADER, sheet_row()), LAB + '[file]\nsheet = "Other"').units] == [
        "table.sheet_missing"
    ]
    assert [u.code for u in read(b"PK\x03\x04 no archive").units] == ["table.unreadable"]
    assert [u.code for u in read(sheet(SHEET_HEADER, sheet_row())[:-40]).units] == ["table.unreadable"]


def rezipped(change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(SHEET_HEADER, sheet_row()))) as old, \
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:  # fmt: skip
        for member in old.infolist():
            new.writestr(member.filename, change.get(member.filename, old.read(member)))
    return out.getvalue()


def test_hostile_sheets():
    inner = "xl/worksheets/sheet1.xml"
    bomb = rezipped({inner: b"<worksheet>" + b" " * (300 * 1024 * 1024)})
    assert [u.code for u in read(bomb).units] == ["table.too_large"]
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert [u.code for u in read(rezipped({inner: entities})).units] == ["table.unreadable"]
    far = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' \
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>MRN</t></is></c></row>' \
        b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row></sheetData></worksheet>'  # fmt: skip
    assert [u.code for u in read(rezipped({inner: far})).units] == ["table.too_large"]


def test_hostile_text(monkeypatch):
    monkeypatch.setattr(row_limits, "LARGEST_ROW", 1000)
    assert [u.code for u in lab(ROW + '"' + "x" * 2000).units] == ["table.row_too_large"]
    monkeypatch.setattr(row_limits, "LARGEST_FILE", 10)
    assert [u.code for u in lab(ROW).units] == ["table.too_large"]
    assert [u.code for u in read(b"").units] == ["table.empty"]


def test_formulas_in_a_csv_are_only_text():
    (unit,) = lab(ROW.replace("5.10", '"=HYPERLINK(""http://x"",""y"")"')).units
    assert records(unit)[1].value == '=HYPERLINK("http://x","y")'


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_no_bytes_make_the_reader_fail(data):
    for whole in (data, HEADER.encode() + b"\n" + data, b"PK\x03\x04" + data):
        reading = read(whole)
        for unit in reading.units:
            assert unit.verdict in ("read", "set_aside")
            own_bytes(reading, unit)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12),
                         min_size=15, max_size=15), max_size=6))  # fmt: skip
def test_every_row_has_one_unit_with_its_bytes(cells):
    lines = [row_limits.csv_line(tuple(r)) for r in cells]
    reading = lab(*lines)
    kept = [own_bytes(reading, u).decode() for u in reading.units]
    assert kept == [line.rstrip("\r\n") for line, row in zip(lines, cells, strict=True) if any(c.strip() for c in row)]


# -- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "format_", "utc", "precision"),
    [
        ("03/04/2026", "%d/%m/%Y", "2026-04-02T23:00:00Z", "day"),
        ("3-Apr-2026 14:05", "%d-%b-%Y %H:%M", "2026-04-03T13:05:00Z", "minute"),
        ("04/03/2026 2:05 PM", "%m/%d/%Y %I:%M %p", "2026-04-03T13:05:00Z", "minute"),
        ("12:05 am 04/03/2026", "%I:%M %p %m/%d/%Y", "2026-04-02T23:05:00Z", "minute"),
        ("20260403140509", "hl7", "2026-04-03T13:05:09Z", "second"),
        ("2026-04-03 14:05+02:00", "iso", "2026-04-03T12:05:00Z", "minute"),
        ("April 2026", "%b %Y", "2026-03-31T23:00:00Z", "month"),
    ],
)
def test_times(text, format_, utc, precision):
    moment = read_time(text, (format_,), "Europe/London")
    assert moment is not None and moment.text == text and moment.precision == precision
    assert moment.as_json()["utc"] == utc


@pytest.mark.parametrize("text", ["31/02/2026", "03/13/2026", "3/4/26", "24/11/2026 25:00", "yesterday", "03/04/20261"])
def test_what_fits_no_format_is_no_time(text):
    assert read_time(text, ("%d/%m/%Y", "%d/%m/%Y %H:%M"), "Europe/London") is None


@pytest.mark.parametrize(
    "format_", ["%d/%m/%y", "%d", "%Y %d", "%H:%M", "%Y-%m-%d %H", "%Y%Y", "%m %Q", "%Y %m %d %I:%M"]
)
def test_a_format_that_would_guess_is_refused(format_):
    with pytest.raises(FormatWrong):
        pattern_of(format_)


def test_a_time_in_a_files_name():
    moment = find_time("ward list 2026-11-20_0610 (2).xlsx", "%Y-%m-%d_%H%M", "Europe/London")
    assert moment is not None and moment.as_json()["utc"] == "2026-11-20T06:10:00Z"


@given(st.integers(-(10**14), 10**14), st.integers(0, 6))
def test_numbers_have_no_artefacts(whole, places):
    from decimal import Decimal

    text = plain_number(float(Decimal(whole).scaleb(-places)))
    assert Decimal(text) == Decimal(whole).scaleb(-places)
    assert "e" not in text.lower()
