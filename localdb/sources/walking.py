"""Finds the files under PATH and opens archives (DESIGN D2, D11).

Files come in path order; an archive counts as a file and its members are shown as `a.tar.xz!member.json`. The source
is the name that was given, else the first folder under PATH, else `files`. What lies under a DICOMDIR is one disc, and
one source with it: its folders are those of patients and series.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from localdb.errors import InputRefused
from localdb.sources.archives import Meter, Refused, opened, packing, read_within, refusing_damage, unpacked
from localdb.sources.limits import MIB, STANDARD, Limits

_LARGEST_LOG = 16 * MIB
_MOST_BESIDE = 500_000
_VERSION = re.compile(r"\.?(?:;\d+)?\Z")
_PACKED = (".gz", ".xz", ".zip", ".tar", ".tgz", ".txz")


class FileMissing(InputRefused):
    """A path that was named is not there."""

    code = "file.missing"
    next_step = "Check the name of the file or folder and give it again."


class Part(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The bytes of one file or member, or why it was not opened (`code`, `reason`; `data` is then what is kept).

    `first_line` is the number of its first line where a long ndjson file comes in pieces; `sha256` that of the whole
    file where `data` is not; `transaction_time` is what the manifest of a bulk export beside it says (D11); `beside` the
    files that lie where a DICOMDIR lies (`plain_path` of each), None for anything else.
    """

    file: str
    source: str
    data: bytes
    code: str = ""
    reason: str = ""
    transaction_time: str | None = None
    first_line: int = 0
    sha256: str = ""
    beside: frozenset[str] | None = None


def walk(paths: Iterable[Path], source: str | None = None, limits: Limits = STANDARD) -> Iterator[Part]:
    """Every file under the paths as parts, in path order. Raises file.missing."""
    for path in paths:
        if not path.exists():
            raise FileMissing("A file or folder that was named is not there.")
        is_disc = path.is_dir() and any(name.upper() == "DICOMDIR" for name in os.listdir(path))
        for file, shown in _found(path):
            yield from _parts(file, shown, source or ("files" if is_disc else _source(shown)), limits)


def _found(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
        return
    files = [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    for file in sorted(files, key=lambda f: f.relative_to(path).parts):
        yield file, file.relative_to(path).as_posix()


def _source(shown: str) -> str:
    first, _, rest = shown.partition("/")
    return first if rest else "files"


def _parts(file: Path, shown: str, source: str, limits: Limits) -> Iterator[Part]:
    make = functools.partial(Part, source=source)
    size = 0
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(512)
            stream.seek(0)
            kind, meter = packing(head), Meter(limits, size)
            if _by_lines(file.name) and kind in ("", "gz", "xz"):
                time = transaction_time(file.parent)
                for first, data in _pieces(unpacked(stream, kind), meter):
                    yield make(file=shown, data=data, first_line=first, transaction_time=time)
            elif not kind:
                beside = beside_of(file.parent) if file.name.upper().startswith("DICOMDIR") else None
                yield make(file=shown, data=read_within(stream, meter), beside=beside)
            else:
                for name, found in opened(stream, kind, meter):
                    member = f"{shown}!{name}" if name else shown
                    if isinstance(found, Refused):
                        yield make(file=member, data=b"", code=found.code, reason=str(found))
                    else:
                        yield make(file=member, data=found)
    except Refused as error:
        yield make(file=shown, code=error.code, reason=str(error), **_evidence(file, size, limits))
    except OSError as error:
        words = f"it cannot be opened ({error.strerror or type(error).__name__})"
        yield make(file=shown, data=b"", code="file.unreadable", reason=words)


def plain_path(path: str) -> str:
    """A path as two writings of it are compared: no case, no version number, no empty ending of an ISO 9660 name."""
    return _VERSION.sub("", path.replace("\\", "/").strip("/")).upper()


def beside_of(folder: Path) -> frozenset[str]:
    """Every file in a folder and below it as `plain_path`, so that what its DICOMDIR lists can be looked for."""
    found = (Path(at, name) for at, _, names in os.walk(folder) for name in names)
    return frozenset(plain_path(f.relative_to(folder).as_posix()) for f in itertools.islice(found, _MOST_BESIDE))


def _evidence(file: Path, size: int, limits: Limits) -> dict[str, Any]:
    """What is kept of a file that was refused: its bytes where they are not too many, and their digest."""
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            return {"data": stream.read() if size <= limits.aside else b"", "sha256": digest}
    except OSError:
        return {"data": b""}


def _pieces(stream: IO[bytes], meter: Meter) -> Iterator[tuple[int, bytes]]:
    """(number of the first line, whole lines) of an ndjson file of any size, a piece at a time."""
    held, first = b"", 0
    with refusing_damage():
        while chunk := stream.read(meter.limits.piece):
            meter.count(len(chunk))
            end = held.rfind(b"\n") + 1 if len(held) >= meter.limits.piece else 0
            if end:
                yield first, held[:end]
                first += held.count(b"\n", 0, end)
            held = held[end:] + chunk
            if len(held) > meter.limits.file:
                raise Refused("file.too_large", "a line in it is larger than Wardlamp takes at once")
    yield first, held


def bare_name(shown: str) -> str:
    """The name by which a reader tells the kind of text: that of the member, without the ending of its packing."""
    name = shown.rsplit("!", 1)[-1].rsplit("/", 1)[-1]
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in _PACKED else name


def _by_lines(name: str) -> bool:
    return bare_name(name).lower().endswith((".ndjson", ".jsonl"))


def transaction_time(folder: Path) -> str | None:
    """The transaction time of the bulk export in a folder, from its log.ndjson or manifest.json (D11)."""
    for name in ("log.ndjson", "manifest.json"):
        path = folder / name
        try:
            if path.stat().st_size > _LARGEST_LOG:
                continue
            lines = path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines if name == "log.ndjson" else ("".join(lines),):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                continue
            detail = found.get("eventDetail", found) if isinstance(found, dict) else None
            time = detail.get("transactionTime") if isinstance(detail, dict) else None
            if isinstance(time, str):
                return time
    return None
