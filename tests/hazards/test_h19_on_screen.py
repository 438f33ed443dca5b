"""H19 on screen: what is missing of a series is said over the picture and beside it, and has its place in the stack."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop.imaging import sides, steps
from desktop.imaging.reports import Imaging
from desktop.imaging.viewer import Viewer
from tests.unit.desktop.imaging.conftest import every_bench_is_ended
from tests.unit.desktop.imaging.made_images import Study, chart_of, images_of
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.stage import FakeHouse

__all__ = ["every_bench_is_ended"]


def opened(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """Twelve slices of twenty: 7 and 8 lie between others and never came, 3 is known and was let go."""
    study, init = Study("1.1").ct(12).drop(7, 8).unheld(2), FakeHouse.__init__

    def with_images(self: Any, *given: Any, **more: Any) -> None:
        init(self, *given, **more)
        self.images = images_of(study)

    monkeypatch.setattr(FakeHouse, "__init__", with_images)
    section = section_on(qtbot, Imaging, chart_of(study.record(total=20)))
    steps.answer(section.stage.context, "seen")
    qtbot.waitUntil(lambda: section.viewer is not None, timeout=10_000)
    found: Viewer = section.viewer
    return found


def told(viewer: Viewer, index: int) -> str:
    """What is said while that picture is in front."""
    viewer.go(index)
    end, view = time.monotonic() + 10, viewer.main.view
    while view.shown.slide != viewer.main.slide or (view.shown.picture is None and not view.is_hatched):
        QApplication.processEvents()
        assert time.monotonic() < end
    return f"{view.accessibleName()} {viewer.strip.accessibleName()}"


def missed(viewer: Viewer) -> list[str]:
    """The check: every word that must be there and is not."""
    wanted = {
        0: ("10 of 20 never came", "1 known, not held", "Slices may be missing in 1 place", "9 of 20 held"),
        2: ("Image 3 of 10 is not here", "image.let_go", "let go for room"),
        6: ("2 slices may be missing before this one",),
    }
    return [
        word for index, words in wanted.items() for said in [told(viewer, index)] for word in words if word not in said
    ]


def test_what_is_missing_is_said_over_the_picture_and_beside_it(qtbot, monkeypatch) -> None:
    assert missed(opened(qtbot, monkeypatch)) == []


@pytest.mark.parametrize("place", ["words", "reason"])
def test_sabotage_a_viewer_that_keeps_it_to_itself(qtbot, monkeypatch, place: str) -> None:
    from desktop.imaging import notes

    if place == "words":
        monkeypatch.setattr(notes, "missing_words", lambda row, index: ())
    else:
        monkeypatch.setattr(sides.Side, "_say", lambda self, title, text, hatched=False: setattr(
            self.view, "is_hatched", True))  # fmt: skip
    assert missed(opened(qtbot, monkeypatch)) != []
