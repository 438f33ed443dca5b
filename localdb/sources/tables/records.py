"""One row as facts: whose it is, and what it says, to the letter. A row that cannot be believed whole is rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from localdb.chart.assembly import NHS_SYSTEM
from localdb.records.ids import nhs_number_is_sound, patient_id, record_id
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import RECORD_ENCODER, Coding, HumanName, Identifier, Patient, Record
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.fields import GENDERS, KINDS, MOMENTS
from localdb.sources.tables.mapping import TableMapping
from localdb.sources.tables.rows import Row
from localdb.sources.tables.times import find_time, read_time
from localdb.sources.units import Fact

_COMPARED = re.compile(r"(<=|>=|<|>|≤|≥)\s*(\d[\d.,]*)\Z")
_SIGNS = {"≤": "<=", "≥": ">="}
# Who a patient is, told by a row that is about something else, never replaces what the source's own identity said.
_LOW = 10**17
_TIE = {"final": 2, "amended": 3, "corrected": 3, "cancelled": 4, "entered-in-error": 4}


class Rejected(Exception):
    """A row that is set aside; `code` as in errors.toml, the text without patient data."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a row says: `key` names the thing it is about, `order` its place in time (microseconds UTC, 0: arrival),
    `wants` whom it waits for (`system|value`) where it makes nobody."""

    key: str
    order: int
    facts: tuple[Fact, ...]
    wants: tuple[str, ...] = ()
    moment: Moment | None = None


class RowReader:
    """Reads the rows of one file. `places` column name -> place; `received` microseconds UTC when the file came."""

    def __init__(
        self, mapping: TableMapping, places: Mapping[str, int], source: str, profile: SourceProfile, file: str,
        received: int | None,
    ) -> None:  # fmt: skip
        self.mapping, self.places, self.source, self._received = mapping, places, source, received
        self.kind = KINDS[mapping.kind]
        self.zone = mapping.time.zone or profile.zone
        self._needed = max(places.values(), default=0) + 1
        self.file_moment: Moment | None = None
        if mapping.order.by == "name":
            self.file_moment = find_time(file.rsplit("/", 1)[-1], mapping.order.name, self.zone)

    def read(self, row: Row) -> Told:
        """Raises Rejected."""
        if row.code:
            raise Rejected(row.code, row.reason)
        order, moment = self._order(row)
        patient, wants, person = self._patient(row)
        cells = {t: self._cell(row, c, t) for t, c in self.mapping.columns.items()}
        given = {**self.mapping.constants, **cells}
        given.pop("system", None)
        for group in self.kind.needs:
            if not any(given.get(f) for f in group):
                raise Rejected("table.value_missing", f"nothing stands in {' or '.join(group)}")
        status = given.get("status", "")
        if status and self.kind.statuses and status not in self.kind.statuses:
            raise Rejected("table.value_unknown", "the status is no word of the standard; translate it in `values`")
        facts = []
        is_about_patients = self.mapping.kind in ("patient", "stay")
        if person is not None:
            facts.append(_fact(person, order if is_about_patients else order - _LOW, partial=True))
        key = f"patient|{patient or wants[0]}"
        if self.mapping.kind != "patient":
            record, empty, source_id = self._record(row, patient, wants, given)
            key = f"{self.kind.type}|{source_id}"
            facts.append(
                _fact(record, order, partial=self.kind.partial, tie=_TIE.get(status, 0),
                      cleared=empty if self.kind.partial else ())
            )  # fmt: skip
        return Told(key=key, order=order, facts=tuple(facts), wants=wants, moment=moment)

    # -- cells --------------------------------------------------------------------------------------------------

    def _sent(self, row: Row, column: str) -> str:
        place = self.places[column]
        if place in row.unclear:
            raise Rejected("table.cell_unclear", f"column {column!r}: {row.unclear[place]}")
        return row.cells[place].strip() if place < len(row.cells) else ""

    def _cell(self, row: Row, column: str, target: str) -> str:
        """A cell, translated where the mapping translates that target."""
        return self._translated(self._sent(row, column), target)

    def _translated(self, text: str, target: str) -> str:
        known = self.mapping.values.get(target)
        if known is None:
            return text
        found = known.get(text, known.get(text.casefold()))
        if found is None:
            found = next((v for k, v in known.items() if k.casefold() == text.casefold()), known.get("*"))
        if found is None:
            if not text:
                return ""
            raise Rejected("table.value_unknown", f"`values.{target}` does not know what stands there")
        return found

    def _time(self, text: str, target: str) -> Moment | None:
        if not text:
            return None
        found = read_time(text, (*self.mapping.time.formats, "iso"), self.zone)
        if found is None:
            raise Rejected("table.time_unreadable", f"the time of {target} fits none of the mapping's formats")
        return found

    def _order(self, row: Row) -> tuple[int, Moment | None]:
        rules = self.mapping.order
        if rules.by == "row":
            moment = self._time(self._sent(row, rules.column), "the row's order")
            if moment is None or moment.utc is None:
                raise Rejected("table.value_missing", "nothing stands in the column that orders the rows")
            return moment.utc, moment
        if rules.by == "name":
            if self.file_moment is None or self.file_moment.utc is None:
                raise Rejected("table.name_without_time", "the file's name has no time of the mapping's format")
            return self.file_moment.utc, None
        return self._received or 0, None

    # -- whose row ----------------------------------------------------------------------------------------------

    def _patient(self, row: Row) -> tuple[str, tuple[str, ...], Patient | None]:
        """(patient id or "", what it waits for, who they are)."""
        m = self.mapping.patient
        said = {name: self._sent(row, column) for name, column in self.mapping.patient_columns.items()}
        number, nhs = said.get("number", ""), re.sub(r"[\s-]", "", said.get("nhs", ""))
        if nhs and not nhs_number_is_sound(nhs):
            raise Rejected("table.nhs_unsound", "the NHS number has not ten digits with a right check digit")
        if m.find:
            wants = ((f"{NHS_SYSTEM}|{nhs}",) if nhs else ()) + ((f"{m.system}|{number}",) if number else ())
            if not wants:
                raise Rejected("table.patient_missing", "the row has no number of a patient")
            return "", wants[:1], None
        if not number:
            raise Rejected("table.patient_missing", "the row has no number of a patient")
        own = patient_id(self.source, m.assigner, number)
        return own, (), self._person(own, number, nhs, said)

    def _person(self, own: str, number: str, nhs: str, said: Mapping[str, str]) -> Patient:
        m = self.mapping.patient
        identifiers: tuple[Identifier, ...] = (Identifier(system=m.system or m.assigner, value=number, type=m.type),)
        if nhs:
            identifiers += (Identifier(system=NHS_SYSTEM, value=nhs, type="NH"),)
        names: tuple[HumanName, ...] = ()
        if said.get("family") or said.get("given"):
            given = tuple(said.get("given", "").split())
            names = (HumanName(family=said.get("family", ""), given=given, prefix=_one(said.get("title"))),)
        gender = self._translated(said.get("gender", ""), "gender")
        if gender and gender not in GENDERS:
            raise Rejected("table.value_unknown", "the gender is no word of the standard; translate it in `values`")
        born = self._time(said.get("born", ""), "birth")
        return Patient(
            id=own, patient=own, source=self.source, source_id=number, names=names, identifiers=identifiers,
            text=" ".join(p for p in (said.get("given"), said.get("family")) if p), gender=gender,
            born=_birth(born), address=said.get("address", ""), phones=_one(said.get("phone")),
        )  # fmt: skip

    # -- what it says -------------------------------------------------------------------------------------------

    def _record(
        self, row: Row, patient: str, wants: tuple[str, ...], given: dict[str, str]
    ) -> tuple[Record, tuple[str, ...], str]:
        """(record, names of fields that have a column but nothing in this row, its source id)."""
        values: dict[str, Any] = {}
        empty: list[str] = []
        for target, text in given.items():
            field = _FIELD.get(target, target)
            if target in ("id", "code"):
                continue
            if not text:
                empty.append(field)
            elif target in MOMENTS:
                values[field] = self._time(text, target)
            elif target in _LISTED:
                values[field] = (text,)
            else:
                values[field] = text
        code = given.get("code", "")
        if code:
            values["codes"] = (Coding(self.mapping.constants.get("system", ""), code, given.get("text", "")),)
            values.setdefault("text", code)
        if self.mapping.kind in ("result", "observation"):
            values |= _measured(values)
        if self.mapping.kind == "allergy" and values.get("text", "").casefold() in {
            n.casefold() for n in self.mapping.none
        }:
            values["asserts_none"] = True
        if self.mapping.kind == "document":
            values.setdefault("text", values.get("title", ""))
            if values.get("body"):
                values["media_type"] = "text/plain"
        source_id = self._source_id(row, patient or wants[0], given)
        rid = record_id(self.source, self.kind.type, source_id)
        # Names that are words of Python have an underscore in the vocabulary.
        if "class" in values:
            values["class_"] = values.pop("class")
        record = self.kind.record(id=rid, patient=patient, source=self.source, source_id=source_id, **values)
        return record, tuple(sorted(set(empty))), source_id

    def _source_id(self, row: Row, whose: str, given: Mapping[str, str]) -> str:
        if given.get("id"):
            return given["id"]
        if self.mapping.key:
            parts = [self._sent(row, column) for column in self.mapping.key]
            if not any(parts):
                raise Rejected("table.value_missing", "nothing stands in the key columns")
            return "|".join(parts)
        if self.mapping.kind == "stay":
            return f"current|{whose}"
        return "|".join([whose, *(given.get(k, "") for k in self.kind.key)])


_FIELD = {"comment": "comments", "reaction": "reactions", "participant": "participants"}
_LISTED = frozenset(_FIELD)


def _one(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _birth(born: Moment | None) -> Moment | None:
    """A birth date in ISO 8601, whatever order of day and month the table writes: it is compared to the letter with that
    of other sources (ARCHITECTURE, who is one person), and the mapping has said which is which."""
    local = born.local if born else None
    if born is None or local is None:
        return None
    date = local.date().isoformat()
    text = {"year": date[:4], "month": date[:7]}.get(born.precision, date)
    return read_moment(text, born.zone or "UTC")


def _measured(values: Mapping[str, Any]) -> dict[str, Any]:
    """`<5` in one cell is a comparator and a value, as other sources send it (CLINICAL L5)."""
    found = _COMPARED.match(values.get("value", ""))
    if not found or values.get("comparator"):
        return {}
    return {"comparator": _SIGNS.get(found[1], found[1]), "value": found[2]}


def _fact(record: Record, order: int, *, partial: bool, tie: int = 0, cleared: tuple[str, ...] = ()) -> Fact:
    return Fact(
        kind=str(record.__struct_config__.tag), id=record.id, patient=record.patient, order=order, tie=tie,
        body=RECORD_ENCODER.encode(record), partial=partial, cleared=cleared,
    )  # fmt: skip
