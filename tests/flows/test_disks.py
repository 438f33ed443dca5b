"""A full disk and a read-only one, under fill, cut and enter: said as what they are, and nothing acknowledged is lost.

On real small file systems, mounted in a mount namespace of a child's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.flows.copies import before, digest, news
from tests.made import new_house, nhs_number, write

AWAY = ["unshare", "--mount", "--map-root-user"]
BEGIN = """
import json, os, shutil, subprocess, sys
from pathlib import Path
from localdb.errors import WardlampError
from localdb.house import open_house
from localdb.sources.filling import fill
from tests.flows.copies import digest, strays
from tests.made import NOW, SECRET, nhs_number
source, disk, folder, units = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
NOTE = {"happened": "2026-11-24T03:10:00+00:00", "text": "Seen."}

def mount(*options):
    # Left to itself, mount repeats ids that a plain user's namespace lacks.
    subprocess.run(["mount", "--options-mode", "ignore", *options, str(disk)], check=True)

def code_of(act):
    try:
        act()
    except WardlampError as error:
        return error.code
    return "none"

def stuff(leave):
    # Fills the disk but for `leave` bytes, as other people's files do.
    free = shutil.disk_usage(disk).free
    with open(disk / "others", "wb") as file:
        file.write(bytes(max(0, free - leave)))

def opened():
    return open_house(disk / "vault", SECRET, clock=lambda: NOW)

def enter(text):
    numbers.append(house.enter("note", nhs_number(1), NOTE | {"text": text}).number)

mount("-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs")
shutil.copytree(source, disk / "vault")
house, said, numbers = opened(), {}, []
enter("before")
first = digest(house)
"""
FULL = """
stuff(300_000)
said["fill"] = code_of(lambda: house.fill([folder], source="lims"))
said["fill_same"] = digest(house) == first
house.close()
(disk / "others").unlink()
house = opened()
with house.intake() as intake:  # all is taken in, and the disk fills up before the cut
    fill(intake, [folder], source="lims", processes=0)
stuff(400_000)
said["cut"] = code_of(house.cut)
said["cut_same"] = digest(house) == first
house.close()
(disk / "others").unlink()
house = opened()
stuff(40_000)
while (code := code_of(lambda: enter("long " * 2000))) == "none":
    pass
said["enter"] = code
said["enter_same"] = digest(house) == first
house.close()
(disk / "others").unlink()
house = opened()
"""
PARTWAY = """
# The cut begins with room enough and the disk fills up while its layer is built: its own check is passed by.
import localdb.store.cuts as cuts
with house.intake() as intake:
    fill(intake, [folder], source="lims", processes=0)
stuff(400_000)
cuts.Cutter._need_room = lambda *_: None
said["cut"] = code_of(house.cut)
said["cut_same"] = digest(house) == first
said["parts"] = strays(house)
house.close()
(disk / "others").unlink()
house = opened()
"""
READ_ONLY = """
house.close()
mount("-o", "remount,ro")
house = opened()
said["read"] = digest(house) == first
said["chart"] = house.reading().chart(nhs_number(1)).results.items[0].value
said["fill"] = code_of(lambda: house.fill([folder], source="lims"))
said["cut"] = code_of(house.cut)
said["enter"] = code_of(lambda: enter("refused"))
said["still"] = digest(house) == first
house.close()
mount("-o", "remount,rw")
house = opened()
"""
END = """
report = house.fill([folder], source="lims")
said["went_on"] = report.taken + report.same == report.read == units and digest(house) != first
enter("after")
held = [e.number for e in house.journal.entries()]
said["entries"] = sorted(held) == sorted(numbers) and house.journal.verify().ok
said["strays"] = strays(house)
said["after"] = digest(house)
house.close()
print(json.dumps(said))
"""


def on_a_disk(tmp_path: Path, story: str) -> dict[str, object]:
    """What the story said, and the digest of the same fill on a disk with room ("expected")."""
    if subprocess.run([*AWAY, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine permits no mount namespace, so no small disk can be made")
    house = new_house(tmp_path / "source")
    house.fill([write(tmp_path / "first.json", before())], source="lims")
    house.close()
    units = news(tmp_path / "news")
    for name in ("disk", "temp"):
        (tmp_path / name).mkdir()
    program = [*AWAY, sys.executable, "-c", BEGIN + story + END]
    ran = subprocess.run(
        [*program, str(tmp_path / "source"), str(tmp_path / "disk"), str(tmp_path / "news"), str(units)],
        cwd=ROOT, capture_output=True, env={**os.environ, "TMPDIR": str(tmp_path / "temp")}, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    assert list((tmp_path / "temp").iterdir()) == []
    house = new_house(tmp_path / "roomy")
    house.fill([tmp_path / "first.json"], source="lims")
    house.fill([tmp_path / "news"], source="lims")
    said: dict[str, object] = {**json.loads(ran.stdout), "expected": digest(house)}
    assert house.reading().chart(nhs_number(1)).results.items[0].value == "5.2"  # type: ignore[attr-defined]
    house.close()
    return said


def check_went_on(said: dict[str, object]) -> None:
    assert said["went_on"], said
    assert said["entries"], said
    assert said["strays"] == []
    assert said["after"] == said["expected"]


def test_a_full_disk_loses_nothing_and_the_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, FULL)
    assert [said[k] for k in ("fill", "cut", "enter")] == ["disk.full"] * 3, said
    assert said["fill_same"] and said["cut_same"] and said["enter_same"], said
    check_went_on(said)


def test_a_disk_that_fills_up_while_a_layer_is_built(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, PARTWAY)
    assert (said["cut"], said["cut_same"], said["parts"]) == ("disk.full", True, []), said
    check_went_on(said)


def test_a_read_only_disk_is_read_and_each_writing_says_so(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, READ_ONLY)
    assert [said[k] for k in ("fill", "cut", "enter")] == ["disk.read_only"] * 3, said
    assert (said["read"], said["still"], said["chart"]) == (True, True, "4.1")
    check_went_on(said)
