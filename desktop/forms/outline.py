"""The facts of a form as text, before anything is drawn: what the design draws, plain text prints, and tests look for.

Each row knows its `lines` (plain text, one fact a line) and its `texts` (strings that must be found on the page).
"""

from __future__ import annotations

import msgspec

from desktop.forms.language import tr


class Text(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A paragraph. `mono` keeps the line breaks that were sent (report text, CLINICAL §4.1)."""

    text: str
    strong: bool = False
    mono: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))


class Pair(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something at the left and its value or time at the right; `note` below."""

    left: str
    right: str = ""
    note: str = ""
    strong: bool = False
    ruled: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(t for t in (self.left, self.right, self.note) if t)

    @property
    def lines(self) -> tuple[str, ...]:
        first = f"{self.left}: {self.right}" if self.right else self.left
        return (first, f"  {self.note}") if self.note else (first,)


class Medicine(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A medicine: `drug` and `dose` never break where a line can hold them (CLINICAL §5.2)."""

    drug: str
    dose: str
    detail: str = ""
    given: str = ""
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(t for t in (self.drug, self.dose, self.detail, self.given, *self.notes) if t)

    @property
    def lines(self) -> tuple[str, ...]:
        return (
            f"{self.drug}, {tr('DOSE')} {self.dose}",
            *(f"  {t}" for t in (self.detail, self.given, *self.notes) if t),
        )


class Note(msgspec.Struct, frozen=True):
    """A line under a result: `struck` is drawn with a line through it between `before` and `after`."""

    before: str
    struck: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        return " ".join(t for t in (self.before, self.struck, self.after) if t)


class Value(msgspec.Struct, frozen=True):
    """A value with its flag as sent (drawn with a triangle where it is H or L)."""

    text: str = ""
    flag: str = ""

    @property
    def line(self) -> str:
        return f"{self.text} {self.flag}".rstrip()


class Result(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A result: newest value, the one before it, range as sent, and what must stand beside it."""

    name: str
    now: Value = Value()
    before: Value = Value()
    range: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        found = (self.name, self.now.text, self.now.flag, self.before.text, self.before.flag, self.range)
        return tuple(t for t in (*found, *(p for n in self.notes for p in (n.before, n.struck, n.after))) if t)

    @property
    def lines(self) -> tuple[str, ...]:
        before = tr(", before {value}").format(value=self.before.line) if self.before.text else ""
        range_ = f" ({self.range})" if self.range else ""
        return (f"{self.name}: {self.now.line}{before}{range_}", *(f"  {n.text}" for n in self.notes))


class Heads(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The column heads of the results that follow: the two collection times."""

    now: str
    before: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(t for t in (self.now, self.before) if t)

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.now + (tr(", before {value}").format(value=self.before) if self.before else ""),)


class Grid(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A small table: `heads` of the columns after the first, `rows` of a name and one cell a column; a cell may hold
    several facts parted by line breaks."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(t for t in (*self.heads, *(t for row in self.rows for c in row for t in c.split("\n"))) if t)

    @property
    def lines(self) -> tuple[str, ...]:
        return (f"({'; '.join(self.heads)})", *(f"{row[0]}: {self._named(row)}" for row in self.rows))

    def _named(self, row: tuple[str, ...]) -> str:
        cells = zip(self.heads, row[1:], strict=True)
        return "; ".join(f"{head} {cell}" for head, cell in cells if cell).replace("\n", ", ")


Row = Text | Pair | Medicine | Result | Heads | Grid


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A headed part; `as_of` stands at the right of its head (LOOK §1.4); `side` 0 left, 1 right."""

    title: str
    as_of: str = ""
    rows: tuple[Row, ...] = ()
    side: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        return (*(t for t in (self.title, self.as_of) if t), *(t for row in self.rows for t in row.texts))


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a form says besides its frame: `boxes` stand alone across the page, above the sections; `phoned`
    the boxed block of unconfirmed results; `foot` a last line."""

    boxes: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    phoned: tuple[str, ...] = ()
    foot: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        boxes = tuple(t for box in self.boxes for t in box if t)
        foot = (self.foot,) if self.foot else ()
        return (*boxes, *(t for s in self.sections for t in s.texts), *self.phoned, *foot)
