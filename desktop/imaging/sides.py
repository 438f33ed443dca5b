"""One side of the viewer: an examination, its series, and which picture of them is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.imaging.loading import Loader
from desktop.imaging.notes import left_notes, right_notes
from desktop.imaging.picture import PictureView
from localdb.chart.images import Row, Slide, first_index, first_row, rows_of
from localdb.chart.reports import Examination
from localdb.codes import error_words
from localdb.pixels.annotations import over
from localdb.pixels.facts import Facts
from localdb.records.vocabulary import Instance

_AHEAD, _BEHIND = 16, 4
_SMALL = 560  # px of a picture under which its corners say the least, so that they leave something to see


class Side:
    """`rows` of the study, `row` and `index` of what is wanted; the picture shows it as soon as it is here."""

    def __init__(self, view: PictureView) -> None:
        self.view = view
        self.examination: Examination | None = None
        self.instances: tuple[Instance, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.row = self.index = 0
        self.direction = 1
        self._facts: dict[str, Facts] = {}  # of instances with several frames that were opened

    @property
    def is_open(self) -> bool:
        return bool(self.rows)

    @property
    def current(self) -> Row:
        return self.rows[self.row]

    @property
    def slide(self) -> Slide | None:
        slides = self.rows[self.row].slides if self.rows else ()
        return slides[self.index] if slides else None

    def open(self, examination: Examination, instances: Sequence[Instance]) -> None:
        """Another study: nothing of the former one stays (CLINICAL §4.2: never remembered between studies)."""
        assert examination.study is not None
        same = self.examination is not None and self.examination.study is not None
        same = same and self.examination.study.uid == examination.study.uid  # type: ignore[union-attr]
        place = self.place() if same else None
        self.examination, self.instances = examination, tuple(instances)
        if not same:
            self._facts = {}
        self.rows = rows_of(examination.study, instances, self._facts)
        self.view.study = examination.study.uid
        if place is not None and self.take(place):
            return
        self.view.shown.show(None, None)
        self.view.is_magnified = False
        self.go_row(first_row(self.rows))

    def close(self) -> None:
        self.examination, self.instances, self.rows, self.row, self.index = None, (), (), 0, 0
        self.view.study, self.view.head = "", ""
        self.view.shown.show(None, None)
        self.view.shown.reset()
        self.view.marks.clear()

    def learn(self, loader: Loader) -> bool:
        """The frames of an instance say their own places once it is open: the order follows them. True where it did."""
        slide = self.slide
        picture = loader.picture(slide) if slide is not None else None
        if slide is None or picture is None or not picture.facts.frames or slide.instance.uid in self._facts:
            return False
        assert self.examination is not None
        assert self.examination.study is not None
        self._facts[slide.instance.uid] = picture.facts
        place, was_first = self.place(), self.index == first_index(self.current)
        self.rows = rows_of(self.examination.study, self.instances, self._facts)
        if not self.take(place) or was_first:
            self.index = first_index(self.current)
        return True

    def place(self) -> tuple[str, str, int]:
        """Where it stands, to find again in a newer copy: series, instance, frame."""
        slide = self.slide
        if slide is None:
            return "", "", 0
        return self.current.uid, slide.instance.uid, slide.frame

    def take(self, place: tuple[str, str, int]) -> bool:
        """Stand there again, with window and view as they are; False where that picture is gone."""
        for n, row in enumerate(self.rows):
            if row.uid == place[0]:
                for m, slide in enumerate(row.slides):
                    if (slide.instance.uid, slide.frame) == place[1:]:
                        self.row, self.index = n, m
                        return True
        return False

    def go_row(self, row: int) -> None:
        """Another series: its first picture, upright, in its own window."""
        if not self.rows:
            return
        self.row = row % len(self.rows)
        self.index = first_index(self.current)
        self.view.shown.reset()
        self.view.marks.clear()
        self.view.cross = None

    def go(self, index: int) -> bool:
        """Another picture of the series; False where it is the same."""
        count = len(self.current.slides) if self.rows else 0
        index = min(max(index, 0), max(count - 1, 0))
        if index == self.index or not count:
            return False
        self.direction = 1 if index > self.index else -1
        self.index = index
        self.view.marks.clear()
        return True

    def next_gap(self) -> int | None:
        """The next place with missing or not held slices, round the end."""
        slides = self.current.slides if self.rows else ()
        for n in (*range(self.index + 1, len(slides)), *range(self.index)):
            if slides[n].gap or (not slides[n].is_held and (n == 0 or slides[n - 1].is_held)):
                return n
        return None

    def ahead(self) -> list[Slide]:
        """What is likely wanted next: on in the direction of travel, then a few behind."""
        if not self.rows:
            return []
        slides, step = self.current.slides, self.direction
        places = [self.index + step * n for n in range(1, _AHEAD + 1)] + [
            self.index - step * n for n in range(1, _BEHIND)
        ]
        return [slides[n] for n in places if 0 <= n < len(slides)]

    def show(self, loader: Loader) -> None:
        """Put what is here on the picture: the wanted frame; the words why there is none; or the former frame of the same
        series, with its own words, while the wanted one is on its way."""
        slide, shown = self.slide, self.view.shown
        if slide is None:
            shown.show(None, None)
            self._say(
                "No picture of this series is in this copy", missing_text(self.rows[self.row]) if self.rows else ""
            )
            return
        picture, error = loader.picture(slide), loader.error(slide)
        if picture is not None:
            if shown.picture is not picture or shown.slide != slide:
                shown.show(slide, picture)
                shown.over = over(self.instances, slide.instance.uid, slide.frame)
            self._note()
        elif error is not None or not slide.is_held:
            shown.show(slide, None)
            code = error.code if error is not None else slide.why
            words = error_words().get(code) or error_words()["image.not_held"]
            title = f"Image {self.index + 1} of {len(self.current.slides)} is not here"
            self._say(title, f"{code}. {words.message} {words.next_step}".replace("`", ""), hatched=True)
        elif shown.picture is None or shown.slide not in self.current.slides:
            shown.show(slide, None)
            self._say("Opening the image", "")
        else:
            self._note()

    def _say(self, title: str, text: str, *, hatched: bool = False) -> None:
        self.view.said, self.view.is_hatched = (title, text), hatched
        self.view.tell((), ())

    def renote(self) -> None:
        """The corners anew, where a picture is shown."""
        if self.view.shown.picture is not None and self.view.shown.slide in self.current.slides:
            self._note()

    def _note(self) -> None:
        view = self.view
        placed, slide = view.placed(), view.shown.slide
        view.said, view.is_hatched = ("", ""), False
        if placed is None or slide is None or self.examination is None:
            return
        at = self.index if self.slide == slide else self.current.slides.index(slide)
        is_small = view.width() < _SMALL
        left = left_notes(view.shown, placed, self.current, at, is_small=is_small)
        right = right_notes(view.shown, placed, self.current, at, self.instances, self.examination)
        if not view.shown.words:  # so that a marker on the film is seen (H18)
            left = []
        view.tell(left, [n for n in right if n.warns] if is_small or not view.shown.words else right)


def missing_text(row: Row) -> str:
    if row.total:
        return f"{row.held} of {row.total} held. The department's own screens have the others."
    return "The department's own screens may have them."
