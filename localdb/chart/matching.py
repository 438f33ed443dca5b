"""Who could be mistaken for whom: the similar-name rule of CLINICAL §1.3. Pure; shows, never joins."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from localdb.chart.views import PatientView

# What stands beside somebody who could be mistaken for another: of their own ward, or of another one of this copy.
SAME_WARD, IN_HOSPITAL = "Same name on ward", "Similar name in hospital"
ON_PAPER = {SAME_WARD: "SIMILAR NAME ON WARD", IN_HOSPITAL: "SIMILAR NAME IN HOSPITAL"}  # CLINICAL §1.3

_REMEMBERED = 2000


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


class Alike:
    """Who could be mistaken for whom among many people, without comparing each with each.

    Two who are `similar` share at least one key: family and initial, family and birth date, birth date, or a number with
    one place left out or two neighbours swapped. `people` may be all who lie in a hospital (some thousands).
    """

    def __init__(self, people: Iterable[PatientView] = ()) -> None:
        self._by_key: dict[str, tuple[PatientView, ...]] = {}
        self._held: dict[str, PatientView] = {}
        self._said: dict[str, tuple[PatientView, str]] = {}  # of whom was asked: who types on asks of the same people
        self.renew(people)

    def renew(self, people: Iterable[PatientView]) -> None:
        """These people instead of those of before; only who came, went or changed costs time."""
        self._said.clear()
        wanted = {v.id: v for v in people}
        for one, held in list(self._held.items()):
            if wanted.get(one) != held:
                del self._held[one]
                for key in set(_keys(held)):
                    left = tuple(v for v in self._by_key[key] if v.id != one)
                    if left:
                        self._by_key[key] = left
                    else:
                        del self._by_key[key]
        for one, view in wanted.items():
            if one not in self._held:
                self._held[one] = view
                for key in set(_keys(view)):
                    self._by_key[key] = (*self._by_key.get(key, ()), view)

    def of(self, view: PatientView) -> tuple[PatientView, ...]:
        """The others who could be mistaken for this one, each once."""
        own = {view.id, *view.ids}
        near = {o.id: o for key in _keys(view) for o in self._by_key.get(key, ()) if o.id not in own}
        return tuple(o for o in near.values() if similar(view, o))

    def marks(self, views: Iterable[PatientView]) -> dict[str, str]:
        """id -> SAME_WARD or IN_HOSPITAL, of those of `views` who could be mistaken for one of these people."""
        found = {}
        for view in views:
            held = self._said.get(view.id)
            words = held[1] if held is not None and held[0] == view else self._words(view)
            if words:
                found[view.id] = words
        return found

    def _words(self, view: PatientView) -> str:
        words, others = "", self.of(view)
        if others:
            ward = normalised(view.ward)
            near = bool(ward) and any(normalised(o.ward) == ward for o in others)
            words = SAME_WARD if near else IN_HOSPITAL
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
        self._said[view.id] = view, words
        return words


def _keys(view: PatientView) -> Iterator[str]:
    """Keys of one string each: a hospital has tens of thousands. Who shares one is compared by the rule itself."""
    family, given, born = _names(view)
    if family:
        yield f"i {given[:1]} {family}"
        if born:
            yield f"f {born} {family}"
    if born and given:
        yield f"b {born}"
    for kind, number in (("n", view.nhs), ("m", view.mrn)):
        if number:
            for n in range(len(number)):
                yield f"{kind} {number[:n]}?{number[n + 1 :]}"
            for n in range(len(number) - 1):
                yield f"{kind} {number[:n]}<{min(number[n : n + 2])}{max(number[n : n + 2])}>{number[n + 2 :]}"
