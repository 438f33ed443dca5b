"""Puts one person together from what sources sent: pure, run once by a cut, so that opening a chart is only reading.

Fills in what stands in other units (ward above a bed, names of people and drugs, the panel of a result, the last dose in
the copy, what a record said before). Computes nothing clinical (CLINICAL, head).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from localdb.chart.bookings import with_bookings
from localdb.chart.held_images import with_images
from localdb.chart.views import Join, PatientView
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import (
    BLOOD_GROUP_CODES,
    THIN_KINDS,
    Administration,
    AnyRecord,
    Former,
    HumanName,
    Identifier,
    Instance,
    Medicine,
    Observation,
    Other,
    Patient,
    Record,
    Referred,
    Report,
    Request,
    Result,
    Stay,
)

NHS_SYSTEM = "https://fhir.nhs.uk/id/nhs-number"
IN_FLIGHT = frozenset({"active", "draft", "on-hold"})
PRESENT = frozenset({"in-progress", "arrived", "triaged", "onleave"})
_Replaceable = TypeVar("_Replaceable", Observation, Report)
Lookup = Callable[[str], Referred | None]  # "source/Type/id" -> what stands there


# A source's or a person's word names what joined a patient before the rule of shared numbers does.
_JOIN_ORDER = ("hand", "replaced-by", "replaces", "seealso", "shared")


class Joined(msgspec.Struct, frozen=True):
    """A link that stands between two patients: `type` as in the store, texts of moments, `by` source or who decided."""

    patient: str
    other: str
    type: str
    said: str = ""
    made: str = ""
    by: str = "source"


class Assembled(msgspec.Struct, frozen=True):
    """One person, ready for a layer: rows in the order in which a chart reads them (newest first within a kind)."""

    view: PatientView
    rows: tuple[Record, ...]
    pending: int


def assemble(
    person: str,
    records: Sequence[AnyRecord],
    formers: Mapping[str, Sequence[AnyRecord]],
    lookup: Lookup,
    joins: Sequence[Joined] = (),
) -> Assembled:
    """The person whose source patients and records these are. `formers`: record id -> earlier contents, oldest first;
    `joins`: the links that stand between the patients."""
    patients = [r for r in records if isinstance(r, Patient)]
    panels, laboratory = _panels(records)
    given = _last_given(records)
    rows: list[Record] = []
    for record in records:
        if isinstance(record, Patient | Other | Referred):
            continue
        row: Record = record
        if isinstance(record, Observation):
            row = _observation(record, panels, laboratory, formers)
        elif isinstance(record, Report):
            row = _with_formers(record, formers)
        elif isinstance(record, Medicine):
            row = replace(record, last_given=given.get(f"{record.source}/MedicationRequest/{record.source_id}"))
        rows.append(_resolved(row, lookup))
    rows = with_bookings(with_images(rows))
    # The instances of images last: a chart is read up to them.
    rows.sort(key=lambda r: (isinstance(r, Instance), type(r).__struct_config__.tag, -_when(r), r.id))
    stays = [r for r in rows if isinstance(r, Stay)]
    view = _view(person, patients, stays, rows, any(isinstance(r, Other) for r in records))
    if len(patients) > 1:
        view = replace(view, joins=joins_of(person, patients, joins))
    pending = sum(_is_waiting(r) for r in rows)
    return Assembled(view, tuple(rows), pending)


def _is_waiting(record: Record) -> bool:
    """Something of it is still to come: a request in flight, or a report that is not final (H09)."""
    if isinstance(record, Report):
        return record.status in ("registered", "partial", "preliminary")
    return isinstance(record, Request) and record.status in IN_FLIGHT


def _when(record: Record) -> int:
    moment = record.happened or record.said
    return moment.utc if moment and moment.utc is not None else -(10**18)


def _said(record: Record) -> int:
    return record.said.utc if record.said and record.said.utc is not None else -(10**18)


def _panels(records: Iterable[AnyRecord]) -> tuple[dict[str, str], set[str]]:
    """ "source/Observation/id" -> name of the report that names it, and those that a laboratory report names."""
    panels: dict[str, str] = {}
    laboratory: set[str] = set()
    for report in records:
        if isinstance(report, Report):
            is_laboratory = report.category.upper() in (
                "LAB",
                "LABORATORY",
                "HM",
                "CH",
                "MB",
                "BLB",
                "SR",
                "PAT",
                "HEM",
            )
            for key in report.results:
                panels.setdefault(f"{report.source}/{key}", report.text)
                if is_laboratory:
                    laboratory.add(f"{report.source}/{key}")
    return panels, laboratory


def _last_given(records: Iterable[AnyRecord]) -> dict[str, Moment]:
    latest: dict[str, Administration] = {}
    for record in records:
        if isinstance(record, Administration) and record.request and record.status in ("completed", "in-progress"):
            key = f"{record.source}/{record.request}"
            if key not in latest or _when(record) > _when(latest[key]):
                latest[key] = record
    return {k: a.happened for k, a in latest.items() if a.happened}


def _former(record: AnyRecord) -> Former:
    if isinstance(record, Observation):
        value = record.value
        if value is None and record.components:
            value = "; ".join(f"{c.text} {c.value or ''} {c.unit or ''}".strip() for c in record.components)
        return Former(value, record.comparator, record.unit, record.status, record.text, record.said, record.version)
    if isinstance(record, Report):
        text, body = record.conclusion or record.body, record.body
        return Former(None, None, None, record.status, text, record.said, record.version, body)
    return Former(None, None, None, record.status, record.text, record.said, record.version)


def _with_formers(record: _Replaceable, formers: Mapping[str, Sequence[AnyRecord]]) -> _Replaceable:
    past = formers.get(record.id)
    return replace(record, replaces=tuple(_former(f) for f in past)) if past else record


def _observation(
    record: Observation, panels: Mapping[str, str], laboratory: set[str], formers: Mapping[str, Sequence[AnyRecord]]
) -> Observation:
    key = f"{record.source}/Observation/{record.source_id}"
    record = _with_formers(record, formers)
    if not isinstance(record, Result):
        if record.category or key not in laboratory:
            return record
        # No category, but a laboratory report names it (DESIGN §4, FHIR map).
        record = Result(**msgspec.structs.asdict(record))
    return replace(record, panel=panels.get(key, ""))


def _resolved(record: Record, lookup: Lookup) -> Record:
    """The record with names for what it points to, where the source sent none beside the pointer."""
    if isinstance(record, Stay) and record.location:
        record = _placed(record, lookup)
    if not record.references:
        return record
    changes: dict[str, str] = {}
    for ref in record.references:
        if ref.role not in ("author", "performer", "medication", "specimen"):
            continue
        target = None if ref.display else lookup(f"{record.source}/{ref.key}")
        text = ref.display or (target.text if target else "")
        if not text:
            continue
        field = {"author": "author", "performer": "author", "medication": "text", "specimen": "specimen"}[ref.role]
        if field not in changes and not getattr(record, field, "-"):
            changes[field] = text
    if isinstance(record, Medicine) and not record.text and "text" not in changes:
        changes["text"] = "medicine not named in this copy"
    return replace(record, **changes) if changes else record


def place_of(location: str, source: str, lookup: Lookup) -> tuple[str, str]:
    """(ward, bed) of a `Location/id`: the nearest location of type `wa` above the bed (`bd`); untyped, as named."""
    bed, first = "", ""
    seen: set[str] = set()
    key = location
    while key and key not in seen:
        seen.add(key)
        place = lookup(f"{source}/{key}")
        if place is None:
            break
        if place.place == "bd" and not bed:
            bed = place.text
        elif place.place == "wa":
            return place.text, bed
        elif not first:
            first = place.text
        key = place.part_of
    return first, bed


def _placed(stay: Stay, lookup: Lookup) -> Stay:
    ward, bed = place_of(stay.location, stay.source, lookup)
    if not ward and not bed:
        ward = next((r.display for r in stay.references if r.role == "location" and r.display), "")
    moves = tuple(replace(m, text=_place_words(m.location, stay.source, lookup) or m.text) for m in stay.moves)
    return replace(stay, ward=ward or stay.ward, bed=bed or stay.bed, moves=moves)


def _place_words(location: str, source: str, lookup: Lookup) -> str:
    """`Ash Ward, bed A1` of a `Location/id`; "" where this copy does not know the place."""
    ward, bed = place_of(location, source, lookup) if location else ("", "")
    return ", ".join(x for x in (ward, f"bed {bed}" if bed else "") if x)


def shown_name(names: Sequence[HumanName]) -> HumanName:
    """The name to show first: official, else usual, else the first that is not old, maiden or a nickname."""
    for use in ("official", "usual"):
        for name in names:
            if name.use == use:
                return name
    for name in names:
        if name.use not in ("old", "maiden", "nickname", "anonymous"):
            return name
    return names[0] if names else HumanName()


def _best(patients: Sequence[Patient], stays: Sequence[Stay], person: str, here: Stay | None) -> Patient:
    """Whose demographics are shown: who has the stay that is shown, else an open one, else who was described most
    fully, else the survivor."""
    housed = {s.patient for s in stays if s.status in PRESENT}
    shown = here.patient if here is not None else ""

    def rank(p: Patient) -> tuple[bool, bool, int, int, bool, str]:
        full = len(p.identifiers) + len(p.names) + bool(p.address) + len(p.phones) + len(p.contacts)
        return p.patient == shown, p.patient in housed, full, p.said.utc or 0 if p.said else 0, p.id == person, p.id

    return max(patients, key=rank)


def nhs_of(identifiers: Iterable[Identifier]) -> Identifier | None:
    return next((i for i in identifiers if i.system.rstrip("/").lower() == NHS_SYSTEM), None)


def _hospital_number(identifiers: Sequence[Identifier]) -> str | None:
    typed = next((i.value for i in identifiers if i.type == "MR"), None)
    if typed:
        return typed
    return next((i.value for i in identifiers if not i.type and i is not nhs_of((i,)) and i.value), None)


def _view(
    person: str, patients: Sequence[Patient], stays: Sequence[Stay], rows: Sequence[Record], has_others: bool
) -> PatientView:
    present = [s for s in stays if s.status in PRESENT and s.ended is None]
    # Of two open stays the later begun counts; begun alike, the one last spoken of.
    housed = max(present, key=lambda s: (bool(s.bed), bool(s.ward), _when(s), _said(s), s.id), default=None)
    best = _best(patients, stays, person, housed)
    order = [best, *(p for p in sorted(patients, key=lambda p: p.id) if p is not best)]
    identifiers = tuple(dict.fromkeys(i for p in order for i in p.identifiers if i.value))
    names = tuple(dict.fromkeys(n for p in order for n in p.names))
    nhs = nhs_of(identifiers)
    deceased = next((p for p in order if p.is_deceased), None)
    whole = has_others or any(_makes_whole(r) for r in rows)
    return PatientView(
        id=person,
        ids=tuple(sorted(p.id for p in patients)),
        name=shown_name(best.names),
        names=names,
        preferred=next((" ".join(n.given) or n.text for n in names if n.use == "nickname"), ""),
        identifiers=identifiers,
        nhs="".join(c for c in nhs.value if c.isalnum()) if nhs else None,
        nhs_verified=nhs.verified if nhs else None,
        mrn=_hospital_number(identifiers),
        born=best.born or next((p.born for p in order if p.born), None),
        born_estimated=best.born_estimated,
        gender=best.gender or next((p.gender for p in order if p.gender), ""),
        is_deceased=deceased is not None,
        deceased=next((p.deceased for p in order if p.deceased), None),
        address=best.address,
        phones=best.phones,
        languages=best.languages,
        practitioner=best.practitioner,
        contacts=best.contacts,
        ward=housed.ward if housed else "",
        bed=housed.bed if housed else "",
        consultant=housed.consultant if housed else "",
        reason=housed.reason if housed else "",
        admitted=housed.happened if housed else None,
        scope="whole" if whole else "thin",
        sources=tuple(sorted({p.source for p in patients})),
    )


def joins_of(person: str, patients: Sequence[Patient], links: Sequence[Joined]) -> tuple[Join, ...]:
    """Each source patient of a person and what joined it, the one that the others were joined to first."""

    def rank(link: Joined) -> tuple[int, str, str, str]:
        type_ = "hand" if link.by != "source" else link.type
        return (
            _JOIN_ORDER.index(type_) if type_ in _JOIN_ORDER else len(_JOIN_ORDER),
            link.made,
            link.patient,
            link.other,
        )

    made = []
    for one in sorted(patients, key=lambda p: (p.id != person, p.source, p.id)):
        numbers = tuple(i for i in one.identifiers if i.value)
        mine = [x for x in links if one.id in (x.patient, x.other)]
        if one.id == person or not mine:
            made.append(Join(patient=one.id, identifiers=numbers, source=one.source))
            continue
        link = min(mine, key=rank)
        made.append(Join(
            patient=one.id, identifiers=numbers, source=one.source, type="hand" if link.by != "source" else link.type,
            said=read_moment(link.said) if link.said else None, made=read_moment(link.made) if link.made else None,
            by=link.by,
        ))  # fmt: skip
    return tuple(made)


def _makes_whole(record: Record) -> bool:
    """Anything beyond identity, allergies, alerts and blood group (DESIGN §4, Scope)."""
    kind = type(record).__struct_config__.tag
    if kind in THIN_KINDS:
        return False
    return not (isinstance(record, Observation) and any(c.code in BLOOD_GROUP_CODES for c in record.codes))
