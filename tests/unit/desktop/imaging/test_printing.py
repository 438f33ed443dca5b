"""What the viewer shows is what is printed: image, window, turn, part, measures; of the patient whose page it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from desktop.printing import burning, picturing
from desktop.printing.image_wish import ImageWish
from localdb.chart.views import Chart
from tests.unit.desktop.imaging.made_images import Study, chart_of, images_of
from tests.unit.desktop.imaging.test_viewer import press, settle, show  # noqa: F401


class Held:
    """The made studies as a reading of the copy answers for them."""

    def __init__(self, studies: tuple[Study, ...]) -> None:
        self.images = images_of(*studies)

    def instances(self, patient: str, study: str) -> tuple[Any, ...]:
        return tuple(self.images.instances.get(study, ()))

    def blob(self, digest: str) -> bytes | None:
        return self.images.blobs.get(digest)


NOW = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)


def asked(viewer: Any) -> list[tuple[str, tuple[ImageWish, ...]]]:
    """What "Print image" asks for."""
    found: list[tuple[str, tuple[ImageWish, ...]]] = []
    viewer.context.print_images.connect(lambda person, images: found.append((person, images)))
    viewer.tools.buttons["print"].click()
    return found


def printed(chart: Chart, studies: tuple[Study, ...], wish: ImageWish, monkeypatch: pytest.MonkeyPatch) -> Any:
    """(pixels before words are burnt in, label, picture) of the sheet."""
    seen: list[Any] = []
    real = burning.burnt
    monkeypatch.setattr(
        picturing, "burnt", lambda pixels, label, wide: seen.append((pixels, label)) or real(pixels, label, wide)
    )
    (picture,) = picturing.pictures_of(Held(studies), chart, [wish], NOW)
    return *seen[0], picture


def test_the_image_its_window_and_its_turn(show: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    study = Study("1.1").ct(5)
    viewer = show(study)
    for code in ("rotate", "flip", "invert"):
        viewer.tools.buttons[code].click()
    viewer.acts.set_window(1500, -600)
    ((person, (wish,)),) = asked(viewer)
    assert person == viewer.key.person
    shown = viewer.main.view.shown
    assert (wish.study, wish.image) == ("1.1", shown.slide.instance.uid)
    pixels, label, picture = printed(chart_of(study.record()), (study,), wish, monkeypatch)
    whole = shown.pipeline.render(shown.picture.values, shown.voi, invert=True)
    assert (pixels == shown.turned(whole)).all()
    edges = shown.view.edges(shown.edges)
    assert label.letters == (edges.top, edges.right, edges.bottom, edges.left)
    assert label.flags[0] == "FLIPPED" and "W 1500 L -600" in " ".join(picture.words).replace("\u00a0", " ")


def test_the_part_that_was_in_view_and_what_was_measured(show: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    study = Study("1.1").xray()
    viewer = show(study)
    viewer.acts.do("larger")
    viewer.acts.do("larger")
    viewer.acts.measure("area")
    viewer.main.view.marks.add((80.0, 100.0))
    viewer.main.view.marks.add((120.0, 140.0))
    ((_, (wish,)),) = asked(viewer)
    placed = viewer.main.view.placed()
    assert wish.viewport == (placed.width, placed.height)
    pixels, label, _ = printed(chart_of(study.record()), (study,), wish, monkeypatch)
    assert pixels.shape[1] / pixels.shape[0] == pytest.approx(placed.width / placed.height, rel=0.02)
    (mark,) = label.marks
    middle = np.mean(np.array(mark.points[:-1]), axis=0)
    x, y = placed.to_screen(100, 120)
    assert tuple(middle) == pytest.approx((x / placed.width, y / placed.height), abs=0.01)
    assert "Approximate" in mark.text


def test_two_side_by_side_go_on_one_sheet(show: Any, qtbot: Any) -> None:  # noqa: F811
    viewer = show(Study("1.1").xray(), Study("1.2").xray())
    viewer.acts.do("two_up")
    settle(qtbot, viewer)
    ((_, wishes),) = asked(viewer)
    assert [w.study for w in wishes] == ["1.1", "1.2"]


def test_a_frame_of_a_film_and_an_image_that_is_not_here(show: Any, qtbot: Any) -> None:  # noqa: F811
    viewer = show(Study("1.1").film())
    press(viewer, Qt.Key.Key_PageDown, 3)
    settle(qtbot, viewer)
    ((_, (wish,)),) = asked(viewer)
    assert (wish.frame, wish.shade) == (3, None)


def test_nothing_is_printed_of_what_is_not_held(show: Any) -> None:  # noqa: F811
    viewer = show(Study("1.1").xray().unheld(0))
    assert asked(viewer) == [] and not viewer.tools.buttons["print"].isVisible()
