"""FHIR R4 to units and records: a pure reader."""

from localdb.sources.fhir.reading import read_bytes, refused

__all__ = ["read_bytes", "refused"]
