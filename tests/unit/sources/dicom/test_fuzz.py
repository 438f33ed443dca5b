"""Headers, fragments and DICOMDIRs changed at random: read or refused by a written code, in time, within memory.

A few hundred in CI, a million under `--long` (issue 8). The harness runs in a process of its own, so that one that dies
is a failure here and not the end of the tests; what a million inputs cannot do to it, they cannot do to a feed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from localdb.sources.dicom import part10
from localdb.sources.dicom.child import Asked, answer
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.dicom.fuzzing import fuzz, mutated

SMALL = 12 * 1024  # bytes of a file that is worth mutating: the changes shall meet its header


def seeds(data_dir: Path) -> list[Path]:
    """Small files of every kind: images of most codings, reports, directories; of 50 equal ones the first."""
    found = [p for p in (data_dir / "dicom").rglob("*") if p.is_file() and p.stat().st_size < SMALL]
    plain = [p for p in found if p.suffix not in (".txt", ".json", ".gz") and p.name != "README"]
    return sorted(p for p in plain if p.parent.name != "SE000000" or p.name == "IM000000")


def test_whatever_comes_is_read_or_refused(data_dir: Path, root: Path, times: Callable[[int, int], int]) -> None:
    files = [str(each) for each in seeds(data_dir)]
    assert len(files) > 100 and sum("DICOMDIR" in name for name in files) >= 4
    died: list[object] = []
    for seed in range(1000, 1000 + times(1, 100)):
        found = fuzz(seed, times(300, 10_000), files, root)
        assert found["failures"] == [], seed
        assert {"read", "dicom.damaged"} <= found["codes"].keys()
        died += [(seed, *death) for death in found["deaths"]]
    assert died == []


def test_the_harness_sees_what_nobody_foresaw(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sabotage: without the check that an item may not end where none began, some input fails as nobody foresaw."""
    content = (
        data_dir / "dicom/pydicom/test_files/dicomdirtests/TINY_ALPHA/PT000000/ST000000/SE000000/IM000000"
    ).read_bytes()
    ends = content + b"\xfe\xff\x0d\xe0\x00\x00\x00\x00" + b"\x10\x00\x10\x00LO\x02\x00AB"
    assert answer(Asked("f", "s", SourceProfile(), 5), ends).refusal.code == "dicom.damaged"  # type: ignore[union-attr]
    monkeypatch.setattr(part10, "PIXELS", part10.PIXELS | {0xFFFEE00D, 0x00100010})
    found = answer(Asked("f", "s", SourceProfile(), 5), ends).refusal
    assert found is None or found.code != "dicom.damaged"


def test_an_input_can_be_made_again(data_dir: Path) -> None:
    files = [p.read_bytes() for p in seeds(data_dir)[:5]]
    assert mutated(files, 7, 3) == mutated(files, 7, 3) != mutated(files, 8, 3)
