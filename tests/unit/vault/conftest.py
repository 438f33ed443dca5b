"""One vault made once (key derivation is slow on purpose), copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from localdb.vault.creation import Created, create_vault
from localdb.vault.keys import Keys
from localdb.vault.staff import add_staff
from localdb.vault.unlocking import keys_from_pipe, unlock

SECRET, OTHER = b"lamp-ward-candle-79-river", b"another quiet sentence"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Created, bytes]:
    """(folder, what `create_vault` said, the coordinator's keys as for a pipe); has a recovery slot and a clinician."""
    folder = tmp_path_factory.mktemp("made") / "vault"
    created = create_vault(folder, "Tess Outsider", SECRET, device="k95", kdf="floor", recovery=True)
    keys = unlock(folder, SECRET)
    add_staff(folder, keys, "Bo Clinician", OTHER, kdf="floor")
    return folder, created, keys.to_pipe()


@pytest.fixture
def folder(made: tuple[Path, Created, bytes], tmp_path: Path) -> Path:
    """A copy of the vault of this test's own."""
    return Path(shutil.copytree(made[0], tmp_path / "vault"))


@pytest.fixture
def keys(made: tuple[Path, Created, bytes], folder: Path) -> Keys:
    """The coordinator's keys of `folder`, without deriving anything."""
    return keys_from_pipe(made[2], folder)


@pytest.fixture
def code(made: tuple[Path, Created, bytes]) -> str:
    """The recovery code."""
    return made[1].recovery_code or ""
