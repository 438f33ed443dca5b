"""The preview: one page at a time, drawn from the PDF's bytes in memory; no file is ever written (DESIGN D10)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import Look
from desktop.shell.type import font

if TYPE_CHECKING:
    from desktop.printing.preview import PageImage


class _Sheet(QWidget):
    """Where the page is painted."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self.page, self.words = look, None, ""
        self.setAccessibleName("Preview")

    def show_page(self, page: PageImage | None, words: str = "") -> None:
        self.page, self.words = page, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        page = self.page
        if page is None:
            paint.draw_text(painter, 20, 40, self.words, font("body"), theme.ink2)
            return
        image = QImage(page.rgba, page.width, page.height, page.width * 4, QImage.Format.Format_RGBX8888)
        room = self.size() * self.devicePixelRatioF()
        scale = min(room.width() / page.width, room.height() / page.height, 1.0)
        size = image.size() * scale / self.devicePixelRatioF()
        area = QRectF((self.width() - size.width()) / 2, 0, size.width(), size.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
        paint.box(painter, area.adjusted(-1, -1, 1, 1), border=theme.edge, radius=0)


class Viewer(QWidget):
    """Title, page buttons, the page."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context, self._look = context, context.look
        self._pdf, self._title, self._number, self._pages = b"", "", 0, 0
        self._asked = 0
        self.title = Text(self._look, "", "body", weight=600)
        self.before = Button(self._look, "", icon="before", name="Page before")
        self.after = Button(self._look, "", icon="after", name="Next page")
        self.sheet = _Sheet(self._look)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.title, 1)
        row.addWidget(self.before)
        row.addWidget(self.after)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 6, 16, 8)
        column.addLayout(row)
        column.addWidget(self.sheet, 1)
        self.before.clicked.connect(self._on_before)
        self.after.clicked.connect(self._on_after)
        self._name_it()

    def show_pdf(self, pdf: bytes, title: str) -> None:
        self._pdf, self._title, self._number, self._pages = pdf, title, 0, 0
        self._ask()

    def say(self, words: str) -> None:
        """Words in place of a page."""
        self._pdf, self._title, self._pages = b"", "", 0
        self._asked += 1
        self.sheet.show_page(None, words)
        self._name_it()

    def _ask(self) -> None:
        self._asked += 1
        pdf, number = self._pdf, self._number
        dpi = 96.0 * self.devicePixelRatioF() * max(0.6, self.sheet.height() / 1122)

        def job(_: Any) -> tuple[PageImage, int]:
            from desktop.printing.preview import page_count, page_image  # late: pdfium is not needed before

            return page_image(pdf, number, dpi), page_count(pdf)

        self._context.extra("press").ask(self._asked, job, self._on_page, self._on_failed, lane="preview")

    def _on_page(self, key: Hashable, answer: tuple[PageImage, int]) -> None:
        if key == self._asked:
            page, self._pages = answer
            self.sheet.show_page(page)
            self._name_it()

    def _on_failed(self, key: Hashable, error: Any) -> None:
        if key == self._asked:
            self.sheet.show_page(None, f"{error.code}. {error.message}")

    def _name_it(self) -> None:
        of = f", page {self._number + 1} of {self._pages}" if self._pages else ""
        self.title.setText(f"{self._title}{of}")
        self.sheet.setAccessibleDescription(self.title.text())
        self.before.setEnabled(self._number > 0)
        self.after.setEnabled(self._number + 1 < self._pages)

    def _on_before(self) -> None:
        self._number -= 1
        self._ask()

    def _on_after(self) -> None:
        self._number += 1
        self._ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("sunken"))
        paint.upright(painter, 0, 0, self.height(), theme.rule2)
