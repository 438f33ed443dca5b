"""The painted picture: surround, image, letters, notes, measures; the hand and the keys in it.

It paints what is here and waits for nothing. It paints only while the page stands on its key, and only a picture of the
study that it was told (H02). Bare letters act only while it has the focus (LOOK §7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent, QWheelEvent

from desktop.imaging.annotated import draw_over
from desktop.imaging.marks import Marks, draw_marks
from desktop.imaging.notes import Note
from desktop.imaging.shown import Shown
from desktop.imaging.tools import MEASURE, MOVE, SCROLL, WINDOW, ZOOM
from desktop.patient.blocks import fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.shell import paint
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, VIEWER, Look
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart.views import Chart
from localdb.pixels.geometry import Placed
from localdb.pixels.sampling import Grid

_PER_SLICE = 12  # px of a drag for one image
LOUPE = 190
_NOTED = 200  # px that a column of notes may take
_BARE = {
    Qt.Key.Key_W: WINDOW, Qt.Key.Key_Z: ZOOM, Qt.Key.Key_M: MOVE, Qt.Key.Key_S: SCROLL, Qt.Key.Key_D: MEASURE,
    Qt.Key.Key_I: "invert", Qt.Key.Key_R: "rotate", Qt.Key.Key_F: "flip", Qt.Key.Key_0: "reset", Qt.Key.Key_1: "full",
    Qt.Key.Key_Plus: "larger", Qt.Key.Key_Equal: "larger", Qt.Key.Key_Minus: "smaller", Qt.Key.Key_A: "auto",
    Qt.Key.Key_T: "stored", Qt.Key.Key_C: "cine", Qt.Key.Key_G: "gap", Qt.Key.Key_L: "length", Qt.Key.Key_N: "angle",
    Qt.Key.Key_E: "area", Qt.Key.Key_X: "cross", Qt.Key.Key_O: "overlays", Qt.Key.Key_H: "shutter",
    Qt.Key.Key_Y: "words",
    Qt.Key.Key_V: "magnify", Qt.Key.Key_P: "two_up", Qt.Key.Key_K: "series", Qt.Key.Key_PageUp: "previous",
    Qt.Key.Key_PageDown: "next", Qt.Key.Key_Home: "first", Qt.Key.Key_End: "last", Qt.Key.Key_Space: "point",
    Qt.Key.Key_Return: "point", Qt.Key.Key_Enter: "point", Qt.Key.Key_Delete: "clear", Qt.Key.Key_B: "other",
}  # fmt: skip
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class _Column(NamedTuple):
    """Words in a corner: (label, text, colour) of each line, where they stand, and the x at which their texts begin or, at
    the right, end."""

    lines: list[tuple[str, str, str]]
    box: QRectF
    at: float
    is_right: bool


class PictureView(KeyedWidget):
    """One side of the viewer. The viewer tells it what to show (`study`, `head`, `words`) and what stands in its corners.

    `acted` carries the code of an act, `stepped` by how many images, `grabbed` that the hand or the focus is here,
    `changed` that window, size or place changed."""

    acted = Signal(str)
    stepped = Signal(int)
    grabbed = Signal()
    changed = Signal()

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, name: str) -> None:
        super().__init__(look, stand, key, chart)
        self.shown, self.marks = Shown(), Marks()
        self.marks.reckon = self._reckon
        self.name, self.study, self.head = name, "", ""
        self.left: Sequence[Note] = ()
        self.right: Sequence[Note] = ()
        self.said: tuple[str, str] = ("", "")  # what stands in place of a picture: title and words
        self.is_hatched = False
        self.mode = WINDOW
        self.cross: tuple[int, int] | None = None  # (row, column) of the keyboard's cross-hair
        self.is_magnified = self.is_dragged = False
        self._pointer: QPointF | None = None
        self._last = QPointF()
        self._kept = 0.0
        self.refused = 0  # pictures that were not of this study, and were not painted
        self.refine: Callable[[], None] = lambda: None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(120, 24)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(400, 300)

    # -- where things are

    @property
    def ratio(self) -> float:
        return self.devicePixelRatioF()

    def placed(self) -> Placed | None:
        return self.shown.placed(round(self.width() * self.ratio), round(self.height() * self.ratio))

    def pixel_under(self, at: QPointF) -> tuple[int, int] | None:
        placed = self.placed()
        return placed.pixel_at(at.x() * self.ratio, at.y() * self.ratio) if placed is not None else None

    def point_under(self, at: QPointF) -> tuple[float, float] | None:
        placed = self.placed()
        return placed.to_image(at.x() * self.ratio, at.y() * self.ratio) if placed is not None else None

    def on_screen(self, x: float, y: float) -> QPointF:
        placed = self.placed()
        assert placed is not None
        found = placed.to_screen(x, y)
        return QPointF(found[0] / self.ratio, found[1] / self.ratio)

    def may_paint(self) -> bool:
        """Whether the picture is one of the study that this side was told (H02)."""
        picture = self.shown.picture
        return picture is None or (picture.want.study == self.study and picture.want.key == self.key)

    # -- what is said

    @property
    def readout(self) -> str:
        """The value under the cross-hair, else under the pointer."""
        at = self.cross if self.cross is not None else self.pixel_under(self._pointer) if self._pointer else None
        value = self.shown.value_at(at)
        if value is None or at is None:
            return ""
        if value.padding:
            return f"row {at[0] + 1}, column {at[1] + 1}: no picture here (padding)"
        return f"row {at[0] + 1}, column {at[1] + 1}: {value.shown}{' ' + value.unit if value.unit else ''}"

    def _tell(self) -> None:
        notes = [f"{n.label} {n.text}".strip() for n in (*self.left, *self.right)]
        edges = self.shown.view.edges(self.shown.edges)
        letters = [f"{side} {word}" for side, word in (("top", edges.top), ("right", edges.right)) if word]
        said = [self.name, self.head, *self.said, *notes, *letters, *self.marks.texts()]
        if self.cross is not None:
            said.append(self.readout)
        self.setAccessibleName(long_dates(", ".join(x for x in said if x)))

    def tell(self, left: Sequence[Note], right: Sequence[Note]) -> None:
        self.left, self.right = left, right
        self._tell()
        self.update()

    # -- the hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.grabbed.emit()
        self._last, self._kept = event.position(), 0.0
        if self.mode == MEASURE and event.button() == Qt.MouseButton.LeftButton:
            point = self.point_under(event.position())
            if point is not None and self.marks.kind:
                self.marks.add(point)
                self._tell()
                self.changed.emit()
            self.update()
            return
        self.is_dragged = self.shown.picture is not None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self.is_dragged and event.buttons():
            moved = event.position() - self._last
            self._last = event.position()
            mode = MOVE if event.buttons() & Qt.MouseButton.MiddleButton else self.mode
            self._drag(mode, moved.x(), moved.y())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.is_dragged:
            self.is_dragged = False
            self.refine()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def _drag(self, mode: str, dx: float, dy: float) -> None:
        if mode == WINDOW:
            self.shown.move_window(dx, -dy)
        elif mode == ZOOM:
            self.zoom(1.01 ** (-dy))
        elif mode == MOVE:
            self.pan(dx, dy)
        elif mode == SCROLL:
            self._kept += dy
            steps = int(self._kept / _PER_SLICE)
            if steps:
                self._kept -= steps * _PER_SLICE
                self.stepped.emit(steps)
            return
        self.changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.grabbed.emit()
        turned = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.2 ** (turned / 120), event.position())
            self.changed.emit()
        else:
            self._kept -= turned / 120
            steps = int(self._kept)
            self._kept -= steps
            if steps:
                self.stepped.emit(steps)
        event.accept()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        placed = self.placed()
        if placed is not None:
            where = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
            self.shown.view = placed.zoomed(factor, where.x() * self.ratio, where.y() * self.ratio)

    def pan(self, dx: float, dy: float) -> None:
        placed = self.placed()
        if placed is not None:
            self.shown.view = placed.panned(dx * self.ratio, dy * self.ratio)

    # -- the keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if plain and key in _ARROWS:
            self.grabbed.emit()
            self._arrow(*_ARROWS[key], 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif plain and key in _BARE:
            self.grabbed.emit()
            self.acted.emit(_BARE[key])
        else:
            super().keyPressEvent(event)

    def _arrow(self, dx: int, dy: int, times: int) -> None:
        if self.cross is not None:
            self.move_cross(dx * times, dy * times)
        elif self.mode == WINDOW:
            self.shown.move_window(2.0 * dx * times, -2.0 * dy * times)
        elif self.mode == MOVE:
            self.pan(20.0 * dx * times, 20.0 * dy * times)
        elif self.mode == ZOOM:
            self.zoom(1.1 ** ((dx - dy) * times))
        else:
            self.stepped.emit((dx + dy) * times)
            return
        self.changed.emit()

    def put_cross(self, on: bool) -> None:
        """The keyboard's cross-hair in the middle of what is seen; or away with it."""
        placed = self.placed()
        self.cross = None
        if on and placed is not None:
            x, y = placed.to_image(placed.width / 2, placed.height / 2)
            self.cross = min(placed.rows - 1, max(0, int(y))), min(placed.columns - 1, max(0, int(x)))
        self._tell()
        self.update()

    def move_cross(self, dx: int, dy: int) -> None:
        """By image pixels as they stand on the screen, so that the arrow and the cross go the same way."""
        placed = self.placed()
        if placed is None or self.cross is None:
            return
        x, y = placed.to_screen(self.cross[1] + 0.5, self.cross[0] + 0.5)
        step = max(1.0, placed.zoom)
        fx, fy = placed.to_image(x + dx * step, y + dy * step)
        self.cross = min(placed.rows - 1, max(0, int(fy))), min(placed.columns - 1, max(0, int(fx)))
        self._tell()
        self.update()

    def cross_point(self) -> tuple[float, float] | None:
        return (self.cross[1] + 0.5, self.cross[0] + 0.5) if self.cross is not None else None

    def _reckon(self, kind: str, points: tuple[tuple[float, float], ...]) -> tuple[str, ...]:
        placed = self.placed()
        return self.shown.measured(kind, points, placed.zoom / self.ratio if placed is not None else 1.0)

    # -- painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.changed.emit()

    def draw(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), VIEWER.color("paper"))
        placed = self.placed()
        if not self.may_paint():
            self.refused += 1
            placed = None
        if placed is None:
            self._draw_said(painter)
        else:
            self._draw_picture(painter, placed)
        if self.head:
            self._draw_head(painter)
        if self.hasFocus():
            paint.box(painter, QRectF(self.rect()), border=VIEWER.ink, width=FOCUS, radius=0)

    def _draw_picture(self, painter: QPainter, placed: Placed) -> None:
        area = self._area(placed)
        image = self.shown.image(placed)
        if image is not None and area is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(area, image)
            over = self.shown.overlay(placed)
            if over is not None:
                painter.drawImage(area, over)
        whole = area if area is not None else QRectF(self.rect())
        if self.shown.overlays:
            draw_over(painter, self.shown.over, self.on_screen)
        columns = self._columns(whole)
        letters = [box for *_, box in self._letters(whole)]
        draw_marks(painter, self.marks, self.on_screen, letters, [column.box for column in columns])
        self._draw_notes(painter, columns, whole)
        self._draw_letters(painter, whole)
        if self.cross is not None:
            self._draw_cross(painter)
        if self.is_magnified:
            self._draw_loupe(painter, placed)
        if self.readout:
            _boxed_text(painter, 10, self.height() - 12, self.readout, VIEWER.ink)

    def _area(self, placed: Placed) -> QRectF | None:
        target = placed.target()
        if target is None:
            return None
        return QRectF(*(v / self.ratio for v in target))

    def _draw_said(self, painter: QPainter) -> None:
        area = QRectF(self.rect()).adjusted(24, 24, -24, -24)
        side = min(area.width(), area.height())
        if self.is_hatched:
            box = QRectF(0, 0, side, side)
            box.moveCenter(area.center())
            paint.hatch(painter, box, VIEWER.rule2, step=16)
            paint.box(painter, box, border=VIEWER.rule2, radius=0)
        title, text = self.said
        room = max(160.0, area.width() - 40)
        lines = [(x, SEMIBOLD, VIEWER.ink) for x in fold(title, "body", room, SEMIBOLD)] if title else []
        lines += [(x, 400, VIEWER.ink2) for x in fold(text, "body", room)] if text else []
        baseline = self.height() / 2 - 11 * len(lines) + 16
        for line, weight, color in lines:
            wide = width(line, "body", weight)
            x = (self.width() - wide) / 2
            painter.fillRect(QRectF(x - 6, baseline - 17, wide + 12, 23), VIEWER.color("paper"))
            paint.draw_text(painter, x, baseline, line, font("body", weight), color)
            baseline += 22

    def _draw_head(self, painter: QPainter) -> None:
        """Which examination this side is, over its own picture."""
        lines = fold(self.head, "label", self.width() - 32, SEMIBOLD)
        painter.fillRect(QRectF(0, 0, self.width(), 8 + 20 * len(lines)), VIEWER.color("sunken"))
        for n, line in enumerate(lines):
            paint.draw_text(painter, 12, 20 + 20 * n, line, font("label", SEMIBOLD), VIEWER.brass)

    def _top(self) -> float:
        return 8.0 + 20 * len(fold(self.head, "label", self.width() - 32, SEMIBOLD)) if self.head else 0.0

    def _letters(self, area: QRectF) -> list[tuple[str, float, float, QRectF]]:
        """(letter, x, baseline, the room that it takes) of each side that the picture names."""
        edges = self.shown.view.edges(self.shown.edges)
        seen = area.intersected(QRectF(self.rect()).adjusted(0, self._top(), 0, 0))
        middle = seen.center()
        # Beside the picture where the notes leave room there, else on its edge.
        left = seen.left() - 26 if seen.left() > _NOTED else seen.left() + 8
        right = seen.right() + 26 if seen.right() < self.width() - _NOTED else seen.right() - 8
        found = []
        for word, x, baseline, place in (
            (edges.top, middle.x(), seen.top() + 24, 0), (edges.bottom, middle.x(), seen.bottom() - 9, 0),
            (edges.left, left, middle.y() + 7, 1), (edges.right, right, middle.y() + 7, -1),
        ):  # fmt: skip
            if word:
                wide = width(word, "ident", 700)
                x -= wide / 2 if place == 0 else wide if place < 0 else 0
                found.append((word, x, baseline, QRectF(x - 3, baseline - 18, wide + 6, 24)))
        return found

    def _draw_letters(self, painter: QPainter, area: QRectF) -> None:
        made = font("ident", 700)
        for word, x, baseline, _ in self._letters(area):
            for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
                paint.draw_text(painter, x + dx, baseline + dy, word, made, "#000000")
            paint.draw_text(painter, x, baseline, word, made, VIEWER.brass)

    def _columns(self, area: QRectF) -> list[_Column]:
        """The left and the right words in the corners, folded into the room that they have."""
        least, most = 190.0, self.width() * 0.42
        top, floor = self._top() + 6, self.height() - (34 if self.readout else 8)
        labelled = max((width(n.label, "label") for n in self.left), default=0) + 10
        found = []
        for notes, is_right in ((self.left, False), (self.right, True)):
            lines: list[tuple[str, str, str]] = []
            for note in notes:
                color = VIEWER.warn if note.warns else VIEWER.ink
                beside = (self.width() - area.right() if is_right else area.left()) - 34
                room = min(most, max(least, beside)) - (labelled if note.label else 0)
                folded = fold(note.text, "label", room, SEMIBOLD)
                lines += [(note.label if n == 0 else "", text, color) for n, text in enumerate(folded)]
            shown = lines[: max(1, int((floor - top) // 23))]
            wide = max((width(t, "label", SEMIBOLD) for _, t, _ in shown), default=0) + (0 if is_right else labelled)
            x = self.width() - 12 - wide if is_right else 10.0
            at = self.width() - 12 if is_right else x + labelled
            if shown:
                found.append(_Column(shown, QRectF(x - 5, top, wide + 10, 23 * len(shown) + 4), at, is_right))
        return found

    def _draw_notes(self, painter: QPainter, columns: Sequence[_Column], area: QRectF) -> None:
        """On a dark ground where they lie over the picture."""
        for column in columns:
            if column.box.intersects(area):
                ground = QColor(VIEWER.sunken)
                ground.setAlphaF(0.66)
                painter.fillRect(column.box, ground)
            for n, (label, text, color) in enumerate(column.lines):
                baseline = column.box.top() + 19 + 23 * n
                if label:
                    paint.draw_text(painter, column.box.left() + 5, baseline, label, font("label"), VIEWER.ink2)
                made = font("label", SEMIBOLD)
                paint.draw_text(painter, column.at, baseline, text, made, color, right=column.is_right)

    def _draw_cross(self, painter: QPainter) -> None:
        assert self.cross is not None
        at = self.on_screen(self.cross[1] + 0.5, self.cross[0] + 0.5)
        for color, thick in (("#000000", 3.0), (VIEWER.brass, 1.2)):
            painter.setPen(QPen(QColor(color), thick))
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(QPointF(at.x() + 5 * dx, at.y() + 5 * dy), QPointF(at.x() + 18 * dx, at.y() + 18 * dy))

    def _draw_loupe(self, painter: QPainter, placed: Placed) -> None:
        """A round of twice the present size, at least one to one, at the cross-hair or the pointer."""
        at = self.on_screen(self.cross[1] + 0.5, self.cross[0] + 0.5) if self.cross is not None else self._pointer
        shown, picture, pipeline = self.shown, self.shown.picture, self.shown.pipeline
        if at is None or picture is None or pipeline is None:
            at = QPointF(self.width() / 2, self.height() / 2)
        if picture is None or pipeline is None:
            return
        from desktop.imaging.shown import image_of

        zoom = max(1.0, 2 * placed.zoom)
        x, y = placed.to_image(at.x() * self.ratio, at.y() * self.ratio)
        half = LOUPE * self.ratio / zoom / 2
        left, top = max(0.0, x - half), max(0.0, y - half)
        right, bottom = min(float(placed.columns), x + half), min(float(placed.rows), y + half)
        if right - left < 1 or bottom - top < 1:
            return
        grid = Grid(
            left, top, right, bottom, max(1, round((right - left) * zoom)), max(1, round((bottom - top) * zoom))
        )
        sample = pipeline.sample(picture.values, grid, smooth=True, shutter=shown.shutter)
        cells = shown.turned(pipeline.paint(sample, shown.voi, invert=shown.view.invert))
        box = QRectF(0, 0, cells.shape[1] / self.ratio, cells.shape[0] / self.ratio)
        box.moveCenter(at)
        painter.drawImage(box, image_of(cells))
        paint.box(painter, box, border=VIEWER.brass, width=2, radius=0)


def _boxed_text(painter: QPainter, x: float, baseline: float, text: str, color: str) -> None:
    wide = width(text, "label", SEMIBOLD)
    ground = QColor(VIEWER.sunken)
    ground.setAlphaF(0.8)
    painter.fillRect(QRectF(x - 5, baseline - 18, wide + 10, 25), ground)
    paint.draw_text(painter, x, baseline, text, font("label", SEMIBOLD), color)
