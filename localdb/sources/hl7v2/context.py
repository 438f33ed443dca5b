"""What every mapping function of HL7 v2 knows of its message, and the collector that it tells its facts to."""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.records.ids import record_id
from localdb.records.moments import Moment
from localdb.records.vocabulary import RECORD_ENCODER, Record
from localdb.sources.hl7v2.times import read_dtm
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import Blob, Fact, LinkEvent, MoveEvent


class MessageContext(msgspec.Struct, frozen=True, kw_only=True):
    """`patient` = id (`P…`) of the patient that the message is about; `order` = microseconds UTC of MSH-7 (else EVN-2),
    0 where there is none; `said` = MSH-7 as a moment."""

    source: str
    profile: SourceProfile
    patient: str
    order: int
    said: Moment | None

    def moment(self, text: str) -> Moment | None:
        """An HL7 time (TS, DTM, DT) in the source's zone; None for ""."""
        return read_dtm(text, self.profile.zone)

    def record_id(self, type_: str, source_id: str) -> str:
        """The id of this source's record of a FHIR type."""
        return record_id(self.source, type_, source_id)

    def common(self, type_: str, source_id: str) -> dict[str, Any]:
        """`id`, `patient`, `source` and `source_id` of a record of this message's patient."""
        return {
            "id": record_id(self.source, type_, source_id),
            "patient": self.patient,
            "source": self.source,
            "source_id": source_id,
        }

    def fact(self, record: Record, *, tie: int = 0, partial: bool = False, cleared: tuple[str, ...] = ()) -> Fact:
        """The record as one fact of this message, at the message's order."""
        return Fact(
            kind=str(record.__struct_config__.tag),
            id=record.id,
            patient=record.patient,
            body=RECORD_ENCODER.encode(record),
            order=self.order,
            tie=tie,
            cleared=cleared,
            partial=partial,
        )


class Told(msgspec.Struct, kw_only=True):
    """What one message told, in the order in which it told it (a collector, the only mutable thing here)."""

    facts: list[Fact] = []
    links: list[LinkEvent] = []
    moves: list[MoveEvent] = []
    blobs: list[Blob] = []
