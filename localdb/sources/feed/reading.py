"""How the bytes of a feed become readings: in the child that reads for folders, and here for single messages."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from localdb.sources.feed.settings import FeedSetting
from localdb.sources.fhir import refused
from localdb.sources.files import Part, read_part
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.printed.reading import read_printed
from localdb.sources.printed.rules import PrintRule
from localdb.sources.profiles import Profiles, SourceProfile
from localdb.sources.tables.mapping import TableMapping
from localdb.sources.tables.reading import read_table
from localdb.sources.units import FileReading

_ENCODER = msgspec.msgpack.Encoder()


class Asked(NamedTuple):
    """What the reader's child is asked: parts of one feed, how its source is read, what its columns or prints mean, and
    when they came (microseconds UTC), for tables whose rows have no time of their own."""

    feed: FeedSetting
    parts: list[Part]
    profiles: Profiles
    mapping: TableMapping | PrintRule | None = None
    received: int | None = None


def read_asked(asked: Asked) -> bytes:
    """The readings of these parts, as msgpack. In a child: an error's words would reach standard error, so a part over
    which a reader fails is refused by its type alone."""
    made = []
    for part in asked.parts:
        try:
            made.append(_read(asked, part))
        except MemoryError:
            raise SystemExit(1) from None
        except Exception as error:  # noqa: BLE001 a reader never raises; should one, the part is set aside whole
            words = f"its reader failed ({type(error).__name__})"
            made.append(refused(part.file, part.data, part.source, "file.reader_died", words))
    return _ENCODER.encode(made)


def _read(asked: Asked, part: Part) -> FileReading:
    profile = asked.profiles.get(part.source)
    if part.code or asked.mapping is None:
        return read_part(part, asked.profiles)
    if isinstance(asked.mapping, PrintRule):
        return read_printed(part.file, part.data, part.source, profile, asked.mapping)
    return read_table(part.file, part.data, part.source, profile, asked.mapping, received=asked.received)


def read_message(feed: str, data: bytes, source: str, profile: SourceProfile) -> FileReading:
    """One message that came by network."""
    try:
        return msgspec.structs.replace(read_messages(feed, data, source, profile), is_answered=True)
    except Exception as error:  # noqa: BLE001 a reader never raises; should one, the message is set aside whole
        words = f"its reader failed ({type(error).__name__})"
        return refused(feed, data, source, "file.reader_died", words)
