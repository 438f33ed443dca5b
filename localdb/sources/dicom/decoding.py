"""Pixel data to frames of stored values (PS3.5 Annex A): pydicom's own reading, with imagecodecs for what is compressed.

What comes out is what pydicom's `pixel_array` gives: colour in full (YBR made RGB), planes together, unused bits cleared.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import imagecodecs as ic
import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    AllTransferSyntaxes,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    PrivateTransferSyntaxes,
)

from localdb.sources.dicom.elements import FAULTS, content, text, whole
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.part10 import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, Part10

Array = NDArray[Any]
RLE, DEFLATED_FRAMES = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.8.1"
_NATIVE = frozenset({IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED})
_PLUGIN = "imagecodecs"
_KEYWORDS = {0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData", 0x7FE00010: "PixelData"}
LARGEST_FRAME = 1 << 29  # bytes of one frame decoded
LARGEST_IMAGE = 1 << 33  # bytes of all frames decoded; they are decoded one after another


def _jpeg(data: bytes) -> Array:
    """Without a change of colour, which pydicom makes itself; grey refuses to be told a colour space."""
    try:
        return ic.jpeg8_decode(data, colorspace="ycbcr", outcolorspace="ycbcr")
    except (ic.Jpeg8Error, ValueError):
        return ic.jpeg8_decode(data)


_WAVELETS = (JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K)
_END = b"\xff\xd9"  # of every code stream: EOI of 10918-1 B.1.1.3 and 14495-1 C.1.1, EOC of 15444-1 A.4.4
_PADDING = b"\0\xff"  # what writers put behind it to make it even
_FRAME_HEADS = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_DECODERS: dict[UID, Callable[[bytes], Array]] = {
    JPEGBaseline8Bit: _jpeg,
    JPEGExtended12Bit: ic.jpeg8_decode,
    # jpegsof3_decode reads past the end of a stream and shows what lies there as pixels
    JPEGLossless: _jpeg,
    JPEGLosslessSV1: _jpeg,
    JPEGLSLossless: ic.jpegls_decode,
    JPEGLSNearLossless: ic.jpegls_decode,
    # htj2k_decode gives wrong colours on RGB (STACK-desktop §5)
    **dict.fromkeys(_WAVELETS, ic.jpeg2k_decode),
}
DECODER_DEPENDENCIES: dict[UID, tuple[str, ...]] = dict.fromkeys(_DECODERS, ())


def is_available(uid: str) -> bool:
    """Asked by pydicom of its plugins."""
    return uid in _DECODERS


def _size_of(coded: bytes, syntax: str) -> tuple[int, int]:
    """(rows, columns) that a code stream gives itself: SIZ of JPEG 2000, the frame header of any JPEG (ISO 15444-1 A.5.1,
    10918-1 B.2.2, 14495-1 C.2.2). Raises ValueError, struct.error where it has none."""
    if syntax in _WAVELETS:
        at = coded.index(b"\xff\x4f\xff\x51", 0, 8192)  # some put the boxes of a JP2 file before it
        right, bottom, left, top = struct.unpack_from(">IIII", coded, at + 8)
        return bottom - top, right - left
    at = 2
    while True:
        mark, kind, length = struct.unpack_from(">BBH", coded, at)
        if mark != 0xFF:
            raise ValueError("no frame header")
        if kind == 0xFF:  # a fill byte
            at += 1
        elif kind in _FRAME_HEADS:
            rows, columns = struct.unpack_from(">HH", coded, at + 5)
            return rows, columns
        else:
            at += 2 + length


def decode_frame(src: bytes, runner: DecodeRunner) -> bytearray:
    """One frame for pydicom, from one of its plugins. A bytearray, because pydicom corrects signs in place."""
    coded = bytes(src)
    if not coded.rstrip(_PADDING).endswith(_END):
        # The decoder of JPEG makes grey of what does not come, that of JPEG-LS seeks the end for seconds: half a picture
        # would be shown as a whole one (H19).
        raise ValueError("the coded frame ends before its end")
    if _size_of(coded, runner.transfer_syntax) != (runner.rows, runner.columns):
        # Before any memory is asked for: a decoder believes its own stream, and that may promise gigabytes.
        raise ValueError("the coded frame is of another size than its header says")
    return bytearray(np.ascontiguousarray(_DECODERS[runner.transfer_syntax](coded)))


def register() -> None:
    """Makes pydicom decode with imagecodecs. May be called again."""
    for uid in _DECODERS:
        decoder = get_decoder(uid)
        if _PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(_PLUGIN, (__name__, "decode_frame"))


def frames_of(part: Part10) -> Iterator[tuple[Array, str]]:
    """(frame, photometric interpretation of its samples as they are now) of an image, one after another.

    Raises DicomRefused: dicom.unknown_coding, dicom.pixels_damaged, dicom.too_large.
    """
    try:
        yield from _frames(part)
    except MemoryError:
        raise DicomRefused("dicom.too_large", "its pixels need more memory than Wardlamp gives to one file") from None
    except (ic.DelayedImportError, struct.error, zlib.error, RuntimeError, *FAULTS) as error:
        raise DicomRefused("dicom.pixels_damaged", f"its pixels cannot be decoded ({type(error).__name__})") from None


def _frames(part: Part10) -> Iterator[tuple[Array, str]]:
    options = options_of(part)
    pixels, syntax = part.pixels, UID(part.syntax)
    assert pixels is not None
    if syntax in PrivateTransferSyntaxes or syntax not in AllTransferSyntaxes and syntax != DEFLATED_FRAMES:
        syntax = UID(_native(part)) if pixels.length is not None else syntax
    is_native = syntax in _NATIVE
    if is_native != (pixels.length is not None):
        words = "its pixels are not coded as its transfer syntax says"
        raise DicomRefused("dicom.pixels_damaged", words)
    if is_native:
        values: Any = memoryview(part.data)[pixels.value : pixels.end]
        yield from _by_pydicom(UID(_native(part)), values, options)
        return
    coded = BytesIO(part.data)
    coded.seek(pixels.value)
    if syntax == DEFLATED_FRAMES or (syntax == RLE and options["bits_allocated"] == 1):
        unpack = _inflated if syntax == DEFLATED_FRAMES else _unpacked_bits
        size = _frame_size(options)
        single = {**options, "number_of_frames": 1}
        for n, frame in enumerate(generate_frames(coded, number_of_frames=options["number_of_frames"])):
            if n >= options["number_of_frames"]:
                break
            yield from _by_pydicom(UID(EXPLICIT), unpack(frame, size), single)
        return
    try:
        get_decoder(syntax)
    except NotImplementedError:
        raise DicomRefused(
            "dicom.unknown_coding", "its pixels are coded in a way that Wardlamp does not read"
        ) from None
    tables = (content(part.dataset, 0x7FE00001), content(part.dataset, 0x7FE00002))
    if all(tables):
        options["extended_offsets"] = tables
    yield from _by_pydicom(syntax, coded, options)


def _native(part: Part10) -> str:
    return IMPLICIT if part.is_implicit else EXPLICIT if part.is_little_endian else BIG_ENDIAN


def _by_pydicom(syntax: UID, source: Any, options: dict[str, Any]) -> Iterator[tuple[Array, str]]:
    """Frames as pydicom reads them; as many as the header says, though a file may hold more."""
    decoder = get_decoder(syntax)
    # Named, because pydicom would try another that happens to be installed (pillow) first.
    plugin = _PLUGIN if syntax in _DECODERS else ""
    count = options["number_of_frames"]
    number = 0
    for number, (frame, said) in enumerate(decoder.iter_array(source, decoding_plugin=plugin, **options), 1):
        yield frame, _colour(str(said["photometric_interpretation"]), options["samples_per_pixel"])
        if number >= count:
            return
    if number < count:
        raise DicomRefused("dicom.pixels_damaged", "it holds fewer frames than it says")


def _colour(said: str, samples: int) -> str:
    """What the samples of a frame are now: JPEG 2000's own transformations are undone by its decoder, pydicom undoes
    YBR_FULL. Other colours (retired ones, of printing or of video) would be shown wrongly."""
    if samples == 1:
        return said
    if said not in ("RGB", "YBR_ICT", "YBR_RCT"):
        raise DicomRefused("dicom.unknown_coding", "its colours are coded in a way that Wardlamp does not read")
    return "RGB"


def options_of(part: Part10) -> dict[str, Any]:
    """What pydicom wants to know of pixel data. Raises DicomRefused: dicom.pixels_damaged where the header does not say it,
    dicom.too_large where a frame would be beyond all measure."""
    ds, pixels = part.dataset, part.pixels
    assert pixels is not None
    made: dict[str, Any] = {
        "pixel_keyword": _KEYWORDS[pixels.tag],
        "pixel_vr": pixels.vr,
        "rows": whole(ds, 0x00280010),
        "columns": whole(ds, 0x00280011),
        "samples_per_pixel": whole(ds, 0x00280002) or 1,
        "bits_allocated": whole(ds, 0x00280100),
        "photometric_interpretation": text(ds, 0x00280004),
        "number_of_frames": whole(ds, 0x00280008) or 1,
    }
    if pixels.tag == 0x7FE00010:
        made["bits_stored"] = whole(ds, 0x00280101)
        made["pixel_representation"] = whole(ds, 0x00280103) or 0
    if made["samples_per_pixel"] > 1:
        made["planar_configuration"] = whole(ds, 0x00280006) or 0
    lacking = [n for n in ("rows", "columns", "bits_allocated", "photometric_interpretation") if not made[n]]
    if lacking or made["number_of_frames"] < 1 or made["samples_per_pixel"] not in (1, 3):
        raise DicomRefused("dicom.pixels_damaged", "its header does not say how its pixels are to be read")
    if text(ds, 0x00280008) and whole(ds, 0x00280008) is None and pixels.length != _even(_frame_size(made)):
        raise DicomRefused("dicom.pixels_damaged", "its header does not say how many frames it has")
    size = made["rows"] * made["columns"] * made["samples_per_pixel"] * max(made["bits_allocated"] // 8, 1)
    if size > LARGEST_FRAME or size * made["number_of_frames"] > LARGEST_IMAGE:
        raise DicomRefused("dicom.too_large", "its pixels are more than Wardlamp takes at once")
    return made


def _even(size: int) -> int:
    return size + size % 2


def _frame_size(options: dict[str, Any]) -> int:
    bits = options["rows"] * options["columns"] * options["samples_per_pixel"] * options["bits_allocated"]
    return int((bits + 7) // 8)


def _inflated(frame: bytes, size: int) -> bytes:
    """A deflated frame (PS3.5 A.4.13)."""
    made = zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, size + 1)
    return _whole(made, size)


def _unpacked_bits(frame: bytes, size: int) -> bytes:
    """A frame of one bit a pixel in RLE: one segment of packed bits (PS3.5 G.2, 8.2.2)."""
    count, offset = struct.unpack_from("<II", frame)
    if count != 1:
        raise DicomRefused("dicom.pixels_damaged", "a frame of one bit has more than one segment")
    return _whole(bytes(ic.packbits_decode(frame[offset:])), size)


def _whole(made: bytes, size: int) -> bytes:
    if len(made) < size:
        raise DicomRefused("dicom.pixels_damaged", "a frame is shorter than it should be")
    return made[:size] + (b"\0" if size % 2 else b"")
