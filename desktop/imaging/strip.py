"""The thumbnails: every series with its count, and the pictures of the one that is looked at, also those not held.

What is not held is hatched and says why; what a source counted and nobody sent stands at the end as a count (H19). Only
what is in sight is drawn and asked for, so that a thousand slices cost no more than ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QResizeEvent

from desktop.imaging.loading import Loader, Picture
from desktop.patient.blocks import fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Scroller
from desktop.shell import paint
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, VIEWER, Look
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.images import KEY_SERIES, Row, count_words
from localdb.chart.views import Chart

WIDE, TALL, BOX = 150, 84, 72
# Why pixels are not here, in the two or three words that a thumbnail has room for; the code's own sentence stands large.
REASONS = {
    "image.not_held": "not held", "image.let_go": "let go for room", "image.not_by_rule": "not kept by rule",
    "image.not_received": "not come yet", "image.damaged": "damaged", "image.rejected": "taken back",
    "image.too_large": "too large",
}  # fmt: skip


class _Part(NamedTuple):
    """A stretch of the strip: a head (`count` 0) or `count` thumbnails of a series, from `top`."""

    row: int
    top: float
    high: float
    count: int
    lines: tuple[str, ...] = ()


class Strip(KeyedWidget):
    """`row_chosen` and `slide_chosen` carry numbers; `sight` tells that other pictures are in sight."""

    row_chosen = Signal(int)
    slide_chosen = Signal(int)
    sight = Signal()

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, loader: Loader) -> None:
        super().__init__(look, stand, key, chart)
        self._loader = loader
        self.rows: tuple[Row, ...] = ()
        self.row = self.index = 0
        self._parts: tuple[_Part, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tell()

    def show_rows(self, rows: Sequence[Row], row: int, index: int) -> None:
        self.rows, self.row, self.index = tuple(rows), row, index
        self._lay()

    def _lay(self) -> None:
        made, top = [], 0.0
        for n, row in enumerate(self.rows):
            lines = tuple(head_lines(row, max(self.width(), WIDE) - 22))
            made.append(_Part(n, top, 12 + 20 * len(lines), 0, lines))
            top = made[-1].top + made[-1].high
            if n == self.row and row.slides:
                made.append(_Part(n, top, TALL * len(row.slides), len(row.slides)))
                top += made[-1].high
            if n == self.row and row.unlisted:
                lines = (f"{row.unlisted} more", "never came")
                made.append(_Part(n, top, TALL, -1, lines))
                top += TALL
        self._parts = tuple(made)
        self.setFixedHeight(int(top + 8))
        self._tell()
        self.update()
        self.sight.emit()

    def choose(self, row: int, index: int) -> None:
        """What is looked at now; nothing is emitted."""
        if row != self.row:
            self.row, self.index = row, index
            self._lay()
        elif index != self.index:
            self.index = index
            self._tell()
            self.update()

    def _tell(self) -> None:
        if not self.rows:
            self.setAccessibleName("Images: none")
            return
        row = self.rows[self.row]
        words = [f"Images, {row.title}", count_words(row.held, row.total) if row.uid != KEY_SERIES else ""]
        if row.slides:
            slide = row.slides[self.index]
            words.append(
                f"image {self.index + 1} of {len(row.slides)}{'' if slide.is_held else ', ' + reason(slide.why)}"
            )
        self.setAccessibleName(long_dates(", ".join(w for w in words if w)))

    def area_of(self, index: int) -> QRectF:
        """Where the thumbnail of a picture of the chosen series stands."""
        for part in self._parts:
            if part.count > 0:
                return QRectF(0, part.top + index * TALL, self.width(), TALL)
        return QRectF()

    def in_sight(self) -> list[int]:
        """The pictures of the chosen series that can be seen now."""
        seen = QRectF(self.visibleRegion().boundingRect())
        for part in self._parts:
            if part.count > 0 and not seen.isEmpty():
                first = max(0, int((seen.top() - part.top) // TALL))
                last = min(part.count - 1, int((seen.bottom() - part.top) // TALL))
                return list(range(first, last + 1))
        return []

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._lay()
        super().resizeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        count = len(self.rows[self.row].slides) if self.rows else 0
        steps = {Qt.Key.Key_Down: self.index + 1, Qt.Key.Key_Up: self.index - 1, Qt.Key.Key_Home: 0,
                 Qt.Key.Key_End: count - 1}  # fmt: skip
        found = Qt.Key(event.key())
        if found in steps:
            if 0 <= steps[found] < count:
                self.slide_chosen.emit(steps[found])
        elif found in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            to = self.row + (1 if found == Qt.Key.Key_Right else -1)
            if 0 <= to < len(self.rows):
                self.row_chosen.emit(to)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position().y()
        for part in self._parts:
            if part.top <= at < part.top + part.high:
                if part.count > 0:
                    self.slide_chosen.emit(int((at - part.top) // TALL))
                elif part.count == 0:
                    self.row_chosen.emit(part.row)
                return

    def draw(self, painter: QPainter) -> None:
        clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(self.visibleRegion().boundingRect())
        painter.fillRect(clip, VIEWER.color("paper"))
        for part in self._parts:
            if part.top > clip.bottom() or part.top + part.high < clip.top():
                continue
            if part.count == 0:
                self._draw_head(painter, part)
            elif part.count < 0:
                self._draw_unlisted(painter, part)
            else:
                first = max(0, int((clip.top() - part.top) // TALL))
                last = min(part.count - 1, int((clip.bottom() - part.top) // TALL))
                for n in range(first, last + 1):
                    self._draw_thumb(painter, n, part.top + n * TALL)
        if self.hasFocus() and self.rows:
            area = self.area_of(self.index)
            paint.box(painter, area if not area.isEmpty() else QRectF(0, 0, self.width(), 44), border=VIEWER.ink,
                      width=FOCUS, radius=0)  # fmt: skip

    def _draw_head(self, painter: QPainter, part: _Part) -> None:
        chosen = part.row == self.row
        if chosen:
            painter.fillRect(QRectF(0, part.top, self.width(), part.high - 2), VIEWER.color("panel"))
            paint.upright(painter, 0, part.top, part.top + part.high - 2, VIEWER.brass, 4)
        for n, line in enumerate(part.lines):
            made = font("label", SEMIBOLD if n == 0 else None)
            paint.draw_text(painter, 11, part.top + 20 + n * 20, line, made, VIEWER.ink if chosen else VIEWER.ink2)

    def _draw_unlisted(self, painter: QPainter, part: _Part) -> None:
        area = QRectF(self.width() - BOX - 8, part.top + 6, BOX, BOX)
        paint.hatch(painter, area, VIEWER.rule2, step=9)
        paint.box(painter, area, border=VIEWER.rule2, radius=0)
        self._words_beside(painter, part.top, part.lines, heavy=True)

    def _draw_thumb(self, painter: QPainter, n: int, top: float) -> None:
        slide = self.rows[self.row].slides[n]
        area = QRectF(self.width() - BOX - 8, top + 6, BOX, BOX)
        lines = [str(n + 1)]
        if slide.gap:
            lines.append(f"{slide.gap.missing} missing before")
        if slide.is_key and self.rows[self.row].uid != KEY_SERIES:
            lines.append("key image")
        found = self._loader.thumb(slide) if slide.is_held else None
        if not slide.is_held:
            paint.hatch(painter, area, VIEWER.rule2, step=9)
            lines += [reason(slide.why)]
        elif found is not None:
            draw_thumb(painter, area, found)
        else:
            painter.fillRect(area, VIEWER.color("sunken"))
            if (error := self._loader.error(slide)) is not None:
                lines.append(reason(error.code))
        chosen = n == self.index
        paint.box(painter, area, border=VIEWER.brass if chosen else VIEWER.rule2, width=2.5 if chosen else 1, radius=0)
        self._words_beside(painter, top, lines, heavy=chosen)

    def _words_beside(self, painter: QPainter, top: float, lines: Sequence[str], *, heavy: bool) -> None:
        right, room = self.width() - BOX - 16, self.width() - BOX - 20
        folded = [x for line in lines for x in fold(line, "label", room)]
        baseline = top + 6 + BOX / 2 + 5 - 10 * (len(folded) - 1)
        for n, line in enumerate(folded):
            made = font("label", SEMIBOLD if n == 0 else None)
            color = VIEWER.ink if n == 0 and heavy else VIEWER.ink2
            paint.draw_text(painter, right, baseline + n * 20, line, made, color, right=True)


def head_lines(row: Row, room: float) -> list[str]:
    """`2, CT 5.0 mm` and `42 of 412 held`, folded."""
    if row.uid == KEY_SERIES:
        return ["Key images", *fold(f"{len(row.slides)} chosen by the department", "label", room)]
    part = f" ({row.part} of {row.parts})" if row.parts > 1 else ""
    name = f"{row.number if row.number is not None else 'no number'}{part}, {row.text or row.modality or 'series'}"
    lines = fold(name, "label", room, SEMIBOLD)[:3]
    return [*lines, *fold(count_words(row.held, row.total), "label", room)]


def reason(code: str) -> str:
    return REASONS.get(code, "not held")


def draw_thumb(painter: QPainter, area: QRectF, found: Picture) -> None:
    """A thumbnail inside its box, whole and upright."""
    values = found.values
    high, wide = values.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if values.ndim == 2 else QImage.Format.Format_RGB888
    image = QImage(values.data, wide, high, values.strides[0], kind)
    scale = min(area.width() / wide, area.height() / high)
    place = QRectF(0, 0, wide * scale, high * scale)
    place.moveCenter(area.center())
    painter.fillRect(area, VIEWER.color("shell"))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)


def strip_room(strip: Strip) -> Scroller:
    """The strip in its scroll area."""
    room = Scroller(strip, "Images")
    room.setFixedWidth(WIDE + 14)
    room.setMinimumHeight(24)  # on a low screen the tools go before it
    room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    room.verticalScrollBar().valueChanged.connect(strip.sight)
    return room
