"""F15 Downtime observation record: own design, not the RCP's chart (CLINICAL §2.1-2.3 b).

Adults who are not pregnant: the bands of NEWS2, whose digits stand in every cell, hatched the denser the more points.
Under 16, in pregnancy as recorded, or where the date of birth is not known: a neutral record without bands, which says
so and points to the ward's own chart (H22). The columns of the last 24 hours are transcribed from the copy; nothing is
scored here. What has times of its own (glucose, pain, urine, escalation) stands on the back, with the key.
"""

from __future__ import annotations

from collections.abc import Callable

from desktop.forms import flow
from desktop.forms import outline as o
from desktop.forms.allergies import strip_texts
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.blanks import banner as banner_block
from desktop.forms.blanks import fields as fields_block
from desktop.forms.blocks import Block, text_block
from desktop.forms.chart_text import as_of, empty_text, held_back, short
from desktop.forms.column_chart import chart_parts
from desktop.forms.frame import A4, LEFT, RIGHT
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.news_bands import ADULTS, NOT_OFFERED, banded_groups, key_parts, neutral_groups
from desktop.forms.observation_columns import SHAPE, Columns, Recent, has_vitals, recent, set_text
from desktop.forms.parts import Fields, Fitted, Heading, NewSide, Own, Part, Ruled, Side, form_of
from desktop.forms.tables import Column
from desktop.forms.time_columns import Group, said, sides, when_groups
from localdb.chart import early_warning as ew
from localdb.chart.observation_sets import ObsSet
from localdb.chart.views import KNOWN

WIDE = A4[0] - LEFT - RIGHT
LEAST = 7  # empty columns beside those of the copy, else there is another side of thirteen
ELSEWHERE = ("glucose", "pain")
PITCHES = (22.7, 20.5, 18.5, 17)  # of the rows on the back


def guard(model: FormModel) -> ew.Guard:
    """Whether the bands may be printed; on a blank they are, with a box that asks."""
    return ew.eligible(model.chart, model.printed_at) if model.chart is not None else ew.Guard(True)


def parts(model: FormModel) -> list[Part]:
    found = recent(model, model.chart, has_vitals) if model.chart is not None else Recent()
    columns = Columns(model, found, WIDE)
    may = guard(model)
    groups = banded_groups(columns) if may.may else neutral_groups(columns)
    when = when_groups(model, columns.tops)
    head = _head(model, may, columns)
    copied = len(found.sets)
    count = sides(copied, SHAPE, LEAST)
    words = (*head.said, *said((*when, *groups), columns.tops))
    charts = [_chart_side(head, when, groups, n * SHAPE.columns, copied, () if n else words) for n in range(count)]
    return [*charts, NewSide(), *_back(model, may, columns)]


class _Head:
    """What stands above the columns: whom the sheet is for, the scale of SpO2, from where and when the columns are."""

    def __init__(self, banner: str, rows: list[list[Field]], lines: list[tuple[str, bool]]) -> None:
        self.banner, self.rows, self.lines = banner, rows, lines

    @property
    def said(self) -> tuple[o.Row, ...]:
        banner: list[o.Row] = [o.Text(text=tr(self.banner), strong=True)] if self.banner else []
        held = [Fields(*row) for row in self.rows]
        return (*banner, *(r for f in held for r in f.rows()), *(o.Text(text=t, strong=s) for t, s in self.lines))

    def blocks(self, wide: float, *, lines: bool) -> list[Block]:
        banner = [banner_block(wide, self.banner)] if self.banner else []
        rows = [fields_block(wide, row, 18) for row in self.rows]
        if not lines:
            return [*banner, *rows]
        return [*banner, *rows, *(text_block(o.Text(text=text, strong=strong), wide) for text, strong in self.lines)]


def _head(model: FormModel, may: ew.Guard, columns: Columns) -> _Head:
    rows = [[Field("Chart no.", 0.16), Field("of", 0.1)]]
    if model.blank:
        rows[0].append(Field(ADULTS, 0.74, ticks=("16 or over", "not pregnant"), ruled=False))
    if may.may:
        rows.append([
            Field("SpO2 scale", 0.42, ticks=("1", "2: target 88-92 %"), ruled=False),
            Field("decided by, signature", 0.35), Field(f"{DATE} {TIME}", 0.23, ruled=False),
        ])  # fmt: skip
        if not model.blank:
            rows[0].append(Field("SpO2 scale in the copy", 0.74, _scale_in_copy(columns.found.sets), ruled=False))
    lines: list[tuple[str, bool]] = []
    if not may.may:
        lines.append((f"{may.why} {tr('Score on the PEWS or MEWS chart of the ward, never on this sheet.')}", True))
    return _Head("" if may.may else NOT_OFFERED, rows, [*lines, *_copy_lines(model, columns)])


def _scale_in_copy(sets: tuple[ObsSet, ...]) -> str:
    """The scale that the newest set was sent with."""
    said_scales = [s.scale for s in sets if s.scale]
    return tr("scale {number}, as sent").format(number=said_scales[-1]) if said_scales else tr("not sent")


def _copy_lines(model: FormModel, columns: Columns) -> list[tuple[str, bool]]:
    """From where the columns are and how far they go; why there are none."""
    if model.chart is None:
        return []
    listing, found = model.chart.observations, columns.found
    age = as_of(model, "observation")
    lines: list[tuple[str, bool]] = []
    if listing.state != KNOWN:
        lines.append((empty_text(listing.state, "observations", listing.window), True))
    if found.sets:
        is_copied = len(found.written) < len(found.sets)
        words = tr("Left of the thick line: from the copy, {age}. Empty there: not sent.").format(age=age)
        lines.append((words if is_copied else tr("Left of the thick line: written on this ward."), True))
    if found.left_out:
        words = tr("{shown} of {all} sets of the last 24 hours are here, the newest.")
        lines.append((words.format(shown=len(found.sets), all=len(found.sets) + found.left_out), True))
    if not found.sets and listing.state == KNOWN:
        words = tr("No observations within 24 hours before this print are in this copy ({age}).").format(age=age)
        lines.append((words, True))
    if len(found.written) == len(found.sets) and found.before is not None:
        lines.append((tr("The newest before: {set}").format(set=set_text(model, found.before)), False))
    lines += [(text, False) for text in held_back(listing.items)]
    if columns.notes.texts:
        lines.append((tr("Letters in brackets: see the notes on the back."), False))
    return lines


def _chart_side(
    head: _Head, when: tuple[Group, ...], groups: tuple[Group, ...], first: int, copied: int, words: tuple[o.Row, ...]
) -> Side:  # fmt: skip
    def draw(area: Area) -> list[flow.Part]:
        above = head.blocks(area.width, lines=first == 0 or first < copied)
        return chart_parts(area, above, when, groups, SHAPE, first=first, copied=copied)

    return Side(draw, words)


def _back(model: FormModel, may: ew.Guard, columns: Columns) -> list[Part]:
    """The back: notes to the columns, what has times of its own, whom was told, the key."""
    notes = columns.notes.rows()
    allergies = strip_texts(model) if not model.blank else ()
    out: list[Part] = [Fields(Field("Allergies", 1.0), height=20)] if model.blank else []
    if allergies:
        title, *statements = allergies
        text = f"{title}: {'; '.join(statements)}" if statements else title
        out.append(_line(text, strong=True))
    if notes:
        out += [Heading("Notes to the columns"), Own(_blocks(notes), notes)]
    # Rows as high as the side allows, so that the key stays on the back.
    return [Fitted(lambda high: [*out, *_others(model, high), *_escalation(high), *key_parts(banded=may.may)], PITCHES)]


def _others(model: FormModel, high: float) -> list[Part]:
    """Glucose, pain and urine with their own times; those of the last 24 hours from the copy."""
    rows: list[tuple[str, ...]] = []
    if model.chart is not None:
        found = recent(model, model.chart, lambda s: bool(s.vitals.keys() & set(ELSEWHERE)))
        for s in found.sets:
            held = {k: _reading(s, k) for k in ELSEWHERE}
            time = short(model, s.moment)
            rows.append((time, held["glucose"], "", held["pain"], "", "", "", tr("here") if s.entry else tr("copy")))
    return [
        Heading("Glucose, pain, urine"),
        Ruled(
            (Column("Date and time", 0.19), Column("Glucose", 0.13), Column("Ketones", 0.1),
             Column("Pain at rest", 0.12), Column("moving", 0.1), Column("Urine mL", 0.12),
             Column("Other", 0.14), Column("Initials", 0.1)),
            tuple(rows), blank=max(3, 5 - len(rows)), pitch=high,
        ),
    ]  # fmt: skip


def _reading(s: ObsSet, key: str) -> str:
    reading = s.vitals.get(key)
    if reading is None:
        return ""
    return f"{reading.value} {reading.unit}".strip() + (f" ({reading.note})" if reading.note else "")


def _escalation(high: float) -> list[Part]:
    return [
        Heading("Escalation"),
        Ruled(
            (Column("Date and time", 0.17), Column("Score", 0.09), Column("Told: name, role, bleep", 0.28),
             Column("Agreed", 0.28), Column("Came at", 0.09), Column("Initials", 0.09)),
            blank=4, pitch=high,
        ),
    ]  # fmt: skip


def _line(text: str, *, strong: bool = False) -> Own:
    row = o.Text(text=text, strong=strong)
    return Own(_blocks((row,)), (row,))


def _blocks(rows: tuple[o.Row, ...]) -> Callable[[float], list[Block]]:
    def draw(wide: float) -> list[Block]:
        return [text_block(row, wide) for row in rows if isinstance(row, o.Text)]

    return draw


FORM = form_of(
    parts, code="F15", title="Downtime observation record", use="Own record: it is not the chart of the RCP.",
    allergies=False, back_entry="line",
)  # fmt: skip
