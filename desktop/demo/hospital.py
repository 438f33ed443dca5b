"""Builds the demonstration: a vault, one fill for each source, the site, and a declared downtime.

Nothing is written into the stores but by `fill`, the journal and the cut. The demonstration plays at a fixed moment of
its own (`manifest.toml`) and its clock runs on from there, so that "32 minutes old" is true whenever it is shown.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from localdb.house import Clock, House, make_house, open_house
from localdb.plans.checking import media_of
from localdb.records.moments import from_instant

SECRET = b"demonstration only"
PREFIX, NUMBERS = "ZZ9", 50  # temporary numbers of a hospital that is not one


class Demonstration(msgspec.Struct, frozen=True):
    """What the manifest says: the moment, the ward, who acts, whose chart the walk opens, what it searches for; who has an
    unreported film, whose CT is incomplete, whose film came under another number."""

    now: datetime
    hospital: str
    ward: str
    staff: str
    device: str
    incident: str
    downtime_since: datetime
    star: str
    same_name: str
    unreported: str
    incomplete: str
    misfiled: str
    cuts: dict[str, datetime]
    titles: dict[str, str]


def demo_folder() -> Path:
    return Path(str(files("resources").joinpath("demo")))


def read_manifest() -> Demonstration:
    held: dict[str, Any] = tomllib.loads((demo_folder() / "manifest.toml").read_text(encoding="utf-8"))
    said = held["demonstration"]
    return Demonstration(
        said["now"], said["hospital"], said["ward"], said["staff"], said["device"], said["incident"],
        said["downtime_since"], said["star"], said["same_name"], said["unreported"],
        said["incomplete"], said["misfiled"], {s: v["cut"] for s, v in held["source"].items()},
        {s: v["short"] for s, v in held["source"].items()},
    )  # fmt: skip


class RunningClock:
    """The demonstration's time: its moment, and what has passed since it was opened."""

    def __init__(self, at: datetime) -> None:
        self._at, self._start = at, time.monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._start)


def build(vault: Path, clock: Clock, tell: Callable[[str], None] = lambda text: None) -> House:
    """The demonstration hospital in a new vault, opened by its nurse. Raises as `fill` does."""
    said = read_manifest()
    make_house(vault, said.staff, SECRET, device=said.device, kdf="floor", clock=clock)
    house = open_house(vault, SECRET, clock=clock)
    house.set_site({"hospital": said.hospital, "ward": said.ward, "incident": said.incident, "training": True,
                    "source_titles": said.titles})  # fmt: skip
    for source, cut in said.cuts.items():
        report = house.fill([demo_folder() / source], source=source, as_of=from_instant(cut))
        tell(f"{source}: {report.read} read, {report.taken} taken, {len(report.set_aside)} set aside")
    for source in said.cuts:
        house.declare(source, "down", said.downtime_since)
    for who, kind, body in _written(said):
        house.enter(kind, who, body)
    bring_plans(house)
    for dealt in house.deal_numbers(PREFIX, [house.device], NUMBERS):
        house.journal.take_pack(dealt.pack)
    return house


def bring_plans(house: House) -> None:
    """The site's own documents of the demonstration (resources/demo/plans)."""
    folder = demo_folder() / "plans"
    for said in tomllib.loads((folder / "plans.toml").read_text(encoding="utf-8"))["plan"]:
        data = (folder / said["file"]).read_bytes()
        house.plans.bring_in(said["title"], said["kind"], media_of(said["file"], data), data,
                             valid_from=said["valid_from"], review=said["review"])  # fmt: skip


def _written(said: Demonstration) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """What the ward wrote since the systems went down: a result by telephone, a note, what it sees in a film."""

    def at(minutes: int) -> str:
        return (said.downtime_since + timedelta(minutes=minutes)).isoformat(timespec="seconds")

    phoned = {
        "collected": at(-17), "happened": at(11), "test": "Potassium", "value": "6.0", "unit": "mmol/L", "flag": "H",
        "caller": {"name": "K. Lim", "role": "biomedical scientist", "ext": "4410"}, "read_back": True,
        "told": "Dr E. Coulson, 02:59",
    }  # fmt: skip
    note = {"happened": at(18), "text": "Potassium 6.0 by phone, Dr Coulson told. ECG done, kept in the notes."}
    film = {
        "happened": at(21), "examination": "Chest X-ray, feeding tube", "done": "2026-11-23T23:05:00+00:00",
        "accession": "NUH26-118251", "seen_on": "review",
        "findings": "Feeding tube in the middle, crosses the diaphragm, tip to the left below it. Lungs: patchy shadow at "
        "the right base, as on 21-Nov.", "action": "Not used until the radiologist has agreed by telephone.",
        "role": "with Dr E. Coulson", "phoned": {"to": "Radiologist on call, ext. 4432", "at": at(23)},
    }  # fmt: skip
    return (said.star, "phoned_result", phoned), (said.star, "note", note), (said.unreported, "evaluation", film)
