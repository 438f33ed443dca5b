"""The writer: answers follow commits, groups share one, and what fails takes nothing else with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.records.ids import patient_id
from localdb.sources.feed.writer import Through, Writer
from localdb.sources.fhir.reading import read_bytes
from localdb.sources.units import FileReading
from localdb.store.errors import DiskFull, StoreDamaged
from localdb.store.intake import Intake
from tests.made import person, write

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


class Trial:
    """A writer over a real intake whose commits can be made to fail, and what it told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.intake = Intake(folder / "intake.db", bytes(32), lambda: NOW, create=True)
        self.told: list[str] = []
        self.commits = 0
        self.faults: list[Exception] = []  # raised by the next commits, one each
        self.refused: str = ""  # a reading of this file is refused by a bug of ours
        self.writer = Writer(
            self.intake, lambda: NOW, lambda: self.told.append("change"), lambda: self.told.append("beat"),
            lambda: self.told.append("end"),
        )  # fmt: skip
        commit, take = self.intake.commit, self.intake.take

        def failing_commit() -> None:
            if self.faults:
                raise self.faults.pop(0)
            commit()
            self.commits += 1

        def failing_take(reading: FileReading) -> Any:
            if reading.file == self.refused:
                raise ValueError("a bug")
            return take(reading)

        monkeypatch.setattr(self.intake, "commit", failing_commit)
        monkeypatch.setattr(self.intake, "take", failing_take)

    def reading(self, n: int) -> FileReading:
        data = write(self.folder / f"{n}.json", [person(n)]).read_bytes()
        return read_bytes(f"{n}.json", data, "pas", "Europe/London")

    def held(self) -> set[str]:
        return {r[0] for r in self.intake.connection.execute("select source_id from patient")}


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    made = Trial(tmp_path, monkeypatch)
    yield made
    made.writer.stop()
    made.intake.close()


def test_an_answer_follows_the_commit_that_holds_it(trial: Trial) -> None:
    trial.writer.start()
    (outcome,) = trial.writer.take(trial.reading(1))
    assert outcome.outcome == "taken"
    assert (trial.commits, trial.intake.connection.in_transaction) == (1, False)
    assert trial.told == ["change"]


def test_many_who_wait_share_one_commit_and_equal_content_makes_no_list(trial: Trial) -> None:
    given = [trial.writer.give(trial.reading(n)) for n in range(20)]  # before it runs: they wait together
    trial.writer.start()
    assert [f.result()[0].outcome for f in given] == ["taken"] * 20
    assert trial.commits == 1
    assert trial.writer.take(trial.reading(3))[0].outcome == "same"
    assert trial.told == ["change", "beat"]


def test_one_that_fails_takes_no_other_with_it(trial: Trial) -> None:
    trial.refused = "2.json"
    given = [trial.writer.give(trial.reading(n)) for n in range(5)]
    trial.writer.start()
    assert [f.exception() and type(f.exception()).__name__ for f in given] == [None, None, "ValueError", None, None]
    assert trial.held() == {f"p{n}" for n in (0, 1, 3, 4)}


def test_a_full_disk_refuses_all_and_is_over_when_there_is_room(trial: Trial) -> None:
    trial.faults = [DiskFull("The disk is full.")]
    given = [trial.writer.give(trial.reading(n)) for n in range(3)]
    trial.writer.start()
    assert {getattr(f.exception(), "code", None) for f in given} == {"disk.full"}
    assert isinstance(trial.writer.fault, DiskFull) and trial.writer.is_alive and trial.held() == set()
    assert trial.writer.take(trial.reading(1))[0].outcome == "taken", "what was not held is not held for known"
    assert trial.writer.fault is None


def test_damage_ends_the_writer_and_whoever_comes_later_is_told(trial: Trial) -> None:
    trial.faults = [StoreDamaged("A file does not verify.")]
    given = [trial.writer.give(trial.reading(n)) for n in range(3)]
    trial.writer.start()
    assert {getattr(f.exception(), "code", None) for f in given} == {"vault.damaged"}
    trial.writer.stop()
    assert not trial.writer.ended_by_stop and trial.told == ["end"]
    with pytest.raises(WardlampError) as refused:
        trial.writer.give(trial.reading(4))
    assert refused.value.code == "feed.stopped"


def test_a_stop_does_what_it_was_given_first(trial: Trial) -> None:
    given = [trial.writer.give(trial.reading(n)) for n in range(50)]
    trial.writer.start()
    trial.writer.stop()
    assert all(f.result()[0].outcome == "taken" for f in given) and len(trial.held()) == 50
    assert trial.writer.ended_by_stop


def test_a_fill_is_answered_early_and_told_at_its_end_what_was_lost(trial: Trial) -> None:
    through = Through(trial.writer)
    trial.writer.start()
    assert through.take(trial.reading(1))[0].outcome == "taken"
    through.commit()
    assert trial.held() == {"p1"}
    trial.faults = [DiskFull("The disk is full.")] * 2
    with pytest.raises(WardlampError) as refused:
        through.take(trial.reading(2))
        through.commit()
    assert refused.value.code == "disk.full"
    assert trial.held() == {"p1"}
    assert through.known_patients([patient_id("pas", "", "p1"), "P"]) is not None, "other questions go through too"


def test_many_threads_lose_nothing(trial: Trial) -> None:
    trial.writer.start()

    def give(first: int) -> None:
        for n in range(first, first + 25):
            assert trial.writer.take(trial.reading(n))[0].outcome == "taken"

    threads = [threading.Thread(target=give, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(trial.held()) == 100
    assert trial.commits <= 101


def test_a_sign_of_life_alone_is_written_and_makes_no_change(trial: Trial) -> None:
    trial.writer.beat("lims")
    trial.writer.drift("lims", 3)
    trial.writer.start()
    trial.writer.stop()
    row = trial.intake.connection.execute("select heartbeat from source_clock where source='lims'").fetchone()
    assert row == ("2026-11-24T03:12:00+00:00",)
    assert "change" not in trial.told


def test_sabotage_an_answer_before_the_commit_is_seen(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every job answered at once (as a fill's are), a full disk would be told to nobody: the check notices."""
    from localdb.sources.feed import writer

    real = writer._Job.__init__

    def hasty(self: Any, work: Any, *, lazy: bool = False, units: int = 1) -> None:
        real(self, work, lazy=True, units=units)

    monkeypatch.setattr(writer._Job, "__init__", hasty)
    trial.faults = [DiskFull("The disk is full.")]
    given = trial.writer.give(trial.reading(1))
    trial.writer.start()
    assert given.result()[0].outcome == "taken"
    trial.writer.stop()
    assert trial.held() == set(), "answered as taken, and not held"
