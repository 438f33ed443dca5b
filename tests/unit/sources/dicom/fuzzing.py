"""Mutates real files and reads each as the child does, many a second, in processes with a limit of memory.

`python -m tests.unit.sources.dicom.fuzzing SEED COUNT FILE…` prints {inputs, seconds, codes, failures, deaths} as JSON. A
failure is anything but a reading or a refusal by one of the written codes: an exception that nobody foresaw, or an input
that takes more than SLOW seconds of the processor. A death is an input that ended the process: [number, signal, where].
Every input can be made again by its seed and number; after a death the next process goes on with the next input.
"""

from __future__ import annotations

import faulthandler
import functools
import json
import mmap
import os
import random
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from pydicom.encaps import generate_frames

from localdb.sources.dicom import inside
from localdb.sources.dicom.child import Asked, answer
from localdb.sources.limits import MIB
from localdb.sources.profiles import SourceProfile

SLOW = 5.0
MEMORY = 1536 * MIB
_CODED = re.compile(rb"\xe0\x7f\x10\0O[BW]\0\0\xff\xff\xff\xff")  # pixel data of undefined length: PS3.5 A.4
_ITEM, _LAST = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"
_STREAM = (0, 1, 2, 0xFF, 0x100, 0x7FFF, 0xFFFE, 0xFFFF, 0xFFD8, 0xFFC3, 0xFFC4, 0xFFDA, 0xFFDD, 0xFFF7, 0xFF90, 0xFF93)
_STATE = struct.Struct("<Q")
_LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF)
_KINDS = (
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV ZZ".split()
)
_MARKS = (
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\xfe\xff\xdd\xe0",
    b"\xe0\x7f\x10\x00",
    b"\xff\xff\xff\xff",
    b"\xff\xd9",
)


class Slow(BaseException):
    """Raised by the alarm: nothing on the way may swallow it."""


def mutated(files: list[bytes], number: int, seed: int) -> bytes:
    """Input `number` of a seed: a file with one to eight changes; of coded ones often with changes to its code stream."""
    r = random.Random(seed * 1_000_003 + number)
    streams = [parts for parts in map(coded, files) if parts is not None]
    if streams and r.random() < 0.25:
        return _coded_anew(*r.choice(streams), files, r)
    data = bytearray(r.choice(files))
    kinds = (0, 1) if r.random() < 0.4 else (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)  # values alone go deeper than structure
    for _ in range(r.choice((1, 1, 2, 3, 5, 8))):
        _change(data, files, r, r.choice(kinds))
    return bytes(data)


@functools.cache
def coded(data: bytes) -> tuple[bytes, bytes] | None:
    """All of a file up to its pixels, and the code stream of its first frame; None where its pixels are not coded."""
    found = _CODED.search(data)
    if found is None:
        return None
    try:
        return data[: found.end()], next(generate_frames(data[found.end() :], number_of_frames=1))
    except (ValueError, EOFError, StopIteration):
        return None


def _in_file(head: bytes, stream: bytes) -> bytes:
    """A file of one frame: its head as `coded` gave it, and a code stream, in lengths that hold."""
    even = stream + b"\0" * (len(stream) % 2)
    return head + _ITEM + b"\0\0\0\0" + _ITEM + struct.pack("<I", len(even)) + even + _LAST


def _coded_anew(head: bytes, stream: bytes, files: list[bytes], r: random.Random) -> bytes:
    """Changes within a code stream, mostly within its own head; what is around it holds, so that its decoder is asked."""
    data = bytearray(stream)
    end = b"\xff\xd9" if r.random() < 0.8 else b""
    for _ in range(r.choice((1, 1, 2, 3, 5))):
        if r.random() < 0.5:
            at = r.randrange(min(len(data), 300) + 1)
            put = r.choice((r.randbytes(1), r.randbytes(2), struct.pack(">H", r.choice(_STREAM))))
            data[at : at + r.choice((0, 1, len(put)))] = put
        else:
            _change(data, files, r, r.choice((0, 0, 1, 1, 2, 3, 6, 7, 8)))
    return _in_file(head, bytes(data) + end)


def _change(data: bytearray, files: list[bytes], r: random.Random, kind: int) -> None:
    size = len(data)
    at = r.randrange(132 if size > 400 and r.random() < 0.9 else 0, max(size, 133)) if size else 0
    match kind:
        case 0:
            if at < size:
                data[at] ^= 1 << r.randrange(8)
        case 1:
            data[at : at + 1] = r.randbytes(1)
        case 2:
            data[at : at + r.choice((1, 2, 4, 8, 64))] = b""
        case 3:
            data[at:at] = r.randbytes(r.choice((1, 2, 4, 8, 64)))
        case 4:
            data[at : at + 4] = struct.pack("<I", r.choice(_LENGTHS))
        case 5:
            data[at : at + 2] = struct.pack("<H", r.choice(_LENGTHS) & 0xFFFF)
        case 6:
            other = r.choice(files)
            start = r.randrange(len(other))
            data[at : at + r.randrange(200)] = other[start : start + r.randrange(400)]
        case 7:
            del data[at:]
        case 8:
            piece = bytes(data[at : at + r.randrange(1, 200)])
            data[at:at] = piece * r.choice((1, 2, 40))
        case 9:
            data[at : at + 4] = r.choice(_MARKS) if r.random() < 0.5 else data[at : at + 2] + r.choice(_KINDS)
    if kind > 1 and r.random() < 0.3:  # a length in the place of one
        found = data.find(r.choice(_KINDS), r.randrange(max(len(data), 1)))
        if found > 0:
            data[found + 2 : found + 4] = struct.pack("<H", r.choice(_LENGTHS) & 0xFFFF)


def fuzz(seed: int, count: int, names: list[str], root: Path) -> dict[str, Any]:
    """Reads `count` inputs of a seed, in as many processes as it takes: one, unless inputs end it."""
    codes: Counter[str] = Counter()
    failures: list[list[object]] = []
    deaths: list[list[object]] = []
    start, done = time.monotonic(), 0
    with tempfile.NamedTemporaryFile() as place:
        place.write(_STATE.pack(0))
        place.flush()
        while done < count:
            ran = subprocess.run(
                [sys.executable, "-m", __spec__.name, "--read", place.name, str(seed), str(count), str(done), *names],
                capture_output=True, text=True, check=False, cwd=root, env=dict(os.environ, PYTHONPATH=str(root)),
            )  # fmt: skip
            place.seek(0)
            at = _STATE.unpack(place.read(_STATE.size))[0]
            lines = ran.stdout.splitlines()
            for line in lines:
                code, number, reason = json.loads(line)
                codes.update({code: number} if not reason else {})
                failures += [[number, reason]] if reason else []
            if ran.returncode == 0:
                break
            if ran.returncode > 0:
                raise RuntimeError(f"seed {seed}: ended with {ran.returncode} at {at}\n{ran.stderr[-2000:]}")
            deaths.append([at, signal.Signals(-ran.returncode).name, ran.stderr[-3000:]])
            done = at + 1
    seconds = round(time.monotonic() - start, 1)
    return {"inputs": count, "seconds": seconds, "codes": dict(codes), "failures": failures, "deaths": deaths}


def _read(place: mmap.mmap, files: list[bytes], seed: int, count: int, first: int) -> None:
    """Reads the inputs from `first` on; `place` says at which it is, lines say what was found."""

    def ring(_: int, __: FrameType | None) -> None:
        raise Slow

    signal.signal(signal.SIGPROF, ring)
    profile = SourceProfile()
    codes: Counter[str] = Counter()
    for number in range(first, count):
        place[: _STATE.size] = _STATE.pack(number)
        data = mutated(files, number, seed)
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        try:
            found = answer(Asked("f", "s", profile, SLOW), data)
        except Slow:
            print(json.dumps(["slow", number, "slow"]), flush=True)
            continue
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        code = found.refusal.code if found.refusal is not None else "read"
        codes[code] += 1
        if code == "dicom.reader_failed":
            print(json.dumps([code, number, found.refusal.reason if found.refusal else "?"]), flush=True)
        if number % 1000 == 999 or number == count - 1:
            for each, times in codes.items():
                print(json.dumps([each, times, ""]))
            sys.stdout.flush()
            codes.clear()


def main() -> None:
    if sys.argv[1] == "--read":
        name, seed, count, first = sys.argv[2:6]
        faulthandler.enable()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        inside.prepare()
        files = [Path(each).read_bytes() for each in sys.argv[6:]]
        with open(name, "r+b") as opened, mmap.mmap(opened.fileno(), _STATE.size) as place:
            _read(place, files, int(seed), int(count), int(first))
        return
    print(json.dumps(fuzz(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:], Path.cwd())))


if __name__ == "__main__":
    main()
