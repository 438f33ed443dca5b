"""H20: two strangers never get one number. Laptops deal numbers from real packs in real journals and are killed at every
point of it; some are cloned, some get an old copy of their journal back, some run two processes at once (CLINICAL §7.4).

CI runs a seeded sample; `WARDLAMP_LONG=1` the 200 laptops with 500 numbers each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LONG, ROOT

LAPTOPS, NUMBERS = (200, 500) if LONG else (12, 30)
SEED = 20261124


def simulated(folder: Path, laptops: int, numbers: int, sabotage: str = "") -> dict[str, Any]:
    """The counts of one run (`numbering`), in a process of its own: it forks and kills its children."""
    command = [
        sys.executable,
        "-m",
        "tests.hazards.numbering",
        str(folder),
        str(laptops),
        str(numbers),
        str(SEED),
        sabotage,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_number_is_seen_twice_whatever_kills_clones_or_restores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = simulated(tmp_path, LAPTOPS, NUMBERS)
    with capsys.disabled():
        print(f"\nH20: {json.dumps(found)}")
    assert found["twice"] == 0
    # That it was a trial: every statement, the witness and the showing had its kill, and most numbers were seen.
    assert found["points"] >= 20
    assert found["kills"] >= found["points"] + LAPTOPS * 5
    assert found["shown"] >= LAPTOPS * NUMBERS // 2
    assert found["pairs"] >= LAPTOPS
    assert (found["clones"], found["put_back"]) == (LAPTOPS // 4, LAPTOPS // 4)
    assert found["shown_by_clones"] == 0


@pytest.mark.parametrize("sabotage", ["shown_first", "no_clone_check", "no_witness"])
def test_sabotage_without_a_control_a_number_is_seen_twice(tmp_path: Path, sabotage: str) -> None:
    """Shown before it is burnt; a copy on another machine goes on as the same device; a lost end is not noticed."""
    assert simulated(tmp_path, 3, 12, sabotage)["twice"] > 0
