"""What is asked of a layer of a million must go by an index: one that is not used costs a third of a second each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localdb.house import House
from localdb.store.snapshot import Snapshot
from tests.made import nhs_number, person, result, stay, ward, write


class Overheard:
    """A connection that notes how each question would be answered."""

    def __init__(self, connection: Any) -> None:
        self._connection, self.plans = connection, list[str]()

    def execute(self, sql: str, values: Any = ()) -> Any:
        if sql.startswith("select"):
            self.plans += [r[3] for r in self._connection.execute("explain query plan " + sql, values)]
        return self._connection.execute(sql, values)

    def close(self) -> None:
        self._connection.close()


def scans(house: House) -> list[str]:
    """Whole tables that the questions of a screen would read."""
    snapshot = Snapshot(house.vault, house.keys)
    heard = []
    for layer in (*snapshot.whole, *snapshot.thin):
        layer._remembered()
        layer.connection = Overheard(layer.connection)
        layer._small = None  # as a large layer answers
        heard.append(layer.connection)
    person_id = snapshot.find(nhs_number(1), 10)[0].id
    assert [v.id for v in snapshot.in_ward("Ash Ward")] == [person_id]
    assert [v.id for v in snapshot.with_pending()] == [person_id]
    assert snapshot.wards() == ("Ash Ward",)
    assert snapshot.read(person_id) is not None
    snapshot.close()
    plans = [plan for connection in heard for plan in connection.plans]
    assert len(plans) > 10
    return [p for p in plans if p.startswith("SCAN") and "INDEX" not in p.replace("VIRTUAL TABLE INDEX", "INDEX")]


@pytest.fixture
def ward_house(house: House, tmp_path: Path) -> House:
    asked = {"resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/p1"}, "code": {"text": "U&E"}}  # fmt: skip
    people = [person(1), person(2), person(3), stay("p1", 1), result("k", "p1", "4.1"), asked]
    house.fill([write(tmp_path / "a.json", [*ward(), *people])], source="pas")
    return house


def test_no_question_of_a_screen_reads_a_whole_table(ward_house: House) -> None:
    assert scans(ward_house) == []


def test_sabotage_a_condition_that_no_index_covers_is_seen(ward_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Snapshot, "in_ward", lambda self, ward: list(self._selected("ward=?", "ashward")))
    assert scans(ward_house) != []
