"""What is written by hand: labelled lines, tick boxes, ruled rows (CLINICAL §6)."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.forms.blocks import Block, Draw, Strip
from desktop.forms.language import tr
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Style, glued, width, wrap

LABEL, VALUE, HEAD = Style("regular", 8.5), Style("semibold", 10), Style("semibold", 11)
WRITING = 8 * MM  # between two lines that are written on
DATE, TIME = "__-___-____", "__:__"
_MOST_ROWS = 8  # lines of a field that stand in one piece
_TICK, _LEADING = Style("regular", 9.5), 12.0


@dataclass(frozen=True, slots=True)
class Field:
    """A label, a share of the width, and what is known already; `ticks` are boxes with words behind them; `ticked` those
    that are crossed already; `ruled` = a line to write on follows. Label and ticks in English: they are translated
    here."""

    label: str
    share: float
    value: str = ""
    ticks: tuple[str, ...] = ()
    ruled: bool = True
    ticked: frozenset[str] = frozenset()


def fields(wide: float, row: list[Field], height: float = 17) -> Block:
    """One row of fields. A known value wraps within its share; tick boxes that do not fit beside each other go on below;
    the row grows with them. A label that is wider than half of its share gets a line of its own."""
    wides = [wide * field.share for field in row]
    if any(_least(field) > room for field, room in zip(row, wides, strict=True)):
        return _packed(wide, row, height)
    made = [_made(field, room) for field, room in zip(row, wides, strict=True)]
    return Block(_row_strips(made, height))


def _row_strips(made: list[_Made], height: float) -> tuple[Strip, ...]:
    """One strip; of very long values one for each line, so that they can go on to another page."""
    count = max(1, *(m.rows for m in made))
    if count > _MOST_ROWS:
        first = Strip(height, _lines_of(made, 0, height))
        return (first, *(Strip(_LEADING, _lines_of(made, n, _LEADING)) for n in range(1, count)))

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for field in made:
            field.draw(sheet, x, y + height - 4.5)
            x += field.wide

    return (Strip(height + (count - 1) * _LEADING, draw),)


def _lines_of(made: list[_Made], n: int, height: float) -> Draw:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        for field in made:
            field.draw_line(sheet, x, y + height - 4.5, n)
            x += field.wide

    return draw


def _least(field: Field) -> float:
    """What a field with tick boxes needs to stand whole: its label and its widest box."""
    if not field.ticks:
        return 0
    label = width(tr(field.label), LABEL) if field.label else 0
    return label + 16.5 + max(width(tr(name), _TICK) for name in field.ticks)


def _packed(wide: float, row: list[Field], height: float) -> Block:
    """Fields whose boxes do not fit their shares (a longer language): as many beside each other as need allows, each with
    what it needs and its part of the rest, the others below."""
    needs = [max(_least(f), (width(tr(f.label), LABEL) if f.label else 0) + 50) for f in row]
    rows: list[list[int]] = [[]]
    for n, need in enumerate(needs):
        if rows[-1] and sum(needs[k] for k in rows[-1]) + need > wide:
            rows.append([])
        rows[-1].append(n)
    strips = []
    for found in rows:
        free = max(0.0, wide - sum(needs[n] for n in found))
        shares = sum(row[n].share for n in found) or 1
        made = [_made(row[n], min(wide, needs[n] + free * row[n].share / shares)) for n in found]
        strips += _row_strips(made, height)
    return Block(tuple(strips))


@dataclass(frozen=True, slots=True)
class _Made:
    """A field laid out in its share."""

    label: tuple[Line, ...]
    value: tuple[Line, ...]
    ticks: tuple[tuple[tuple[str, bool], ...], ...]
    wide: float
    ruled: bool

    @property
    def start(self) -> float:
        """Where values, ticks and the line begin: behind the label's last line."""
        return (self.label[-1].width if self.label else 0) + 5

    @property
    def rows(self) -> int:
        return len(self.label) + max(1, len(self.value), len(self.ticks)) - (1 if self.label else 0)

    def draw(self, sheet: Sheet, x: float, low: float) -> None:
        for n, line in enumerate(self.label):
            sheet.text(x, low + n * _LEADING, line.spans)
        low += max(0, len(self.label) - 1) * _LEADING
        at = x + self.start
        for n, line in enumerate(self.value):
            sheet.text(at, low + n * _LEADING, line.spans)
        for n, names in enumerate(self.ticks):
            at = self._draw_ticks(sheet, x, low + n * _LEADING, names)
        if self.ruled and not self.value and at < x + self.wide - 16:
            sheet.line(at, low + 1.5, x + self.wide - 8, low + 1.5)

    def _draw_ticks(self, sheet: Sheet, x: float, low: float, names: tuple[tuple[str, bool], ...]) -> float:
        at = x + self.start
        for name, crossed in names:
            sheet.box(at, low - 7.5, 8.5, 8.5, 0.75)
            if crossed:
                sheet.text(at + 1.4, low - 0.4, "X", Style("bold", 9))
            at = sheet.text(at + 11.5, low, name, _TICK) + 9
        return at

    def draw_line(self, sheet: Sheet, x: float, low: float, n: int) -> None:
        """The n-th line of it alone, from 0."""
        if n < len(self.label):
            sheet.text(x, low, self.label[n].spans)
        k, at = n - max(0, len(self.label) - 1), x + self.start
        if 0 <= k < len(self.value):
            sheet.text(at, low, self.value[k].spans)
        if 0 <= k < len(self.ticks):
            at = self._draw_ticks(sheet, x, low, self.ticks[k])
        if k == 0 and self.ruled and not self.value and at < x + self.wide - 16:
            sheet.line(at, low + 1.5, x + self.wide - 8, low + 1.5)


def _made(field: Field, share: float) -> _Made:
    words = tr(field.label)
    label = [Line(((words, LABEL),), width(words, LABEL))] if words else []
    if words and label[0].width > share - 8:
        label = wrap([(glued(words), LABEL)], share - 8)
    names = [(tr(name), name in field.ticked) for name in field.ticks]
    if label and names and label[-1].width + 5 + 11.5 + max(width(name, _TICK) for name, _ in names) > share:
        label = [*label, Line((), 0)]  # a box stands whole beside its label, else below it
    start = (label[-1].width if label else 0) + 5
    value: list[Line] = []
    if field.value:
        # Beside its label, unless a word of it needs more room than is left there.
        words = max(width(word, VALUE) for word in glued(field.value).split())
        room = share - start - 7
        if words > room and label:
            label = [*label, Line((), 0)]
            room = share - 12
        value = wrap([(glued(field.value), VALUE)], room)
    rows: list[list[tuple[str, bool]]] = []
    used = 0.0
    for name, crossed in names:
        needs = 11.5 + width(name, _TICK) + 9
        if not rows or (used + needs - 9 > share - start and rows[-1]):
            rows.append([])
            used = 0.0
        rows[-1].append((name, crossed))
        used += needs
    return _Made(tuple(label), tuple(value), tuple(tuple(r) for r in rows), share, field.ruled)


def ticks(
    wide: float, names: tuple[str, ...], columns: int, height: float = 15, ticked: frozenset[str] = frozenset()
) -> Block:
    """Tick boxes in at most that many columns, essential ones first; fewer where a word would run into the next one;
    `ticked` are crossed already (a cross survives a fax)."""
    widest = max(width(tr(name), Style("medium", 10)) for name in names) + 17
    columns = max(1, min(columns, int(wide / widest)))
    rows = [names[n : n + columns] for n in range(0, len(names), columns)]

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, row in enumerate(rows):
            for k, name in enumerate(row):
                at, low = x + wide * k / columns, y + n * height + height - 4.5
                sheet.box(at, low - 8, 9, 9, 0.9)
                if name in ticked:
                    sheet.text(at + 1.6, low - 0.4, "X", Style("bold", 9))
                sheet.text(at + 13, low, tr(name), Style("medium", 10))

    return Block((Strip(len(rows) * height, draw),))


def banner(wide: float, text: str) -> Block:
    """White on black across the form: a warning that may not be overlooked."""
    lines = wrap([(glued(tr(text)), Style("bold", 9.5))], wide - 12)
    high = 1 + 12 * len(lines)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, 0.5, filled=True)
        for n, line in enumerate(lines):
            sheet.text(x + wide / 2, y + 9.8 + 12 * n, line.spans, align="centre", white=True)

    return Block((Strip(high + 3, draw),))


def space(height: float) -> Block:
    return Block((Strip(height, lambda sheet, x, y: None),))


def heading(wide: float, text: str) -> Block:
    """The head of a part of a form, over an ink line; never the last thing of a page."""
    lines = wrap([(tr(text), HEAD)], wide)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, line in enumerate(lines):
            sheet.text(x, y + 15 + n * 14, line.spans)
        sheet.line(x, y + high - 3, x + wide, y + high - 3, 1.0)

    high = 8 + len(lines) * 14
    return Block((Strip(high, draw),), tied=True)


def writing(wide: float, label: str, lines: int, pitch: float = WRITING) -> Block:
    """A label and `lines` ruled lines to write on; it may go on to the next page between them."""

    def first(sheet: Sheet, x: float, y: float) -> None:
        end = sheet.text(x, y + pitch - 4, tr(label), LABEL) if label else x
        sheet.line(end + (5 if label else 0), y + pitch - 2.5, x + wide, y + pitch - 2.5)

    def more(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y + pitch - 2.5, x + wide, y + pitch - 2.5)

    return Block((Strip(pitch, first), *(Strip(pitch, more) for _ in range(lines - 1))))


def author(wide: float, *, registration: bool = True, height: float = 17) -> Block:
    """Who writes: name, role, registration number, bleep, signature, date and time (CLINICAL §6, common frame)."""
    row = [Field("Name", 0.3), Field("Role", 0.2)]
    row += [Field("Registration no.", 0.28), Field("Bleep", 0.22)] if registration else [Field("Bleep", 0.5)]
    signed = [Field("Signature", 0.55), Field(f"Date  {DATE}   Time  {TIME}", 0.45, ruled=False)]
    upper, lower = fields(wide, row, height), fields(wide, signed, height)
    return Block((*upper.strips, *lower.strips))
