"""A running feed lets pixels go by the budget, and they leave the disk when the copy says that they are gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from shutil import move

from localdb.feeding import run_feed
from localdb.house import House
from localdb.records.vocabulary import ImagingStudy
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.service import FeedService
from tests.ct import STUDY, ct_slices
from tests.made import new_house

PATIENT = "7000000017"


def until(is_so: Callable[[], bool], seconds: float = 60.0) -> bool:
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if is_so():
            return True
        pause.wait(0.05)
    return False


def held(house: House) -> tuple[int, int]:
    """(images held as the copy says, of them with all their files here)."""
    reading = house.reading()
    try:
        (study,) = reading.chart(PATIENT).images.items
        assert isinstance(study, ImagingStudy)
        shown = [i for i in reading.instances(reading.resolve(PATIENT), STUDY) if i.is_held]
        return study.held, sum(all(reading.blob(p.blob) for p in i.pixels) for i in shown)
    finally:
        reading.close()


def files(house: House) -> int:
    return len(list((house.vault / "blobs").glob("*.blob")))


def test_a_running_feed_keeps_within_its_room(tmp_path: Path, data_dir: Path) -> None:
    house = new_house(tmp_path / "vault")
    drop = tmp_path / "drop"
    drop.mkdir()
    house.set_site({
        "feeds": [{"name": "drop", "source": "pacs", "kind": "folder", "folder": str(drop), "every": 0.1}],
        "feeding": {"health": ""},
    })  # fmt: skip
    house.fill(ct_slices(data_dir, tmp_path / "in", range(1, 9)), source="pacs", processes=1)
    room = house.image_room()
    assert room is not None
    assert (held(house), files(house)) == ((8, 8), 8)
    house.set_site({"imaging": {"budget_gb": room.used / 2e9}})
    running: list[FeedService] = []
    thread = threading.Thread(target=run_feed, args=(house, FeedLog(), running.append))
    thread.start()
    try:
        assert until(lambda: bool(running) and files(house) <= 4), "what was let go leaves the disk after the first cut"
        assert until(lambda: held(house)[0] == files(house))
        count, readable = held(house)
        assert count == readable == files(house) > 0
        for path in ct_slices(data_dir, tmp_path / "more", (20,)):  # what comes meanwhile is held
            move(path, drop / path.name)
        assert until(lambda: held(house) == (count + 1, count + 1))
    finally:
        running[0].stop()
        thread.join()
        house.close()
