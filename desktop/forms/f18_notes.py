"""F18 Clinical notes continuation: ruled lines with columns for time and author (CLINICAL §6)."""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blocks import Block, Strip
from desktop.forms.frame import A4, Frame
from desktop.forms.layout import Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style

HEADS = ("Date and time", "Notes", "Name, role, bleep, signature")
_SHARES = (0.16, 0.60, 0.24)
_PITCH = 8 * MM


def outline(model: FormModel) -> o.Outline:
    """Nothing of the chart is copied onto it: what stands on it is written by hand."""
    rows = tuple(o.Pair(left=head) for head in HEADS)
    return o.Outline(sections=(o.Section(title="", rows=rows),))


def design(form: Form, model: FormModel) -> Design:
    frame = Frame(form, model)
    area = frame.content

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = x
        for head, share in zip(HEADS, _SHARES, strict=True):
            sheet.text(at + 2, y + 10, head, Style("semibold", 8.5))
            if at > x:
                sheet.line(at, y, at, y + high)
            at += area.width * share
        sheet.line(x, y + 15, x + area.width, y + 15, 1.0)
        for n in range(1, lines + 1):
            sheet.line(x, y + 15 + n * _PITCH, x + area.width, y + 15 + n * _PITCH)

    lines = int((area.height - 15) / _PITCH)
    high = 15 + lines * _PITCH
    return Design(A4, ((Panel(frame, [(area.left, area.top, Block((Strip(high, draw),)))]),),))
