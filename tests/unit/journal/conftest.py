"""One furnished vault made once, copied for each test; identities and bodies that the tests write."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localdb.chart.views import Identity
from localdb.journal.book import Journal
from localdb.journal.opening import create_journal, open_journal
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName, Identifier
from localdb.vault.creation import create_vault
from localdb.vault.keys import Keys
from localdb.vault.unlocking import keys_from_pipe, unlock
from tests.conftest import Clock

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
WHEN = "2026-11-24T02:55:00+00:00"
NHS = Identifier(system="https://fhir.nhs.uk/Id/nhs-number", value="9990000018", type="NH")
ANN = Identity(
    patient="PAAAAAAAAAAAA1",
    ids=("PAAAAAAAAAAAA1", "PAAAAAAAAAAAA2"),
    name=HumanName(family="Test", given=("Ann",), prefix=("Mrs",)),
    born=read_moment("1950-03-31"),
    gender="female",
    nhs="9990000018",
    identifiers=(NHS,),
)
BEN = Identity(patient="PBBBBBBBBBBBB1", ids=("PBBBBBBBBBBBB1",), name=HumanName(family="Test", given=("Ben",)))
NOTE = {"happened": WHEN, "text": "Seen on the round. "}
PHONED = {
    "collected": "2026-11-24T01:40:00+00:00",
    "test": "Potassium",
    "value": "6.80",
    "unit": "mmol/L",
    "caller": {"name": "J Okafor", "role": "BMS", "ext": "4410"},
    "read_back": True,
}
OBSERVATIONS = {
    "happened": WHEN,
    "items": [
        {"code": "8867-4", "value": "112", "unit": "/min"},
        {"code": "85354-9", "components": [{"code": "8480-6", "value": "98", "unit": "mmHg"}]},
    ],
}
REQUEST = {
    "happened": WHEN,
    "kind": "laboratory",
    "tests": ["FBC", "U&E"],
    "priority": "urgent",
    "reason": "Drowsy",
    "phone": "2217",
}
CLOSURE = {
    "happened": WHEN,
    "requests": ["R0123456789ABC", "RZYXWVTSRQPNMK"],
    "outcome": "re-collected",
    "test": "Blood cultures, 2 sets",
    "numbers": ["L20477181"],
    "note": "First set lost on the way. ",
}
REGISTRATION = {
    "happened": WHEN,
    "sex": "male",
    "number": "RPH4830172W",  # CLINICAL §7.3
    "temporary_name": {"family": "Foxtrot", "given": "Whisky"},
    "estimated_year": 1986,
    "location": {"ward": "Ash Ward", "bed": "B3"},
    "next_of_kin": {"name": "A friend", "phone": "07700 900123"},
    "alerts": ["Wears two hearing aids. "],
}
IDENTIFICATION = {
    "happened": WHEN,
    "matched_by": ["Tess Outsider", "Sam Clerk"],
    "evidence": "Passport, and his sister on the telephone. ",
    "number": "RPH4830172W",
    "nhs": "9990000018",
    "mrn": "H204",
}
EVALUATION = {
    "happened": WHEN,
    "examination": "CT head",
    "seen_on": "other",
    "device": "the scanner's own screen",
    "findings": "No bleed seen. ",
    "study": "1.2.826.0.1.3680043.2.1",
    "accession": "A77",
    "records": ["R0123456789ABC"],
    "done": "2026-11-24",
    "action": "Aspirin given",
    "role": "ST3, 7654321",
    "phoned": {"to": "Dr Rahman", "at": WHEN},
}
COMPARISON = {
    "happened": WHEN,
    "evaluation": "E0123456789ABC",
    "outcome": "differs",
    "report": "R0123456789ABC",
    "examination": "CT head",
    "reported": "2026-11-24T02:00:00+00:00",
    "words": "A small subdural on the left. ",
    "told": "Dr Rahman",
}
MOVE = {
    "happened": WHEN,
    "study": "1.2.826.0.1.3680043.2.1",
    "from": "P0123456789ABC",
    "reason": "The wrong band was scanned. ",
    "series": ["1.2.826.0.1.3680043.2.1.1"],
    "shown": {"patient": "P0123456789ABC", "ids": ["P0123456789ABC"], "mrn": "RPH4830172W"},
    "examination": "CT head",
    "moved_by": ["Tess Outsider", "Sam Second"],
}
BODIES = {
    "note": NOTE,
    "phoned_result": PHONED,
    "observations": OBSERVATIONS,
    "request": REQUEST,
    "closure": CLOSURE,
    "registration": REGISTRATION,
    "identification": IDENTIFICATION,
    "evaluation": EVALUATION,
    "comparison": COMPARISON,
}
"""What `append_entry` takes; images are moved by a door of their own."""
ALL: dict[str, Any] = {**BODIES, "image_move": MOVE}


def make_vault(folder: Path, device: str, clock: Callable[[], datetime]) -> bytes:
    """A furnished vault; its keys as for a pipe."""
    create_vault(
        folder, "Tess Outsider", b"12345678", device, kdf="floor", furnish=lambda p, k: create_journal(p, k, clock)
    )
    return unlock(folder, b"12345678").to_pipe()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    folder = tmp_path_factory.mktemp("made") / "vault"
    return folder, make_vault(folder, "K95", lambda: NOW)


@pytest.fixture(scope="session")
def made_other(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A second laptop."""
    folder = tmp_path_factory.mktemp("other") / "vault"
    return folder, make_vault(folder, "M07", lambda: NOW)


@pytest.fixture
def folder(made: tuple[Path, bytes], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made[0], tmp_path / "vault"))


@pytest.fixture
def keys(made: tuple[Path, bytes], folder: Path) -> Keys:
    return keys_from_pipe(made[1], folder)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def journal(folder: Path, keys: Keys, clock: Clock) -> Iterator[Journal]:
    opened = open_journal(folder, keys, clock)
    yield opened
    opened.close()


@pytest.fixture
def other(made_other: tuple[Path, bytes], tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    """The journal of a second laptop."""
    folder = Path(shutil.copytree(made_other[0], tmp_path / "other"))
    opened = open_journal(folder, keys_from_pipe(made_other[1], folder), clock)
    yield opened
    opened.close()
