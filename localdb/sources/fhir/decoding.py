"""Bytes to plain JSON objects, numbers to the letter; and the outer shape of a bundle, its entries left undecoded."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from localdb.sources.fhir.shapes import Malformed

_MINUS_NOUGHT = re.compile(rb"[:\[,]\s*-0\s*[,}\]]")


class Entry(msgspec.Struct):
    fullUrl: Any = None
    resource: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    request: Any = None


class Envelope(msgspec.Struct):
    resourceType: Any = None
    id: Any = None
    type: Any = None
    timestamp: Any = None
    identifier: Any = None
    meta: Any = None
    transactionTime: Any = None
    output: Any = None
    exportId: Any = None
    entry: list[Entry] | msgspec.UnsetType = msgspec.UNSET


_ANY = msgspec.json.Decoder(float_hook=str)
ENVELOPE = msgspec.json.Decoder(Envelope, float_hook=str)
LIST = msgspec.json.Decoder(list[msgspec.Raw])


def utf8(data: bytes) -> bytes:
    """The text as UTF-8 without a byte-order mark. Raises Malformed where a mark promises what does not hold."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError:
            raise Malformed("it is no UTF-16, though its mark says so", "fhir.bad_text") from None
    return data


def decode(raw: bytes) -> Any:
    """JSON to plain objects, numbers to the letter. Raises Malformed (`fhir.not_json`, `fhir.bad_text`,
    `fhir.too_deep`)."""
    try:
        return _ANY.decode(raw)
    except RecursionError:
        raise Malformed("it is nested too deeply", "fhir.too_deep") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise not_json(error) from None


def with_minus_nought(raw: bytes) -> Any:
    """The same, decoded by the slower decoder that keeps `-0`; None where no such number stands in it."""
    if not _MINUS_NOUGHT.search(raw):
        return None
    return json.loads(raw, parse_float=str, parse_int=lambda t: t if t == "-0" else int(t))


def not_json(error: Exception) -> Malformed:
    if isinstance(error, UnicodeDecodeError):
        return Malformed("it is no UTF-8", "fhir.bad_text")
    if isinstance(error, msgspec.ValidationError):
        return Malformed("a number in it is too large", "fhir.malformed")
    words = str(error).removeprefix("JSON is malformed: ") if isinstance(error, msgspec.DecodeError) else "broken"
    return Malformed(f"it is no JSON: {words}", "fhir.not_json")


def entries_twice(raw: bytes, entries: int) -> bool:
    """Whether `entry` or `resource` stands twice in one object. Looked at closely only where the count is odd."""
    if raw.count(b'"entry"') <= 1 and raw.count(b'"resource"') <= entries:
        return False
    return any(keys & {"entry", "resource"} for keys in twice(raw))


def twice(raw: bytes) -> Iterator[set[str]]:
    """For each object that has keys twice, those keys."""
    seen: list[set[str]] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        keys: set[str] = set()
        again = {k for k, _ in pairs if k in keys or keys.add(k)}  # type: ignore[func-returns-value]
        if again:
            seen.append(again)

    try:
        json.loads(raw, object_pairs_hook=look, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return
    yield from seen
