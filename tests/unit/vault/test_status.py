"""What the unlock screen may know."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.errors import HouseFault
from localdb.store.errors import StoreMissing
from localdb.vault.status import read_status, write_status

STATUS = {"ward": "Larch", "sources": [{"source": "pas", "cut": "2026-11-24T02:10:00+00:00", "state": "complete"}]}


def test_the_status_is_read_without_a_secret(folder: Path) -> None:
    assert read_status(folder) == {}
    write_status(folder, STATUS)
    assert read_status(folder) == STATUS


@pytest.mark.parametrize("data", [b"", b"[1]", b"{", b"\xff\xfe"])
def test_an_unreadable_status_is_not_known(folder: Path, data: bytes) -> None:
    (folder / "status.json").write_bytes(data)
    assert read_status(folder) == {}


@pytest.mark.parametrize("status", [{"patients": []}, {"sources": [{"source": "pas", "patient": "P1"}]}])
def test_nothing_but_ages_and_the_ward_gets_in(folder: Path, status: dict[str, object]) -> None:
    with pytest.raises(HouseFault):
        write_status(folder, status)
    assert not (folder / "status.json").exists()


def test_no_vault_no_status(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        read_status(tmp_path)
