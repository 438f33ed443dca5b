"""Paints one bed of the board: the row of look/02 (1366 px) and the short one of look/22 (125 %).

One painter call per row, no cells (STACK-desktop §3). Names wrap onto the second line and never shrink below the floor
of LOOK §3; only the reason, which the patient's screen shows whole, may end in `…`.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, metrics, width
from desktop.ward.marks import ALLERGY_MARKS, ALLERGY_TOKENS, Mark
from desktop.ward.rows import BedRow
from localdb.chart.matching import IN_HOSPITAL, SAME_WARD

# x of each column from the left of the row (LOOK look/02), for a row 590 px wide; the name takes what is left.
BED, NAME, RIGHT = 22, 62, 590
AGE, ALERTS, SCORE, TIME, WAITING = 312, 393, 473, 562, 586
SMALL_NAME, SMALL_BED = 46, 14
WRITTEN = Mark("ward wrote", "written here")


def name_lines(row: BedRow, room: float) -> list[tuple[str, str]]:
    """The name in one or two lines of (bold family, plain given), broken at a blank or hyphen only."""
    family = f"{row.family}, " if row.given else row.family
    if width(family, "body", BOLD) + width(row.given, "body") <= room:
        return [(family, row.given)]
    if width(family, "body", BOLD) <= room:
        return [(family.rstrip(), ""), ("", row.given)]
    first, rest = "", family
    pieces = family.replace("-", "-\0").replace(" ", " \0").split("\0")
    for n, piece in enumerate(pieces):
        if first and width(first + piece, "body", BOLD) > room:
            rest = "".join(pieces[n:])
            break
        first, rest = first + piece, ""
    return [(first.rstrip(), ""), (rest, row.given)]


def packed_name(row: BedRow, rooms: tuple[float, float, float]) -> list[tuple[str, str]]:
    """A name too long for two lines of 16 px, in three of 15 px (the floor of LOOK §3), each with its own room."""
    family = f"{row.family}, " if row.given else row.family
    pieces = [(p, True) for p in family.replace("-", "-\0").replace(" ", " \0").split("\0") if p]
    pieces += [(p, False) for p in row.given.replace(" ", " \0").split("\0") if p]
    lines: list[tuple[str, str]] = [("", "")]
    for piece, is_family in pieces:
        bold, plain = lines[-1]
        tried = (bold + piece, plain) if is_family else (bold, plain + piece)
        room = rooms[min(len(lines), 3) - 1]
        if (bold or plain) and width(tried[0], "label", BOLD) + width(tried[1].rstrip(), "label") > room:
            lines.append((piece, "") if is_family else ("", piece))
        else:
            lines[-1] = tried
    return lines


def name_is_whole(row: BedRow) -> bool:
    """Whether the short row shows every letter of the name; else the bar below repeats it whole."""
    room = 200.0
    return fits_two(name_lines(row, room), room) or len(packed_name(row, (room, room, room))) <= 3


def fits_two(lines: list[tuple[str, str]], room: float) -> bool:
    return all(width(bold, "body", BOLD) + width(plain, "body") <= room for bold, plain in lines)


def elided(text: str, role: str, room: float) -> str:
    return metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))


def chips_of(row: BedRow) -> list[tuple[str, str, str]]:
    """(words, kind, icon) of the chips on the second line."""
    chips = [("Same name", "strong", "same name")] if row.alike == SAME_WARD else []
    chips += [(row.chip, "filled", "isolation")] if row.chip else []
    return [*chips, ("Died", "strong", "")] if row.is_deceased else chips


def chips_fit(row: BedRow, room: float, *, icons: bool = True) -> bool:
    """Whether the chips have room behind the name; else their meaning stands as icons among the alerts."""
    lines = name_lines(row, room)
    if not fits_two(lines, room):
        return not chips_of(row)
    bold, plain = lines[-1] if len(lines) > 1 else ("", "")
    used = width(bold, "body", BOLD) + width(plain, "body") + (10 if len(lines) > 1 else 0)
    return used + sum(paint.chip_width(w, i if icons else None) + 8 for w, _, i in chips_of(row)) - 8 <= room


def marks_shown(row: BedRow, room: float = AGE - NAME - 10, *, icons: bool = True) -> list[tuple[Mark, str]]:
    """Every icon of a bed with its colour token: the allergy word first, what the ward wrote last."""
    shown = [(ALLERGY_MARKS[row.allergy], ALLERGY_TOKENS[row.allergy])]
    if not chips_fit(row, room, icons=icons):
        shown += [(Mark(icon or "unknown", words.lower()), "ink") for words, _, icon in chips_of(row)]
    shown += [(Mark("same name", row.alike.lower()), "ink2")] if row.alike == IN_HOSPITAL else []
    shown += [(m, "ink" if m.name == "resus" else "ink2") for m in row.marks]
    return [*shown, (WRITTEN, "pen")] if row.entries else shown


def _ground(painter: QPainter, area: QRectF, theme: Theme, *, chosen: bool, focused: bool) -> None:
    if chosen:
        painter.fillRect(area.adjusted(0, 0, 0, -1), theme.color("sel"))
        paint.upright(painter, area.left(), area.top(), area.bottom() - 1, theme.ink, 5)
    paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
    if focused:
        paint.box(painter, area.adjusted(0, 0, 0, -1), border=theme.ink, width=3, radius=0)


def _empty(painter: QPainter, area: QRectF, row: BedRow, theme: Theme, bed: float, name: float) -> None:
    baseline = area.top() + 28
    paint.draw_text(painter, area.left() + bed, baseline, row.bed, font("ident", MEDIUM), theme.ink3)
    used = paint.draw_text(painter, area.left() + name, baseline, row.note, font("body"), theme.ink3)
    start = area.left() + name + used + 18
    paint.hatch(painter, QRectF(start, area.top() + 8, area.right() - start, 27), theme.rule, step=7, width=1.2)


def _name(painter: QPainter, x: float, top: float, lines: list[tuple[str, str]], theme: Theme) -> float:
    """The name; x after its last line."""
    end = x
    for n, (family, given) in enumerate(lines[:2]):
        baseline = top + (18 if n == 0 else 38)
        end = x + paint.draw_text(painter, x, baseline, family, font("body", BOLD), theme.ink)
        end += paint.draw_text(painter, end, baseline, given, font("body"), theme.ink)
    return end


def _packed(painter: QPainter, x: float, top: float, lines: list[tuple[str, str]], theme: Theme) -> float:
    """Three lines of 15 px in one row; x after the last."""
    end = x
    for n, (bold, plain) in enumerate(lines[:3]):
        baseline = top + 13 + 14.3 * n
        end = x + paint.draw_text(painter, x, baseline, bold, font("label", BOLD), theme.ink)
        end += paint.draw_text(painter, end, baseline, plain, font("label"), theme.ink)
    if len(lines) > 3:
        end += paint.draw_text(painter, end, top + 13 + 14.3 * 2, "\u2026", font("label", BOLD), theme.ink)
    return end


def _chips(painter: QPainter, x: float, y: float, row: BedRow, theme: Theme, *, icons: bool = True) -> float:
    """Same name, isolation, died; x after them."""
    for words, kind, icon in chips_of(row):
        shown = icon if icons and icon else None
        x += paint.draw_chip(painter, x, y, words, theme, kind=kind, icon=shown, height=19) + 8
    return x


def _marks(painter: QPainter, x: float, top: float, row: BedRow, theme: Theme, room: float) -> None:
    """Up to three icons in a line; more stand in two lines, so that none is left out."""
    shown = marks_shown(row, room)
    if len(shown) <= 3:
        for n, (mark, token) in enumerate(shown):
            draw_icon(painter, mark.name, x + 27 * n, top + 12, 20, getattr(theme, token))
        return
    half = (len(shown) + 1) // 2
    for n, (mark, token) in enumerate(shown):
        draw_icon(painter, mark.name, x + 20 * (n % half), top + 3 + 20 * (n // half), 18, getattr(theme, token))


def paint_bed(
    painter: QPainter, area: QRectF, row: BedRow, theme: Theme, *, chosen: bool = False, focused: bool = False
) -> None:
    """The wide row (look/02)."""
    left, top, spare = area.left(), area.top(), area.width() - RIGHT
    _ground(painter, area, theme, chosen=chosen, focused=focused)
    if not row.patient:
        _empty(painter, area, row, theme, BED, NAME)
        return
    paint.draw_text(painter, left + BED, top + 29, row.bed, font("ident"), theme.ink)
    room = AGE + spare - NAME - 10
    lines = name_lines(row, room)
    if fits_two(lines, room):
        end = _name(painter, left + NAME, top, lines, theme)
        x = left + NAME if len(lines) == 1 else end + 10
        x = _chips(painter, x, top + 23, row, theme) if chips_fit(row, room) else x
    at = left + spare
    if not fits_two(lines, room):
        wide = room + ALERTS - AGE
        _packed(painter, left + NAME, top, packed_name(row, (wide, wide, room)), theme)
        paint.draw_text(painter, at + AGE, top + 41, row.age, font("label", MEDIUM), theme.ink)
    else:
        if left + NAME + room - x >= 60:
            reason = elided(row.reason, "label", left + NAME + room - x)
            paint.draw_text(painter, x, top + 38, reason, font("label"), theme.ink2)
        paint.draw_text(painter, at + AGE, top + 18, row.age, font("label", MEDIUM), theme.ink)
        paint.draw_text(painter, at + AGE, top + 38, elided(row.team, "label", 78), font("label"), theme.ink2)
    _marks(painter, at + ALERTS, top, row, theme, room)
    if row.score:
        _score(painter, QRectF(at + SCORE, top + 5, 35, 33), row, theme)
        _time(painter, at + TIME, top, row.score_at, theme)
    if row.waiting:
        paint.draw_text(painter, at + WAITING, top + 28, str(row.waiting), font("value", BOLD), theme.ink, right=True)


def _score(painter: QPainter, area: QRectF, row: BedRow, theme: Theme) -> None:
    """The total as sent; where a parameter of its set is missing, in words that it is not whole (H22)."""
    if row.is_score_whole:
        paint.draw_score(painter, area, row.score, theme)
        return
    for n, word in enumerate(("not", "whole")):
        paint.draw_text(painter, area.left() - 2, area.top() + 13 + 18 * n, word, font("label", SEMIBOLD), theme.ink)


def _time(painter: QPainter, right: float, top: float, text: str, theme: Theme) -> None:
    """A time of today on one line; of another day under its day (LOOK §6)."""
    day, _, clock = text.rpartition(" ")
    if not day:
        paint.draw_text(painter, right, top + 28, clock, font("label"), theme.ink2, right=True)
        return
    paint.draw_text(painter, right, top + 19, day, font("label"), theme.ink2, right=True)
    paint.draw_text(painter, right, top + 37, clock, font("label"), theme.ink2, right=True)


def paint_small_bed(
    painter: QPainter, area: QRectF, row: BedRow, theme: Theme, *, chosen: bool = False, focused: bool = False
) -> None:
    """The short row (look/22): bed, name, age and alerts below it, NEWS2, waiting; the reason stands in the bar."""
    left, top, right = area.left(), area.top(), area.right()
    _ground(painter, area, theme, chosen=chosen, focused=focused)
    if not row.patient:
        _empty(painter, area, row, theme, SMALL_BED, SMALL_NAME)
        return
    paint.draw_text(painter, left + SMALL_BED, top + 29, row.bed, font("body", SEMIBOLD), theme.ink)
    room = area.width() - SMALL_NAME - 74
    lines = name_lines(row, room)
    if fits_two(lines, room):
        end = _name(painter, left + SMALL_NAME, top, lines, theme)
        x = end + 10 if len(lines) > 1 else left + SMALL_NAME
    else:
        x = _packed(painter, left + SMALL_NAME, top, packed_name(row, (room, room, room)), theme) + 10
    x += paint.draw_text(painter, x, top + 38, row.age, font("label"), theme.ink2) + 9
    shown = marks_shown(row, 10_000)
    chips = sum(paint.chip_width(words) + 8 for words, _, _ in chips_of(row))
    fits = x + 21 * len(shown) + 3 + chips <= right - 4
    if not fits:
        shown += [(Mark(icon or "unknown", words.lower()), "ink") for words, _, icon in chips_of(row)]
    for mark, token in shown:
        draw_icon(painter, mark.name, x, top + 24, 17, getattr(theme, token))
        x += 21
    if fits:
        _chips(painter, x + 3, top + 23, row, theme, icons=False)
    if row.score:
        _score(painter, QRectF(right - 68, top + 5, 36, 33), row, theme)
    if row.waiting:
        paint.draw_text(painter, right - 6, top + 28, str(row.waiting), font("value", BOLD), theme.ink, right=True)


def column_heads(painter: QPainter, area: QRectF, theme: Theme, *, small: bool) -> None:
    """The heads of one column of beds, with 1.5 px of ink below."""
    made, ink, baseline = font("label"), theme.ink2, area.bottom() - 9
    left, spare, right = area.left(), area.width() - RIGHT, area.right()
    if small:
        heads = ((SMALL_BED - 4, "Bed"), (SMALL_NAME, "Name, age, alerts"), (area.width() - 78, "NEWS2"))
        icon = right - 18
    else:
        score = spare + SCORE - 4
        heads = ((BED - 3, "Bed"), (NAME, "Name, reason here"), (spare + AGE, "Age, team"), (spare + ALERTS, "Alerts"))
        heads = (*heads, (score, "NEWS2"))
        icon = left + spare + WAITING - 14
    for x, words in heads:
        paint.draw_text(painter, left + x, baseline, words, made, ink)
    draw_icon(painter, "waiting", icon, baseline - 13, 16, ink)
    paint.hairline(painter, left, area.bottom() - 1.5, right, theme.ink, 1.5)


def key_width(entry: tuple[str, str]) -> float:
    return 20 + QFontMetricsF(font("label")).horizontalAdvance(entry[1])
