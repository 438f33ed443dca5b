"""A table to units: one row, one unit (DESIGN D4). Pure; never raises for any bytes.

Rules: a row is taken whole or set aside with its own bytes (as a CSV line) and the reason; rows that say different things
about one thing at one time are all set aside, because nobody can tell which is true; a file that lacks a mapped column is
set aside whole. Equal rows are one unit (`same`), also in the next file.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import msgspec
import zstandard

from localdb.records.moments import Moment
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.mapping import MappingRefused, TableMapping, columns_of
from localdb.sources.tables.records import Rejected, RowReader, Told
from localdb.sources.tables.rows import Row, TableRefused, csv_rows
from localdb.sources.tables.sheets import is_sheet, sheet_rows
from localdb.sources.units import READ, SET_ASIDE, FileReading, Unit

_LEVEL = 3


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table as it stands: its column names (empty without a header row) and its rows below them."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def open_table(data: bytes, mapping: TableMapping) -> Table:
    """Header and rows, empty ones left out. Raises TableRefused."""
    found = rows_of(data, mapping)
    header: tuple[str, ...] = ()
    rows = []
    for row in found:
        if row.number == mapping.file.header:
            if row.code:
                raise TableRefused("table.unreadable", "the row of column names cannot be read")
            header = row.cells
        elif row.number > mapping.file.header and not row.is_empty:
            rows.append(row)
    if mapping.file.header and not header:
        raise TableRefused("table.empty", "the table has no row of column names")
    return Table(header=header, rows=tuple(rows))


def rows_of(data: bytes, mapping: TableMapping) -> Iterator[Row]:
    if is_sheet(data):
        return sheet_rows(data, mapping.file.sheet)
    return csv_rows(data, mapping.file.encoding, mapping.file.delimiter)


def read_table(
    file: str, data: bytes, source: str, profile: SourceProfile, mapping: TableMapping, *, received: int | None = None
) -> FileReading:
    """Reads one CSV or XLSX file by a mapping; which of the two it is, its bytes say. `received` = microseconds UTC when
    it came, for mappings that order by arrival; without it the store's order of arrival counts."""
    try:
        table = open_table(data, mapping)
        width = max((len(r.cells) for r in table.rows), default=len(table.header))
        places = columns_of(mapping, table.header, max(width, len(table.header)))
    except TableRefused as error:
        return _refused(file, data, source, error.code, str(error))
    except MappingRefused as error:
        return _refused(
            file, data, source, error.code, "a column that the mapping names is not there, or is there twice"
        )
    reader = RowReader(mapping, places, source, profile, file, received)
    return _Units(reader, mapping, file, data).reading(table)


def _refused(file: str, data: bytes, source: str, code: str, reason: str) -> FileReading:
    unit = Unit(index=0, type="table", source_id="", verdict=SET_ASIDE, code=code, reason=reason, raw=(0, len(data)))
    return FileReading(
        file=file, source=source, units=(unit,), kept=zstandard.ZstdCompressor(level=_LEVEL).compress(data),
        sha256=sha256(data).hexdigest(),
    )  # fmt: skip


class _Units:
    """The units of one file and the bytes kept of them."""

    def __init__(self, reader: RowReader, mapping: TableMapping, file: str, data: bytes) -> None:
        self._reader, self._mapping, self._file, self._data = reader, mapping, file, data
        self._sha256 = sha256(data).hexdigest()
        self._parts: list[bytes] = []
        self._offset = 0

    def reading(self, table: Table) -> FileReading:
        read = [self._told(row) for row in table.rows]
        contradicting = _contradictions(t for t in read if isinstance(t, Told))
        units = []
        for index, (row, told) in enumerate(zip(table.rows, read, strict=True)):
            if isinstance(told, Told) and (told.key, told.order) in contradicting:
                told = Rejected("table.rows_contradict", "another row of the file says something else about the same")
            units.append(self._unit(index, row, told))
        moments = [t.moment for t in read if isinstance(t, Told) and t.moment and t.moment.utc is not None]
        cut: Moment | None = max(moments, key=lambda m: m.utc or 0, default=self._reader.file_moment)
        return FileReading(
            file=self._file, source=self._reader.source, units=tuple(units), sha256=self._sha256, cut=cut,
            kept=zstandard.ZstdCompressor(level=_LEVEL).compress(b"".join(self._parts)),
            cut_rule="message" if moments else "snapshot",
        )  # fmt: skip

    def _told(self, row: Row) -> Told | Rejected:
        try:
            return self._reader.read(row)
        except Rejected as error:
            return error

    def _unit(self, index: int, row: Row, told: Told | Rejected) -> Unit:
        raw = row.raw.encode("utf-8", "surrogatepass")
        place = (self._offset, len(raw))
        self._parts.append(raw)
        self._offset += len(raw)
        type_ = f"{self._mapping.kind} row"
        if isinstance(told, Rejected):
            reason = f"row {row.number}: {told}"
            return Unit(
                index=index, type=type_, source_id="", verdict=SET_ASIDE, code=told.code, reason=reason, raw=place
            )
        digest = _meaning(told, "" if told.order else self._sha256)
        return Unit(
            index=index, type=type_, source_id=f"#{digest.hex()}", verdict=READ, digest=digest, facts=told.facts,
            wants=told.wants, updated=told.order or None, raw=place,
        )  # fmt: skip


def _meaning(told: Told, file: str) -> bytes:
    """What makes a row the same row: all it says and its place in time; the file, where only arrival orders."""
    return sha256(msgspec.msgpack.encode((told.key, told.order, told.wants, told.facts, file))).digest()


def _contradictions(rows: Iterator[Told]) -> set[tuple[str, int]]:
    """(key, order) of things about which rows of one file say different things at one time."""
    seen: dict[tuple[str, int], bytes] = {}
    found = set()
    for told in rows:
        place, meaning = (told.key, told.order), _meaning(told, "")
        if seen.setdefault(place, meaning) != meaning:
            found.add(place)
    return found


def columns_read(mapping: TableMapping, table: Table) -> list[tuple[str, int, str]]:
    """(what it becomes, place from 0, header as the table has it) of every mapped column. Raises MappingRefused."""
    width = max((len(r.cells) for r in table.rows), default=len(table.header))
    places = columns_of(mapping, table.header, max(width, len(table.header)))
    named = [(f"patient.{t}", c) for t, c in mapping.patient_columns.items()]
    named += list(mapping.columns.items()) + [("key", c) for c in mapping.key]
    if mapping.order.column:
        named.append(("order", mapping.order.column))
    return [(t, places[c], table.header[places[c]] if places[c] < len(table.header) else "") for t, c in named]
