"""Making, opening, refusing and setting aside; what a journal of schema 1 looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.journal import opening
from localdb.journal.book import Journal
from localdb.journal.opening import create_journal, open_journal, set_aside_damaged
from localdb.journal.schema import STEPS
from localdb.store.migrations import schema_number
from localdb.vault.keys import Keys
from tests.conftest import ROOT, Clock
from tests.unit.journal.conftest import ANN, BEN, BODIES, NOTE

MARKERS = ("Zyxomarker", "Qwvfamily")


def code_of(folder: Path, keys: Keys, clock: Clock) -> str:
    with pytest.raises(WardlampError) as caught:
        open_journal(folder, keys, clock)
    assert caught.value.next_step
    return caught.value.code


def test_a_missing_journal_is_never_quietly_made_anew(folder: Path, keys: Keys, clock: Clock) -> None:
    (folder / "journal.db").unlink()
    assert code_of(folder, keys, clock) == "vault.missing"
    assert not (folder / "journal.db").exists()


@pytest.mark.parametrize("data", [b"", b"SQLite format 3\x00" + bytes(5000), bytes(8192), b"x" * 4096])
def test_what_is_no_journal_is_damage_and_stays_as_it_is(folder: Path, keys: Keys, clock: Clock, data: bytes) -> None:
    (folder / "journal.db").write_bytes(data)
    assert code_of(folder, keys, clock) == "vault.damaged"
    assert (folder / "journal.db").read_bytes() == data


def test_a_newer_journal_is_refused_and_left_as_it_is(journal: Journal, folder: Path, keys: Keys, clock: Clock) -> None:
    journal.log.connection.execute(f"pragma user_version={len(STEPS) + 1}")
    journal.close()
    before = (folder / "journal.db").read_bytes()
    assert code_of(folder, keys, clock) == "vault.newer"
    assert (folder / "journal.db").read_bytes() == before


def test_a_journal_of_schema_1_still_opens(
    folder: Path, keys: Keys, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made here by the first step alone, as version 0.1 made it; later steps must take it on."""
    (folder / "journal.db").unlink()
    with monkeypatch.context() as older:
        older.setattr(opening, "STEPS", STEPS[:1])
        create_journal(folder, keys, clock)
    journal = open_journal(folder, keys, clock)
    try:
        assert schema_number(journal.log.connection) == len(STEPS)
        found = journal.log.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert {name for (name,) in found} >= {
            "head", "log", "entry", "person", "sheet", "declared", "draft", "delivery",
        }  # fmt: skip
        journal.append_entry("note", ANN, NOTE)
        assert journal.verify().ok
    finally:
        journal.close()


def test_a_second_journal_is_not_made_over_the_first(folder: Path, keys: Keys, clock: Clock) -> None:
    with pytest.raises(WardlampError):
        create_journal(folder, keys, clock)
    open_journal(folder, keys, clock).close()


def test_a_journal_is_for_its_owner_only(folder: Path) -> None:
    assert (folder / "journal.db").stat().st_mode & 0o777 == 0o600


def test_an_unreadable_journal_is_set_aside_and_the_ward_goes_on(
    journal: Journal, folder: Path, keys: Keys, clock: Clock
) -> None:
    lost = journal.append_entry("note", ANN, NOTE)
    serial = journal.issue_sheet("F01", 1)
    journal.close()
    broken = b"\x00" * 64 + (folder / "journal.db").read_bytes()[64:]
    (folder / "journal.db").write_bytes(broken)
    assert code_of(folder, keys, clock) == "vault.damaged"
    aside = set_aside_damaged(folder, keys, clock)
    assert aside.read_bytes() == broken
    assert keys.device != "K95"
    fresh = open_journal(folder, keys, clock)
    try:
        again = fresh.append_entry("note", ANN, NOTE)
        assert again.number != lost.number
        assert again.entry != lost.entry
        assert fresh.issue_sheet("F01", 1) != serial
        (notice,) = fresh.log.rows_of_kind("notice")
        assert "K95" in notice.content["words"]
        assert fresh.verify().ok
    finally:
        fresh.close()


def test_setting_aside_may_be_repeated_after_a_crash(folder: Path, keys: Keys, clock: Clock) -> None:
    (folder / "journal.db").unlink()
    set_aside_damaged(folder, keys, clock)
    open_journal(folder, keys, clock).close()


def test_a_crash_between_the_new_device_and_its_first_row_is_mended(folder: Path, keys: Keys, clock: Clock) -> None:
    from localdb.vault.staff import renew_device

    renew_device(folder, keys, "Z1Z")
    journal = open_journal(folder, keys, clock)
    assert journal.append_entry("note", ANN, NOTE).number == "Z1Z-2"
    assert journal.verify().devices == {"K95": 1, "Z1Z": 2}
    journal.close()


def clear_text_in(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        for marker in (*MARKERS, "SQLite format 3"):
            if marker.encode() in data or marker.encode("utf-16-le") in data:
                yield f"{file.name}: {marker}"


def write_markers(journal: Journal) -> None:
    import msgspec

    marked = msgspec.structs.replace(BEN, name=msgspec.structs.replace(BEN.name, family=MARKERS[1]))
    first = journal.append_entry("note", marked, NOTE | {"text": MARKERS[0]})
    journal.append_entry("note", marked, NOTE | {"text": MARKERS[0]}, corrects=first.entry)
    for kind, body in BODIES.items():
        journal.append_entry(kind, marked, body)
    journal.save_draft(MARKERS[0], {"text": MARKERS[0]})
    journal.drop_draft(MARKERS[0])
    journal.save_draft(MARKERS[1], {"text": MARKERS[0]})
    journal.issue_sheet("F02", 1, identity=marked)
    journal.entries(marked.ids)


def test_nothing_stands_in_clear_open_or_closed(
    journal: Journal, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_markers(journal)
    assert (folder / "journal.db-wal").stat().st_size > 0
    assert list(clear_text_in(folder)) == []
    journal.close()
    assert list(clear_text_in(folder)) == []


def test_the_search_for_clear_text_would_find_some(folder: Path) -> None:
    (folder / "journal.db-wal").write_bytes(b"..." + MARKERS[0].encode() + b"...")
    assert list(clear_text_in(folder)) == [f"journal.db-wal: {MARKERS[0]}"]


DISK = """
import subprocess, sys
from datetime import UTC, datetime
from pathlib import Path
from localdb.errors import WardlampError
from localdb.journal.opening import open_journal
from localdb.durable import write_whole
from localdb.vault.unlocking import keys_from_pipe
from tests.unit.journal.conftest import ANN, NOTE
kind, source, piped = sys.argv[1], sys.argv[2], sys.stdin.buffer.read()
place = Path(sys.argv[3])
REMOUNT = ["mount", "--options-mode", "ignore", "-o"]  # else it repeats ids that a plain user's namespace lacks
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", str(place)], check=True)
subprocess.run(["cp", "-r", source, str(place / "vault")], check=True)
folder = place / "vault"
keys = keys_from_pipe(piped, folder)
clock = lambda: datetime.now(UTC)
def attempt(act):
    try:
        act()
    except WardlampError as error:
        return error.code
    return "none"
journal = open_journal(folder, keys, clock)
numbers = [journal.append_entry("note", ANN, NOTE).number]
if kind == "full":
    while True:
        body = {**NOTE, "text": "long " * 2000}
        code = attempt(lambda: numbers.append(journal.append_entry("note", ANN, body).number))
        if code != "none":
            break
    print(code, attempt(lambda: write_whole(folder / "big", bytes(600_000))))
    subprocess.run([*REMOUNT, "remount,size=8m", str(place)], check=True)
else:
    if kind == "crashed":  # as a kill leaves it: what was written last is in the write-ahead log alone
        subprocess.run(["cp", "-r", str(folder), str(place / "crashed")], check=True)
        folder = place / "crashed"
    journal.close()
    subprocess.run([*REMOUNT, "remount,ro", str(place)], check=True)
    journal = open_journal(folder, keys, clock)
    journal.record_view(ANN.patient)
    read = [entry.number for entry in journal.entries()] == numbers
    print(attempt(lambda: journal.append_entry("note", ANN, NOTE)) if read else "reading did not go on",
          attempt(lambda: write_whole(folder / "big", b"x")))
    journal.close()
    subprocess.run([*REMOUNT, "remount,rw", str(place)], check=True)
    journal = open_journal(folder, keys, clock)
held = [entry.number for entry in journal.entries()]
print(held == numbers, journal.verify().ok, journal.append_entry("note", ANN, NOTE).number == f"K95-{len(numbers) + 2}")
"""


@pytest.mark.parametrize(
    ("kind", "code"), [("full", "disk.full"), ("read_only", "disk.read_only"), ("crashed", "disk.read_only")]
)
def test_a_full_and_a_read_only_disk_are_told_apart_and_lose_nothing(
    folder: Path, keys: Keys, tmp_path: Path, kind: str, code: str
) -> None:
    """On a real small file system, mounted in a mount namespace of the child's own."""
    away = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*away, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine permits no mount namespace, so no small disk can be made")
    (tmp_path / "disk").mkdir()
    (tmp_path / "temp").mkdir()
    said = subprocess.run(
        [*away, sys.executable, "-c", DISK, kind, str(folder), str(tmp_path / "disk")],
        input=keys.to_pipe(),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path / "temp")},
        check=False,
    )
    assert said.stdout.decode().split() == [code, code, "True", "True", "True"], said.stderr.decode()
    assert list((tmp_path / "temp").iterdir()) == [], "no copy stays behind"
