"""Opens what is packed (gzip, xz, zip, tar), member by member, in memory, within limits; nothing is written to disk."""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from localdb.sources.limits import MIB, Limits

_STEP = MIB
_MAGIC = ((b"\x1f\x8b", "gz"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\xfd7zXZ\x00", "xz"))
_TAR_MAGIC = slice(257, 262)


class Refused(Exception):
    """A file or archive that cannot be opened, or not safely: `code` of errors.toml, and words without its content."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def packing(head: bytes) -> str:
    """`gz`, `zip`, `xz`, `tar` or "" by the first 512 bytes of a file; names do not count. The preamble of a DICOM file may
    be anything, the beginning of an archive too."""
    if head[128:132] == b"DICM":
        return ""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return "tar" if head[_TAR_MAGIC] == b"ustar" else ""


class Meter:
    """Counts what one archive unpacks to, members of members included, and refuses beyond the limits."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self.limits, self.packed, self.members, self.total = limits, max(packed, 1), 0, 0

    def member(self) -> None:
        self.members += 1
        if self.members > self.limits.members:
            raise Refused("archive.too_large", "it holds too many files")

    def count(self, size: int) -> None:
        self.total += size
        if self.total > self.limits.unpacked:
            raise Refused("archive.too_large", "it unpacks to more than Wardlamp takes at once")
        if self.total > self.limits.ratio_from and self.total > self.packed * self.limits.ratio:
            raise Refused("archive.too_large", "it unpacks to far more than it should")


def read_within(stream: IO[bytes], meter: Meter) -> bytes:
    """The whole stream, up to the limit of one file."""
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_STEP):
        size += len(chunk)
        meter.count(len(chunk))
        if size > meter.limits.file:
            raise Refused("file.too_large", "it is larger than Wardlamp takes at once")
        parts.append(chunk)
    return b"".join(parts)


@contextlib.contextmanager
def refusing_damage() -> Iterator[None]:
    """Turns what the unpackers raise into Refused."""
    try:
        yield
    except (OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise Refused("archive.damaged", "it is cut short or damaged") from error
    except (NotImplementedError, ValueError, UnicodeError) as error:
        raise Refused("archive.damaged", "it is packed in a way that cannot be read") from error


def unpacked(stream: IO[bytes], kind: str) -> IO[bytes]:
    """A gz or xz stream unpacked, any other as it is. It is closed with the stream under it."""
    if kind == "gz":
        return io.BufferedReader(gzip.GzipFile(fileobj=stream), _STEP)
    if kind == "xz":
        return io.BufferedReader(lzma.LZMAFile(stream), _STEP)
    return stream


def opened(stream: IO[bytes], kind: str, meter: Meter, depth: int = 0) -> Iterator[tuple[str, bytes | Refused]]:
    """(member's name, its bytes or why not) of a packed stream, archives inside it opened too; "" names the only
    member of a gz or xz. Raises Refused when the archive itself cannot be read on."""
    if depth >= meter.limits.depth:
        raise Refused("archive.too_deep", "archives stand inside it too deeply")
    with refusing_damage():
        if kind == "zip":
            yield from _zip(stream, meter, depth)
        elif kind == "tar":
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield from _tar(tar, meter, depth)
        else:
            plain = unpacked(stream, kind)
            assert isinstance(plain, io.BufferedReader)
            if plain.peek(512)[_TAR_MAGIC] == b"ustar":
                with tarfile.open(fileobj=plain, mode="r|", bufsize=_STEP) as tar:
                    yield from _tar(tar, meter, depth)
            else:
                yield from _member("", read_within(plain, meter), meter, depth)


def _tar(tar: tarfile.TarFile, meter: Meter, depth: int) -> Iterator[tuple[str, bytes | Refused]]:
    for info in tar:
        if info.isdir():
            continue
        meter.member()
        stream = tar.extractfile(info) if info.isreg() else None
        if stream is None:
            yield info.name, Refused("file.unknown_kind", "it is a link or a device, no file")
            continue
        if info.size > meter.limits.file:
            yield info.name, Refused("file.too_large", "it is larger than Wardlamp takes at once")
            continue
        yield from _member(info.name, read_within(stream, meter), meter, depth)


def _zip(stream: IO[bytes], meter: Meter, depth: int) -> Iterator[tuple[str, bytes | Refused]]:
    with zipfile.ZipFile(stream) as packed:
        for info in sorted(packed.infolist(), key=lambda i: i.filename):
            if info.is_dir():
                continue
            meter.member()
            if info.flag_bits & 1:
                yield info.filename, Refused("archive.encrypted", "it is locked with a password")
                continue
            try:
                with packed.open(info) as member:
                    data: bytes | Refused = read_within(member, meter)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                data = Refused("archive.damaged", f"it is damaged inside its archive ({type(error).__name__})")
            except Refused as error:
                if error.code != "file.too_large":
                    raise
                data = error
            if isinstance(data, Refused):
                yield info.filename, data
            else:
                yield from _member(info.filename, data, meter, depth)


def _member(name: str, data: bytes, meter: Meter, depth: int) -> Iterator[tuple[str, bytes | Refused]]:
    kind = packing(data[:512])
    if not kind:
        yield name, data
        return
    try:
        for inner, found in opened(io.BytesIO(data), kind, meter, depth + 1):
            yield (f"{name}!{inner}" if name and inner else name or inner), found
    except Refused as error:
        yield name, error
