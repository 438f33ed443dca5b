"""Arrows and words of a presentation state lie over the picture that they are about, turn with it, and can be hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from desktop.imaging.picture import PictureView
from desktop.imaging.viewer import Viewer
from desktop.shell.tokens import VIEWER
from localdb.pixels.annotations import Over
from localdb.records.presentations import Drawing, Presentation, Target, Wording
from tests.unit.desktop.imaging.made_images import Study
from tests.unit.desktop.imaging.test_viewer import press, said, settle, show

__all__ = ["show"]  # a fixture
ROW, FIRST, LAST = 60, 100, 140


def annotated(study: Study) -> Study:
    """The study with a state over its first picture: a line along row 60 from column 100 to 140, and words."""
    one = study.instances[0]
    images = (Target(one.uid),)
    line = Drawing("POLYLINE", (f"{FIRST}", f"{ROW}", f"{LAST}", f"{ROW}"), images)
    words = (Wording("nodule?", (f"{LAST}", f"{ROW}"), images), Wording("see report", (), images))
    state = replace(
        one, uid=f"{study.uid}.99", series=f"{study.uid}.9", sop_class="1.2.840.10008.5.1.4.1.1.11.1", modality="PR",
        frames=0, pixels=(), pointed=(one.uid,), title="Arrows",
        presentation=Presentation((line,), words, "Dr H. Abara", ("window",)),
    )  # fmt: skip
    study.instances.append(state)
    return study


def is_marked(view: PictureView, x: float, y: float) -> bool:
    """Whether something of the colour of annotations is painted within two pixels of an image point."""
    at, image, brass = view.on_screen(x, y), view.grab().toImage(), QColor(VIEWER.brass)
    ratio = image.devicePixelRatio()
    for dx in range(-2, 3):
        for dy in range(-2, 3):
            found = image.pixelColor(round(at.x() * ratio) + dx, round(at.y() * ratio) + dy)
            if all(abs(a - b) < 40 for a, b in zip(found.getRgb()[:3], brass.getRgb()[:3], strict=True)):
                return True
    return False


@pytest.fixture
def viewer(show: Callable[..., Viewer]) -> Viewer:
    return show(annotated(Study("1.7").xray()))


def test_a_line_lies_where_it_was_drawn_and_turns_with_the_picture(viewer: Viewer) -> None:
    view = viewer.active.view
    middle = (FIRST + LAST) / 2
    for keys in ((), (Qt.Key.Key_R,), (Qt.Key.Key_F,), (Qt.Key.Key_R,)):
        for key in keys:
            press(viewer, key)
        assert is_marked(view, middle, ROW), "the line is not where it was drawn"
        assert not is_marked(view, middle, ROW + 40)


def test_whose_they_are_what_they_say_and_what_is_not_applied_is_said(viewer: Viewer) -> None:
    words = said(viewer.active.view)
    assert "Annotations of Dr H. Abara: Arrows. Not applied: its window" in words
    assert "Annotation: see report" in words
    assert "Annotations exist, not shown" not in words


def test_they_can_be_hidden_and_that_is_said(viewer: Viewer) -> None:
    view = viewer.active.view
    press(viewer, Qt.Key.Key_O)
    assert not is_marked(view, (FIRST + LAST) / 2, ROW)
    assert "Hidden: Annotations of Dr H. Abara" in said(view)
    press(viewer, Qt.Key.Key_O)
    assert is_marked(view, (FIRST + LAST) / 2, ROW)


def test_another_picture_has_none_of_them(show: Callable[..., Viewer], qtbot: Any) -> None:
    viewer = show(annotated(Study("1.8").ct(3)))
    about = viewer.active.view.shown.slide
    assert about is not None
    shown = {}
    for step in (Qt.Key.Key_Home, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown):
        press(viewer, step)
        settle(qtbot, viewer)
        slide = viewer.active.view.shown.slide
        assert slide is not None
        shown[slide.instance.number] = viewer.active.view.shown.over
    assert shown[1].lines and shown[2] == shown[3] == Over()
