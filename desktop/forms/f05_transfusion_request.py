"""F05 Transfusion request: one side of A4, for the blood bank and for the notes (CLINICAL §3.3, §6, H16).

Who the sample is from is written by hand at the bedside, from the wristband, beside the printed identity; Wardlamp prints
no label for its tube. What the copy holds of group and antibodies stands under its caption; contradicting groups are
not printed.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms import outline as o
from desktop.forms.bank_card import history
from desktop.forms.blanks import DATE, TIME, Field, fields
from desktop.forms.blocks import BODY, Block, gap, paragraph
from desktop.forms.boxes import boxed
from desktop.forms.known import beside_label, field_rows, known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Own, Part, Ruled, form_of
from desktop.forms.request_head import asked, detail, kind_of, priority, requester, said, tests_of
from desktop.forms.tables import Column
from desktop.forms.type import glued
from localdb.chart import wording
from localdb.chart.transfusion import names_transfusion
from localdb.chart.views import Entry

TUBE = "TUBE: BY HAND AT THE BEDSIDE, FROM THE WRISTBAND. PRINTED LABELS ARE REJECTED"
COMPONENTS = ("Red cells", "Platelets", "Plasma", "")
ASKED = ("group and screen only", "components below")
NEEDS = ("irradiated", "CMV-negative", "HEV-negative", "washed", "phenotyped", "none")
DECLARED = (
    "SAMPLER: I asked the patient to say full name and date of birth, read the wristband, took this sample, and wrote "
    "on the tube by hand before I left the patient."
)
_KINDS = frozenset({"transfusion", "blood bank", "blood transfusion"})
_COLUMNS = (
    Column("Component", 0.24), Column("Units or volume", 0.16), Column("Needed by, date and time", 0.24),
    Column("Special requirements, indication", 0.36),
)  # fmt: skip


def _request(model: FormModel) -> Entry | None:
    """What the ward typed for the blood bank: of any kind, where a test of it is one of the blood bank's."""
    return asked(model, lambda e: kind_of(e) in _KINDS or any(names_transfusion(t) for t in tests_of(e)))


def _wanted(entry: Entry | None) -> list[str]:
    every = tests_of(entry)
    return every if entry is not None and kind_of(entry) in _KINDS else [t for t in every if names_transfusion(t)]


def _by_hand(high: float) -> Own:
    """Who it is, from the wristband: empty on every print."""
    rows = [
        [Field("Family name", 0.5), Field("Given name", 0.5)],
        [Field(f"Born  {DATE}", 0.26, ruled=False), Field("Gender", 0.24), Field("NHS or hospital number", 0.5)],
        [
            Field(
                "", 1.0, ticks=("the printed identity above agrees with the wristband, letter by letter",), ruled=False
            )
        ],
    ]

    return boxed(
        lambda room: [fields(room, row, high) for row in rows], tuple(r for row in rows for r in field_rows(row))
    )


def _on_record(model: FormModel) -> list[Part]:
    """Haemoglobin, platelets and weight with their dates; nothing on a blank."""
    if model.chart is None:
        return []
    texts = (
        *copied.labelled("Hb", copied.result(model, copied.HAEMOGLOBIN)),
        *copied.labelled(tr("platelets"), copied.result(model, copied.PLATELETS)),
        *copied.phoned(model, r"h(a)?emoglobin|^Hb\b|platelet"),
        *copied.labelled(tr("weight"), copied.measure(model, "Weight")),
    )
    none = f"Hb, {tr('platelets')}: {copied.absent(model.chart, 'results')}"
    return [known(model, "On record", texts or (none,))]


def parts(model: FormModel) -> list[Part]:
    entry = _request(model)
    bank, blood = history(model), _on_record(model)
    consultant = wording.clean(model.chart.patient.consultant) if model.chart is not None else ""
    wanted, how_soon = "; ".join(_wanted(entry)), priority(entry)
    soon = ("at once", "within 1 hour", "today", "planned")

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        return [
            Banner(TUBE),
            _by_hand(high),
            *([Fields(Field("Location", 1.0), height=high)] if model.chart is None else []),
            Fields(Field("Consultant", 0.36, consultant), Field("Diagnosis", 0.64, detail(model, entry)), height=high),
            *blood,
            Fields(Field("Reason code", 0.3), Field("Hb", 0.17), Field("Platelets", 0.22),
                   Field(f"date  {DATE}  {TIME}", 0.31, ruled=False), height=high),
            *([known(model, "Asked for, typed on the ward", f"{wanted} ({requester(entry)})")] if wanted else []),
            Fields(Field("", 1.0, ticks=ASKED, ruled=False), height=low),
            Ruled(_COLUMNS, tuple((tr(name), "", "", "") for name in COMPONENTS), pitch=high),
            Fields(Field("Urgency", 1.0, how_soon) if how_soon else
                   Field("Urgency", 1.0, ticks=soon, ruled=False), height=low),
            Fields(Field("Needs", 1.0, ticks=NEEDS, ruled=False), height=low),
            bank,
            Fields(Field("Transfused within 3 months", 0.5, ticks=("yes", "no", "not known"), ruled=False),
                   Field("Pregnant within 3 months", 0.5, ticks=("yes", "no", "not known"), ruled=False), height=low),
            Fields(Field("Patient informed, consent", 0.5, ticks=("yes", "no", "not able"), ruled=False),
                   Field("PHONE TO", 0.5, said(entry, "phone")), height=high),
            Fields(Field("Requester", 0.34), Field("Registration no.", 0.22), Field("Bleep", 0.14), Field("Signature", 0.3),
                   height=high),
            _declaration(),
            beside_label(
                [
                    [Field("", 1.0, ticks=("identity asked and read", "tube written at the bedside"), ruled=False)],
                    [Field("Name, sign", 0.5), Field(f"{DATE}  {TIME}", 0.5, ruled=False)],
                    [Field("", 1.0, ticks=("first sample", "second sample, separate venepuncture"), ruled=False)],
                ],
                "Laboratory's own label or number (laboratory use)", high, least=50,
            ),
        ]  # fmt: skip

    return [Fitted(rows)]


def _declaration() -> Own:
    return Own(
        lambda wide: [Block((*paragraph([(glued(tr(DECLARED)), BODY)], wide), gap(2)))], (o.Text(text=tr(DECLARED)),)
    )


FORM = form_of(
    parts, code="F05", title="Transfusion request", parts_for=("blood bank", "notes"),
    use="No label of this program may go on a transfusion tube.", two_sided=False,
    hint="By hand, or a label matched with the wristband",
)  # fmt: skip
