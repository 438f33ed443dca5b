"""The help (F1): first hour, words, scanning, keys, error codes; read in place, by keyboard too. Holds no patient data.

Above the text the display is chosen (light, dark, high contrast, dim), because who cannot read the screen looks here.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from importlib.resources import files
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat, QTextTable
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QTextBrowser, QVBoxLayout, QWidget

from desktop.help.content import pages
from desktop.shell.context import Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import THEMES, Look
from desktop.shell.type import font
from localdb.errors import WardlampError

_PICTURE = re.compile(r"!\[[^\]]*\]\(pictures/([a-z0-9-]+\.png)\)")
_PICTURE_WIDTH = 683  # half a screen of 1366 px: it is to be recognised, not to be read from
_LIST = 190  # px of the list of pages
_THEMES = {"light": ("Light", ""), "dark": ("Dark", "Ctrl+D"), "contrast": ("High contrast", "Ctrl+H")}


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
    document.setMarkdown(text)  # which forgets what was brought before
    _bring_pictures(document, text)
    heading = QTextCharFormat()
    heading.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
    block = document.begin()
    while block.isValid():
        level = block.blockFormat().headingLevel()
        if level:
            cursor = QTextCursor(block)  # not "block under cursor", which leaves out the first block of a page
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
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


def _bring_pictures(document: QTextDocument, text: str) -> None:
    """The pictures that a page of our own help names (`pictures/NAME.png` in resources/help), none from elsewhere."""
    folder = files("resources").joinpath("help", "pictures")
    for name in dict.fromkeys(_PICTURE.findall(text)):
        image = QImage.fromData(folder.joinpath(name).read_bytes())
        if image.width() > _PICTURE_WIDTH:
            image = image.scaledToWidth(_PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(f"pictures/{name}"), image)
    document.markContentsDirty(0, document.characterCount())


class DisplayRow(QWidget):
    """How the screen looks: one of three themes, and dim. The keys stand on the buttons where there is room."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName("Display")
        self.themes: dict[str, Button] = {}
        self.dim = Button(look, "Dim", hint="Ctrl+Shift+D", name="Dim the whole screen")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Text(look, "Display", "label", "ink2"))
        for name, (word, key) in _THEMES.items():
            button = Button(look, word, hint=key, name=f"Display: {word}")
            button.setProperty("theme", name)
            self._group.addButton(button)
            self.themes[name] = button
            row.addWidget(button)
        for button in (*self.themes.values(), self.dim):
            button.setCheckable(True)
            button.clicked.connect(self._on_pressed)
        row.addWidget(self.dim)
        row.addStretch(1)
        look.changed.connect(self._show_state)
        self._show_state()

    def _show_state(self) -> None:
        for name, button in self.themes.items():
            button.setChecked(self._look.theme.name == name)
        self.dim.setChecked(self._look.dimmed)

    def _on_pressed(self) -> None:
        pressed = self.sender()
        if pressed is self.dim:
            self._look.dim(self.dim.isChecked())
        else:
            self._look.use(THEMES[str(pressed.property("theme"))])


class HelpPlace(Place):
    """The pages at the left, the text beside them; on the page of keys the card can be printed."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Help")
        self.pages = pages()
        self.pane = browser(self.look, "Help text")
        self.display = DisplayRow(self.look)
        self.card = Button(self.look, "Print the key card", icon="print")
        self.card.clicked.connect(self._on_card)
        self._group = QButtonGroup(self)
        side, column = QWidget(), QVBoxLayout()
        side.setLayout(column)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(4)
        for title in self.pages:
            button = Button(self.look, title, "quiet")
            button.setCheckable(True)
            button.setProperty("page", title)
            button.clicked.connect(self._on_page)
            self._group.addButton(button)
            column.addWidget(button)
        column.addStretch(1)
        rail = QScrollArea()
        rail.setWidget(side)
        rail.setWidgetResizable(True)
        rail.setFrameShape(QFrame.Shape.NoFrame)
        rail.setFixedWidth(max(_LIST, side.sizeHint().width() + 20))
        rail.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rail.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rail.setAccessibleName("Pages of the help")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(rail)
        text = QVBoxLayout()
        text.addWidget(self.pane, 1)
        text.addWidget(self.card, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(text, 1)
        self.column.addWidget(self.display)
        self.column.addLayout(row, 1)
        self.setFocusProxy(self.pane)
        self.look.changed.connect(self._reshow)
        self.shown = ""
        self.show_page(next(iter(self.pages)))

    def show_page(self, title: str) -> None:
        self.shown = title
        for button in self._group.buttons():
            button.setChecked(button.property("page") == title)
        self.card.setVisible(title == "Keys")
        show_markdown(self.pane, self.look, self.pages[title])

    def _reshow(self) -> None:
        self.show_page(self.shown)

    def _on_page(self) -> None:
        self.show_page(str(self.sender().property("page")))

    def _on_card(self) -> None:
        self.card.setEnabled(False)
        self.context.extra("card").ask("card", lambda house: _print_card(), self._on_printed, self._on_not_printed)

    def _on_printed(self, key: Hashable, printer: Any) -> None:
        self.card.setEnabled(True)
        self.context.say(f"The key card is out on {printer}.")

    def _on_not_printed(self, key: Hashable, error: WardlampError) -> None:
        self.card.setEnabled(True)
        self.context.say(f"{error.code}. {error.message} {error.next_step}", "failed")


def _print_card() -> str:
    """Print the card on the default printer, on a bench; the printer's name. Raises print.*."""
    from desktop.help.keycard import key_card, print_card

    return print_card(key_card())
