"""Charts with a column a time: what the copy holds at the left, then a thick line, then empty columns to write in.

F15 and F17 are made of it (CLINICAL §2.3, §2.4). Rows stand in groups under a name; a row may carry the points of a band:
its digit stands in every cell and its hatching is the denser the more points, so that no colour is needed and a
photocopy of a photocopy still tells (LOOK §9). A value that does not fit into its column becomes a letter in brackets,
and the whole of it stands in the notes: nothing is cut (H13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from desktop.forms import outline as o
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.type import Style, width
from localdb.chart import wording
from localdb.records.moments import Moment

DIGIT = Style("regular", 8)
VALUE, TOP = Style("semibold", 10), Style("semibold", 8.5)
PAPER = "PAPER STARTS HERE"
DIGIT_ROOM = 6.6
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `label` of its band or what is written there, `points` 0-3 of a band (None: none), `height` in points
    (0: a share of what is left), `cells` of the columns from the copy (a second line is smaller), `ring` what is printed
    in each empty cell to be ringed, `is_top` a row of dates and times, `is_closed` nothing may be written in it."""

    label: str = ""
    points: int | None = None
    height: float = 0
    cells: tuple[str, ...] = ()
    ring: str = ""
    is_top: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one name; `hint` smaller below it; `is_one` = one value of a column stands in one of the rows. All
    words in the language of the sheet."""

    name: str
    rows: tuple[Row, ...]
    hint: str = ""
    is_one: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """How wide things are: the two columns at the left; how many columns of time stand on a side; how high a row that
    shares what is left may become."""

    name: float = 68
    label: float = 49
    columns: int = 13
    most: float = 24

    def column(self, wide: float) -> float:
        return (wide - self.name - self.label) / self.columns

    def room(self, wide: float, points: int | None = None) -> float:
        """What a value may be wide."""
        return self.column(wide) - 2 - (DIGIT_ROOM if points is not None else 0)


@dataclass(slots=True)
class Notes:
    """What did not fit into a column, by its letter: `a`, `b` … `z`, `aa`."""

    texts: list[str] = field(default_factory=list)

    def mark(self, text: str) -> str:
        """`(a)`, for a text that is kept here; equal texts share a letter."""
        if text not in self.texts:
            self.texts.append(text)
        return f"({self._letter(self.texts.index(text))})"

    @staticmethod
    def _letter(n: int) -> str:
        return chr(97 + n) if n < 26 else chr(97 + n // 26 - 1) + chr(97 + n % 26)

    def rows(self) -> tuple[o.Row, ...]:
        return tuple(o.Text(text=f"({self._letter(n)}) {text}") for n, text in enumerate(self.texts))

    def fitted(self, value: str, room: float, whole: str) -> str:
        """`value` where it fits, else a mark for `whole`."""
        return value if width(value, VALUE) <= room else self.mark(whole)


@dataclass(frozen=True, slots=True)
class Top:
    """Date, time and zone of a column from the copy."""

    date: str
    time: str
    zone: str = ""


def top_of(model: FormModel, moment: Moment | None, notes: Notes) -> Top:
    """`24-Nov`, `01:30`, and BST or GMT on a night when the clocks change (CLINICAL §7.2)."""
    whole = wording.date_time(moment, model.site.zone, missing=tr("time not recorded"))
    if moment is None or moment.instant is None or not moment.has_time:
        return Top(notes.mark(whole), "")
    day = wording.date(moment, model.site.zone).rsplit("-", 1)[0]
    clock, _, zone = wording.time(moment, model.site.zone).partition(" ")
    return Top(day, clock, zone.replace(" or ", "\nor "))


def names_zone(model: FormModel) -> bool:
    """Whether a clock change lies within 24 hours of the print: then each time says its zone."""
    return " " in wording.clock(model.printed_at, model.site.zone)


def zone_ring(model: FormModel) -> str:
    """The two zones of a night of change, each on a line, to be ringed."""
    letters = {
        wording.clock(model.printed_at + step, model.site.zone).partition(" ")[2]
        or (model.printed_at + step).strftime("%Z")
        for step in (-timedelta(hours=23), timedelta(), timedelta(hours=23))
    }
    return "\n".join(sorted(letters))


def when_groups(model: FormModel, tops: Sequence[Top]) -> tuple[Group, ...]:
    """Date and time of each column, and the zone on a night of change."""
    rows = [
        Row(tr("Date"), height=16, cells=tuple(t.date for t in tops), is_top=True),
        Row(tr("Time, 24 h"), height=16, cells=tuple(t.time for t in tops)),
    ]
    if names_zone(model):
        rows.append(Row(tr("Zone: ring"), height=21, cells=tuple(t.zone for t in tops), ring=zone_ring(model)))
    return (Group("", tuple(rows)),)


def sides(copied: int, shape: Shape, least: int) -> int:
    """How many sides hold `copied` columns and at least `least` empty ones."""
    return max(1, -(-(copied + least) // shape.columns))


def said(groups: Sequence[Group], tops: Sequence[Top]) -> tuple[o.Row, ...]:
    """The same in words: what stands at the left, then a table of the columns from the copy."""
    rows: list[o.Row] = []
    for group in groups:
        rows += [o.Pair(left=t) for t in (group.name, group.hint) if t]
        rows += [o.Pair(left=r.label) for r in group.rows if r.label]
    if not tops:
        return tuple(rows)
    heads = tuple(" ".join((t.date, t.time, *t.zone.split("\n"))).strip() for t in tops)
    cells: list[tuple[str, ...]] = []
    for group in groups:
        if group.is_one and group.name:
            found = tuple(
                next((r.cells[n] for r in group.rows if n < len(r.cells) and r.cells[n]), "") for n in range(len(tops))
            )
            cells += [(group.name, *found)] if any(found) else []
        else:
            cells += [
                (f"{group.name} {r.label}".strip(), *(r.cells[n] if n < len(r.cells) else "" for n in range(len(tops))))
                for r in group.rows
                if any(r.cells)
            ]
    return (*rows, o.Grid(heads=heads, rows=tuple(cells)))
