"""A ward in bed order, empty beds among them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from localdb.chart.living import is_active_allergy, lists_of
from localdb.chart.observation_sets import is_incomplete, obs_sets
from localdb.chart.views import CensusRow, PatientView, SourceAge
from localdb.records.vocabulary import Allergy, Observation, Record, Request

# NEWS2 total as a source sends it: SNOMED CT (UK) and LOINC. Shown as sent, never computed (CLINICAL §2).
SCORE_CODES = frozenset({"1104051000000101", "1104111000000108", "88330-6"})
IN_FLIGHT = frozenset({"active", "draft", "on-hold"})
# HL7 v2 table 0116 as FHIR Location.operationalStatus sends it.
_CLOSED = {
    "C": "closed", "closed": "closed", "H": "closed: awaiting clean", "housekeeping": "closed: awaiting clean",
    "K": "closed: awaiting clean", "contaminated": "closed: awaiting clean", "I": "closed: isolated",
    "isolated": "closed: isolated", "suspended": "closed", "inactive": "closed",
}  # fmt: skip


def bed_order(bed: str) -> tuple[tuple[int, int, str], ...]:
    """Natural order: A2 before A10, letters by letters. The empty name comes last."""
    if not bed:
        return ((2, 0, ""),)
    parts = re.findall(r"\d+|[^\W\d_]+", bed.casefold())
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


def score_of(records: Sequence[Record]) -> Observation | None:
    """The newest early-warning total that a source sent and did not withdraw."""
    for record in records:
        if isinstance(record, Observation) and record.value and record.status not in ("entered-in-error", "cancelled"):
            if any(c.code in SCORE_CODES for c in record.codes):
                return record
    return None


def _is_whole(score: Observation, records: Sequence[Record]) -> bool:
    """Whether the set that a total was sent with holds each of its parameters (CLINICAL §2.2, H22)."""
    at = score.happened.utc if score.happened is not None else None
    taken = [r for r in records if isinstance(r, Observation) and (r.happened.utc if r.happened else None) == at]
    return not any(s.news2 is not None and is_incomplete(s.news2) for s in obs_sets(taken))


def census_row(view: PatientView, records: Sequence[Record], sources: Sequence[SourceAge], entries: int) -> CensusRow:
    """One patient's line on the board. Restricted alerts stay off every list (CLINICAL §1.5)."""
    lists = lists_of(view, records, sources)
    score = score_of(records)
    alerts = tuple(a for a in lists["alerts"].items if not a.restricted and a.status in ("active", ""))
    waiting = sum(isinstance(r, Request) and r.status in IN_FLIGHT for r in lists["requests"].items)
    allergies = tuple(a for a in lists["allergies"].items if isinstance(a, Allergy) and is_active_allergy(a))
    return CensusRow(
        bed=view.bed, patient=view, allergy_state=lists["allergies"].state, allergies=allergies, alerts=alerts,
        score=score.value or "" if score else "", score_at=score.happened if score else None,
        is_score_whole=score is None or _is_whole(score, records), waiting=waiting,
        entries=entries,
    )  # fmt: skip


def in_bed_order(
    rows: Sequence[CensusRow], beds: Sequence[tuple[str, str]], alike: Mapping[str, str]
) -> tuple[CensusRow, ...]:
    """Rows and empty beds (name, operational status) in bed order; `alike` of those by id who could be mistaken."""
    marked = [replace(r, alike=alike.get(r.patient.id, "")) if r.patient is not None else r for r in rows]
    taken = {r.bed for r in rows}
    for bed, state in beds:
        if bed not in taken:
            marked.append(CensusRow(bed=bed, note=_CLOSED.get(state, "")))
            taken.add(bed)
    return tuple(sorted(marked, key=lambda r: (bed_order(r.bed), r.patient.id if r.patient else "")))
