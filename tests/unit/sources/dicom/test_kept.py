"""What is kept of an image's pixels: runs of frames, by the site's rules, and what is refused because it cannot be kept."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from localdb.pixels.container import PixelFile
from localdb.sources.dicom import inside
from localdb.sources.dicom.child import DicomReader
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.kept import RUN, pixel_files
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.dicom.reading import _readers, close, read_dicom
from localdb.sources.dicom.rules import Imaging
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ
from tests.unit.sources.dicom.made import image, instance_in, packed

PROFILE = SourceProfile()
DEFLATED_FRAMES, MPEG2 = "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.100"


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def in_fragments(*frames: bytes) -> bytes:
    """Encapsulated pixel data of one fragment a frame, with an empty offset table."""
    made = b"\xfe\xff\x00\xe0\0\0\0\0"
    for frame in frames:
        frame += b"\0" * (len(frame) % 2)
        made += b"\xfe\xff\x00\xe0" + struct.pack("<I", len(frame)) + frame
    return made + b"\xfe\xff\xdd\xe0\0\0\0\0"


def coded(syntax: str, *frames: bytes, **elements: object) -> bytes:
    """A file whose pixel data are these frames in fragments, under any transfer syntax."""
    plain = packed(image(PixelData=None, **elements))
    value = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + in_fragments(*frames)
    # the transfer syntax is written over, with the length of its group
    start = plain.index(b"\x02\x00\x10\x00UI")
    old = 8 + int.from_bytes(plain[start + 6 : start + 8], "little")
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    new = b"\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid
    group = int.from_bytes(plain[140:144], "little") + len(new) - old
    return plain[:140] + struct.pack("<I", group) + plain[144:start] + new + plain[start + old :] + value


def refusal(content: bytes) -> str:
    with pytest.raises(DicomRefused) as refused:
        inside.read("a", content, "s", SourceProfile())
    return refused.value.code


def test_many_frames_lie_in_runs_that_are_read_alone() -> None:
    frames = np.random.default_rng(8).integers(0, 4096, (20, 512, 512), np.uint16)
    frames[:, 100:] = 7  # most of it compresses
    part = read_part10(packed(image(Rows=512, Columns=512, NumberOfFrames=20, PixelData=frames.tobytes())))
    pixels, blobs = pixel_files(part)
    assert [(p.first, p.count) for p in pixels] == [(0, 16), (16, 4)]  # 16 frames of half a MiB make a run
    assert all(p.count * 512 * 512 * 2 <= RUN for p in pixels)
    second = PixelFile(blobs[1].data)
    assert (second.first, second.count) == (16, 4)
    assert np.array_equal(second.frame(19), frames[19])


@pytest.mark.parametrize(
    ("rules", "unheld"),
    [
        (Imaging(), ""),
        (Imaging(keep="none"), "image.not_by_rule"),
        (Imaging(keep="rules", never=("CT",)), "image.not_by_rule"),
        (Imaging(largest_mb=1), "image.too_large"),
    ],
)
def test_the_sites_rules_decide_whether_pixels_are_kept(rules: Imaging, unheld: str) -> None:
    big = np.zeros((1000, 1000), np.uint16).tobytes()
    content = packed(image(Rows=1000, Columns=1000, PixelData=big))
    reading = inside.read("a", content, "s", SourceProfile(pixels=rules))
    found = instance_in(reading)
    assert (found.unheld, found.is_held, found.frames, found.rows) == (unheld, not unheld, 1, 1000)
    assert bool(reading.units[0].blobs) == (not unheld) == bool(found.pixels)


def test_a_deflated_frame_is_read_and_one_that_is_a_bomb_is_not() -> None:
    values = struct.pack("<16H", *range(16))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    frame = packer.compress(values) + packer.flush()
    _, blobs = pixel_files(read_part10(coded(DEFLATED_FRAMES, frame)))
    assert PixelFile(blobs[0].data).frame(0).ravel().tolist() == list(range(16))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = packer.compress(b"\1" * 100_000_000) + packer.flush()
    _, blobs = pixel_files(read_part10(coded(DEFLATED_FRAMES, bomb)))  # no more is unpacked than a frame may have
    assert set(PixelFile(blobs[0].data).frame(0).ravel().tolist()) == {0x0101}
    assert refusal(coded(DEFLATED_FRAMES, frame[:4])) == "dicom.pixels_damaged"
    assert refusal(coded(DEFLATED_FRAMES, b"rubbish!")) == "dicom.pixels_damaged"


def test_a_frame_of_one_bit_in_rle() -> None:
    bits = np.arange(64).reshape(8, 8) % 3 == 0
    plane = np.packbits(bits.ravel(), bitorder="little").tobytes()
    frame = struct.pack("<16I", 1, 64, *[0] * 14) + bytes([len(plane) - 1]) + plane
    elements = {"Rows": 8, "Columns": 8, "BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    _, blobs = pixel_files(read_part10(coded(RLELossless, frame, frame, NumberOfFrames=2, **elements)))
    held = PixelFile(blobs[0].data)
    assert held.count == 2 and np.array_equal(held.frame(1), bits)
    assert refusal(coded(RLELossless, struct.pack("<16I", 3, *[64] * 15), **elements)) == "dicom.pixels_damaged"


def test_what_is_coded_in_ways_that_are_not_read_is_told_so() -> None:
    assert refusal(coded(MPEG2, b"\0\0\1\xb3" + b"\0" * 40)) == "dicom.unknown_coding"
    assert refusal(coded("1.2.840.10008.1.2.4.110", b"\xff\x0a" + b"\0" * 40)) == "dicom.unknown_coding"  # JPEG XL
    assert refusal(coded("1.2.3.4.5", b"\0" * 40)) == "dicom.unknown_coding"
    colours = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    printed = image(Rows=2, Columns=2, PixelData=b"\0" * 12, PhotometricInterpretation="YBR_PARTIAL_420", **colours)
    assert refusal(packed(printed)) == "dicom.unknown_coding"


@pytest.mark.parametrize(
    "name",
    ["pydicom/test_files/SC_rgb_jpeg_gdcm.dcm", "pydicom-data/US1_J2KR.dcm", "pydicom-data/JPEG-LL.dcm"],
)
def test_a_code_stream_of_another_size_than_its_header_is_not_decoded(data_dir: Path, name: str) -> None:
    part = read_part10((data_dir / "dicom" / name).read_bytes())
    assert pixel_files(part)[0]
    rows, columns = part.dataset.Rows, part.dataset.Columns
    part.dataset.Rows, part.dataset.Columns = columns // 2, rows * 2  # as many pixels: they would fill the other shape
    with pytest.raises(DicomRefused) as refused:
        pixel_files(part)
    assert refused.value.code == "dicom.pixels_damaged"


def test_fewer_frames_than_promised_and_pixels_in_another_form_are_damaged() -> None:
    assert refusal(packed(image(NumberOfFrames=3))) == "dicom.pixels_damaged"
    assert refusal(coded(JPEGBaseline8Bit, b"\xff\xd8\xff\xd9")) == "dicom.pixels_damaged"
    assert refusal(coded("1.2.840.10008.1.2.1", b"\0" * 32)) == "dicom.pixels_damaged"  # fragments of native pixels
    assert refusal(packed(image(Rows=0))) == "dicom.pixels_damaged"


def test_the_same_values_in_another_coding_are_the_same_meaning() -> None:
    ds = image(Rows=64, Columns=64, PixelData=np.arange(4096, dtype="<u2").tobytes())
    plain = inside.read("a", packed(ds), "s", PROFILE)
    ds.compress(RLELossless, generate_instance_uid=False)
    again = inside.read("b", packed(ds), "s", PROFILE)
    assert plain.sha256 != again.sha256 and plain.units[0].digest == again.units[0].digest
    ds = image(Rows=64, Columns=64, PixelData=np.arange(1, 4097, dtype="<u2").tobytes())
    assert inside.read("a", packed(ds), "s", PROFILE).units[0].digest != plain.units[0].digest


def test_a_file_that_takes_long_does_not_hold_up_the_next() -> None:
    close()  # whatever another test began
    first: DicomReader = _readers[0]
    with first._lock:  # as while it is over a file of another thread
        found = read_dicom("a", packed(image()), "s", PROFILE)
    assert found.units[0].verdict == READ and first.pid is None
    close()
