"""The child that reads: within its memory and time, replaced when it is lost, gone with its parent (issue 8, Build 1)."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import zstandard
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from localdb.sources.dicom.child import DicomReader, Refusal
from localdb.sources.dicom.reading import read_dicom
from localdb.sources.limits import MIB
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ, SET_ASIDE, FileReading
from tests.unit.sources.dicom.made import image, instance_in, packed, with_body

PROFILE = SourceProfile()


@pytest.fixture(scope="module")
def reader() -> Iterator[DicomReader]:
    made = DicomReader()
    yield made
    made.close()


def ask(reader: DicomReader, data: bytes, seconds: float = 0.0) -> FileReading | Refusal:
    return reader.ask("a.dcm", data, "pacs", PROFILE, None, seconds)


def test_one_child_reads_file_after_file(reader: DicomReader) -> None:
    first = ask(reader, packed(image()))
    pid = reader.pid
    second = ask(reader, packed(image(PatientID="H124")))
    assert isinstance(first, FileReading) and isinstance(second, FileReading)
    assert first.units[0].verdict == READ and first.units != second.units
    assert reader.pid == pid and pid is not None
    assert instance_in(first).is_held


def test_what_is_set_aside_keeps_its_bytes(reader: DicomReader) -> None:
    content = packed(image())[:-1]
    reading = read_dicom("a.dcm", content, "pacs", PROFILE, reader=reader)
    unit = reading.units[0]
    assert (unit.verdict, unit.code, unit.raw) == (SET_ASIDE, "dicom.damaged", (0, len(content)))
    assert zstandard.decompress(reading.kept) == content


def test_a_child_that_was_lost_is_replaced_unseen(reader: DicomReader) -> None:
    ask(reader, packed(image()))
    lost = reader.pid
    assert lost is not None
    os.kill(lost, signal.SIGKILL)
    assert _ended(lost)
    assert isinstance(ask(reader, packed(image())), FileReading)
    assert reader.pid not in (None, lost)


def _ended(pid: int) -> bool:
    """Waits until a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)


def test_a_file_over_which_the_child_takes_too_long(reader: DicomReader) -> None:
    ask(reader, packed(image()))
    stopped = reader.pid
    assert stopped is not None
    os.kill(stopped, signal.SIGSTOP)  # a child that is busy for ever looks like this from outside
    found = ask(reader, packed(image()), seconds=0.1)
    assert isinstance(found, Refusal) and found.code == "dicom.too_slow"
    assert isinstance(ask(reader, packed(image())), FileReading)


def test_the_processor_time_of_a_file_is_limited_in_the_child_itself() -> None:
    script = (
        "from localdb.sources.dicom.child import _limited, _may_take\n"
        "_limited(1 << 32); _may_take(-2.0)\nwhile True: pass"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert done.returncode == -signal.SIGXCPU


@pytest.mark.parametrize(("by", "code"), [(signal.SIGKILL, "dicom.reader_died"), (signal.SIGXCPU, "dicom.too_slow")])
def test_a_child_that_dies_over_a_file_takes_only_that_file(reader: DicomReader, by: int, code: str) -> None:
    ask(reader, packed(image()))
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    killer = threading.Timer(0.3, lambda: (os.kill(pid, by), os.kill(pid, signal.SIGCONT)))
    killer.start()
    found = ask(reader, packed(image()))
    killer.join()
    assert isinstance(found, Refusal) and found.code == code
    assert isinstance(ask(reader, packed(image())), FileReading)


def test_a_picture_that_promises_more_than_memory_is_refused(reader: DicomReader) -> None:
    """A JPEG 2000 code stream of 60000 × 60000 in a file of a few hundred bytes: its header asks for 7 GB."""
    siz = struct.pack(">HHHIIIIIIIIH", 0xFF51, 41, 0, 60000, 60000, 0, 0, 60000, 60000, 0, 0, 1) + b"\x0f\x01\x01"
    cod = bytes.fromhex("ff52000c00000001000104040001")
    qcd = bytes.fromhex("ff5c00040000")
    sot = bytes.fromhex("ff90000a0000000000000001ff93") + b"\0" * 64
    stream = b"\xff\x4f" + siz + cod + qcd + sot + b"\xff\xd9"
    stream += b"\0" * (len(stream) % 2)
    head = struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + b"\xfe\xff\x00\xe0\0\0\0\0"
    body = head + b"\xfe\xff\x00\xe0" + struct.pack("<I", len(stream)) + stream + b"\xfe\xff\xdd\xe0\0\0\0\0"
    found = ask(reader, with_body(body, JPEG2000Lossless))
    assert isinstance(found, Refusal)
    assert found.code in ("dicom.too_large", "dicom.pixels_damaged")  # whichever of the two notices it first
    assert isinstance(ask(reader, packed(image())), FileReading)


def test_a_header_that_promises_more_than_an_image_may_be(reader: DicomReader) -> None:
    body = packed(image(Rows=65535, Columns=65535, SamplesPerPixel=3, BitsAllocated=32, NumberOfFrames=10_000))
    found = ask(reader, body)
    assert isinstance(found, Refusal) and found.code == "dicom.too_large"


@pytest.mark.parametrize(
    ("memory", "is_read"), [(340 * MIB, False), pytest.param(4096 * MIB, True, marks=pytest.mark.long)]
)
def test_the_child_cannot_grow_beyond_its_limit(memory: int, is_read: bool) -> None:
    """A deflated file of 100 kB that unpacks to 60 MB: refused within the limit, read where there is none (sabotage)."""
    one = DicomReader(memory)
    try:
        assert isinstance(ask(one, packed(image())), FileReading)
        size = 60_000_000
        large = struct.pack("<HH2sHI", 0x0029, 0x1010, b"OB", 0, size) + bytes(size)
        found = ask(one, with_body(large, DeflatedExplicitVRLittleEndian))
        if is_read:
            assert isinstance(found, FileReading)
        else:
            assert isinstance(found, Refusal) and found.code == "dicom.too_large"
            assert isinstance(ask(one, packed(image())), FileReading)
    finally:
        one.close()


def test_the_child_ends_with_its_parent() -> None:
    script = (
        "import os; from localdb.sources.dicom.child import DicomReader as R\n"
        "from localdb.sources.profiles import SourceProfile\n"
        "r = R(); r.ask('a', b'', 's', SourceProfile()); print(r.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    assert _ended(pid)


def test_many_threads_may_ask_one_reader(reader: DicomReader) -> None:
    found: list[FileReading | Refusal] = []

    def run(n: int) -> None:
        found.append(ask(reader, packed(image(PatientID=f"T{n}"))))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    names = {r.units[0].facts[0].patient for r in found if isinstance(r, FileReading)}
    assert len(names) == 6
