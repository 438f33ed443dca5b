"""The words of a measure never stand over a letter of orientation, nor over its line, and stay in the picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from desktop.imaging.marks import words_box

WIDE, HIGH = 800.0, 400.0
LETTERS = [QRectF(390, 6, 20, 24), QRectF(390, 370, 20, 24), QRectF(40, 195, 20, 24), QRectF(740, 195, 20, 24)]
NOTES = [QRectF(5, 6, 150, 119), QRectF(620, 6, 175, 73)]


@given(st.floats(0, WIDE), st.floats(0, HIGH), st.floats(60, 420), st.sampled_from((28.0, 50.0, 72.0)))
def test_words_are_clear_of_the_letters_and_in_the_picture(x: float, y: float, wide: float, high: float) -> None:
    box = words_box(QPointF(x, y), QSizeF(wide, high), QSizeF(WIDE, HIGH), LETTERS)
    assert not any(box.intersects(letter) for letter in LETTERS)
    assert QRectF(0, 0, WIDE, HIGH).contains(box)
    # Near the measure: no further away than a letter that was in the way and the words themselves.
    assert abs(box.center().y() - y) <= high * 2 + 60


@given(st.floats(100, WIDE - 100), st.floats(150, HIGH - 150), st.floats(40, 300), st.sampled_from((-1, 1)))
def test_words_leave_a_level_line_free(x: float, y: float, far: float, side: int) -> None:
    line = [QRectF(x + side * far * n / 24 - 5, y - 5, 10, 10) for n in range(25)]
    box = words_box(QPointF(x, y), QSizeF(250, 72), QSizeF(WIDE, HIGH), LETTERS, NOTES, line)
    assert not any(box.intersects(each) for each in [*line, *NOTES, *LETTERS])
