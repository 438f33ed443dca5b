"""Resources and bundles to units (DESIGN D4): which entry is a unit, what it is called, and what becomes of it.

A `document` or `message` bundle is one unit, taken or set aside as a whole. Every other bundle, whatever type it says
it has, gives one unit per entry; bundles inside it are opened too. An entry that only asks or answers is `not_kept`;
one that deletes or patches is set aside until deletions come. An object that has a key twice is set aside
(`fhir.duplicate_key`): decoders differ in which of the two they believe.
"""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from localdb.sources.fhir.collecting import Collector
from localdb.sources.fhir.decoding import ENVELOPE, Envelope, decode, entries_twice, twice, with_minus_nought
from localdb.sources.fhir.mapping import records_of
from localdb.sources.fhir.scope import NotOfAPatient, Scope
from localdb.sources.fhir.shapes import Json, Malformed, nought_met, obj, objects, string, when
from localdb.sources.fhir.types import KIND, NOT_KEPT
from localdb.sources.units import EncodedRecord

# What a mistake of ours looks like: the unit is kept aside with its bytes, and the rest of the file goes on.
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_WHOLE = frozenset({"document", "message"})
_HEAD = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,64})"\s*(?:,\s*"id"\s*:\s*"([^"\\]{1,256})")?')


class _Found:
    """One entry of a bundle: its bytes, and once decoded its type, id and content."""

    __slots__ = ("content", "error", "id", "raw", "request", "type", "url")

    def __init__(self, raw: bytes, url: str, request: Json) -> None:
        self.raw, self.url, self.request = raw, url, request
        self.type = self.id = ""
        self.content: Json | None = None
        self.error: Malformed | None = None


def single(c: Collector, raw: bytes) -> None:
    """One resource, or a bundle of them, that stands by itself."""
    found = _Found(raw, "", {})
    _open(found)
    if found.type == "Bundle" and found.error is None:
        _nested(c, found)
    else:
        _unit(c, Scope(c.source, c.zone), found)


def _nested(c: Collector, found: _Found) -> None:
    try:
        envelope = ENVELOPE.decode(found.raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        c.aside(found.raw, Malformed("the entries of the bundle are no list of objects"), "Bundle", found.id)
        return
    bundle(c, found.raw, envelope, outer=False)


def _open(found: _Found) -> None:
    """Finds type and id, and decodes what will be kept."""
    head = _HEAD.match(found.raw)
    if head is not None:
        type_ = head[1].decode()
        # A Binary is not kept for itself, but a document of the same bundle may name it as its file.
        if KIND.get(type_) == NOT_KEPT and type_ != "Binary" and found.request.get("method") != "PATCH":
            found.type, found.id = type_, (head[2] or b"").decode("utf-8", "replace") or _id_of(found, {})
            return
        if type_ == "Bundle":
            found.type = type_
            return
    try:
        content = decode(found.raw)
        if type(content) is not dict:
            raise Malformed("it is no object", "fhir.no_resource_type")
        type_ = content.get("resourceType")
        if type_ is None or type_ == "":
            raise Malformed("it has no resourceType", "fhir.no_resource_type")
        if type(type_) is not str:
            raise Malformed("its resourceType is no text")
        found.type, found.id = type_[:64], _id_of(found, content)
        found.content = content
    except Malformed as error:
        found.error = error


def _id_of(found: _Found, content: Json) -> str:
    """id; else the uuid or the last segment of fullUrl; else the first identifier. "" where there is none of them."""
    id_ = content.get("id")
    if type(id_) is str and id_:
        return id_
    if found.url:
        bare = found.url.split("/_history/")[0].rstrip("/")
        return bare.rsplit(":", 1)[-1] if bare.startswith("urn:") else bare.rsplit("/", 1)[-1]
    identifiers = content.get("identifier")
    for number in objects(identifiers) if type(identifiers) in (list, dict) else ():
        if string(number.get("value")):
            return string(number.get("system")) + "|" + string(number["value"])
    return ""


def bundle(c: Collector, raw: bytes, envelope: Envelope, *, outer: bool) -> None:
    type_ = envelope.type if type(envelope.type) is str else ""
    if outer and c.cut is None:
        c.cut = when(envelope.timestamp, c.zone) if type(envelope.timestamp) is str else None
        c.cut_rule = "message" if type_ == "message" else "snapshot"
    entries = envelope.entry if envelope.entry is not msgspec.UNSET else []
    if entries_twice(raw, len(entries)):
        c.aside(raw, Malformed("a key stands in it twice", "fhir.duplicate_key"), "Bundle", string(envelope.id))
        return
    scope = Scope(c.source, c.zone)
    found = []
    for entry in entries:
        url = entry.fullUrl if type(entry.fullUrl) is str else ""
        body = b"" if entry.resource is msgspec.UNSET else bytes(entry.resource)
        one = _Found(b"" if body == b"null" else body, url, obj(entry.request))
        if one.raw:
            _open(one)
            if one.type:
                key = f"{one.type}/{one.id}"
                if url:
                    scope.urls[url] = key
                if one.content is not None:
                    scope.held[key] = one.content
        found.append(one)
    if type_ in _WHOLE:
        _as_one(c, scope, raw, envelope, found)
        return
    for one in found:
        _entry(c, scope, one)
    if not found:
        c.not_kept("", string(envelope.id), "a bundle without entries")


def _entry(c: Collector, scope: Scope, one: _Found) -> None:
    method = string(one.request.get("method"))
    if not one.raw:
        if method == "DELETE":
            path = string(one.request.get("url")).split("?")[0].split("/")
            type_, id_ = (path[-2], path[-1]) if len(path) > 1 else (path[0], "")
            error = Malformed("it asks for a deletion", "fhir.deletion_later")
            c.aside(msgspec.json.encode(one.request), error, type_ if type_ in KIND else "", id_)
            return
        c.not_kept("", "", "an entry without a resource")
        return
    if method == "PATCH" and one.error is None:
        c.aside(one.raw, Malformed("it asks for a change of parts", "fhir.patch_later"), one.type, one.id)
        return
    if one.type == "Bundle" and one.error is None:
        _nested(c, one)
        return
    _unit(c, scope, one)


def _unit(c: Collector, scope: Scope, one: _Found) -> None:
    """One resource, one unit."""
    if one.error is not None:
        c.aside(one.raw, one.error, one.type, one.id)
        return
    if one.content is None:
        c.not_kept(one.type, one.id)
        return
    r = one.content
    try:
        digest = _digest(one)
        if KIND.get(one.type) == NOT_KEPT:
            c.not_kept(one.type, one.id)
            return
        scope.blobs.clear()
        records, wants = _records(scope, one)
    except NotOfAPatient as error:
        what = "it names no patient" if error.type == "nobody" else f"its subject is a {error.type}"
        c.not_kept(one.type, one.id, what)
        return
    except Malformed as error:
        c.aside(one.raw, error, one.type, one.id)
        return
    c.read(one.raw, one.type, one.id, r, digest, records, wants, blobs=tuple(scope.blobs.values()))


def _digest(one: _Found) -> bytes:
    """SHA-256 of the canonical meaning; names the resource by it where it has no other name."""
    canonical = msgspec.json.encode(one.content, order="sorted")
    if canonical.count(b":") != one.raw.count(b":") and any(twice(one.raw)):
        raise Malformed("a key stands in it twice", "fhir.duplicate_key")
    digest = sha256(canonical)
    if not one.id:
        one.id = "sha256:" + digest.hexdigest()[:32]
    return digest.digest()


def _records(scope: Scope, one: _Found) -> tuple[tuple[EncodedRecord, ...], tuple[str, ...]]:
    if one.type not in KIND:
        raise Malformed("R4 has no such type of resource", "fhir.unknown_type")
    assert one.content is not None
    try:
        found = records_of(scope, one.type, one.id, one.content, one.raw)
        if nought_met() and (exact := with_minus_nought(one.raw)) is not None:
            found = records_of(scope, one.type, one.id, exact, one.raw)
        return found
    except RecursionError:
        raise Malformed("it is nested too deeply", "fhir.too_deep") from None
    except UnicodeEncodeError:
        raise Malformed("it holds half a character", "fhir.bad_text") from None
    except FAULTS as error:
        raise Malformed(f"the reader itself failed ({type(error).__name__})", "fhir.reader_fault") from error


def _as_one(c: Collector, scope: Scope, raw: bytes, envelope: Envelope, found: list[_Found]) -> None:
    """A document or a message: read as a whole or set aside as a whole."""
    header: Json = {"meta": envelope.meta}
    id_ = string(obj(envelope.identifier).get("value")) or string(envelope.id)
    digest = sha256()
    records: list[EncodedRecord] = []
    wants: dict[str, None] = {}
    try:
        for one in found:
            if not one.raw:
                continue
            if one.error is not None:
                raise one.error
            if one.content is None:
                digest.update(one.raw)
                continue
            digest.update(_digest(one))
            if KIND.get(one.type) == NOT_KEPT:
                continue
            try:
                new, want = _records(scope, one)
            except NotOfAPatient:
                continue
            except Malformed as error:
                raise Malformed(
                    f"{one.type if one.type in KIND else 'A resource'} in it: {error}", error.code
                ) from None
            records += new
            wants |= dict.fromkeys(want)
    except Malformed as error:
        c.aside(raw, error, "Bundle", id_)
        return
    if not id_:
        id_ = "sha256:" + digest.hexdigest()[:32]
    blobs = tuple(scope.blobs.values())
    c.read(raw, "Bundle", id_, header, digest.digest(), tuple(records), tuple(wants), envelope.timestamp, blobs)
