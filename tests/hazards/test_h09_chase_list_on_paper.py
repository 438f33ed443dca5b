"""H09 on paper: every line that was in flight on the ward is on the chase list, and open and closed add up to all.

A real vault: three wards' worth of orders, answers and closings; F30 as it is issued. The check reads the pages as a
person would. Sabotage: closed lines left off; a page that ends early; the list of open requests instead of all lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.forms import catalogue, f30_chase_list
from desktop.printing import issuing
from desktop.printing.issuing import issue, model_of, wanted
from localdb.chart.in_flight import InFlight, Line, closure_body
from localdb.house import House
from tests.made import NOW, new_house, nhs_number, person, stay, ward, write
from tests.unit.forms import checks

PEOPLE, EACH = 6, 7
WHEN = "2026-11-24T03:00:00+00:00"


def order(n: int, k: int, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": f"q{n}-{k}", "status": "active", "intent": "order",
        "code": {"text": f"Test {n}-{k} of the laboratory"}, "subject": {"reference": f"Patient/p{n}"},
        "authoredOn": f"2026-11-2{k % 4}T{8 + k:02d}:00:00+00:00",
        "identifier": [{"system": "urn:order", "value": f"L{n}0{k}"}], **more,
    }  # fmt: skip


def answer(n: int, k: int, status: str) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport", "id": f"d{n}-{k}", "status": status, "code": {"text": f"Report {n}-{k}"},
        "subject": {"reference": f"Patient/p{n}"}, "issued": "2026-11-24T02:30:00+00:00", "conclusion": "see text",
        **({"basedOn": [{"reference": f"ServiceRequest/q{n}-{k}"}]} if k < EACH else {}),
    }  # fmt: skip


CONFIDENTIAL = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}]}
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    first: list[dict[str, Any]] = [*ward(beds=PEOPLE)]
    for n in range(1, PEOPLE + 1):
        first += [person(n), stay(f"p{n}", n), *(order(n, k) for k in range(EACH))]
        first += [answer(n, 2, "preliminary"), answer(n, EACH + 1, "registered")]
    first.append(order(1, 8, **CONFIDENTIAL, code={"text": "Secret test of a clinic"}))
    made.fill([write(tmp_path / "lims" / "1.json", first)], source="lims")
    made.declare("lims", "down", NOW.replace(hour=2, minute=0))
    yield made
    made.close()


def flights(house: House) -> tuple[InFlight, ...]:
    reader = house.reading()
    try:
        return reader.flights("Ash Ward")
    finally:
        reader.close()


def close_some(house: House) -> None:
    for found in flights(house)[:3]:
        for line, outcome in zip(found.open, ("lost", "re-collected"), strict=False):
            house.enter("closure", found.patient.id, closure_body(line, outcome, "", WHEN))


def printed(house: House) -> str:
    (want,) = wanted(house, "F30", patient=None, ward="Ash Ward", blank=0, copies=1)
    model = msgspec.structs.replace(model_of(house, want), serial="W7K3F3000001A")
    rendered = catalogue.render_pack([("F30", model)])
    assert rendered.faults == ()
    assert checks.missing(catalogue.text_model("F30", model), rendered.pdf) == []
    return " ".join(" ".join(checks.page_texts(rendered.pdf)).split())


def check_conservation(house: House) -> None:
    lines: list[Line] = [line for found in flights(house) for line in found.lines]
    text = printed(house)
    bare = checks.squeezed(text)
    lost = [line.test for line in lines if not line.restricted and checks.squeezed(line.test) not in bare]
    assert lost == []
    assert all(checks.squeezed(number) in bare for line in lines for number in line.numbers)
    told = re.search(r"In flight at the cut: (\d+)\. Closed: (\d+)\. Open: (\d+)\.", text)
    assert told is not None
    every, closed, open_ = map(int, told.groups())
    assert every == len(lines) == closed + open_
    assert closed == sum(not line.is_open for line in lines)
    assert text.count("Closed, lost") + text.count("Closed, collected again") == closed
    ages = len(re.findall(r"\d+-Nov \d\d:\d\d \d+hr", text)) + text.count("time not sent")
    assert ages == len(lines), "every line has its time and age, or says that none was sent"


def test_every_line_of_the_ward_is_printed_with_its_age(house: House) -> None:
    lines = [line for found in flights(house) for line in found.lines]
    assert len(lines) == PEOPLE * (EACH + 1) + 1
    check_conservation(house)
    close_some(house)
    check_conservation(house)


def test_a_restricted_order_has_its_line_and_is_not_named(house: House) -> None:
    text = printed(house)
    assert "Restricted request order L108" in text
    assert "Secret test" not in text


def test_newer_copies_in_which_the_laboratory_answers_lose_no_line(house: House, tmp_path: Path) -> None:
    close_some(house)
    before = sum(len(found.lines) for found in flights(house))
    newer = [{**order(n, 0), "status": "completed"} for n in range(1, PEOPLE + 1)]
    house.fill([write(tmp_path / "2.json", [*newer, *(answer(n, 0, "final") for n in range(1, 4))])], source="lims")
    assert sum(len(found.lines) for found in flights(house)) >= before - 3, "what the source ended itself may go"
    check_conservation(house)


def test_what_the_ward_asked_for_on_paper_has_its_line_until_it_is_corrected(house: House, tmp_path: Path) -> None:
    house.fill(
        [write(tmp_path / "3.json", [*ward(beds=PEOPLE + 1), person(99), stay("p99", PEOPLE + 1)])], source="pas"
    )
    body = {"happened": WHEN, "kind": "laboratory", "tests": ["Ammonia on ice"], "priority": "stat", "reason": "x",
            "phone": "2281"}  # fmt: skip
    first = house.enter("request", nhs_number(99), body)
    house.enter("request", nhs_number(1), {**body, "tests": ["Gentamicin level"]})
    text = printed(house)
    assert "Asked for by the ward since, on paper: 2." in text
    for fact in ("Ammonia on ice", "Gentamicin level", first.number, "Asked for here, on paper"):
        assert fact in text
    house.enter("request", nhs_number(99), {**body, "tests": ["Ammonia, cancelled"]}, first.entry)
    text = printed(house)
    assert "Asked for by the ward since, on paper: 2." in text
    assert "Ammonia on ice" not in text


def test_an_empty_ward_says_that_nothing_is_no_proof_of_none(tmp_path: Path) -> None:
    house = new_house(tmp_path / "other")
    house.fill([write(tmp_path / "o.json", [*ward(), person(1), stay("p1", 1)])], source="pas")
    assert "Nothing was in flight in this copy of the ward. That is no proof of none." in printed(house)
    house.close()


def test_the_command_s_way_prints_it_too(house: House) -> None:
    close_some(house)
    made = issue(house, wanted(house, "F30", patient=None, ward="Ash Ward", blank=0, copies=1))
    assert made.plain == ()
    text = " ".join(checks.page_texts(made.pdf))
    assert "Results delivered to the ward" in text
    assert all(nhs in checks.squeezed(text) for nhs in (nhs_number(n) for n in range(1, PEOPLE + 1)))


def test_sabotage_closed_lines_left_off_are_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    close_some(house)
    honest = f30_chase_list.lines_of
    monkeypatch.setattr(f30_chase_list, "lines_of", lambda model: [p for p in honest(model) if p[1].is_open])
    with pytest.raises(AssertionError):
        check_conservation(house)


def test_sabotage_a_list_that_ends_early_is_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = f30_chase_list._rows
    monkeypatch.setattr(f30_chase_list, "_rows", lambda model: honest(model)[:20])
    with pytest.raises(AssertionError):
        check_conservation(house)


def test_sabotage_open_requests_instead_of_every_line_are_missed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without an order and orders that were answered are lines too."""
    honest = issuing.model_of

    def short(house: House, want: Any, serial: str = "") -> Any:
        model = honest(house, want, serial)
        kept = tuple(
            msgspec.structs.replace(f, lines=tuple(line for line in f.lines if line.numbers)) for f in model.pending
        )
        return msgspec.structs.replace(model, pending=kept)

    monkeypatch.setattr(issuing, "model_of", short)
    monkeypatch.setitem(globals(), "model_of", short)
    with pytest.raises(AssertionError):
        check_conservation(house)
