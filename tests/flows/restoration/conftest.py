"""The targets of restoration: the simulator, each broken promise, the npm router and, if FHIR_BASE is set, that server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localdb.restore import Target
from tests.flows.restoration.counting import Client
from tests.flows.restoration.ward import patient
from tests.servers.fhir_simulator import Faults, Hospital, simulator
from tests.servers.fhir_store import Breaks
from tests.servers.router import router

#: Servers that break a promise and still must end with everything confirmed once.
BROKEN: dict[str, tuple[Breaks, Faults]] = {
    "whole": (Breaks(), Faults()),
    "batch_for_transaction": (Breaks(transaction_is_batch=True), Faults()),
    "no_rollback": (Breaks(no_rollback=True), Faults()),
    "ignores_if_match": (Breaks(ignores_if_match=True), Faults()),
    "always_creates": (Breaks(always_creates=True), Faults()),
    "opaque_versions": (Breaks(opaque_versions=True), Faults()),
    "no_location": (Breaks(no_location_in_bundles=True), Faults()),
    "no_history": (Breaks(no_history=True), Faults()),
    "no_commas": (Breaks(no_commas=True), Faults()),
    "at_most_eight": (Breaks(most_conditional=8), Faults()),
    "small_pages": (Breaks(page=2), Faults()),
    "late_index": (Breaks(lag=7), Faults()),
    "no_transactions": (Breaks(no_transactions=True), Faults()),
    "no_bundles": (Breaks(no_bundles=True), Faults()),
    "loses_every_second": (Breaks(), Faults(every=(2, "lose_after"))),
    "loses_and_always_creates": (Breaks(always_creates=True), Faults(every=(2, "lose_after"))),
    "loses_before": (Breaks(), Faults(every=(2, "lose_before"))),
    "resets": (Breaks(), Faults(every=(2, "reset_after"))),
    "cuts_answers": (Breaks(), Faults(every=(2, "cut_body"))),
    "garbage": (Breaks(), Faults(every=(2, "garbage"))),
    "web_page_500": (Breaks(), Faults(every=(2, "html_500"))),
    "taken_then_500": (Breaks(), Faults(every=(2, "html_500_after"))),
    "busy_429": (Breaks(), Faults(every=(2, "429"))),
    "busy_503": (Breaks(), Faults(every=(2, "503"))),
    "taken_then_503": (Breaks(), Faults(every=(2, "503_after"))),
    "slow": (Breaks(), Faults(slow=0.02)),
    "as_one_real_server": (
        Breaks(transaction_is_batch=True, opaque_versions=True, most_conditional=8, no_location_in_bundles=True),
        Faults(every=(3, "lose_after")),
    ),
}


@dataclass
class Place:
    """One target under test. `run` is part of each number and id, so that a server may be used again."""

    name: str
    base: str
    run: str
    client: Client
    token_file: Path | None = None
    hospital: Hospital | None = None

    def target(self, **more: Any) -> Target:
        """A target that does not really wait where the server is ours."""
        return Target(self.base, self.token_file, **({"pause": _no_wait} if self.hospital else {}), **more)


def _no_wait(_: float) -> None:
    """The simulator's late index counts requests, not seconds."""


@contextmanager
def place(name: str, base: str, hospital: Hospital | None = None, token_file: Path | None = None) -> Iterator[Place]:
    run = uuid.uuid4().hex[:8] if hospital is None else "test"
    token = token_file.read_text().strip() if token_file else ""
    yield Place(name, base, run, Client(base, token), token_file, hospital)


@contextmanager
def simulated(name: str) -> Iterator[Place]:
    breaks, faults = BROKEN[name]
    quiet = Faults(slow=faults.slow)
    with simulator(Breaks(**vars(breaks)), quiet) as hospital, place(name, hospital.base, hospital) as made:
        hospital.admit(patient(0, "test"), patient(1, "test"))
        hospital.store.tick += breaks.lag
        hospital.faults = Faults(every=faults.every, slow=faults.slow)
        yield made


@pytest.fixture(scope="session")
def npm_router() -> Iterator[str]:
    with router() as base:
        yield base


_REAL = ["npm_router", *(["FHIR_BASE"] if os.environ.get("FHIR_BASE") else [])]


@pytest.fixture(params=[*BROKEN, *_REAL])
def there(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Each target in turn; a server of our own already holds the two patients, any other gets them from the client."""
    name = request.param
    if name in BROKEN:
        with simulated(name) as made:
            yield made
        return
    token_file = (
        Path(os.environ["FHIR_TOKEN_FILE"]) if name == "FHIR_BASE" and "FHIR_TOKEN_FILE" in os.environ else None
    )
    base = os.environ["FHIR_BASE"] if name == "FHIR_BASE" else request.getfixturevalue("npm_router")
    with place(name, base, token_file=token_file) as made:
        for n in (0, 1):
            made.client.create(patient(n, made.run))
        yield made
