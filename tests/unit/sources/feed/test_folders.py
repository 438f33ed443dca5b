"""Drop folders: what is looked at, when a file is whole, what leaves and what stays."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from localdb.errors import WardlampError
from localdb.sources.feed.counts import FeedCounts
from localdb.sources.feed.folders import FolderStation, Settled, look, put_away
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.reading import Asked, read_asked
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.files import Part
from localdb.sources.profiles import Profiles, SourceProfile
from localdb.sources.units import FileReading
from localdb.store.errors import DiskFull
from localdb.store.taking import Outcome
from tests.made import person, write

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


class Hand:
    """Stands for the writer: keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.given: list[FileReading] = []
        self.beats: list[str] = []
        self.fault: WardlampError | None = None

    def take(self, reading: FileReading) -> list[Outcome]:
        if self.fault is not None:
            raise self.fault
        self.given.append(reading)
        return [Outcome(u.index, u.type, "set_aside" if u.code else "taken", u.code) for u in reading.units]

    def beat(self, source: str) -> None:
        self.beats.append(source)


class Trial:
    """A folder and a station that looks at it once each time that it is told to."""

    def __init__(self, folder: Path, after: str = "delete") -> None:
        self.folder, self.hand, self.out = folder, Hand(), io.StringIO()
        folder.mkdir()
        feed = FeedSetting(name="drop", source="pas", kind="folder", folder=str(folder), after=after)  # type: ignore[arg-type]
        self.counts = FeedCounts("drop", "pas", "folder", lambda: NOW)
        self.dies: Callable[[Part], bool] = lambda _: False

        def ask(parts: list[Part]) -> bytes | None:
            return None if any(map(self.dies, parts)) else read_asked(Asked(feed, parts, Profiles()))

        self.station = FolderStation(
            feed, SourceProfile(), self.hand, self.counts, FeedLog(lambda: NOW, self.out), ask  # type: ignore[arg-type]
        )  # fmt: skip

    def look(self, times: int = 2) -> list[str]:
        """After so many looks: the names that are still there."""
        stop, left = threading.Event(), [times]
        stop.wait = lambda _=None: self._last(stop, left)  # type: ignore[method-assign,assignment]
        self.station.run(stop)
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    @staticmethod
    def _last(stop: threading.Event, left: list[int]) -> bool:
        left[0] -= 1
        if not left[0]:
            stop.set()
        return stop.is_set()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path / "drop")


def test_a_file_is_taken_when_it_looks_the_same_twice_and_leaves(trial: Trial) -> None:
    write(trial.folder / "a.json", [person(1)])
    assert trial.look(1) == ["a.json"] and trial.hand.given == []
    assert trial.look(1) == []
    (reading,) = trial.hand.given
    assert (reading.source, reading.file, trial.hand.beats) == ("pas", "a.json", ["pas"])


def test_a_file_that_grows_is_left_until_it_is_whole(trial: Trial) -> None:
    whole = write(trial.folder / "a.json", [person(1)]).read_bytes()
    for size in (10, 20, 30):
        (trial.folder / "a.json").write_bytes(whole[:size])
        assert trial.look(1) == ["a.json"]
    (trial.folder / "a.json").write_bytes(whole)
    assert trial.look(2) == []
    assert len(trial.hand.given) == 1 and trial.hand.given[0].units[0].verdict == "read"


def test_what_somebody_still_writes_and_what_is_hidden_is_not_looked_at(trial: Trial) -> None:
    for name in (".hidden.json", "~lock.json", "a.json.part", "b.TMP", "done/old.json", ".git/x.json"):
        write(trial.folder / name, [person(1)])
    (trial.folder / "link.json").symlink_to(trial.folder / "done" / "old.json")
    assert look(trial.folder) == []


def test_folders_below_are_looked_at_and_empty_ones_go(trial: Trial) -> None:
    write(trial.folder / "ward" / "b" / "a.json", [person(1)])
    assert trial.look() == []
    assert list(trial.folder.iterdir()) == []


def test_kept_files_go_to_done_and_never_over_another(tmp_path: Path) -> None:
    trial = Trial(tmp_path / "drop", after="keep")
    for n in (1, 2):
        write(trial.folder / "a.json", [person(n)])
        trial.look()
    assert trial.look() == ["done/a.json", "done/a~2.json"]
    assert len(trial.hand.given) == 2, "what is done is not read again"


def test_what_could_not_be_made_durable_stays_and_is_tried_again(trial: Trial) -> None:
    write(trial.folder / "a.json", [person(1)])
    trial.hand.fault = DiskFull("The disk is full.")
    assert trial.look(4) == ["a.json"]
    assert (trial.counts.fault, trial.counts.state) == ("disk.full", "running")
    trial.hand.fault = None
    assert trial.look() == [] and trial.counts.fault == ""


def test_a_file_that_kills_its_reader_is_given_with_its_bytes_and_stops_no_other(trial: Trial) -> None:
    for n in (1, 2, 3):
        write(trial.folder / f"{n}.json", [person(n)])
    bad = (trial.folder / "2.json").read_bytes()
    trial.dies = lambda part: part.file == "2.json"
    assert trial.look() == []
    codes = [r.units[0].code for r in trial.hand.given]
    assert codes == ["", "file.reader_died", ""]
    import zstandard

    assert zstandard.decompress(trial.hand.given[1].kept) == bad


def test_the_only_copy_of_what_cannot_be_kept_stays(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from localdb.sources import walking
    from localdb.sources.limits import STANDARD

    small = msgspec.structs.replace(STANDARD, file=1000, aside=1000)
    real = walking.walk
    monkeypatch.setattr("localdb.sources.feed.folders.walk", lambda paths, source: real(paths, source, small))
    (trial.folder / "big.json").write_bytes(b" " * 5000)
    write(trial.folder / "good.json", [person(1)])
    assert trial.look(3) == ["big.json"]
    assert trial.counts.left == 1 and '"file.too_large"' in trial.out.getvalue()
    assert "big" not in trial.out.getvalue(), "a file's name is not logged"


def test_a_folder_that_is_gone_is_said(trial: Trial) -> None:
    trial.folder.rmdir()
    with pytest.raises(WardlampError) as caught:
        trial.look()
    assert caught.value.code == "feed.folder_missing"


def test_settled_forgets_what_went_and_came_back_changed(tmp_path: Path) -> None:
    it, path = Settled(), tmp_path / "a"
    path.write_bytes(b"1")
    assert it.of(look(tmp_path)) == []
    path.unlink()
    assert it.of(look(tmp_path)) == []
    path.write_bytes(b"12")
    assert it.of(look(tmp_path)) == []
    assert [f.path for f in it.of(look(tmp_path))] == [path]


def test_put_away_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for name in ("a", "b"):
        (tmp_path / "x" / name).write_bytes(b"1")
    put_away(tmp_path / "x" / "a", tmp_path, "delete")
    assert [p.name for p in (tmp_path / "x").iterdir()] == ["b"]
