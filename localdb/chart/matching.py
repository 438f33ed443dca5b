"""Who could be mistaken for whom: the similar-name rule of CLINICAL §1.3. Pure; shows, never joins."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from localdb.chart.views import PatientView


def normalised(text: str) -> str:
    """NFKD, marks and punctuation taken away, casefolded (CLINICAL §1.3)."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


def _names(view: PatientView) -> tuple[str, str, str]:
    family = normalised(view.name.family or view.name.text)
    given = normalised(view.name.given[0]) if view.name.given else ""
    return family, given, view.born.text if view.born and view.born.precision == "day" else ""


def _near(one: str, other: str) -> bool:
    """Edit distance at most 1."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    for n in range(len(long)):
        if len(short) == len(long):
            if short[:n] + short[n + 1 :] == long[:n] + long[n + 1 :]:
                return True
        elif short == long[:n] + long[n + 1 :]:
            return True
    return False


def _number_slip(one: str | None, other: str | None) -> bool:
    """One digit differs, or two neighbours are swapped."""
    if not one or not other or len(one) != len(other) or one == other:
        return False
    at = [n for n in range(len(one)) if one[n] != other[n]]
    if len(at) == 1:
        return True
    return len(at) == 2 and at[1] == at[0] + 1 and one[at[0]] == other[at[1]] and one[at[1]] == other[at[0]]


def similar(a: PatientView, b: PatientView) -> bool:
    """Rules (a) to (d) of CLINICAL §1.3 for two different people."""
    family_a, given_a, born_a = _names(a)
    family_b, given_b, born_b = _names(b)
    if family_a and family_a == family_b and (given_a[:1] == given_b[:1] or (born_a and born_a == born_b)):
        return True
    if born_a and born_a == born_b and given_a and given_b and _near(given_a, given_b):
        return True
    return _number_slip(a.nhs, b.nhs) or _number_slip(a.mrn, b.mrn)


def similar_ids(people: Sequence[PatientView]) -> frozenset[str]:
    """Ids of those who could be mistaken for another of these people."""
    found: set[str] = set()
    for n, one in enumerate(people):
        for other in people[n + 1 :]:
            if one.id != other.id and similar(one, other):
                found |= {one.id, other.id}
    return frozenset(found)
