"""F09 Imaging, provisional evaluation: two A5 copies on one A4, for the imaging team and for the notes.

Films may be unreported, and each exposure needs an evaluation that is written down (CLINICAL §4.2): what was seen, on
which display, by whom. Which examination is meant is ticked by hand: the copy names those without a formal report.
"""

from __future__ import annotations

from desktop.forms import past_imaging
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.known import choices, known
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Part, Writing, form_of

PROVISIONAL = "PROVISIONAL, NOT THE FORMAL REPORT"
UNREPORTED = "Tick the one seen. Without a formal report in this copy"
DISPLAYS = ("this laptop, a review display", "diagnostic workstation", "film", "other")


def parts(model: FormModel) -> list[Part]:
    waiting = past_imaging.unreported(model)

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        return [
            Banner(PROVISIONAL),
            *([known(model, UNREPORTED, (), "report", "image"), choices(waiting)] if waiting else []),
            Fields(Field("Other examination" if waiting else "Examination and side", 0.66),
                   Field(f"done  {DATE}  {TIME}", 0.34, ruled=False), height=high),
            Fields(Field("Seen on", 1.0, ticks=DISPLAYS, ruled=False), height=low),
            Writing("Findings", 3 if len(waiting) < 2 and high > 15 else 2, high),
            Writing("Action", 1, high),
            Fields(Field("Author", 0.3), Field("Role, reg. no.", 0.3), Field("Sign", 0.18),
                   Field(f"{DATE}  {TIME}", 0.22, ruled=False), height=high),
            Fields(Field("Phoned to", 0.62), Field(f"{DATE}  {TIME}", 0.38, ruled=False), height=high),
            Fields(Field("Formal report awaited", 0.3, ticks=("yes",), ruled=False),
                   Field("agrees", 0.22, ticks=("yes", "no"), ruled=False), Field("compared by, date", 0.48), height=high),
        ]  # fmt: skip

    return [Fitted(rows)]


FORM = form_of(
    parts, code="F09", title="Imaging, provisional", size="2 A5 on A4", parts_for=("imaging team", "notes"),
    use="What the ward sees now. A radiologist's report follows.", allergies=False, two_sided=False,
)  # fmt: skip
