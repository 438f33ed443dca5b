"""Random faults at every request, reading and writing alike: none lost, none double, whatever the seed.

Each seed draws a server (which promises it breaks), a chance of a fault and the kinds of fault, entries with their
corrections, and sends until all is settled. The store is walked directly.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from localdb.restore import Target, send, status
from localdb.restore.errors import NotFhir, Unreachable
from tests.conftest import LONG
from tests.flows.restoration.ward import MemoryLedger, Ward, patient
from tests.servers.fhir_simulator import TAKEN, UNTAKEN, Faults, simulator
from tests.servers.fhir_store import Breaks


@pytest.mark.parametrize("seed", range(400 if LONG else 40))
def test_none_lost_none_double(seed: int) -> None:
    dice = random.Random(seed)
    ward = Ward()
    _write(ward, dice)
    ledger = MemoryLedger(ward.entries)
    kinds = tuple(dice.sample(sorted(TAKEN | UNTAKEN), dice.randint(1, 5)))
    with simulator(_some_breaks(dice)) as hospital:
        hospital.admit(patient(0, "test"), patient(1, "test"))
        hospital.faults = Faults(chance=dice.choice((0.05, 0.2, 0.5)), kinds=kinds, dice=dice)
        for _ in range(60):
            try:
                if send(ledger, Target(hospital.base, pause=lambda _: None)).is_settled:
                    break
            except (Unreachable, NotFhir):  # nothing but garbage came: no FHIR server, as far as it can tell
                continue
            finally:
                assert max(hospital.store.marks().values(), default=1) == 1
                assert max(hospital.store.told().values(), default=1) == 1

        hospital.faults = Faults()  # somebody has mended it
        send(ledger, Target(hospital.base, pause=lambda _: None))
        assert status(ledger).is_settled, [e for e in status(ledger).entries if e.state != "confirmed"]
        assert hospital.store.marks() == Counter(ward.expected())
        assert hospital.store.told() == Counter({e.id: 1 for e in ward.entries})
        corrected = {e.corrects for e in ward.entries if e.corrects}
        for resource in hospital.store.walk():
            for identifier in resource.get("identifier", []) if resource["resourceType"] != "Patient" else []:
                is_corrected = identifier["value"].partition("#")[0] in corrected
                assert (resource["status"] in ("superseded", "entered-in-error")) == is_corrected


def _write(ward: Ward, dice: random.Random) -> None:
    for _ in range(dice.randint(3, 14)):
        kind = dice.choice(("note", "observations", "phoned", "request"))
        alike = [e for e in ward.entries if e.kind == ("phoned_result" if kind == "phoned" else kind)]
        free = [e for e in alike if e.id not in {x.corrects for x in ward.entries}]
        first = dice.choice(free) if free and dice.random() < 0.4 else None
        who = (1 if first.identity and first.identity.mrn == "Htest1" else 0) if first else dice.randint(0, 1)
        getattr(ward, kind)(who=who, corrects=first)


def _some_breaks(dice: random.Random) -> Breaks:
    """Promises whose breaking must not cost anything. A late index is not among them: see the contract tests."""

    def maybe() -> bool:
        return dice.random() < 0.25

    return Breaks(
        transaction_is_batch=maybe(),
        no_rollback=maybe(),
        ignores_if_match=maybe(),
        always_creates=maybe(),
        opaque_versions=maybe(),
        no_location_in_bundles=maybe(),
        no_history=maybe(),
        no_commas=maybe(),
        most_conditional=8 if maybe() else None,
        page=dice.choice((1, 3, 20)),
        no_transactions=maybe(),
        no_bundles=maybe(),
    )
