"""Mutates real files and reads each as the child does, many a second, in a process with the child's own limits.

`python -m tests.unit.sources.dicom.fuzzing SEED COUNT FILE…` prints {inputs, seconds, codes, failures} as JSON. A failure
is anything but a reading or a refusal by one of the written codes: an exception that nobody foresaw, or an input that
takes more than SLOW seconds of the processor. An input that ends the process is told by its exit status, and can be made
again by its seed and number.
"""

from __future__ import annotations

import json
import random
import resource
import signal
import struct
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from localdb.sources.dicom import inside
from localdb.sources.dicom.child import Asked, answer
from localdb.sources.limits import MIB
from localdb.sources.profiles import SourceProfile

SLOW = 5.0
MEMORY = 1536 * MIB
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
    """Input `number` of a seed: a file with one to eight changes."""
    r = random.Random(seed * 1_000_003 + number)
    data = bytearray(r.choice(files))
    kinds = (0, 1) if r.random() < 0.4 else (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)  # values alone go deeper than structure
    for _ in range(r.choice((1, 1, 2, 3, 5, 8))):
        _change(data, files, r, r.choice(kinds))
    return bytes(data)


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


def run(files: list[bytes], seed: int, count: int, first: int = 0) -> dict[str, object]:
    """Reads `count` inputs."""

    def ring(_: int, __: FrameType | None) -> None:
        raise Slow

    signal.signal(signal.SIGPROF, ring)
    profile = SourceProfile()
    codes: Counter[str] = Counter()
    failures: list[list[object]] = []
    start = time.monotonic()
    for number in range(first, first + count):
        data = mutated(files, number, seed)
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        try:
            found = answer(Asked("f", "s", profile, SLOW), data)
        except Slow:
            failures.append([number, "slow"])
            continue
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        code = found.refusal.code if found.refusal is not None else "read"
        codes[code] += 1
        if code == "dicom.reader_failed":
            failures.append([number, found.refusal.reason if found.refusal else ""])
    return {"inputs": count, "seconds": time.monotonic() - start, "codes": dict(codes), "failures": failures[:50]}


def main() -> None:
    seed, count, *names = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    inside.prepare()
    files = [Path(name).read_bytes() for name in names]
    print(json.dumps(run(files, int(seed), int(count))))


if __name__ == "__main__":
    main()
