"""Lines of the summary: chips, a result, a medicine, vital signs, a score. Each as sent; nothing is cut or reckoned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import Boxed, fold
from desktop.patient.words import cell_word, day, mark_word, often_words, short, spoken_cell, struck_text
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, width
from localdb.chart.cells import VALUE
from localdb.chart.grid import Latest
from localdb.records.vocabulary import Medicine


class Chips:
    """The alerts in a row, wrapped. Filled only for isolation (LOOK §6)."""

    def __init__(self, chips: Sequence[tuple[str, str | None, str]]) -> None:
        self._chips = tuple(chips)
        self.words = "Alerts: " + "; ".join(text for text, _, _ in chips)

    def _rows(self, room: float) -> list[list[tuple[float, list[str], str | None, str]]]:
        """Each chip in the first row that has room for it, so that few rows hold them all."""
        rows: list[list[tuple[float, list[str], str | None, str]]] = []
        used: list[float] = []
        for text, icon, kind in self._chips:
            lines = fold(text, "label", room - 40, SEMIBOLD)
            need = max(paint.chip_width(line, icon) for line in lines)
            at = next((n for n, x in enumerate(used) if x + need <= room), len(rows))
            if at == len(rows):
                rows.append([])
                used.append(0.0)
            rows[at].append((used[at], lines, icon, kind))
            used[at] += need + 8
        return rows

    def height(self, width: float) -> float:
        return sum(self._high(row) + 6 for row in self._rows(width) if row) + 2

    @staticmethod
    def _high(row: list[tuple[float, list[str], str | None, str]]) -> int:
        """A chip of several lines is a box, which has more air than a chip."""
        most = max(len(lines) for _, lines, _, _ in row)
        return most * 21 + (5 if most == 1 else 17)

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for row in self._rows(width):
            high = self._high(row)
            for left, lines, icon, kind in row:
                if len(lines) == 1:
                    paint.draw_chip(painter, x + left, y, lines[0], theme, kind=kind, icon=icon, height=26)
                else:
                    Boxed([(line, True) for line in lines], "plain", icon).draw(painter, x + left, y - 2, width, theme)
            y += high + 6


class ResultLine:
    """One analyte: name, latest with flag, the one before with flag, when it was taken; a correction below."""

    def __init__(self, found: Latest, now: datetime, today: str) -> None:
        self._found, self._now, self._today = found, now, today
        self.words = spoken_cell(found.name, found.cell, now)
        for comment in found.cell.comments:
            if comment not in self.words:
                self.words += f", {comment}"
        if found.before:
            self.words += f", before: {found.before.text}"

    def _name(self) -> str:
        cell = self._found.cell
        return self._found.name + (f", {cell.mark.lower()}" if cell.mark in ("PRELIM", "UNVERIFIED") else "")

    def _below(self) -> list[tuple[str, str]]:
        """Lines below: (text, struck value). What the laboratory said beside the value stands beside it (L6)."""
        cell = self._found.cell
        if cell.state != VALUE:
            return [(f"{cell_word(cell, self._now)}: {cell.reason}".rstrip(": "), "")]
        lines = [(cell.caution, "")] if cell.caution else []
        if cell.struck:
            lines = [(f"{mark_word(cell, self._now)}, was", struck_text(cell)), *lines]
        elif cell.mark in ("CORRECTED", "CHANGED"):
            lines = [(f"{mark_word(cell, self._now)}, former value not held", ""), *lines]
        return [*lines, *((comment, "") for comment in cell.comments)]

    def _lines(self, room: float) -> tuple[list[str], list[str]]:
        names = fold(self._name(), "body", room * 0.32, MEDIUM if self._found.cell.flag else None)
        text = self._found.cell.text
        long = [] if width(text, "value", BOLD) < room * 0.2 else fold(text, "label", room, MEDIUM)
        return names, long

    def height(self, width: float) -> float:
        names, long = self._lines(width)
        below = sum(len(fold(f"{a} {b}", "label", width, SEMIBOLD)) for a, b in self._below())
        return len(names) * 22 + (len(long) + below) * 21 + 6

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        cell, before = self._found.cell, self._found.before
        names, long = self._lines(width)
        baseline = y + 20.0
        if cell.state == VALUE and not long:
            made = font("value", BOLD if cell.flag else MEDIUM)
            paint.draw_text(painter, x + width * 0.41, baseline, cell.text, made, theme.ink, right=True)
            paint.draw_flag(painter, x + width * 0.41 + 10, baseline, cell.flag, theme)
        if before is not None and len(before.text) <= 8:
            made = font("body")
            paint.draw_text(painter, x + width * 0.66, baseline, before.text, made, theme.ink2, right=True)
            paint.draw_text(painter, x + width * 0.66 + 8, baseline, before.flag, font("label"), theme.ink2)
        when = cell.when
        taken = short(when, self._now, missing="no time")
        if self._today and when is not None and day(when, self._now) == self._today and when.has_time:
            taken = taken.split(" ")[-1] if " " in taken else taken
        paint.draw_text(painter, x + width, baseline, taken, font("label"), theme.ink2, right=True)
        for line in names:
            paint.draw_text(painter, x, baseline, line, font("body", MEDIUM if cell.flag else None), theme.ink)
            baseline += 22
        for line in long:
            paint.draw_text(painter, x, baseline, line, font("label", MEDIUM), theme.ink)
            baseline += 21
        for text, struck in self._below():
            lines = fold(f"{text} {struck}".strip(), "label", width, SEMIBOLD)
            if struck and len(lines) == 1:
                at = x + paint.draw_text(painter, x, baseline, text, font("label", SEMIBOLD), theme.ink) + 7
                paint.draw_struck(painter, at, baseline, struck, font("label"), theme.ink2)
                baseline += 21
                continue
            for line in lines:
                paint.draw_text(painter, x, baseline, line, font("label", SEMIBOLD), theme.ink)
                baseline += 21
        paint.hairline(painter, x, y + self.height(width) - 1, x + width, theme.rule2)


class ResultHead:
    """latest, before, taken: the columns of the key results."""

    def __init__(self, today: str) -> None:
        self._taken, self.words = f"taken {today}".strip(), ""

    def height(self, width: float) -> float:
        return 24

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for text, share in (("latest", 0.41), ("before", 0.66), (self._taken, 1.0)):
            paint.draw_text(painter, x + share * width, y + 18, text, font("label"), theme.ink2, right=True)


_DAILY = re.compile(r"(once|twice|(?:three|four|five|six|[2-9]) times) (?:a|per) day, ((?:[0-2]\d:[0-5]\d(?:, )?)+)")
_COUNTS = {"once": 1, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def times_alone(often: str) -> str:
    """`08:00, 20:00` of `twice a day, 08:00, 20:00`, where the times say all that the words say; else nothing."""
    found = _DAILY.fullmatch(often)
    if found is None:
        return ""
    word, times = found[1].split(" ")[0], found[2].split(", ")
    return found[2] if len(times) == int(_COUNTS.get(word) or word) else ""


class MedicineLine:
    """Drug and dose, heavy; below them route, when it was last given or NO RECORD, and when it is due as sent or how
    often. Nothing is cut."""

    def __init__(self, item: Medicine, now: datetime, due: str = "", *, is_late: bool = False) -> None:
        """`due` in the words of `chart/medicines.py`; `is_late`: it passed and nobody knows whether it was given."""
        self._item, self._due, self._is_late = item, due, is_late
        self._given = short(item.last_given, now) if item.last_given else ""
        given = f"last given {self._given}" if self._given else "last given: NO RECORD"
        self.words = ", ".join(x for x in (item.text, item.dose, item.route, given, self._often()) if x)

    def _often(self) -> str:
        return self._due or often_words(self._item)

    def _lines(self, room: float) -> tuple[list[str], list[str], list[str]]:
        item = self._item
        dose = fold(item.dose or "dose not sent", "body", room * 0.45, SEMIBOLD)
        wide = max(width(line, "body", SEMIBOLD) for line in dose)
        names = fold(item.text or "name not sent", "body", room - wide - 16, SEMIBOLD)
        often = fold(self._often(), "label", room * 0.40)
        if len(often) > 1 and (times := times_alone(self._often())):
            often = fold(times, "label", room * 0.40)
        return names, dose, often

    def height(self, width: float) -> float:
        names, dose, often = self._lines(width)
        return max(len(names), len(dose)) * 22 + max(1, len(often)) * 21 + 8

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        names, dose, often = self._lines(width)
        for n, line in enumerate(names):
            paint.draw_text(painter, x, y + 19 + 22 * n, line, font("body", SEMIBOLD), theme.ink)
        for n, line in enumerate(dose):
            paint.draw_text(painter, x + width, y + 19 + 22 * n, line, font("body", SEMIBOLD), theme.ink, right=True)
        baseline = y + 19 + 22 * max(len(names), len(dose))
        paint.draw_text(painter, x, baseline, self._item.route or "route not sent", font("label"), theme.ink2)
        at = x + width * 0.29
        if self._given:
            paint.draw_text(painter, at, baseline, self._given, font("label", SEMIBOLD), theme.ink)
        else:
            paint.draw_chip(painter, at - 8, baseline - 16, "NO RECORD", theme, kind="strong", height=21)
        for n, line in enumerate(often):
            made = font("label", SEMIBOLD if self._is_late else None)
            token = theme.ink if self._is_late else theme.ink2
            paint.draw_text(painter, x + width, baseline + 21 * n, line, made, token, right=True)
        paint.hairline(painter, x, y + self.height(width) - 1, x + width, theme.rule)


class Vitals:
    """The latest reading of each vital sign in a row of cells, each with its own time where the times differ."""

    def __init__(self, cells: Sequence[tuple[str, str, str, str]]) -> None:
        """`cells`: (label, value, unit, note)."""
        self._cells = tuple(cells)
        self.words = ", ".join(f"{a} {b} {c} {d}".strip() for a, b, c, d in cells)

    def _grid(self, room: float) -> tuple[int, float]:
        widest = max((self._need(c) for c in self._cells), default=80)
        count = max(1, min(4, int(room // (widest + 8))))
        return count, room / count

    @staticmethod
    def _need(cell: tuple[str, str, str, str]) -> float:
        label, value, unit, note = cell
        return max(
            width(label, "label"), width(value, "value", SEMIBOLD) + 5 + width(unit, "label"), width(note, "label")
        )

    def _tall(self) -> float:
        return 72 if any(note for *_, note in self._cells) else 50

    def height(self, width: float) -> float:
        count, _ = self._grid(width)
        return -(-len(self._cells) // count) * self._tall() + 4

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        count, step = self._grid(width)
        for n, (label, value, unit, note) in enumerate(self._cells):
            left, top = x + (n % count) * step, y + (n // count) * self._tall()
            paint.draw_text(painter, left, top + 17, label, font("label"), theme.ink2)
            used = paint.draw_text(painter, left, top + 38, value, font("value", SEMIBOLD), theme.ink)
            paint.draw_text(painter, left + used + 5, top + 38, unit, font("label"), theme.ink2)
            paint.draw_text(painter, left, top + 58, note, font("label"), theme.ink2)


class Score:
    """NEWS2 as the source sent it, with those before: never reckoned (DESIGN D7)."""

    def __init__(self, score: str, lines: Sequence[tuple[str, bool]]) -> None:
        self._score, self._lines = score, tuple(lines)
        self._edge = 84 if len(score) <= 3 else 132  # room for INCOMPLETE (H22)
        self.words = f"NEWS2 {score}, " + ", ".join(t for t, _ in lines)

    def _folded(self, room: float) -> list[tuple[str, bool]]:
        return [
            (line, heavy)
            for text, heavy in self._lines
            for line in fold(text, "label", room - self._edge - 16, SEMIBOLD)
        ]

    def height(self, width: float) -> float:
        return max(72, 8 + len(self._folded(width)) * 21) + 8

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        area = QRectF(x, y + 4, self._edge, 66)
        number = int(self._score) if self._score.isascii() and self._score.isdigit() else -1
        ink = theme.paper if number >= 7 else theme.ink
        line = 2.5 if number >= 5 else 1
        paint.box(painter, area, fill=theme.ink if number >= 7 else theme.panel, border=theme.ink, width=line)
        role = "score" if len(self._score) <= 3 else "label"
        told = [self._score] if role == "score" else fold(self._score.replace(" (", "\n("), role, self._edge - 8, BOLD)
        first = y + 40 if len(told) == 1 else y + 22
        for n, text in enumerate(told):
            half = (self._edge - _wide(text, role)) / 2
            paint.draw_text(painter, x + half, first + 19 * n, text, font(role, BOLD), ink)
        name = (self._edge - _wide("NEWS2", "label")) / 2
        paint.draw_text(painter, x + name, y + 62, "NEWS2", font("label", SEMIBOLD), ink)
        for n, (text, heavy) in enumerate(self._folded(width)):
            made = font("label", SEMIBOLD if heavy else None)
            paint.draw_text(
                painter, x + self._edge + 16, y + 20 + 21 * n, text, made, theme.ink if heavy else theme.ink2
            )


def _wide(text: str, role: str) -> float:
    return width(text, role, BOLD)
