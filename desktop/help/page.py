"""The help (F1): first hour, words, keys, error codes; read in place, by keyboard too. Holds no patient data."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat, QTextTable
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QTextBrowser

from desktop.help.content import pages
from desktop.shell.context import Context
from desktop.shell.page import Place
from desktop.shell.parts import Button
from desktop.shell.tokens import Look
from desktop.shell.type import font


def browser(look: Look, name: str) -> QTextBrowser:
    """A reading pane for Markdown, without links to the outside."""
    made = QTextBrowser()
    made.setFont(font("body"))
    made.setOpenLinks(False)
    made.setAccessibleName(name)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def show_markdown(pane: QTextBrowser, look: Look, text: str) -> None:
    """Markdown in our type: headings by role, tables without boxes, 8 px between rows."""
    document = pane.document()
    document.setDefaultFont(font("body"))
    document.setDocumentMargin(12)
    document.setMarkdown(text)
    heading = QTextCharFormat()
    heading.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            heading.setFont(font("title" if level == 1 else "ident"))
            cursor.mergeCharFormat(heading)
            spaced = block.blockFormat()
            spaced.setTopMargin(0 if level == 1 else 16)
            spaced.setBottomMargin(6)
            QTextCursor(block).setBlockFormat(spaced)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            made = frame.format()
            made.setBorder(0)
            made.setCellPadding(5)
            made.setCellSpacing(0)
            frame.setFormat(made)
    pane.moveCursor(QTextCursor.MoveOperation.Start)


class HelpPlace(Place):
    """Four pages and their buttons."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Help")
        self.pages = pages()
        self.pane = browser(self.look, "Help text")
        self._group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(8)
        for title in self.pages:
            button = Button(self.look, title)
            button.setCheckable(True)
            button.setProperty("page", title)
            button.clicked.connect(self._on_page)
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addSpacing(8)
        self.column.addWidget(self.pane, 1)
        self.setFocusProxy(self.pane)
        self.look.changed.connect(self._reshow)
        self.shown = ""
        self.show_page(next(iter(self.pages)))

    def show_page(self, title: str) -> None:
        self.shown = title
        for button in self._group.buttons():
            button.setChecked(button.property("page") == title)
        show_markdown(self.pane, self.look, self.pages[title])

    def _reshow(self) -> None:
        self.show_page(self.shown)

    def _on_page(self) -> None:
        self.show_page(str(self.sender().property("page")))
