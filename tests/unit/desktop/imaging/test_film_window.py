"""A grey film without a window of its own keeps the one that was reckoned for its first frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt

from desktop.imaging.viewer import Viewer
from localdb.pixels.facts import Facts
from tests.unit.desktop.imaging.made_images import Study
from tests.unit.desktop.imaging.test_viewer import press, settle, show

__all__ = ["show"]  # a fixture


def test_a_film_does_not_flicker(show: Callable[..., Viewer], qtbot: Any) -> None:
    """Each frame twice as bright as the one before: seen, not reckoned away. Pressed again, AUTO is of the frame shown."""
    ramp = np.tile(np.arange(80, dtype=np.uint16), (60, 1))
    study = Study("1.1")
    facts = Facts(rows=60, columns=80, bits=16, modality="MR", frame_ms=("50",))
    study.add(facts, [ramp * (1 << n) for n in range(4)], series_text="Cine")
    viewer = show(study)
    shown, seen = viewer.active.view.shown, []
    for step in (Qt.Key.Key_Home, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown):
        press(viewer, step)
        settle(qtbot, viewer)
        seen.append(shown.voi)
    assert shown.slide is not None and shown.slide.frame == 2
    assert seen[0].label == "AUTO" and seen[0] == seen[1] == seen[2]
    viewer.acts.do("auto")
    assert shown.voi.label == "AUTO" and shown.voi.width > 2 * seen[0].width
