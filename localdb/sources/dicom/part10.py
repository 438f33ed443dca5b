"""The bytes of one file to its data set and the place of its pixels (PS3.10 §7, PS3.5 §7, Annex A). No pixel is decoded.

Without a preamble or meta header it is read where it plainly holds a data set. What ends inside an element, or nests
without end, is refused; so is what unpacks to more than its limit. Texts without a character set (0008,0005) are UTF-8
where they can be, else Latin-1; the standard has ASCII there alone.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any, NamedTuple

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset, read_preamble
from pydicom.uid import UID, PrivateTransferSyntaxes
from pydicom.values import converters

from localdb.sources.dicom.elements import FAULTS, content, text
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.limits import STANDARD

DEFLATED = "1.2.840.10008.1.2.1.99"
IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


class Pixels(NamedTuple):
    """Where pixel data lies in `Part10.data`: element from `start` to `end`, its value from `value`; `length` None where
    it is in fragments. `vr` OB, OW, OF, OD."""

    tag: int
    vr: str
    start: int
    value: int
    length: int | None
    end: int


class Part10(NamedTuple):
    """One file read to its pixels. `dataset` all elements before and after them; `data` the bytes as they lie after
    inflating; `syntax` the transfer syntax, told or found; `body` where the data set begins."""

    dataset: Dataset
    meta: FileMetaDataset
    syntax: str
    data: bytes
    body: int
    pixels: Pixels | None
    is_implicit: bool
    is_little_endian: bool

    @property
    def header(self) -> bytes:
        """The file without its pixels, byte for byte otherwise (a deflated one deflated again)."""
        if self.pixels is None:
            kept = self.data[self.body :]
        else:
            kept = self.data[self.body : self.pixels.start] + self.data[self.pixels.end :]
        if self.syntax == DEFLATED:
            packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            kept = packer.compress(kept) + packer.flush()
        return self.data[: self.body] + kept


def read_part10(data: bytes, most: int = STANDARD.file) -> Part10:
    """Raises DicomRefused: dicom.not_dicom, dicom.damaged, dicom.too_deep, dicom.too_large."""
    try:
        return _read(data, most)
    except RecursionError:
        raise DicomRefused("dicom.too_deep", "its sequences are nested too deeply") from None
    except MemoryError:
        raise DicomRefused("dicom.too_large", "it needs more memory than Wardlamp gives to one file") from None
    except (struct.error, zlib.error, *FAULTS) as error:
        if _came_of_depth(error):
            raise DicomRefused("dicom.too_deep", "its sequences are nested too deeply") from None
        raise DicomRefused("dicom.damaged", f"its header cannot be read ({type(error).__name__})") from None


def _came_of_depth(error: BaseException) -> bool:
    """Whether the library turned the end of the stack into another fault: where in it the stack ended decides that."""
    above: BaseException | None = error
    while above is not None:
        if isinstance(above, RecursionError):
            return True
        above = above.__cause__ or above.__context__
    return False


def _read(data: bytes, most: int) -> Part10:
    stream = _Watched(data)
    read_preamble(stream, force=True)
    stream.short_at = None
    meta = FileMetaDataset(_strictly(stream, False, True, lambda tag, *_: tag >> 16 != 2))
    _strictly(stream, True, True, lambda tag, *_: tag >> 16 != 0)  # a command set that somebody left in the file
    body = stream.tell()
    if len(data) - body < 8:
        raise DicomRefused("dicom.not_dicom", "there is no data set in it")
    syntax = text(meta, 0x00020010)
    if syntax == DEFLATED:
        data = data[:body] + _inflated(memoryview(data)[body:], most)
        stream = _Watched(data)
        stream.seek(body)
    implicit, little = _coding(syntax, data[body : body + 6])
    syntax = syntax or (IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN)
    ds = _strictly(stream, implicit, little, lambda tag, *_: tag in PIXELS)
    at, pixels = stream.tell(), None
    if len(data) - at >= 8:
        pixels = _pixels(data, at, implicit, little)
        stream.seek(pixels.end)
        ds.update(_strictly(stream, implicit, little, lambda tag, *_: tag in PIXELS or tag == 0xFFFCFFFC))
        rest = data[stream.tell() :]
        if len(rest) >= 8 and int.from_bytes(rest[:2], "little" if little else "big") == 0x7FE0:
            raise DicomRefused("dicom.damaged", "it holds pixels twice")
    if not len(ds):
        raise DicomRefused("dicom.not_dicom", "there is no data set in it")
    if not text(ds, 0x00080005) and _is_utf8(ds):
        ds.set_original_encoding(implicit, little, ["utf8"])
    return Part10(ds, meta, syntax, data, body, pixels, implicit, little)


def _coding(syntax: str, head: bytes) -> tuple[bool, bool]:
    """(implicit VR, little endian) of a data set, by its transfer syntax, else by its first element."""
    if syntax in PrivateTransferSyntaxes:
        known = PrivateTransferSyntaxes[PrivateTransferSyntaxes.index(UID(syntax))]
        return bool(known.is_implicit_VR), bool(known.is_little_endian)
    if syntax:
        return syntax == IMPLICIT, syntax != BIG_ENDIAN
    group, _, kind = struct.unpack("<HH2s", head)
    if kind.decode("latin-1") in converters:
        # A group below 0x0400 read the wrong way round is above it (0x0008 is 0x0800).
        return False, group < 0x0400
    return True, True


def _inflated(packed: memoryview, most: int) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    made = unpacker.decompress(packed, most)
    if unpacker.unconsumed_tail:
        raise DicomRefused("dicom.too_large", "it unpacks to more than Wardlamp takes at once")
    if not unpacker.eof:
        raise DicomRefused("dicom.damaged", "it is cut short")
    return made


class _Watched(io.BytesIO):
    """Notes where a read got less than it asked for, which pydicom takes for the end of a whole file."""

    short_at: int | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        at = self.tell()
        got = super().read(size)
        if size is not None and 0 < len(got) < size:
            self.short_at = at
        return got


def _strictly(stream: _Watched, implicit: bool, little: bool, stop: Any) -> Dataset:
    """A data set to where `stop` says; refused where it ends inside an element."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=r".* in file <no filename>")  # all that pydicom says of such an end
        try:
            ds = read_dataset(stream, implicit, little, stop_when=stop)
        except UserWarning:
            raise DicomRefused("dicom.damaged", "it is cut short") from None
    is_short = stream.short_at is not None and bytes(stream.getbuffer()[stream.short_at :]).strip(b"\0")
    if is_short or any(map(_is_cut, ds.values())):
        raise DicomRefused("dicom.damaged", "it is cut short")
    return ds


_WORDS = (0x00080080, 0x00080090, 0x00081030, 0x0008103E, 0x00081060, 0x00100010, 0x00100020, 0x00101001, 0x00321060)


def _is_utf8(ds: Dataset) -> bool:
    """Whether texts of a data set that names no character set are UTF-8 beyond ASCII, which no Latin text is by chance."""
    sent = b"\n".join(content(ds, tag) for tag in _WORDS)
    try:
        return not sent.isascii() and bool(sent.decode("utf-8"))
    except UnicodeError:
        return False


def _is_cut(raw: RawDataElement | DataElement) -> bool:
    """Whether an element has less than it says, also where it has nothing at all."""
    length = getattr(raw, "length", _UNDEFINED)
    return length != _UNDEFINED and isinstance(raw.value, bytes) and len(raw.value) != length


def _pixels(data: bytes, at: int, implicit: bool, little: bool) -> Pixels:
    """The pixel data element that begins at `at`."""
    order = "<" if little else ">"
    group, element, kind, length = struct.unpack_from(f"{order}HH2sH", data, at)
    tag, value = group << 16 | element, at + 8
    vr = kind.decode("latin-1")
    if implicit or not (vr.isalpha() and vr.isupper()):
        vr, (length,) = "OW", struct.unpack_from(f"{order}I", data, at + 4)
    elif vr in _LONG:
        (length,) = struct.unpack_from(f"{order}I", data, at + 8)
        value = at + 12
    if tag not in PIXELS:
        raise DicomRefused("dicom.damaged", "an item ends in it where none began")
    if length == _UNDEFINED:
        return Pixels(tag, vr, at, value, None, _end_of_fragments(data, value))
    end = value + length
    if end > len(data):
        raise DicomRefused("dicom.damaged", "it is cut short: it promises more pixels than it holds")
    return Pixels(tag, vr, at, value, length, end)


def _end_of_fragments(data: bytes, at: int) -> int:
    """After the delimiter of pixel data in fragments (PS3.5 A.4). Raises dicom.damaged where none comes."""
    while True:
        tag = data[at : at + 4]
        if len(data) < at + 8:
            raise DicomRefused("dicom.damaged", "it is cut short: its pixels have no end")
        (length,) = struct.unpack_from("<I", data, at + 4)
        if tag == _END:
            return at + 8
        if tag != _ITEM or length == _UNDEFINED:
            raise DicomRefused("dicom.damaged", "its pixels are not in fragments as they should be")
        at += 8 + length


def identity(part: Part10) -> tuple[str, str]:
    """(SOP class, SOP instance) of the data set, else of the meta header; "" where neither says."""
    ds, meta = part.dataset, part.meta
    return text(ds, 0x00080016) or text(meta, 0x00020002), text(ds, 0x00080018) or text(meta, 0x00020003)
