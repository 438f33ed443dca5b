"""The feeding machine at work: a result sent is soon read, commands go on beside it, nothing is lost over a stop."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import answer, main
from localdb.errors import WardlampError
from localdb.house import open_house
from tests.flows.feeding import story
from tests.flows.feeding.serving import Service, free_port
from tests.made import SECRET, person, write


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path).start()
    yield made
    made.stop()


def chart(service: Service, number: str) -> dict[str, Any]:
    house = open_house(service.vault, SECRET)
    try:
        return answer.chart(house.reading().chart(number))
    finally:
        house.close()


def until_cut(service: Service, seen: int, limit: float = 15.0) -> None:
    """Waits until the service has made a cut that wrote somebody, since it had logged `seen` lines (the feed's promise:
    within 15 s of a change)."""
    waiting, end = threading.Event(), time.monotonic() + limit
    while not any(said.get("event") == "cut" and said.get("written") for said in service.log[seen:]):
        assert time.monotonic() < end, f"no cut within {limit} s: {service.log[seen:]}"
        waiting.wait(0.05)


def send(service: Service, *messages: bytes) -> list[str]:
    """The acknowledgement codes of messages sent one after another over one connection."""
    codes = []
    with socket.create_connection(("127.0.0.1", service.port), 30) as line:
        for message in messages:
            line.sendall(b"\x0b" + message + b"\x1c\r")
            said = b""
            while not said.endswith(b"\x1c\r"):
                said += line.recv(65536)
            codes.append(said.split(b"\rMSA|", 1)[1].split(b"|", 1)[0].decode())
    return codes


def test_a_result_that_was_sent_is_soon_read(service: Service) -> None:
    t, seen = story.Teller(), len(service.log)
    sent = [t.adt("A01"), t.result("P1", "F1", story.UE, (story.potassium("6.1", "F", "H"),))]
    assert send(service, *sent) == ["AA", "AA"]
    until_cut(service, seen)
    said = chart(service, t.mrn)
    assert [(r["value"], r["flag"]) for r in said["results"]["items"]] == [("6.1", "H")]
    assert said["patient"]["ward"] == "ASH"


def test_commands_go_on_beside_the_feed(service: Service, tmp_path: Path) -> None:
    """A fill is handed over and reports as ever; what was set aside is listed and shown; people are joined by hand."""
    t = story.Teller()
    nobody = t.adt("A01").replace(t.pid().split("|")[3].encode(), b"")
    assert send(service, t.adt("A01"), t.adt("A04", mrn=t.second, visit="V2", nhs=False), nobody) == ["AA", "AA", "AR"]
    house = open_house(service.vault, SECRET)
    try:
        report = house.fill([write(tmp_path / "in" / "a.json", [person(1), person(2)])], source="epr")
        assert (report.read, report.taken) == (2, 2) and report.generation
        listed, total = house.aside() or ([], 0)
        assert (total, [i["code"] for i in listed]) == (1, ["hl7.no_patient"])
        assert house.aside_bytes(int(str(listed[0]["id"]))) == nobody
        assert house.aside_counts()[0] == {("lims", "hl7.no_patient"): 1}
        reading = house.reading()
        one, other = reading.resolve(t.mrn), reading.resolve(t.second)
        assert one != other
        assert house.join(one, other) is True
        assert house.reading().resolve(t.mrn) == house.reading().resolve(t.second)
        assert house.part(one, other) is True
        assert house.reading().resolve(t.mrn) != house.reading().resolve(t.second)
    finally:
        house.close()


def test_a_stop_loses_nothing_and_a_start_goes_on(service: Service) -> None:
    messages = story.tell()
    assert send(service, *messages[:8]) == ["AA"] * 8
    assert service.stop() == 0
    service.start()
    seen = len(service.log)
    assert send(service, *messages) == ["AA"] * len(messages), "an engine that replays its queue is answered alike"
    until_cut(service, seen)
    said = chart(service, story.Teller().mrn)
    assert sorted((r["text"], r["value"]) for r in said["results"]["items"]) == [
        ("Haemoglobin", None), ("Potassium", "3.9"), ("Potassium", "4.4"),
    ]  # fmt: skip


def test_the_log_and_the_health_hold_nobody(tmp_path: Path) -> None:
    made, port, drop = Service(tmp_path), free_port(), tmp_path / "drop"
    drop.mkdir()
    house = open_house(made.vault, SECRET)
    engine = house.site["feeds"][0]
    folder = {"name": "drop", "source": "ward", "kind": "folder", "folder": str(drop)}
    house.set_site({"feeds": [engine, folder], "feeding": {"health": f"127.0.0.1:{port}"}})
    house.close()
    made.start()
    t, seen = story.Teller(3), len(made.log)
    try:
        odd = t.adt("A01").replace(b"Okafor^Adaeze", b"Okafor\\X41\\|^^~&Adaeze").replace(b"PV1|", b"PV1|||||")
        send(made, t.adt("A01"), odd, t.merge(), b"no message at all Okafor", t.adt("A29"))
        (drop / "batch.tmp").write_bytes(b"FHS|^~\\&|x\rBHS|^~\\&|x\r" + story.Teller(4).adt("A01") + b"BTS|1\rFTS|1\r")
        (drop / "batch.tmp").rename(drop / "Okafor Adaeze.hl7")
        waiting, end = threading.Event(), time.monotonic() + 60
        while any(drop.iterdir()):
            assert time.monotonic() < end, list(drop.iterdir())
            waiting.wait(0.05)
        until_cut(made, seen, 60)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answered:
            told = answered.read().decode()
        assert answered.status == 200 and json.loads(told)["ok"] is True
    finally:
        assert made.stop() == 0
    written = told + json.dumps(made.log)
    marks = ["Okafor", "OKAFOR", "Adaeze", "19580214", "Mill Lane", "7946", t.mrn, t.second, t.nhs, story.Teller(4).mrn]
    assert [m for m in marks if m in written] == []
    assert chart(made, story.Teller(4).mrn)["patient"]["ward"] == "ASH", "the dropped batch was taken"


def test_the_machines_own_secret_feeds_and_opens_no_chart(tmp_path: Path) -> None:
    from localdb.vault import slots

    assert slots.FEED == "feed"
    made = Service(tmp_path)
    secret = tmp_path / "feed.secret"
    common = ["--vault", str(made.vault), "--secret-file", str(tmp_path / "secret")]
    assert main(["slot", "add-feed", "--secret-out", str(secret), *common]) == 0
    house = open_house(made.vault, secret.read_bytes().strip())
    try:
        assert house.fill([write(tmp_path / "in" / "a.json", [person(1)])], source="epr").taken == 1
        for act in (house.reading, lambda: house.declare("lims", "down", house.now()), lambda: house.aside_bytes(1)):
            with pytest.raises(WardlampError) as refused:
                act()
            assert refused.value.code == "vault.not_permitted"
    finally:
        house.close()
