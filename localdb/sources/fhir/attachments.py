"""What the attachments of a resource hold: their words where they are text, else the file itself for `blobs/`.

Nothing is fetched: an attachment that only names an address is said to be kept elsewhere, unless it names a Binary that
stands in the same bundle (R4 DocumentReference.content.attachment.url).
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from hashlib import sha256
from typing import Any

from localdb.records.vocabulary import Attachment
from localdb.sources.fhir.markup import LARGEST_TEXT, plain
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import Json, objects, string
from localdb.sources.filetext import DRAWN, sniff, text_of
from localdb.sources.units import Blob

_PLAIN = frozenset(("text/plain", "text/markdown"))
_HTML = frozenset(("text/html", "application/xhtml+xml"))
# Senders' names of two formats -> the name under which `filetext` reads them.
_SAME = {
    "application/rtf": "text/rtf", "text/richtext": "text/rtf", "application/xml": "text/xml",
    "application/hl7-cda+xml": "text/xml", "application/hl7-v3+xml": "text/xml", "image/jpg": "image/jpeg",
    "application/x-pdf": "application/pdf",
}  # fmt: skip


class Attached:
    """`body` = the text of all that are text; `blob` SHA-256 of the first file that is held, `files` the further ones;
    `media_type`, `size` (bytes), `title` of the file, else of the first attachment; `remarks` on what is not shown.

    The bytes of files go to `scope.blobs`.
    """

    __slots__ = ("_scope", "blob", "body", "files", "media_type", "remarks", "size", "title")

    def __init__(self, scope: Scope, attachments: Any) -> None:
        self._scope = scope
        self.body = self.media_type = self.title = self.blob = ""
        self.size: int | None = None
        self.remarks: list[str] = []
        bodies: list[str] = []
        held: list[Attachment] = []
        for one in objects(attachments):
            kind = string(one.get("contentType"))
            self.media_type = self.media_type or kind
            self.title = self.title or string(one.get("title"))
            size = one.get("size")
            if self.size is None and type(size) is int and 0 <= size < 2**53:
                self.size = size
            text, file = self._read(one, kind)
            if text:
                bodies.append(text)
            if file is not None and all(f.blob != file.blob for f in held):
                held.append(file)
        self.body = "\n\n".join(bodies)
        if held:
            self.blob, self.media_type, self.size = held[0].blob, held[0].media_type, held[0].size
        self.files = tuple(held[1:])

    def _read(self, one: Json, kind: str) -> tuple[str, Attachment | None]:
        data = one.get("data")
        if type(data) is not str:
            binary = self._scope.find({"reference": string(one.get("url"))}) if one.get("url") else {}
            data = binary.get("data") if binary.get("resourceType") == "Binary" else None
            kind = kind or string(binary.get("contentType"))
        if type(data) is not str:
            if one:
                self.remarks.append(f"Not in this copy: {kind or 'a document'} kept elsewhere.")
            return "", None
        try:
            raw = b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            self.remarks.append("The attached document is damaged: its text coding cannot be read.")
            return "", None
        if not raw:
            return "", None
        if self.size is None:
            self.size = len(raw)
        main = kind.split(";")[0].strip().lower()
        media = sniff(raw) or _SAME.get(main, main)
        text = self._text(raw, media, kind)
        if text or media in _PLAIN | _HTML:
            return text, None
        return "", self._held(raw, media or "application/octet-stream", string(one.get("title")))

    def _held(self, raw: bytes, media: str, title: str) -> Attachment:
        digest = sha256(raw).hexdigest()
        self._scope.blobs[digest] = Blob(sha256=digest, media_type=media, data=raw)
        if media not in DRAWN:
            self.remarks.append(f"Attached and not shown here: {media}.")
        return Attachment(digest, media, title, len(raw))

    def _text(self, raw: bytes, media: str, kind: str) -> str:
        """The words; "" where it has none, or is larger than what is read."""
        if media in ("text/rtf", "text/xml"):
            return text_of(media, raw)
        if media not in _PLAIN | _HTML:
            return "" if media else self._unnamed(raw)
        if len(raw) > LARGEST_TEXT:
            self.remarks.append(f"Attached and not shown here: {media}, too large.")
            return ""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            charset = "cp1252" if "charset" not in kind.lower() or "8859-1" in kind or "1252" in kind else ""
            text = raw.decode(charset, "replace") if charset else ""
            if not charset:
                self.remarks.append("The attached text has a character set that Wardlamp does not read.")
        return plain(text) if media in _HTML else text

    @staticmethod
    def _unnamed(raw: bytes) -> str:
        """The text of an attachment whose kind was not said, where every character of it prints."""
        try:
            text = raw.decode("utf-8-sig") if len(raw) <= LARGEST_TEXT else ""
        except UnicodeDecodeError:
            return ""
        return text if all(c.isprintable() or c in "\r\n\t\f" for c in text) else ""
