"""Imaging and other examinations: the list with every status, the report as sent, two of them side by side (look/07 left,
CLINICAL §4.1, hazard H17), and the viewer where pictures of the chosen one are known (look/07 right). What stands where is
decided in `localdb.chart.reports`; here it is only set.

At 1366 px list and report stand over each other beside the pictures; on smaller screens the pictures have the section to
themselves, by a button.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.imaging.reportblocks import Marked, page_blocks, report_blocks
from desktop.imaging.rows import line_of
from desktop.imaging.written import ApartStrip, WrittenBar, list_words, written_blocks
from desktop.patient.blocks import Block, Head, Para
from desktop.patient.held_pages import HeldFile, is_drawn
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.picklist import PAGE_WIDTH, Line, Shelf, covered
from desktop.patient.sheet import Placed
from desktop.patient.words import Age, section_age, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart import reports
from localdb.chart.documents import ONE, attachments, kept_back
from localdb.chart.reports import Examination, examinations, held_words, is_laboratory
from localdb.chart.views import UNAVAILABLE, Chart
from localdb.errors import WardlampError
from localdb.records.vocabulary import Attachment, Instance

if TYPE_CHECKING:  # numpy and the decoders come with the first picture
    from desktop.imaging.evaluating import EvaluationForm
    from desktop.imaging.viewer import Place, Viewer

__all__ = [
    "Examination",
    "Imaging",
    "examinations",
    "held_words",
    "is_laboratory",
    "line_of",
    "page_blocks",
    "report_blocks",
]
_SIDE_BY_SIDE = 900  # px from which two reports stand beside each other; below that one stands under the other
_MOST_KINDS = 3
OTHER = "Other"
EVERY = ""
BESIDE_FROM = 1100  # px of the section from which list and report stand beside the pictures
SIDE = 432  # px of list and report there (look/07)


class Stood(NamedTuple):
    """Where the section stood, for the same patient's next frame: the record in front, whether the pictures had the
    section to themselves, the viewer's own place, and whether a reading was being written."""

    record: str
    is_wide: bool
    is_asked: bool
    place: Place | None
    is_writing: bool = False


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
        self.viewer: Viewer | None = None
        self.pictures = 0  # of the chosen examination, as far as the copy knows of them
        self.is_wide = self.is_asked = False
        self._stood: Stood | None = None
        self._body = QHBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self.left = QWidget()
        self._column = column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 8, 12, 0)
        self.bar.setSpacing(6)
        column.addLayout(self.bar)
        self.kinds: dict[str, Button] = {}
        self.apart = ApartStrip(context, stand, key, chart, self.found)
        column.addWidget(self.apart)
        self.shelf = _Examinations(self, context, stand, key, chart)
        column.addWidget(self.shelf, 1)
        self.written = WrittenBar(context, stand, key, chart)
        self.written.read.connect(self._on_read)
        self.form: EvaluationForm | None = None  # a reading that is being written beside the pictures
        column.addWidget(self.written)
        self._body.addWidget(self.left, 1)
        self.see = Button(context.look, "Show images", "normal", icon="imaging")
        self.see.clicked.connect(self._on_see)
        self.see.hide()
        self.bar.addWidget(self.see)
        self._make_bar()
        self.setFocusProxy(self.shelf)
        if self.found:
            self.shelf.list.picked.connect(self._ask_images)
            self.shelf.reveal.clicked.connect(self._ask_images)
            self._ask_images()

    @property
    def chart(self) -> Chart:
        return self._chart

    @property
    def chosen(self) -> Examination | None:
        if not self.shown:
            return None
        return self.shown[min(self.shelf.list.chosen, len(self.shown) - 1)]

    def retime(self) -> None:
        self.shelf.retime()
        if self.viewer is not None:
            self.viewer.retime()

    def show_record(self, record: str) -> None:
        """Bring the examination with this report, study or request to the front."""
        if len(self.shown) != len(self.found) or self.other is not None:
            self._filter(EVERY)
        for n, one in enumerate(self.shown):
            if record in (r.id for r in (one.report, one.study, one.request) if r is not None):
                self.shelf.list.choose(n)
                return

    # -- pictures

    def _ask_images(self) -> None:
        """What the copy knows of the chosen examination's pictures; the page does not wait for it."""
        one = self.chosen
        self.written.show_for(None if one is None or self.shelf.is_covered() else one)
        if self._stood is not None and (one is None or one.held.id != self._stood.record):
            self._stood = None
        shown = self.viewer.examination if self.viewer is not None else None
        if one is not None and shown is one and not self.shelf.is_covered():
            self._arrange()
            return
        self.pictures = 0
        if self.viewer is not None:
            self.viewer.close_study()
        if one is not None and one.study is not None and one.study.uid and not self.shelf.is_covered():
            person, uid = self._key.person, one.study.uid
            key = (self._key, uid)
            self._context.reader.ask(key, lambda r: _instances(r, person, uid), self._on_images, self._on_unread)
        self._arrange()

    def _on_images(self, key: Hashable, instances: Sequence[Instance]) -> None:
        """The records of the pictures came: taken only for this patient, and while that study is chosen (H02)."""
        if not shiboken6.isValid(self) or not self._is_asked_for(key):
            return
        one = self.chosen
        assert one is not None
        self.pictures = sum(1 for i in instances if i.is_image)
        if self.pictures:
            viewer, place = self._the_viewer(), self._stood.place if self._stood is not None else None
            viewer.open(one, self.found, instances, place)
            if self._stood is not None and self._stood.is_writing and self.form is None:
                self._on_read(one.held.id)  # a newer copy came while it was written: the draft comes back
        self._arrange()

    def _is_asked_for(self, key: Hashable) -> bool:
        one = self.chosen
        uid = one.study.uid if one is not None and one.study is not None else None
        return key == (self._key, uid) and self._stand.admits(self._key)

    def _on_unread(self, key: Hashable, error: WardlampError) -> None:
        if shiboken6.isValid(self) and self._is_asked_for(key):
            self._context.say(
                f"The images could not be read: {error.code}. {error.message} {error.next_step}", "failed"
            )

    def _the_viewer(self) -> Viewer:
        if self.viewer is None:
            from desktop.imaging.viewer import Viewer

            self.viewer = Viewer(self._context, self._stand, self._key, self._chart)
            self.viewer.wide_wanted.connect(self._on_wide)
            self.viewer.hide()
            self._body.addWidget(self.viewer, 2)
        return self.viewer

    @property
    def is_beside(self) -> bool:
        """Whether list and report have room beside the pictures."""
        return self.width() >= BESIDE_FROM

    def _arrange(self) -> None:
        """Who stands where: list and report, pictures, or both."""
        seen = self.pictures > 0 and self.viewer is not None and self.other is None
        alone = seen and (self.is_wide if self.is_beside else self.is_asked)
        both = seen and self.is_beside and not self.is_wide
        had_focus = self.isAncestorOf(self.window().focusWidget()) if self.window().focusWidget() is not None else False
        self.left.setVisible(not alone)
        self.left.setMaximumWidth(SIDE if both else _ANY)
        self.shelf.stand_upright(both)
        self._show_bar(not both)
        self.see.setVisible(seen and not self.is_beside)
        words = "1 image" if self.pictures == 1 else f"{self.pictures} images"
        self.see.rename(f"Show {words}")
        if self.viewer is not None:
            self.viewer.setVisible(alone or both)
            self.viewer.tools.buttons["wide"].rename("Report" if alone else "Full width")
            self.viewer.tools.buttons["wide"].setAccessibleName(
                "Show the report again" if alone else "Images over the whole width, without the report"
            )
        is_writing = self.form is not None
        self.apart.setVisible(not is_writing and bool(self.apart.blocks()))
        self.shelf.setVisible(not is_writing)
        self.written.setVisible(not is_writing and self.written.has_any)
        front = self.viewer if alone and self.viewer is not None else self.shelf
        self.setFocusProxy(front)
        if had_focus and self.window().focusWidget() is None:
            front.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_bar(self, on: bool) -> None:
        comparing = self.other is not None
        for button in self.kinds.values():
            button.setVisible(on and not comparing)
        if self.compare is not None and self.earlier is not None:
            self.compare.setVisible(on)
            self.earlier.setVisible(on and comparing and len(self.candidates()) > 1)
        self.bar.setContentsMargins(8, 8 if on else 0, 12, 0)

    def _on_see(self) -> None:
        self.is_asked = True
        self._arrange()
        if self.viewer is not None:
            self.viewer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_wide(self) -> None:
        if self.is_beside:
            self.is_wide = not self.is_wide
        else:
            self.is_asked = False
        self._arrange()
        if not self.is_wide and not self.is_beside:
            self.shelf.setFocus(Qt.FocusReason.OtherFocusReason)

    def place(self) -> Stood | None:
        """Where the section stands, for the same patient's next frame (a newer copy)."""
        one = self.chosen
        if one is None:
            return None
        if self.form is not None:
            self.form.keep()
        place = self.viewer.place() if self.viewer is not None else None
        return Stood(one.held.id, self.is_wide, self.is_asked, place, self.form is not None)

    def take_place(self, place: Any) -> None:
        """Stand there again."""
        if isinstance(place, Stood):
            self._stood, self.is_wide, self.is_asked = place, place.is_wide, place.is_asked
            if self.viewer is not None:
                self.viewer.close_study()
            self.show_record(place.record)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

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
        self._ask_images()

    # -- written beside the pictures

    def _on_read(self, record: str) -> None:
        """A provisional reading: beside the pictures where both have room, else on a page of its own."""
        if not (self.pictures and self.is_beside and self.other is None):
            self._context.record.emit(f"evaluation {record}", self._key.person, None)
            return
        from desktop.imaging.evaluating import EvaluationForm

        self._end_reading()
        self.is_wide = False
        self.form = EvaluationForm(self._context, self._stand, self._key, self._chart, about=record, is_narrow=True)
        self.form.left.connect(self._end_reading)
        self.form.saved.connect(self._end_reading)
        self._column.addWidget(self.form, 1)
        self.form.show()
        self._arrange()
        self.form.setFocus(Qt.FocusReason.OtherFocusReason)

    def _end_reading(self) -> None:
        form, self.form = self.form, None
        if form is not None:
            form.keep()
            form.hide()
            self._column.removeWidget(form)
            form.deleteLater()
            self._arrange()
            self.shelf.setFocus(Qt.FocusReason.OtherFocusReason)

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
        self._arrange()
        self.shelf.sheet.pane.rearrange()

    def _stop_comparing(self) -> None:
        self.other = None
        if self.compare is not None and self.earlier is not None:
            self.compare.rename("Put a prior beside")
            self.earlier.hide()
            self.shelf.side.show()
            self._arrange()

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

        blocks = page_blocks(
            one, self._context.now(), head, files, written_blocks(self._chart, one, self._context.now())
        )
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


_ANY = 16_777_215  # Qt's own bound of a width


def _instances(reading: Any, person: str, uid: str) -> Sequence[Instance]:
    """The records of a study's instances; on the reader's bench, where what draws them is loaded too, if there are any."""
    found: Sequence[Instance] = reading.instances(person, uid)
    if any(i.is_image for i in found):
        import desktop.imaging.viewer  # noqa: F401  numpy takes 60 ms, which the window's thread has not
    return found


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
        return [line_of(e, now or self._context.now(), list_words(self._owner.chart, e)) for e in found]

    def _arrange_page(self, chart: Chart, room: float) -> Sequence[Placed]:
        return self._owner.columns(room)

    def _arrange_head(self, chart: Chart, room: float) -> Sequence[Placed]:
        total, shown = len(self._owner.found), len(self._owner.shown)
        count = str(total) if shown == total else f"{shown} of {total} shown"
        return [Placed(4, 0, room - 8, [Head("Imaging", self._age(), count)])]
