"""Finds the files under PATH and opens archives (DESIGN D2, D11).

Files come in path order; an archive counts as a file and its members are shown as `a.tar.xz!member.json`. The source
is the name that was given, else the first folder under PATH, else `files`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from localdb.errors import InputRefused
from localdb.sources.archives import Meter, Refused, opened, packing, read_within
from localdb.sources.limits import STANDARD, Limits

_PACKED = (".gz", ".xz", ".zip", ".tar", ".tgz", ".txz")


class FileMissing(InputRefused):
    """A path that was named is not there."""

    code = "file.missing"
    next_step = "Check the name of the file or folder and give it again."


class Part(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The bytes of one file or member, or why it was not opened (`code`, `reason`; `data` is then what is kept).

    `transaction_time` is what the manifest of a bulk export beside it says (D11).
    """

    file: str
    source: str
    data: bytes
    code: str = ""
    reason: str = ""
    transaction_time: str | None = None


def walk(paths: Iterable[Path], source: str | None = None, limits: Limits = STANDARD) -> Iterator[Part]:
    """Every file under the paths as parts, in path order. Raises file.missing."""
    for path in paths:
        if not path.exists():
            raise FileMissing("A file or folder that was named is not there.")
        for file, shown in _found(path):
            yield from _parts(file, shown, source or _source(shown), limits)


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
    time = transaction_time(file.parent) if _bulk_member(file.name) else None
    data = b""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            kind = packing(stream.read(512))
            stream.seek(0)
            meter = Meter(limits, size)
            if not kind:
                if size > limits.file:
                    raise Refused("file.too_large", "it is larger than Wardlamp takes at once")
                data = read_within(stream, Meter(limits, max(size, 1)))
                yield Part(file=shown, source=source, data=data, transaction_time=time)
                return
            for name, found in opened(stream, kind, meter):
                member = f"{shown}!{name}" if name else shown
                if isinstance(found, Refused):
                    yield Part(file=member, source=source, data=b"", code=found.code, reason=str(found))
                else:
                    yield Part(file=member, source=source, data=found, transaction_time=time)
    except Refused as error:
        yield Part(file=shown, source=source, data=b"", code=error.code, reason=str(error))
    except OSError as error:
        words = f"it cannot be opened ({error.strerror or type(error).__name__})"
        yield Part(file=shown, source=source, data=b"", code="file.unreadable", reason=words)


def bare_name(shown: str) -> str:
    """The name by which a reader tells the kind of text: that of the member, without the ending of its packing."""
    name = shown.rsplit("!", 1)[-1].rsplit("/", 1)[-1]
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in _PACKED else name


def _bulk_member(name: str) -> bool:
    return bare_name(name).lower().endswith((".ndjson", ".jsonl"))


def transaction_time(folder: Path) -> str | None:
    """The transaction time of the bulk export in a folder, from its log.ndjson or manifest.json (D11)."""
    for name in ("log.ndjson", "manifest.json"):
        try:
            lines = (folder / name).read_text("utf-8", errors="replace").splitlines()
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
