"""What is fuzzed: any bytes into the framing, the acknowledgements and the HL7 v2 reader; a broken promise raises."""

import re
import time
from datetime import UTC, datetime

import zstandard

from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.mllp.acks import answers, header_of, read_acknowledgement
from localdb.sources.mllp.exchange import Answer
from localdb.sources.mllp.framing import Deframer, Whole
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE

SECONDS = 1.0
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PROFILE = SourceProfile()
BLANK = b"\r\n\x0b\x1c\x00\x1a\t \xef\xbb\xbf"
BATCH = re.compile(rb"(?:\A|[\r\n\x0b\x1c])[\s\0\xef\xbb\xbf]*((?:[FB]HS|[FB]TS)[^\r\n\x1c]*)")  # their own lines


class Broken(Exception):
    """A promise of the reader or the framing does not hold."""


def framing(data: bytes) -> list[bytes]:
    """Bytes 0 and 1 choose how the rest is cut. Returns what whole frames held."""
    step, limit, stream = 1 + data[0] % 64 if data else 1, (data[1] if len(data) > 1 else 0) * 16 + 1, data[2:]
    whole = _deframed(stream, max(len(stream), 1), 1 << 20)
    if _deframed(stream, step, 1 << 20) != whole:
        raise Broken("the cutting of the stream changes what comes out")
    if _deframed(stream, step, limit) != _deframed(stream, max(len(stream), 1), limit):
        raise Broken("under a small limit the cutting of the stream changes what comes out")
    at = 0
    for piece in whole:
        found = stream.find(piece.data, at)
        if found < 0 or stream[at:found].strip(b"\x0b\x1c\r\n"):
            raise Broken("a byte of the stream is lost or moved")
        at = found + len(piece.data)
    if stream[at:].strip(b"\x0b\x1c\r\n"):
        raise Broken("the last bytes of the stream are lost")
    return [p.data for p in whole if isinstance(p, Whole)]


def _deframed(stream, step, limit):
    deframer = Deframer(limit, stray=97)
    pieces = [p for n in range(0, len(stream), step) for p in deframer.feed(stream[n : n + step])]
    return pieces + deframer.end()


def acknowledgements(data: bytes) -> None:
    """An answer can be made to anything, repeats its control id, and can be read again."""
    header = header_of(data)
    for answer in (Answer(code="AA"), Answer(code="AR", reason="hl7.no_patient", text="of nobody")):
        made = answers(data, answer, NOW, "W1")
        for one in made:
            read = read_acknowledgement(one)
            plain = header is not None and not header.wrap and header.field(1) not in "MSAERWC"
            if plain and header.control_id.isalnum() and (read is None or read.control_id != header.control_id):
                raise Broken("the answer does not name the message")
    read_acknowledgement(data)


def reader(data: bytes) -> None:
    """Every message has an outcome, every byte is in a unit or was one of a batch's own lines."""
    reading = read_messages("fuzz", data, "fuzz", PROFILE)
    if not reading.units:
        raise Broken("a file without an outcome")
    kept = zstandard.ZstdDecompressor().decompress(reading.kept, max_output_size=1 << 28)
    end = 0
    for n, unit in enumerate(reading.units):
        if unit.index != n or unit.verdict not in (READ, SET_ASIDE, NOT_KEPT):
            raise Broken("a unit out of order or without a verdict")
        if unit.code == "hl7.reader_failed":
            raise Broken(f"the reader itself failed: {unit.reason}")
        if unit.verdict == NOT_KEPT:
            continue
        if unit.raw is None or unit.raw[0] != end:
            raise Broken("a unit without its own bytes")
        end += unit.raw[1]
    if end != len(kept):
        raise Broken("kept bytes belong to no unit")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:64]
    if not wide and all(u.verdict != NOT_KEPT for u in reading.units):
        batch = sum(_bytes(line[1]) for line in BATCH.finditer(data))
        if _bytes(data) - _bytes(kept) > batch:
            raise Broken("bytes of the file are in no unit")


def _bytes(data: bytes) -> int:
    """How many bytes are no blank."""
    return len(data.translate(None, BLANK))


def one_input(data: bytes) -> None:
    """All of it on one input. Raises Broken, and whatever the code itself raises."""
    began = time.process_time()
    for message in framing(data) or [data[2:]]:
        acknowledgements(message)
        reader(message)
    if time.process_time() - began > SECONDS:
        raise Broken("slower than a second")
