"""F11 Drug chart: once only, regular and as required, with what was given last and where paper starts (CLINICAL §5, §6).

A4, two-sided, as many pages as the orders need. Each order is a box (`drug_rows`); infusions are named and written on
F12; suspended and stopped ones are listed; cancer treatment, drugs into the spine and trial drugs are named and never
transcribed. Empty boxes follow each section. The codes for a dose that is not given stand at the foot of each page.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.forms import blanks, flow
from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.blocks import BODY, STRONG, Block, Strip, boxed, section_head
from desktop.forms.chart_text import as_of, empty_text, held_back, short
from desktop.forms.drug_foot import foot_block, foot_rows
from desktop.forms.drug_head import KINDS, head, in_use, paper_starts, source_line
from desktop.forms.drug_rows import empty_needed, empty_regular, order_blocks
from desktop.forms.drug_words import critical_whys, orders, words_of
from desktop.forms.frame import A4, Frame
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.parts import Fields, Part
from desktop.forms.tables import Column, table
from desktop.forms.type import glued, wrap
from localdb.chart import wording
from localdb.chart.drug_chart import Item
from localdb.chart.views import KNOWN

_OXYGEN = "Oxygen and clot prevention"
_TARGETS = ("94-98 %", "88-92 %")
_SUSPENDED = (Column("No.", 0.06), Column("Medicine, DOSE, route, how often", 0.44), Column("Why, since", 0.28),
              Column("Restart: sign, date", 0.22))  # fmt: skip
_STOPPED = (Column("No.", 0.06), Column("Medicine, DOSE, route, how often", 0.5), Column("Stopped, and why", 0.44))
_RUNNING = (Column("No.", 0.06), Column("Medicine, DOSE, route, rate as sent", 0.44), Column("Last recorded", 0.32),
            Column("Written on F12", 0.18))  # fmt: skip
_ONCE_ONLY = (Column("Give at: date, time", 0.16), Column("Medicine, DOSE, route", 0.36), Column("Given by, time", 0.14),
              Column("Prescriber sign, bleep", 0.22), Column("Checked by", 0.12))  # fmt: skip
_OMITTED = (Column("Dose not given: date, time", 0.24), Column("No.", 0.06), Column("Medicine", 0.23), Column("Code", 0.08),
            Column("Why, and who was told", 0.28), Column("Initials", 0.11))  # fmt: skip


def _named(model: FormModel, item: Item) -> str:
    w = words_of(model, item)
    return f"{w.drug}, {tr('DOSE')} {w.dose}, {w.route}, {w.often}"


def _why(model: FormModel, item: Item) -> str:
    """The reason as sent; when it ended, else the date of the order."""
    m = item.row.item
    when = tr("ended {when}") if m.ended is not None else tr("order dated {when}")
    return wording.clean(f"{item.row.why or tr('no reason sent')}; {when.format(when=short(model, m.ended or m.said))}")


class _Sections:
    """The parts of one sheet in the order of the page: facts and pages are made from it."""

    def __init__(self, model: FormModel) -> None:
        self.model, self.made = model, orders(model)
        self.listing = model.chart.medicines if model.chart is not None else None

    @property
    def top(self) -> list[Part]:
        return [*head(self.model), *in_use(self.model, self.made, "F11")]

    @property
    def oxygen(self) -> list[Part]:
        """Oxygen and clot prevention, prescribed like any other drug."""
        return [
            Fields(Field("OXYGEN target", 0.42, ticks=_TARGETS, ruled=False), Field("other", 0.2),
                   Field("Device, flow", 0.38), height=20),
            Fields(Field("Prescriber sign", 0.5), Field("Date, time", 0.5), height=20),
            Fields(Field("CLOT PREVENTION assessed", 0.5, ticks=("yes", "no"), ruled=False),
                   Field("Not given because", 0.5), height=20),
            Fields(Field("Medicine, DOSE", 0.5), Field("Stockings or compression", 0.5), height=20),
        ]  # fmt: skip

    @property
    def titles(self) -> tuple[tuple[str, Sequence[Item]], ...]:
        """The sections of boxes. Oxygen and clot prevention fill the first page, where a nurse looks first."""
        made = self.made
        return (
            ("Once only", made.once),
            (_OXYGEN, made.oxygen),
            ("Regular medicines", made.regular),
            ("If needed", made.needed),
        )

    def head_of(self, title: str, items: Sequence[Item]) -> o.Section:
        """The title of a section, which items of how many it holds, and how old they are."""
        if self.model.blank:
            return o.Section(title=tr(title))
        age = as_of(self.model, "medicine")
        if not items:
            return o.Section(title=tr(title), as_of=f"{tr('none sent')}. {age}")
        first, last, total = items[0].number, items[-1].number, self.made.shown
        count = tr("item {first} of {total}") if first == last else tr("items {first}-{last} of {total}")
        count = count.format(first=first, last=last, total=total)
        return o.Section(title=tr(title), as_of=f"{count}. {age}")

    @property
    def count(self) -> str:
        """Never a list that looks whole and is not (CLINICAL §5.2)."""
        if self.listing is None:
            return ""
        made = self.made
        said = tr("{shown} of {total} medicines shown.").format(shown=made.shown, total=made.total)
        if made.earlier:
            said += " " + tr("{count} stopped or finished earlier, or at a time not sent.").format(count=made.earlier)
        kept = " ".join(held_back(self.listing.items))
        window = " ".join(
            dict.fromkeys(
                w
                for n in ("medicines", "administrations")
                if self.model.chart and (w := self.model.chart.lists[n].window)
            )
        )
        return " ".join(t for t in (said, kept, window) if t)

    @property
    def empty(self) -> str:
        """What an empty list means: it is never none (DESIGN §4)."""
        if self.listing is None or (self.listing.state == KNOWN and self.made.total):
            return ""
        return empty_text(self.listing.state, tr("medicines"), self.listing.window)

    @property
    def view_only(self) -> tuple[str, str] | None:
        rows = self.made.view_only
        if not rows:
            return None
        names = ", ".join(dict.fromkeys(wording.clean(r.drug) for r in rows))
        why = next(f.list.why for r in rows for f in r.lists if f.list.block == "view_only")
        return tr("NOT TRANSCRIBED, see its own prescription: {names}").format(names=names), why

    @property
    def tables(self) -> list[tuple[str, tuple[Column, ...], Sequence[tuple[str, ...]], Sequence[Item]]]:
        model, made = self.model, self.made
        running = [(str(i.number), _named(model, i), words_of(model, i).last[0], "") for i in made.infusions]
        paused = [(str(i.number), _named(model, i), _why(model, i), "") for i in made.suspended]
        stopped = [(str(i.number), _named(model, i), _why(model, i)) for i in made.stopped]
        return [
            ("Infusions: given and written on F12", _RUNNING, running, made.infusions),
            ("Suspended: not given unless signed", _SUSPENDED, paused, made.suspended),
            ("Stopped or finished in the last 24hr", _STOPPED, stopped, made.stopped),
        ]


def outline(model: FormModel) -> o.Outline:
    """Everything that the sheet says, in its order."""
    s = _Sections(model)
    rows: list[o.Row] = [row for part in s.top for row in part.rows()]
    rows += [o.Text(text=t, strong=True) for t in (*paper_starts(model), source_line(model, KINDS)) if t]
    rows += [o.Text(text=t, strong=True) for t in (s.count, s.empty, *(s.view_only or ())) if t]
    for title, items in s.titles:
        found = s.head_of(title, items)
        rows.append(o.Pair(left=found.title, right=found.as_of))
        rows += [row for item in items for row in _item_rows(model, item)]
        rows += [row for part in s.oxygen for row in part.rows()] if title == _OXYGEN else []
    for title, columns, cells, items in s.tables:
        if items:
            rows.append(o.Text(text=tr(title), strong=True))
            rows += [o.Pair(left=tr(c.head)) for c in columns]
            rows += [o.Pair(left=text) for row in cells for text in row if text]
    rows += [o.Text(text=t) for t in critical_whys(s.made.going)]
    rows += foot_rows(model)
    return o.Outline(sections=(o.Section(title="", rows=tuple(rows)),))


def _item_rows(model: FormModel, item: Item) -> list[o.Row]:
    rows: list[o.Row] = [o.Pair(left=str(item.number), right=""), words_of(model, item).row]
    if item.table.rows:
        rows.append(o.Pair(left=tr("Time"), right=" ".join(item.table.rows)))
    for block in item.blocks:
        rows += [o.Text(text=block.title, strong=True), *(o.Pair(left=t.replace("\t", " ")) for t in block.lines)]
    return rows


def design(form: Form, model: FormModel) -> Design:
    """One framed page after another, the key at the foot of each."""
    frame = Frame(form, model)
    area = frame.content
    key = foot_block(model, area.width)
    inner = Area(area.left, area.top, area.width, area.bottom - key.height)
    pages = flow.placed(inner, _drawn(model, inner))
    for items in pages:
        items.append((inner.left, inner.bottom, key))
    return Design(A4, tuple((Panel(frame, items),) for items in pages))


def _drawn(model: FormModel, area: Area) -> list[flow.Part]:
    s, wide = _Sections(model), area.width
    out: list[flow.Part] = [made for part in s.top for made in part.drawn(area)]
    spans = [[(glued(t), STRONG if n == 0 else BODY)] for n, t in enumerate(paper_starts(model))]
    out += [blanks.space(4), boxed(spans, wide)]
    if line := source_line(model, KINDS):
        out += _lines(line, wide)
    if s.view_only is not None:
        out += [blanks.space(3), boxed([[(glued(s.view_only[0]), STRONG)], [(glued(s.view_only[1]), BODY)]], wide, 1.5)]
    out += [b for t in (s.count, s.empty) if t for b in _lines(t, wide, strong=True)]
    for title, items in s.titles:
        boxes: list[flow.Part] = [b for item in items for b in order_blocks(model, item, wide, area.height * 0.75)]
        boxes += (
            [m for part in s.oxygen for m in part.drawn(area)] if title == _OXYGEN else _empties(model, title, wide)
        )
        out += _under(section_head(s.head_of(title, items), wide), boxes)
    for title, columns, cells, items in s.tables:
        if items:
            out += [section_head(s.head_of(title, items), wide), table(wide, columns, cells, most=area.height / 3)]
    out.append(blanks.space(4))
    out += [b for t in critical_whys(s.made.going) for b in _lines(t, wide)]
    out.append(blanks.space(5))
    out.append(flow.Rest(23, lambda n: table(wide, _OMITTED, [("",) * len(_OMITTED)] * n), least=3))
    return out


def _under(head: Block, parts: list[flow.Part]) -> list[flow.Part]:
    """A head and the first box below it stay together."""
    if parts and isinstance(parts[0], Block):
        return [Block((*head.strips, *parts[0].strips)), *parts[1:]]
    return [head, *parts]


def _empties(model: FormModel, title: str, wide: float) -> list[flow.Part]:
    """Boxes to prescribe in by hand: enough for the first hours."""
    many = model.blank
    if title == "Once only":
        made = table(wide, _ONCE_ONLY, [("",) * len(_ONCE_ONLY)] * (7 if many else 2), pitch=25)
        return [made]
    if title == "Regular medicines":
        return [empty_regular(model, wide) for _ in range(6 if many else 2)]
    return [empty_needed(wide) for _ in range(2 if many else 1)]


def _lines(text: str, wide: float, *, strong: bool = False) -> list[Block]:
    style = STRONG if strong else BODY
    lines = wrap([(glued(text), style)], wide)

    def draw(sheet, x, y):  # type: ignore[no-untyped-def]
        for n, line in enumerate(lines):
            sheet.text(x, y + 10 + n * 12.4, line.spans)

    return [Block((Strip(len(lines) * 12.4 + 2, draw),))]


FORM = Form(
    code="F11", title="Drug chart", size="A4", takes="patient", version=1,
    use="Once only, regular, if needed. Infusions on F12.",
    outline=outline, design=design,
)  # fmt: skip
