"""kill -9 at seeded random moments while senders send: what was acknowledged is there, and once (issue 5)."""

import random
import subprocess

import pytest

from tests.conftest import LONG
from tests.flows.feeding.serving import PEOPLE, Sender, Service
from tests.made import nhs_number

KILLS = 200 if LONG else 6
SENDERS = 8
SEED = 20261126
# Acknowledges first and commits then: what the whole design of the feed is to prevent.
EARLY = """
import asyncio
from localdb.sources.feed.listening import MllpStation
from localdb.sources.mllp.exchange import Answer
async def early(self, batch):
    asyncio.get_running_loop().run_in_executor(self._reader, self._durable, batch)
    return [Answer(code="AA")] * len(batch)
MllpStation._take = early
"""


def under_load(service, kills):
    """Senders that were at work while the service was killed so many times, and that got their answers at the end."""
    rng = random.Random(SEED)
    senders = [Sender(service.port, who) for who in range(SENDERS)]
    service.start()
    for sender in senders:
        sender.start()
    try:
        for _ in range(kills):
            wait_a_while(rng.uniform(0, 1.2), service)
            service.kill()
            service.start()
        for sender in senders:
            sender.ending.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
        assert service.stop() == 0
    finally:
        for sender in senders:
            sender.ending.set()
        if service.process.poll() is None:
            service.kill()
    return senders


def wait_a_while(seconds, service):
    """A moment under load; ends at once, and fails, if the service ends by itself."""
    try:
        status = service.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"the service ended by itself with {status}: {service.log[-3:]}")


def in_the_intake(house):
    """Control ids of the units, ids that have more than one fact, and how much was set aside or replaced."""
    with house.intake() as intake:
        units = [s.split("|")[2] for (s,) in intake.connection.execute("select source_id from unit")]
        twice = intake.connection.execute(
            "select id from fact where kind='result' group by id having count(*)>1"
        ).fetchall()
        kinds = {k for (k,) in intake.connection.execute("select distinct kind from fact")}
        odd = sum(intake.connection.execute(f"select count(*) from {t}").fetchone()[0] for t in ("aside", "former"))
    assert "result" in kinds, kinds
    return units, twice, odd


def test_no_acknowledged_message_is_missing_and_none_is_taken_twice(tmp_path):
    service = Service(tmp_path)
    senders = under_load(service, KILLS)
    acknowledged = [c for s in senders for c in s.acknowledged]
    assert not [s.refused for s in senders if s.refused]
    assert sum(s.resent for s in senders) > 0, "no kill met a message on its way: the test shows nothing"
    assert len(acknowledged) == len(set(acknowledged)) > KILLS
    assert not [line for line in service.log if line.get("event") in ("no json", "not_taken")]
    house = service.opened()
    units, twice, odd = in_the_intake(house)
    missing = set(acknowledged) - set(units)
    assert not missing, f"{len(missing)} acknowledged messages are not in the intake, seed {SEED}"
    assert len(units) == len(set(units)) and not twice, f"taken twice, seed {SEED}"
    assert not odd
    shown = [r.source_id for n in range(PEOPLE) for r in house.reading().chart(nhs_number(n)).results.items]
    assert len(shown) == len(set(shown)) == len(units)
    print(f"{KILLS} kills, seed {SEED}: {len(acknowledged)} acknowledged, {len(units)} held, none missing, none double")
    house.close()


@pytest.mark.skipif(not LONG, reason="minutes of kills to show that the test above can fail")
def test_an_acknowledgement_before_the_commit_is_noticed(tmp_path):
    service = Service(tmp_path, EARLY)
    senders = under_load(service, 12)
    house = service.opened()
    units, _, _ = in_the_intake(house)
    house.close()
    assert {c for s in senders for c in s.acknowledged} - set(units)
