"""Whether the patient to whom something would be filed is the one it speaks of: a printed report says who it is about.

Pure. Used where a unit has `checks`; a unit that does not fit is set aside (`printed.other_person`), never filed.
"""

from __future__ import annotations

from collections.abc import Iterable

from localdb.records.vocabulary import Patient


def fits(patient: Patient, checks: Iterable[tuple[str, str]]) -> bool:
    """Whether the record says all that the unit says: `family` in any of the names, `born` the same day. What the record
    does not know does not fit: nothing is filed on half an identity."""
    return all(_fits(patient, what, value) for what, value in checks)


def _fits(patient: Patient, what: str, value: str) -> bool:
    if what == "family":
        return " ".join(value.split()).casefold() in {" ".join(n.family.split()).casefold() for n in patient.names}
    if what == "born":
        local = patient.born.local if patient.born and patient.born.precision == "day" else None
        return local is not None and local.date().isoformat() == value
    return False
