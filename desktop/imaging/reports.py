"""Imaging: the reports as sent and what is held of each study (look/07 left, CLINICAL §4.1, hazard H17).

Rules: addenda and corrections stand above the original, which stays word for word in monospace; a report that is not
final says PRELIMINARY; a report without pictures and pictures without a report both say so.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Mono, Para, TableRow
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.picklist import Line, Shelf
from desktop.patient.words import Age, report_mark, section_age, short, state_words
from desktop.shell.context import Context
from localdb.chart.views import Chart
from localdb.records.vocabulary import ImagingStudy, Report


class Examination(NamedTuple):
    """A report, a study, or both of one examination."""

    report: Report | None
    study: ImagingStudy | None

    @property
    def when(self) -> int:
        moment = (self.report or self.study).happened  # type: ignore[union-attr]
        return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def is_laboratory(report: Report) -> bool:
    """A report that only heads laboratory results: those stand in the grid. One with a text of its own is read here."""
    return bool(report.results) and not (report.body or report.conclusion or report.addenda)


def examinations(chart: Chart) -> tuple[Examination, ...]:
    """Reports other than the laboratory's and studies, newest first. A report and a study are one only where the
    report itself names the study, or both name one order; never by name or day."""
    reports = [r for r in chart.lists["reports"].items if isinstance(r, Report) and not is_laboratory(r)]
    studies = [s for s in chart.lists["images"].items if isinstance(s, ImagingStudy)]
    by_key = {f"ImagingStudy/{s.source_id}": s for s in studies}
    made: list[Examination] = []
    used: set[str] = set()
    for report in reports:
        named = next((by_key[r.key] for r in report.references if r.role == "imaging" and r.key in by_key), None)
        named = named or next((s for s in studies if _same_order(report, s)), None)
        if named is not None:
            used.add(named.id)
        made.append(Examination(report, named))
    made += [Examination(None, s) for s in studies if s.id not in used]
    return tuple(sorted(made, key=lambda e: e.when, reverse=True))


def _same_order(report: Report, study: ImagingStudy) -> bool:
    orders = {r.key for r in report.references if r.role == "based_on"}
    return study.source == report.source and any(r.role == "based_on" and r.key in orders for r in study.references)


def held_words(study: ImagingStudy | None) -> str:
    """`1 of 2 images held`; how many there are is said as not known where the source did not say (H19)."""
    if study is None:
        return "no images named"
    if study.total is None:
        return f"{study.held} images held, of how many is not known"
    return f"{study.held} of {study.total} images held"


def _line(found: Examination, now: datetime) -> Line:
    held = found.report or found.study
    assert held is not None
    mark = report_mark(found.report) if found.report is not None else "no report in this copy"
    return Line(held.text, short(held.happened, now), mark, held_words(found.study), mark != "final")


class Imaging(Shelf):
    """The section."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        self.found = examinations(chart)

        def age() -> Age:
            held = [r for e in self.found for r in e if r is not None]
            return section_age(chart, context.now(), "report", "image", of=held)

        def page(number: int) -> list[Block]:
            aged = [w for n in ("reports", "images") if (w := chart.lists[n].window)]
            notes = [Para(f"Examinations {w[:1].lower()}{w[1:]}", "label", "ink2") for w in dict.fromkeys(aged)]
            return [*report_blocks(self.found[number], context.now()), *notes]

        def said():  # type: ignore[no-untyped-def]
            return state_words(chart.lists["reports"], "imaging reports", chart, context.now(), "report") or (
                state_words(chart.lists["images"], "imaging", chart, context.now(), "image")
            )

        lines = [_line(e, context.now()) for e in self.found]
        super().__init__(context, stand, key, chart, title="Imaging", age=age, lines=lines, page=page, said=said)


def report_blocks(found: Examination, now: datetime) -> list[Block]:
    """One examination: status, addenda first, then the original word for word, then who and what is held."""
    report, study = found
    held = report or study
    assert held is not None
    mark = report_mark(report) if report is not None else "NOT REPORTED"
    blocks: list[Block] = [Head(f"{held.text}, {short(held.happened, now)}", Age(mark, "fresh"))]
    if report is None:
        blocks.append(Boxed([("No report of this examination is in this copy.", True)], "warn", "caution"))
    else:
        blocks += _report_text(report, now)
    blocks.append(Gap(10))
    facts = [("Images", held_words(study))]
    if report is not None:
        facts += [
            ("Reported", short(report.said, now)),
            ("By", report.author or "author not recorded"),
            ("Category", report.category or "not recorded"),
        ]
    if study is not None:
        facts += [("Accession", study.accession or "not recorded"), ("Kind", study.modality or "not recorded")]
        facts += [
            (f"Series {n}", ", ".join(x for x in (s.text, s.body_site, s.laterality, f"{s.held} of {s.total}") if x))
            for n, s in enumerate(study.series, start=1)
        ]
    facts.append(("From", held.source))
    columns = (0.0, 0.22)
    blocks += [TableRow([[Cell(a, "label", "ink2")], [Cell(b, "label", weight=500)]], columns, pad=2) for a, b in facts]
    if study is not None and study.held:
        blocks.append(Para("Pictures are not drawn by this version: the report stands for itself.", "label", "ink2"))
    return blocks


def _report_text(report: Report, now: datetime) -> list[Block]:
    mark = report_mark(report)
    if mark == "WITHDRAWN":
        when = short(report.said, now)
        return [
            Boxed([(f"WITHDRAWN {when}: its text was entered in error and is not shown.", True)], "crit", "not safe")
        ]
    blocks: list[Block] = []
    if mark == "PRELIMINARY":
        blocks.append(Boxed([("PRELIMINARY", True), ("Not yet verified: it may change.", False)], "warn", "caution"))
    for text in report.addenda:
        who = ", ".join(x for x in (short(report.said, now), report.author) if x)
        if text.lstrip().upper().startswith("ADDENDUM"):
            blocks.append(Boxed([(line, False) for line in text.split("\n")], "warn", None, mono=True))
            continue
        blocks.append(
            Boxed([(f"ADDENDUM {who}", True), *((line, False) for line in text.split("\n"))], "warn", None, mono=True)
        )
    if mark == "CORRECTED":
        blocks.append(
            Boxed([(f"CORRECTED {short(report.said, now)}: the former text is not shown.", True)], "warn", None)
        )
    if report.body:
        blocks += [Gap(8), Mono(report.body)]
    if report.conclusion:
        blocks += [Gap(10), Para("Conclusion", "label", "ink2"), Mono(report.conclusion)]
    if not report.body and not report.conclusion and not report.addenda:
        blocks.append(Para("No text of this report is in this copy.", "body"))
    return blocks
