"""The bytes of a file: where its data set begins, where its pixels lie, what is cut, endless, deep or too large."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGBaseline8Bit

from localdb.sources.dicom import inside
from localdb.sources.dicom.elements import text
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.dicom.recognising import HEAD, looks_like_dicom
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.dicom.made import image, instance_in, packed, with_body

PIXELS = b"\xe0\x7f\x10\x00"
FILES = [
    "pydicom/test_files/CT_small.dcm",
    "pydicom/test_files/MR_small_bigendian.dcm",
    "pydicom/test_files/MR_small_implicit.dcm",
    "pydicom/test_files/MR_small_RLE.dcm",
    "pydicom/test_files/image_dfl.dcm",
    "pydicom-data/OT-PAL-8-face.dcm",
    "suyashkumar/mr_brucker_with_iconimage_sequence.dcm",
]


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def refusal(data: bytes, most: int = 1 << 29) -> str:
    with pytest.raises(DicomRefused) as refused:
        read_part10(data, most)
    return refused.value.code


def test_the_header_that_is_kept_is_the_file_without_its_pixels(data_dir: Path) -> None:
    names = [f for f in FILES if (data_dir / "dicom" / f).is_file()]
    assert len(names) >= 6
    for name in names:
        content = (data_dir / "dicom" / name).read_bytes()
        part = read_part10(content)
        kept = pydicom.dcmread(io.BytesIO(part.header), force=True)
        sent = pydicom.dcmread(io.BytesIO(content), force=True)
        del sent.PixelData
        assert list(kept.keys()) == list(sent.keys()), name
        assert kept == sent, name
        assert part.pixels is not None
        if "dfl" not in name:  # byte for byte, and shorter by the element of the pixels alone
            before, after = content[: part.pixels.start], content[part.pixels.end :]
            assert part.header == before + after


def test_elements_after_the_pixels_are_kept() -> None:
    trailing = struct.pack("<HH2sHI", 0x7FE1, 0x1010, b"OB", 0, 4) + b"\1\2\3\4"
    content = packed(image()) + trailing
    part = read_part10(content)
    assert part.header.endswith(trailing)
    assert 0x7FE11010 in part.dataset


def test_a_file_that_is_cut_anywhere_is_never_taken_for_whole() -> None:
    content = packed(image())
    body = content.index(b"\x08\x00\x12\x00DA")
    pixels = content.index(PIXELS)
    taken = []
    for end in range(body + 8, len(content)):
        try:
            reading = inside.read("a", content[:end], "s", SourceProfile())
        except DicomRefused as refused:
            expected = {"dicom.damaged"} | ({"dicom.no_patient", "dicom.no_uid"} if end <= pixels else set())
            assert refused.code in expected, end
        else:  # between two elements nothing tells that more should come, but what has no pixels is not held
            taken.append(end)
            assert (instance_in(reading).unheld, instance_in(reading).is_held) == ("image.no_pixels", False), end
    assert 0 < len(taken) < 20 and max(taken) <= pixels


def test_a_promise_of_gigabytes_costs_nothing() -> None:
    value = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OW", 0, 0xFFFFFFF0)
    assert refusal(with_body(value)) == "dicom.damaged"
    text_value = struct.pack("<HH2sHI", 0x0009, 0x1010, b"UT", 0, 0x7FFFFFF0)
    assert refusal(with_body(text_value + b"abc")) == "dicom.damaged"


def test_fragments_without_an_end_are_damaged() -> None:
    head = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
    some = b"\xfe\xff\x00\xe0\x04\x00\x00\x00abcd" * 5
    assert refusal(with_body(head + some, JPEGBaseline8Bit)) == "dicom.damaged"
    assert refusal(with_body(head + some + b"\xfe\xff\x00\xe0\xff\xff\xff\xff", JPEGBaseline8Bit)) == "dicom.damaged"
    assert refusal(with_body(head + b"no fragments at all", JPEGBaseline8Bit)) == "dicom.damaged"
    ended = some + b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    assert read_part10(with_body(head + ended, JPEGBaseline8Bit)).pixels is not None


@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_sequences_that_nest_without_end_are_too_deep(depth: int) -> None:
    opening = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF) + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    data = with_body(opening * depth)

    def below(frames: int) -> str:  # wherever in the library the stack ends
        return below(frames - 1) if frames else refusal(data)

    assert {below(n) for n in range(0, 60, 7)} == {"dicom.too_deep"}


def test_a_deflate_bomb_is_too_large() -> None:
    content = with_body(b"\0" * 50_000_000, DeflatedExplicitVRLittleEndian)
    assert len(content) < 100_000
    assert refusal(content, most=10_000_000) == "dicom.too_large"


def test_a_deflated_file_that_is_cut_is_damaged() -> None:
    content = with_body(b"", DeflatedExplicitVRLittleEndian)
    assert text(read_part10(content).dataset, "PatientID") == "H123"
    assert refusal(content[:-3]) == "dicom.damaged"


def test_deflated_headers_stay_deflated() -> None:
    ds = image()
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    part = read_part10(packed(ds))
    assert text(read_part10(part.header).dataset, "PatientID") == "H123"
    body = zlib.decompress(part.header[part.body :], -zlib.MAX_WBITS)
    assert PIXELS not in body


def test_files_are_known_by_their_content() -> None:
    content = packed(image())
    assert looks_like_dicom(content[:HEAD])
    without_preamble = content[128 + 4 :]
    assert looks_like_dicom(without_preamble[:HEAD])
    assert text(read_part10(without_preamble).dataset, "PatientID") == "H123"
    meta_length = 12 + int.from_bytes(content[140:144], "little")
    bare = without_preamble[meta_length:]
    assert looks_like_dicom(bare[:HEAD])
    part = read_part10(bare)
    assert (part.syntax, text(part.dataset, "PatientID")) == (ExplicitVRLittleEndian, "H123")
    for other in (
        b"",
        b"DICM",
        b"MSH|^~\\&|",
        b'{"resourceType":"Patient"}',
        b"%PDF-1.7",
        b"\0" * 4000,
        b"\x08\x00" * 60,
    ):
        assert not looks_like_dicom(other)


@pytest.mark.parametrize("data", [b"", b"\0" * 200, b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 40])
def test_what_begins_like_dicom_and_is_none(data: bytes) -> None:
    assert refusal(data) in ("dicom.not_dicom", "dicom.damaged")


def test_an_archive_in_a_preamble_is_not_opened() -> None:
    from localdb.sources.archives import packing

    zipped = b"PK\x03\x04" + b"\0" * 124 + packed(image())[128:]
    assert packing(zipped[:512]) == ""
    assert packing(b"PK\x03\x04" + b"\0" * 200) == "zip"
