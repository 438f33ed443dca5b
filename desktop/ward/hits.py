"""The rows of a list of people: name, born, numbers, place; what was typed is marked (look/03)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, width
from localdb.chart import wording
from localdb.chart.matching import SAME_WARD
from localdb.chart.views import PatientView

if TYPE_CHECKING:
    from localdb.reading import Reading


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A head between rows."""

    text: str
    height: int = 40
    can_open: bool = False

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.draw_text(painter, area.left() + 22, area.bottom() - 11, self.text, font("label", SEMIBOLD), theme.ink2)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person. Two identifiers stand on the second line, so that they can be checked with the wristband."""

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
    hint: str = ""
    height: int = 60
    can_open: bool = True

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

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, top, right = area.left() + 22, area.top(), area.right() - 20
        paint.hairline(painter, area.left() + 14, area.bottom() - 1, area.right() - 14, theme.rule2)
        x = self._name(painter, left, top + 26, theme)
        if self.alike:
            kind = "strong" if self.alike == SAME_WARD else "plain"
            x += paint.draw_chip(painter, x + 14, top + 8, self.alike, theme, kind=kind, icon="same name") + 14
        if self.is_deceased:
            paint.draw_chip(painter, x + 14, top + 8, "Died", theme, kind="strong")
        at, baseline = left, top + 50
        for label, value, ident, least in (
            ("Born", self.born, False, 200),
            ("NHS No.", self.nhs, True, 202),
            ("Hospital No.", self.mrn, True, 0),
        ):
            if not value:
                continue
            used = paint.draw_text(painter, at, baseline, label, font("label"), theme.ink2) + 5
            used += paint.draw_text(
                painter, at + used, baseline, value, font("label", SEMIBOLD, ident=ident), theme.ink
            )
            at += max(used + 24, least)
        weight = SEMIBOLD if self.place.startswith("Bed") else MEDIUM
        paint.draw_text(painter, right, baseline, self.place, font("label", weight), theme.ink, right=True)
        if self.hint:
            paint.draw_text(painter, right, top + 26, self.hint, font("label", MEDIUM), theme.ink2, right=True)

    def _name(self, painter: QPainter, x: float, baseline: float, theme: Theme) -> float:
        """The name with what was typed on a ground of its own; x after it."""
        given, _, title = self.rest.partition(" (")
        for text, weight in ((self.family, BOLD), (given, 400)):
            for start, end in matches(text, self.typed):
                before = width(text[:start], "value", weight)
                room = width(text[start:end], "value", weight)
                painter.fillRect(QRectF(x + before, baseline - 18, room, 24), theme.color("sel"))
            x += paint.draw_text(painter, x, baseline, text, font("value", weight), theme.ink)
        if title:
            x += paint.draw_text(painter, x, baseline, f" ({title}", font("value", 400), theme.ink)
        return x


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


def person_row(view: PatientView, now: datetime, *, ward: str = "", typed: str = "", alike: str = "") -> PersonRow:
    """The row of one person; `ward`: the ward that needs no naming; `alike` as of a Chart."""
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
    )


People = tuple[tuple[PatientView, ...], dict[str, str]]  # people, and of those who could be mistaken: id -> words


def people_of(reading: Reading, ids: Iterable[str]) -> People:
    """Those of a kept list who are in this copy, with who could be mistaken for somebody who lies in the hospital."""
    people = reading.people(ids)
    return people, reading.similar(people)


def people_rows(found: People, now: datetime) -> list[PersonRow]:
    people, alike = found
    return [person_row(v, now, alike=alike.get(v.id, "")) for v in people]


def absent_words(ids: Iterable[str], found: People) -> str:
    """How many of a kept list this copy does not hold; "" where it holds all."""
    known = {i for v in found[0] for i in (v.id, *v.ids)}
    away = sum(i not in known for i in ids)
    return f"Not in this copy: {away}." if away else ""


def _bed(view: PatientView) -> str:
    return f"bed {view.bed}" if view.bed else ""


def count_words(count: int, limit: int) -> str:
    return f"first {limit} shown, type more" if count >= limit else f"{count} found"
