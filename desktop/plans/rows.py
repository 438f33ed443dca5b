"""Rows of the plans place: documents by kind, and names with numbers that are read from a metre away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font
from localdb.chart import wording
from localdb.plans.directory import Contact
from localdb.plans.papers import Paper
from localdb.plans.searching import Found
from localdb.records.moments import read_moment


@dataclass(frozen=True, slots=True)
class KindRow:
    """The head of a kind."""

    title: str
    height: int = 40
    can_open: bool = False

    @property
    def text(self) -> str:
        return self.title

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.draw_text(painter, area.left() + 12, area.bottom() - 10, self.title, font("label", SEMIBOLD), theme.ink2)
        paint.hairline(painter, area.left() + 8, area.bottom() - 1, area.right() - 8, theme.ink)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One document: title, version, where it was found, and what is wrong with it."""

    paper: Paper
    title: tuple[str, ...]
    below: tuple[str, ...]
    warning: tuple[str, ...]
    can_open: bool = True

    @property
    def height(self) -> int:
        return max(44, 14 + 22 * len(self.title) + 21 * (len(self.below) + len(self.warning)))

    @property
    def text(self) -> str:
        parts = (self.paper.kind_words, " ".join(self.title), " ".join(self.warning), " ".join(self.below))
        return ", ".join(p for p in parts if p)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        x, y = area.left() + 14, area.top() + 6.0
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        for line in self.title:
            y += 22
            paint.draw_text(painter, x, y - 5, line, font("body", MEDIUM), theme.ink)
        for line in self.warning:
            y += 21
            paint.draw_text(painter, x, y - 5, line, font("label", SEMIBOLD), theme.warn)
        for line in self.below:
            y += 21
            paint.draw_text(painter, x, y - 5, line, font("label"), theme.ink2)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One name with its number."""

    contact: Contact
    name: tuple[str, ...]
    number: tuple[str, ...]
    below: tuple[str, ...]
    share: float
    can_open: bool = True

    @property
    def height(self) -> int:
        return max(52, 16 + max(24 * len(self.name) + 21 * len(self.below), 30 * len(self.number)))

    @property
    def text(self) -> str:
        return self.contact.text

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, y = area.left() + 14, area.top() + 8.0
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        middle = area.left() + area.width() * self.share
        for n, line in enumerate(self.number):
            paint.draw_text(painter, middle, y + 24 + 30 * n, line, font("family", BOLD), theme.ink)
        for line in self.name:
            y += 24
            paint.draw_text(painter, left, y - 5, line, font("value", MEDIUM), theme.ink)
        for line in self.below:
            y += 21
            paint.draw_text(painter, left, y - 5, line, font("label"), theme.ink2)


def warning_of(paper: Paper, today: date, wrong: str = "") -> str:
    """What must be seen before a document is trusted; "" where nothing."""
    if wrong:
        return wrong
    if paper.is_overdue(today):
        return f"Review was due {wording.date(read_moment(paper.review))}"
    if paper.is_early(today):
        return f"In force only from {wording.date(read_moment(paper.valid_from))}"
    return ""


def paper_row(found: Found, today: date, room: float, wrong: str = "") -> PaperRow:
    paper, inner = found.paper, room - 30
    warning = warning_of(paper, today, wrong)
    below = found.where or f"version {paper.version}, {wording.date(paper.written)}"
    return PaperRow(
        paper=paper,
        title=tuple(fold(paper.title, "body", inner, MEDIUM)),
        below=tuple(fold(below, "label", inner)),
        warning=tuple(fold(warning, "label", inner, SEMIBOLD)) if warning else (),
    )


def contact_row(contact: Contact, room: float) -> ContactRow:
    share = 0.56
    below = ", ".join(x for x in (contact.hours, contact.more) if x)
    inner = room * share - 30
    return ContactRow(
        contact=contact,
        name=tuple(fold(contact.name, "value", inner, MEDIUM)),
        number=tuple(fold(contact.number, "family", room * (1 - share) - 16, BOLD)),
        below=tuple(fold(below, "label", inner)) if below else (),
        share=share,
    )
