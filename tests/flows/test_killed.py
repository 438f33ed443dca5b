"""kill -9 at seeded random moments of fill, cut and enter: what was acknowledged last is there each time (issue 4).

Restoration has its own in `tests/flows/restoration/test_kill.py`. Each case names its seed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from localdb.house import House, open_house
from localdb.sources.filling import fill
from tests.conftest import LONG, ROOT
from tests.flows.copies import before, digest, news, strays
from tests.made import NOW, SECRET, new_house, nhs_number, write

KILLS = 200 if LONG else 20
ACTS = ("fill", "cut", "enter")
CASES = [(ACTS[n % len(ACTS)], n) for n in range(KILLS)]


class Prepared(NamedTuple):
    """Vaults to start from, what they read like before and after, and how long the work takes on this machine."""

    vault: dict[str, Path]
    folder: Path
    units: int
    secret: Path
    before: str
    after: str
    seconds: dict[str, float]


def reopened(vault: Path) -> House:
    return open_house(vault, SECRET, clock=lambda: NOW)


def start(vault: Path, act: str, argument: str, secret: Path) -> subprocess.Popen[str]:
    """The child, once its vault is open."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.acting", str(vault), act, argument], cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "WARDLAMP_SECRET_FILE": str(secret)}, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    place = tmp_path_factory.mktemp("killed")
    secret = place / "secret"
    secret.write_bytes(SECRET + b"\n")
    secret.chmod(0o600)
    house = new_house(place / "filled")
    house.fill([write(place / "first.json", before())], source="lims")
    first, units = digest(house), news(place / "news")
    house.close()
    shutil.copytree(place / "filled", place / "taken")  # the news are in the intake, and not yet cut
    house = reopened(place / "taken")
    with house.intake() as intake:
        assert fill(intake, [place / "news"], source="lims", processes=0).taken == units
    assert digest(house) == first
    house.close()
    vaults = {"fill": place / "filled", "cut": place / "taken", "enter": place / "filled"}
    seconds, after = {}, ""
    for act in ("fill", "cut"):
        shutil.copytree(vaults[act], place / f"try-{act}")
        with start(place / f"try-{act}", act, str(place / "news") if act == "fill" else "", secret) as child:
            begun = time.monotonic()
            assert child.wait(120) == 0
            seconds[act] = time.monotonic() - begun
        house = reopened(place / f"try-{act}")
        assert after in ("", digest(house)), "a fill at once and one in two steps read alike"
        after = digest(house)
        house.close()
    return Prepared(vaults, place / "news", units, secret, first, after, {**seconds, "enter": 0.6})


@pytest.mark.parametrize(("act", "seed"), CASES)
def test_killed_at_any_moment_the_last_acknowledged_state_is_there(
    act: str, seed: int, prepared: Prepared, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(seed)
    record_property("seed", seed)
    vault = tmp_path / "vault"
    shutil.copytree(prepared.vault[act], vault)
    argument = {"fill": str(prepared.folder), "cut": "", "enter": "100000"}[act]
    with start(vault, act, argument, prepared.secret) as child:
        try:
            child.wait(dice.uniform(0.0, prepared.seconds[act]))
        except subprocess.TimeoutExpired:
            child.kill()
        assert child.stdout is not None
        said = child.stdout.read().split()
        assert child.wait() in (0, -signal.SIGKILL)
    house = reopened(vault)
    try:
        assert digest(house) in ((prepared.after,) if "done" in said else (prepared.before, prepared.after))
        if act == "enter":
            check_entries(house, said)
        else:
            check_copy(house, prepared)
    finally:
        house.close()


def check_entries(house: House, numbers: list[str]) -> None:
    """Each number that was shown is there, once; the chain is whole; the next number goes on from there."""
    held = [e.number for e in house.journal.entries()]
    assert set(numbers) <= set(held)
    assert len(held) - len(numbers) <= 1, "at most the one that was written and not yet shown"
    assert len(held) == len(set(held))
    assert house.journal.verify().ok
    assert (
        house.enter("note", nhs_number(1), {"happened": "2026-11-24T03:11:00+00:00", "text": "On."}).number not in held
    )


def check_copy(house: House, prepared: Prepared) -> None:
    """Filling once more ends with everything held once, and nothing is left over."""
    report = house.fill([prepared.folder], source="lims")
    assert (report.read, report.taken + report.same) == (prepared.units, prepared.units)
    assert digest(house) == prepared.after
    assert strays(house) == []
    assert house.journal.verify().ok


def test_the_check_sees_a_copy_that_landed_by_half(prepared: Prepared, tmp_path: Path) -> None:
    """Sabotage: of the news, one file is missing; the digest is neither the one before nor the one after."""
    vault, half = tmp_path / "vault", tmp_path / "half"
    shutil.copytree(prepared.vault["fill"], vault)
    shutil.copytree(prepared.folder, half)
    (half / "07.json").unlink()
    house = reopened(vault)
    house.fill([half], source="lims")
    assert digest(house) not in (prepared.before, prepared.after)
    house.close()


def test_no_reader_outlives_a_fill_that_was_killed(prepared: Prepared, tmp_path: Path) -> None:
    """Children that decode hold patient data in memory: they end with their parent."""
    vault, many = tmp_path / "vault", tmp_path / "many"
    shutil.copytree(prepared.vault["fill"], vault)
    for copy in range(12):  # above the weight at which children are started
        shutil.copytree(prepared.folder, many / str(copy))
    with start(vault, "fill", str(many), prepared.secret) as child:
        readers = _children_at_work(child)
        child.kill()
        child.wait()
    assert readers, "no child was seen: the fill is too small"
    deadline = time.monotonic() + 20
    while alive := [r for r in readers if _is_alive(r)]:
        assert time.monotonic() < deadline, f"readers go on without their parent: {len(alive)}"
        _pause()


def _children_at_work(child: subprocess.Popen[str]) -> list[int]:
    """Ids of the reading processes, seen as soon as there are two."""
    tasks = Path(f"/proc/{child.pid}/task")
    while child.poll() is None:
        found = [int(p) for t in tasks.iterdir() for p in (t / "children").read_text().split()]
        if sum("spawn_main" in _command(p) for p in found) >= 2:
            return [p for p in found if "spawn_main" in _command(p)]
        _pause()
    return []


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _is_alive(process: int) -> bool:
    return "spawn_main" in _command(process)


def _pause() -> None:
    """Gives the processor away between two looks at /proc, which cannot be waited for."""
    subprocess.run(["true"], check=True)
