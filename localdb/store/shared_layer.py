"""The `shared` layer: places and beds, rewritten when one of them changes (DESIGN D1)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from localdb.chart.assembly import place_of
from localdb.records.vocabulary import Referred
from localdb.store.errors import translated
from localdb.store.layer_files import LayerFile, sha256_of, sync_folder
from localdb.store.opening import build_layer, open_layer, verify_pages
from localdb.store.tokens import glued

SCHEMA = 1


def write_shared(folder: Path, name: str, key: bytes | bytearray, places: Iterable[tuple[str, Referred]]) -> LayerFile:
    """Builds the layer from ("source/Location/id", place) pairs."""
    held = dict(places)
    beds: list[tuple[str, str, str, str]] = []
    for place_key, place in held.items():
        if place.place == "bd":
            ward, bed = place_of(f"Location/{place.source_id}", place.source, held.get)
            beds.append((glued(ward), ward, bed, place.operational or place.status))
            del place_key
    wards = sorted({(glued(p.text), p.text) for p in held.values() if p.place == "wa" and p.text})
    part = folder / (name + ".part")
    with translated():
        connection = build_layer(part, key)
        try:
            connection.execute("create table meta(k text primary key, v blob) without rowid")
            connection.execute("create table ward(key text primary key, name text) without rowid")
            connection.execute("create table bed(ward text, name text, bed text, state text)")
            connection.execute("begin")
            connection.execute("insert into meta values('schema',?)", (SCHEMA,))
            connection.executemany("insert or ignore into ward values(?,?)", wards)
            connection.executemany("insert into bed values(?,?,?,?)", sorted(set(beds)))
            connection.execute("commit")
        finally:
            connection.close()
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        check = open_layer(part, key)
        try:
            verify_pages(check)
        finally:
            check.close()
        part.chmod(0o600)
        digest, size = sha256_of(part), part.stat().st_size
        part.rename(folder / name)
        sync_folder(folder)
    return LayerFile(name, digest, size, 0, len(beds))
