"""A mapping file: what the rows and columns of one kind of table mean (TOML; example in resources/feeds).

Strict: an unknown word, an unknown column target or a status that the vocabulary does not have is refused when the file
is read, with the place where it stands. A column is named by its header, or by its letter as `@C`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from localdb.errors import InputRefused
from localdb.sources.site_rules import check_times, converted, read_toml
from localdb.sources.tables.fields import GENDERS, KINDS, PATIENT_FIELDS, fields_of


class MappingRefused(InputRefused):
    """A mapping file that cannot be used; the message names the place and the reason."""

    code = "table.mapping"
    next_step = "Correct the mapping file at that place; the help has an example of each kind."


class FileShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`header` = number of the row with the column names (0: none, columns are letters); `encoding` and `delimiter` of
    a CSV; `sheet` of an XLSX ("": the first)."""

    header: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""


class PatientColumns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Columns that say whose row it is. `number` the hospital number, given out by `assigner` (as this source names it
    in other feeds: it is part of the patient's key, DESIGN D2) in the identifier `system`, of v2-0203 `type`. With
    `find` the row makes nobody: it waits for the one patient who has that number (`nhs` first, else `number`)."""

    number: str = ""
    nhs: str = ""
    family: str = ""
    given: str = ""
    title: str = ""
    born: str = ""
    gender: str = ""
    address: str = ""
    phone: str = ""
    assigner: str = ""
    system: str = ""
    type: str = "MR"
    find: bool = False


class TimeRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`formats` tried in order (see times.py); `zone` of times without an offset ("": the source's)."""

    formats: tuple[str, ...] = ("iso",)
    zone: str = ""


class OrderRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of two rows about the same thing is newer: `row` by the time in `column`, `name` by the time of format
    `name` in the file's name, `arrival` by when the file came."""

    by: Literal["row", "name", "arrival"] = "arrival"
    column: str = ""
    name: str = ""


class TableMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mapping file. `columns` target -> column; `constants` target -> text where the table has no column;
    `values` target -> {as sent: as kept} (complete: what it does not list is rejected, `*` catches the rest); `key`
    the columns that name the thing a row is about; `none` texts that mean an asserted "no known allergy"."""

    kind: str
    name: str = ""
    file: FileShape = FileShape()
    patient: PatientColumns = PatientColumns()
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    key: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    time: TimeRules = TimeRules()
    order: OrderRules = OrderRules()

    @property
    def patient_columns(self) -> dict[str, str]:
        """patient target -> column, where one is named."""
        return {name: column for name in PATIENT_FIELDS if (column := getattr(self.patient, name))}


def read_mapping(text: str) -> TableMapping:
    """A checked mapping. Raises table.mapping."""
    return mapping_from(read_toml(text, "mapping file", MappingRefused))


def mapping_from(given: Any) -> TableMapping:
    """A checked mapping of plain values, as `[mappings.NAME]` of site.toml has them. Raises table.mapping."""
    mapping = converted(given, TableMapping, "mapping file", MappingRefused)
    _check(mapping)
    return mapping


def _check(m: TableMapping) -> None:
    if m.kind not in KINDS:
        raise MappingRefused(f"`kind` is {m.kind!r}; it can be {', '.join(KINDS)}.")
    known = fields_of(m.kind)
    for place in ("columns", "constants", "values"):
        allowed: frozenset[str] | set[str] = known
        allowed = allowed | {"system"} if place == "constants" else allowed
        allowed = allowed | {"gender"} if place == "values" else allowed
        for target in getattr(m, place):
            if target not in allowed:
                words = ", ".join(sorted(allowed)) or "nothing"
                raise MappingRefused(f"`{place}.{target}` is nothing that a {m.kind} has; it can be {words}.")
    both = sorted(set(m.columns) & set(m.constants))
    if both:
        raise MappingRefused(f"`{both[0]}` has a column and a constant.")
    if not m.patient.number and not m.patient.nhs:
        raise MappingRefused("`patient` names no column with a number of the patient.")
    if not m.patient.number and not m.patient.find:
        raise MappingRefused(
            "`patient.number` is missing: without it rows can only be found a patient (`find = true`)."
        )
    if m.patient.find and m.kind == "patient":
        raise MappingRefused("`patient.find` makes nobody, so it cannot go with the kind patient.")
    for group in KINDS[m.kind].needs:
        if not any(f in m.columns or f in m.constants for f in group):
            raise MappingRefused(f"A {m.kind} needs a column or constant for {' or '.join(group)}.")
    if m.none and m.kind != "allergy":
        raise MappingRefused("`none` belongs to the kind allergy.")
    _check_words(m)
    _check_shape(m)


def _check_words(m: TableMapping) -> None:
    for target, words in (("status", KINDS[m.kind].statuses), ("gender", GENDERS)):
        out = set(m.values.get(target, {}).values()) | ({m.constants[target]} if target in m.constants else set())
        wrong = sorted(w for w in out if w and words and w not in words)
        if wrong:
            raise MappingRefused(f"`{target}` cannot become {wrong[0]!r}; it can be {', '.join(sorted(words))}.")


def _check_shape(m: TableMapping) -> None:
    try:
        "".encode(m.file.encoding)
    except LookupError:
        raise MappingRefused(f"`file.encoding` {m.file.encoding!r} is not known.") from None
    if len(m.file.delimiter) != 1 or m.file.delimiter in '\r\n"':
        raise MappingRefused("`file.delimiter` is one character.")
    if not 0 <= m.file.header <= 100:
        raise MappingRefused("`file.header` is the number of a row, from 0 (none) to 100.")
    own = (m.order.name,) if m.order.by == "name" else ()
    check_times(m.time.formats, m.time.zone, "time.", MappingRefused, own=own)
    if m.order.by == "row" and not m.order.column:
        raise MappingRefused('`order.by = "row"` needs `order.column`.')
    if m.order.by != "row" and m.order.column:
        raise MappingRefused('`order.column` belongs to `order.by = "row"`.')


def columns_of(mapping: TableMapping, header: tuple[str, ...], width: int) -> dict[str, int]:
    """Column name (as the mapping writes it) -> its place from 0. Raises table.column_missing, table.column_twice."""
    names = [h.strip().casefold() for h in header]
    wanted = (*mapping.patient_columns.values(), *mapping.columns.values(), *mapping.key)
    wanted = (*wanted, mapping.order.column) if mapping.order.column else wanted
    found: dict[str, int] = {}
    for name in wanted:
        if name.startswith("@") or not header:
            place = _letter(name.removeprefix("@"))
            if place is None or place >= width:
                raise MappingRefused(f"The table has no column {name!r}.", code="table.column_missing")
        else:
            places = [n for n, h in enumerate(names) if h == name.strip().casefold()]
            if not places:
                raise MappingRefused(f"The table has no column {name!r}.", code="table.column_missing")
            if len(places) > 1:
                raise MappingRefused(f"The table has several columns {name!r}; name one by its letter.",
                                     code="table.column_twice")  # fmt: skip
            place = places[0]
        found[name] = place
    return found


def _letter(text: str) -> int | None:
    """The place of a column letter from 0: A = 0, AA = 26. None where it is none."""
    if not 1 <= len(text) <= 3 or not text.isascii() or not text.isalpha():
        return None
    number = 0
    for c in text.upper():
        number = number * 26 + ord(c) - 64
    return number - 1


def letter_of(place: int) -> str:
    """The letter of a column from 0, as a spreadsheet shows it."""
    out, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        out = chr(65 + rest) + out
    return out


def as_settings(mapping: TableMapping) -> dict[str, Any]:
    """The mapping as plain values, for the preview."""
    built: dict[str, Any] = msgspec.to_builtins(mapping)
    return built
