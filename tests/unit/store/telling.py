"""Messages as the reader hands them over, made without a reader: facts, links and moves of a made-up hospital."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
import zstandard

from localdb.chart.assembly import NHS_SYSTEM
from localdb.records.ids import patient_id, record_id
from localdb.records.moments import read_moment
from localdb.records.vocabulary import (
    RECORD_ENCODER,
    HumanName,
    Identifier,
    Patient,
    Record,
    Reference,
    Report,
    Request,
    Result,
    Stay,
)
from localdb.sources.units import READ, Blob, Fact, FileReading, LinkEvent, MoveEvent, Unit

SOURCE = "engine"


def key(mrn: str, source: str = SOURCE) -> str:
    return str(patient_id(source, "NORTH", mrn))


def fact(
    record: Record, order: int, *, tie: int = 0, partial: bool = False, cleared: tuple[str, ...] = ()
) -> Fact:  # fmt: skip
    kind = str(record.__struct_config__.tag)
    return Fact(
        kind=kind, id=record.id, patient=record.patient, body=RECORD_ENCODER.encode(record), order=order, tie=tie,
        cleared=cleared, partial=partial,
    )  # fmt: skip


def patient(
    mrn: str, order: int, *, family: str = "Okafor", given: str = "Adaeze", born: str | None = "1958-02-14",
    nhs: str = "", source: str = SOURCE, cleared: tuple[str, ...] = (), **more: Any,
) -> Fact:  # fmt: skip
    numbers = [Identifier("NORTH", mrn, "MR")]
    if nhs:
        numbers.append(Identifier(NHS_SYSTEM, nhs, "NH"))
    record = Patient(
        id=key(mrn, source), patient=key(mrn, source), source=source, source_id=mrn,
        names=(HumanName(family, (given,)),) if family else (), identifiers=tuple(numbers),
        born=read_moment(born) if born else None, **more,
    )  # fmt: skip
    return fact(record, order, partial=True, cleared=cleared)


def _common(mrn: str, type_: str, number: str, source: str) -> dict[str, Any]:
    return {"id": record_id(source, type_, number), "patient": key(mrn, source), "source": source, "source_id": number}


def stay(
    mrn: str, visit: str, order: int, *, source: str = SOURCE, cleared: tuple[str, ...] = (), **more: Any
) -> Fact:  # fmt: skip
    return fact(Stay(**_common(mrn, "Encounter", visit, source), **more), order, partial=True, cleared=cleared)


def result(
    mrn: str, number: str, value: str | None, order: int, *, status: str = "final", tie: int = 2, visit: str = "",
    text: str = "Potassium", source: str = SOURCE,
) -> Fact:  # fmt: skip
    references = (Reference("encounter", f"Encounter/{visit}"),) if visit else ()
    record = Result(
        **_common(mrn, "Observation", number, source), value=value, unit="mmol/L", status=status, text=text,
        references=references,
    )  # fmt: skip
    return fact(record, order, tie=tie)


def report(mrn: str, number: str, order: int, results: Sequence[str], *, source: str = SOURCE, **more: Any) -> Fact:
    keys = tuple(f"Observation/{r}" for r in results)
    record = Report(
        **_common(mrn, "DiagnosticReport", number, source), text="Urea and electrolytes", category="LAB", results=keys,
        **more,
    )  # fmt: skip
    return fact(record, order, tie=2)


def request(mrn: str, number: str, order: int, *, status: str, partial: bool = True, source: str = SOURCE) -> Fact:
    record = Request(**_common(mrn, "ServiceRequest", number, source), status=status, text="Urea and electrolytes")
    return fact(record, order, partial=partial)


def unit(
    *facts: Fact, control: str = "", type_: str = "ORU^R01", links: Sequence[LinkEvent] = (),
    moves: Sequence[MoveEvent] = (), blobs: Sequence[Blob] = (), wants: tuple[str, ...] = (), index: int = 0,
) -> Unit:  # fmt: skip
    """One message. Its digest is that of what it tells; its control id likewise where none is given."""
    told = (facts, tuple(links), tuple(moves), tuple(b.sha256 for b in blobs), wants, type_)
    digest = sha256(msgspec.msgpack.encode(told)).digest()
    return Unit(
        index=index, type=type_, source_id=control or f"#{digest.hex()}", verdict=READ, digest=digest, facts=facts,
        links=tuple(links), moves=tuple(moves), blobs=tuple(blobs), wants=wants,
    )  # fmt: skip


def reading(*units: Unit, source: str = SOURCE, file: str = "feed") -> FileReading:
    """A file of these messages; their own bytes are their digests."""
    parts, placed, offset = [], [], 0
    for n, one in enumerate(units):
        raw = one.digest.hex().encode()
        placed.append(msgspec.structs.replace(one, index=n, raw=(offset, len(raw))))
        parts.append(raw)
        offset += len(raw)
    data = b"".join(parts)
    return FileReading(
        file=file, source=source, units=tuple(placed), kept=zstandard.compress(data), sha256=sha256(data).hexdigest()
    )
