"""F19 Medical clerking, four sides (CLINICAL §6): history, drugs and reconciliation, examination, decisions.

Problems, medicines, results and the resuscitation pointer stand where the doctor would write them, each with its own
time; a list of the copy is never a drug history: every line asks what the patient really takes. No score is added up.
"""

from __future__ import annotations

from desktop.forms import copied, past_imaging
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.bloods_grid import bloods
from desktop.forms.chart_text import RESUS, short, shown
from desktop.forms.drug_words import orders, words_of
from desktop.forms.known import known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.observation_columns import has_vitals, recent, set_text
from desktop.forms.parts import Author, Facts, Fields, Fitted, Heading, NewSide, Part, Ruled, Space, Writing, form_of
from desktop.forms.person_known import place_text, written_section
from desktop.forms.problems_known import problems_section
from desktop.forms.summary_parts import doses_text
from desktop.forms.tables import FIRST, Column
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.drug_chart import Item
from localdb.chart.views import KNOWN, Chart

HEIGHTS = (20, 18.5, 17, 16)  # of a row of fields: the first that needs the fewest sides
SYSTEMS = ("Heart and circulation", "Breathing", "Abdomen, bowels", "Urine, kidneys", "Nerves, vision, hearing",
           "Joints, muscles", "Skin", "Mood, sleep, memory")  # fmt: skip
EXAMINED = ("General", "Heart and circulation", "Chest", "Abdomen", "Nervous system", "Limbs, calves, joints",
            "Skin, lines, wounds")  # fmt: skip
_RESUS, _RESUS_COPY = "Resuscitation, in the notes", "Resuscitation, in the copy"
NO_DECISION = "no decision named in this copy, which is not evidence of absence: look at the notes"
ORIGINAL = "CHECK THE ORIGINAL; this sheet is no valid form"
_DRUGS = (
    Column("Drug", 0.24, FIRST), Column("DOSE", 0.12, Style("bold", 11)), Column("Route, how often", 0.19),
    Column("Last given, as recorded", 0.19), Column("Takes it: yes, no", 0.1), Column("Continue, change, stop: why", 0.16),
)  # fmt: skip


def parts(model: FormModel) -> list[Part]:
    return [Fitted(lambda high: _sides(model, high), HEIGHTS)]


def _sides(model: FormModel, high: float) -> list[Part]:
    """A blank has its four sides; what the copy fills flows on, so that no side is half empty."""
    side: list[Part] = [NewSide()] if model.blank else [Space(6)]
    first = [*_history(model, high), NewSide(), *_drugs(model, high), *side]
    return [*first, *_asked(high), *side, *_decided(model, high)]


def _history(model: FormModel, high: float) -> list[Part]:
    """Side 1: why here, and the history."""
    chart = model.chart
    why: tuple[str, ...] = ()
    if chart is not None:
        patient = chart.patient
        came = tr("admitted {when}").format(when=short(model, patient.admitted)) if patient.admitted is not None else ""
        said = wording.clean(patient.reason) or tr("reason for admission not in this copy")
        why = tuple(t for t in (said, came, wording.clean(patient.consultant)) if t)
    return [
        Fields(Field("Seen", 0.06, ruled=False), Field(f"{DATE}  {TIME}", 0.26, ruled=False),
               Field("Place", 0.38, place_text(model)), Field("Seen by, grade", 0.3), height=high),
        known(model, "Why here", why, "stay", height=high),
        Fields(Field("History from", 1.0, ticks=("patient", "relative or carer", "ambulance", "GP letter", "notes",
                                                 "interpreter"), ruled=False), height=high),
        *(Facts(s) for s in written_section(model, "note")),
        Writing("Presenting complaint", 2),
        Ruled((Column("History of the presenting complaint", 1.0),), blank=12, fills=True),
    ]  # fmt: skip


def _drugs(model: FormModel, high: float) -> list[Part]:
    """Side 2: past medical history; drugs and their reconciliation."""
    return [
        *([Facts(problems_section(model))] if model.chart is not None else [Heading("Past medical history")]),
        Writing("Past medical history, operations", 3) if model.chart is not None else Writing("", 6),
        Heading("Drug history and reconciliation"),
        Fields(Field("From", 1.0, ticks=("patient", "own medicines", "GP record", "care home chart", "carer"),
                     ruled=False), height=high),
        *_medicines(model),
        Fields(Field("Bought, herbal, borrowed", 0.55), Field("Reconciled by", 0.45), height=high),
    ]  # fmt: skip


def _medicines(model: FormModel) -> list[Part]:
    """Each medicine that goes on, in the words of the drug chart; the others are counted (CLINICAL §5.2, §5.3)."""
    chart = model.chart
    if chart is None:
        return [Ruled(_DRUGS, blank=12, pitch=24)]
    found = orders(model)
    told = [tr("{shown} of {all} medicines shown").format(shown=len(found.going), all=found.total)]
    if chart.medicines.state != KNOWN:
        told = [copied.absent(chart, "medicines")]
    told += [_names(tr("suspended"), found.suspended), _names(tr("stopped within a day"), found.stopped)]
    if found.view_only:
        words = tr("{count} NOT TRANSCRIBED (SACT, intrathecal or trial): see its own chart")
        told.append(words.format(count=len(found.view_only)))
    told += [doses_text(model, chart), *copied.held(chart, "medicines")]
    return [
        known(model, "In the copy", [t for t in told if t], "medicine", "administration"),
        Ruled(_DRUGS, tuple(_drug(model, item) for item in found.going), blank=4),
    ]


def _names(label: str, items: tuple[Item, ...]) -> str:
    names = ", ".join(f"{wording.clean(i.row.drug)} {wording.clean(i.row.item.dose)}".strip() for i in items)
    return f"{label}: {names}" if names else ""


def _drug(model: FormModel, item: Item) -> tuple[str, ...]:
    words = words_of(model, item)
    often = ", ".join(t for t in (words.route, words.often) if t)
    return (
        "\n".join(t for t in (words.drug, ", ".join(words.marks)) if t),
        words.dose,
        "\n".join((often, *words.warned)),
        "\n".join(words.last),
        "",
        "",
    )


def _asked(high: float) -> list[Part]:
    """Side 3: family, life, function, systems, examination."""
    return [
        Writing("Family history", 1),
        Fields(Field("Lives with, in", 0.5), Field("Work", 0.25), Field("Drives", 0.25), height=high),
        Fields(Field("Smokes", 0.3), Field("Alcohol, units a week", 0.35), Field("Other drugs", 0.35), height=high),
        Fields(Field("Walks, with what help", 0.5), Field("Help with daily life", 0.5), height=high),
        Fields(Field("Clinical Frailty Scale, two weeks ago (1-9)", 0.5), Field("by", 0.2), Field("Falls", 0.3),
               height=high),
        Space(4),
        Ruled((Column("Asked, by system", 0.27), Column("Findings", 0.73)), tuple((tr(s), "") for s in SYSTEMS),
              pitch=high + 4),
        Space(6),
        Ruled((Column("Examined", 0.27), Column("Findings", 0.73)), tuple((tr(s), "") for s in EXAMINED), pitch=high + 8),
    ]  # fmt: skip


def _decided(model: FormModel, high: float) -> list[Part]:
    """Side 4: observations, bloods, imaging; what is thought, decided and reviewed."""
    return [
        *_newest_set(model),
        Fields(Field("Resp", 0.12), Field("SpO2", 0.13), Field("on", 0.13), Field("BP", 0.18), Field("Pulse", 0.14),
               Field("Temp", 0.15), Field("ACVPU", 0.15), height=high),
        Fields(Field("GCS  E", 0.13), Field("V", 0.08), Field("M", 0.08), Field("Glucose", 0.17),
               Field("4AT: alertness", 0.2), Field("AMT4", 0.1), Field("attention", 0.12), Field("acute", 0.12),
               height=high),
        Space(4),
        *bloods(model),
        known(model, "Imaging", past_imaging.previous(model, 3), "report", "image", height=high),
        Writing("Impression", 2),
        Writing("Plan", 4),
        Heading("VTE, resuscitation, review"),
        Fields(Field("Thrombosis risk", 0.34, ticks=("yes", "no"), ruled=False),
               Field("Bleeding risk", 0.33, ticks=("yes", "no"), ruled=False),
               Field("Moves less", 0.33, ticks=("yes", "no"), ruled=False), height=high),
        Fields(Field("VTE decision", 0.6, ticks=("drug", "stockings or pump", "none"), ruled=False),
               Field("why, sign", 0.4), height=high),
        known(model, _RESUS if model.blank else _RESUS_COPY, _resus(model), "alert", "document", height=high),
        Fields(Field("Talked about with", 0.5), Field("decision on its own form", 0.5, ticks=("yes", "no"), ruled=False),
               height=high),
        Author(),
        Fields(Field("Senior review", 0.5), Field("sign", 0.26), Field(f"{DATE} {TIME}", 0.24, ruled=False), height=high),
    ]  # fmt: skip


def _newest_set(model: FormModel) -> list[Part]:
    chart = model.chart
    if chart is None:
        return []
    found = recent(model, chart, has_vitals)
    newest = found.sets[-1] if found.sets else found.before
    texts: list[str] = []
    if newest is not None:
        texts.append(set_text(model, newest))
    if newest is not None and newest.entry is not None:
        texts.append(copied.written(model, newest.entry))
        copy = next((s for s in reversed(found.sets) if s.entry is None), found.before)
        texts += [set_text(model, copy)] if copy is not None else []
    return [known(model, "Observations before", texts or copied.absent(chart, "observations"), "observation")]


def _resus(model: FormModel) -> tuple[str, ...]:
    """What the record holds, never what it means (CLINICAL §1.5)."""
    chart: Chart | None = model.chart
    if chart is None:
        return ()
    found = [
        f"{wording.clean(r.text)}, {short(model, r.happened or r.said)}"
        for r in shown((*chart.alerts.items, *chart.documents.items))
        if RESUS.search(r.text) and r.status not in ("inactive", "superseded")
    ]
    return (*found, tr(ORIGINAL)) if found else (tr(NO_DECISION),)


FORM = form_of(
    parts, code="F19", title="Medical clerking", use="Four sides. Sign each side that you write on.", back_entry="line",
)  # fmt: skip
