"""Gathers the units of one file and the bytes that are kept of them."""

from __future__ import annotations

import re
from typing import Any

from localdb.records.moments import Moment
from localdb.sources.fhir.shapes import Json, Malformed, obj, string, when
from localdb.sources.fhir.types import NOT_KEPT
from localdb.sources.units import READ, SET_ASIDE, Blob, EncodedRecord, Unit

_DIGITS = re.compile(r"\d{1,18}\Z", re.ASCII)


class Collector:
    """Gathers the units of one file and the bytes that are kept of them."""

    def __init__(self, source: str, zone: str) -> None:
        self.source, self.zone = source, zone
        self.units: list[Unit] = []
        self.parts: list[bytes] = []
        self.offset = 0
        self.cut: Moment | None = None
        self.cut_rule = "snapshot"
        self.line: int | None = None
        self.first_line = 0

    def _index(self) -> int:
        return len(self.units) if self.line is None else self.line

    def _keep(self, raw: bytes) -> tuple[int, int]:
        place = (self.offset, len(raw))
        self.parts.append(raw)
        self.offset += len(raw)
        return place

    def not_kept(self, type_: str, id_: str, reason: str = "") -> None:
        self.units.append(Unit(index=self._index(), type=type_, source_id=id_, verdict=NOT_KEPT, reason=reason))

    def aside(self, raw: bytes, error: Malformed, type_: str = "", id_: str = "") -> None:
        self.units.append(
            Unit(
                index=self._index(),
                type=type_,
                source_id=id_,
                verdict=SET_ASIDE,
                code=error.code,
                reason=str(error),
                raw=self._keep(raw),
            )
        )

    def read(
        self,
        raw: bytes,
        type_: str,
        id_: str,
        r: Json,
        digest: bytes,
        records: tuple[EncodedRecord, ...],
        wants: tuple[str, ...],
        updated: Any = None,
        blobs: tuple[Blob, ...] = (),
    ) -> None:
        meta = r.get("meta")
        version, whole = None, None
        if meta is not None:
            meta = obj(meta)
            version = string(meta.get("versionId")) or None
            whole = int(version) if version and _DIGITS.match(version) else None
            updated = meta.get("lastUpdated") or updated
        moment = when(updated, self.zone) if updated is not None else None
        self.units.append(
            Unit(
                index=self._index(),
                type=type_,
                source_id=id_,
                verdict=READ,
                version=version,
                number=whole,
                updated=moment.utc if moment else None,
                digest=digest,
                records=records,
                wants=wants,
                raw=self._keep(raw),
                blobs=blobs,
            )
        )
