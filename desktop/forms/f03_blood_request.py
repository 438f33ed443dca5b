"""F03 Blood sciences request: two A5 copies on one A4 with a cut line, for the laboratory and for the notes (D10).

Not for transfusion: there is no box for a group or a crossmatch on it (H16). A request that the ward typed within the
last day is written into it, with its number; the sampler's part stays empty. While the laboratory is struck and the
other systems live, a banner rations (CLINICAL §3.3).
"""

from __future__ import annotations

from datetime import timedelta

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field, banner, fields, ticks
from desktop.forms.blocks import Block
from desktop.forms.chart_text import short
from desktop.forms.frame import A4, Frame
from desktop.forms.layout import Area, Design, Filling, Panel
from desktop.forms.model import Form, FormModel
from localdb.chart import wording
from localdb.chart.struck import struck
from localdb.chart.views import Entry

TESTS = (
    "FBC", "U&E", "LFT", "Bone profile", "CRP", "Clotting",
    "D-dimer", "Troponin", "Blood gas", "Glucose", "Lactate", "Magnesium",
)  # fmt: skip
NOT_TRANSFUSION = "NOT FOR TRANSFUSION SAMPLES: group and crossmatch have a form of their own"
COPIES = ("laboratory", "notes")


def _rationed(model: FormModel) -> str:
    """What a struck laboratory asks of a request; empty where it is not struck."""
    found = struck(model.sources, "result", titles=model.site.titles)
    if not found:
        return ""
    since = f" SINCE {short(model, found[0].since)}" if found[0].since is not None else ""
    return f"LABORATORY DOWN{since}: ESSENTIAL TESTS ONLY, WITH REASON AND PHONE NUMBER"


def _asked(model: FormModel) -> Entry | None:
    """The newest laboratory request that the ward typed about this patient within a day, and that still stands."""
    if model.chart is None:
        return None
    since = model.printed_at - timedelta(days=1)
    return next(
        (
            e
            for e in model.chart.entries
            if e.kind == "request"
            and str(e.body.get("kind", "")).casefold() == "laboratory"
            and not e.corrected_by
            and e.written.instant is not None
            and e.written.instant >= since
        ),
        None,
    )


def _tests(asked: Entry | None) -> tuple[frozenset[str], str]:
    """Which boxes a typed request ticks, and what stands under other tests, to the letter."""
    wanted = [str(t).strip() for t in asked.body.get("tests", ())] if asked is not None else []
    boxes = {name.casefold(): name for name in TESTS}
    ticked = frozenset(boxes[w.casefold()] for w in wanted if w.casefold() in boxes)
    return ticked, wording.clean(", ".join(w for w in wanted if w and w.casefold() not in boxes))


def _said(asked: Entry | None, name: str) -> str:
    return wording.clean(str(asked.body.get(name) or "")) if asked is not None else ""


def _location(model: FormModel) -> str:
    if model.chart is None:
        return ""
    patient = model.chart.patient
    return wording.clean(", ".join(t for t in (patient.ward, f"bed {patient.bed}" if patient.bed else "") if t))


def _detail(model: FormModel) -> str:
    """Why it is asked for: as the ward typed it, else the reason for being here."""
    said = _said(_asked(model), "reason")
    return said or (wording.clean(model.chart.patient.reason) if model.chart is not None else "")


def outline(model: FormModel) -> o.Outline:
    asked, rationed = _asked(model), _rationed(model)
    ticked, others = _tests(asked)
    rows: list[o.Row] = [
        o.Pair(left=NOT_TRANSFUSION),
        *([o.Pair(left=rationed)] if rationed else []),
        o.Pair(left="Location", right=_location(model)),
        o.Pair(left="Clinical detail", right=_detail(model)),
        *(o.Pair(left=name, right="X" if name in ticked else "") for name in TESTS),
        o.Pair(left="Other tests", right=others),
        o.Pair(left="Requester", right=_requester(asked)),
        o.Pair(left="Priority", right=_priority(asked)),
        *(o.Pair(left=label) for label in ("Anticoagulant", "Fasting", "Taken by")),
        o.Pair(left="PHONE RESULT TO", right=_said(asked, "phone")),
        o.Pair(left="Laboratory number"),
    ]
    return o.Outline(sections=(o.Section(title="Request", rows=tuple(rows)),))


def _requester(asked: Entry | None) -> str:
    return wording.clean(f"{asked.staff}, no. {asked.number}") if asked is not None else ""


def _priority(asked: Entry | None) -> str:
    """As the ward typed it: `asap` and `stat` are said in words."""
    said = _said(asked, "priority")
    return {"asap": "as soon as possible", "stat": "at once"}.get(said, said)


def _fitting(model: FormModel, wide: float, room: float) -> list[Block]:
    """The blocks with rows as high as the half page allows: 6 mm to write in, at least 5 mm, before a second page."""
    for high in (17, 16, 15.2, 14.5):
        blocks = _blocks(model, wide, high)
        if sum(b.height for b in blocks) <= room:
            return blocks
    return _blocks(model, wide)


def _blocks(model: FormModel, wide: float, high: float = 17) -> list[Block]:
    detail, asked, rationed = _detail(model), _asked(model), _rationed(model)
    ticked, others = _tests(asked)
    priority = _priority(asked)
    how_soon = (
        Field("Priority", 0.58, priority)
        if priority
        else Field("Priority", 0.58, ticks=("routine", "urgent", "emergency"), ruled=False)
    )
    return [
        banner(wide, NOT_TRANSFUSION),
        *([banner(wide, rationed)] if rationed else []),
        fields(wide, [Field("Location", 0.42, _location(model)), Field("Requester", 0.38, _requester(asked)),
                      Field("bleep", 0.2)], high),
        fields(wide, [Field("Copy to", 0.42), how_soon], high),
        fields(wide, [Field("Clinical detail", 1.0, detail)], high),
        fields(wide, [Field("Anticoagulant", 0.3, ticks=("no", "yes"), ruled=False), Field("drug", 0.4),
                      Field(f"last dose  {DATE}  {TIME}", 0.3, ruled=False)], high),
        ticks(wide, TESTS, 6, high - 2, ticked=ticked),
        fields(wide, [Field("Other tests", 0.55, others),
                      Field("Fasting", 0.45, ticks=("yes", "no", "not known"), ruled=False)], high),
        fields(wide, [Field("Taken by", 0.55), Field(f"date  {DATE}   time  {TIME}", 0.45, ruled=False)], high),
        fields(wide, [Field("PHONE RESULT TO", 0.68, _said(asked, "phone")), Field("ext.", 0.32)], high),
        fields(wide, [Field("Laboratory number (laboratory use)", 1.0)], high + 3),
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
        for block in _fitting(model, area.width, area.height):
            if block.height > filling.room and filling.y > area.top:
                filling.onward()
            filling.place(block)
        filled.append(filling.pages)
    pages = tuple(
        tuple(Panel(frame, items[n]) for frame, items in zip(frames, filled, strict=True))
        for n in range(len(filled[0]))
    )
    return Design(A4, pages, cut=half)


FORM = Form(
    code="F03", title="Blood sciences request", size="2 A5 on A4", takes="patient", version=1,
    use="NOT for transfusion samples.", outline=outline, design=design, allergies=False, two_sided=False,
)  # fmt: skip
