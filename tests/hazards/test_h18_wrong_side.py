"""H18: an image on the wrong side, or measured wrongly. Phantoms made here, with marks whose place in the patient is known,
go through the reader and the pixel file to the picture, in all rotations and flips.

Control: `geometry` computes the letters from the header and moves them with the picture; `measure` gives millimetres only
with a valid spacing and says what must be said; `sides` compares what is said of the side. Each is taken away once.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import msgspec
import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from localdb.chart.images import rows_of, side_words
from localdb.chart.reports import Examination
from localdb.pixels import display, geometry, measure, sides
from localdb.pixels.container import PixelFile
from localdb.pixels.display import Pipeline, turned
from localdb.pixels.geometry import Edges, Placed, View, edges_of
from localdb.pixels.sampling import Grid
from localdb.pixels.stack import linked, planes_of, stacks
from localdb.records.vocabulary import ImagingStudy, Instance
from localdb.sources.dicom import inside
from localdb.sources.dicom.kept import pixel_files
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.profiles import SourceProfile

ROWS, COLUMNS = 40, 60
BRIGHT, MIDDLE, DIM = 4000, 2500, 1200
CT, CR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"

# The letters at top, right, bottom and left, by hand, of each of the eight ways to see a picture: a patient who lies on the
# back is seen from the feet in an axial slice, from the front in a coronal one, from the left in a sagittal one.
BY_HAND = {
    "axial": {
        (0, False): "ALPR", (90, False): "RALP", (180, False): "PRAL", (270, False): "LPRA",
        (0, True): "ARPL", (90, True): "LARP", (180, True): "PLAR", (270, True): "RPLA",
    },
    "coronal": {
        (0, False): "HLFR", (90, False): "RHLF", (180, False): "FRHL", (270, False): "LFRH",
        (0, True): "HRFL", (90, True): "LHRF", (180, True): "FLHR", (270, True): "RFLH",
    },
    "sagittal": {
        (0, False): "HPFA", (90, False): "AHPF", (180, False): "FAHP", (270, False): "PFAH",
        (0, True): "HAFP", (90, True): "PHAF", (180, True): "FPHA", (270, True): "AFPH",
    },
}  # fmt: skip
COSINES = {
    "axial": [1, 0, 0, 0, 1, 0], "coronal": [1, 0, 0, 0, 0, -1], "sagittal": [0, 1, 0, 0, 0, -1],
}  # fmt: skip
STATED = {"axial": ["L", "P"], "coronal": ["L", "F"], "sagittal": ["P", "F"]}
WAYS = sorted(BY_HAND["axial"])


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def phantom(**header: Any) -> bytes:
    """A Part 10 file of a picture with three marks: bright at the top left, middling at the top right, dim at the bottom
    left, nothing at the bottom right. No rotation or flip gives the same picture twice."""
    ds = pydicom.Dataset()
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = header.pop("SOPClassUID", CT), generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientID, ds.PatientName, ds.Modality = "PHANTOM", "Phantom^Side", header.pop("Modality", "CT")
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    for name, value in header.items():
        setattr(ds, name, value)
    picture = np.zeros((ROWS, COLUMNS), np.uint16)
    picture[2:8, 2:8], picture[2:8, -8:-2], picture[-8:-2, 2:8] = BRIGHT, MIDDLE, DIM
    ds.PixelData = picture.tobytes()
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, ds, enforce_file_format=True)
    return stream.getvalue()


def held(data: bytes) -> PixelFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PixelFile(pixel_files(read_part10(data))[1][0].data)


def instance_of(data: bytes) -> Instance:
    reading = inside.read("f", data, "pacs", SourceProfile())
    body = next(f.body for f in reading.units[0].facts if f.kind == "instance")
    return msgspec.json.decode(body, type=Instance)


def corners(picture: np.ndarray) -> dict[str, str]:
    """Which mark stands in which corner of a picture of any size."""
    high, wide = picture.shape[0] // 2, picture.shape[1] // 2
    quarters = {
        "top left": picture[:high, :wide], "top right": picture[:high, wide:],
        "bottom left": picture[high:, :wide], "bottom right": picture[high:, wide:],
    }  # fmt: skip
    order = sorted(quarters, key=lambda name: -float(quarters[name].max()))
    return dict(zip(("bright", "middle", "dim"), order, strict=False))


def at_corner(edges: Edges, corner: str) -> set[str]:
    down, across = corner.split()
    return {edges.top if down == "top" else edges.bottom, edges.right if across == "right" else edges.left}


def seen(image: PixelFile, view: View, width: int = 300, height: int = 200) -> np.ndarray:
    """The picture as the viewer makes it: sampled for its place, painted, turned."""
    placed = Placed(ROWS, COLUMNS, width, height, view)
    grid = placed.sampling()
    assert grid is not None
    pipeline = Pipeline(image.facts)
    return turned(pipeline.render(image.frame(0), display.between(0, 4095, ""), Grid(*grid)), view)


def by_steps(way: tuple[int, bool]) -> View:
    """The view as a person comes to it with the buttons: mirror, then quarter turns."""
    view = View().mirrored() if way[1] else View()
    for _ in range(way[0] // 90):
        view = view.turned(90)
    return view


@pytest.mark.parametrize("said", ["cosines", "letters"])
@pytest.mark.parametrize("plane", sorted(BY_HAND))
def test_letters_follow_every_rotation_and_flip(plane: str, said: str) -> None:
    header = {"ImageOrientationPatient": COSINES[plane]} if said == "cosines" else {"PatientOrientation": STATED[plane]}
    image = held(phantom(**header))
    upright = edges_of(image.facts)
    marks = {mark: at_corner(upright, corner) for mark, corner in corners(image.frame(0)).items()}
    assert marks["bright"] == {upright.top, upright.left}
    for way in WAYS:
        view = by_steps(way)
        edges = view.edges(upright)
        assert edges == Edges(*BY_HAND[plane][way]), (way, "the letters are not those by hand")
        assert ("FLIPPED" in view.words) == way[1]
        for mark, corner in corners(seen(image, view)).items():
            assert at_corner(edges, corner) == marks[mark], (way, "the picture is not where its letters say")


@pytest.mark.parametrize("way", WAYS)
def test_the_value_under_the_pointer_is_that_of_what_is_seen(way) -> None:
    image, view = held(phantom(ImageOrientationPatient=COSINES["axial"])), by_steps(way)
    placed = Placed(ROWS, COLUMNS, 300, 200, view)
    target = placed.target()
    assert target is not None
    for mark, corner in corners(seen(image, view)).items():
        x = target[0] + target[2] * (0.08 if corner.endswith("left") else 0.92)
        y = target[1] + target[3] * (0.08 if corner.startswith("top") else 0.92)
        found = placed.pixel_at(x, y)
        assert found is not None
        expected = {"bright": BRIGHT, "middle": MIDDLE, "dim": DIM}[mark]
        value = Pipeline(image.facts).value_at(image.frame(0), *found)
        assert value is not None and value.stored == str(expected), (way, mark)


def test_nothing_is_said_where_nothing_was_sent() -> None:
    for header in ({}, {"PatientOrientation": ["L", "L"]}, {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}):
        edges = edges_of(held(phantom(**header)).facts)
        assert edges == Edges(note="orientation not stated"), header
        assert by_steps((90, True)).edges(edges) == edges


def test_a_header_that_contradicts_itself_gives_no_letters() -> None:
    image = held(phantom(ImageOrientationPatient=COSINES["axial"], PatientOrientation=["R", "P"]))
    assert edges_of(image.facts) == Edges(note="orientation stated twice, contradictory")


@pytest.mark.parametrize(
    ("header", "text", "caveat"),
    [
        ({}, "30 px", measure.NO_SPACING),
        ({"PixelSpacing": [0.5, 0.5]}, "15.0 mm", measure.APPROXIMATE),
        ({"PixelSpacing": [2.0, 0.5]}, "15 mm", measure.APPROXIMATE),
        ({"Modality": "CR", "SOPClassUID": CR}, "30 px", measure.NO_SPACING),
        ({"Modality": "CR", "SOPClassUID": CR, "ImagerPixelSpacing": [0.5, 0.5]}, "15.0 mm", measure.AT_DETECTOR),
        ({"Modality": "CR", "SOPClassUID": CR, "PixelSpacing": [0.5, 0.5]}, "15.0 mm", measure.NOT_SAID),
        ({"Modality": "US"}, "30 px", measure.NO_SPACING),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "PixelSpacing": [0.5, 0.5]}, "15.0 mm", measure.NOT_SAID),
    ],
)  # fmt: skip
def test_millimetres_only_with_a_valid_spacing(header: dict[str, Any], text: str, caveat: str) -> None:
    """Thirty pixels to the right."""
    found = measure.length(held(phantom(**header)).facts, (5, 5), (35, 5))
    assert found.text == text, "a length that the header does not give"
    assert caveat in found.caveats and found.caveats[-1] == measure.APPROXIMATE


def test_an_ultrasound_region_gives_its_own_scale() -> None:
    region = pydicom.Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 40, 39
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = 3, 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.02
    facts = held(phantom(Modality="US", SequenceOfUltrasoundRegions=[region])).facts
    assert measure.length(facts, (5, 5), (35, 5)).text == "6.0 mm"
    assert measure.length(facts, (5, 5), (55, 5)).text == "50 px", "beyond the region there is no scale"


@pytest.mark.parametrize(
    ("tag", "name", "sentence"),
    [
        ("L", "XR WRIST RIGHT", "The image says LEFT, the examination RIGHT: check which side this is"),
        ("R", "XR WRIST RIGHT", ""), ("L", "XR WRIST", ""), ("", "XR WRIST RIGHT", ""), ("U", "XR CHEST L LATERAL", ""),
    ],
)  # fmt: skip
def test_a_side_that_does_not_match_the_name_is_a_warning(tag: str, name: str, sentence: str) -> None:
    one = instance_of(phantom(ImageLaterality=tag, StudyDescription=name, Modality="CR", SOPClassUID=CR))
    assert one.laterality == tag
    assert sides.side_warning([one.laterality], [name]) == sentence, "a mismatch that is not said"


def test_a_series_of_both_hands_warns_of_neither_and_a_wrong_one_is_still_seen() -> None:
    """Each picture is compared with its own side: the series has both."""
    made = [
        instance_of(
            phantom(ImageLaterality=tag, InstanceNumber=n + 1, SeriesDescription="Hands", Modality="CR", SOPClassUID=CR)
        )
        for n, tag in enumerate("LR")
    ]
    made = [msgspec.structs.replace(one, series=made[0].series, study="1.2") for one in made]
    (row,) = rows_of(study_called(""), made)
    assert [side_words(Examination(study=study_called("XR both hands")), s, row) for s in row.slides] == ["", ""]
    found = [side_words(Examination(study=study_called("XR LEFT hand")), s, row) for s in row.slides]
    assert found == ["", "The image says RIGHT, the examination LEFT: check which side this is"]


def study_called(text: str) -> ImagingStudy:
    return ImagingStudy(id="R1", patient="P1", source="pacs", source_id="1.2", uid="1.2", text=text)


def test_linked_scrolling_never_pairs_other_places_in_silence() -> None:
    """Two series of one frame of reference go by place; of two, the words say that it is by proportion."""
    frame, other = generate_uid(), generate_uid()

    def series(reference: str, count: int, step: float) -> Any:
        header = {"ImageOrientationPatient": COSINES["axial"], "FrameOfReferenceUID": reference}
        made = [
            instance_of(phantom(ImagePositionPatient=[0, 0, n * step], InstanceNumber=n + 1, **header))
            for n in range(count)
        ]
        (one,) = stacks(p for i in made for p in planes_of(i))
        return one

    here, thin, prior = series(frame, 3, 10.0), series(frame, 5, 5.0), series(other, 5, 5.0)
    for n in range(3):
        same = linked(here, n, thin)
        assert same is not None and thin.places[same.index] == here.places[n] and same.words == "linked by position"
        apart = linked(here, n, prior)
        assert apart is not None and "not by position" in apart.words


# -- sabotage: each control taken away once is seen


def test_sabotage_letters_that_stay_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(View, "edges", lambda self, edges: edges)
    with pytest.raises(AssertionError, match="not those by hand"):
        test_letters_follow_every_rotation_and_flip("axial", "cosines")


def test_sabotage_a_picture_that_turns_the_other_way(monkeypatch: pytest.MonkeyPatch) -> None:
    real = turned
    monkeypatch.setitem(globals(), "turned", lambda picture, view: real(picture, View(-view.rotation % 360, view.flip)))
    with pytest.raises(AssertionError, match="not where its letters say"):
        test_letters_follow_every_rotation_and_flip("coronal", "letters")


def test_sabotage_left_and_right_changed_in_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    real = geometry.letters
    monkeypatch.setattr(geometry, "letters", lambda v: real(v).translate(str.maketrans("LR", "RL")))
    with pytest.raises(AssertionError, match="not those by hand"):
        test_letters_follow_every_rotation_and_flip("axial", "cosines")


def test_sabotage_millimetres_out_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_pixels", lambda facts, n: measure.Scale(1.0, 1.0, measure.MM))
    with pytest.raises(AssertionError, match="does not give"):
        test_millimetres_only_with_a_valid_spacing({}, "30 px", measure.NO_SPACING)


def test_sabotage_a_mismatch_that_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "sides_in", lambda name: frozenset())
    with pytest.raises(AssertionError, match="not said"):
        test_a_side_that_does_not_match_the_name_is_a_warning("L", "XR WRIST RIGHT", "The image says LEFT")
