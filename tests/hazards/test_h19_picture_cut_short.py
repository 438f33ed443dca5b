"""H19: half a picture is thought a whole one. Real images of every coding, their code stream cut in the middle and put back
into a file that is otherwise whole, with lengths that hold: none is read.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, generate_frames

from localdb.sources.dicom import decoding, inside
from localdb.sources.dicom.child import Asked, answer
from localdb.sources.profiles import SourceProfile

CODINGS = {
    "baseline": "SC_rgb_jpeg_dcmtk.dcm",
    "extended": "JPGExtended.dcm",
    "lossless": "SC_rgb_jpeg_gdcm.dcm",
    "lossless of 16 bits": "JPEG-LL.dcm",
    "lossless of any predictor": "JPEGLossless_1s_1f_u_16_12.dcm",
    "near lossless": "MR_small_jpeg_ls_lossless.dcm",
    "wavelets": "MR_small_jp2klossless.dcm",
    "wavelets with loss": "693_J2KI.dcm",
    "high throughput": "HTJ2KLossless_08_RGB.dcm",
    "run lengths": "MR_small_RLE.dcm",
}
FILLED = (
    "baseline",
    "extended",
    "lossless",
    "lossless of 16 bits",
)  # whose decoder makes something of what does not come


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def picture(data_dir: Path, name: str) -> tuple[Dataset, bytes]:
    """A file of the data under an invented number, and the code stream of its first frame."""
    ds = dcmread(next(p for p in sorted((data_dir / "dicom").rglob(name)) if p.is_file()))
    ds.PatientID, ds.NumberOfFrames = "9990000018", 1
    for name in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(ds, name, str(ds.get(name) or "1.2.826.0.1.3680043.8.498.19"))
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds, next(generate_frames(ds.PixelData, number_of_frames=1))


def with_stream(ds: Dataset, stream: bytes) -> bytes:
    """The file with this code stream as its only frame, and lengths that hold."""
    ds.PixelData = encapsulate([stream])
    written = BytesIO()
    ds.save_as(written, enforce_file_format=True)
    return written.getvalue()


def outcome(data: bytes) -> str:
    found = answer(Asked("f", "s", SourceProfile(), 5), data)
    return found.refusal.code if found.refusal is not None else "read"


@pytest.mark.parametrize("coding", CODINGS)
def test_a_picture_that_stops_in_its_middle_is_not_read(coding: str, data_dir: Path) -> None:
    ds, stream = picture(data_dir, CODINGS[coding])
    assert outcome(with_stream(ds, stream)) == "read"
    for share in (0.5, 0.9, 0.99):
        assert outcome(with_stream(ds, stream[: int(len(stream) * share)])) == "dicom.pixels_damaged", share


@pytest.mark.parametrize("padding", [b"", b"\0", b"\xff", b"\0\0\0", b"\xff\xff"])
def test_padding_behind_a_stream_is_no_damage(padding: bytes, data_dir: Path) -> None:
    ds, stream = picture(data_dir, CODINGS["near lossless"])
    assert outcome(with_stream(ds, stream.rstrip(b"\0") + padding)) == "read"


@pytest.mark.parametrize("coding", FILLED)
def test_sabotage_without_the_look_at_its_end_half_a_picture_is_read(
    coding: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: without the look at its end the decoder fills what does not come, and says nothing."""
    ds, stream = picture(data_dir, CODINGS[coding])
    half = stream[: len(stream) // 2]
    monkeypatch.setattr(decoding, "_END", b"")
    assert outcome(with_stream(ds, half)) == "read"
    whole, filled = (imagecodecs.jpeg8_decode(each) for each in (stream, half))
    assert whole.shape == filled.shape and not np.array_equal(whole, filled)
