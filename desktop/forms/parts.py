"""What a form is written down as: parts from the top of the page to its end (CLINICAL §6, "field order as written").

A form module gives `parts(model)`; from that one list come the facts (`outline`: plain text, tests) and the pages
(`design`). A part that draws something of its own is an `Own` with the rows that say the same in words.

    def parts(model: FormModel) -> list[Part]:
        return [Fields(Field("Location", 0.5, ward), Field("Bleep", 0.5)), Writing("Clinical detail", 3), Author()]

    FORM = form_of(parts, code="F21", title="Referral", takes="patient", use="…", parts_for=("specialty", "notes"))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from desktop.forms import blanks, flow
from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.blocks import Block, row_blocks, section_head
from desktop.forms.frame import A4, A4_LANDSCAPE, Frame
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.tables import WRITING, Cell, Column, table


class Fields:
    """One row of labelled fields; their shares sum to 1 at most."""

    def __init__(self, *row: Field, height: float = 17) -> None:
        self.row, self.height = row, height

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.fields(area.width, list(self.row), self.height)]

    def rows(self) -> list[o.Row]:
        return [row for f in self.row for row in _field_rows(f)]


def _field_rows(f: Field) -> list[o.Row]:
    out: list[o.Row] = [o.Pair(left=tr(f.label), right=f.value)] if f.label or f.value else []
    return [*out, *(o.Pair(left=tr(t), right="X" if t in f.ticked else "") for t in f.ticks)]


@dataclass(frozen=True, slots=True)
class Ticks:
    """Tick boxes in columns; `ticked` are crossed."""

    names: tuple[str, ...]
    columns: int
    height: float = 15
    ticked: frozenset[str] = frozenset()

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.ticks(area.width, self.names, self.columns, self.height, self.ticked)]

    def rows(self) -> list[o.Row]:
        return [o.Pair(left=tr(n), right="X" if n in self.ticked else "") for n in self.names]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.heading(area.width, self.text)]

    def rows(self) -> list[o.Row]:
        return [o.Text(text=tr(self.text), strong=True)]


@dataclass(frozen=True, slots=True)
class Writing:
    """A label and ruled lines."""

    label: str
    lines: int
    pitch: float = WRITING

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.writing(area.width, self.label, self.lines, self.pitch)]

    def rows(self) -> list[o.Row]:
        return [o.Pair(left=tr(self.label))] if self.label else []


@dataclass(frozen=True, slots=True)
class Banner:
    """White on black: a warning that may not be overlooked. One line."""

    text: str

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.banner(area.width, self.text)]

    def rows(self) -> list[o.Row]:
        return [o.Text(text=tr(self.text), strong=True)]


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes and signs (CLINICAL §6, common frame)."""

    registration: bool = True

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.author(area.width, registration=self.registration)]

    def rows(self) -> list[o.Row]:
        names = ("Name", "Role", *(("Registration no.",) if self.registration else ()), "Bleep", "Signature")
        return [o.Pair(left=tr(n)) for n in names]


@dataclass(frozen=True, slots=True)
class Space:
    height: float

    def drawn(self, area: Area) -> list[flow.Part]:
        return [blanks.space(self.height)]

    def rows(self) -> list[o.Row]:
        return []


@dataclass(frozen=True, slots=True)
class Ruled:
    """A table: `filled` rows as they are, then `blank` empty ones; with `fills` as many more as the page has room for
    (at least `blank`). `empty` = what stands in each empty row (words to circle). A row in one piece takes `most` of a
    page, then it goes on below itself: a table of one endless note stays a table."""

    columns: tuple[Column, ...]
    filled: tuple[tuple[str | Cell, ...], ...] = ()
    blank: int = 0
    fills: bool = False
    pitch: float = WRITING
    empty: tuple[str | Cell, ...] = ()
    most: float = 1 / 3

    def drawn(self, area: Area) -> list[flow.Part]:
        empty = self.empty or ("",) * len(self.columns)
        rows = list(self.filled) + ([] if self.fills else [empty] * self.blank)
        first = table(area.width, self.columns, rows, pitch=self.pitch, most=area.height * self.most)
        if not self.fills:
            return [first]
        rest = flow.Rest(self.pitch, lambda n: table(area.width, self.columns, [empty] * n, pitch=self.pitch),
                         least=max(1, self.blank))  # fmt: skip
        return [flow.Filled(first, rest)] if rows else [rest]

    def rows(self) -> list[o.Row]:
        heads: list[o.Row] = [o.Pair(left=tr(c.head)) for c in self.columns if c.head]
        texts = [c.text if isinstance(c, Cell) else c for row in (*self.filled, self.empty) for c in row]
        return [*heads, *(o.Pair(left=t) for text in texts for t in text.split("\n") if t)]


@dataclass(frozen=True, slots=True)
class NewSide:
    """What follows begins on a new side."""

    def drawn(self, area: Area) -> list[flow.Part]:
        return [flow.NewPage()]

    def rows(self) -> list[o.Row]:
        return []


@dataclass(frozen=True, slots=True)
class Facts:
    """A section of the copy across the page, its age at the right of its head."""

    section: o.Section

    def drawn(self, area: Area) -> list[flow.Part]:
        head = [section_head(self.section, area.width)] if self.section.title else []
        return [*head, *(b for row in self.section.rows for b in row_blocks(row, area.width))]

    def rows(self) -> list[o.Row]:
        head: list[o.Row] = [o.Pair(left=self.section.title, right=self.section.as_of)] if self.section.title else []
        return [*head, *self.section.rows]


@dataclass(frozen=True, slots=True)
class Own:
    """Something that a form draws itself: `draw(width)` gives the blocks, `said` the same in words (translated); `within`
    gives them for a whole page, for what stands in one piece only where a page is high enough."""

    draw: Callable[[float], Sequence[Block]]
    said: tuple[o.Row, ...] = field(default=())
    within: Callable[[Area], Sequence[Block]] | None = None

    def drawn(self, area: Area) -> list[flow.Part]:
        return list(self.draw(area.width) if self.within is None else self.within(area))

    def rows(self) -> list[o.Row]:
        return list(self.said)


@dataclass(frozen=True, slots=True)
class Fitted:
    """All parts of a form, with rows as high as the pages allow: `make(height)` with the first of `heights` that needs
    the fewest pages."""

    make: Callable[[float], Sequence[Part]]
    heights: tuple[float, ...] = (22, 20, 18.5, 17, 16, 15.2, 14.5)

    def drawn(self, area: Area) -> list[flow.Part]:
        best, fewest = list[flow.Part](), 0
        for height in self.heights:
            made = [block for part in self.make(height) for block in part.drawn(area)]
            pages = len(flow.placed(area, made))
            if not best or pages < fewest:
                best, fewest = made, pages
            if fewest == 1:
                break
        return best

    def rows(self) -> list[o.Row]:
        return [row for part in self.make(self.heights[0]) for row in part.rows()]


@dataclass(frozen=True, slots=True)
class Side:
    """A side of its own that a form draws to fill the page: `draw(area)` gives its parts, `said` the same in words."""

    draw: Callable[[Area], Sequence[flow.Part]]
    said: tuple[o.Row, ...] = field(default=())

    def drawn(self, area: Area) -> list[flow.Part]:
        return [flow.NewPage(), *self.draw(area)]

    def rows(self) -> list[o.Row]:
        return list(self.said)


Part = Fields | Ticks | Heading | Writing | Banner | Author | Space | Ruled | NewSide | Facts | Own | Fitted | Side
_SIZES = {"A4": A4, "A4 landscape": A4_LANDSCAPE, "2 A5 on A4": A4}


def form_of(
    parts: Callable[[FormModel], Sequence[Part]], *, code: str, title: str, use: str,
    size: Literal["A4", "A4 landscape", "2 A5 on A4"] = "A4",
    takes: Literal["ward", "patient", "clinic", "site"] = "patient",
    version: int = 1, valid: timedelta = timedelta(hours=24), allergies: bool = True,
    hint: str = "Patient's label, or name, born and NHS No.", parts_for: tuple[str, ...] = (), two_sided: bool = True,
    back_entry: Literal["box", "line"] = "box",
) -> Form:  # fmt: skip
    """A form of `parts`. `parts_for` = whom each copy is for; of "2 A5 on A4" these are the two halves."""

    def outline(model: FormModel) -> o.Outline:
        rows = tuple(row for part in parts(model) for row in part.rows())
        return o.Outline(sections=(o.Section(title="", rows=rows),))

    def design(form: Form, model: FormModel) -> Design:
        def drawn(area: Area) -> list[flow.Part]:
            return [made for part in parts(model) for made in part.drawn(area)]

        if size == "2 A5 on A4":
            return _halves(form, model, drawn, parts_for)
        return flow.flow(form, model, drawn, _SIZES[size], back_entry=back_entry)

    return Form(
        code=code, title=title, size=size, takes=takes, version=version, valid=valid, use=use, outline=outline,
        design=design, allergies=allergies, hint=hint, parts=() if size == "2 A5 on A4" else parts_for,
        two_sided=two_sided,
    )  # fmt: skip


def _halves(
    form: Form, model: FormModel, drawn: Callable[[Area], Sequence[flow.Part]], readers: tuple[str, ...]
) -> Design:
    """Two copies on one A4 with a cut line (DESIGN D10); what needs more than a half goes on to the next page in both."""
    half = A4[1] / 2
    notes = [f"for the {name}" for name in readers] or ["", ""]
    frames = [
        Frame(form, model, top=n * half, height=half, note=note, back_entry="line") for n, note in enumerate(notes)
    ]
    filled = [flow.placed(frame.content, drawn(frame.content)) for frame in frames]
    pages = max(len(items) for items in filled)
    return Design(
        A4,
        tuple(
            tuple(Panel(frame, items[n] if n < len(items) else []) for frame, items in zip(frames, filled, strict=True))
            for n in range(pages)
        ),
        cut=half,
    )
