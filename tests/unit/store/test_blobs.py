"""Embedded files: sealed, named by a key, there before the commit that names them, swept by the owner alone."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.errors import WardlampError
from localdb.house import House
from localdb.records.vocabulary import Report
from localdb.sources.units import Blob
from localdb.store import blobs as blobs_module
from localdb.store.blobs import BlobStore
from localdb.store.intake import Intake
from tests.unit.store.telling import key, patient, reading, report, unit

PDF = b"%PDF-1.7 synthetic report of nobody " * 50


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", bytes(range(32)))


@given(st.binary(max_size=2000))
@settings(max_examples=30)
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    held = BlobStore(tmp_path_factory.mktemp("b"), bytes(32))
    held.put(digest(data), data)
    assert held.get(digest(data)) == data


def test_neither_content_nor_its_hash_stands_on_disk(store: BlobStore) -> None:
    store.put(digest(PDF), PDF)
    (file,) = store.folder.iterdir()
    assert b"%PDF" not in file.read_bytes() and digest(PDF)[:16] not in file.name
    assert file.stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert BlobStore(store.folder, bytes(32)).get(digest(PDF)) is None, "another key knows no name of it"


def test_one_content_is_held_once_and_never_changed(store: BlobStore) -> None:
    store.put(digest(PDF), PDF)
    (file,) = store.folder.iterdir()
    before = file.read_bytes()
    store.put(digest(PDF).upper(), PDF)
    assert [f.read_bytes() for f in store.folder.iterdir()] == [before]


@pytest.mark.parametrize("how", ["a bit", "cut short", "empty", "another's"])
def test_damage_is_said_and_never_shown(store: BlobStore, how: str) -> None:
    store.put(digest(PDF), PDF)
    (file,) = store.folder.iterdir()
    data = bytearray(file.read_bytes())
    if how == "a bit":
        data[len(data) // 2] ^= 1
    elif how == "cut short":
        del data[-20:]
    elif how == "empty":
        data.clear()
    else:
        store.put(digest(b"other"), b"other")
        data = bytearray((store.folder / store.name_of(digest(b"other"))).read_bytes())
    file.write_bytes(data)
    with pytest.raises(WardlampError) as refused:
        store.get(digest(PDF))
    assert refused.value.code == "vault.damaged"


def test_a_wrong_name_and_a_content_too_large_are_refused(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WardlampError) as refused:
        store.put(digest(b"other"), PDF)
    assert refused.value.code == "blob.not_its_digest"
    monkeypatch.setattr(blobs_module, "LARGEST", 10)
    with pytest.raises(WardlampError) as refused:
        store.put(digest(PDF), PDF)
    assert refused.value.code == "blob.too_large"
    assert not store.folder.exists()


# -- through the intake -----------------------------------------------------------------------------------------------


def told(data: bytes = PDF, sha: str | None = None) -> object:
    named = sha or digest(data)
    return reading(unit(
        patient("1", 1), report("1", "r", 1, [], blob=named, media_type="application/pdf"),
        blobs=[Blob(sha256=named, media_type="application/pdf", data=data)],
    ))  # fmt: skip


def test_an_embedded_file_is_read_beside_its_report(house: House) -> None:
    with house.intake() as intake:
        intake.take(told())  # type: ignore[arg-type]
        intake.commit()
    house.cut()
    living = house.reading()
    (item,) = living.chart(key("1")).reports.items
    assert isinstance(item, Report)
    assert living.blob(item.blob) == PDF
    assert living.blob(digest(b"somewhere else")) is None


def test_a_file_that_is_not_the_one_named_sets_the_message_aside(house: House) -> None:
    with house.intake() as intake:
        outcomes = intake.take(told(PDF, digest(b"other")))  # type: ignore[arg-type]
        intake.commit()
        assert [o.code for o in outcomes] == ["blob.not_its_digest"]
        assert intake.connection.execute("select count(*) from fact").fetchone()[0] == 0


def test_the_file_is_whole_before_the_commit_and_what_a_crash_left_is_named_when_it_comes_again(house: House) -> None:
    folder = house.vault / "blobs"
    with house.intake() as intake:
        intake.take(told())  # type: ignore[arg-type]
        (left,) = folder.iterdir()
        intake.rollback()
        assert [left] == list(folder.iterdir()), "durable before the commit that names it"
        intake.take(told())  # type: ignore[arg-type]
        intake.commit()
        assert [left] == list(folder.iterdir())
    house.cut()
    assert house.reading().blob(digest(PDF)) == PDF


def test_a_full_disk_under_an_embedded_file_takes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from localdb.store.errors import DiskFull

    def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(blobs_module, "write_whole", full)
    with house.intake() as intake:
        with pytest.raises(DiskFull):
            intake.take(told())  # type: ignore[arg-type]
        assert intake.connection.execute("select count(*) from unit").fetchone()[0] == 0
        assert not intake.connection.in_transaction


def test_an_intake_without_a_blob_store_keeps_the_originals(tmp_path: Path) -> None:
    from tests.made import NOW

    intake = Intake(tmp_path / "intake.db", bytes(32), lambda: NOW, create=True)
    assert [o.outcome for o in intake.take(told())] == ["taken"]  # type: ignore[arg-type]
    intake.commit()
    intake.close()
