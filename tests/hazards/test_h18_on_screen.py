"""H18 on the screen: the letters beside what is painted, after every key that turns it; the label that never goes.

A phantom slice with a bright mark at the patient's right and front, a grey one at the left and front, is turned by the
keys. Where the marks are painted is compared with the letters that stand at the edges, by what is known of the patient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from desktop.imaging.label import ReviewLabel
from desktop.imaging.viewer import Viewer
from desktop.shell.tokens import VIEWER
from localdb.chart.images import REVIEW_ONLY
from localdb.pixels.facts import Facts, Frame, Window
from localdb.pixels.geometry import Edges, View
from tests.unit.desktop.imaging.made_images import AXIAL, Study
from tests.unit.desktop.imaging.test_viewer import grey_at, press, said, show

__all__ = ["show"]  # a fixture
SIZE = 128
BRIGHT, GREY = (30, 30), (30, 97)  # row, column of the marks in the image: right and front; left and front
SIZES = ((1206, 588), (933, 520), (751, 420))


def phantom() -> Study:
    values = np.zeros((SIZE, SIZE), np.uint16)
    values[24:36, 24:36], values[24:36, 92:104] = 4000, 2000
    facts = Facts(
        rows=SIZE, columns=SIZE, bits=12, modality="CT",
        common=Frame(orientation=AXIAL, position=("0", "0", "0"), windows=(Window("2000", "4000"),)),
    )  # fmt: skip
    study = Study("1.6")
    study.add(facts, [values], orientation=AXIAL, position=("0", "0", "0"))
    return study


def where(view: Any, at: tuple[int, int]) -> set[str]:
    """The letters that stand on the side of the picture on which a mark is painted."""
    point = view.on_screen(at[1] + 0.5, at[0] + 0.5)
    middle = view.on_screen(SIZE / 2, SIZE / 2)
    edges = view.shown.view.edges(view.shown.edges)
    return {
        edges.left if point.x() < middle.x() else edges.right, edges.top if point.y() < middle.y() else edges.bottom,
    }  # fmt: skip


def test_the_letters_say_where_the_marks_are_painted(show: Callable[..., Viewer]) -> None:
    viewer = show(phantom())
    view = viewer.active.view
    turned = 0
    for key in (None, *[Qt.Key.Key_R] * 3, Qt.Key.Key_F, *[Qt.Key.Key_R] * 3):
        if key is not None:
            press(viewer, key)
        assert abs(grey_at(view, *BRIGHT) - 255) <= 1 and abs(grey_at(view, *GREY) - 128) <= 1
        assert where(view, BRIGHT) == {"R", "A"}, "the bright mark is not where the letters say"
        assert where(view, GREY) == {"L", "A"}, "the grey mark is not where the letters say"
        edges = view.shown.view.edges(view.shown.edges)
        assert f"top {edges.top}, right {edges.right}" in said(view)
        assert ("FLIPPED" in said(view)) == view.shown.view.flip
        turned += 1
    assert turned == 8
    press(viewer, Qt.Key.Key_0)
    assert "FLIPPED" not in said(view) and "turned" not in said(view)


def is_labelled(viewer: Viewer) -> bool:
    """Whether the words of the label are painted: visible, in the window, in the colour of its first line."""
    label = viewer.label
    if REVIEW_ONLY not in label.words or not label.isVisible() or label.visibleRegion().isEmpty():
        return False
    image, brass = label.grab().toImage(), VIEWER.color("brass")
    found = sum(image.pixelColor(x, y) == brass for y in range(8, 28) for x in range(14, image.width()))
    return found > 100


@pytest.mark.parametrize("size", SIZES)
def test_the_label_stands_under_the_picture_in_every_state(show: Callable[..., Viewer], size: tuple[int, int]) -> None:
    viewer = show(phantom(), size=size)
    for key in (None, Qt.Key.Key_R, Qt.Key.Key_F, Qt.Key.Key_I, Qt.Key.Key_1, Qt.Key.Key_O, Qt.Key.Key_H, Qt.Key.Key_0):
        if key is not None:
            press(viewer, key)
        assert is_labelled(viewer), "a picture without its label"


def test_without_an_orientation_the_picture_says_so(show: Callable[..., Viewer]) -> None:
    view = show(Study("1.5").xray(patient_orientation=())).active.view
    assert view.shown.edges == Edges(note="orientation not stated")
    assert "Orientation not stated" in said(view)


# -- sabotage


def test_sabotage_letters_that_stay(show: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "edges", lambda self, edges: edges)
    with pytest.raises(AssertionError, match="not where the letters say"):
        test_the_letters_say_where_the_marks_are_painted(show)


def test_sabotage_a_label_that_is_not_painted(show: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReviewLabel, "draw", lambda self, painter: None)
    with pytest.raises(AssertionError, match="without its label"):
        test_the_label_stands_under_the_picture_in_every_state(show, SIZES[0])


def test_sabotage_a_label_that_goes(show: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch) -> None:
    real = ReviewLabel.tell

    def hide(self: ReviewLabel, *words: Any) -> None:
        real(self, *words)
        self.setFixedHeight(0)

    monkeypatch.setattr(ReviewLabel, "tell", hide)
    monkeypatch.setattr(ReviewLabel, "_fit", lambda self: self.setFixedHeight(0))
    with pytest.raises(AssertionError, match="without its label"):
        test_the_label_stands_under_the_picture_in_every_state(show, SIZES[0])
