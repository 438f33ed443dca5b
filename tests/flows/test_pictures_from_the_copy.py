"""From DICOM files to what a doctor sees: real files into a real vault by `fill`, opened in the section; the values are
those that pydicom reads, and what is painted is what the formula of the standard makes of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtWidgets import QApplication

from desktop.app import dress, make_application
from desktop.imaging import steps
from desktop.imaging.reports import Imaging
from desktop.imaging.viewer import Viewer
from desktop.patient.frame import PatientFrame
from desktop.patient.keyed import Stand
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.chart.views import Chart
from localdb.house import House
from localdb.pixels.geometry import Edges, View
from localdb.records.vocabulary import ImagingStudy
from tests.made import clear_bytes, new_house

# A CT (rescaled), an MR of 16 bits, a colour film, two frames of colour, an X-ray kind that is white on black inverted.
FILES = ("CT_small.dcm", "MR_small.dcm", "examples_ybr_color.dcm", "SC_rgb_2frame.dcm", "693_UNCR.dcm")


@pytest.fixture(scope="module")
def sent(data_dir: Path) -> dict[str, Path]:
    """The files by SOP Instance UID."""
    named = [p for name in FILES for p in (data_dir / "dicom").rglob(name)]
    assert len(named) == len(FILES)
    return {str(pydicom.dcmread(p, stop_before_pixels=True).SOPInstanceUID): p for p in named}


@pytest.fixture(scope="module")
def house(sent: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> House:
    made = new_house(tmp_path_factory.mktemp("pictures") / "vault")
    report = made.fill(list(sent.values()), source="pacs", processes=1)
    assert report.taken == len(FILES)
    return made


def charts(house: House, sent: dict[str, Path]) -> Iterator[tuple[Chart, ImagingStudy]]:
    reading = house.reading()
    for path in sent.values():
        header = pydicom.dcmread(path, stop_before_pixels=True)
        chart = reading.chart(str(header.PatientID))
        study = next(s for s in chart.lists["images"].items if s.uid == header.StudyInstanceUID)  # type: ignore[attr-defined]
        assert isinstance(study, ImagingStudy)
        yield chart, study


def until(context: Context, viewer: Viewer) -> None:
    """Until the wanted picture is shown."""
    end = time.monotonic() + 20
    while viewer.main.view.shown.slide != viewer.main.slide or viewer.main.view.shown.picture is None:
        QApplication.processEvents()
        assert time.monotonic() < end, viewer.main.view.said


def expected(ds: pydicom.Dataset, values: np.ndarray) -> np.ndarray:
    """Grey or colours in eight bits: rescale, then the first window by PS3.3 C.11.2.1.2.1."""
    if values.ndim == 3:
        return values.astype(np.uint8)
    centers, widths = (np.atleast_1d(ds[name].value) for name in ("WindowCenter", "WindowWidth"))
    shown = values * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
    made = ((shown - (float(centers[0]) - 0.5)) / (float(widths[0]) - 1) + 0.5) * 255
    grey = np.rint(np.clip(made, 0, 255))
    return 255 - grey if ds.PhotometricInterpretation == "MONOCHROME1" else grey


def test_what_is_painted_is_what_the_file_says(house: House, sent: dict[str, Path], qapp: QApplication) -> None:
    look = Look(LIGHT)
    dress(make_application(), look)
    context, compared = Context(house, look), 0
    steps.answer(context, "seen")
    try:
        for chart, study in charts(house, sent):
            stand = Stand()
            page = PatientFrame(context, stand, stand.turn_to(chart.patient.id), chart)
            page.resize(1366, 680)
            page.set_section(5)
            page.show()
            section = page.shown
            assert isinstance(section, Imaging)
            number = next(n for n, e in enumerate(section.shown) if e.study is not None and e.study.uid == study.uid)
            section.shelf.list.choose(number)
            end = time.monotonic() + 20
            while section.viewer is None or not section.viewer.main.is_open:
                QApplication.processEvents()
                assert time.monotonic() < end
            viewer = section.viewer
            viewer.acts.do("wide")
            for row in range(len(viewer.main.rows)):
                viewer.go_row(row)
                for index in range(min(2, len(viewer.main.current.slides))):
                    viewer.go(index)
                    until(context, viewer)
                    compared += same(viewer, sent)
            page.hide()
            page.deleteLater()
            QApplication.processEvents()
    finally:
        context.close()
    assert compared >= len(FILES)


def until_smooth(viewer: Viewer) -> None:
    view, end = viewer.main.view, time.monotonic() + 20
    viewer._refine.start()
    while not view.shown.is_smooth(view.placed()):  # type: ignore[arg-type]
        view.grab()
        QApplication.processEvents()
        assert time.monotonic() < end


def same(viewer: Viewer, sent: dict[str, Path]) -> int:
    """Compares one picture at 1:1 where it is seen; 1."""
    view, slide = viewer.main.view, viewer.main.slide
    assert slide is not None
    path = sent[slide.instance.uid]
    assert "REVIEW ONLY" in viewer.label.words and viewer.label.isVisible()
    ds = pydicom.dcmread(path)
    whole = ds.pixel_array
    values = whole[slide.frame] if int(ds.get("NumberOfFrames", 1)) > 1 else whole
    assert view.shown.picture is not None
    assert np.array_equal(view.shown.picture.values, values), path.name
    if not ds.get("WindowCenter") and values.ndim == 2:
        return 1  # AUTO is ours: its values were compared
    # Odd, so that a pixel of the screen lies in the middle of each of the image; letters and notes are put away.
    view.shown.view = View(zoom=1.0 if min(values.shape[:2]) > 300 else 5.0)
    view.shown.edges = Edges()
    view.clearFocus()
    until_smooth(viewer)
    view.tell((), ())
    seen = view.grab().toImage()
    wanted = expected(ds, values)
    placed = view.placed()
    assert placed is not None
    (left, top, *_), region = placed.target() or (0, 0), placed.region() or (0, 0)
    dice = np.random.default_rng(1)
    off = []
    for row, column in zip(dice.integers(0, values.shape[0], 300), dice.integers(0, values.shape[1], 300), strict=True):
        x = int(left + (column + 0.5 - region[0]) * placed.zoom)
        y = int(top + (row + 0.5 - region[1]) * placed.zoom)
        if not (4 < x < view.width() - 4 and 4 < y < view.height() - 40):
            continue
        colour = seen.pixelColor(x, y)
        said = np.array([colour.red(), colour.green(), colour.blue()], int)
        off.append(np.abs(said - wanted[row, column].astype(int)).max())
    assert off and max(off) <= 1, (path.name, max(off))
    viewer.acts.do("reset")
    return 1


def test_nothing_of_a_picture_lies_in_clear(house: House, sent: dict[str, Path]) -> None:
    marks = {str(pydicom.dcmread(p, stop_before_pixels=True).StudyInstanceUID) for p in sent.values()}
    assert clear_bytes(house.vault, [*marks, "WLPX"]) == []
