"""F27 Phoned-result log: filled it is one patient's; blank it has ten rows with identifiers on each (D10, CLINICAL §3.2).

What was phoned stays apart from the results of the copy: here it can be ticked against the official one (H10).
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field, fields
from desktop.forms.blocks import STRONG, Block, Strip, paragraph
from desktop.forms.chart_text import phoned_text
from desktop.forms.frame import A4, Frame
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Filling, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.type import glued

ROWS = 10
LABELS = ("Test", "Value", "Unit", "Read back, confirmed", "Matches official")


def _entries(model: FormModel) -> list[str]:
    """Oldest first, as a log reads."""
    return [phoned_text(model, e) for e in reversed(model.chart.phoned)] if model.chart is not None else []


def outline(model: FormModel) -> o.Outline:
    rows: list[o.Row] = [o.Text(text=t, strong=True) for t in _entries(model)]
    rows += [o.Pair(left=tr(label)) for label in LABELS]
    return o.Outline(sections=(o.Section(title="", rows=tuple(rows)),))


def _in_box(blocks: list[Block], wide: float) -> Block:
    """Blocks under each other in one ruled box."""
    high = sum(b.height for b in blocks) + 5

    def draw(sheet, x, y):  # type: ignore[no-untyped-def]
        sheet.box(x, y, wide, high, 0.75)
        at = y + 2
        for block in blocks:
            block.draw(sheet, x + 6, at)
            at += block.height

    return Block((Strip(high, draw),))


def _matches(share: float) -> Field:
    return Field("Matches official", share, ticks=("yes", "no"), ruled=False)


def _check(wide: float) -> Block:
    return fields(wide, [_matches(0.32), Field("seen by, initials, time", 0.68)], 15.5)


def _blank_row(wide: float, *, identifiers: bool) -> Block:
    inner = wide - 12
    who = [Field("Name", 0.44), Field(f"Born  {DATE}", 0.23, ruled=False), Field("NHS No.", 0.33)]
    return _in_box(
        [
            *([fields(inner, who, 15.5)] if identifiers else []),
            fields(
                inner,
                [Field(f"Taken  {DATE}  {TIME}", 0.28, ruled=False), Field("Test", 0.26), Field("Value", 0.18),
                 Field("Unit", 0.14), Field("Flag", 0.14)],
                15.5,
            ),
            fields(
                inner,
                [Field("Caller, role, ext.", 0.30), Field("", 0.265, ticks=("Read back, confirmed",), ruled=False),
                 Field("Told, time", 0.175 if identifiers else 0.435), *([_matches(0.26)] if identifiers else [])],
                15.5,
            ),
            *([] if identifiers else [_check(inner)]),
        ],
        wide,
    )  # fmt: skip


def _filled_row(text: str, wide: float) -> Block:
    words = Block(paragraph([(glued(text), STRONG)], wide - 12))
    return _in_box([words, _check(wide - 12)], wide)


def design(form: Form, model: FormModel) -> Design:
    frame = Frame(form, model)
    area = frame.content
    filling = Filling(lambda page: (Area(area.left, area.top, area.width, area.bottom),))
    blocks = [_filled_row(text, area.width) for text in _entries(model)]
    for block in blocks:
        if block.height > filling.room and filling.y > area.top:
            filling.onward()
        filling.place(block)
    empty = _blank_row(area.width, identifiers=model.chart is None)
    left = ROWS if model.chart is None else max(2, ROWS - len(blocks))
    for n in range(left):
        if empty.height > filling.room:
            if n >= 2:
                break
            filling.onward()
        filling.place(empty)
    return Design(A4, tuple((Panel(frame, items),) for items in filling.pages))


FORM = Form(
    code="F27", title="Phoned results", size="A4", takes="patient", version=1,
    use="UNCONFIRMED until the laboratory's own result is back. Read every figure back.",
    outline=outline, design=design, allergies=False, hint="Ward. One patient on each row below.",
)  # fmt: skip
