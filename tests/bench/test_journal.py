"""Durable entries, and the start of a command (DESIGN §6)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localdb.chart.living import identity_of
from tests.bench.reference import percentile, stretch_ms
from tests.conftest import ROOT
from tests.made import SECRET, new_house, nhs_number, person, result, write

pytestmark = pytest.mark.bench
NOTE = {"happened": "2026-11-24T03:10:00+00:00", "text": "Seen on the night round."}


def test_commit(tmp_path: Path, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]) -> None:
    """An entry, signed, chained and on disk, against an fsynced append of 4 KiB to a file beside it; in turn."""
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1)])], source="pas")
    view = house.reading().find(nhs_number(1))[0]
    who, ours, bare = identity_of(view), [], []
    with open(tmp_path / "bare", "ab", buffering=0) as file:
        for _ in range(times(400, 4000)):
            begun = time.perf_counter()
            house.journal.append_entry("note", who, NOTE)
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            bare.append(time.perf_counter() - begun)
    benchmark.pedantic(lambda: house.journal.append_entry("note", who, NOTE), rounds=20)
    kept(
        "journal commit p99", percentile(ours, 0.99) / percentile(bare, 0.99), entries=len(ours),
        p50=round(percentile(ours, 0.5) / percentile(bare, 0.5), 3), p99_ms=round(percentile(ours, 0.99) * 1000, 2),
    )  # fmt: skip
    house.close()


def test_find_in_a_new_process(
    tmp_path: Path, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]
) -> None:
    """`wardlamp find`, from nothing to its answer; beside it, an interpreter that only imports the driver."""
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims")
    house.close()
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    environment = {**os.environ, "WARDLAMP_SECRET_FILE": str(secret), "WARDLAMP_VAULT": str(tmp_path / "vault")}
    find = [sys.executable, "-c", "from desktop.cli import main; raise SystemExit(main())", "find", nhs_number(1)]
    bare = [sys.executable, "-c", "import sqlcipher3.dbapi2"]

    def ms(command: list[str]) -> float:
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
        return (time.perf_counter() - begun) * 1000

    turns = [(ms(find), ms(bare), stretch_ms(200)) for _ in range(times(5, 20))]
    ours, theirs, unit = (percentile([t[n] for t in turns], 0.5) for n in range(3))
    benchmark.pedantic(lambda: None, rounds=1)
    kept("find in a new process", ours / unit, to_a_bare_interpreter=round(ours / theirs, 2))
