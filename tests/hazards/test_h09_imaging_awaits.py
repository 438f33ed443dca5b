"""H09 for imaging: a request on paper, or an examination without its report, is lost (CLINICAL §7.4, issue 8).

Control: each request that the ward typed stands in one place, on paper, performed, preliminary, answered or ended, and
moves on by number alone. The check fails when the control is taken away.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from localdb.chart import awaiting as module
from localdb.chart.awaiting import ANSWERED, ASKED, DONE, EARLY, RequestSheet, awaiting
from localdb.chart.views import Entry
from localdb.records.moments import read_moment
from localdb.records.vocabulary import ImagingStudy, Record, Report
from tests.unit.desktop.patient.builders import chart, entry, patient_view

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
WHO = patient_view()


def request(n: int) -> Entry:
    body = {"kind": "imaging", "tests": ["Chest X-ray"], "priority": "urgent", "reason": "x", "phone": "1"}
    return entry("request", body, f"2026-11-24T02:{n:02d}", number=n)


def study(n: int, accession: str) -> ImagingStudy:
    return ImagingStudy(
        id=f"R{n:013d}", patient=WHO.id, source="pacs", source_id=f"s{n}", uid=f"1.2.{n}", accession=accession,
        text="Chest X-ray", happened=read_moment("2026-11-24T02:50:00+00:00"), status="available",
    )  # fmt: skip


def report(n: int, accession: str, status: str) -> Report:
    return Report(
        id=f"R{n:013d}", patient=WHO.id, source="ris", source_id=f"r{n}", accession=accession, status=status,
        text="Chest X-ray", body="Clear.", category="RAD", said=read_moment("2026-11-24T03:00:00+00:00"),
    )  # fmt: skip


def every_request_stands_in_its_place(rounds: int) -> None:
    """The check: whatever came of which, each request is in exactly one place, and in the right one."""
    dice = random.Random(9)
    for _ in range(rounds):
        made, images, reports, sheets, expected = [], [], [], [], {}
        for n in range(1, dice.randrange(2, 7)):
            asked = request(n)
            made.append(asked)
            number = asked.number
            if dice.random() < 0.5:  # the department keeps the serial of the sheet
                number = f"W07F080000{n}X"
                sheets.append(RequestSheet(number, WHO.id, (asked.written.utc or 0) + 1))
            fate = dice.choice((ASKED, DONE, EARLY, ANSWERED, "ended"))
            expected[asked.id] = fate
            if fate in (DONE, EARLY, ANSWERED):
                images.append(study(n, number))
            if fate in (EARLY, ANSWERED):
                reports.append(report(100 + n, number, "preliminary" if fate == EARLY else "final"))
            if fate == "ended":
                body = {"requests": [asked.id], "outcome": "cancelled", "test": "Chest X-ray"}
                made.append(entry("closure", body, "2026-11-24T03:05", number=50 + n))
        images.append(study(90, f"RF-{dice.randrange(9)}"))  # the same examination by name, asked for elsewhere
        dice.shuffle(images)
        lists: dict[str, Any] = {"images": tuple[Record, ...](images), "reports": tuple[Record, ...](reports)}
        held = msgspec.structs.replace(chart(WHO, **lists), entries=tuple(reversed(made)))
        found = awaiting(held, sheets, NOW)
        places: dict[str, list[str]] = {}
        for side in ("lines", "answered", "ended"):
            for line in getattr(found, side):
                for one in line.requests:
                    places.setdefault(one.id, []).append("ended" if side == "ended" else line.state)
        assert places == {k: [v] for k, v in expected.items()}
        assert sum(line.state == DONE and not line.requests for line in found.lines) == 1


def test_every_request_for_imaging_stands_in_its_place() -> None:
    every_request_stands_in_its_place(150)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("answers", lambda found, request, serials: found.name == "Chest X-ray"),  # joined by name
        ("serials_of", lambda entries, sheets: {}),  # sheets forgotten
        ("closed_ids", lambda chart, now: {e.id for e in chart.entries}),  # ended by itself
    ],
    ids=["by name", "no sheets", "ended by itself"],
)
def test_sabotage_of_how_a_request_moves_on_is_caught(what: str, instead: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, what, instead)
    with pytest.raises(AssertionError):
        every_request_stands_in_its_place(20)
