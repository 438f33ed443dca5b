"""F23 Transfer and escort, SBAR: A4, for the receiving ward and for the notes.

What is sent with a patient: why, what is known of infection, the last observations as sent, medicines with the last dose
and what is due (never "not given" where no dose is on record, H14), and where an original decision is. A print of the
copy is neither a prescription nor a decision.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.chart_text import RESUS, short, shown
from desktop.forms.drug_words import orders, words_of
from desktop.forms.f04_microbiology import RISK
from desktop.forms.known import known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Fitted, Heading, Part, Ruled, Writing, form_of
from desktop.forms.request_head import location
from desktop.forms.summary_parts import doses_text
from desktop.forms.tables import FIRST, Column
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.drug_chart import Item
from localdb.chart.observation_sets import LABELS, ORDER, ObsSet, merged, obs_sets, typed_sets
from localdb.chart.views import KNOWN, Chart

NO_DECISION = "no decision named in this copy, which is not evidence of absence: look at the notes"
NOT_COPIED = "{count} NOT TRANSCRIBED (SACT, intrathecal or trial): see its own chart"
ORIGINAL = "CHECK THE ORIGINAL; this print is no valid form"
_DRUGS = (
    Column("Drug", 0.235, FIRST), Column("DOSE", 0.125, Style("bold", 11)), Column("Route, how often", 0.18),
    Column("Last given", 0.2), Column("Due, as sent", 0.16), Column("Given since", 0.1),
)  # fmt: skip
_JOURNEY = (
    Column("On the way: time", 0.14), Column("Observations, events, given", 0.66), Column("Name, sign", 0.2),
)  # fmt: skip
TRAVELS = ("drug chart", "notes", "images", "own medicines")
_INFECTION = RISK.split("|pregnan", 1)[0]


def _observations(model: FormModel, chart: Chart) -> tuple[str, ...]:
    """The newest set of the copy and the newest one that the ward typed, as they were sent; no score of ours."""
    copy = obs_sets(r for r in shown(chart.lists["observations"].items))
    sets = merged([s for s in copy if s.vitals][:1], typed_sets(chart.entries)[:1])
    return tuple(_set_words(model, s) for s in sets) or (copied.absent(chart, "observations"),)


def _set_words(model: FormModel, one: ObsSet) -> str:
    said = [
        f"{tr(LABELS[row])} {one.vitals[row].value} {one.vitals[row].unit}".strip()
        for row in ORDER
        if row in one.vitals
    ]
    if one.news2 is not None:
        said.insert(0, f"NEWS2 {one.news2.value} {tr('as sent')}")
    by = f", {copied.written(model, one.entry)}" if one.entry is not None else ""
    return wording.clean(f"{short(model, one.moment)}{by}: {', '.join(said)}")


def _resus(model: FormModel, chart: Chart) -> tuple[str, ...]:
    found = [
        f"{wording.clean(r.text)}, {short(model, r.happened or r.said)}"
        for r in shown((*chart.lists["alerts"].items, *chart.lists["documents"].items))
        if RESUS.search(r.text) and r.status not in ("inactive", "superseded")
    ]
    return (*found, tr(ORIGINAL)) if found else (tr(NO_DECISION),)


def _drugs(model: FormModel, chart: Chart) -> list[Part]:
    """Every medicine that goes on with its last dose, in the words of the drug chart; the others are counted, and those
    that are never copied on to paper too (CLINICAL §5.3)."""
    found = orders(model)
    told = [tr("{shown} of {all} medicines shown").format(shown=len(found.going), all=found.total)]
    if chart.lists["medicines"].state != KNOWN:
        told = [copied.absent(chart, "medicines")]
    held = ", ".join(wording.clean(f"{item.row.drug} {item.row.item.dose}") for item in found.suspended)
    told += [tr("suspended: {drugs}").format(drugs=held)] if held else []
    told += [tr(NOT_COPIED).format(count=len(found.view_only))] if found.view_only else []
    told += [doses_text(model, chart), *copied.held(chart, "medicines")]
    return [
        known(model, "Medicines", told, "medicine", "administration"),
        Ruled(_DRUGS, tuple(_drug(model, item) for item in found.going), blank=2, most=0.75),
    ]


def _drug(model: FormModel, item: Item) -> tuple[str, ...]:
    words = words_of(model, item)
    how = ", ".join((words.route, words.often))
    marks = ", ".join(words.marks)
    return (
        "\n".join(t for t in (words.drug, marks) if t),
        words.dose,
        "\n".join((how, *words.warned)),
        "\n".join(words.last),
        words.due or tr("no due time sent"),
        "",
    )


def _background(model: FormModel, chart: Chart) -> list[Part]:
    problems = copied.named(model, r".", "problems", most=12) or (copied.absent(chart, "problems"),)
    infection = copied.named(model, _INFECTION, "alerts", "problems") or (copied.absent(chart, "alerts"),)
    return [
        known(model, "Problems", (*problems, *copied.held(chart, "problems")), "problem"),
        known(model, "Infection, as recorded", (*infection, *copied.held(chart, "alerts")), "alert"),
        known(model, "Observations", _observations(model, chart), "observation"),
    ]


def parts(model: FormModel) -> list[Part]:
    chart = model.chart
    background = _background(model, chart) if chart is not None else []
    drugs: list[Part] = _drugs(model, chart) if chart is not None else [Ruled(_DRUGS, blank=5)]
    resus = [known(model, "Record holds", _resus(model, chart), "alert", "document")] if chart is not None else []

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        middle = background or [
            Writing("Problems", 1, high),
            Fields(Field("Infection, isolation", 1.0), height=high),
            Writing("Last observations, with time", 2, high),
        ]
        reason = wording.clean(chart.patient.reason) if chart is not None else ""
        return [
            Fields(Field("From", 0.5, location(model)), Field("To, ward and hospital", 0.5), height=high),
            Fields(Field("Accepted by", 0.62), Field(f"{DATE}  {TIME}", 0.38, ruled=False), height=high),
            Heading("Situation and background"),
            Fields(Field("Reason", 1.0, reason), height=high),
            Writing("", 1, high),
            *middle,
            Fields(Field("Isolate", 0.4, ticks=("no", "yes"), ruled=True),
                   Field("Oxygen", 0.3, ticks=("no", "yes")), Field("Monitor", 0.3, ticks=("no", "yes")), height=low),
            Fields(Field("Lines, drains, catheter: site and date", 1.0), height=high),
            Heading("Drugs"),
            *drugs,
            Fields(Field("Goes with the patient", 1.0, ticks=TRAVELS, ruled=False),
                   height=low),
            Heading("Recommendation and handover"),
            *resus,
            Fields(Field("Original decision on resuscitation travels", 0.66, ticks=("yes", "no", "none seen"), ruled=False),
                   Field("where", 0.34), height=high),
            Fields(Field("Valuables, property", 0.6), Field("Next of kin told", 0.4, ticks=("yes", "no"), ruled=False),
                   height=high),
            Fields(Field(f"Left  {DATE}  {TIME}", 0.3, ruled=False), Field("Escort, role", 0.4),
                   Field(f"Arrived  {DATE}  {TIME}", 0.3, ruled=False), height=high),
            Fields(Field("Handed over by", 0.5), Field("Received by, sign, time", 0.5), height=high),
            Ruled(_JOURNEY, blank=2, fills=True),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F23", title="Transfer", parts_for=("receiving ward", "notes"),
    use="Escort and handover in SBAR. No prescription.",
)  # fmt: skip
