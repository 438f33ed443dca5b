"""Imaging and other examinations: the list with every status, the report as sent, two of them side by side (look/07 left,
CLINICAL §4.1, hazard H17). What stands where is decided in `localdb.chart.reports`; here it is only set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import shiboken6
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.imaging.reportblocks import Marked, page_blocks, report_blocks
from desktop.patient.blocks import Block, Head, Para
from desktop.patient.held_pages import HeldFile, is_drawn
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.picklist import PAGE_WIDTH, Line, Shelf, covered
from desktop.patient.sheet import Placed
from desktop.patient.words import Age, section_age, short, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart import reports
from localdb.chart.documents import ONE, RESTRICTED, attachments, kept_back
from localdb.chart.reports import Examination, examinations, held_words, is_laboratory
from localdb.chart.views import UNAVAILABLE, Chart
from localdb.records.vocabulary import Attachment

__all__ = ["Examination", "Imaging", "examinations", "held_words", "is_laboratory", "page_blocks", "report_blocks"]
_SIDE_BY_SIDE = 900  # px from which two reports stand beside each other; below that one stands under the other
_MOST_KINDS = 3
OTHER = "Other"
EVERY = ""


class Imaging(QWidget):
    """The section. `chosen` is the examination in front; `other` the one beside it, None while there is none."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        role = str(getattr(context.house, "role", "clinician"))
        self.found = examinations(chart, role)
        self._kept_back = kept_back([*chart.lists["reports"].items, *chart.lists["images"].items], ONE, role)
        self.shown: tuple[Examination, ...] = self.found
        self.other: Examination | None = None
        self._files: dict[str, HeldFile] = {}
        self.setAccessibleName("Imaging")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 8, 12, 0)
        self.bar.setSpacing(6)
        column.addLayout(self.bar)
        self.kinds: dict[str, Button] = {}
        self.shelf = _Examinations(self, context, stand, key, chart)
        column.addWidget(self.shelf, 1)
        self._make_bar()
        self.setFocusProxy(self.shelf)

    @property
    def chosen(self) -> Examination | None:
        if not self.shown:
            return None
        return self.shown[min(self.shelf.list.chosen, len(self.shown) - 1)]

    def retime(self) -> None:
        self.shelf.retime()

    def show_record(self, record: str) -> None:
        """Bring the examination with this report, study or request to the front."""
        self._filter(EVERY)
        for n, one in enumerate(self.shown):
            if record in (r.id for r in (one.report, one.study, one.request) if r is not None):
                self.shelf.list.choose(n)
                return

    def _make_bar(self) -> None:
        self.compare = self.earlier = self.later = None
        if len(self.found) < 2:
            return
        look = self._context.look
        counts = reports.modalities(self.found)
        if len(counts) > 1:
            shown = counts[:_MOST_KINDS] if len(counts) > _MOST_KINDS + 1 else counts
            rest = len(self.found) - sum(n for _, n in shown)
            listed = [(EVERY, "All", len(self.found)), *((word, word, n) for word, n in shown)]
            listed += [(OTHER, "Other", rest)] if rest else []
            for code, word, count in listed:
                button = Button(look, f"{word} {count}", "chosen" if code == EVERY else "normal",
                                name=f"Show {word.lower() if code in (EVERY, OTHER) else word}, {count}")  # fmt: skip
                button.setProperty("modality", code)
                button.clicked.connect(self._on_kind)
                self.kinds[code] = button
                self.bar.addWidget(button)
        self.bar.addStretch(1)
        self.earlier = Button(look, "Another one", "normal", name="Put another one beside it: the next in the list")
        self.compare = Button(look, "Put a prior beside", "normal")
        self.earlier.clicked.connect(self._on_other)
        self.compare.clicked.connect(self._on_compare)
        self.earlier.hide()
        self.bar.addWidget(self.earlier)
        self.bar.addWidget(self.compare)

    def _on_kind(self) -> None:
        self._filter(str(self.sender().property("modality")))

    def _filter(self, code: str) -> None:
        named = {c for c in self.kinds if c not in (EVERY, OTHER)}
        self.shown = tuple(
            e for e in self.found
            if code == EVERY or (e.modality or "Not sent") == code
            or (code == OTHER and (e.modality or "Not sent") not in named)
        )  # fmt: skip
        for other, button in self.kinds.items():
            button.use_kind("chosen" if other == code else "normal")
        self._stop_comparing()
        self.shelf.refill(self.shelf.lines_of(self.shown))

    # -- two side by side

    def candidates(self) -> tuple[Examination, ...]:
        """What can stand beside the chosen examination, the likeliest prior first."""
        return reports.earlier(self.chosen, self.found) if self.chosen is not None else ()

    def _on_compare(self) -> None:
        found = self.candidates()
        if self.other is not None or not found:
            self._stop_comparing()
            self.shelf.sheet.pane.rearrange()
            return
        self._put_beside(found[0])

    def _on_other(self) -> None:
        found = self.candidates()
        at = found.index(self.other) if self.other in found else -1
        self._put_beside(found[(at + 1) % len(found)])

    def _put_beside(self, other: Examination) -> None:
        self.other = other
        self.shelf.side.hide()
        assert self.compare is not None
        assert self.earlier is not None
        self.compare.rename("Show one report")
        self.earlier.setVisible(len(self.candidates()) > 1)
        for button in self.kinds.values():
            button.hide()
        self.shelf.sheet.pane.rearrange()

    def _stop_comparing(self) -> None:
        self.other = None
        if self.compare is not None and self.earlier is not None:
            self.compare.rename("Put a prior beside")
            self.earlier.hide()
            for button in self.kinds.values():
                button.show()
            self.shelf.side.show()

    # -- pages

    def columns(self, room: float) -> Sequence[Placed]:
        """The chosen examination, and the one beside it where there is one."""
        one = self.chosen
        if one is None:
            return []
        if self.shelf.is_covered():
            return [Placed(4, 0, min(room - 8, PAGE_WIDTH), covered())]
        if self.other is None:
            return [Placed(4, 0, min(room - 8, PAGE_WIDTH), self._page(one, ""))]
        heads = reports.beside(one, self.other)
        pair = [(one, heads[0]), (self.other, heads[1])]
        if room < _SIDE_BY_SIDE:
            blocks = [b for found, head in pair for b in self._page(found, head)]
            return [Placed(4, 0, min(room - 8, PAGE_WIDTH), blocks)]
        wide = (room - 8 - 32) / 2
        return [Placed(4 + n * (wide + 32), 0, wide, self._page(found, head)) for n, (found, head) in enumerate(pair)]

    def _page(self, one: Examination, head: str) -> list[Block]:
        def files() -> list[Block]:
            report = one.report
            if report is None or reports.report_word(report) == reports.WITHDRAWN:
                return []
            pages: list[Block] = [b for f in attachments(report) if is_drawn(f) for b in self._file(f).blocks()]
            return [Marked([b], reports.PRELIMINARY) for b in pages] if one.status == reports.PRELIMINARY else pages

        blocks = page_blocks(one, self._context.now(), head, files)
        aged = [w for n in ("reports", "images") if (w := self._chart.lists[n].window)]
        blocks += [Para(f"Examinations {w[:1].lower()}{w[1:]}", "label", "ink2") for w in dict.fromkeys(aged)]
        for name, what, kind in (("reports", "imaging reports", "report"), ("images", "studies", "image")):
            listing = self._chart.lists[name]
            if listing.state == UNAVAILABLE and not listing.window:
                missing = state_words(listing, what, self._chart, self._context.now(), kind)
                blocks += [Para(f"{missing.title}.", "label", "ink2")] if missing else []
        if self._kept_back:
            blocks.append(Para(self._kept_back, "label", "ink2"))
        return blocks

    def _file(self, file: Attachment) -> HeldFile:
        """The file of one report; those of the last few opened are kept."""
        if file.blob not in self._files:
            while len(self._files) > 3:
                self._files.pop(next(iter(self._files)))
            self._files[file.blob] = HeldFile(
                self._context, self._stand, self._key, file, self._wide, self._on_file, "report"
            )
        return self._files[file.blob]

    def _wide(self) -> float:
        return min(self.shelf.sheet.pane.width() - 8, PAGE_WIDTH) * self.devicePixelRatioF()

    def _on_file(self) -> None:
        if shiboken6.isValid(self):  # a newer copy of the same patient makes a new section
            self.shelf.sheet.pane.rearrange()


class _Examinations(Shelf):
    """List and page; the page is arranged by the section, which may put two beside each other."""

    def __init__(self, owner: Imaging, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        self._owner = owner

        def age() -> Age:
            held = [r for e in owner.found for r in (e.report, e.study) if r is not None]
            return section_age(chart, context.now(), "report", "image", of=held)

        def said():  # type: ignore[no-untyped-def]
            return state_words(chart.lists["reports"], "imaging reports", chart, context.now(), "report") or (
                state_words(chart.lists["images"], "imaging", chart, context.now(), "image")
            )

        super().__init__(
            context, stand, key, chart, title="Imaging", age=age, lines=self.lines_of(owner.found, context.now()),
            page=lambda number: [], said=said, secret=self._id_if_restricted,
        )  # fmt: skip

    def _id_if_restricted(self, number: int) -> str:
        held = self._owner.shown[number].held
        return held.id if held.restricted else ""

    def lines_of(self, found: Sequence[Examination], now: datetime | None = None) -> list[Line]:
        return [line_of(e, now or self._context.now()) for e in found]

    def _arrange_page(self, chart: Chart, room: float) -> Sequence[Placed]:
        return self._owner.columns(room)

    def _arrange_head(self, chart: Chart, room: float) -> Sequence[Placed]:
        total, shown = len(self._owner.found), len(self._owner.shown)
        count = str(total) if shown == total else f"{shown} of {total} shown"
        return [Placed(4, 0, room - 8, [Head("Imaging", self._age(), count)])]


def line_of(found: Examination, now: datetime) -> Line:
    """One row: what, when, how made, status, who verified it when, alert, accession, what is held (CLINICAL §4.1)."""
    held, status = found.held, found.status
    if held.restricted:
        return Line(RESTRICTED, short(found.moment, now), status, "", False)
    verifier, verified = reports.verified_by(found.report)
    more, when = [], short(found.moment, now)
    if found.report is None and found.study is None:
        when = f"{'booked for' if status == reports.BOOKED else 'asked'} {when}"
    if found.report is not None and found.report.alert and status != reports.WITHDRAWN:
        more.append(f"Alert as sent: {found.report.alert}")
    if verified is not None or verifier:
        more.append(f"Verified {short(verified, now)} by {verifier or 'somebody not named'}")
    if found.accession:
        more.append(f"Accession {found.accession}")
    if found.study is not None:
        more.append(held_words(found.study))
    elif found.report is not None:
        more.append("Report without images")
    heavy = status not in (reports.FINAL, reports.CANCELLED)
    return Line(found.name, when, status, found.modality, heavy, tuple(more))
