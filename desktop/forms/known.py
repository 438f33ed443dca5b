"""A labelled fact of the copy as one part of a form: label, what the copy says, how old its source is (CLINICAL §7.1).

On a blank it is a line to write on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.forms import blanks
from desktop.forms import outline as o
from desktop.forms.bidi import needs_order
from desktop.forms.blanks import LABEL, VALUE, Field
from desktop.forms.blocks import Block, Strip, gap, paragraph
from desktop.forms.chart_text import as_of
from desktop.forms.copied import absent, held
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Own
from desktop.forms.sheet import Sheet
from desktop.forms.type import NBSP, Line, Span, Style, glued, width, wrap


@dataclass(frozen=True, slots=True)
class Fact:
    """A label, what the copy says, and in small letters how old its source is."""

    label: str
    text: str
    age: str = ""

    @property
    def row(self) -> o.Pair:
        return o.Pair(left=tr(self.label), right=self.text, note=f"({self.age})" if self.age else "")

    def strips(self, wide: float) -> tuple[Strip, ...]:
        age: list[Span] = [(f" ({glued(self.age)})", LABEL)] if self.age else []
        said: list[Span] = [(tr(self.label) + NBSP, LABEL), (" ", LABEL), (glued(self.text), VALUE)]
        if needs_order(self.text):  # beside words that run from right to left the age would stand among them
            return (*paragraph(said, wide, 12.4), *paragraph(age, wide, 12.4))
        return paragraph([*said, *age], wide, 12.4)

    def block(self, wide: float) -> Block:
        return Block((gap(2), *self.strips(wide), gap(1)))


def fact(model: FormModel, label: str, texts: str | Sequence[str], *kinds: str) -> Fact:
    """`texts` beside each other, with the age of the sources of `kinds`."""
    said = (texts,) if isinstance(texts, str) else tuple(texts)
    return Fact(label, "; ".join(t for t in said if t), as_of(model, *kinds) if kinds else "")


def known(
    model: FormModel, label: str, texts: str | Sequence[str] = (), *kinds: str, height: float = 17, lines: int = 1
) -> Own:  # fmt: skip
    """A fact across the page; on a blank `lines` lines of `height` points."""
    if model.chart is None:
        return Own(lambda wide: [blanks.writing(wide, label, lines, height)], (o.Pair(left=tr(label)),))
    made = fact(model, label, texts, *kinds)
    return Own(lambda wide: [made.block(wide)], (made.row,))


def choices(texts: Sequence[str]) -> Own:
    """One box before each text, to be ticked by hand: two beside each other where they are short, and a long text goes
    on below itself."""

    def draw(wide: float) -> list[Block]:
        half = wide / 2
        if any(width(t, VALUE) > half - _INDENT - 6 for t in texts):
            return [_choice([t], wide) for t in texts]
        return [_choice(texts[n : n + 2], half) for n in range(0, len(texts), 2)]

    return Own(draw, tuple(o.Pair(left=text) for text in texts))


_INDENT = 14.0


def _choice(texts: Sequence[str], wide: float) -> Block:
    """A row of boxes; only a text that stands alone may have more than one line."""
    lines = [paragraph([(glued(text), VALUE)], wide, 12.4, _INDENT) for text in texts]

    def first(sheet: Sheet, x: float, y: float) -> None:
        for n, found in enumerate(lines):
            sheet.box(x + n * wide + 1, y + 2.4, 9, 9, 0.9)
            found[0].draw(sheet, x + n * wide, y)

    return Block((gap(1.5), Strip(lines[0][0].height, first), *lines[0][1:], gap(1)))


@dataclass(frozen=True, slots=True)
class Topic:
    """What a form looks for in the record: its name, the texts that were `found`, the lists that would hold it."""

    name: str
    found: tuple[str, ...]
    lists: tuple[str, ...]


def told(model: FormModel, topic: Topic, label: str = "{topic}, as recorded") -> list[Own]:
    """The fact of a topic that the record says something of; nothing otherwise (`untold` says so once for all)."""
    if not topic.found or model.chart is None:
        return []
    words = tr(label).format(topic=tr(topic.name))
    return [known(model, words[:1].upper() + words[1:], topic.found)]


def untold(model: FormModel, topics: Sequence[Topic], kinds: Sequence[str]) -> list[Own]:
    """How old the sources are from which this form is filled, and which topics they say nothing of; nothing on a
    blank."""
    if model.chart is None:
        return []
    states: dict[str, list[str]] = {}
    for topic in topics:
        if not topic.found:
            states.setdefault(absent(model.chart, *topic.lists), []).append(tr(topic.name))
    texts = [f"{state}: {', '.join(names)}" for state, names in states.items()]
    texts += [tr("no proof of none")] if states else [tr("each fact above has its own time")]
    texts += held(model.chart, *dict.fromkeys(name for topic in topics for name in topic.lists))
    return [known(model, "From the copy", texts, *kinds)]


def field_rows(row: Sequence[Field]) -> list[o.Row]:
    """What fields say, as rows of an outline."""
    out: list[o.Row] = []
    for f in row:
        out += [o.Pair(left=tr(f.label), right=f.value)] if f.label or f.value else []
        out += [o.Pair(left=tr(t), right="X" if t in f.ticked else "") for t in f.ticks]
    return out


def beside_label(
    rows: Sequence[Sequence[Field]], label: str, height: float, *, share: float = 0.68, least: float = 62,
    above: Fact | None = None,
) -> Own:  # fmt: skip
    """Rows of fields at the left, at the right an empty box for a label of the department, at least `least` points
    high: the number of a laboratory or of an examination is stuck on, not copied by hand. The fact `above` stands over
    the box or across the page, whichever takes less."""

    def made(wide: float, most: float) -> list[Block]:
        left = wide * share - 10
        room = wide - left - 10
        blocks = [blanks.fields(left, list(row), height) for row in rows]
        words = wrap([(tr(label), Style("regular", 8))], room - 8)
        whole = sum(b.height for b in blocks)
        across = above.block(wide) if above is not None else Block(())
        strips = above.strips(room) if above is not None else ()
        told = sum(s.height for s in strips) + 4
        if above is None or max(whole, least + told) > min(max(whole, least) + across.height, most):
            strips, told = (), 0
        else:
            across = Block(())
        high = max(whole, least + told)
        if high > most:  # a page that is too low for both beside each other: one after the other
            loose = [blanks.fields(wide, list(row), height) for row in rows]
            return [across, *loose, _label_box(words, room, min(least, most))]

        def paint(sheet: Sheet, x: float, y: float) -> None:
            at = y + (high - whole) / 2
            for block in blocks:
                block.draw(sheet, x, at)
                at += block.height
            at, over = y + 3, x + left + 10
            for strip in strips:
                strip.draw(sheet, over, at)
                at += strip.height
            at += 3 if strips else 0
            _draw_label_box(sheet, over, at, room, y + high - 1 - at, words)

        body = Block((Strip(high, paint),))
        return [across, body] if across.strips else [body]

    said = (*([above.row] if above is not None else []), *(r for row in rows for r in field_rows(row)))
    return Own(
        lambda wide: made(wide, 1e9), (*said, o.Pair(left=tr(label))), lambda area: made(area.width, area.height)
    )


def _draw_label_box(sheet: Sheet, x: float, y: float, wide: float, high: float, words: Sequence[Line]) -> None:
    sheet.box(x, y, wide, high, 0.9)
    for n, line in enumerate(words):
        sheet.text(x + 4, y + 9 + n * 9.6, line.spans)


def _label_box(words: Sequence[Line], wide: float, high: float) -> Block:
    return Block((Strip(high, lambda sheet, x, y: _draw_label_box(sheet, x, y + 2, wide, high - 4, words)),))
