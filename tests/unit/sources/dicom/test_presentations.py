"""A presentation state becomes what it draws, and words for what it says beyond that."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pydicom
import pytest

from localdb.records.presentations import Drawing, Target, Wording
from localdb.records.vocabulary import Instance
from localdb.sources.dicom import inside
from localdb.sources.dicom.presentations import presentation_of
from localdb.sources.profiles import SourceProfile

GREYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"


def item(**elements: Any) -> pydicom.Dataset:
    made = pydicom.Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def graphic(kind: str, points: list[float], units: str = "PIXEL") -> pydicom.Dataset:
    return item(GraphicType=kind, GraphicData=points, GraphicAnnotationUnits=units, GraphicDimensions=2,
                NumberOfGraphicPoints=len(points) // 2, GraphicFilled="N")  # fmt: skip


def area(corner: list[int], mode: str) -> pydicom.Dataset:
    return item(DisplayedAreaTopLeftHandCorner=corner, DisplayedAreaBottomRightHandCorner=[512, 512],
                PresentationSizeMode=mode)  # fmt: skip


def state(*layers: pydicom.Dataset, **more: Any) -> pydicom.Dataset:
    return item(GraphicAnnotationSequence=list(layers), ContentCreatorName="Abara^H", **more)


def test_lines_texts_and_their_images() -> None:
    on = item(ReferencedSOPInstanceUID="1.2.3", ReferencedFrameNumber=[2, 4])
    words = [
        item(UnformattedTextValue="nodule", AnchorPoint=[10.5, 20], AnchorPointAnnotationUnits="PIXEL"),
        item(UnformattedTextValue="box", BoundingBoxTopLeftHandCorner=[1, 2], BoundingBoxAnnotationUnits="PIXEL"),
        item(
            UnformattedTextValue="corner", BoundingBoxTopLeftHandCorner=[0.1, 0.2], BoundingBoxAnnotationUnits="DISPLAY"
        ),
    ]
    graphics = [graphic("POLYLINE", [1.5, 2.25, 30, 40]), graphic("CIRCLE", [5, 5, 5, 9])]
    layer = item(ReferencedImageSequence=[on], TextObjectSequence=words, GraphicObjectSequence=graphics)
    found = presentation_of(state(layer), GREYSCALE)
    images = (Target("1.2.3", (2, 4)),)
    assert found is not None and found.author == "Abara H" and found.left_out == ()
    assert found.drawings == (
        Drawing("POLYLINE", ("1.5", "2.25", "30", "40"), images), Drawing("CIRCLE", ("5", "5", "5", "9"), images),
    )  # fmt: skip
    assert found.wordings == (
        Wording("nodule", ("10.5", "20"), images), Wording("box", ("1", "2"), images), Wording("corner", (), images),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"SoftcopyVOILUTSequence": [item(WindowCenter=40, WindowWidth=80)]}, "window"),
        ({"ImageRotation": 90}, "rotation or flip"), ({"ImageHorizontalFlip": "Y"}, "rotation or flip"),
        ({"PresentationLUTShape": "INVERSE"}, "inverted grey"), ({"ShutterShape": "CIRCULAR"}, "shutter"),
        ({"MaskSubtractionSequence": [item(MaskOperation="NONE")]}, "mask"),
        ({"DisplayedAreaSelectionSequence": [area([101, 1], "SCALE TO FIT")]}, "zoom or part of the image"),
        ({"DisplayedAreaSelectionSequence": [area([1, 1], "MAGNIFY")]}, "zoom or part of the image"),
    ],
)  # fmt: skip
def test_what_nobody_applies_is_named(more: dict[str, Any], said: str) -> None:
    found = presentation_of(state(**more), GREYSCALE)
    assert found is not None and found.left_out == (said,)


def test_a_whole_image_scaled_to_fit_is_applied_and_not_named() -> None:
    found = presentation_of(state(DisplayedAreaSelectionSequence=[area([1, 1], "SCALE TO FIT")]), GREYSCALE)
    assert found is not None and found.left_out == ()


@pytest.mark.parametrize(
    "bad",
    [
        graphic("POLYLINE", [1, 2]), graphic("CIRCLE", [1, 2, 3]), graphic("ELLIPSE", [1, 2, 3, 4]),
        graphic("STAR", [1, 2]),
        graphic("POLYLINE", [0.1, 0.2, 0.3, 0.4], units="DISPLAY"), graphic("POLYLINE", [1.0, 2.0] * 9000), item(),
    ],
)  # fmt: skip
def test_graphics_that_cannot_be_drawn_are_named(bad: pydicom.Dataset) -> None:
    found = presentation_of(state(item(GraphicObjectSequence=[bad])), GREYSCALE)
    assert found is not None and found.drawings == () and found.left_out == ("graphics that cannot be drawn here",)


def test_a_state_without_end_is_bounded_and_other_states_are_none() -> None:
    many = item(
        GraphicObjectSequence=[graphic("POINT", [1, 1])] * 500,
        TextObjectSequence=[item(UnformattedTextValue="x" * 1000)] * 500,
    )
    found = presentation_of(state(many), GREYSCALE)
    assert found is not None and len(found.drawings) == len(found.wordings) == 200
    assert all(len(w.text) == 400 for w in found.wordings)
    assert set(found.left_out) == {"more graphics than are kept", "more texts than are kept"}
    assert presentation_of(state(many), "1.2.840.10008.5.1.4.1.1.11.6") is None


def test_a_file_of_a_state_is_an_instance_that_draws() -> None:
    inside.prepare()
    on = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.3")
    ds = state(item(ReferencedImageSequence=[on], GraphicObjectSequence=[graphic("POINT", [5, 6])]))
    ds.update(item(SOPClassUID=GREYSCALE, SOPInstanceUID="1.2.9", StudyInstanceUID="1.2", SeriesInstanceUID="1.2.8",
                   PatientID="7", PatientName="Phantom", Modality="PR", ContentDescription="Arrows",
                   ReferencedSeriesSequence=[item(SeriesInstanceUID="1.2.4", ReferencedImageSequence=[on])]))  # fmt: skip
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, ds, enforce_file_format=True)
    unit = inside.read("f", stream.getvalue(), "pacs", SourceProfile()).units[0]
    found = msgspec.json.decode(next(f.body for f in unit.facts if f.kind == "instance"), type=Instance)
    assert found.presentation is not None and found.pointed == ("1.2.3",) and found.title == "Arrows"
    assert found.presentation.drawings == (Drawing("POINT", ("5", "6"), (Target("1.2.3"),)),)
