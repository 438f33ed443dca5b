"""What was written for a temporary patient waits for a person, and the target is not even asked (CLINICAL §7.3, H20)."""

from __future__ import annotations

from typing import Any

import pytest

from localdb.chart.views import Identity
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName, Identifier
from localdb.restore.patients import Patients
from localdb.restore.queue import RANKS

NUMBER = Identifier(system="urn:wardlamp:temporary:rph", value="RPH4830172W", type="MR")


class NoTarget:
    """A target that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("the target was asked")


@pytest.mark.parametrize("nhs", [None, "9990000018"])
def test_a_temporary_number_is_never_looked_up(nhs: str | None) -> None:
    who = Identity(patient="P0123456789ABC", name=HumanName(family="Foxtrot", given=("Whisky",)), nhs=nhs,
                   born=read_moment("1986-01-01"), mrn="RPH4830172W", identifiers=(NUMBER,))  # fmt: skip
    match = Patients(NoTarget()).find(who)  # type: ignore[arg-type]
    assert match.subject == ""
    assert match.reason.startswith("restore.temporary: temporary patient: match first")


def test_who_came_goes_before_what_was_ordered_for_them() -> None:
    """Back-entry order (CLINICAL §7.3): movements before orders, results, observations, documents."""
    assert (
        RANKS["registration"]
        == RANKS["identification"]
        < min(rank for kind, rank in RANKS.items() if kind not in ("registration", "identification"))
    )
