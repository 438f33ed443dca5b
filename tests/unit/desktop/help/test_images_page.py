"""The help page on images names the keys that the image answers, and pictures that are there."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from PySide6.QtCore import Qt

from desktop.help.content import pages
from desktop.imaging.picture import _BARE as ACTS_OF_KEYS

PAGE = pages()["Images"]
# What a row of the table is about -> the acts of its keys, in the order in which they stand there.
ROWS = {
    "the next slice": ("next", "previous", "first", "last"),
    "brighter, darker": ("window", "stored", "auto"),
    "larger, part of it": ("larger", "smaller", "zoom", "move", "full"),
    "a magnifier": ("magnify", "cross"),
    "the one before beside it": ("two_up",),
    "turn, mirror, invert": ("rotate", "flip", "invert"),
    "a film to run": ("cine",),
    "all as it came": ("reset",),
}
NAMED = {"PgDn": Qt.Key.Key_PageDown, "PgUp": Qt.Key.Key_PageUp, "Home": Qt.Key.Key_Home, "End": Qt.Key.Key_End,
         "+": Qt.Key.Key_Plus, "−": Qt.Key.Key_Minus, "0": Qt.Key.Key_0, "1": Qt.Key.Key_1}  # fmt: skip


@pytest.mark.parametrize("row", sorted(ROWS))
def test_the_keys_of_the_table_do_what_it_says(row: str) -> None:
    (line,) = [text for text in PAGE.splitlines() if text.startswith(f"| {row}")]
    told = line.split("|")[3]
    keys = re.findall(r"PgDn|PgUp|Home|End|\b[A-Z]\b|[+−]|\b[01]\b", told)
    found = tuple(ACTS_OF_KEYS[NAMED.get(k) or getattr(Qt.Key, f"Key_{k}")] for k in keys)
    assert found == ROWS[row]


def test_measuring_and_gaps() -> None:
    told = (("D", "measure", "**Measure** (D)"), ("L", "length", "L a length"), ("N", "angle", "N an angle"),
            ("E", "area", "E the values"), ("G", "gap", "**Next gap** (G)"))  # fmt: skip
    for key, act, words in told:
        assert words in PAGE
        assert ACTS_OF_KEYS[getattr(Qt.Key, f"Key_{key}")] == act


def test_every_picture_of_every_page_is_there() -> None:
    held = {e.name for e in files("resources").joinpath("help", "pictures").iterdir()}
    named = {n for text in pages().values() for n in re.findall(r"\(pictures/([a-z0-9-]+\.png)\)", text)}
    assert named <= held
    assert {"images.png", "images-two.png", "images-missing.png", "images-awaited.png"} <= named
