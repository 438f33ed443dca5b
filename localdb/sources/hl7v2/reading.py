"""HL7 v2 files to units: messages, batches, MLLP captures, v2 XML (DESIGN §4, D4). Pure; never raises.

What a message's characters made doubtful (see `charsets`) stands in `Unit.reason` of a unit that was read, with no code:
it was taken, and a person can see how.
"""

from __future__ import annotations

from hashlib import sha256

import zstandard

from localdb.records.moments import Moment
from localdb.sources.hl7v2 import charsets, markup
from localdb.sources.hl7v2.batches import GARBAGE, MESSAGE, pieces
from localdb.sources.hl7v2.mapping import Refusal, order_of, read_facts
from localdb.sources.hl7v2.message import Message, parse
from localdb.sources.limits import MIB
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE, FileReading, Unit

LARGEST_MESSAGE = 128 * MIB
_ZSTD_LEVEL = 3
_LONGEST_TYPE = 40


def read_messages(file: str, data: bytes, source: str, profile: SourceProfile) -> FileReading:
    """All messages of a file, in order: one unit each, `index` from 0. Never raises on what it is given."""
    c = _Units(source, profile)
    try:
        c.read(data)
    except Exception as error:  # noqa: BLE001 a reader's fault sets the file aside with its bytes, it never ends a feed
        c.units, c.parts, c.offset = [], [], 0
        c.aside(data, "hl7.reader_failed", f"the reader itself failed ({type(error).__name__})")
    return FileReading(
        file=file,
        source=source,
        units=tuple(c.units),
        kept=zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(b"".join(c.parts)),
        sha256=sha256(data).hexdigest(),
        cut=c.cut,
        cut_rule="message",
    )


class _Units:
    """Gathers the units of one file and the bytes that are kept of them."""

    def __init__(self, source: str, profile: SourceProfile) -> None:
        self.source, self.profile = source, profile
        self.units: list[Unit] = []
        self.parts: list[bytes] = []
        self.offset = 0
        self.cut: Moment | None = None

    def read(self, data: bytes) -> None:
        if markup.looks_like_markup(data):
            self._markup(data)
            return
        data, proven = charsets.unwrapped(data)
        for piece in pieces(data):
            raw = data[piece.start : piece.end]
            if piece.kind == MESSAGE:
                self._message(raw, proven)
            elif piece.kind == GARBAGE:
                self.aside(raw, "hl7.not_hl7", "it is no HL7 v2 message: it does not begin with MSH")
            elif piece.announced is not None and piece.announced != piece.held:
                words = f"the batch says that it holds {piece.announced} messages, {piece.held} were found"
                self.aside(raw, "hl7.batch_count", words, "BTS")
        if not self.units:
            if data.strip(b"\r\n\x0b\x1c\x00 \t"):
                self._not_kept("", "a batch without messages")
            else:
                self.aside(data, "file.empty", "the file is empty")

    def _markup(self, data: bytes) -> None:
        try:
            text = markup.text_of(data)
        except markup.NotMessage as error:
            self.aside(data, error.code, str(error))
            return
        self._take(data, text, "")

    def _message(self, raw: bytes, proven: str) -> None:
        if len(raw) > LARGEST_MESSAGE:
            self.aside(raw, "hl7.too_large", "the message is larger than Wardlamp takes")
            return
        decoded = charsets.decode(raw, self.profile.charset, proven)
        self._take(raw, decoded.text, decoded.finding)

    def _take(self, raw: bytes, text: str, finding: str) -> None:
        type_ = ""
        try:
            message = parse(text)
            if message is None:
                self.aside(raw, "hl7.not_hl7", "it is no HL7 v2 message: MSH is damaged")
                return
            type_ = message.type[:_LONGEST_TYPE]
            told = read_facts(message, self.source, self.profile)
            digest = sha256(message.text.encode("utf-8", "surrogatepass")).digest()
            id_ = source_id(message, digest)
            if isinstance(told, Refusal):
                if told.verdict == NOT_KEPT:
                    self._not_kept(type_, told.reason, id_)
                else:
                    self.aside(raw, told.code, told.reason, type_, id_, digest)
                return
            order, said = order_of(message, self.profile.zone)
            unit = Unit(
                index=len(self.units),
                type=type_,
                source_id=id_,
                verdict=READ,
                reason=finding,
                updated=order or None,
                digest=digest,
                raw=(self.offset, len(raw)),
                facts=tuple(told.facts),
                links=tuple(told.links),
                moves=tuple(told.moves),
                blobs=tuple(told.blobs),
            )
        except Exception as error:  # noqa: BLE001 one message that breaks its mapping is set aside, the others are read
            self.aside(raw, "hl7.reader_failed", f"the reader itself failed ({type(error).__name__})", type_)
            return
        self._keep(raw)
        self.units.append(unit)
        if said is not None and said.utc is not None and (self.cut is None or said.utc > (self.cut.utc or 0)):
            self.cut = said

    def _keep(self, raw: bytes) -> tuple[int, int]:
        place = (self.offset, len(raw))
        self.parts.append(raw)
        self.offset += len(raw)
        return place

    def _not_kept(self, type_: str, reason: str, id_: str = "") -> None:
        self.units.append(Unit(index=len(self.units), type=type_, source_id=id_, verdict=NOT_KEPT, reason=reason))

    def aside(self, raw: bytes, code: str, reason: str, type_: str = "", id_: str = "", digest: bytes = b"") -> None:
        self.units.append(
            Unit(
                index=len(self.units),
                type=type_,
                source_id=id_,
                verdict=SET_ASIDE,
                code=code,
                reason=reason,
                digest=digest,
                raw=self._keep(raw),
            )
        )


def source_id(message: Message, digest: bytes) -> str:
    """Sender, control id and time of a message: the same of all is the same message. `#` + digest without a control id.
    A counter that began again has another time (MSH-7), and is another message."""
    msh = message.msh
    if not msh.raw(10).strip():
        return "#" + digest.hex()
    return "|".join((msh.raw(3), msh.raw(4), msh.raw(10), msh.raw(7), f"{msh.text(9, 1)}^{msh.text(9, 2)}"))
