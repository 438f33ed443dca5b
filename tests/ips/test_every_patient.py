"""Every patient of the data makes a valid summary: a seeded sample of the smaller folders in CI, all in the long run."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.exporting import document_of
from localdb.house import House
from tests.conftest import LONG
from tests.ips.conftest import BUNDLE, read
from tests.ips.definitions import Definitions
from tests.ips.validator import Validator
from tests.made import new_house

SEED = int(os.environ.get("WARDLAMP_SEED", "20261126"))
SMALL = ("fhir/ips", "fhir/ukcore", "fhir/uk-pathology", "fhir/r4-spec-examples")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[House]:
    every = [
        f"{kind}/{p.name}" for kind in ("fhir", "hl7v2") for p in sorted((data_dir / kind).iterdir()) if p.is_dir()
    ]
    made = new_house(tmp_path_factory.mktemp("ips") / "vault")
    for name in [n for n in every if not n.endswith("/hostile")] if LONG else SMALL:
        made.fill([data_dir / name], source=name.rpartition("/")[2], processes=1)
    yield made
    made.close()


def test_the_summary_of_every_patient_is_valid(house: House, held: Definitions) -> None:
    people = house.reading().snapshot.everyone(1_000_000)
    assert len(people) > 20
    chosen = people if LONG else random.Random(SEED).sample(people, 20)
    for view in chosen:
        found = document_of(house, view.id)
        bundle = read(found.data)
        assert Validator(held, bundle).issues(bundle, BUNDLE) == [], view.id
        assert found.counts["Composition"] == found.counts["Patient"] == 1
