"""One examination as blocks: its parts in the order of `localdb.chart.reports`, then the facts about it (H17)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Mono, Para, TableRow, draw_blocks, tall
from desktop.patient.held_pages import file_words, is_drawn
from desktop.patient.words import Age, short
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, font, width
from localdb.chart import reports
from localdb.chart.documents import attachments
from localdb.chart.reports import Examination, Part, held_words
from localdb.records.vocabulary import Report

_HEAD_ROOM = 376  # px of a page beside pictures (look/07): what is longer has its status below
_STEP = 160.0  # px between two watermarks, so that no window of text is without one


class Marked:
    """Blocks under a watermark: the word stands large and faint over the text, at every 160 px of it."""

    def __init__(self, blocks: Sequence[Block], word: str) -> None:
        self._blocks, self.word = tuple(blocks), word
        self.words = ". ".join(b.words for b in self._blocks if b.words)

    def height(self, width: float) -> float:
        return tall(self._blocks, width)

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        draw_blocks(painter, self._blocks, x, y, width, theme)
        self.mark(painter, x, y, width, theme)

    def mark(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        """The watermark alone."""
        painter.save()
        painter.setOpacity(0.12)
        painter.setPen(theme.color("ink"))
        painter.setFont(QFont(font("huge", BOLD)))
        high, at = self.height(width), 12.0
        while at == 12.0 or at + 60 < high:
            area = QRectF(x, y + at, width, min(60.0, max(high - at, 24.0)))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.word)
            at += _STEP
        painter.restore()


def page_blocks(
    found: Examination, now: datetime, head: str = "", files: Callable[[], list[Block]] = list,
    written: Sequence[Block] = (),
) -> list[Block]:  # fmt: skip
    """One examination: its status, its report in reading order, then the facts. `head` names its place beside another.

    `written` what the ward wrote about it, below its report and never a part of it. `files` gives the pages of its files:
    at once where the report has no other text, else below the facts.
    """
    when = short(found.moment, now)
    title = f"{found.name}, {when}" if found.report or found.study else found.name
    blocks: list[Block] = [Boxed([(head, True)], "plain", None)] if head else []
    is_long = width(title, "body", BOLD) + width(found.status, "label") + 16 > _HEAD_ROOM
    blocks.append(Head(title, Age("" if is_long else found.status, "fresh")))
    if is_long:
        blocks.append(Para(found.status, "body", weight=BOLD))
    if found.report is None:
        said, more = _unreported(found)
        blocks.append(Boxed([(said, True), (more, False)], "warn", "caution"))
    else:
        blocks += report_blocks(found.report, now)
    has_words = found.report is not None and bool(found.report.body or found.report.conclusion or found.report.addenda)
    blocks += [*written, *([] if has_words else files())]
    blocks.append(Gap(10))
    columns = (0.0, 0.26)
    blocks += [
        TableRow([[Cell(a, "label", "ink2")], [Cell(b, "label", weight=500)]], columns, pad=2)
        for a, b in facts(found, now)
    ]
    return blocks + files() if has_words else blocks


def _unreported(found: Examination) -> tuple[str, str]:
    """What stands in place of a report that is not there."""
    status = found.status
    if status == reports.NOT_REPORTED:
        held = f"{held_words(found.study).capitalize()}. " if found.study is not None else ""
        return "PERFORMED, NOT REPORTED", f"{held}No report of this examination is in this copy."
    if status == reports.CANCELLED:
        return "CANCELLED", "No report of this examination is in this copy."
    if status == reports.WITHDRAWN:
        return "WITHDRAWN", "The source took this back: it was entered in error."
    return status.upper(), "Not performed as far as this copy knows; no report of it is in this copy."


def report_blocks(report: Report, now: datetime) -> list[Block]:
    """The report itself. Over a provisional text the watermark stands in every part of it."""
    found = reports.parts(report, lambda moment: short(moment, now))
    blocks = [b for part in found for b in _part(part)]
    word = reports.report_word(report)
    return [Marked(blocks, word)] if word == reports.PRELIMINARY else blocks


def _part(part: Part) -> list[Block]:
    """One part as blocks."""
    if part.kind in (reports.WATERMARK, reports.ALERT):
        kind = "crit" if part.kind == reports.ALERT else "warn"
        return [Boxed([(part.head, True), (part.text, False)], kind, "caution")]
    if part.kind == reports.NOTICE:
        gone = part.head.startswith((reports.WITHDRAWN, "CANCELLED"))
        return [Boxed([(part.head, True)], "crit", "not safe")] if gone else [Para(part.head, "body")]
    if part.kind == reports.ADDENDUM:
        lines = [(line, False) for line in part.text.split("\n")]
        return [Boxed([(part.head, True), *lines] if part.head else lines, "warn", None, mono=True)]
    if part.kind == reports.CORRECTION:
        return [Boxed([(part.head, True)], "warn", None)]
    if part.kind == reports.ORIGINAL:
        return [Gap(14), Para(part.head, "label", "ink2", BOLD), Mono(part.text, token="ink2")]
    if part.kind == reports.CONCLUSION:
        return [Gap(10), Para(part.head, "label", "ink2"), Mono(part.text)]
    return [Gap(8), Mono(part.text)]


def facts(found: Examination, now: datetime) -> list[tuple[str, str]]:
    """(label, value) of everything that is known about an examination beside its text, each with its own time."""
    report, study, request = found.report, found.study, found.request
    made = [(_when_word(found), short(found.moment, now)), ("Status", found.status)]
    made.append(("Kind", found.modality or "not sent"))
    if found.laterality:
        made.append(("Side", found.laterality))
    if report is not None:
        verifier, verified = reports.verified_by(report)
        if verifier or verified is not None:
            made.append(("Verified", f"{short(verified, now)}, {verifier or 'by somebody not named'}"))
        else:
            made += [("Reported", short(report.said, now)), ("By", report.author or "author not recorded")]
        words = reports.MODALITIES.get(report.category.upper(), "")
        told = ", ".join(dict.fromkeys(x for x in (words, report.category) if x))
        made.append(("Category", told or "not recorded"))
    made.append(("Accession", found.accession or "not sent"))
    if study is None and report is not None:
        made.append(("Images", "Report without images: no study of it is in this copy"))
    elif study is not None:
        made.append(("Images", held_words(study)))
        # That images were moved here stands in a box of its own (`imaging.written`).
        made += [("Note", words) for words in study.notes if not words.startswith("MOVED HERE")]
        made += [
            (f"Series {n}", ", ".join(x for x in (s.text, s.body_site, s.laterality, _count(s.held, s.total)) if x))
            for n, s in enumerate(study.series, start=1)
        ]
    if request is not None:
        when = short(request.asked or request.happened, now)
        made.append(("Asked for", ", ".join(x for x in (when, request.author, request.priority) if x)))
        if request.wanted is not None and request.wanted != found.moment:
            made.append(("Wanted for", short(request.wanted, now)))
        made += [("Why", request.reason)] if request.reason else []
        made += [("Order number", ", ".join(request.numbers))] if request.numbers else []
        said = [text for text in request.comments if not text.startswith("Wanted: ")]  # stands above, as a time
        made += [("Request says", text) for text in said]
    if report is not None and reports.report_word(report) != reports.WITHDRAWN:
        made += [("File", f"{f.title or 'file'}: {file_words(f)}{'' if is_drawn(f) else ', not shown here'}")
                 for f in attachments(report)]  # fmt: skip
        made += [("Remark", text) for text in report.comments]
    if study is not None:
        made += [("Remark", text) for text in study.comments]
    made.append(("From", found.held.source))
    return made


def _when_word(found: Examination) -> str:
    """What the first time of an examination is the time of."""
    if found.report is not None or found.study is not None:
        return "Examined"
    return "Booked for" if found.status == reports.BOOKED else "Requested"


def _count(held: int, total: int | None) -> str:
    return f"{held} of {total} held" if total is not None else f"{held} held, of how many is not known"
