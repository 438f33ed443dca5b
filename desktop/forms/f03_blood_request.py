"""F03 Blood sciences request: two A5 copies on one A4 with a cut line, for the laboratory and for the notes (D10).

Not for transfusion: there is no box for a group or a crossmatch on it (H16).
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field, banner, fields, ticks
from desktop.forms.blocks import Block
from desktop.forms.frame import A4, Frame
from desktop.forms.layout import Area, Design, Filling, Panel
from desktop.forms.model import Form, FormModel
from localdb.chart import wording

TESTS = (
    "FBC", "U&E", "LFT", "Bone profile", "CRP", "Clotting",
    "D-dimer", "Troponin", "Blood gas", "Glucose", "Lactate", "Magnesium",
)  # fmt: skip
NOT_TRANSFUSION = "NOT FOR TRANSFUSION SAMPLES: group and crossmatch have a form of their own"
COPIES = ("laboratory", "notes")


def _location(model: FormModel) -> str:
    if model.chart is None:
        return ""
    patient = model.chart.patient
    return wording.clean(", ".join(t for t in (patient.ward, f"bed {patient.bed}" if patient.bed else "") if t))


def _detail(model: FormModel) -> str:
    return wording.clean(model.chart.patient.reason) if model.chart is not None else ""


def outline(model: FormModel) -> o.Outline:
    rows: list[o.Row] = [
        o.Pair(left=NOT_TRANSFUSION),
        o.Pair(left="Location", right=_location(model)),
        o.Pair(left="Clinical detail", right=_detail(model)),
        *(o.Pair(left=name) for name in TESTS),
        *(o.Pair(left=label) for label in ("Requester", "Priority", "Anticoagulant", "Fasting", "Taken by")),
        o.Pair(left="PHONE RESULT TO"),
        o.Pair(left="Laboratory number"),
    ]
    return o.Outline(sections=(o.Section(title="Request", rows=tuple(rows)),))


def _blocks(model: FormModel, wide: float) -> list[Block]:
    detail = _detail(model)
    return [
        banner(wide, NOT_TRANSFUSION),
        fields(wide, [Field("Location", 0.42, _location(model)), Field("Requester", 0.38), Field("bleep", 0.2)]),
        fields(wide, [Field("Copy to", 0.42),
                      Field("Priority", 0.58, ticks=("routine", "urgent", "emergency"), ruled=False)]),
        fields(wide, [Field("Clinical detail", 1.0, detail)]),
        fields(wide, [Field("Anticoagulant", 0.3, ticks=("no", "yes"), ruled=False), Field("drug", 0.4),
                      Field(f"last dose  {DATE}  {TIME}", 0.3, ruled=False)]),
        ticks(wide, TESTS, 6),
        fields(wide, [Field("Other tests", 0.55), Field("Fasting", 0.45, ticks=("yes", "no", "not known"), ruled=False)]),
        fields(wide, [Field("Taken by", 0.55), Field(f"date  {DATE}   time  {TIME}", 0.45, ruled=False)]),
        fields(wide, [Field("PHONE RESULT TO", 0.68), Field("ext.", 0.32)]),
        fields(wide, [Field("Laboratory number (laboratory use)", 1.0)], 20),
    ]  # fmt: skip


def design(form: Form, model: FormModel) -> Design:
    """The same blocks in both halves; where they need more than a half, both go on to the next page."""
    half = A4[1] / 2
    frames = [
        Frame(form, model, top=n * half, height=half, note=f"for the {name}", back_entry="line")
        for n, name in enumerate(COPIES)
    ]
    areas = [frame.content for frame in frames]
    filled = []
    for area in areas:
        filling = Filling(lambda page, area=area: (Area(area.left, area.top, area.width, area.bottom),))  # type: ignore[misc]
        for block in _blocks(model, area.width):
            if block.height > filling.room and filling.y > area.top:
                filling.onward()
            filling.place(block)
        filled.append(filling.pages)
    pages = tuple(
        tuple(Panel(frame, items[n]) for frame, items in zip(frames, filled, strict=True))
        for n in range(len(filled[0]))
    )
    return Design(A4, pages, cut=half)
