"""The living chart: copy + entries, projected as one chart (DESIGN D6). Pure; now is passed in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from localdb.chart.blood_bank import guarded
from localdb.chart.views import (
    KNOWN,
    NONE_ASSERTED,
    NOT_RECORDED,
    UNAVAILABLE,
    Chart,
    Entry,
    Identity,
    Listing,
    MovedImages,
    PatientView,
    SourceAge,
)
from localdb.records.moments import Moment
from localdb.records.vocabulary import LISTS, Allergy, Record

PHONED = "phoned_result"
# "No known allergy" to food, latex, insect venom, animals, environment, grass, nuts, eggs, shellfish (SNOMED CT, IPS).
_OF_ONE_KIND = frozenset(
    "429625007 1003774007 428607008 428197003 716184000 716220001 716185004 787481004"
    " no-known-environmental-allergies no-known-food-allergies".split()
)
_NOT_AN_ALLERGY = frozenset({"refuted", "entered-in-error"})


def is_active_allergy(allergy: Allergy) -> bool:
    """An allergy that stands: active (or with no clinical status sent), neither refuted nor entered in error."""
    if allergy.asserts_none or allergy.verification in _NOT_AN_ALLERGY or allergy.status in _NOT_AN_ALLERGY:
        return False
    return allergy.clinical in ("active", "")


def asserts_none(allergy: Allergy) -> bool:
    """An explicit, standing "no known allergy" (CLINICAL §1.5): the only thing that may read as none.

    "No known food allergy" and its like say nothing about drugs: they stay items with their own words.
    """
    return (
        allergy.asserts_none
        and not any(c.code in _OF_ONE_KIND for c in allergy.codes)
        and allergy.clinical in ("active", "")
        and allergy.verification not in _NOT_AN_ALLERGY
        and allergy.status not in _NOT_AN_ALLERGY
    )


def delivered_kinds(sources: Iterable[SourceAge]) -> frozenset[str]:
    """Kinds of record that a source which did not fail has delivered for anyone."""
    return frozenset(k for s in sources if s.state not in ("failed", "never") for k in s.kinds)


def list_state(kind: str, items: Sequence[Record], scope: str, delivered: Collection[str]) -> str:
    """known / none_asserted / not_recorded / unavailable of one list (DESIGN §4 Scope; CLINICAL §1.5)."""
    if kind == "allergy":
        allergies = [i for i in items if isinstance(i, Allergy)]
        if any(is_active_allergy(a) for a in allergies):
            return KNOWN
        if any(asserts_none(a) for a in allergies):
            return NONE_ASSERTED
    elif items:
        return KNOWN
    if scope in ("thin", "registered") or kind not in delivered:
        return UNAVAILABLE
    return NOT_RECORDED


def lists_of(view: PatientView, records: Iterable[Record], sources: Sequence[SourceAge]) -> dict[str, Listing]:
    """Every list of the chart with its state; the order of the records is kept."""
    by_kind: dict[str, list[Record]] = {kind: [] for kind in LISTS.values()}
    for record in records:
        kind = str(type(record).__struct_config__.tag)
        if kind in by_kind:
            by_kind[kind].append(record)
    measured = [*by_kind["result"], *by_kind["observation"]]
    for kind in ("result", "observation"):
        by_kind[kind] = list(guarded(by_kind[kind], all_of=measured))
    aged = dict(view.aged)
    # What a window left out was recorded: an empty list of it is not in this copy, like one that no source delivered.
    delivered = delivered_kinds(sources) - aged.keys()
    return {
        name: Listing(
            list_state(kind, by_kind[kind], view.scope, delivered),
            tuple(by_kind[kind]),
            f"{aged[kind][:1].upper()}{aged[kind][1:]}: not in this copy." if kind in aged else "",
        )
        for name, kind in LISTS.items()
    }


def entries_of(ids: Collection[str], entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries about any of these ids, newest first."""
    mine = [
        e
        for e in entries
        if e.identity is not None and (e.identity.patient in ids or not set(e.identity.ids).isdisjoint(ids))
    ]
    return tuple(sorted(mine, key=lambda e: (e.written.utc or 0, e.device, e.sequence), reverse=True))


def identity_of(view: PatientView) -> Identity:
    """The identity that goes into an entry or onto a sheet (D5)."""
    return Identity(
        patient=view.id, ids=view.ids, name=view.name, born=view.born, gender=view.gender, nhs=view.nhs, mrn=view.mrn,
        identifiers=view.identifiers, born_estimated=view.born_estimated,
    )  # fmt: skip


def living(
    view: PatientView,
    records: Iterable[Record],
    entries: Iterable[Entry],
    sources: Sequence[SourceAge],
    now: Moment,
    *,
    generation: int = 0,
    held_since: Moment | None = None,
    alike: str = "",
    moved: tuple[MovedImages, ...] = (),
) -> Chart:
    """One chart of what was copied and what the ward wrote. Phoned results stay in their own block. `records` are those
    after the moves of images (`chart.moved.moved`), which are `moved`.

    An entry that comes back in the copy is shown once, as confirmed: where the ward wrote it, not in the copied lists.
    """
    held = list(records)
    back = {r.entry for r in held if r.entry}
    mine = entries_of({view.id, *view.ids}, entries)
    known = {e.id for e in mine}
    mine = tuple(replace(e, delivery="confirmed") if e.id in back else e for e in mine)
    return Chart(
        patient=view,
        lists=lists_of(view, (r for r in held if r.entry not in known), sources),
        phoned=tuple(e for e in mine if e.kind == PHONED),
        entries=mine,
        sources=tuple(sources),
        generation=generation,
        alike=alike,
        moved=moved,
        held_since=held_since,
        read_at=now,
    )


def with_declarations(sources: Iterable[SourceAge], declared: Mapping[str, tuple[str, Moment, str]]) -> list[SourceAge]:
    """Ages with what was declared: source -> (down/back, since, by whom)."""
    out = []
    for source in sources:
        said = declared.get(source.source)
        out.append(replace(source, declared=said[0], declared_since=said[1], declared_by=said[2]) if said else source)
    return out
