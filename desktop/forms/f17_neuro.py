"""F17 Neurological observations: GCS by its components, pupils, limbs, and how often (CLINICAL §2.4, §6).

Components are written as E V M. What could not be tested is NT, and then there is no sum.
"""

from __future__ import annotations

from desktop.forms import flow
from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.blanks import fields as fields_block
from desktop.forms.blocks import LABEL, Block, Strip, text_block
from desktop.forms.chart_text import as_of, empty_text, held_back
from desktop.forms.column_chart import chart_parts
from desktop.forms.frame import A4, LEFT, RIGHT
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.neuro_columns import NeuroColumns, neuro_sets
from desktop.forms.parts import Fields, Heading, NewSide, Own, Part, Ruled, Side, form_of
from desktop.forms.sheet import MM, Sheet
from desktop.forms.tables import Column
from desktop.forms.time_columns import Group, Row, Shape, said, sides, when_groups
from localdb.chart.views import KNOWN

WIDE = A4[0] - LEFT - RIGHT
SHAPE = Shape(name=50, label=90, columns=12)
LEAST = 12
EYES = ("spontaneously", "to sound", "to pressure", "none")
VOICE = ("orientated", "confused", "words", "sounds", "none")
MOTOR = ("obeys commands", "localising", "normal flexion", "abnormal flexion", "extension", "none")
LIMBS = ("right arm", "left arm", "right leg", "left leg")
FREQUENCY = "After a head injury: every half hour for 2 hours, every hour for 4 hours, then every 2 hours."
KEY = (
    "NT: not testable (swelling, tube, sedation); with one NT there is no sum. Pupils: size in mm; + reacts, - does not, "
    "S sluggish, C closed. Limbs: N normal, M mild or W severe weakness, F flexes, E extends, 0 no response."
)
_ROW = [
    [Field("Asked for by", 0.42), Field("Frequency", 0.34), Field(f"{DATE} {TIME}", 0.24, ruled=False)],
    [Field("Tell", 0.34), Field("bleep", 0.16), Field("if", 0.5)],
]  # fmt: skip


def _groups(columns: NeuroColumns) -> tuple[Group, ...]:
    def component(key: str, name: str, words: tuple[str, ...]) -> Group:
        cells = columns.component(key)
        rows = [Row(f"{len(words) - n} {tr(word)}", cells=cells[str(len(words) - n)]) for n, word in enumerate(words)]
        return Group(tr(name), (*rows, Row(tr("NT, not testable"), cells=cells["NT"])))

    def pupil(side: str, name: str) -> Group:
        rows = (
            Row(tr("size mm"), height=16, cells=columns.words(f"{side} size")),
            Row(tr("reacts"), height=16, cells=columns.words(f"{side} reaction")),
        )
        return Group(tr(name), rows, is_one=False)

    total = Row(tr("E + V + M (copy: as sent)"), height=17, cells=columns.totals())
    more = columns.others()
    ends = [Row(tr("Initials"), height=15, cells=columns.sources())]
    if any(more):
        ends.insert(0, Row(tr("More in the copy"), height=14, cells=more))
    return (
        component("E", "Eyes open", EYES),
        component("V", "Verbal response", VOICE),
        component("M", "Motor response", MOTOR),
        Group("", (total,)), pupil("right", "Right pupil"), pupil("left", "Left pupil"),
        Group(tr("Limbs"), tuple(Row(tr(t), height=16) for t in LIMBS)),
        Group("", tuple(ends)),
    )  # fmt: skip


def _copy_lines(model: FormModel, copied: int, left_out: int, *, notes: bool) -> list[tuple[str, bool]]:
    if model.chart is None:
        return []
    age, listing = as_of(model, "observation"), model.chart.observations
    held = [(text, False) for text in held_back(listing.items)]
    if not copied:
        if listing.state != KNOWN:
            return [(empty_text(listing.state, "observations", listing.window), True)]
        words = tr("No GCS or pupils within 24 hours before this print are in this copy ({age}).").format(age=age)
        return [(words, True), *held]
    words = tr("Left of the thick line: from the copy, {age}. Empty there: not sent.").format(age=age)
    if left_out:
        words += " " + tr("{shown} of {all} sets of the last 24 hours are here, the newest.").format(
            shown=copied, all=copied + left_out
        )
    more = [(tr("Letters in brackets: see the notes on the last side."), False)] if notes else []
    return [(words, True), *held, *more]


def parts(model: FormModel) -> list[Part]:
    sets, left_out = neuro_sets(model, model.chart) if model.chart is not None else ((), 0)
    columns = NeuroColumns(model, sets, SHAPE, WIDE)
    when, groups = when_groups(model, columns.tops), _groups(columns)
    lines = _copy_lines(model, len(sets), left_out, notes=bool(columns.notes.texts))
    texts = (o.Text(text=tr(FREQUENCY), strong=True), o.Text(text=tr(KEY)))
    words = (
        *texts, *(r for row in _ROW for r in Fields(*row).rows()), *(o.Text(text=t, strong=s) for t, s in lines),
        *said((*when, *groups), columns.tops),
    )  # fmt: skip

    def side(first: int, words: tuple[o.Row, ...]) -> Side:
        def draw(area: Area) -> list[flow.Part]:
            above = [fields_block(area.width, row, 18) for row in _ROW]
            above += [_gauge(area.width), *(text_block(t, area.width) for t in texts)]
            if first == 0 or first < len(sets):
                above += [text_block(o.Text(text=t, strong=s), area.width) for t, s in lines]
            return chart_parts(area, above, when, groups, SHAPE, first=first, copied=len(sets))

        return Side(draw, words)

    count = sides(len(sets), SHAPE, LEAST)
    charts: list[Part] = [side(n * SHAPE.columns, () if n else words) for n in range(count)]
    return [*charts, *_events(columns)]


def _events(columns: NeuroColumns) -> list[Part]:
    """The last side: notes to the columns, and what happened between two sets."""
    notes = columns.notes.rows()
    head: list[Part] = [NewSide()]
    if notes:
        blocks = Own(lambda wide: [text_block(r, wide) for r in notes if isinstance(r, o.Text)], notes)
        head += [Heading("Notes to the columns"), blocks]
    return [
        *head,
        Heading("Events: seizure, vomiting, headache, fall, drugs that dull"),
        Ruled(
            (Column("Date and time", 0.17), Column("What was seen, how long", 0.4), Column("Told: name, role, bleep", 0.24),
             Column("Came at", 0.09), Column("Initials", 0.1)),
            blank=8, fills=True,
        ),
    ]  # fmt: skip


def _gauge(wide: float) -> Block:
    """Pupils of 1 to 8 mm at their size, and a ruler of 50 mm to see that the print has it."""
    high = 12 * MM

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = sheet.text(x, y + 4.6 * MM, tr("Pupil mm"), LABEL) + 8
        for size in range(1, 9):
            radius = size * MM / 2
            at += max(radius, 4)
            sheet.circle(at, y + 4.2 * MM, radius, filled=True)
            sheet.text(at, y + 11.2 * MM, str(size), LABEL, align="centre")
            at += max(radius, 4) + 6
        end = x + wide - 2
        start = end - 50 * MM
        sheet.line(start, y + 6 * MM, end, y + 6 * MM, 0.75)
        for n in range(6):
            sheet.line(start + n * 10 * MM, y + 5 * MM, start + n * 10 * MM, y + 7 * MM, 0.75)
        sheet.text(start - 4, y + 7 * MM, "50 mm", LABEL, align="right")

    return Block((Strip(high, draw),))


FORM = form_of(
    parts, code="F17", title="Neurological observations", use="Glasgow Coma Scale, pupils and limbs.",
    back_entry="line",
)  # fmt: skip
