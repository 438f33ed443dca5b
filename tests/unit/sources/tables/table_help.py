"""Short ways to read made-up tables in tests."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import zstandard

from localdb.records.vocabulary import RECORD_DECODER
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.mapping import read_mapping
from localdb.sources.tables.reading import read_table
from localdb.sources.units import FileReading, Unit

LAB = """
kind = "result"
key = ["Lab No", "Test"]
[patient]
number = "MRN"
assigner = "RXX"
nhs = "NHS"
family = "Surname"
given = "Forename"
born = "DOB"
[columns]
text = "Test"
value = "Result"
unit = "Units"
range = "Range"
flag = "Flag"
status = "State"
happened = "Taken"
comment = "Comment"
[values.status]
"Auth" = "final"
"Unauth" = "preliminary"
"Amended" = "corrected"
"Withdrawn" = "entered-in-error"
[time]
formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]
[order]
by = "row"
column = "Reported"
"""
HEADER = "Lab No,MRN,NHS,Surname,Forename,DOB,Test,Result,Units,Range,Flag,State,Taken,Reported,Comment"
ROW = "L1,123,9434765919,SMITH,Ann,03/04/1970,Potassium,5.10,mmol/L,3.5-5.3,,Auth,20/11/2026 08:05,20/11/2026 09:40,"


def read(data: str | bytes, mapping: str = LAB, file: str = "lab.csv", **more: Any) -> FileReading:
    raw = data.encode() if isinstance(data, str) else data
    return read_table(file, raw, "lims", SourceProfile(), read_mapping(mapping), **more)


def lab(*rows: str, mapping: str = LAB, **more: Any) -> FileReading:
    return read("\r\n".join([HEADER, *rows]) + "\r\n", mapping, **more)


def records(unit: Unit) -> list[Any]:
    assert unit.verdict == "read", (unit.code, unit.reason)
    return [RECORD_DECODER.decode(f.body) for f in unit.facts]


def own_bytes(reading: FileReading, unit: Unit) -> bytes:
    assert unit.raw is not None
    whole = zstandard.ZstdDecompressor().decompress(reading.kept)
    return whole[unit.raw[0] : unit.raw[0] + unit.raw[1]]


def sheet(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    """An XLSX with one sheet; formats: cell -> number format."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for place, text in (formats or {}).items():
        page[place].number_format = text
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
