"""Rows of a CSV file, as text, each with its own bytes (`raw`, one CSV line): nothing is guessed or converted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec

from localdb.sources.limits import MIB

LARGEST_FILE = 64 * MIB  # of a table, unpacked: a ward list or a day's results are far below 1 MiB
LARGEST_ROW = MIB
MOST_ROWS = 500_000
MOST_COLUMNS = 1_000


class Row(msgspec.Struct, kw_only=True):
    """One row: `number` as a spreadsheet counts (from 1), `cells` as text, `unclear` place -> why that cell cannot be
    used; `code` and `reason` where the whole row cannot."""

    number: int
    cells: tuple[str, ...]
    raw: str = ""
    unclear: dict[int, str] = {}
    code: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.code and not self.unclear and not any(c.strip() for c in self.cells)


class TableRefused(Exception):
    """A file that cannot be read as a table at all; `code` as in errors.toml."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def csv_line(cells: tuple[str, ...]) -> str:
    """One CSV line of cells (RFC 4180), without its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)  # a cell is quoted for the ends that the writer knows
    return out.getvalue().removesuffix("\r\n")


class _Lines:
    """Hands physical lines to the CSV reader and keeps those of the row under way."""

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self.held: list[str] = []
        self.size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.size += len(line)
        if self.size > LARGEST_ROW:
            raise TableRefused("table.row_too_large", "a row is longer than Wardlamp takes (an open quote?)")
        self.held.append(line)
        return line

    def take(self) -> str:
        raw = "".join(self.held)
        self.held, self.size = [], 0
        return raw.rstrip("\r\n")


def csv_rows(data: bytes, encoding: str, delimiter: str) -> Iterator[Row]:
    """The rows of a CSV file. Raises TableRefused (table.too_large, table.wrong_encoding, table.row_too_large …)."""
    if len(data) > LARGEST_FILE:
        raise TableRefused("table.too_large", f"the table is larger than {LARGEST_FILE // MIB} MiB")
    try:
        text = data.decode("utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding)
    except (UnicodeDecodeError, LookupError):
        raise TableRefused("table.wrong_encoding", f"the bytes are not {encoding}") from None
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        if number > MOST_ROWS:
            raise TableRefused("table.too_large", f"the table has more than {MOST_ROWS} rows")
        try:
            cells = next(reader)
        except StopIteration:
            if lines.held and lines.take().strip():  # an open quote at the end of the file
                raise TableRefused("table.unreadable", "the last row has a quote that is never closed") from None
            return
        except csv.Error:
            # The reader goes on with the next line: only this row is lost to it, and its bytes are kept.
            raw = lines.take()
            yield Row(number=number, cells=(), raw=raw, code="table.row_unreadable",
                      reason="the row is no CSV: a quote inside a field, or a field that is far too long")  # fmt: skip
            continue
        raw = lines.take()
        row = Row(number=number, cells=tuple(cells), raw=raw)
        if len(cells) > MOST_COLUMNS:
            row.code, row.reason = "table.row_ragged", f"the row has more than {MOST_COLUMNS} cells"
        elif "\x00" in raw:
            row.code, row.reason = "table.row_unreadable", "the row has NUL bytes in it"
        yield row
