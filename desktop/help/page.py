"""The help (F1): first hour, words, keys, error codes; read in place, by keyboard too. Holds no patient data."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QTextBrowser

from desktop.help.content import pages
from desktop.shell.context import Context
from desktop.shell.page import Place
from desktop.shell.parts import Button
from desktop.shell.tokens import Look, Theme
from desktop.shell.type import font


def sheet_of(theme: Theme) -> str:
    """How a help page is set: hairlines between rows, no boxes."""
    return (
        f"body {{ color: {theme.ink}; }} h1 {{ font-size: 22px; font-weight: 600; }}"
        f"h2 {{ font-size: 17px; font-weight: 600; margin-top: 18px; }}"
        f"th {{ text-align: left; color: {theme.ink2}; font-weight: 400; }}"
        f"td, th {{ padding: 5px 14px 5px 0; }} code {{ font-family: 'IBM Plex Mono'; }}"
    )


def browser(look: Look, name: str) -> QTextBrowser:
    """A reading pane for Markdown, without links to the outside."""
    made = QTextBrowser()
    made.setFont(font("body"))
    made.setOpenLinks(False)
    made.setAccessibleName(name)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def show_markdown(pane: QTextBrowser, look: Look, text: str) -> None:
    """Markdown as rich text with our sheet: Qt's own Markdown tables are boxed."""
    plain = QTextDocument()
    plain.setMarkdown(text)
    html = plain.toHtml().replace('border="1"', 'border="0"').replace("font-style:italic;", "")
    pane.document().setDefaultStyleSheet(sheet_of(look.theme))
    pane.setHtml(html)
    pane.document().setDefaultFont(font("body"))


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
