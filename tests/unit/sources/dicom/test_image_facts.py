"""What decides how an image is shown, from its header: compared with pydicom's own reading of all the data, and with
values made by hand (PS3.3 C.7.6, C.7.9, C.9.2, C.11)."""

from __future__ import annotations

import csv
import struct
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_color_lut, apply_modality_lut
from pydicom.uid import ExplicitVRBigEndian

from localdb.pixels.container import PixelFile
from localdb.pixels.facts import Facts, Frame, Shutter, Table, Window
from localdb.sources.dicom import inside
from localdb.sources.dicom.image_facts import facts_of
from localdb.sources.dicom.kept import pixel_files
from localdb.sources.dicom.part10 import Part10, read_part10
from localdb.sources.dicom.tables import NoTable, expanded
from tests.unit.sources.dicom.made import image, item, packed


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def facts(**elements: object) -> Facts:
    part = read_part10(packed(image(**elements)))
    return facts_of(part, "MONOCHROME2", int(elements.get("NumberOfFrames", 1)))  # type: ignore[call-overload]


def read(path: Path) -> tuple[Part10, Facts, pydicom.Dataset]:
    part = read_part10(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, blobs = pixel_files(part)
        return part, PixelFile(blobs[0].data).facts, pydicom.dcmread(path, force=True)


def with_elements(data_dir: Path, *keywords: str | int) -> list[Path]:
    found = []
    with (data_dir / "MANIFEST.csv").open(encoding="utf-8") as stream:
        names = [
            r["path"] for r in csv.DictReader(stream) if r["path"][:6] == "dicom/" and r["check"] == "ok; pixels ok"
        ]
    for name in names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(data_dir / name, stop_before_pixels=True)
        if any(k in header for k in keywords):
            found.append(data_dir / name)
    return found


def test_palettes_give_the_colours_that_pydicom_gives(data_dir: Path) -> None:
    keywords = ("RedPaletteColorLookupTableData", "SegmentedRedPaletteColorLookupTableData")
    seen = 0
    for path in with_elements(data_dir, *keywords):
        part, facts, header = read(path)
        if facts.photometric != "PALETTE COLOR":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = apply_color_lut(header.pixel_array, header)
            stored = header.pixel_array
        assert len(facts.palette) == 3, path.name
        for n, table in enumerate(facts.palette):
            entries = np.frombuffer(table.data, "<u2")
            got = entries[np.clip(stored.astype(int) - table.first, 0, len(entries) - 1)]
            assert np.array_equal(got, expected[..., n]), (path.name, n)
        seen += 1
    assert seen >= 6
    assert part is not None


def test_modality_tables_give_the_values_that_pydicom_gives(data_dir: Path) -> None:
    seen = 0
    for path in with_elements(data_dir, "ModalityLUTSequence"):
        _, facts, header = read(path)
        table = facts.modality_table
        assert table is not None, path.name
        entries = np.frombuffer(table.data, "<u2")
        stored = header.pixel_array
        got = entries[np.clip(stored.astype(int) - table.first, 0, len(entries) - 1)]
        assert np.array_equal(got, apply_modality_lut(stored, header)), path.name
        seen += 1
    assert seen >= 1


def test_overlays_are_the_planes_that_pydicom_reads(data_dir: Path) -> None:
    groups = [0x60000010 | n << 17 for n in range(16)]
    paths = with_elements(data_dir, *groups)
    assert len(paths) == 2  # data/README.md
    for path in paths:
        _, facts, header = read(path)
        planes = [tag & 0xFFFF0000 for tag in groups if tag in header]
        assert len(facts.overlays) == len(planes), path.name
        for group, overlay in zip(planes, facts.overlays, strict=True):
            if group | 0x3000 in header:
                expected = header.overlay_array(group >> 16)
            else:  # in the unused bits of the pixels, which pydicom leaves to its user
                position = int(header[group | 0x102].value)
                words = np.frombuffer(header.PixelData, "<u2").reshape(header.Rows, header.Columns)
                expected = words >> position & 1
                assert expected.any()
            bits = np.unpackbits(np.frombuffer(overlay.bits, np.uint8), bitorder="little")
            got = bits[: overlay.rows * overlay.columns * overlay.frames].reshape(expected.shape)
            assert np.array_equal(got, expected), path.name
            assert (overlay.row, overlay.column) == tuple(header[group | 0x50].value), path.name


def test_a_plane_in_the_unused_bits_of_the_pixels() -> None:
    plane = np.arange(16).reshape(4, 4) % 3 == 0
    stored = np.arange(16).reshape(4, 4) | plane.astype(int) << 12
    for syntax in (None, ExplicitVRBigEndian):
        ds = image(BitsStored=12, HighBit=11, PixelData=stored.astype("<u2" if syntax is None else ">u2").tobytes())
        for tag, vr, value in (
            (0x0010, "US", 4), (0x0011, "US", 4), (0x0040, "CS", "G"), (0x0050, "SS", [1, 1]), (0x0100, "US", 16),
            (0x0102, "US", 12),
        ):  # fmt: skip
            ds.add_new(0x60000000 | tag, vr, value)
        if syntax is not None:
            ds.file_meta.TransferSyntaxUID = syntax
        part = read_part10(packed(ds))
        _, blobs = pixel_files(part)
        held = PixelFile(blobs[0].data)
        (overlay,) = held.facts.overlays
        bits = np.unpackbits(np.frombuffer(overlay.bits, np.uint8), bitorder="little").reshape(4, 4)
        assert np.array_equal(bits, plane)
        assert np.array_equal(held.frame(0), np.arange(16).reshape(4, 4))  # the plane is no part of the values


def test_an_overlay_that_is_shorter_than_it_says_is_left_out() -> None:
    ds = image()
    for tag, vr, value in ((0x0010, "US", 400), (0x0011, "US", 400), (0x0050, "SS", [1, 1]), (0x3000, "OW", b"\1\2")):
        ds.add_new(0x60000000 | tag, vr, value)
    assert facts_of(read_part10(packed(ds)), "MONOCHROME2", 1).overlays == ()


def test_windows_stay_in_the_order_and_the_digits_sent() -> None:
    ds = image(
        WindowCenter=["40.0", "600", "123"], WindowWidth=["80", "2.8e3", "1"],
        WindowCenterWidthExplanation=["BRAIN", "BONE"], VOILUTFunction="SIGMOID", RescaleSlope="1.0",
        RescaleIntercept="-1024", RescaleType="HU",
    )  # fmt: skip
    found = facts_of(read_part10(packed(ds).replace(b"600\\123", b"600\\abc")), "MONOCHROME2", 1)
    assert found.common.windows == (Window("40.0", "80", "SIGMOID", "BRAIN"), Window("600", "2.8e3", "SIGMOID", "BONE"))
    assert (found.common.slope, found.common.intercept, found.common.rescale) == ("1.0", "-1024", "HU")
    assert facts(WindowCenter="40", WindowWidth="0").common.windows == ()  # no width: nothing could be shown by it


@pytest.mark.parametrize(
    ("signed", "low", "high", "expected"),
    [
        (1, -2000, None, (-2000, -2000)),
        (0, 63536, None, (63536, 63536)),
        (1, -2000, -1900, (-2000, -1900)),
        (0, 5, 2, (2, 5)),
    ],
)
def test_padding_is_signed_as_the_pixels_are(
    signed: int, low: int, high: int | None, expected: tuple[int, int]
) -> None:
    ds = image(PixelRepresentation=signed)
    kind = "SS" if signed else "US"
    ds.add_new(0x00280120, kind, low)
    if high is not None:
        ds.add_new(0x00280121, kind, high)
    assert facts_of(read_part10(packed(ds)), "MONOCHROME2", 1).padding == expected


def test_functional_groups_hold_for_all_frames_or_for_one() -> None:
    def place(n: int) -> pydicom.Dataset:
        return item(
            PlanePositionSequence=[item(ImagePositionPatient=["0", "0", str(n)])],
            FrameContentSequence=[item(FrameLabel=f"phase {n}")],
            FrameVOILUTSequence=[item(WindowCenter=str(40 + n), WindowWidth="80")],
        )

    found = facts(
        NumberOfFrames=2,
        SharedFunctionalGroupsSequence=[
            item(
                PlaneOrientationSequence=[item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
                PixelMeasuresSequence=[item(PixelSpacing=["0.5", "0.25"], SliceThickness="3")],
                PixelValueTransformationSequence=[item(RescaleSlope="2", RescaleIntercept="1", RescaleType="US")],
            )
        ],
        PerFrameFunctionalGroupsSequence=[place(0), place(5)],
    )
    second = found.of_frame(1)
    assert second == Frame(
        position=("0", "0", "5"), orientation=("1", "0", "0", "0", "1", "0"), spacing=("0.5", "0.25"), thickness="3",
        slope="2", intercept="1", rescale="US", windows=(Window("45", "80"),), text="phase 5",
    )  # fmt: skip
    assert found.of_frame(0).position == ("0", "0", "0")


def test_enhanced_images_of_the_data_have_a_place_for_every_frame(data_dir: Path) -> None:
    _, facts, header = read(data_dir / "dicom/pydicom-data/eCT_Supplemental.dcm")
    groups = header.PerFrameFunctionalGroupsSequence
    assert len(facts.frames) == int(header.NumberOfFrames) == 2
    for n, group in enumerate(groups):
        sent = group.PlanePositionSequence[0].ImagePositionPatient
        assert [float(v) for v in facts.of_frame(n).position] == [float(v) for v in sent]


def test_shutters_and_regions_of_their_kind() -> None:
    found = facts(
        ShutterShape=["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
        ShutterLeftVerticalEdge="2", ShutterRightVerticalEdge="3", ShutterUpperHorizontalEdge="1",
        ShutterLowerHorizontalEdge="4", CenterOfCircularShutter=["2", "3"], RadiusOfCircularShutter="2",
        VerticesOfThePolygonalShutter=["1", "1", "1", "4", "4", "4"],
    )  # fmt: skip
    assert found.shutters == (
        Shutter("RECTANGULAR", (2, 3, 1, 4)), Shutter("CIRCULAR", (2, 3, 2)), Shutter("POLYGONAL", (1, 1, 1, 4, 4, 4)),
    )  # fmt: skip
    assert facts(ShutterShape="CIRCULAR", RadiusOfCircularShutter="2").shutters == ()


def test_spacing_keeps_its_kind() -> None:
    found = facts(
        ImagerPixelSpacing=["0.14", "0.14"], EstimatedRadiographicMagnificationFactor="1.1", PixelAspectRatio=["1", "2"],
        PatientOrientation=["L", "F"], ImageLaterality="R", ViewPosition="PA", LossyImageCompression="01",
        LossyImageCompressionRatio="12.5", PresentationLUTShape="INVERSE", BurnedInAnnotation="YES",
    )  # fmt: skip
    assert found.common.spacing == () and found.imager_spacing == ("0.14", "0.14") and found.magnification == "1.1"
    assert (found.aspect, found.patient_orientation, found.laterality, found.view) == (
        ("1", "2"),
        ("L", "F"),
        "R",
        "PA",
    )
    assert (found.lossy, found.inverse, found.burned_in) == ("12.5", True, "YES")
    assert facts(PixelSpacing=["0.5", "0.5"], PixelSpacingCalibrationType="GEOMETRY").calibration == "GEOMETRY"
    broken = packed(image(PixelSpacing=["0.5", "0.25"])).replace(b"0.5\\0.25", b"a.b\\0.25")
    assert facts_of(read_part10(broken), "MONOCHROME2", 1).common.spacing == ()


def test_tables_of_eight_bits_may_lie_two_in_a_word() -> None:
    table = item(LUTDescriptor=[4, 10, 8], LUTExplanation="soft")
    table.add_new(0x00283006, "OW", b"\x01\x02\x03\x04")
    found = facts(VOILUTSequence=[table]).voi_tables
    assert found == (Table(10, 8, struct.pack("<4H", 1, 2, 3, 4), "soft"),)


def test_a_table_of_no_entries_has_65536() -> None:
    data = np.arange(65536, dtype="<u2").tobytes()
    table = item(LUTDescriptor=[0, 0, 16])
    table.add_new(0x00283006, "OW", data)
    (found,) = facts(VOILUTSequence=[table]).voi_tables
    assert found.data == data


def test_segments_of_a_palette() -> None:
    # PS3.3 C.7.9.2: three entries as they are, a line of four to 20, and the first segment once more
    words = [0, 3, 1, 2, 4, 1, 4, 20, 2, 1, 0, 0]
    assert expanded(words, 16) == [1, 2, 4, 8, 12, 16, 20, 1, 2, 4]
    for broken in ([1, 4, 20], [2, 1, 0, 0, 7, 7], [9, 9], [2, 1, 0], [0, 1, 5, 2, 60_000, 0, 0]):
        try:
            assert len(expanded(broken, 16)) <= 65536
        except NoTable:
            continue


def test_a_palette_that_copies_itself_without_end_is_none() -> None:
    with pytest.raises(NoTable):
        expanded([0, 1, 5] + [1, 65535, 9] * 3, 16)


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"FrameTime": "33.3"}, ("33.3",)),
        ({"FrameTimeVector": ["0", "20", "30"]}, ("0", "20", "30")),
        ({"FrameTimeVector": ["0", "20"], "CineRate": "25"}, ("40",)),
        ({}, ()),
    ],
)
def test_times_of_a_film(elements: dict[str, object], expected: tuple[str, ...]) -> None:
    assert facts(NumberOfFrames=3, **elements).frame_ms == expected
