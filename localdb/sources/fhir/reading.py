"""FHIR R4 JSON to units: single resources, bundles of every type, ndjson (DESIGN §4, D4, D11). Pure; never raises.

Each resource is decoded once, numbers with a fraction or an exponent as their own text, whole numbers as int; where
a value is nought, a slower decoder sees whether it was `-0`. What is not kept is skipped without being decoded.
"""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec
import zstandard

from localdb.sources.fhir.bundles import FAULTS, bundle, single
from localdb.sources.fhir.collecting import Collector
from localdb.sources.fhir.decoding import ENVELOPE, LIST, decode, not_json, utf8
from localdb.sources.fhir.shapes import Malformed, when
from localdb.sources.units import FileReading

_ZSTD_LEVEL = 3
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z]\w*)[\s/>]")
_FHIR_XML = b"http://hl7.org/fhir"


def read_bytes(
    file: str, data: bytes, source: str, zone: str, transaction_time: str | None = None, *, first_line: int = 0
) -> FileReading:
    """Reads one file, or a piece of an ndjson file that begins at line `first_line` (from 0). `zone` is where times
    without an offset are read; `transaction_time` the time that the manifest of a bulk export gave for its files (D11).
    Never raises on what it is given."""
    c = Collector(source, zone)
    c.first_line = first_line
    if transaction_time:
        c.cut = when(transaction_time, zone)
    try:
        _read(c, file, data)
    except Malformed as error:
        _refuse(c, data, error)
    except RecursionError:
        _refuse(c, data, Malformed("it is nested too deeply", "fhir.too_deep"))
    except FAULTS as error:
        _refuse(c, data, Malformed(f"the reader itself failed ({type(error).__name__})", "fhir.reader_fault"))
    return FileReading(
        file=file,
        source=source,
        units=tuple(c.units),
        kept=zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(b"".join(c.parts)),
        sha256=sha256(data).hexdigest(),
        cut=c.cut,
        cut_rule=c.cut_rule,
    )


def refused(file: str, data: bytes, source: str, code: str, reason: str, digest: str = "") -> FileReading:
    """The reading of a file that no reader opened: one unit, set aside with its bytes."""
    c = Collector(source, "UTC")
    c.aside(data, Malformed(reason, code))
    kept = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(data)
    return FileReading(
        file=file, source=source, units=tuple(c.units), kept=kept, sha256=digest or sha256(data).hexdigest()
    )


def _refuse(c: Collector, data: bytes, error: Malformed, type_: str = "") -> None:
    """The whole file is set aside as one unit."""
    c.units, c.parts, c.offset, c.line = [], [], 0, None
    c.aside(data, error, type_)


def _read(c: Collector, file: str, data: bytes) -> None:
    text = utf8(data)
    first = text.lstrip()[:1]
    if not first:
        raise Malformed("the file is empty", "file.empty")
    if first == b"<":
        _xml(c, data, text)
    elif first not in b"{[" and not file.lower().endswith((".json", ".ndjson", ".jsonl")):
        raise Malformed("it is of a kind that Wardlamp does not read", "file.unknown_kind")
    elif file.lower().endswith((".ndjson", ".jsonl")):
        _lines(c, text)
    else:
        _whole(c, text)


def _xml(c: Collector, data: bytes, text: bytes) -> None:
    root = _XML_ROOT.search(text[:8192])
    if _FHIR_XML not in text[:65536] or root is None:
        raise Malformed("it is XML, but not FHIR", "file.unknown_kind")
    _refuse(c, data, Malformed("FHIR in XML is read by a later version", "fhir.xml_later"), root[1].decode())


def _lines(c: Collector, text: bytes) -> None:
    """ndjson: one resource a line; a log of a bulk export is one unit."""
    lines = text.split(b"\n")
    first = next(line for line in lines if line.strip())
    if first.strip() in (b"{", b"["):
        _whole(c, text)
        return
    if b'"resourceType"' not in first and b'"exportId"' in first:
        c.not_kept("", "", "the log of a bulk export")
        return
    for n, line in enumerate(lines):
        line = line.strip()
        if line:
            c.line = c.first_line + n
            single(c, line)
    c.line = None


def _whole(c: Collector, text: bytes) -> None:
    """A file that is one JSON value; several of them one after another are taken as lines."""
    try:
        envelope = ENVELOPE.decode(text)
    except RecursionError:
        raise Malformed("it is nested too deeply", "fhir.too_deep") from None
    except msgspec.ValidationError:
        _odd(c, text)
        return
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and all(line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in lines):
            _lines(c, text)
            return
        raise not_json(error) from None
    if envelope.resourceType == "Bundle":
        bundle(c, text, envelope, outer=True)
    elif envelope.resourceType is None and envelope.transactionTime is not None and envelope.output is not None:
        c.not_kept("", "", "the manifest of a bulk export")
    else:
        single(c, text)


def _odd(c: Collector, text: bytes) -> None:
    """What is no object, or has an `entry` of an unexpected shape."""
    if text.lstrip()[:1] == b"[":
        try:
            items = LIST.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise not_json(error) from None
        if not items:
            raise Malformed("it is an empty list", "fhir.no_resource_type")
        for item in items:
            single(c, bytes(item))
        return
    content = decode(text)
    if type(content) is dict and content.get("resourceType") == "Bundle":
        raise Malformed("the entries of the bundle are no list of objects")
    single(c, text)
