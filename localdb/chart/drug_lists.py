"""Lists of drug names that a site edits (`resources/codes/time_critical.toml`): matched by name, never by judgement.

A medicine is on a list because a name of the list stands in its own name or in a code's display as whole words, because
a code of it is listed, or because its ATC code begins with a listed one. What matched is kept, so that the mark can say
why. Being on no list says nothing of a medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from localdb.records.vocabulary import Coding, Record

_ATC = ("whocc.no/atc", "atc", "2.16.840.1.113883.6.73")


class DrugList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One list; the fields are explained at the head of the file."""

    code: str
    title: str
    why: str = ""
    time_critical: bool = False
    block: str = ""
    indication: bool = False
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()


class SameDrug(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Products that contain the same drug, so that their doses are listed together."""

    drug: str
    names: tuple[str, ...] = ()


class DrugLists(msgspec.Struct, frozen=True):
    """The whole file."""

    list: tuple[DrugList, ...] = ()
    same: tuple[SameDrug, ...] = ()


class OnList(msgspec.Struct, frozen=True):
    """A medicine on a list, and the word of it by which it is there."""

    list: DrugList
    by: str

    @property
    def words(self) -> str:
        """`On the list "Antiepileptic" by its name, carbamazepine. A missed dose …`"""
        return f'On the list "{self.list.title}" by {self.by}. {self.list.why}'.rstrip()


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of `names` as whole words; the longest first, so that the fuller name is the one that is told."""
    if not names:
        return None
    ordered = sorted(names, key=lambda n: (-len(n), n))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)", re.IGNORECASE)


def named_in(names: tuple[str, ...], text: str) -> str:
    """The first of `names` that stands in `text` as whole words, as it stands there; empty where none does."""
    pattern = _pattern(names)
    found = pattern.search(text) if pattern is not None and text else None
    return found[0] if found else ""


def on_lists(item: Record, lists: Iterable[DrugList]) -> tuple[OnList, ...]:
    """The lists that a medicine (or a dose) is on, in the order of the file."""
    found = ((one, _by(item, one)) for one in lists)
    return tuple(OnList(one, by) for one, by in found if by)


def _by(item: Record, one: DrugList) -> str:
    if name := named_in(one.names, item.text):
        return f"its name, {name.casefold()}"
    for coding in item.codes:
        if name := named_in(one.names, coding.display):
            return f"the name of its code, {name.casefold()}"
        if coding.code and coding.code in one.codes:
            return f"its code {coding.code}"
        if _is_atc(coding) and coding.code.startswith(one.atc):
            return f"its ATC code {coding.code}"
    return ""


def _is_atc(coding: Coding) -> bool:
    system = coding.system.casefold().rstrip("/")
    return bool(coding.code) and any(system.endswith(s) for s in _ATC)


def same_drug(text: str, lists: DrugLists) -> tuple[SameDrug, ...]:
    """The groups of products to which `text` belongs; several for a product of two drugs (co-codamol)."""
    return tuple(one for one in lists.same if named_in(one.names, text))
