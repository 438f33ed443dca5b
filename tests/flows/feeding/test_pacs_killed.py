"""kill -9 of our own service while modalities send: every image that was answered with success is held, and once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pynetdicom import build_context
from pynetdicom.sop_class import CTImageStorage

from localdb.sources.dimse.exchange import STORED
from tests.flows.feeding.serving import Service
from tests.flows.feeding.test_killed_under_load import wait_a_while
from tests.unit.sources.dimse.pacs import ROOT_UID, ct
from tests.unit.sources.dimse.peers import Sender

KILLS = 60
SENDERS = 3
pytestmark = pytest.mark.long
SEED = 20261127
# Answers first and commits then: what the listener is to prevent.
EARLY = """
import threading
from localdb.sources.dimse.exchange import STORED, Stored
from localdb.sources.feed.storing import Objects
own = Objects.take
def early(self, received):
    threading.Thread(target=own, args=(self, received), daemon=True).start()
    return Stored(STORED)
Objects.take = early
"""


class Modality(threading.Thread):
    """Sends slices one by one, each again and again until it is answered, over new associations when one breaks."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(name=f"modality {number}")
        self.port, self.number = port, number
        self.answered: list[str] = []
        self.again = 0
        self.ending = threading.Event()

    def run(self) -> None:
        entity = Sender(f"CT{self.number}")
        association, n, sent = None, 1, None
        while not self.ending.is_set():
            if association is None or not association.is_established:
                contexts = [build_context(CTImageStorage, "1.2.840.10008.1.2.1")]
                association = entity.associate("127.0.0.1", self.port, contexts=contexts, ae_title="WARDLAMP")
                if not association.is_established:
                    self.ending.wait(0.05)  # it starts again
                    continue
            sent = sent or dcmread(BytesIO(ct(f"H{self.number}", 100 + self.number, 1, n)))
            try:
                status = association.send_c_store(sent).get("Status")
            except (RuntimeError, ValueError):
                status = None
            if status != STORED:
                self.again += 1
                continue
            self.answered.append(str(sent.SOPInstanceUID))
            sent, n = None, n + 1
        if association is not None and association.is_established:
            association.release()


def under_load(service: Service, kills: int) -> list[Modality]:
    rng = random.Random(SEED)
    modalities = [Modality(service.port, n) for n in range(SENDERS)]
    service.start()
    for modality in modalities:
        modality.start()
    try:
        for n in range(kills):
            before = sum(len(m.answered) for m in modalities)
            until(lambda: sum(len(m.answered) for m in modalities) > before + 2)  # noqa: B023 each waits at once
            wait_a_while(rng.uniform(0, 0.3), service)
            service.kill()
            service.start()
            assert n < kills
        until(lambda: sum(len(m.answered) for m in modalities) > before + 4)
    finally:
        for modality in modalities:
            modality.ending.set()
        for modality in modalities:
            modality.join(60)
        assert not any(m.is_alive() for m in modalities)
        assert service.stop() == 0
    return modalities


def until(fact: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(1200):
        if fact():
            return
        waiting.wait(0.05)
    raise AssertionError("nothing was answered for a minute")


def held(service: Service) -> list[str]:
    """The SOP Instance UIDs of the intake's units, one for each."""
    house = service.opened()
    with house.intake() as intake:
        rows = intake.connection.execute("select source_id from unit").fetchall()
        odd = sum(intake.connection.execute(f"select count(*) from {t}").fetchone()[0] for t in ("aside", "waiting"))
    house.close()
    assert not odd
    return [r[0] for r in rows if r[0].startswith(ROOT_UID)]


def test_no_answered_image_is_missing_and_none_is_held_twice(tmp_path: Path) -> None:
    service = Service(tmp_path, kind="dicom-listen")
    modalities = under_load(service, KILLS)
    answered = [uid for m in modalities for uid in m.answered]
    assert len(answered) == len(set(answered)) > KILLS
    here = held(service)
    assert not set(answered) - set(here), f"answered images are missing, seed {SEED}"
    assert len(here) == len(set(here)), "held twice"
    assert len(here) <= len(answered) + SENDERS, "at most one of each was on its way"


def test_an_answer_before_the_commit_is_noticed(tmp_path: Path) -> None:
    service = Service(tmp_path, EARLY, kind="dicom-listen")
    answered = {uid for m in under_load(service, 10) for uid in m.answered}
    assert answered - set(held(service))
