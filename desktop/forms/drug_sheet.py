"""What the drug prints F11 to F14 share: the parts of their pages, and the pages with a key at the foot of each.

A form is a list of parts, as in `parts`: facts for plain text and pages are made from the one list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from desktop.forms import blanks, flow
from desktop.forms import outline as o
from desktop.forms.blocks import BODY, STRONG, Block, boxed, paragraph, section_head
from desktop.forms.chart_text import as_of, empty_text, held_back
from desktop.forms.drug_foot import foot_block, foot_rows
from desktop.forms.drug_head import paper_starts
from desktop.forms.drug_rows import CHART, PATCH, Box, below_of, is_patch, order_blocks, times_of
from desktop.forms.drug_words import words_of
from desktop.forms.frame import A4, Frame
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.tables import Column, table
from desktop.forms.type import glued
from localdb.chart.drug_chart import DrugChart, Item
from localdb.chart.medicine_blocks import is_by_test
from localdb.chart.views import KNOWN, NOT_RECORDED

ON_F13 = "Tick when its doses are written on F13, and write none here."
ON_F14 = "Tick when its doses are written on F14, and write none here."


class SheetPart(Protocol):
    """See `parts`: what is drawn in an area, and the same in words."""

    def drawn(self, area: Area) -> list[flow.Part]: ...

    def rows(self) -> list[o.Row]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph that is translated already; empty ones are left out."""

    text: str
    strong: bool = False
    above: float = 0

    def drawn(self, area: Area) -> list[flow.Part]:
        if not self.text:
            return []
        strips = paragraph([(glued(self.text), STRONG if self.strong else BODY)], area.width)
        return [*([blanks.space(self.above)] if self.above else []), Block(strips)]

    def rows(self) -> list[o.Row]:
        return [o.Text(text=self.text, strong=self.strong)] if self.text else []


@dataclass(frozen=True, slots=True)
class Headed:
    """A head and a line below it (translated already, may be empty); what follows stands on the same page."""

    title: str
    text: str = ""

    def drawn(self, area: Area) -> list[flow.Part]:
        head = blanks.heading(area.width, self.title)
        line = paragraph([(glued(self.text), BODY)], area.width) if self.text else ()
        return [Block((*head.strips, *line), tied=True)]

    def rows(self) -> list[o.Row]:
        rows: list[o.Row] = [o.Text(text=tr(self.title), strong=True)]
        return [*rows, o.Text(text=self.text)] if self.text else rows


@dataclass(frozen=True, slots=True)
class Boxed:
    """Paragraphs in a ruled box, the first one strong; translated already."""

    texts: tuple[str, ...]
    weight: float = 1.2

    def drawn(self, area: Area) -> list[flow.Part]:
        spans = [[(glued(t), STRONG if n == 0 else BODY)] for n, t in enumerate(self.texts)]
        return [blanks.space(4), boxed(spans, area.width, self.weight)] if spans else []

    def rows(self) -> list[o.Row]:
        return [o.Text(text=t, strong=n == 0) for n, t in enumerate(self.texts)]


def box_of(item: Item) -> Box:
    """The box of the drug chart; an order that may have a chart of its own has a line to tick for that."""
    if item.is_on("insulin"):
        return replace(CHART, tick=ON_F13)
    if is_by_test(item.row):
        return replace(CHART, tick=ON_F14)
    return CHART


@dataclass(frozen=True, slots=True)
class Orders:
    """A section of orders, a box each, then `more` (empty boxes, fields). `none` is said where there are none."""

    model: FormModel
    title: str
    items: Sequence[Item]
    total: int
    more: Callable[[Area], Sequence[flow.Part]]
    said: tuple[o.Row, ...] = ()
    box: Callable[[Item], Box] = box_of

    @property
    def head(self) -> o.Section:
        """The title, which items of how many it holds, and how old they are (CLINICAL §5.2)."""
        return section_of(self.model, self.title, self.items, self.total)

    def drawn(self, area: Area) -> list[flow.Part]:
        made: list[flow.Part] = []
        for item in self.items:
            made += order_blocks(self.model, item, area.width, area.height * 0.75, self.box(item))
        return under(section_head(self.head, area.width), [*made, *self.more(area)])

    def rows(self) -> list[o.Row]:
        head = self.head
        rows: list[o.Row] = [o.Pair(left=head.title, right=head.as_of)]
        return [*rows, *(row for item in self.items for row in item_rows(self.model, item, self.box(item))), *self.said]


@dataclass(frozen=True, slots=True)
class Listed:
    """Orders that are named in a table; nothing where there are none."""

    model: FormModel
    title: str
    items: Sequence[Item]
    total: int
    columns: tuple[Column, ...]
    cells: Sequence[tuple[str, ...]]

    def drawn(self, area: Area) -> list[flow.Part]:
        if not self.items:
            return []
        head = section_head(section_of(self.model, self.title, self.items, self.total), area.width)
        return [head, table(area.width, self.columns, self.cells, most=area.height / 3)]

    def rows(self) -> list[o.Row]:
        if not self.items:
            return []
        rows: list[o.Row] = [o.Text(text=tr(self.title), strong=True)]
        rows += [o.Pair(left=tr(c.head)) for c in self.columns]
        return [*rows, *(o.Pair(left=text) for row in self.cells for text in row if text)]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table to write in, as many rows as the page has room for (`least` at least), `filled` ones first. A spare one is
    left out where it would need a page of its own."""

    columns: tuple[Column, ...]
    pitch: float = 23
    least: int = 3
    filled: Sequence[tuple[str, ...]] = ()
    most: int = 0
    above: float = 5
    is_spare: bool = False

    def drawn(self, area: Area) -> list[flow.Part]:
        wide, empty = area.width, ("",) * len(self.columns)
        rest = flow.Rest(
            self.pitch, lambda n: table(wide, self.columns, [empty] * n, pitch=self.pitch), self.least, self.most
        )
        air: list[flow.Part] = [blanks.space(self.above)] if self.above else []
        if not self.filled:
            return [*air, rest]
        first = table(wide, self.columns, self.filled, pitch=self.pitch, most=area.height / 3)
        return [*air, flow.Filled(first, rest)]

    def rows(self) -> list[o.Row]:
        if self.is_spare:
            return []
        rows: list[o.Row] = [o.Pair(left=tr(c.head)) for c in self.columns if c.head]
        return [*rows, *(o.Pair(left=text) for row in self.filled for text in row if text)]


# What a section without an order means: three things (DESIGN §4).
_NONE = {KNOWN: "none sent", NOT_RECORDED: "none recorded"}


def _state(model: FormModel) -> str:
    return model.chart.medicines.state if model.chart is not None else ""


def section_of(model: FormModel, title: str, items: Sequence[Item], total: int) -> o.Section:
    if model.blank:
        return o.Section(title=tr(title))
    age = as_of(model, "medicine")
    if not items:
        return o.Section(title=tr(title), as_of=f"{tr(_NONE.get(_state(model), 'NOT IN THIS COPY'))}. {age}")
    first, last = items[0].number, items[-1].number
    is_run = last - first + 1 == len(items)
    if first == last:
        count = tr("item {first} of {total}").format(first=first, total=total)
    elif is_run:
        count = tr("items {first}-{last} of {total}").format(first=first, last=last, total=total)
    else:
        numbers = ", ".join(str(i.number) for i in items)
        count = tr("items {numbers} of {total}").format(numbers=numbers, total=total)
    return o.Section(title=tr(title), as_of=f"{count}. {age}")


def under(head: Block, parts: list[flow.Part]) -> list[flow.Part]:
    """A head and the first box below it stay together."""
    if parts and isinstance(parts[0], Block):
        return [Block((*head.strips, *parts[0].strips)), *parts[1:]]
    return [head, *parts]


def item_rows(model: FormModel, item: Item, box: Box = CHART) -> list[o.Row]:
    """One order in words."""
    rows: list[o.Row] = [o.Pair(left=str(item.number)), words_of(model, item).row(tr(box.often))]
    times = times_of(item, box)
    rows += [o.Pair(left=tr("Time"), right=" ".join(times[n : n + 6])) for n in range(0, len(times), 6)]
    if box.tick:
        rows.append(o.Pair(left=tr(box.tick)))
    if is_patch(item):
        rows += [o.Pair(left=tr(f.label)) for f in PATCH]
    for block in below_of(item, box):
        rows += [o.Text(text=block.title, strong=True), *(o.Pair(left=t.replace("\t", " ")) for t in block.lines)]
    return rows


def start(model: FormModel) -> Boxed:
    """Where paper starts (CLINICAL §5.1)."""
    return Boxed(paper_starts(model))


def count_words(model: FormModel, made: DrugChart, shown: int) -> tuple[str, ...]:
    """`10 of 12 medicines shown`, what is held back, what an empty list means: no list looks whole that is not."""
    if model.chart is None:
        return ()
    listing = model.chart.medicines
    said = tr("{shown} of {total} medicines shown.").format(shown=shown, total=made.total)
    if made.earlier and shown == made.shown:
        said += " " + tr("{count} stopped or finished earlier, or at a time not sent.").format(count=made.earlier)
    kept = " ".join(held_back(listing.items))
    windows = dict.fromkeys(w for n in ("medicines", "administrations") if (w := model.chart.lists[n].window))
    first = " ".join(t for t in (said, kept, *windows) if t)
    if listing.state == KNOWN and made.total:
        return (first,)
    return first, empty_text(listing.state, tr("medicines"), listing.window)


def drug_form(
    parts: Callable[[FormModel], Sequence[SheetPart]], *, code: str, title: str, use: str, codes: bool = True
) -> Form:
    """A form of the drug prints: A4, two-sided; `codes` = the key of a dose that is not given at the foot of each page."""

    def outline(model: FormModel) -> o.Outline:
        rows = [row for part in parts(model) for row in part.rows()]
        return o.Outline(sections=(o.Section(title="", rows=(*rows, *foot_rows(model, codes=codes))),))

    def design(form: Form, model: FormModel) -> Design:
        frame = Frame(form, model)
        area = frame.content
        key = foot_block(model, area.width, codes=codes)
        inner = Area(area.left, area.top, area.width, area.bottom - key.height)
        drawn = [(part, part.drawn(inner)) for part in parts(model)]
        pages = flow.placed(inner, [block for _, blocks in drawn for block in blocks])
        fixed = [blocks for part, blocks in drawn if not (isinstance(part, Rows) and part.is_spare)]
        if len(fixed) < len(drawn):
            fewer = flow.placed(inner, [block for blocks in fixed for block in blocks])
            pages = fewer if len(fewer) < len(pages) else pages
        for items in pages:
            items.append((inner.left, inner.bottom, key))
        return Design(A4, tuple((Panel(frame, items),) for items in pages))

    return Form(
        code=code, title=title, size="A4", takes="patient", version=1, use=use, outline=outline, design=design,
        valid=timedelta(hours=24),
    )  # fmt: skip
