"""F09 Imaging, provisional evaluation: two A5 copies on one A4, for the imaging team and for the notes.

Films may be unreported, and each exposure needs an evaluation that is written down (CLINICAL §4.2): what was seen, on
which display, by whom. A reading that the ward typed within a day fills the sheet, while it stands; else which
examination is meant is ticked by hand: the copy names those without a formal report.
"""

from __future__ import annotations

from datetime import timedelta

from desktop.forms import past_imaging
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.chart_text import short
from desktop.forms.known import choices, known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Fitted, Part, Writing, form_of
from localdb.chart import wording
from localdb.chart.evaluations import DISPLAYS, Provisional, compared_words, provisional
from localdb.records.moments import read_moment

PROVISIONAL = "PROVISIONAL, NOT THE FORMAL REPORT"
UNREPORTED = "Tick the one seen. Without a formal report in this copy"


def _typed(model: FormModel) -> Provisional | None:
    """The newest reading that the ward typed about this patient within a day, and that still stands."""
    if model.chart is None:
        return None
    since = model.printed_at - timedelta(days=1)
    return next(
        (
            p
            for p in provisional(model.chart)
            if p.entry.written.instant is not None and p.entry.written.instant >= since
        ),
        None,
    )


def _filled(model: FormModel, one: Provisional) -> list[Part]:
    """The sheet of a reading that was typed: signed and compared by hand."""
    entry, body = one.entry, one.entry.body
    number = f"no. {body['accession']}" if body.get("accession") else ""
    done = short(model, read_moment(str(body["done"]))) if body.get("done") else ""
    device = f" ({body['device']})" if body.get("device") else ""
    phoned = body.get("phoned") or {}
    told = f"{phoned['to']}, {short(model, read_moment(str(phoned['at'])))}" if phoned else ""
    compared = compared_words(one)

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        return [
            Banner(PROVISIONAL),
            Fields(Field("Examination", 0.66, _line(body.get("examination"), number)), Field("done", 0.34, done),
                   height=high),
            Fields(Field("Seen on", 0.66, f"{DISPLAYS[str(body['seen_on'])]}{device}"),
                   Field("at", 0.34, short(model, entry.happened)), height=high),
            Fields(Field("Findings", 1.0, _line(body.get("findings"))), height=high),
            Fields(Field("Action", 1.0, _line(body.get("action"))), height=high),
            Fields(Field("Author", 0.46, wording.clean(f"{entry.staff}, no. {entry.number}")),
                   Field("Role, reg. no.", 0.32, _line(body.get("role"))), Field("Sign", 0.22), height=high),
            Fields(Field("Phoned to", 1.0, wording.clean(told)) if told else Field("Phoned to", 0.62),
                   *([] if told else [Field(f"{DATE}  {TIME}", 0.38, ruled=False)]), height=high),
            Fields(Field("Formal report awaited", 1.0, tr("yes") if body.get("awaited", True) else tr("no")), height=low),
            *([Fields(Field("Compared", 1.0, compared), height=high)] if compared else
              [Fields(Field("Formal report agrees", 0.36, ticks=("yes", "no"), ruled=False),
                      Field("compared by, date", 0.64), height=high)]),
        ]  # fmt: skip

    return [Fitted(rows)]


def _line(*texts: object) -> str:
    return wording.clean(", ".join(str(t) for t in texts if t))


def parts(model: FormModel) -> list[Part]:
    if (typed := _typed(model)) is not None:
        return _filled(model, typed)
    waiting = past_imaging.unreported(model)

    def rows(high: float) -> list[Part]:
        low = min(high, 17)  # boxes only
        return [
            Banner(PROVISIONAL),
            *([known(model, UNREPORTED, (), "report", "image"), choices(waiting)] if waiting else []),
            Fields(Field("Other examination" if waiting else "Examination and side", 0.66),
                   Field(f"done  {DATE}  {TIME}", 0.34, ruled=False), height=high),
            Fields(Field("Seen on", 1.0, ticks=tuple(DISPLAYS.values()), ruled=False), height=low),
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
