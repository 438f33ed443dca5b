"""What awaits the formal report: by number alone, oldest first, and every request stands in one place (H09)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localdb import house as house_module
from localdb.chart import evaluations
from localdb.chart.awaiting import ASKED, DONE, EARLY, Awaiting
from localdb.house import House
from localdb.vault.unlocking import StaffName
from tests.made import NOW, nhs_number, person, stay, ward, write
from tests.unit.reading.test_moved_images import AT, SECOND, STUDY, THEIRS, laid, opened, report, study

FACTS = [*ward(), *(person(n) for n in (1, 2)), *(stay(f"p{n}", n) for n in (1, 2)), study("p1")]
REQUEST: dict[str, Any] = {"happened": "2026-11-24T02:30:00+00:00", "kind": "imaging", "tests": ["Chest X-ray"],
                           "priority": "urgent", "reason": "Short of breath", "phone": "2217"}  # fmt: skip
READING: dict[str, Any] = {"happened": AT, "examination": "CT head", "seen_on": "review", "findings": "No bleed seen.",
                           "study": STUDY, "accession": "A77"}  # fmt: skip


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Two in a ward, a CT of the first one without a report."""
    return laid(tmp_path_factory.mktemp("awaiting"), FACTS)


@pytest.fixture
def house(ground: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(house_module, "prove", lambda path, staff, secret: StaffName(staff, "clinician", "staff", "x"))
    made = opened(ground, tmp_path)
    yield made
    made.close()


def of(house: House, n: int, ward_: str | None = "Ash Ward") -> Awaiting:
    reading = house.reading()
    (found,) = [a for a in reading.awaiting(ward_) if nhs_number(n) == a.patient.nhs]
    reading.close()
    return found


def come(house: House, tmp_path: Path, *facts: dict[str, Any]) -> None:
    house.fill([write(tmp_path / f"{len(list(tmp_path.iterdir()))}.json", facts)], source="epr", processes=1)


def test_a_study_without_a_report_waits_with_or_without_the_wards_own_reading(house: House) -> None:
    (line,) = of(house, 1).lines
    assert (line.state, line.test, line.accession, line.readings) == (DONE, "CT head", "A77", ())
    assert line.hours(NOW) == 2  # done at 01:10, now 03:12
    entry = house.enter("evaluation", nhs_number(1), READING)
    (line,) = of(house, 1).lines
    assert [r.entry.id for r in line.readings] == [entry.entry]
    (flight,) = [f for f in house.reading().flights("Ash Ward") if f.lines]
    assert flight.lines[0].reading.startswith("provisional reading by Tess Tester")
    house.enter("evaluation", nhs_number(1), {**READING, "findings": "Subdural on the left."}, entry.entry)
    (line,) = of(house, 1).lines
    assert [r.entry.body["findings"] for r in line.readings] == ["Subdural on the left."]


def test_the_formal_report_ends_the_wait_and_asks_whether_it_agrees(house: House, tmp_path: Path) -> None:
    entry = house.enter("evaluation", nhs_number(1), READING).entry
    come(house, tmp_path, {**report("p1"), "status": "preliminary"})
    found = of(house, 1)
    assert [line.state for line in found.lines] == [EARLY]
    assert found.asks == 0  # a preliminary report is not the formal one
    come(house, tmp_path, {**report("p1"), "status": "final", "issued": "2026-11-24T02:40:00+00:00"})
    found = of(house, 1)
    assert (found.lines, found.asks) == ((), 1)
    chart = house.reading().chart(nhs_number(1))
    (one,) = evaluations.provisional(chart)
    formal = chart.reports.items[0]
    said = {"happened": AT, "evaluation": entry, "outcome": "differs", "report": formal.id,
            "reported": evaluations.reported(formal), "words": "The report sees a fracture."}  # type: ignore[arg-type]  # fmt: skip
    house.enter("comparison", nhs_number(1), said)
    assert [a for a in house.reading().awaiting("Ash Ward") if a.patient.nhs == nhs_number(1)] == []
    # The department changes its report afterwards: it is to be compared again.
    come(
        house,
        tmp_path,
        {**report("p1"), "status": "amended", "issued": "2026-11-24T03:05:00+00:00", "conclusion": "Old."},
    )
    assert of(house, 1).asks == 1
    assert one.entry.id == entry


def test_a_request_on_paper_is_joined_by_its_serial_or_its_number_and_by_nothing_else(
    house: House, tmp_path: Path
) -> None:
    receipt = house.enter("request", nhs_number(2), REQUEST)
    patient = house.reading().resolve(nhs_number(2))
    serial = house.issue_sheet("F08", 1, patient)
    (line,) = of(house, 2).lines
    assert (line.state, line.test, line.serials) == (ASKED, "Chest X-ray", (serial,))
    # The same examination on the same day under a number of the department's own is not joined by name.
    come(house, tmp_path, {**study("p2", "s3", "1.2.3", "RF-1"), "description": "Chest X-ray"})
    assert sorted(line.state for line in of(house, 2).lines) == [ASKED, DONE]
    grouped = f"{serial[:4]} {serial[4:8]} {serial[8:].lower()}"
    come(house, tmp_path, {**study("p2", "s4", "1.2.4", grouped), "description": "CXR portable"})
    found = of(house, 2)
    assert sorted((line.state, line.test, bool(line.requests)) for line in found.lines) == [
        (DONE, "CXR portable", True), (DONE, "Chest X-ray", False),
    ]  # fmt: skip
    come(house, tmp_path, report("p2", "r4", grouped, "s4"))
    found = of(house, 2)
    assert [(line.test, line.requests[0].number) for line in found.answered] == [("CT head", receipt.number)]
    assert [line.test for line in found.lines] == ["Chest X-ray"]


@pytest.mark.parametrize("number", ["T01-{n}", " t01-{n} "])
def test_the_entrys_own_number_joins_to_the_letter(house: House, tmp_path: Path, number: str) -> None:
    receipt = house.enter("request", nhs_number(2), REQUEST)
    sequence = receipt.number.partition("-")[2]
    come(house, tmp_path, study("p2", "s5", "1.2.5", f"T01{sequence}"))
    assert ASKED in [line.state for line in of(house, 2).lines]
    come(house, tmp_path, study("p2", "s6", "1.2.6", number.format(n=sequence)))
    assert [line.state for line in of(house, 2).lines] == [DONE, DONE]


def test_every_request_stands_in_one_place_whatever_comes(house: House, tmp_path: Path) -> None:
    """Asked = on paper + performed + preliminary + answered + ended (H09)."""
    patient = house.reading().resolve(nhs_number(2))
    made = []
    for n in range(5):
        made.append(house.enter("request", nhs_number(2), {**REQUEST, "tests": [f"Film {n}"]}))
    numbers = [m.number for m in made]
    come(
        house, tmp_path, study("p2", "s1", "1.9.1", numbers[1]), study("p2", "s2", "1.9.2", numbers[2]),
        {**report("p2", "r2", numbers[2], "s2"), "status": "preliminary"}, study("p2", "s3", "1.9.3", numbers[3]),
        report("p2", "r3", numbers[3], "s3"),
    )  # fmt: skip
    house.enter(
        "closure", patient, {"happened": AT, "requests": [made[4].entry], "outcome": "cancelled", "test": "Film 4"}
    )
    found = of(house, 2)
    places = {
        r.number: side
        for side in ("lines", "answered", "ended")
        for line in getattr(found, side)
        for r in line.requests
    }
    assert places == {numbers[0]: "lines", numbers[1]: "lines", numbers[2]: "lines", numbers[3]: "answered",
                      numbers[4]: "ended"}  # fmt: skip
    assert sum(len(line.requests) for side in (found.lines, found.answered, found.ended) for line in side) == 5
    # What the ward asked for on paper was not in flight at the cut: its closing is no line of that list.
    (flight,) = [f for f in house.reading().flights("Ash Ward") if f.patient.nhs == nhs_number(2)]
    assert not any(line.ids[0].startswith("E") for line in flight.lines)


def test_a_reading_follows_the_images_that_are_moved(house: House) -> None:
    house.enter("evaluation", nhs_number(1), READING)
    body = {"happened": AT, "study": STUDY, "from": nhs_number(1), "reason": "Wrong band."}
    house.move_images(nhs_number(2), body, SECOND, THEIRS)
    reading = house.reading()
    assert [a.patient.nhs for a in reading.awaiting("Ash Ward")] == [nhs_number(2)]
    (line,) = of(house, 2).lines
    assert [r.entry.body["findings"] for r in line.readings] == ["No bleed seen."]
