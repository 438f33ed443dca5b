"""Every image of WARDLAMP_DATA/dicom as it is shown, against pydicom's own modality, VOI and colour tables, from the file
as a judge reads it to our pixel file as the viewer reads it. Letters against a rule of their own.

The short run takes a sample of the smaller files.
"""

from __future__ import annotations

import csv
import random
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.multival import MultiValue
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, apply_windowing

from localdb.pixels.container import PixelFile
from localdb.pixels.display import TABLE, Pipeline, Voi
from localdb.pixels.geometry import edges_of
from localdb.pixels.sampling import Grid
from localdb.sources.dicom import inside
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.kept import pixel_files
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.dicom.recognising import HEAD, looks_like_dicom

MOST_FRAMES = 3  # of a film that are looked at
SAMPLE, SMALL = 36, 200_000


Image = tuple[str, pydicom.Dataset, PixelFile]


@pytest.fixture(scope="module")
def images(data_dir: Path, long: bool) -> list[Image]:
    """(name, header as pydicom reads it, our pixel file) of each image that is held."""
    inside.prepare()
    with (data_dir / "MANIFEST.csv").open(encoding="utf-8") as stream:
        rows = [r["path"] for r in csv.DictReader(stream) if r["path"][:6] == "dicom/" and "pixels ok" in r["check"]]
    if not long:
        small = [r for r in rows if (data_dir / r).stat().st_size < SMALL]
        rows = random.Random(18).sample(small, SAMPLE)
    return [made for name in rows if (made := image(data_dir, name)) is not None]


def image(data_dir: Path, name: str) -> Image | None:
    content = (data_dir / name).read_bytes()
    if not looks_like_dicom(content[:HEAD]):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            part = read_part10(content)
            blobs = pixel_files(part)[1] if part.pixels is not None else []
        except DicomRefused:
            return None
        header = pydicom.dcmread(data_dir / name, force=True, stop_before_pixels=True)
    return (name, header, PixelFile(blobs[0].data)) if blobs else None


def is_grey(ds: pydicom.Dataset) -> bool:
    return ds.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")


def of_frame(ds: pydicom.Dataset, n: int) -> pydicom.Dataset:
    """The header with what the functional groups say of frame `n` at its top, where pydicom's functions look for it."""
    made = pydicom.Dataset()
    made.update(ds)
    groups = [*ds.get("SharedFunctionalGroupsSequence", ()), *ds.get("PerFrameFunctionalGroupsSequence", ())[n : n + 1]]
    for group in groups:
        for name in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            for item in group.get(name, ())[:1]:
                made.update(item)
    return made


def eight_bits(made: np.ndarray, low: float, high: float, inverted: bool) -> np.ndarray:
    grey = (made - low) / (high - low) * 255
    return 255 - grey if inverted else grey


def test_modality_values_are_pydicoms(images: list[Image], long: bool) -> None:
    seen = 0
    for name, ds, held in images:
        for n in range(min(held.count, MOST_FRAMES) if is_grey(ds) else 0):
            frame = held.frame(n)
            own = of_frame(ds, n)
            expected = apply_modality_lut(frame, own)
            if "DoseGridScaling" in ds:
                expected = frame * float(ds.DoseGridScaling)
            assert np.array_equal(Pipeline(held.facts, n).modality_values(frame), expected), name
            seen += 1
    assert seen > (120 if long else 8)


def test_windows_and_tables_are_pydicoms(images: list[Image], long: bool) -> None:
    """Each window and each table that was sent, as a whole picture: within the rounding to eight bits."""
    seen = 0
    for name, ds, held in images:
        if not is_grey(ds):
            continue
        ds = of_frame(ds, 0)
        frame, pipeline = held.frame(0), Pipeline(held.facts)
        hidden = pipeline.hidden(frame)
        for voi in pipeline.sent():
            values = apply_modality_lut(frame, ds)
            low, high = bounds(ds)
            if voi.function == TABLE:
                item = ds.VOILUTSequence[voi.table]
                made = apply_voi_lut(values.astype(np.int64), ds, index=voi.table)
                low, high = 0, 2 ** item.LUTDescriptor[2] - 1
            else:
                index = windows(ds).index((voi.center, voi.width))
                made = apply_windowing(values, ds, index=index)
            expected = eight_bits(made, low, high, ds.PhotometricInterpretation == "MONOCHROME1")
            shown = pipeline.render(frame, voi)
            away = np.abs(shown - expected) if hidden is None else np.abs(shown - expected)[~hidden]
            assert away.max(initial=0) <= 0.5 + 1e-6, (name, voi)
            if hidden is not None:
                assert (shown[hidden] == 0).all(), name
            seen += 1
    assert seen > (60 if long else 5)


def windows(ds: pydicom.Dataset) -> list[tuple[float, float]]:
    centers, widths = ds.WindowCenter, ds.WindowWidth
    if not isinstance(centers, MultiValue):
        return [(float(centers), float(widths))]
    return [(float(c), float(w)) for c, w in zip(centers, widths, strict=True)]


def bounds(ds: pydicom.Dataset) -> tuple[float, float]:
    """The range that pydicom's windowing spreads over: that of the stored bits after the rescale."""
    if "ModalityLUTSequence" in ds:
        return 0.0, float(2 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1)
    bits = ds.BitsStored
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if ds.PixelRepresentation else (0, 2**bits - 1)
    if "RescaleSlope" in ds:
        return low * ds.RescaleSlope + ds.RescaleIntercept, high * ds.RescaleSlope + ds.RescaleIntercept
    return float(low), float(high)


def test_colours_are_pydicoms(images: list[Image], long: bool) -> None:
    seen = 0
    for name, ds, held in images:
        frame, pipeline = held.frame(0), Pipeline(held.facts)
        if ds.PhotometricInterpretation == "PALETTE COLOR":
            expected = apply_color_lut(frame, ds)
            expected = expected >> 8 if expected.dtype == np.uint16 and expected.max() > 255 else expected
        elif held.facts.samples == 3 and frame.dtype == np.uint8:
            expected = frame
        else:
            continue
        assert np.array_equal(pipeline.render(frame, Voi()), expected), name
        seen += 1
    assert seen > (30 if long else 3)


def by_hand(cosines: list[float]) -> str:
    """The main letter of a direction, by another way than the product's: the greatest of six products."""
    six = {"L": (1, 0, 0), "R": (-1, 0, 0), "P": (0, 1, 0), "A": (0, -1, 0), "H": (0, 0, 1), "F": (0, 0, -1)}
    return max(six, key=lambda letter: float(np.dot(six[letter], cosines)))


def test_letters_are_those_of_the_header(images: list[Image], long: bool) -> None:
    seen = 0
    for name, ds, held in images:
        edges = edges_of(held.facts)
        cosines = [float(v) for v in ds.get("ImageOrientationPatient") or ()]
        stated = [str(v) for v in ds.get("PatientOrientation") or ()]
        if len(cosines) == 6 and not edges.note:
            assert edges.right[0] == by_hand(cosines[:3]) and edges.bottom[0] == by_hand(cosines[3:]), name
            assert edges.left[0] == by_hand([-v for v in cosines[:3]]), name
            seen += 1
        elif not cosines and len(stated) == 2 and all(s in "APRLHF" for s in stated):
            assert (edges.right, edges.bottom) == tuple(stated), name
            seen += 1
        elif (
            not cosines and "PerFrameFunctionalGroupsSequence" not in ds and "SharedFunctionalGroupsSequence" not in ds
        ):
            assert edges.note == "orientation not stated" or all(stated), name
    assert seen > (60 if long else 5)


def test_every_image_can_be_shown_in_every_way(images: list[Image], long: bool) -> None:
    """No image of the data breaks the initial view, AUTO, the full range, a small and a large size; the picture is not
    blank where the frame is not."""
    seen = 0
    for name, _ds, held in images:
        rows, columns = held.facts.rows, held.facts.columns
        for n in range(min(held.count, MOST_FRAMES if long else 1)):
            frame, pipeline = held.frame(n), Pipeline(held.facts, n)
            for voi in (pipeline.initial(frame), pipeline.auto(frame), pipeline.full(frame)):
                for grid in (Grid(0, 0, columns, rows, 40, 50), Grid(0, 0, columns, rows, columns + 9, rows + 7)):
                    for smooth in (True, False):
                        made = pipeline.render(frame, voi, grid, smooth=smooth)
                        assert made.shape[:2] == (grid.height, grid.width) and made.dtype == np.uint8
            whole = pipeline.render(frame, pipeline.full(frame))
            if frame.min() != frame.max() and pipeline.hidden(frame) is None:
                assert whole.min() != whole.max(), name
            seen += 1
    assert seen > (200 if long else 12)
