"""F06 Transfusion authorisation and bedside record, both sides of A4 (CLINICAL §6).

Number, group and expiry of a unit are written from the bag and its tag, never printed from a copy (H16); each unit has a
place for its tag, two checks at the bedside, observations at 0 and 15 minutes and at the end, and its fate.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.bank_card import caption, requirements
from desktop.forms.blanks import DATE, TIME, Field, fields
from desktop.forms.blocks import Block, Strip
from desktop.forms.boxes import boxed
from desktop.forms.copied import absent, held
from desktop.forms.known import field_rows, known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Heading, NewSide, Own, Part, Ruled, form_of
from desktop.forms.sheet import Sheet
from desktop.forms.tables import Column, Table, table
from desktop.forms.type import Style, wrap

CHECK = "BEDSIDE: WRISTBAND, PATIENT'S OWN WORDS, TAG AND BAG MUST ALL AGREE, OR DO NOT TRANSFUSE"
_AUTHORISED = (
    Column("Component", 0.2), Column("Special requirements", 0.22), Column("Units or volume", 0.14),
    Column("Rate or duration", 0.18), Column("Prescriber, sign, date, time", 0.26),
)  # fmt: skip
_WATCHED = (
    Column("", 0.13), Column("Time", 0.12), Column("Temp.", 0.11), Column("Pulse", 0.11), Column("BP", 0.15),
    Column("Resp.", 0.11), Column("SpO2", 0.11), Column("Initials", 0.16),
)  # fmt: skip
_TIMES = ("0, before", "15 minutes", "end")
TAG = "Tag or donation number (label of the bag)"
_TAG_SHARE = 0.36


def _unit_rows(number: int) -> tuple[list[list[Field]], list[list[Field]]]:
    """What is written of one unit: beside the tag, and below the observations."""
    first = [
        [Field(tr("Unit {number}, component").format(number=number), 1.0)],
        [Field("Group on the bag", 0.46), Field(f"expires  {DATE}  {TIME}", 0.54, ruled=False)],
        [Field("Checked by 1", 0.5), Field("Checked by 2", 0.5)],
        [Field(f"Start  {DATE}  {TIME}", 0.5, ruled=False), Field(f"Stop  {DATE}  {TIME}", 0.5, ruled=False)],
    ]
    last = [
        [Field("Fate", 0.66, ticks=("transfused", "part, rest discarded", "returned", "wasted"), ruled=False),
         Field("Volume given", 0.34)],
        [Field("Reaction", 0.24, ticks=("no", "yes"), ruled=False), Field("Tag to the blood bank, sign, time", 0.76)],
    ]  # fmt: skip
    return first, last


def _unit(number: int, high: float) -> Own:
    first, last = _unit_rows(number)

    def blocks(room: float) -> list[Block]:
        watched = table(room, _WATCHED, [(tr(t), *("",) * 7) for t in _TIMES], pitch=high)
        return [_beside_tag(first, room, high), _whole(watched), *(fields(room, row, high) for row in last)]

    said = [r for row in (*first, *last) for r in field_rows(row)]
    names = [*(c.head for c in _WATCHED if c.head), *_TIMES, TAG]
    return boxed(blocks, (*said, *(o.Pair(left=tr(name)) for name in names)))


def _beside_tag(rows: list[list[Field]], room: float, height: float) -> Block:
    """The place for the tag at the right of the rows."""
    tag = room * _TAG_SHARE
    made = [fields(room - tag - 8, row, height) for row in rows]
    high = sum(b.height for b in made)
    words = wrap([(tr(TAG), Style("regular", 8))], tag - 8)

    def paint(sheet: Sheet, x: float, y: float) -> None:
        at = y
        for block in made:
            block.draw(sheet, x, at)
            at += block.height
        sheet.box(x + room - tag, y + 3, tag, high - 4, 0.75)
        for n, line in enumerate(words):
            sheet.text(x + room - tag + 4, y + 12 + n * 9.6, line.spans)

    return Block((Strip(high + 3, paint),))


def _whole(made: Table) -> Block:
    """A small table as one block."""
    return Block((*made.head.strips, *(s for row in made.rows for s in row.strips)))


def _needs(model: FormModel) -> Part:
    chart = model.chart
    if chart is None:
        return known(model, "Special requirements", height=20)
    none = (absent(chart, "alerts", "results"), tr("no proof of none"))
    return known(model, "Special requirements, as recorded", (*(requirements(model) or none), *held(chart, "alerts")),
                 "alert", "result")  # fmt: skip


def parts(model: FormModel) -> list[Part]:
    needs, told = _needs(model), caption()

    def rows(pitch: float) -> list[Part]:
        high = min(18.5, max(15.5, pitch - 5))
        return [
            Banner(CHECK),
            Heading("Authorisation"),
            needs,
            Ruled(_AUTHORISED, blank=5, pitch=pitch),
            Fields(Field("Indication", 0.6), Field("Informed, consent", 0.4, ticks=("yes", "no", "not able"), ruled=False),
                   height=20),
            told,
            _unit(1, high),
            NewSide(),
            Banner(CHECK),
            _unit(2, high),
            _unit(3, high),
            _reaction(high),
        ]  # fmt: skip

    return [Fitted(rows, (34, 31, 28, 25, 23, 22, 21, 20, 18))]


def _reaction(high: float) -> Own:
    rows = [
        [Field("Unit", 0.14), Field(f"Noticed  {DATE}  {TIME}", 0.3, ruled=False), Field("Stopped", 0.2, ticks=("yes",),
         ruled=False), Field("volume given by then", 0.36)],
        [Field("Signs", 1.0)],
        [Field("", 1.0)],
        [Field("Told, name and role", 0.6), Field(f"{DATE}  {TIME}", 0.4, ruled=False)],
        [Field("Bag and giving set kept, to the laboratory", 0.6), Field(f"{DATE}  {TIME}", 0.4, ruled=False)],
        [Field("Name, sign", 0.6), Field("Bleep", 0.4)],
    ]  # fmt: skip
    title = [Field("REACTION OR EVENT: the site's own protocol applies", 1.0, ruled=False)]

    every = (title, *rows)
    said = tuple(r for row in every for r in field_rows(row))
    return boxed(lambda room: [fields(room, row, high) for row in every], said)


FORM = form_of(
    parts, code="F06", title="Transfusion record",
    use="Authorisation and bedside record. Every tag goes back the same day.",
)  # fmt: skip
