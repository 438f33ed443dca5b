"""The pictures of the help: each that a page names is there and is shown, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
from importlib.resources import files

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from desktop.help.content import pages
from desktop.help.page import browser, show_markdown
from desktop.shell.tokens import LIGHT, Look

NAMED = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")


def test_every_picture_that_the_help_names_is_shown_with_words_beside_it(qtbot) -> None:
    folder, seen = files("resources").joinpath("help", "pictures"), 0
    for text in pages().values():
        pane = browser(Look(LIGHT), "Help")
        qtbot.addWidget(pane)
        show_markdown(pane, Look(LIGHT), text)
        for words, where in NAMED.findall(text):
            assert where.startswith("pictures/")
            assert folder.joinpath(where.removeprefix("pictures/")).is_file()
            assert len(words) > 8, "a screen reader needs words"
            image = pane.document().resource(QTextDocument.ResourceType.ImageResource, QUrl(where))
            assert not image.isNull()
            assert image.width() <= 683
            seen += 1
    held = [e.name for e in folder.iterdir() if e.name.endswith(".png")]
    assert seen == len(held) > 10, "a picture that no page names"


def test_a_picture_from_elsewhere_is_not_brought(qtbot) -> None:
    pane = browser(Look(LIGHT), "Help")
    qtbot.addWidget(pane)
    show_markdown(pane, Look(LIGHT), "![x](../ward.png) ![y](http://192.0.2.1/a.png) ![z](pictures/../ward.png)")
    assert pane.document().resource(QTextDocument.ResourceType.ImageResource, QUrl("../ward.png")) is None
