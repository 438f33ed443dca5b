"""ADT, results, a correction, a withdrawal, a merge and a cut network, in any order of arrival: one chart comes out.

What must come out follows from the story and HL7 v2 chapters 3 and 7, not from our own output; then every shuffle (a
seed each) must equal it. A cut network is a stretch that comes late and twice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import answer
from localdb.house import House
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import SourceProfile
from tests.flows.feeding import story
from tests.made import new_house

PROFILE = SourceProfile()


def deliver(house: House, messages: Sequence[bytes], source: str = "engine") -> list[str]:
    """Each message alone, committed alone, then a cut. Returns the outcomes."""
    outcomes = []
    with house.intake() as intake:
        for n, message in enumerate(messages):
            outcomes += [o.outcome for o in intake.take(read_messages(f"{n}.hl7", message, source, PROFILE))]
            intake.commit()
    house.cut()
    return outcomes


def chart_of(house: House, number: str) -> dict[str, Any]:
    """The chart as `chart --json` gives it, without what tells of this reading and this copy only."""
    reading = house.reading()
    try:
        said = answer.chart(reading.chart(number))
    finally:
        reading.close()
    return {k: v for k, v in said.items() if k not in ("generation", "read_at", "sources", "held_since")}


def arrival(messages: Sequence[bytes], seed: int) -> list[bytes]:
    """Shuffled, with a stretch that a cut network held back and its engine then sent twice."""
    rng = random.Random(seed)
    order = list(messages)
    rng.shuffle(order)
    start = rng.randrange(len(order))
    held = order[start : start + rng.randrange(1, 6)]
    rest = order[:start] + order[start + len(held) :]
    return rest + held + rng.sample(held, len(held))


def values(chart: dict[str, Any], text: str) -> list[tuple[str, str | None]]:
    return sorted((i["status"], i["value"]) for i in chart["results"]["items"] if i["text"] == text)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The chart when everything arrives once and in order."""
    house = new_house(tmp_path_factory.mktemp("told") / "vault")
    try:
        outcomes = deliver(house, story.tell())
        assert outcomes == ["taken"] * len(outcomes)
        return chart_of(house, story.Teller().mrn)
    finally:
        house.close()


def test_the_stay_as_it_was_told(told: dict[str, Any]) -> None:
    t = story.Teller()
    patient = told["patient"]
    assert (patient["ward"], patient["bed"]) == ("BIRCH", "1 A")
    assert patient["phones"] == ["020 7946 0002"]
    assert {i["value"] for i in patient["identifiers"]} >= {t.mrn, t.second, t.nhs}
    here = [s for s in told["stays"]["items"] if s["status"] == "in-progress" and s.get("ward") == "BIRCH"]
    assert len(here) == 1 and here[0].get("ended") is None, "the discharge was cancelled (A13)"
    assert values(told, "Potassium") == [("corrected", "4.4"), ("final", "3.9")]
    corrected = next(i for i in told["results"]["items"] if i["status"] == "corrected")
    assert [f["value"] for f in corrected["replaces"]] == ["5.9", "5.7"]
    assert corrected["comments"] == ["Sample was haemolysed"]
    withdrawn = next(i for i in told["results"]["items"] if i["text"] == "Haemoglobin")
    assert withdrawn["status"] == "entered-in-error" and not withdrawn["value"]
    assert [a["text"] for a in told["allergies"]["items"]] == ["Penicillin"]
    assert told["allergies"]["state"] == "known"
    open_ = [r for r in told["requests"]["items"] if r["status"] in ("active", "draft", "on-hold")]
    assert open_ == [], "both requests were answered"
    ordered = [r["said"]["text"] for r in told["requests"]["items"] if r["said"]]
    assert sorted(ordered) == ["20261123080200", "20261123080300"], "when they were ordered (ORC-9)"


@pytest.mark.parametrize("seed", range(12))
def test_any_order_gives_the_same_chart(told: dict[str, Any], tmp_path: Path, seed: int) -> None:
    same_chart(told, tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12, 300))
def test_any_order_gives_the_same_chart_many(told: dict[str, Any], tmp_path: Path, seed: int) -> None:
    same_chart(told, tmp_path, seed)


def same_chart(told: dict[str, Any], folder: Path, seed: int) -> None:
    house = new_house(folder / "vault")
    try:
        messages = story.tell()
        outcomes = deliver(house, arrival(messages, seed))
        assert outcomes.count("taken") + outcomes.count("older") == len(messages)
        assert outcomes.count("same") == len(outcomes) - len(messages)
        t = story.Teller()
        assert chart_of(house, t.mrn) == told
        assert chart_of(house, t.second) == told, "the merged number finds the same person"
    finally:
        house.close()


def test_a_merge_is_undone_by_a37(tmp_path: Path) -> None:
    t = story.Teller()
    messages = [
        t.adt("A01"),
        t.adt("A04", mrn=t.second, visit="V2", nhs=False),
        t.merge(),
        t.unmerge(),
    ]
    for name, order in (("in order", messages), ("undone first", [messages[3], *messages[:3]])):
        house = new_house(tmp_path / name)
        try:
            deliver(house, order)
            one, other = chart_of(house, t.mrn), chart_of(house, t.second)
            assert one["patient"]["id"] != other["patient"]["id"]
        finally:
            house.close()


def test_sabotage_by_arrival_instead_of_message_time_is_caught(
    told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localdb.records.folding.Telling.place", property(lambda self: (self.arrival,)))
    with pytest.raises(AssertionError):
        for seed in range(12):
            same_chart(told, tmp_path / str(seed), seed)


def test_a_result_posted_to_the_wrong_patient_and_then_to_the_right_one_under_one_number(tmp_path: Path) -> None:
    """W for the one takes nothing from the other, in whatever order the three messages arrive (H08)."""
    wrong, right = story.Teller(1), story.Teller(2, story.START + timedelta(minutes=30))
    number = ("P77", "F77", story.UE)
    first = wrong.result(*number, (story.potassium("6.9", "F", "HH"),))
    again = right.result(*number, (story.potassium("6.9", "F", "HH"),))
    wrong_again = story.Teller(1, story.START + timedelta(minutes=60))
    back = wrong_again.result(*number, (story.potassium("", "W"),), status="C", comment="Wrong patient")
    for n, order in enumerate(permutations((first, again, back))):
        house = new_house(tmp_path / str(n))
        try:
            deliver(house, order)
            assert values(chart_of(house, right.mrn), "Potassium") == [("final", "6.9")]
            (withdrawn,) = chart_of(house, wrong.mrn)["results"]["items"]
            assert withdrawn["status"] == "entered-in-error" and not withdrawn["value"]
        finally:
            house.close()
