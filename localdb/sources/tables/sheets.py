"""Rows of an XLSX sheet, as text, as a person sees them.

What XLSX keeps and what it cannot tell: text is text to the letter (`5.10`, `00123`). A number is kept without its zeros:
they are put back where the cell's format shows them (`0.00` -> 5.10, `0000000` -> 0012345), and a format never rounds
here. Binary artefacts end at 15 digits, as the sheet shows them. A date comes as ISO 8601, to the minute or second, without
a zone. A formula is its last computed text; one that was never computed is empty. A cell that shows something else than it
holds (per cent, scaled, with words such as "<"0 in its format, an error) is unclear, and a row that needs it is rejected.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.styles.numbers import is_date_format

from localdb.sources.limits import MIB
from localdb.sources.tables.rows import LARGEST_FILE, LARGEST_ROW, MOST_COLUMNS, MOST_ROWS, Row, TableRefused, csv_line

LARGEST_MEMBER = 256 * MIB  # unpacked
MOST_MEMBERS = 5_000
RATIO = 500  # unpacked to packed, looked at from RATIO_FROM on
RATIO_FROM = 16 * MIB
_PLAIN = re.compile(r"(?:#,##)?(0+)(?:\.(0+))?\Z")
_HARMLESS = re.compile(r"General\Z|@\Z|[#0?,]*[#0?](?:\.[#0?]+)?(?:E\+0+)?_?\)?\Z")


def is_sheet(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04"


def sheet_rows(data: bytes, sheet: str) -> Iterator[Row]:
    """The rows of one sheet. Raises TableRefused (table.too_large, table.unreadable, table.sheet_missing)."""
    if len(data) > LARGEST_FILE:
        raise TableRefused("table.too_large", f"the table is larger than {LARGEST_FILE // MIB} MiB")
    _examine(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 the library raises whatever a broken file makes of it; nothing of it may pass on
        raise TableRefused("table.unreadable", "the file is no readable XLSX") from None
    try:
        found = book[sheet] if sheet in book.sheetnames else None
        if not sheet:
            found = next(iter(book.worksheets), None)
        if found is None:
            raise TableRefused("table.sheet_missing", "the sheet that the mapping names is not there")
        found.reset_dimensions()
        yield from _rows(found)
    except TableRefused:
        raise
    except Exception:  # noqa: BLE001 as above: broken XML, impossible styles, dates out of range
        raise TableRefused("table.unreadable", "the sheet cannot be read to its end") from None
    finally:
        book.close()


def _examine(data: bytes) -> None:
    """Refuses bombs and documents with entities of their own before anything is unpacked for good."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise TableRefused("table.too_large", f"the file has more than {MOST_MEMBERS} parts")
            if any(m.flag_bits & 1 for m in members):
                raise TableRefused("table.encrypted", "the file is protected by a password")
            total = sum(m.file_size for m in members)
            packed = sum(m.compress_size for m in members)
            if total > LARGEST_MEMBER or total > RATIO_FROM and total > RATIO * max(packed, 1):
                raise TableRefused("table.too_large", "the file unpacks to far more than a table has")
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as stream:
                        head = stream.read(4096)
                    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise TableRefused("table.unreadable", "a part of the file has a document type of its own")
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        raise TableRefused("table.unreadable", "the file is no readable XLSX") from None


def _rows(sheet: Any) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise TableRefused("table.too_large", f"the sheet has more than {MOST_ROWS} rows")
        if len(cells) > MOST_COLUMNS:
            yield Row(number=number, cells=(), code="table.row_ragged",
                      reason=f"the row has more than {MOST_COLUMNS} cells")  # fmt: skip
            continue
        texts, unclear = [], {}
        for place, cell in enumerate(cells):
            text, why = _text(cell)
            texts.append(text)
            if why:
                unclear[place] = why
        while texts and not texts[-1] and len(texts) - 1 not in unclear:
            texts.pop()
        row = Row(number=number, cells=tuple(texts), raw=csv_line(tuple(texts)), unclear=unclear)
        if len(row.raw) > LARGEST_ROW:
            row.code, row.reason = "table.row_too_large", "the row is longer than Wardlamp takes"
        yield row


def _text(cell: Any) -> tuple[str, str]:
    """(text, "") of a cell, or (what it holds, why that is unclear)."""
    value = cell.value
    if value is None:
        return "", ""
    if isinstance(value, str):
        return (value, "the cell holds an error") if cell.data_type == "e" else (value, "")
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, datetime):
        return _moment(value, str(cell.number_format)), ""
    if isinstance(value, date):
        return value.isoformat(), ""
    if isinstance(value, time):
        return value.isoformat("minutes"), ""
    if isinstance(value, timedelta):
        return str(value), "the cell holds a duration"
    return _number(value, str(cell.number_format))


def _moment(value: datetime, format_: str) -> str:
    """A date as ISO 8601, as precise as its format shows it; fractions of a second are artefacts of the file."""
    if not re.search(r"[hH]", format_) and value.time() == time():
        return value.date().isoformat()
    whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return whole.isoformat(timespec="seconds" if whole.second else "minutes")


def _number(value: int | float, format_: str) -> tuple[str, str]:
    text = plain_number(value)
    first = format_.split(";")[0]
    if _PLAIN.match(first) or _HARMLESS.match(first):
        return _as_shown(text, first), ""
    if is_date_format(format_):
        return text, "the cell's format is a date, but it holds no date"
    return text, "the cell's format shows something else than the cell holds"


def plain_number(value: int | float) -> str:
    """A number to 15 significant digits, as a spreadsheet shows it, never in powers of ten."""
    if isinstance(value, int):
        return str(value)
    number = Decimal(f"{value:.15g}")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _as_shown(text: str, format_: str) -> str:
    """Zeros that the cell's format shows, put back; a number with more digits than the format stays whole."""
    found = _PLAIN.match(format_)
    if not found:
        return text
    sign, bare = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, rest = bare.partition(".")
    rest = rest.ljust(len(found[2] or ""), "0")
    return sign + whole.zfill(len(found[1])) + (f".{rest}" if rest else "")
