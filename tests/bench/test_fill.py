"""Filling from FHIR against decoding the same JSON with the fastest decoder and inserting the rows in plain SQLite, both
on both cores (DESIGN §6). The cut is apart; so is unpacking the archive."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tarfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localdb.sources.filling import fill
from tests.made import new_house

pytestmark = pytest.mark.bench
CORES = 2


class Entry(msgspec.Struct):
    resource: msgspec.Raw


class Bundle(msgspec.Struct):
    entry: list[Entry]


_BUNDLE, _RESOURCE = msgspec.json.Decoder(Bundle), msgspec.json.Decoder()


def decoded(path: str) -> list[tuple[str, str, bytes]]:
    """(type, id, bytes) of every resource of a file, each decoded whole."""
    rows = []
    for entry in _BUNDLE.decode(Path(path).read_bytes()).entry:
        resource = _RESOURCE.decode(entry.resource)
        rows.append((resource["resourceType"], resource.get("id", ""), bytes(entry.resource)))
    return rows


def plain_fill(files: list[Path], path: Path) -> int:
    """How many rows went in."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("create table resource(type text, id text, json text, primary key(type, id)) without rowid")
    connection.execute("begin")
    count = 0
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for rows in pool.map(decoded, map(str, files), chunksize=4):
            connection.executemany("insert or replace into resource values(?,?,?)", rows)
            count += len(rows)
    connection.execute("commit")
    connection.close()
    return count


@pytest.fixture(scope="module")
def files(data_dir: Path, tmp_path_factory: pytest.TempPathFactory, times: Callable[[int, int], int]) -> list[Path]:
    """60 of the 615 patients in the short run, all in the long one; unpacked."""
    folder, left = tmp_path_factory.mktemp("synthea"), times(60, 100_000)
    with tarfile.open(data_dir / "fhir" / "synthea-r4" / "patients-615.tar.xz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".json"):
                archive.extract(member, folder, filter="data")
                left -= 1
            if left <= 0:
                break
    return sorted(folder.rglob("*.json"))


def test_fill(
    files: list[Path], tmp_path: Path, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]
) -> None:
    ours, naive, taken, rows = [], [], 0, 0
    for turn in range(times(1, 2)):
        begun = time.perf_counter()
        rows = plain_fill(files, tmp_path / f"{turn}.db")
        naive.append(time.perf_counter() - begun)
        house = new_house(tmp_path / f"vault{turn}")
        with house.intake() as intake:
            begun = time.perf_counter()
            report = fill(intake, files, source="synthea", processes=CORES)
            ours.append(time.perf_counter() - begun)
        house.close()
        assert report.set_aside == []
        taken = report.read
    benchmark.pedantic(lambda: None, rounds=1)
    kept("fill", min(ours) / min(naive), files=len(files), units=taken, rows=rows, turns=len(ours))
