"""What the ward saw in an image before the formal report, beside the examination that it is of (kinds `evaluation` and
`comparison`, form F09; CLINICAL §4.2, hazard H17). Pure.

Rules: a provisional reading is always said to be one, with author and time, and is never part of a report; it joins an
examination by the records that it names, by Study Instance UID or by accession number, never by name or day; once a
formal report is here, which stands above it, it asks whether the two agree, and asks again when the report was changed
after they were compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from localdb.chart.reports import ADDENDED, CORRECTED, FINAL, Examination, report_word
from localdb.chart.views import Chart, Entry
from localdb.chart.wording import clean, date_time
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Report

EVALUATION, COMPARISON = "evaluation", "comparison"
PROVISIONAL = "PROVISIONAL, not a formal report"
ASKS = "The formal report is here: does it agree?"
DISPLAYS = {
    "review": "this laptop, a review display", "diagnostic": "diagnostic workstation", "film": "film", "other": "other",
}  # fmt: skip
_FORMAL = frozenset({FINAL, ADDENDED, CORRECTED})


class Provisional(msgspec.Struct, frozen=True, kw_only=True):
    """One reading that stands: its `entry`, and the `comparison` that stands (None: not compared)."""

    entry: Entry
    comparison: Entry | None = None

    @property
    def differs(self) -> bool:
        return self.comparison is not None and self.comparison.body.get("outcome") == "differs"


def provisional(chart: Chart) -> tuple[Provisional, ...]:
    """Every reading of a chart that stands, newest first; those of images that were moved here too."""
    return of_entries((*chart.entries, *(e for m in chart.moved for e in m.written)))


def of_entries(entries: Iterable[Entry]) -> tuple[Provisional, ...]:
    """The same of entries. A reading that was corrected is compared anew."""
    held = {e.id: e for e in entries if e.corrected_by is None}.values()
    compared: dict[str, Entry] = {}
    for entry in sorted(held, key=_order):
        if entry.kind == COMPARISON:
            compared[str(entry.body.get("evaluation"))] = entry
    found = sorted((e for e in held if e.kind == EVALUATION), key=_order, reverse=True)
    return tuple(Provisional(entry=e, comparison=compared.get(e.id)) for e in found)


def _order(entry: Entry) -> tuple[int, str, int]:
    return entry.written.utc or 0, entry.device, entry.sequence


def is_of(found: Examination, entry: Entry) -> bool:
    """Whether an evaluation is of this examination."""
    body = entry.body
    ids = {r.id for r in (found.report, found.study, found.request) if r is not None}
    if ids & set(body.get("records") or ()):
        return True
    study = found.study.uid if found.study is not None else ""
    return bool(study and body.get("study") == study) or bool(
        found.accession and body.get("accession") == found.accession
    )


def beside(found: Examination, every: Sequence[Provisional]) -> tuple[Provisional, ...]:
    """The readings of one examination, newest first."""
    return tuple(p for p in every if is_of(found, p.entry))


def loose(every: Sequence[Provisional], found: Sequence[Examination]) -> tuple[Provisional, ...]:
    """Readings of no examination of this chart: of a film, or of a study that has left the copy."""
    return tuple(p for p in every if not any(is_of(one, p.entry) for one in found))


def formal(found: Examination) -> Report | None:
    """The formal report that is here; None while there is none, or only a preliminary one."""
    report = found.report
    return report if report is not None and report_word(report) in _FORMAL else None


def asks(found: Examination, one: Provisional) -> bool:
    """Whether a reading must be compared with the formal report (again)."""
    report = formal(found)
    if report is None:
        return False
    return one.comparison is None or one.comparison.body.get("reported", "") != reported(report)


def reported(report: Report) -> str:
    """The version of a report that a comparison names."""
    return report.said.text if report.said is not None else ""


# -- in words


def entry_words(entry: Entry) -> tuple[str, str]:
    """(head, the rest) of an evaluation or comparison, as it stands in the record and on paper."""
    body = entry.body
    if entry.kind == COMPARISON:
        differs = body.get("outcome") == "differs"
        how = "DIFFERS from" if differs else "agrees with"
        told = f"Told: {body['told']}" if body.get("told") else ""
        name = str(body.get("examination") or "an examination")
        head = f"The formal report {how} the ward's provisional reading: {clean(name)}"
        return head, ". ".join(clean(str(x)) for x in (body.get("words"), told) if x)
    return f"{PROVISIONAL}: {clean(str(body.get('examination', '')))}", ". ".join(said(entry))


def said(entry: Entry) -> tuple[str, ...]:
    """What an evaluation says, part by part, in the order of F09."""
    body = entry.body
    seen = DISPLAYS.get(str(body.get("seen_on")), "")
    device = f" ({body['device']})" if body.get("device") else ""
    phoned = body.get("phoned") or {}
    parts = (
        str(body.get("findings", "")),
        f"Action: {body['action']}" if body.get("action") else "",
        f"Seen on {seen}{device}",
        f"Phoned to {phoned['to']}, {date_time(read_moment(str(phoned['at'])))}" if phoned else "",
        "Formal report awaited" if body.get("awaited", True) else "No formal report is awaited",
    )
    return tuple(clean(p) for p in parts if p)


def compared_words(one: Provisional) -> str:
    """`Compared with the formal report: DIFFERS. No bleed. (B. Patel, 24-Nov-2026 09:10, T01-9)`; "" where it was not."""
    entry = one.comparison
    if entry is None:
        return ""
    how = "DIFFERS" if one.differs else "agrees"
    words = f" {clean(str(entry.body['words']))}" if entry.body.get("words") else ""
    when = date_time(entry.happened or entry.written)
    return f"Compared with the formal report: {how}.{words} ({entry.staff}, {when}, {entry.number})"
