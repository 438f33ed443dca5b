"""The feeding machine as a site sets it up: its own secret, an engine, a folder of tables and one of prints, its health.

One real process reads all of them; what it writes to its log names no patient.
"""

from __future__ import annotations

import json
import re
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localdb.house import open_house
from localdb.vault.staff import add_feed
from tests.conftest import ROOT
from tests.flows.feeding import story
from tests.flows.feeding.serving import Service, free_port
from tests.flows.feeding.test_beside_the_feed import chart, send
from tests.made import SECRET
from tests.unit.sources.printed.test_printed import pdf

FEEDS = ROOT / "resources" / "feeds"
TABLE = (FEEDS / "laboratory.csv").read_bytes()
LETTER = pdf(("Name: Example, Zoë Ann", "Born 03/04/1970", "Hospital number 0012345", "Seen in clinic for wheeze."))
PRINTED = "0012345_DISCH_20261120_1405.pdf"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Service]:
    """The late folder does not exist when the service starts."""
    made = Service(tmp_path)
    made.health = free_port()
    folders = {name: tmp_path / name for name in ("tables", "prints", "late")}
    for name in ("tables", "prints"):
        folders[name].mkdir()
    made.folders = folders
    house = open_house(made.vault, SECRET)
    mappings = {name: tomllib.loads((FEEDS / f"{name}.toml").read_text("utf-8")) for name in ("laboratory", "printed")}
    ways = [
        {"name": "tables", "kind": "tables", "mapping": "laboratory"},
        {"name": "prints", "kind": "pdf", "mapping": "printed"},
        {"name": "late", "kind": "folder"},
    ]
    feeds = [*house.site["feeds"], *({**w, "source": "lims", "folder": str(folders[w["name"]])} for w in ways)]
    house.set_site({"feeds": feeds, "mappings": mappings, "feeding": {"health": f"127.0.0.1:{made.health}"}})
    secret, _ = add_feed(made.vault, house.keys)
    house.close()
    (tmp_path / "secret").write_bytes(bytes(secret) + b"\n")  # from here on the service has no other one
    made.start()
    yield made
    assert made.stop() == 0


def health(machine: Service) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{machine.health}/", timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def until(fact: Callable[[], bool], what: str, limit: float = 60.0) -> None:
    waiting, end = threading.Event(), time.monotonic() + limit
    while not fact():
        assert time.monotonic() < end, what
        waiting.wait(0.1)


def drop(machine: Service, folder: str, name: str, data: bytes) -> None:
    """As a careful sender does: written beside, then put in place whole."""
    place: Path = machine.folders[folder]
    part = place.parent / f"{name}.writing"
    part.write_bytes(data)
    part.rename(place / name)


def taken(machine: Service, feed: str) -> int:
    return next(f["read"] for f in health(machine)[1]["feeds"] if f["name"] == feed)


def test_a_machine_with_everything_runs_on_its_own_secret_and_its_log_names_nobody(machine: Service) -> None:
    until(lambda: health(machine)[0] == 503, "a folder that is not there is not well")
    status, said = health(machine)
    assert (status, said["ok"]) == (503, False)
    assert any("late" in words for words in said["wrong"]), said["wrong"]

    machine.folders["late"].mkdir()
    until(lambda: health(machine)[0] == 200, "the folder came, and the feed did not")

    t = story.Teller()
    admitted, result = t.adt("A01"), t.result("P1", "F1", story.UE, (story.potassium("6.1", "F", "H"),))
    assert send(machine, admitted, result) == ["AA", "AA"]
    drop(machine, "tables", "results.csv", TABLE)
    until(lambda: taken(machine, "tables") > 0, "the table was not read")
    drop(machine, "prints", PRINTED, LETTER)
    until(lambda: taken(machine, "prints") > 0, "the print was not read")
    until(lambda: _has(machine, "0012345", "documents"), "the letter did not reach the copy")

    values = {r["text"]: (r["comparator"], r["value"]) for r in chart(machine, "0012345")["results"]["items"]}
    assert values["Potassium"] == (None, "5.10")
    assert values["C-reactive protein"] == ("<", "5")
    assert values["Sodium"] == (None, "138"), "the corrected row holds"
    assert [d["text"] for d in chart(machine, "0012345")["documents"]["items"]] == ["Discharge summary"]
    assert [r["value"] for r in chart(machine, t.mrn)["results"]["items"]] == ["6.1"]
    assert not list(machine.folders["tables"].glob("*.csv")), "what is durable leaves the folder"

    log = "\n".join(json.dumps(line) for line in machine.log).casefold()
    assert log.count('"event"') > 3, "the log was not read at all"
    assert [v for v in said_of_patients(admitted, result) if v in log] == []


def _has(machine: Service, number: str, listing: str) -> bool:
    house = open_house(machine.vault, SECRET)
    try:
        reading = house.reading()
        try:
            return bool(reading.find(number)) and bool(reading.chart(number).lists[listing].items)
        finally:
            reading.close()
    finally:
        house.close()


def said_of_patients(*messages: bytes) -> set[str]:
    """Every component of PID, PV1 and OBX-5 of the messages, every patient's cell of the table, the words of the print:
    whatever is long enough to be somebody's."""
    found: set[str] = set()
    for message in messages:
        for segment in message.decode().split("\r"):
            if segment.startswith(("PID|", "PV1|")):
                found |= set(re.split(r"[|^~&]", segment))
    head, *rows = TABLE.decode("cp1252").splitlines()
    people = [
        n for n, name in enumerate(head.split(";")) if name in ("Hosp No", "NHS No", "Surname", "Forenames", "DoB")
    ]
    found |= {row.split(";")[n].strip('"') for row in rows for n in people}
    found |= {"zoë ann", "wheeze", "0012345", PRINTED}
    return {v.casefold() for v in found if len(v) >= 4 and v not in ("NORTH",)}
