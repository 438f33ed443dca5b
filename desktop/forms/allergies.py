"""The allergy strip: four states that never look alike, in black and white (CLINICAL §1.5, LOOK §9, H06).

Only an active entry makes "Known allergies"; only an assertion of the source makes "No known allergies"; an empty list
is one of the other two, never "none".
"""

from __future__ import annotations

from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Span, Style, glued, tied, width, wrap
from localdb.chart import staleness, wording
from localdb.chart.registered import NOT_IN_ANY_COPY, REGISTERED
from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, UNAVAILABLE
from localdb.records.vocabulary import Allergy, Record

TITLES = {
    KNOWN: "Known allergies",
    NONE_ASSERTED: "No known allergies",
    NOT_RECORDED: "Allergies not recorded",
    UNAVAILABLE: "Allergies unavailable",
}
BY_HAND = "Allergies"
NEW = "New allergy (sign/time)"
_TITLE, _WHAT, _MORE, _SMALL = Style("semibold", 11), Style("bold", 10), Style("regular", 9.5), Style("regular", 8.5)
_NOT_ACTIVE = ("inactive", "resolved")
_NOT_TRUE = ("refuted", "entered-in-error")


def is_active(record: Record) -> bool:
    return (
        isinstance(record, Allergy)
        and not record.asserts_none
        and record.clinical not in _NOT_ACTIVE
        and record.verification not in _NOT_TRUE
    )


def allergy_words(record: Allergy, zone: str) -> tuple[str, str]:
    """(agent, `anaphylaxis + rash, severe, intolerance, 12-Jun-2019`): reactions of one event joined by "+" (§1.5)."""
    reactions = " + ".join(wording.clean(r) for r in record.reactions)
    kind = "intolerance" if record.type == "intolerance" else ""
    high = f"criticality {record.criticality}" if record.criticality else ""
    unsure = record.verification if record.verification in ("unconfirmed", "presumed", "provisional") else ""
    when = wording.date(record.said or record.happened, zone, missing="date not recorded")
    return (
        wording.clean(record.text) or "agent not recorded",
        ", ".join(t for t in (reactions, record.severity, kind, high, unsure, when) if t),
    )


def strip_parts(model: FormModel) -> tuple[str, list[list[Span]]]:
    """(title, one list of spans an allergy or statement)."""
    if model.chart is None:
        hint = "Write each one with its reaction, or who says that there are none, with date."
        return tr(BY_HAND), [[(tr(hint), _MORE)]]
    listing, zone = model.chart.allergies, model.site.zone
    title = tr(TITLES[listing.state])
    if listing.state == KNOWN:
        active = [r for r in listing.items if is_active(r)]
        return title, [
            [(tied(what), _WHAT), (" " + glued(more), _MORE)]
            for what, more in (allergy_words(r, zone) for r in active if isinstance(r, Allergy))
        ]
    if listing.state == NONE_ASSERTED:
        asserted: list[Record] = [r for r in listing.items if isinstance(r, Allergy) and r.asserts_none] or list[
            Record
        ](listing.items)
        return title, [
            [(tr("No known adverse drug reaction risks"), _WHAT), (f" {_who(r, zone)}", _MORE)] for r in asserted
        ] or [[(tr("No known adverse drug reaction risks, as asserted by the source"), _WHAT)]]
    if listing.state == NOT_RECORDED:
        return title, [[(tr("ALLERGY STATUS NOT RECORDED: ask patient/carer"), _WHAT)]]
    if model.chart is not None and model.chart.patient.scope == REGISTERED:
        asked = tr("ALLERGIES NOT RECORDED HERE: ask patient/carer.")
        return title, [[(asked, _WHAT), (f" {tr(NOT_IN_ANY_COPY)}", _MORE)]]
    unavailable = tr("ALLERGIES UNAVAILABLE in this copy{heard}: ask patient/carer")
    return title, [[(unavailable.format(heard=_last_heard(model)), _WHAT)]]


def _who(record: Record, zone: str) -> str:
    author = wording.clean(record.author) or "author not recorded"
    return f"{wording.clean(record.text)}, {author}, {wording.date_time(record.said or record.happened, zone)}"


def _last_heard(model: FormModel) -> str:
    states = staleness.of_kind(model.sources, "allergy", model.printed_at, zone=model.site.zone)
    heard = [f"{s.source} last heard {s.as_of}" if s.as_of else f"{s.source} never came" for s in states]
    return f" ({'; '.join(heard)})" if heard else " (no source of allergies)"


def strip_texts(model: FormModel) -> tuple[str, ...]:
    """Everything that the strip says, as plain lines."""
    title, parts = strip_parts(model)
    return (title, *("".join(text for text, _ in part).replace("\u00a0", " ") for part in parts))


class AllergyStrip:
    """The strip across the page; as high as its words need."""

    def __init__(self, model: FormModel, wide: float) -> None:
        self._wide = wide
        self._known = model.chart is not None and model.chart.allergies.state == KNOWN
        self._state = model.chart.allergies.state if model.chart is not None else ""
        title, parts = strip_parts(model)
        self._title: list[Line] = wrap([(title, _TITLE)], 36 * MM - 10)
        room = wide - 36 * MM - 12
        spans: list[Span] = []
        for part in parts:
            spans += ([("  | ", _MORE)] if spans else []) + part
        self._lines = wrap(spans, room)
        new = width(tr(NEW), _SMALL) + 82
        if not self._lines or self._lines[-1].width + new > room:
            self._lines.append(Line((), 0))
        self.height = max(11.5 * MM, len(self._lines) * 12.8 + 8)

    def draw(self, sheet: Sheet, x: float, y: float) -> None:
        tab = 36 * MM
        sheet.box(x, y, self._wide, self.height, 1.5 if self._known else 0.9)
        if self._known:
            sheet.box(x, y, tab, self.height, 1, filled=True)
        elif self._state in (NOT_RECORDED, UNAVAILABLE):
            # Hatched ends: what nobody knows never looks like what somebody said.
            sheet.hatch(x, y, 6, self.height, 3)
            if self._state == UNAVAILABLE:
                sheet.hatch(x + tab - 6, y, 6, self.height, 3)
        if not self._known:
            sheet.line(x + tab, y, x + tab, y + self.height, 0.75)
        at = y + self.height / 2 - len(self._title) * 6.5 + 10
        for n, line in enumerate(self._title):
            sheet.text(x + tab / 2, at + n * 13, line.spans, align="centre", white=self._known)
        self._draw_words(sheet, x + tab + 6, y + (self.height - len(self._lines) * 12.8) / 2)

    def _draw_words(self, sheet: Sheet, x: float, y: float) -> None:
        for n, line in enumerate(self._lines):
            sheet.text(x, y + 10 + n * 12.8, line.spans)
        low = y + 10 + (len(self._lines) - 1) * 12.8
        end = x + self._wide - 36 * MM - 14
        sheet.line(end - 74, low + 1, end, low + 1)
        sheet.text(end - 78, low, tr(NEW), _SMALL, align="right")
