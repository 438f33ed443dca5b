"""The pages of a document that came as a PDF, as wide as the room, below each other; drawn beside the window's thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from desktop.patient.held_pages import PDF, Size, page_picture, page_sizes
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.type import font
from localdb.errors import WardlampError

GAP, WIDEST, _KEPT = 12, 900, 6


class _Paper(QWidget):
    """All pages; a page that comes into sight is asked for."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._data, self._words, self._asked = b"", "", 0
        self._sizes: list[Size] = []
        self._drawn: OrderedDict[int, QImage] = OrderedDict()
        self._wanted: set[int] = set()

    def show_pdf(self, data: bytes) -> None:
        self._begin(data, "Loading the pages \u2026")
        self._context.extra("plans").ask(self._asked, lambda _: page_sizes(data, PDF), self._on_sizes, self._on_failed)

    def say(self, words: str) -> None:
        self._begin(b"", words)

    def _begin(self, data: bytes, words: str) -> None:
        self._asked += 1
        self._data, self._words, self._sizes = data, words, []
        self._drawn.clear()
        self._wanted.clear()
        self.setAccessibleDescription(words)
        self._measure()

    def _on_sizes(self, key: Hashable, sizes: list[Size]) -> None:
        if key == self._asked:
            self._sizes, self._words = sizes, ""
            self.setAccessibleDescription(f"{len(sizes)} pages, as pictures")
            self._measure()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if key == self._asked or (isinstance(key, tuple) and key[0] == self._asked):
            self.say(f"{error.code}. {error.message} {error.next_step}")

    @property
    def _wide(self) -> float:
        return float(min(WIDEST, self.width() - 2 * GAP))

    def _places(self) -> list[QRectF]:
        y, made = float(GAP), []
        for wide, high in self._sizes:
            tall = self._wide * high / max(wide, 1.0)
            made.append(QRectF((self.width() - self._wide) / 2, y, self._wide, tall))
            y += tall + GAP
        return made

    def _measure(self) -> None:
        places = self._places()
        self.setMinimumHeight(int(places[-1].bottom() + GAP) if places else 120)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._drawn.clear()
            self._wanted.clear()
            self._measure()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("sunken"))
        if self._words:
            paint.draw_text(painter, GAP, 40, self._words, font("body"), theme.ink)
        seen = QRectF(event.rect())
        for n, area in enumerate(self._places()):
            if not area.intersects(seen):
                continue
            painter.fillRect(area, Qt.GlobalColor.white)
            if n in self._drawn:
                painter.drawImage(area, self._drawn[n])
            else:
                self._ask(n)
            paint.box(painter, area, border=theme.rule2, width=1, radius=0)

    def _ask(self, n: int) -> None:
        if n in self._wanted:
            return
        self._wanted.add(n)
        data, size, wide = self._data, self._sizes[n], self._wide * self.devicePixelRatioF()
        self._context.extra("plans").ask(
            (self._asked, n), lambda _: page_picture(data, PDF, n, size, wide), self._on_page, self._on_failed
        )

    def _on_page(self, key: Any, image: QImage) -> None:
        asked, n = key
        if asked != self._asked:
            return
        self._wanted.discard(n)
        self._drawn[n] = image
        while len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        self.update()


class Pages(QScrollArea):
    """See the module; moved by arrows and page keys."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.paper = _Paper(context)
        self.setWidget(self.paper)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Pages of the document")
        self.verticalScrollBar().setAccessibleName("Pages, scroll")

    def show_pdf(self, data: bytes) -> None:
        self.paper.show_pdf(data)
        self.verticalScrollBar().setValue(0)

    def say(self, words: str) -> None:
        self.paper.say(words)
