"""Kits: which forms are printed together, for whom, how many (issue 7; CLINICAL §6; FIELD "go to paper"). Pure; no Qt.

A kit is a table of resources/codes/kits.toml or of a site's `[kits]`; `choices` turns its lines into what the press is
asked for. What is made of it, a pack, lies in
the press's queue (`localdb/journal/press.py`).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from desktop.printing.child import Choice
from desktop.printing.image_wish import ImageWish
from localdb.errors import InputRefused

Whom = Literal["ward", "patient", "blank"]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a kit: `count` copies of each, or blank sheets; `per_bed` blank sheets for each bed, rounded up."""

    form: str
    whom: Whom
    count: int = 1
    per_bed: float = 0

    def amount(self, beds: int) -> int:
        """Copies of each, or blank sheets for a ward of `beds` beds; at least one."""
        return max(1, math.ceil(self.per_bed * beds)) if self.per_bed else self.count


class Kit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Forms that are printed together. `code` names it in commands."""

    code: str
    title: str
    words: str
    lines: tuple[Line, ...]


@cache
def _shipped() -> tuple[Kit, ...]:
    text = files("resources").joinpath("codes", "kits.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["kit"], tuple[Kit, ...])


def kits(site: Mapping[str, Any] | None = None) -> tuple[Kit, ...]:
    """The kits that ship, each replaced by the site's of the same code; the site's others follow. Raises kit.invalid."""
    own = own_kits((site or {}).get("kits") or {})
    kept = tuple(own.pop(p.code, p) for p in _shipped())
    return (*kept, *own.values())


def own_kits(table: Mapping[str, Any]) -> dict[str, Kit]:
    """`[kits.CODE]` of a site.toml, checked. Raises kit.invalid, which names the kit."""
    made: dict[str, Kit] = {}
    for code, body in table.items():
        try:
            made[code] = msgspec.convert({"code": code, **dict(body)}, Kit)
        except (msgspec.ValidationError, TypeError, ValueError) as fault:
            raise InputRefused(f"The kit {code!r} cannot be read: {fault}.", code="kit.invalid",
                               next_step="Compare it with resources/codes/kits.toml.") from None  # fmt: skip
        if any(not 1 <= line.count <= 500 or not 0 <= line.per_bed <= 20 for line in made[code].lines):
            raise InputRefused(f"The kit {code!r} asks for no sheet, or for far too many.", code="kit.invalid",
                               next_step="Count from 1 to 500, and up to 20 for each bed.")  # fmt: skip
    return made


def kit(code: str, site: Mapping[str, Any] | None = None) -> Kit:
    """Raises kit.unknown."""
    found = next((p for p in kits(site) if p.code == code.casefold()), None)
    if found is None:
        raise InputRefused("There is no kit of that name.", code="kit.unknown",
                           next_step="See the list: `wardlamp print --list`.")  # fmt: skip
    return found


def choices(lines: Iterable[tuple[str, Whom, int]], *, ward: str = "", person: str = "") -> tuple[Choice, ...]:
    """(form, whom, amount) as what the press is asked for: for one person, or for a ward. What needs what is not there
    is left out: a list where there is no ward, a patient's form where there is neither."""
    made: list[Choice] = []
    for form, whom, amount in lines:
        if whom == "blank":
            made.append(Choice(form, blank=amount))
        elif whom == "patient" and person:
            made.append(Choice(form, patient=person, copies=amount))
        elif whom in ("patient", "ward") and ward and not person:
            made.append(Choice(form, ward=ward, copies=amount))
    return tuple(made)


def illustrated(choice: Choice, person: str, images: tuple[ImageWish, ...], *, annex: bool) -> Choice:
    """A choice with its images: T02 what the viewer showed of `person`, for that person alone (else by rule); F02 key
    images behind it where an `annex` is asked for."""
    if choice.form == "T02" and images and choice.patient == person:
        return replace(choice, images=images)
    if choice.form == "F02" and annex and not choice.blank:
        return replace(choice, images=(ImageWish(),))
    return choice


def lines_of(found: Kit, beds: int, known: Collection[str]) -> list[tuple[str, Whom, int]]:
    """The lines of a kit for a ward of `beds` beds, of the forms that are `known`."""
    return [(line.form, line.whom, line.amount(beds)) for line in found.lines if line.form in known]


def minutes(pages: int, per_minute: float) -> int:
    """About how long, in whole minutes, at least one."""
    return max(1, math.ceil(pages / per_minute)) if pages else 0


def fitting(found: Sequence[Kit], person: str) -> tuple[Kit, ...]:
    """The kits that make sense for one patient (`person`) or for the ward."""
    return (
        tuple(p for p in found if any(line.whom == "patient" for line in p.lines) and not _lists(p))
        if person
        else tuple(p for p in found if p.code != "patient")
    )


def _lists(p: Kit) -> bool:
    return any(line.whom == "ward" for line in p.lines)
