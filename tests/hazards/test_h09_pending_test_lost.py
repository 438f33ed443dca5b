"""H09: a test that was pending when the systems stopped is lost: nobody asks for its result.

Conservation on a real vault: what was in flight at the cut = closed + open, through closings, an undo and newer copies in
which the laboratory answers, forgets or takes back; a result that came closes nothing by itself. The paper is another file.
Sabotage: closed lines dropped; a result taken as the end; orders shown by status alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import localdb.chart.in_flight as rules
from localdb.chart.in_flight import COME, InFlight, Line, closure_body, in_flight
from localdb.house import House
from tests.made import NOW, new_house, nhs_number, person, stay, ward, write

WHEN = "2026-11-24T03:00:00+00:00"
TESTS = ("Blood cultures, 2 sets", "U&E repeat", "CT head", "Legionella antigen, urine")


def order(n: int, status: str = "active") -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": f"q{n}", "status": status, "intent": "order", "priority": "urgent",
        "code": {"text": TESTS[n]}, "subject": {"reference": "Patient/p1"}, "authoredOn": "2026-11-23T20:00:00+00:00",
        "identifier": [{"system": "urn:order", "value": f"L100{n}"}],
    }  # fmt: skip


def answer(n: int, status: str = "final", issued: str = "2026-11-24T02:30:00+00:00") -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport", "id": f"d{n}", "status": status, "code": {"text": TESTS[n]},
        "subject": {"reference": "Patient/p1"}, "issued": issued, "conclusion": "see text",
        "basedOn": [{"reference": f"ServiceRequest/q{n}"}],
    }  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    first = [*ward(), person(1), stay("p1", 1), *(order(n) for n in range(4)), answer(2, "preliminary")]
    made.fill([write(tmp_path / "lims" / "1.json", first)], source="lims")
    made.declare("lims", "down", NOW.replace(hour=2, minute=0))
    yield made
    made.close()


def read(house: House) -> InFlight:
    reader = house.reading()
    try:
        (found,) = reader.flights("Ash Ward")
        chart = in_flight(reader.chart(nhs_number(1)), NOW)
        assert [line.ids for line in chart.lines] == [line.ids for line in found.lines], "ward and patient say the same"
        return found
    finally:
        reader.close()


def close(house: House, line: Line, outcome: str, corrects: str | None = None) -> str:
    body = closure_body(line, outcome, "", WHEN)
    return house.enter("closure", nhs_number(1), body, corrects).entry


def check_conservation(house: House, tmp_path: Path) -> None:
    """Four orders at the cut. Two are closed, one of them opened again; then newer copies come."""
    at_cut = read(house)
    assert sorted(line.test for line in at_cut.lines) == sorted(TESTS)
    by_test = {line.test: line for line in at_cut.lines}
    close(house, by_test["U&E repeat"], "re-collected")
    lost = close(house, by_test["CT head"], "lost")
    now = read(house)
    assert (len(now.closed), len(now.open)) == (2, 2)
    again = next(line for line in now.closed if line.test == "CT head")
    close(house, again, "reopened", corrects=lost)
    now = read(house)
    assert (len(now.closed), len(now.open)) == (1, 3)
    # The laboratory answers one that is open and one that was closed, and takes back its word of a third.
    newer = [order(0, "completed"), answer(0), order(1, "completed"), answer(1), order(3, "active")]
    house.fill([write(tmp_path / "lims" / "2.json", newer)], source="lims")
    now = read(house)
    assert len(now.lines) == len(at_cut.lines), "every line of the cut is still there"
    assert len(now.closed) + len(now.open) == len(at_cut.lines)
    came = next(line for line in now.lines if line.test == TESTS[0])
    assert (came.state, came.is_open) == (COME, True), "a result that came closes nothing by itself"
    ended = next(line for line in now.lines if line.test == "U&E repeat")
    assert not ended.is_open
    # The order that was closed is gone from the copy: its closing is still told.
    house.fill([write(tmp_path / "lims" / "3.json", [order(1, "entered-in-error")])], source="lims")
    now = read(house)
    assert "U&E repeat" in [line.test for line in now.closed]
    assert len(now.closed) + len(now.open) == len(at_cut.lines)


def test_pending_at_the_cut_is_closed_plus_open(house: House, tmp_path: Path) -> None:
    check_conservation(house, tmp_path)


def test_sabotage_when_closed_lines_are_dropped_the_check_fails(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rules._with_closings
    monkeypatch.setattr(
        rules, "_with_closings", lambda lines, entries: tuple(x for x in whole(lines, entries) if x.is_open)
    )
    with pytest.raises(AssertionError):
        check_conservation(house, tmp_path)


def test_sabotage_when_a_result_counts_as_the_end_the_check_fails(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_came_since", lambda request, came, since: False)
    with pytest.raises(AssertionError):
        check_conservation(house, tmp_path)


def test_sabotage_when_an_undo_is_not_heard_the_check_fails(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REOPENED", "nothing")
    with pytest.raises(AssertionError):
        check_conservation(house, tmp_path)


def test_a_closing_without_its_order_in_the_copy_still_says_what_it_was(house: House) -> None:
    line = read(house).lines[0]
    elsewhere = msgspec.structs.replace(line, ids=("R0000000000000",), test="Sent from another laptop")
    close(house, elsewhere, "cancelled")
    assert "Sent from another laptop" in [found.test for found in read(house).closed]
