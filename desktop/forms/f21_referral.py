"""F21 Referral or consult: two A5 copies on one A4, for the specialty and for the notes; the reply on the back.

In the order of SBAR. Why the patient is here and the active problems come from the copy, each with its date.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.known import known
from desktop.forms.model import FormModel
from desktop.forms.parts import Author, Fields, Fitted, Heading, NewSide, Part, Writing, form_of
from desktop.forms.request_head import asked, kind_of, location, priority, requester, said, tests_of
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
    problems = copied.named(model, r".", "problems") or (copied.absent(model.chart, "problems"),)
    return known(model, "BACKGROUND  active problems", (*problems, *copied.held(model.chart, "problems")), "problem")


def parts(model: FormModel) -> list[Part]:
    entry = _request(model)
    chart, background = model.chart, _background(model)
    consultant = wording.clean(chart.patient.consultant) if chart is not None else ""
    reason = said(entry, "reason") or (wording.clean(chart.patient.reason) if chart is not None else "")
    how_soon = priority(entry)

    def rows(high: float) -> list[Part]:
        return [
            Fields(Field("To", 0.5, "; ".join(tests_of(entry))), Field("Person, bleep", 0.5), height=high),
            Fields(Field("From", 0.4, location(model)), Field("Consultant", 0.3, consultant),
                   Field("Bleep", 0.3, said(entry, "phone")), height=high),
            Fields(Field("Urgency", 1.0, how_soon) if how_soon else Field("Urgency", 1.0, ticks=URGENCY, ruled=False),
                   height=min(high, 17)),
            *([Fields(Field("SITUATION", 1.0, reason), height=high)] if reason else []),
            Writing("" if reason else "SITUATION", 1, high),
            *([background, Writing("", 1, high)] if background is not None else [Writing("BACKGROUND", 2, high)]),
            Writing("ASSESSMENT", 2, high),
            Writing("RECOMMENDATION, what is asked", 1, high),
            Fields(Field("Name, sign", 0.56, requester(entry)), Field(f"{DATE}  {TIME}", 0.44, ruled=False), height=high),
            NewSide(),
            Heading("Reply"),
            Fields(Field("Seen by", 0.6), Field(f"{DATE}  {TIME}", 0.4, ruled=False), height=20),
            Writing("", 5, 21),
            Author(),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F21", title="Referral", size="2 A5 on A4", parts_for=("specialty", "notes"),
    use="SBAR. The reply is written on the back.", allergies=False,
)  # fmt: skip
