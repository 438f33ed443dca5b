"""The three sides of one entry, painted (look/11): copy on sunken ground, ward in pen, live on white; nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.blocks import fold
from desktop.restore.sides import ROWS, Side
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import Look
from desktop.shell.type import BOLD, SEMIBOLD, font, line_height, width
from localdb.chart import wording
from localdb.chart.views import Identity
from localdb.records.ids import is_temporary_system

LABELS, HEAD, _PAD = 104, 52, 8
_GROUNDS = ("sunken", "pen_tint", "panel")


class SidesPane(QWidget):
    """`show_sides` for one entry; `clear` when none is chosen. Identity stands first: this is somebody's record."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._who, self._title, self._chip = "", "", ""
        self._numbers = ""
        self._sides: tuple[Side, ...] = ()
        self._reason: tuple[str, ...] = ()
        self._differs = False
        look.changed.connect(self.update)

    def clear(self, words: str) -> None:
        self._who, self._numbers, self._title, self._chip, self._sides = "", "", words, "", ()
        self._reason = ()
        self._settle()

    def show_sides(
        self, who: Identity | None, now: datetime, title: str, chip: str, reasons: Sequence[str], sides: Sequence[Side]
    ) -> None:
        """`reasons`: why the entry stands where it does, and what each decision does."""
        self._who = wording.display_name(who.name) if who else wording.NO_NAME
        born = wording.born_text(who.born, now, estimated=who.born_estimated) if who else ""
        self._numbers = f"Born {born}   NHS No. {wording.nhs_number(who.nhs)}" if who else ""
        if who and any(is_temporary_system(i.system) for i in who.identifiers):
            self._numbers += f"   Temporary No. {who.mrn}"
        self._title, self._chip, self._sides = title, chip, tuple(sides)
        self._reason = tuple(r for r in reasons if r)
        self._differs = chip == "Value differs"
        self._settle()

    def spoken(self) -> str:
        """All of it in words, side by side fact by fact."""
        parts = [self._who, self._numbers, self._title, self._chip, *self._reason]
        for side in self._sides:
            facts = [f"{label} {fact}" for label, fact in zip(ROWS, side.facts, strict=True) if fact]
            parts += [f"{side.head}, {side.when}: {', '.join(facts)}", side.below]
        return ". ".join(p for p in parts if p)

    def _settle(self) -> None:
        self.setAccessibleName("Side by side")
        self.setAccessibleDescription(long_dates(self.spoken()))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        self.setFixedHeight(int(self._draw(None, max(self.width(), 300))) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._draw(painter, self.width())
        finally:
            painter.end()

    def _draw(self, painter: QPainter | None, room: float) -> float:
        """Draw, or with no painter only measure; the height."""
        y = self._draw_lines(painter, room)
        if not self._sides:
            return y
        step = (room - LABELS) / len(self._sides)
        rows = self._rows(step - 24)
        total = HEAD + sum(high for _, high, _ in rows)
        if painter is not None:
            self._draw_grounds(painter, y, step, total)
        at = y + HEAD
        for label, high, cells in rows:
            if painter is not None:
                self._draw_row(painter, label, cells, at, high, step, room)
            at += high
        return at + 8

    def _draw_lines(self, painter: QPainter | None, room: float) -> float:
        theme, y = self._look.theme, 4.0
        wide = room - 16
        lines: list[tuple[str, str, int | None, str]] = []
        if self._who:
            lines += [(t, "ident", BOLD, "ink") for t in fold(self._who, "ident", wide, BOLD)]
            lines += [(t, "label", None, "ink2") for t in fold(self._numbers, "label", wide)]
        lines += [(t, "ident", SEMIBOLD, "ink") for t in fold(self._title, "ident", wide, SEMIBOLD)]
        for text, role, weight, token in lines:
            if painter is not None:
                paint.draw_text(painter, 0, y + 19, text, font(role, weight), theme.color(token))
            y += line_height(role) + 2
        if self._chip:
            beside = width(lines[-1][0], "ident", SEMIBOLD) + 14
            is_beside = beside + paint.chip_width(self._chip, "differs") <= wide
            x, y = (beside, y - 26) if is_beside else (0.0, y)
            if painter is not None:
                icon = {"Sent from here": "fresh", "Value differs": "differs"}.get(self._chip, "maybe same")
                kind = "strong" if self._chip == "Sent from here" else "warn"
                paint.draw_chip(painter, x, y + 2, self._chip, theme, kind=kind, icon=icon)
            y += 28
        for reason in self._reason:
            for line in fold(reason, "label", wide):
                if painter is not None:
                    paint.draw_text(painter, 0, y + 16, line, font("label"), theme.ink)
                y += line_height("label")
        return y + 8

    def _rows(self, room: float) -> list[tuple[str, float, list[list[str]]]]:
        made = []
        for n, label in enumerate(ROWS):
            cells = [fold(side.facts[n], "body", room, SEMIBOLD if n == 0 else None) for side in self._sides]
            if any(side.facts[n] for side in self._sides):
                word = "Value differs" if n == 0 and self._differs else label
                made.append((word, max(len(c) for c in cells) * 22 + 2 * _PAD, cells))
        below = [fold(side.below, "label", room) if side.below else [] for side in self._sides]
        if any(below):
            made.append(("", max(len(c) for c in below) * 21 + 2 * _PAD, below))
        return made

    def _draw_grounds(self, painter: QPainter, y: float, step: float, total: float) -> None:
        theme = self._look.theme
        for n, (side, ground) in enumerate(zip(self._sides, _GROUNDS, strict=True)):
            area = QRectF(LABELS + n * step, y, step, total)
            is_ward = ground == "pen_tint"
            border = theme.pen if is_ward else theme.rule2
            paint.box(painter, area, fill=theme.color(ground), border=border, width=2 if is_ward else 1, radius=0)
            paint.draw_text(painter, area.left() + 12, y + 22, side.head, font("body", BOLD), theme.ink)
            for line in fold(side.when, "label", step - 24)[:1]:
                paint.draw_text(painter, area.left() + 12, y + 42, line, font("label"), theme.ink2)
            if is_ward:
                draw_icon(painter, "ward wrote", area.right() - 30, y + 8, 18, theme.pen)

    def _draw_row(
        self, painter: QPainter, label: str, cells: list[list[str]], y: float, high: float, step: float, room: float
    ) -> None:
        theme = self._look.theme
        paint.hairline(painter, 0, y, room, theme.rule2)
        role = "body" if label else "label"
        paint.draw_text(painter, 0, y + 22, label, font("label", SEMIBOLD), theme.ink if self._differs else theme.ink2)
        for n, lines in enumerate(cells):
            left, is_value = LABELS + n * step + 12, label in ("Says", "Value differs")
            if label == "Value differs" and n:
                box = QRectF(left - 6, y + 4, step - 12, high - 8)
                paint.box(painter, box, border=theme.ink, width=2, radius=2)
            made = font(role, SEMIBOLD if is_value else None)
            for m, line in enumerate(lines):
                paint.draw_text(painter, left, y + _PAD + 16 + m * line_height(role), line, made, theme.ink)
