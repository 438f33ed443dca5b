"""The viewer of one patient: tools, one picture or two side by side, thumbnails, the label that never goes (look/07).

It shows what the copy holds of one examination and waits for nothing: records and pixels are asked of benches, and an
answer is taken only while the page stands on its key and that study is still the one that was asked for (H02). A study of
another patient is refused (H01). At a lock everything decoded is forgotten.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop.imaging import steps
from desktop.imaging.acts import Acts
from desktop.imaging.label import ReviewLabel, study_facts
from desktop.imaging.loading import Loader, Want
from desktop.imaging.picture import PictureView
from desktop.imaging.shown import Shown
from desktop.imaging.sides import Side
from desktop.imaging.strip import Strip, strip_room
from desktop.imaging.tools import Tools
from desktop.patient.keyed import PatientKey, Stand
from desktop.shell.context import Context
from desktop.shell.tokens import VIEWER, Look, style_sheet
from localdb.chart import wording
from localdb.chart.images import KEY_SERIES, counterpart, is_of, moved_words, prior_is_left, priors, together
from localdb.chart.reports import Examination, beside
from localdb.chart.views import Chart
from localdb.errors import HouseFault, WardlampError
from localdb.pixels.stack import PROPORTION
from localdb.records.vocabulary import ImagingStudy, Instance

_STRIP_FROM = 620  # px of the viewer's width from which the thumbnails stand beside one picture
_LOW = 430  # px of height under which the second row of tools is shown only when it is asked for
_REFINE = 90  # ms without a change until a large picture is drawn smoothly
_WHEN_SEEN = 60  # ms of rest until thumbnails that came into sight are asked for


class ImagesOfAnother(HouseFault):
    """A study of another patient was to be shown."""

    code = "image.wrong_patient"
    next_step = "Open the patient again from the ward. Nothing was written."


class Place(NamedTuple):
    """Where the viewer stood, for the frame that a newer copy makes: nothing of it outlives the patient's key."""

    study: str
    at: tuple[str, str, int]
    shown: Shown
    mode: str
    loader: Loader


class Viewer(QWidget):
    """`open` shows a study; `wide_wanted` tells that the report shall make room, or come back."""

    wide_wanted = Signal()

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        self.look = Look(VIEWER, self)
        self.loader = Loader(context, stand, key, self)
        self.tools = Tools(self.look)
        self.check = steps.ScreenCheck(context, self.look)
        self.main = Side(PictureView(self.look, stand, key, chart, "Image"))
        self.beside = Side(PictureView(self.look, stand, key, chart, "Image beside it"))
        self.active = self.main
        self.strip = Strip(self.look, stand, key, chart, self.loader)
        self._strip_room = strip_room(self.strip)
        self.label = ReviewLabel(context, stand, key, chart)
        self.found: tuple[Examination, ...] = ()
        self.linked, self.link_words = True, ""
        self.refused = 0  # answers of another patient or study that were turned away
        self._waiting: Examination | None = None  # whose instances were asked for, to stand beside
        self.setAccessibleName("Images, review only")
        self.setStyleSheet(style_sheet(VIEWER))
        self._lay_out()
        self.check.hide()
        self.beside.view.hide()
        self._refine = self._timer(_REFINE, self._on_refine)
        self._sight = self._timer(_WHEN_SEEN, self._wish)
        self.acts = Acts(self)
        for side in (self.main, self.beside):
            side.view.acted.connect(self.acts.do)
            side.view.stepped.connect(self.acts.step)
            side.view.grabbed.connect(self._on_grabbed)
            side.view.changed.connect(self.retell)
            side.view.refine = self._refine.start
        self.tools.acted.connect(self.acts.do)
        self.tools.preset.connect(self.acts.preset)
        self.tools.fields.set_.connect(self.acts.set_window)
        self.strip.row_chosen.connect(self.go_row)
        self.strip.slide_chosen.connect(self.go)
        self.strip.sight.connect(self._sight.start)
        self.check.answered.connect(self._on_checked)
        self.loader.arrived.connect(self._on_arrived)
        self.loader.failed.connect(self._on_failed_picture)
        context.locking.connect(self._on_locking)
        context.unlocked.connect(self._on_unlocked)

    def _timer(self, after: int, call: Any) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(after)
        made.timeout.connect(call)
        return made

    def _lay_out(self) -> None:
        self._pictures = QHBoxLayout()
        self._pictures.setSpacing(2)
        views = [self.main.view, self.beside.view]
        for view in reversed(views) if prior_is_left(self.context.house.site) else views:
            self._pictures.addWidget(view, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(self._pictures, 1)
        row.addWidget(self._strip_room)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.check)
        column.addLayout(row, 1)
        column.addWidget(self.label)
        self.setFocusProxy(self.main.view)

    @property
    def examination(self) -> Examination | None:
        return self.main.examination

    @property
    def key(self) -> PatientKey:
        return self._key

    @property
    def context(self) -> Context:
        return self._context

    @property
    def is_two_up(self) -> bool:
        return self.beside.examination is not None

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.main, self.beside) if self.is_two_up else (self.main,)

    # -- studies

    def open(
        self, examination: Examination, found: Sequence[Examination], instances: Sequence[Instance],
        place: Place | None = None,
    ) -> None:  # fmt: skip
        """Show the study of an examination from the records of its instances; `found` all examinations, for its priors;
        `place` where the former frame of the same patient stood. Raises ImagesOfAnother."""
        study = examination.study
        assert study is not None
        refuse_others(study, self._chart, instances)
        self.found, is_new = tuple(found), self.main.examination is None
        self.close_beside()
        self.acts.stop()
        self.main.open(examination, instances)
        if place is not None and is_new and place.study == study.uid:
            self.loader.take_over(place.loader)
            if self.main.take(place.at):
                self.main.view.shown.like(place.shown)
                self.acts.use_mode(place.mode)
        self.acts.offer()
        self._refill()
        self.refresh()

    def close_study(self) -> None:
        """Show nothing."""
        self.acts.stop()
        self.close_beside()
        self.main.close()

    # -- the one beside it

    def candidates(self) -> tuple[Examination, ...]:
        return priors(self.main.examination, self.found) if self.main.examination is not None else ()

    def put_beside(self, other: Examination) -> None:
        """Two up: the other examination at the right, named in words with the time between. Raises ImagesOfAnother."""
        assert other.study is not None
        refuse_others(other.study, self._chart, ())
        self.beside.close()
        self.beside.examination = other
        assert self.main.examination is not None
        heads = beside(self.main.examination, other)
        self.main.view.head = head_of(heads[0], self.main.examination)
        self.beside.view.head = head_of(heads[1], other)
        self._waiting, uid, person = other, other.study.uid, self._key.person
        self.beside.view.said = ("Opening the images", "")
        key = (self._key, uid)
        self._context.reader.ask(key, lambda r: r.instances(person, uid), self._on_beside, self._on_unread)
        self._arrange()

    def _is_awaited(self, key: Hashable) -> bool:
        """Whether an answer is for this patient and the study that waits to stand beside (H02)."""
        waiting = self._waiting.study.uid if self._waiting is not None and self._waiting.study is not None else None
        return key == (self._key, waiting) and self._stand.admits(self._key)

    def _on_beside(self, key: Hashable, instances: Sequence[Instance]) -> None:
        waiting = self._waiting
        if not self._is_awaited(key) or waiting is None or any(i.study != key[1] for i in instances):  # type: ignore[index]
            self.refused += 1
            return
        self._waiting = None
        self.beside.open(waiting, instances)
        if self.beside.rows and self.main.rows:
            self.beside.go_row(counterpart(self.beside.rows, self.main.current))
        self.follow(self.main)
        self.acts.offer()
        self.refresh()

    def _on_unread(self, key: Hashable, error: WardlampError) -> None:
        if self._is_awaited(key):
            self.beside.view.said = ("The images could not be read", f"{error.code}. {error.message} {error.next_step}")
            self.beside.view.tell((), ())

    def close_beside(self) -> None:
        self._waiting = None
        self.beside.close()
        self.main.view.head, self.link_words = "", ""
        self.active = self.main
        self._arrange()

    def follow(self, leader: Side) -> None:
        """Scroll the other side to the place of this one (CLINICAL §4.2 linked scroll by position)."""
        self.link_words = ""
        other = self.beside if leader is self.main else self.main
        if not self.is_two_up or not other.is_open or not leader.is_open or not self.linked:
            return
        link = together(leader.current, leader.index, other.current)
        if link is None:
            self.link_words = "not linked: the planes differ"
            return
        other.go(link.index)
        self.link_words = link.words if link.by == PROPORTION or "away" in link.words else ""

    # -- series and pictures

    def go_row(self, row: int) -> None:
        self.acts.stop()
        self.active.go_row(row)
        self.follow(self.active)
        self.acts.offer()
        self._refill()
        self.refresh()

    def go(self, index: int) -> None:
        if self.active.go(index):
            self.follow(self.active)
            self.refresh()

    def _refill(self) -> None:
        self.strip.show_rows(self.main.rows, self.main.row, self.main.index)

    def refresh(self) -> None:
        """Show what is here now and ask for the rest."""
        for side in self.sides:
            if side.is_open:
                side.show(self.loader)
        self.strip.choose(self.main.row, self.main.index)
        if self._strip_room.isVisible():
            area = self.strip.area_of(self.main.index)
            self._strip_room.ensureVisible(0, round(area.center().y()), 0, round(area.height() / 2))
        self._wish()
        self.retell()

    def _wish(self) -> None:
        now = [s for side in (self.active, *self.sides) if (s := side.slide) is not None]
        ahead = [s for side in self.sides for s in side.ahead()]
        slides = self.main.current.slides if self.main.is_open else ()
        thumbs = [slides[n] for n in self.strip.in_sight()] if self._strip_room.isVisible() else []
        self.loader.wish(now, ahead, thumbs)

    def _on_arrived(self, want: Want) -> None:
        if want.small:
            self.strip.update()
            return
        for side in self.sides:
            slide = side.slide
            if slide is not None and (slide.instance.uid, slide.frame) == (want.uid, want.frame):
                if side.learn(self.loader):
                    self._refill()
                side.show(self.loader)
                self.acts.offer()
                self.retell()
                if self.check.isHidden() and not steps.state_of(self._context):
                    self.ask_check()

    def _on_failed_picture(self, want: Want, error: WardlampError) -> None:
        for side in self.sides:
            if side.is_open:
                side.show(self.loader)
        self.strip.update()
        self.retell()

    def retell(self) -> None:
        """Say anew what is shown: notes, label, fields, buttons; and draw smoothly when it rests."""
        for side in self.sides:
            if side.is_open:
                side.renote()
            side.view.update()
        self.acts.mark()
        self.label.tell(self._label_facts(), steps.NOT_PASSED if steps.was_failed(self._context) else "")
        self._refine.start()

    def ask_check(self) -> None:
        """The grey-step test, which asks and blocks nothing."""
        self.check.ask()
        self._arrange()

    def _on_checked(self) -> None:
        self._arrange()
        self.retell()

    def _label_facts(self) -> tuple[str, ...]:
        made: list[str] = []
        for n, side in enumerate(self.sides):
            if side.examination is None:
                continue
            row = side.current if side.is_open else None
            series = "" if row is None else "key images" if row.uid == KEY_SERIES else f"series {row.number or '?'}"
            study = study_facts(side.examination)
            moved = moved_words(self._chart, side.examination.study) if side.examination.study is not None else ""
            made.append(", ".join(x for x in ((study if n == 0 else f"beside it: {study}"), series, moved) if x))
        return (*made, self.link_words) if self.link_words else tuple(made)

    def _on_grabbed(self) -> None:
        view = self.sender()
        side = self.main if view is self.main.view else self.beside
        if side is not self.active and (side is self.main or self.is_two_up):
            self.active = side
            self.acts.offer()
            self.retell()

    def _on_refine(self) -> None:
        """Large pictures smoothly, from a bench."""
        for side in self.sides:
            placed, shown = side.view.placed(), side.view.shown
            if placed is None or shown.is_smooth(placed) or side.view.is_dragged:
                continue
            key = shown.wanted(placed, smooth=True)
            if key is not None:
                name = "main" if side is self.main else "beside"
                self._context.extra("pictures").ask(
                    (self._key, name, key), shown.sampling_job(key), self._on_smooth, lane=name
                )

    def _on_smooth(self, key: Hashable, sample: Any) -> None:
        if isinstance(key, tuple) and key[0] == self._key and self._stand.admits(self._key):
            side = self.main if key[1] == "main" else self.beside
            if side.view.shown.take(key[2], sample):
                side.view.update()

    # -- lock, newer copies, time

    def _on_locking(self) -> None:
        """The curtain falls: nothing decoded stays (the loader forgets by itself)."""
        self.acts.stop()
        for side in (self.main, self.beside):
            side.view.shown.forget()
            side.view.said = ("Opening the image", "")

    def _on_unlocked(self) -> None:
        if self._stand.admits(self._key) and self.main.is_open:
            self.refresh()

    def place(self) -> Place | None:
        """Where it stands, for the same patient's next frame."""
        study = self.main.examination.study if self.main.examination is not None else None
        if study is None or not self.main.is_open:
            return None
        return Place(study.uid, self.main.place(), self.main.view.shown, self.tools.mode, self.loader)

    def retime(self) -> None:
        self.label.retime()

    # -- sizes

    def _arrange(self) -> None:
        self.beside.view.setVisible(self.is_two_up)
        self._strip_room.setVisible(self.width() >= _STRIP_FROM and not self.is_two_up)
        is_low = self.height() < _LOW
        self.tools.use_low(is_low)
        # While the screen check is asked on a low screen it stands in place of the tools: the picture needs the height.
        self.tools.setHidden(is_low and self.check.isVisibleTo(self))

    def minimumSizeHint(self) -> QSize:
        """It never pushes the window open, whatever stands in it."""
        return QSize(200, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._arrange()
        if self.main.is_open:
            self.refresh()

    def hideEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.acts.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), VIEWER.color("paper"))


def refuse_others(study: ImagingStudy, chart: Chart, instances: Sequence[Instance]) -> None:
    """Raises ImagesOfAnother for a study of another patient, and for instances of another study (H01, H02)."""
    if not is_of(study, chart) or any(i.study != study.uid for i in instances):
        raise ImagesOfAnother("Images of another patient were refused.")


def head_of(word: str, found: Examination) -> str:
    """`PRIOR, 14d earlier: CT chest, 09-Nov-2026 19:00`."""
    return f"{word}: {found.name}, {wording.date_time(found.moment, missing='time not recorded')}"
