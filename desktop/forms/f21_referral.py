"""F21 Referral or consult: two A5 copies on one A4, for the specialty and for the notes; the reply on the back.

In the order of SBAR. Why the patient is here and the active problems come from the copy, each with its date.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.known import known
from desktop.forms.model import FormModel
from desktop.forms.parts import Author, Fields, Fitted, NewSide, Part, Ruled, Writing, form_of
from desktop.forms.request_head import asked, kind_of, priority, requester, said, tests_of
from desktop.forms.tables import Column
from localdb.chart import wording
from localdb.chart.views import Entry

URGENCY = ("at once", "within 1 hour", "today", "planned")
_KINDS = frozenset({"referral", "consult", "consultation", "other"})


def _request(model: FormModel) -> Entry | None:
    return asked(model, lambda e: kind_of(e) in _KINDS)


def _background(model: FormModel) -> Part | None:
    """Active problems as recorded; room for the rest follows."""
    if model.chart is None:
        return None
    problems = copied.named(model, r".", "problems", most=6) or (copied.absent(model.chart, "problems"),)
    return known(model, "BACKGROUND  active problems", (*problems, *copied.held(model.chart, "problems")), "problem")


def parts(model: FormModel) -> list[Part]:
    entry = _request(model)
    chart, background = model.chart, _background(model)
    consultant = wording.clean(chart.patient.consultant) if chart is not None else ""
    reason = said(entry, "reason") or (wording.clean(chart.patient.reason) if chart is not None else "")
    how_soon = priority(entry)

    soon = Field("Urgency", 0.64, how_soon) if how_soon else Field("Urgency", 0.64, ticks=URGENCY, ruled=False)
    # The ward and bed stand in the identity block with their time: only a blank has a line for them.
    where = [Fields(Field("From, ward", 1.0), height=17)] if chart is None else []

    def rows(high: float) -> list[Part]:
        return [
            Fields(Field("To", 0.42, "; ".join(tests_of(entry))), Field("Person, bleep", 0.32),
                   Field("Our bleep", 0.26, said(entry, "phone")), height=high),
            *where,
            Fields(Field("Consultant", 0.36, consultant), soon, height=high),
            *([Fields(Field("SITUATION", 1.0, reason), height=high)] if reason else []),
            Writing("" if reason else "SITUATION", 1, high),
            *([background, Writing("", 1, high)] if background is not None else [Writing("BACKGROUND", 2, high)]),
            Writing("ASSESSMENT", 2, high),
            Writing("RECOMMENDATION, what is asked", 1, high),
            Fields(Field("Name, sign", 0.56, requester(entry)), Field(f"{DATE}  {TIME}", 0.44, ruled=False), height=high),
            NewSide(),
            Author(),
            Ruled((Column("Reply: seen, found, advised", 1.0),), blank=3, fills=True, pitch=21),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F21", title="Referral", size="2 A5 on A4", parts_for=("specialty", "notes"),
    use="SBAR. The reply is written on the back.", allergies=False,
)  # fmt: skip
