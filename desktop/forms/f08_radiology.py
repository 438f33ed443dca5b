"""F08 Radiology request: a referral under IR(ME)R on one side of A4, for the department and for the notes.

What the copy says of kidneys, contrast, pregnancy, implants, infection and anticoagulation stands beside the questions,
each with its time; the boxes stay open, for they are asked of the patient. The side is said in words.
"""

from __future__ import annotations

from typing import NamedTuple

from desktop.forms import copied, past_imaging
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.f04_microbiology import RISK
from desktop.forms.known import Topic, beside_label, known, told, untold
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Fitted, Heading, Part, form_of
from desktop.forms.request_head import asked, detail, requester, said, tests_of, who_and_how_soon
from localdb.chart.awaiting import is_request
from localdb.chart.views import Entry

IMPLANTS = (
    r"pacemaker|\bICD\b|defibrillator|neurostimulator|stimulator|cochlear|aneurysm clip|\bclip\b|shunt|metal|foreign body"
    r"|implant|prosthe|stent|\bMRI\b|claustrophob|shrapnel|\bpump\b"
)
CONTRAST = r"contrast|iodin|gadolin|omnipaque|ultravist|iohexol"
KIDNEYS = r"\bAKI\b|acute kidney|kidney injury|\bCKD\b|chronic kidney|renal|dialysis"
_INFECTION = RISK.split("|pregnan", 1)[0]
_ASK = ("yes", "no", "not known")
SAFETY = (
    "Pacemaker or ICD", "Neurostimulator", "Cochlear implant", "Aneurysm clip", "Shunt", "Metal in the eye",
    "Surgery within 6 weeks", "Other implant", "Claustrophobia",
)  # fmt: skip
BESIDE = "Ask the patient: the record may be older than this answer."


def _request(model: FormModel) -> Entry | None:
    return asked(model, is_request)


class _Record(NamedTuple):
    """What the record says of each topic."""

    infection: Topic
    weight: Topic
    pregnancy: Topic
    contrast: Topic
    egfr: Topic
    creatinine: Topic
    kidneys: Topic
    sugar: Topic
    implants: Topic
    thinned: Topic
    inr: Topic


def _record(model: FormModel) -> _Record:
    def topic(name: str, words: str, *lists: str) -> Topic:
        return Topic(name, copied.named(model, words, *lists), lists)

    sugar = topic("diabetes, thyroid, metformin", r"diabet|thyroid|thyrotox|goitre", "alerts", "problems", "medicines")
    egfr = copied.labelled("eGFR", copied.result(model, copied.EGFR, r"^e?GFR"))
    inr = copied.labelled("INR", copied.result(model, copied.INR))
    return _Record(
        infection=topic("infection", _INFECTION, "alerts", "problems"),
        weight=Topic("weight", copied.measure(model, "Weight"), ("observations",)),
        pregnancy=topic("pregnancy", r"pregnan|gravid|breast-?feed", "alerts", "problems", "observations"),
        contrast=topic("contrast reaction", CONTRAST, "allergies", "alerts"),
        egfr=Topic("eGFR", (*egfr, *copied.phoned(model, r"e?GFR")), ("results",)),
        creatinine=Topic("creatinine", copied.labelled(tr("creatinine"), copied.result(model, copied.CREATININE)),
                         ("results",)),
        kidneys=topic("kidney disease", KIDNEYS, "alerts", "problems"),
        sugar=Topic(sugar.name, (*sugar.found, *copied.medicines(model, (), words=r"metformin")), sugar.lists),
        implants=topic("implants", IMPLANTS, "alerts", "problems"),
        thinned=Topic("anticoagulant by name", copied.medicines(model, ("anticoagulant",), days=7), ("medicines",)),
        inr=Topic("INR", (*inr, *copied.phoned(model, r"^INR\b")), ("results",)),
    )  # fmt: skip


def _together(model: FormModel, label: str, *topics: Topic) -> list[Part]:
    """Several topics in one line (eGFR and creatinine with their dates as the laboratory sent them, L8)."""
    found = tuple(t for topic in topics for t in topic.found)
    return [known(model, label, found)] if found and model.chart is not None else []


def parts(model: FormModel) -> list[Part]:
    entry, record = _request(model), _record(model)
    seen = past_imaging.previous(model)
    exam, why = ", ".join(tests_of(entry)), detail(model, entry)

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        return [
            *who_and_how_soon(model, entry, high),
            Fields(Field("Examination", 0.56, exam),
                   Field("Side", 0.44, ticks=("LEFT", "RIGHT", "BOTH", "no side"), ruled=False), height=high),
            Fields(Field("Clinical question, indication", 1.0, why), height=high),
            Fields(Field("", 1.0), height=high),
            known(model, "Previous imaging", seen, height=high),
            Fields(Field(f"By when  {DATE}  {TIME}", 0.27, ruled=False),
                   Field("Comes", 0.49, ticks=("walking", "chair", "bed", "portable"), ruled=False),
                   Field("Oxygen", 0.24, ticks=("no", "yes"), ruled=False), height=low),
            *_together(model, "Infection, weight", record.infection, record.weight),
            *([] if record.infection.found and record.weight.found
              else [Fields(Field("Infection risk", 0.6), Field("Weight", 0.4), height=high)]),
            Fields(Field("Childbearing potential", 0.4, ticks=("yes", "no"), ruled=False),
                   Field(f"LMP  {DATE}", 0.22, ruled=False), Field("Pregnancy test", 0.38), height=high),
            *told(model, record.pregnancy),
            Heading("Contrast"),
            Fields(Field("Previous reaction", 0.45, ticks=_ASK, ruled=False), Field("which", 0.55), height=high),
            *told(model, record.contrast),
            *_together(model, "Kidneys", record.egfr, record.creatinine, record.kidneys),
            Fields(Field("Diabetes", 0.37, ticks=_ASK, ruled=False),
                   Field("Metformin", 0.25, ticks=("yes", "no"), ruled=False),
                   Field("AKI", 0.38, ticks=_ASK, ruled=False), height=low),
            *told(model, record.sugar, "Diabetes, thyroid"),
            Fields(Field("Thyroid disease", 0.43, ticks=_ASK, ruled=False), Field("eGFR by hand", 0.29),
                   Field(f"date  {DATE}", 0.28, ruled=False), height=high),
            Heading("MRI safety"),
            *(Fields(*(Field(n, 1 / 3, ticks=("yes", "no"), ruled=False) for n in SAFETY[k : k + 3]), height=low)
              for k in (0, 3, 6)),
            *told(model, record.implants),
            *_together(model, "Anticoagulant, INR", record.thinned, record.inr),
            *([] if record.thinned.found and record.inr.found
              else [Fields(Field("Anticoagulant, last dose", 0.5), Field("INR", 0.2),
                           Field(f"date  {DATE}", 0.3, ruled=False), height=high)]),
            *untold(model, record, ("report", "image", "alert", "problem", "result", "medicine", "observation")),
            Fields(Field("REFERRER, entitled", 0.38, requester(entry)), Field("Registration no.", 0.27),
                   Field("Signature", 0.35), height=high),
            Fields(Field("PHONE REPORT TO", 0.5, said(entry, "phone")),
                   Field(f"Date  {DATE}   Time  {TIME}", 0.5, ruled=False), height=high),
            beside_label(
                [
                    [Field("DEPARTMENT  justified or authorised by", 1.0)],
                    [Field("Identity checked by operator", 0.55), Field("Pregnancy check", 0.45)],
                    [Field("Dose or exposure", 0.5), Field("Contrast, batch", 0.5)],
                    [Field("Images sent", 0.5, ticks=("yes", "no"), ruled=False), Field("time", 0.5)],
                ],
                "Accession label or number", high,
            ),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F08", title="Radiology request", use=BESIDE, parts_for=("imaging team", "notes"),
)  # fmt: skip
