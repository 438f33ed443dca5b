"""The rows of a list of people: name, born, numbers, place; what was typed is marked (look/03)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, REGULAR, SEMIBOLD, font, width
from desktop.ward.folding import NameLine, flowed, folded_name, name_width
from localdb.chart import wording
from localdb.chart.matching import SAME_WARD
from localdb.chart.views import PatientView

if TYPE_CHECKING:
    from localdb.reading import Reading

WIDEST = 100_000.0  # where no width is known nothing is folded
_SIDES = 42


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head between rows; `room` the width for which it is folded."""

    text: str
    room: float = WIDEST
    can_open: bool = False

    def _lines(self) -> list[str]:
        return fold(self.text, "label", self.room - _SIDES, SEMIBOLD)

    @property
    def height(self) -> int:
        return 19 + 21 * len(self._lines())

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        for n, words in enumerate(self._lines()):
            paint.draw_text(
                painter, area.left() + 22, area.top() + 29 + 21 * n, words, font("label", SEMIBOLD), theme.ink2
            )


Chip = tuple[str, str, str]  # words, kind, icon


def chips_of(alike: str, status: str = "", *, is_off: bool = False) -> tuple[Chip, ...]:
    """What stands beside a name: who could be mistaken (`alike` as of a Chart), and how it stands with them."""
    made = [(alike, "strong" if alike == SAME_WARD else "plain", "same name")] if alike else []
    return (*made, (status, "strong" if is_off else "plain", "")) if status else tuple(made)


@cache
def _label_width(label: str) -> float:
    return width(label, "label") + 5 if label else 0.0


@cache
def chips_width(chips: tuple[Chip, ...]) -> float:
    return sum(14 + paint.chip_width(words, icon or None) for words, _, icon in chips)


def draw_chips(painter: QPainter, x: float, y: float, chips: Sequence[Chip], theme: Theme) -> None:
    for words, kind, icon in chips:
        x += 14 + paint.draw_chip(painter, x + 14, y, words, theme, kind=kind, icon=icon or None)


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value of the second line; `least` px that it takes, so that those of many rows stand below each other."""

    label: str
    value: str
    ident: bool = False
    least: float = 0

    @property
    def width(self) -> float:
        return max(_label_width(self.label) + width(self.value, "label", SEMIBOLD, ident=self.ident), self.least - 24)

    def draw(self, painter: QPainter, x: float, baseline: float, theme: Theme) -> None:
        if self.label:
            x += paint.draw_text(painter, x, baseline, self.label, font("label"), theme.ink2) + 5
        paint.draw_text(painter, x, baseline, self.value, font("label", SEMIBOLD, ident=self.ident), theme.ink)


@dataclass(frozen=True, slots=True)
class _Laid:
    """`names` the lines of the name, the last of them `end` px wide; `chips` behind it or (`is_below`) below; `at` on which
    line each fact stands; `place` its lines, the first on line `start` of the facts."""

    names: tuple[NameLine, ...]
    chips: tuple[Chip, ...]
    is_below: bool
    end: float
    facts: tuple[Fact, ...]
    widths: list[float]
    at: list[int]
    place: list[str]
    start: int
    height: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person. Two identifiers stand on the second line, so that they can be checked with the wristband. `room`: the
    width for which its lines are folded."""

    view: PatientView
    family: str
    rest: str
    born: str
    nhs: str
    mrn: str
    place: str
    alike: str = ""
    is_deceased: bool = False
    typed: tuple[str, ...] = ()
    room: float = WIDEST
    can_open: bool = True
    _laid: list[_Laid] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def patient(self) -> str:
        return self.view.id

    @property
    def text(self) -> str:
        facts = [
            f"{self.family}{self.rest}",
            self.alike.lower(),
            "died" if self.is_deceased else "",
            f"Born {self.born}",
            f"NHS No. {self.nhs}",
            f"Hospital No. {self.mrn}" if self.mrn else "",
            self.place,
        ]
        return ", ".join(x for x in facts if x)

    @property
    def laid(self) -> _Laid:
        """Where everything stands, worked out once."""
        if not self._laid:
            self._laid.append(_laid_out(self))
        return self._laid[0]

    @property
    def height(self) -> int:
        return self.laid.height

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        laid, left, right, baseline = self.laid, area.left() + 22, area.right() - 20, area.top() + 26
        paint.hairline(painter, area.left() + 14, area.bottom() - 1, area.right() - 14, theme.rule2)
        for n, name in enumerate(laid.names):
            baseline += 26 if n else 0
            self._name(painter, left, baseline, name, theme)
        x = left + laid.end
        if laid.is_below:
            x, baseline = left - 14, baseline + 28
        draw_chips(painter, x, baseline - 18, laid.chips, theme)
        baseline += 24
        x, line = left, 0
        for fact, wide, at in zip(laid.facts, laid.widths, laid.at, strict=True):
            x, line = (left if at != line else x), at
            fact.draw(painter, x, baseline + 22 * at, theme)
            x += wide + 24
        weight = SEMIBOLD if self.place.startswith("Bed") else MEDIUM
        for n, words in enumerate(laid.place, laid.start):
            paint.draw_text(painter, right, baseline + 22 * n, words, font("label", weight), theme.ink, right=True)

    def _name(self, painter: QPainter, x: float, baseline: float, line: NameLine, theme: Theme) -> None:
        """One line of the name with what was typed on a ground of its own; a title in brackets was not searched."""
        for text, weight in line:
            for start, end in matches(text.partition("(")[0], self.typed):
                before = width(text[:start], "value", weight)
                room = width(text[start:end], "value", weight)
                painter.fillRect(QRectF(x + before, baseline - 18, room, 24), theme.color("sel"))
            x += paint.draw_text(painter, x, baseline, text, font("value", weight), theme.ink)


def _laid_out(row: PersonRow) -> _Laid:
    """The lines of a row in its room: chips behind the name or below it, the place behind the facts or below them."""
    room = row.room - _SIDES
    given, brace, title = row.rest.partition(" (")
    whole: NameLine = ((row.family, BOLD), (f"{given}{brace}{title}", REGULAR))
    end = name_width(whole, "value")
    names: tuple[NameLine, ...] = (whole,)
    if end > room:
        names = folded_name(whole, "value", room)
        end = name_width(names[-1], "value")
    chips = chips_of(row.alike, "Died" if row.is_deceased else "", is_off=True)
    said = (Fact("Born", row.born, least=200), Fact("NHS No.", row.nhs, True, 202), Fact("Hospital No.", row.mrn, True))
    facts = tuple(f for f in said if f.value)
    widths = [f.width for f in facts]
    at = flowed(widths, room)
    start = at[-1] if at else 0
    used = sum(wide + 24 for wide, n in zip(widths, at, strict=True) if n == start)
    place = [row.place]
    if used + width(row.place, "label", SEMIBOLD) > room:
        place, start = fold(row.place, "label", room, SEMIBOLD), start + 1
    is_below = bool(chips) and end + chips_width(chips) > room
    height = 60 + 26 * (len(names) - 1) + 28 * is_below + 22 * (start + len(place) - 1)
    return _Laid(names, chips, is_below, end, facts, widths, at, place, start, height)


def _bare(text: str) -> str:
    """Case and marks folded, one character for one, so that places stay."""
    return "".join((unicodedata.normalize("NFKD", c)[:1] or c).casefold()[:1] or c for c in text)


def matches(text: str, typed: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the words of `text` begin with a typed word: (start, end) without overlap."""
    bare, found = _bare(text), []
    starts = [n for n in range(len(bare)) if bare[n].isalnum() and (n == 0 or not bare[n - 1].isalnum())]
    for start in starts:
        best = max((len(t) for t in typed if bare.startswith(_bare(t), start)), default=0)
        if best:
            found.append((start, start + best))
    return found


def person_row(
    view: PatientView, now: datetime, *, ward: str = "", typed: str = "", alike: str = "", room: float = WIDEST
) -> PersonRow:
    """The row of one person; `ward`: the ward that needs no naming; `alike` as of a Chart; `room` for its lines."""
    shown = wording.display_name(view.name)
    family, comma, rest = shown.partition(", ")
    if not comma:
        family, brace, title = shown.partition(" (")
        rest = f" ({title}" if brace else ""
    here = bool(ward) and view.ward == ward
    place = f"Bed {view.bed}" if here and view.bed else ", ".join(x for x in (view.ward, _bed(view)) if x)
    return PersonRow(
        view=view,
        family=f"{family}, " if comma else family,
        rest=rest,
        born=wording.born_text(view.born, now, estimated=view.born_estimated),
        nhs=wording.nhs_number(view.nhs),
        mrn=view.mrn or "",
        place=place or "not on a ward in this copy",
        alike=alike,
        is_deceased=view.is_deceased,
        typed=tuple(typed.split()),
        room=room,
    )


People = tuple[tuple[PatientView, ...], dict[str, str]]  # people, and of those who could be mistaken: id -> words


def people_of(reading: Reading, ids: Iterable[str]) -> People:
    """Those of a kept list who are in this copy, with who could be mistaken for somebody who lies in the hospital."""
    people = reading.people(ids)
    return people, reading.similar(people)


def people_rows(found: People, now: datetime, room: float = WIDEST) -> list[PersonRow]:
    people, alike = found
    return [person_row(v, now, alike=alike.get(v.id, ""), room=room) for v in people]


def absent_words(ids: Iterable[str], found: People) -> str:
    """How many of a kept list this copy does not hold; "" where it holds all."""
    known = {i for v in found[0] for i in (v.id, *v.ids)}
    away = sum(i not in known for i in ids)
    return f"Not in this copy: {away}." if away else ""


def _bed(view: PatientView) -> str:
    return f"bed {view.bed}" if view.bed else ""


def count_words(count: int, limit: int) -> str:
    return f"first {limit} shown, type more" if count >= limit else f"{count} found"
