"""The viewer through its keys and buttons, on made-up pictures: what is seen, said, refused, forgotten (CLINICAL §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.imaging import steps
from desktop.imaging.picture import PictureView
from desktop.imaging.reports import Imaging
from desktop.imaging.tools import HANDS, ROWS
from desktop.imaging.viewer import ImagesOfAnother, Viewer
from desktop.patient.page import PatientPage
from desktop.shell.context import Changes
from localdb.chart.images import REVIEW_ONLY
from localdb.chart.reports import Examination
from localdb.chart.views import Chart
from localdb.pixels.facts import Facts, Frame, Overlay, Window
from tests.unit.desktop.imaging.made_images import Study, chart_of, images_of, slice_values
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.stage import FakeHouse, stage_of


@pytest.fixture
def show(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Viewer]:
    """The section on these studies, with its first one open and its picture here."""

    def make(
        *studies: Study, size: tuple[int, int] = (1206, 588), chart: Chart | None = None,
        site: dict[str, Any] | None = None, **record: Any,
    ) -> Viewer:  # fmt: skip
        init = FakeHouse.__init__

        def with_images(self: Any, *given: Any, **more: Any) -> None:
            init(self, *given, **more)
            self.images = images_of(*studies)
            self.site = {**self.site, **(site or {})}

        monkeypatch.setattr(FakeHouse, "__init__", with_images)
        records = [s.record(when=f"2026-11-{23 - 14 * n:02}T19:12", **record) for n, s in enumerate(studies)]
        imaging = section_on(qtbot, Imaging, chart or chart_of(*records), size)
        steps.answer(imaging.stage.context, "seen")
        qtbot.waitUntil(lambda: imaging.viewer is not None, timeout=5000)
        if not imaging.is_beside:
            imaging.see.click()
        viewer = imaging.viewer
        assert viewer is not None
        viewer.section = imaging  # type: ignore[attr-defined]
        settle(qtbot, viewer)
        return viewer

    return make


def settle(qtbot: Any, viewer: Viewer) -> None:
    """Until the pictures that are wanted are shown, or it is said why not."""

    def is_there() -> bool:
        for side in viewer.sides:
            if not side.is_open:
                return False
            slide, shown = side.slide, side.view.shown
            if slide is None or not slide.is_held or viewer.loader.error(slide):
                continue
            if shown.slide != slide or shown.picture is None:
                return False
        return True

    qtbot.waitUntil(is_there, timeout=5000)


def press(viewer: Viewer, key: Qt.Key, times: int = 1, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    for _ in range(times):
        QTest.keyClick(viewer.active.view, key, modifier)


def wheel(view: PictureView, turned: int, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    middle = QPointF(view.rect().center())
    event = QWheelEvent(
        middle, QPointF(view.mapToGlobal(middle.toPoint())), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton,
        modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def said(view: PictureView) -> str:
    return view.accessibleName()


def grey_at(view: PictureView, row: int, column: int) -> int:
    """What is painted in the middle of an image pixel."""
    at = view.on_screen(column + 0.5, row + 0.5)
    return view.grab().toImage().pixelColor(round(at.x()), round(at.y())).red()


# -- one picture


def test_the_picture_stands_beside_list_and_report_with_label_and_identity(show) -> None:
    viewer = show(Study("1.1").xray())
    assert viewer.isVisible() and viewer.section.left.isVisible() and viewer.section.left.width() <= 432
    words = viewer.label.words
    for fact in (REVIEW_ONLY, "OKONKWO, Ifeoma (Mrs)", "14-Mar-1951", "NHS No. 999 000 0018", "23-Nov-2026 19:12",
                 "series 1", "Copy complete to"):  # fmt: skip
        assert fact in words
    assert viewer.label.isVisible()


def test_the_corners_say_window_size_lossy_and_spacing(show) -> None:
    view = show(Study("1.1").xray()).main.view
    for fact in (
        "Window stored",
        "W 3000",
        "L 2000",
        "of full",
        "Image 1 of 1",
        "Lossy 10:1",
        "Spacing at detector only",
    ):
        assert fact in said(view), fact
    assert "top H, right L" in said(view)


def test_what_is_painted_is_the_window_of_the_standard(show) -> None:
    """PS3.3 C.11.2.1.2.1: W 400, L 40: 40 HU is the middle grey; -1000 is black, 700 is white."""
    view = show(Study("1.1").ct(1)).main.view
    values = slice_values(1)
    assert values[64, 64] - 1024 == 40 and abs(grey_at(view, 64, 64) - 128) <= 1
    assert grey_at(view, 2, 64) == 0
    bone = tuple(int(v) for v in (51, 39))
    assert values[bone] - 1024 == 700 and grey_at(view, *bone) == 255


def test_window_by_key_number_drag_and_preset(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(1))
    view = viewer.main.view
    press(viewer, Qt.Key.Key_W)
    press(viewer, Qt.Key.Key_Right, 5)
    assert view.shown.voi.width == pytest.approx(400 * 1.02**5, rel=0.01) and "set by hand" in said(view)
    press(viewer, Qt.Key.Key_Up)
    assert view.shown.voi.center > 40
    viewer.tools.fields.width_box.setText("80")
    viewer.tools.fields.level_box.setText("35")
    QTest.keyClick(viewer.tools.fields.level_box, Qt.Key.Key_Return)
    assert (view.shown.voi.width, view.shown.voi.center) == (80, 35)
    viewer.tools.buttons["presets"].click()
    lung = next(b for b in viewer.tools._presets if b.words == "Lung")
    assert lung.isVisible() and "typical" in lung.accessibleName()
    lung.click()
    assert (view.shown.voi.width, view.shown.voi.center) == (1500, -600) and "Window Lung" in said(view)
    before = view.shown.voi
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(140, 100))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(140, 100))
    press(viewer, Qt.Key.Key_0)
    assert (view.shown.voi.width, view.shown.voi.center) == (400, 40) and before.width == 1500


def test_several_stored_windows_go_round(show) -> None:
    viewer = show(Study("1.1").ct(1))
    view, stored = viewer.main.view, viewer.tools.buttons["stored"]
    assert "Window SOFT" in said(view)
    stored.click()
    assert "Window LUNG" in said(view) and view.shown.voi.width == 1500
    stored.click()
    assert "Window SOFT" in said(view)
    viewer.tools.buttons["auto"].click()
    assert "Window AUTO" in said(view)


def test_turn_flip_and_invert_are_said_until_reset_and_letters_follow(show) -> None:
    viewer = show(Study("1.1").ct(3))
    view = viewer.main.view
    assert "top A, right L" in said(view)
    press(viewer, Qt.Key.Key_F)
    assert "FLIPPED" in said(view) and "right R" in said(view)
    press(viewer, Qt.Key.Key_R)
    assert "turned 90°" in said(view)
    press(viewer, Qt.Key.Key_I)
    assert "inverted" in said(view) and grey_at(view, 64, 64) in (126, 127, 128)
    press(viewer, Qt.Key.Key_PageDown)
    assert "FLIPPED" in said(view)  # the same series
    press(viewer, Qt.Key.Key_0)
    assert "FLIPPED" not in said(view) and "turned" not in said(view) and "top A, right L" in said(view)


def test_nothing_is_remembered_between_studies(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(3), Study("1.2").ct(3))
    press(viewer, Qt.Key.Key_F)
    press(viewer, Qt.Key.Key_A)
    press(viewer, Qt.Key.Key_Plus)
    press(viewer, Qt.Key.Key_V)
    for chosen in (1, 0):
        viewer.section.shelf.list.choose(chosen)
        settle(qtbot, viewer)
        view = viewer.main.view
        assert "FLIPPED" not in said(view) and "Window SOFT" in said(view) and view.shown.view.zoom == 0
        assert not view.is_magnified


def test_zoom_one_to_one_fit_and_pan_by_keys(show) -> None:
    viewer = show(Study("1.1").xray((1250, 1000)))
    view = viewer.main.view
    assert "% of full" in said(view) and "Down-sampled" in said(view)
    press(viewer, Qt.Key.Key_1)
    assert "Size 1:1" in said(view) and "Down-sampled" not in said(view)
    press(viewer, Qt.Key.Key_M)
    before = view.placed().to_image(0, 0)
    press(viewer, Qt.Key.Key_Right, 2)
    assert view.placed().to_image(0, 0)[0] == pytest.approx(before[0] - 40)
    viewer.acts.do("fit")
    assert "Down-sampled" in said(view)
    wheel(view, 120, Qt.KeyboardModifier.ControlModifier)
    assert view.shown.view.zoom > 0 and viewer.main.index == 0


def test_a_large_picture_is_drawn_at_once_and_smoothly_when_it_rests(show, qtbot) -> None:
    view = show(Study("1.1").xray((1250, 1000))).main.view
    view.grab()
    qtbot.waitUntil(lambda: view.shown.is_smooth(view.placed()), timeout=5000)


def test_the_value_under_the_pointer_and_under_the_cross_hair(show) -> None:
    viewer = show(Study("1.1").ct(1))
    view = viewer.main.view
    at = view.on_screen(64.5, 64.5)
    QTest.mouseMove(view, QPoint(round(at.x()), round(at.y())))
    view._pointer = QPointF(at)
    assert view.readout == "row 65, column 65: 40 HU"
    press(viewer, Qt.Key.Key_X)
    assert view.cross == (64, 64)
    press(viewer, Qt.Key.Key_Left, 2, Qt.KeyboardModifier.ShiftModifier)
    press(viewer, Qt.Key.Key_Up, 1)
    assert view.cross == (63, 44) and view.readout.startswith("row 64, column 45: ") and "row 64" in said(view)


def test_bare_letters_act_only_in_the_picture(show) -> None:
    viewer = show(Study("1.1").ct(1))
    QTest.keyClick(viewer.tools.fields.width_box, Qt.Key.Key_F)
    QTest.keyClick(viewer.section.shelf.list, Qt.Key.Key_I)
    assert viewer.main.view.shown.view.words == ""


def test_overlays_and_shutters_go_and_come_back(show) -> None:
    bits = bytes([255] * (250 * 200 // 8))
    viewer = show(Study("1.1").xray(overlays=(Overlay(250, 200, 1, 1, bits),)))
    view = viewer.main.view
    assert viewer.tools.buttons["overlays"].isVisibleTo(viewer.tools) or "overlays" not in viewer.tools._hidden
    yellow = grey_at(view, 125, 100)
    press(viewer, Qt.Key.Key_O)
    assert "Overlays hidden" in said(view) and grey_at(view, 125, 100) != yellow


def test_the_words_in_the_corners_go_and_warnings_stay(show) -> None:
    viewer = show(Study("1.1").xray())
    view = viewer.main.view
    press(viewer, Qt.Key.Key_F)
    assert view.left and [n.text for n in view.right] != ["FLIPPED"]
    press(viewer, Qt.Key.Key_Y)
    assert not view.left and all(n.warns for n in view.right) and "FLIPPED" in said(view)
    assert "REVIEW ONLY" in viewer.label.words or "REVIEW ONLY" in viewer.label.accessibleName()
    press(viewer, Qt.Key.Key_0)
    assert view.left


def test_what_was_hidden_over_one_study_is_shown_over_the_next(show, qtbot) -> None:
    bits = bytes([255] * (250 * 200 // 8))
    viewer = show(*(Study(uid).xray(overlays=(Overlay(250, 200, 1, 1, bits),)) for uid in ("1.1", "1.2")))
    for key in (Qt.Key.Key_O, Qt.Key.Key_H, Qt.Key.Key_Y):
        press(viewer, key)
    shown = viewer.main.view.shown
    assert not shown.overlays and not shown.words
    viewer.section.shelf.list.choose(1)
    settle(qtbot, viewer)
    shown = viewer.main.view.shown
    assert (shown.overlays, shown.shutter, shown.words) == (True, True, True)


def test_a_side_that_contradicts_the_name_of_the_examination_is_warned_of(show) -> None:
    viewer = show(Study("1.1").xray(laterality="R"), text="X-ray left knee")
    assert "The image says RIGHT, the examination LEFT" in said(viewer.main.view)
    assert "The image says" not in said(show(Study("1.2").xray(laterality="L"), text="X-ray left knee").main.view)


@pytest.mark.parametrize("values", [
    np.zeros((1, 1), np.uint16), np.arange(3000, dtype=np.uint16)[None], np.arange(3000, dtype=np.uint16)[:, None],
    np.full((7, 5), np.nan), np.array([[np.inf, -1.5], [2.0, 3.0]], np.float32), np.full((4, 4), 255, np.uint8),
    np.full((9, 3), 2**31 - 1, np.int32),
], ids=lambda v: f"{v.shape} {v.dtype}")  # fmt: skip
def test_odd_shapes_and_values_are_shown_turned_enlarged_and_measured(show, values) -> None:
    study = Study("1.1")
    rows, columns = values.shape
    study.add(Facts(rows=rows, columns=columns, modality="OT", common=Frame(windows=(Window("0", "0"), Window("x", "")))),
              [values])  # fmt: skip
    viewer = show(study)
    turns = "auto rotate flip full magnify larger smaller cross invert centre left fit"
    for act in f"{turns} length point point area point point angle point point point reset".split():
        viewer.acts.do(act)
        viewer.main.view.grab()
    assert "Image 1 of 1" in said(viewer.main.view)


def test_colour_has_no_window(show) -> None:
    viewer = show(Study("1.1").film())
    assert "Window" not in said(viewer.main.view) and viewer.tools.mode == "scroll"
    assert not viewer.tools.buttons["window"].isVisible() and not viewer.tools.fields.isVisible()


# -- stacks


def test_scrolling_by_keys_wheel_and_buttons(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(9))
    assert viewer.main.index == 4
    press(viewer, Qt.Key.Key_Home)
    assert viewer.main.index == 0
    press(viewer, Qt.Key.Key_PageDown, 3)
    assert viewer.main.index == 3
    press(viewer, Qt.Key.Key_End)
    press(viewer, Qt.Key.Key_PageDown)
    assert viewer.main.index == 8
    viewer.tools.buttons["scroll"].click()
    press(viewer, Qt.Key.Key_Up)
    assert viewer.main.index == 7
    wheel(viewer.main.view, 120)
    assert viewer.main.index == 6
    wheel(viewer.main.view, -60)
    assert viewer.main.index == 6  # half a notch of a fine wheel is no image yet
    wheel(viewer.main.view, -60)
    viewer.tools.buttons["previous"].click()
    assert viewer.main.index == 6
    settle(qtbot, viewer)
    assert "Image 7 of 9" in said(viewer.main.view) and "Slice H 35.0 mm" in said(viewer.main.view)
    assert viewer.strip.index == 6


def test_a_slice_that_is_not_held_is_hatched_with_the_reason_and_the_next_step(show) -> None:
    viewer = show(Study("1.1").ct(3).unheld(1), total=3)
    press(viewer, Qt.Key.Key_Home)
    press(viewer, Qt.Key.Key_PageDown)
    view = viewer.main.view
    assert view.is_hatched and view.shown.picture is None
    assert "Image 2 of 3 is not here" in said(view) and "image.let_go" in said(view)
    assert "let go for room" in viewer.strip.accessibleName()


def test_missing_slices_are_warned_of_and_can_be_gone_to(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(12).drop(7, 8), total=412)
    press(viewer, Qt.Key.Key_Home)
    settle(qtbot, viewer)
    assert "402 of 412 never came" in said(viewer.main.view)
    press(viewer, Qt.Key.Key_G)
    settle(qtbot, viewer)
    assert viewer.main.index == 6 and "2 slices may be missing before this one" in said(viewer.main.view)
    assert "10 of 412 held" in viewer.strip.accessibleName()


def test_a_file_that_cannot_be_read_says_so_and_the_others_go_on(show, qtbot) -> None:
    study = Study("1.1").ct(3)
    study.blobs[study.instances[1].pixels[0].blob] = b"WLPX?"
    viewer = show(study)
    press(viewer, Qt.Key.Key_Home)
    press(viewer, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: "image.damaged" in said(viewer.main.view), timeout=5000)
    press(viewer, Qt.Key.Key_PageDown)
    settle(qtbot, viewer)
    assert "Image 3 of 3" in said(viewer.main.view)


def test_a_film_plays_at_its_own_pace_and_stops(show, qtbot) -> None:
    viewer = show(Study("1.1").film())
    assert viewer.acts.own_pace() == 20  # 50 ms a frame
    press(viewer, Qt.Key.Key_C)
    assert viewer.acts.is_playing
    qtbot.waitUntil(lambda: viewer.main.index >= 2, timeout=5000)
    press(viewer, Qt.Key.Key_C)
    assert not viewer.acts.is_playing


def test_only_thumbnails_in_sight_are_asked_for(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(60))
    qtbot.waitUntil(lambda: viewer.loader.is_idle and len(viewer.loader.small) > 0, timeout=5000)
    assert len(viewer.loader.small) < 20


# -- two up


def test_the_prior_stands_beside_it_named_in_words_and_scrolls_by_position(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(9), Study("1.2").ct(5, step=10.0))
    press(viewer, Qt.Key.Key_P)
    settle(qtbot, viewer)
    assert viewer.is_two_up and not viewer._strip_room.isVisible()
    assert "PRIOR, 14d earlier: CT chest, 9 November 2026 19:12" in said(viewer.beside.view)
    assert "CURRENT: CT chest, 23 November 2026 19:12" in said(viewer.main.view)
    assert "beside it: Study 09-Nov-2026 19:12" in viewer.label.words
    press(viewer, Qt.Key.Key_Home)
    press(viewer, Qt.Key.Key_PageDown)  # 10 mm
    settle(qtbot, viewer)
    assert viewer.main.slide.instance.position[2] == viewer.beside.slide.instance.position[2] == "10"
    viewer.tools.buttons["linked"].click()
    before = viewer.beside.index
    press(viewer, Qt.Key.Key_End)
    assert viewer.beside.index == before
    press(viewer, Qt.Key.Key_P)
    assert not viewer.is_two_up and said(viewer.beside.view).startswith("Image beside it")


@pytest.mark.parametrize(("site", "is_left"), [({}, False), ({"imaging": {"prior": "left"}}, True)])
def test_the_prior_stands_on_the_side_that_the_site_wants(show, qtbot, site, is_left) -> None:
    viewer = show(Study("1.1").ct(3), Study("1.2").ct(3), site=site)
    press(viewer, Qt.Key.Key_P)
    settle(qtbot, viewer)
    assert (viewer.beside.view.x() < viewer.main.view.x()) is is_left
    assert viewer.beside.view.head.startswith("PRIOR") and viewer.main.view.head.startswith("CURRENT")


def test_the_hand_in_the_other_side_acts_there(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(3), Study("1.2").ct(3))
    press(viewer, Qt.Key.Key_P)
    settle(qtbot, viewer)
    QTest.keyClick(viewer.beside.view, Qt.Key.Key_F)
    assert "FLIPPED" in said(viewer.beside.view) and "FLIPPED" not in said(viewer.main.view)


def test_images_of_another_patient_are_refused_in_both_places(show) -> None:
    viewer = show(Study("1.1").ct(2), Study("1.2").ct(2))
    other = Study("1.9", patient="P0000000000009").ct(2)
    theirs = Examination(study=other.record())
    with pytest.raises(ImagesOfAnother):
        viewer.put_beside(theirs)
    assert not viewer.is_two_up
    with pytest.raises(ImagesOfAnother):
        viewer.open(theirs, (), other.instances)


# -- measuring


def test_a_length_by_the_keys_alone_with_its_caveats(show) -> None:
    viewer = show(Study("1.1").ct(1))
    view = viewer.main.view
    press(viewer, Qt.Key.Key_L)
    assert view.cross == (64, 64) and "Length: set one end" in said(view)
    press(viewer, Qt.Key.Key_Space)
    press(viewer, Qt.Key.Key_Right, 1, Qt.KeyboardModifier.ShiftModifier)
    press(viewer, Qt.Key.Key_Return)
    (mark,) = view.marks.done
    assert mark.texts[0] == "7.0 mm" and "Approximate, not for planning" in mark.texts  # ten pixels of 0.7 mm
    press(viewer, Qt.Key.Key_PageDown)
    press(viewer, Qt.Key.Key_Delete)
    assert not view.marks.done


def test_angle_and_area_by_the_mouse(show) -> None:
    viewer = show(Study("1.1").ct(1))
    view = viewer.main.view

    def click(x: float, y: float) -> None:
        at = view.on_screen(x, y)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(at.x()), round(at.y())))

    press(viewer, Qt.Key.Key_N)
    for x, y in ((64, 30), (64, 64), (98, 64)):
        click(x, y)
    assert view.marks.done[0].texts[0] in ("89°", "90°", "91°")
    press(viewer, Qt.Key.Key_E)
    click(56, 56)
    click(72, 72)
    assert view.marks.done[1].texts[0].startswith("mean 40.0 HU, SD 0.0")


def test_without_spacing_there_are_no_millimetres(show) -> None:
    viewer = show(Study("1.1").xray(imager_spacing=()))
    assert "No pixel spacing: no lengths in mm" in said(viewer.main.view)
    press(viewer, Qt.Key.Key_L)
    press(viewer, Qt.Key.Key_Space)
    press(viewer, Qt.Key.Key_Right, 1, Qt.KeyboardModifier.ShiftModifier)
    press(viewer, Qt.Key.Key_Space)
    assert viewer.main.view.marks.done[0].texts[0].endswith(" px")


# -- session, lock, newer copies


def test_the_screen_check_is_asked_once_a_session_and_blocks_nothing(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(3), Study("1.2").ct(3))
    steps.answer(viewer.context, "")
    viewer.section.shelf.list.choose(1)
    qtbot.waitUntil(viewer.check.isVisible, timeout=5000)
    press(viewer, Qt.Key.Key_PageDown)
    settle(qtbot, viewer)
    assert "Image" in said(viewer.main.view)
    viewer.check.no.click()
    assert "telephone the radiologist" in viewer.check.text.text() and steps.NOT_PASSED in viewer.label.words
    viewer.check.no.click()
    assert not viewer.check.isVisible() and steps.NOT_PASSED in viewer.label.words
    viewer.section.shelf.list.choose(0)
    settle(qtbot, viewer)
    assert not viewer.check.isVisible()
    viewer.acts.do("steps")
    viewer.check.yes.click()
    assert steps.NOT_PASSED not in viewer.label.words
    viewer.context.house.staff = "Somebody Else"
    assert steps.state_of(viewer.context) == ""


def test_the_curtain_forgets_every_decoded_pixel_and_the_picture_comes_back(show, qtbot) -> None:
    viewer = show(Study("1.1").ct(3))
    viewer.main.view.grab()
    viewer.context.locking.emit()
    shown = viewer.main.view.shown
    assert shown.picture is None and shown._image is None and shown._sample is None
    assert viewer.loader.decoded.used == 0 and not viewer.loader.small
    viewer.context.unlocked.emit()
    settle(qtbot, viewer)
    assert shown.picture is not None


def test_a_newer_copy_leaves_the_picture_where_it_is(qtbot) -> None:
    study = Study("1.1").ct(9)
    held = chart_of(study.record())
    stage = stage_of(held)
    stage.house.images = images_of(study)
    page = PatientPage(stage.context)
    qtbot.addWidget(page, before_close_func=lambda _: stage.context.close())
    page.resize(1366, 680)
    page.show()
    page.show_patient(held.patient.id, 5)
    steps.answer(stage.context, "seen")

    def viewer() -> Viewer | None:
        return page.frame.shown.viewer if page.frame is not None and isinstance(page.frame.shown, Imaging) else None

    qtbot.waitUntil(lambda: viewer() is not None, timeout=5000)
    before = viewer()
    assert before is not None
    settle(qtbot, before)
    before.acts.do("wide")
    before.go(7)
    before.acts.do("flip")
    before.acts.set_window(99, 11)
    study.ct(2, first=20)  # two more came
    stage.house.images = images_of(study)
    stage.house.charts[held.patient.id] = chart_of(study.record())
    stage.context.changed.emit(Changes(copy=True))
    after = viewer()
    assert after is not None and after is not before
    settle(qtbot, after)
    assert after.main.index == 7 and len(after.main.current.slides) == 11
    assert "FLIPPED" in said(after.main.view) and "W 99" in said(after.main.view)
    assert page.frame.shown.is_wide


# -- small screens


@pytest.mark.parametrize("size", [(977, 434), (807, 308)])
def test_on_a_small_screen_the_pictures_have_the_section_and_give_it_back(show, size) -> None:
    viewer = show(Study("1.1").ct(3), size=size)
    section = viewer.section
    assert viewer.isVisible() and not section.left.isVisible()
    assert viewer.main.view.height() >= 150 and viewer.label.isVisible()
    assert (section.width(), section.height()) == size
    viewer.acts.do("wide")
    assert not viewer.isVisible() and section.left.isVisible() and section.see.words == "Show 3 images"


def test_every_hand_and_act_has_a_button_and_every_drag_a_key(show) -> None:
    viewer = show(Study("1.1").ct(3))
    acts = {a.code for row in ROWS.values() for a in row} | {a.code for a in HANDS}
    assert {c for c in acts if c != "fields"} <= set(viewer.tools.buttons)
    for button in viewer.tools.buttons.values():
        assert button.accessibleName() and button.sizeHint().height() >= 44
