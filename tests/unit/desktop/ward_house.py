"""A made-up ward and house for tests of the window: four beds, near-twins among them, clocks that a test moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from localdb.chart.awaiting import Awaiting
from localdb.chart.in_flight import InFlight, of_records
from localdb.chart.matching import Alike
from localdb.chart.views import (
    KNOWN,
    NONE_ASSERTED,
    NOT_RECORDED,
    Census,
    CensusRow,
    Chart,
    PatientView,
    PendingRow,
    SourceAge,
)
from localdb.errors import InputRefused
from localdb.journal.numbers import NumberStatus
from localdb.plans.directory import Contact, entries_of
from localdb.plans.papers import MARKDOWN, REFUSED, Paper
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import Alert, HumanName, Request
from localdb.store.image_counts import Room
from tests.unit.desktop.patient.builders import chart

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
KINDS = ("patient", "stay", "allergy", "alert", "medicine", "administration", "observation", "result", "report")


def person(number: int, family: str, given: str, born: str, **rest: Any) -> PatientView:
    """One person; the NHS number is one of the 999 range with a valid check digit."""
    nhs = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069")[number]
    facts: dict[str, Any] = {
        "id": f"P{number:013d}",
        "ids": (f"P{number:013d}",),
        "name": HumanName(family=family, given=(given,), prefix=("Mrs",)),
        "born": read_moment(born),
        "gender": "female",
        "nhs": nhs,
        "mrn": f"H{number:07d}",
        "scope": "whole",
        "ward": "Ash Ward",
        "bed": f"A{number + 1}",
        "reason": "Pneumonia",
        "consultant": "Dr S. Rahman",
    }
    return PatientView(**(facts | rest))


TWINS = (
    person(0, "Mohammed", "Amina", "1960-09-09"),
    person(1, "Mohammed", "Aminah", "1959-09-19"),
)
OTHERS = (
    person(2, "Patel", "Harshad", "1945-05-01"),
    person(3, "Mohamud", "Amal", "2001-01-22", ward="Cedar Ward", bed="", scope="thin"),
)
EVERYONE = (*TWINS, *OTHERS)


def alert(text: str, code: str = "", **rest: Any) -> Alert:
    from localdb.records.vocabulary import Coding

    codes = (Coding("urn:test", code, text),) if code else ()
    return Alert(
        id=f"R{abs(hash(text)) % 10**13:013d}", patient="P", source="pas", source_id="1", text=text, codes=codes,
        status="active", **rest,
    )  # fmt: skip


def source(name: str, age: timedelta, kinds: tuple[str, ...] = KINDS, *, now: datetime = NOW, **rest: Any) -> SourceAge:
    cut = from_instant(now - age)
    return SourceAge(source=name, kinds=dict.fromkeys(kinds, cut), cut=cut, **rest)


class FakeReading:
    """Answers from memory as `LivingReading` does; `asked` counts the questions by name."""

    def __init__(self, house: FakeHouse) -> None:
        self._house = house

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]:
        self._house.asked.append(f"find {text}")
        words = text.casefold().split()
        names = {v: " ".join((v.name.family, *v.name.given)).casefold().split() for v in EVERYONE}
        numbers = {v: [x.casefold() for x in (v.nhs, v.mrn) if x] for v in EVERYONE}
        hits = [
            v for v, name in names.items() if all(any(n.startswith(w) for n in (*name, *numbers[v])) for w in words)
        ]
        return tuple(hits[:limit])

    def resolve(self, patient: str) -> str:
        for view in EVERYONE:
            if patient in (view.id, view.nhs):
                return view.id
        raise InputRefused("Nobody in this copy has that id or number.", code="patient.unknown")

    def people(self, ids: Iterable[str]) -> tuple[PatientView, ...]:
        return tuple({v.id: v for i in ids for v in EVERYONE if i in v.ids}.values())

    def similar(self, views: Iterable[PatientView]) -> dict[str, str]:
        return Alike(v for v in EVERYONE if v.ward).marks(views)

    def wards(self) -> tuple[str, ...]:
        return ("Ash Ward", "Cedar Ward")

    def ward(self, name: str | None = None) -> Census:
        self._house.asked.append("ward")
        views = [v for v in EVERYONE if v.ward == (name or "Ash Ward")]
        alike = self.similar(views)
        states = (KNOWN, NONE_ASSERTED, NOT_RECORDED)
        rows = [
            CensusRow(
                bed=v.bed, patient=v, allergy_state=states[n % 3], alerts=(alert("Falls risk", "FALLS"),), score="5",
                score_at=from_instant(NOW - timedelta(hours=2)), waiting=n, alike=alike.get(v.id, ""),
            )
            for n, v in enumerate(views)
        ]  # fmt: skip
        rows.append(CensusRow(bed="B1", note="closed: awaiting clean"))
        return Census(ward=name or "Ash Ward", rows=tuple(rows), sources=self._house.sources, generation=1)

    def chart(self, patient: str) -> Chart:
        view = next(v for v in EVERYONE if v.id == self.resolve(patient))
        return msgspec.structs.replace(chart(view), alike=self.similar([view]).get(view.id, ""))

    def pending(self, ward: str | None = None) -> tuple[PendingRow, ...]:
        asked = Request(
            id="R1", patient=TWINS[0].id, source="lims", source_id="1", text="Blood cultures, 2 sets", status="active",
            said=from_instant(NOW - timedelta(hours=9)),
        )  # fmt: skip
        return (PendingRow(patient=TWINS[0], request=asked),)

    def flights(self, ward: str | None = None) -> tuple[InFlight, ...]:
        return tuple(of_records(row.patient, (row.request,), (), NOW) for row in self.pending(ward))

    def instances(self, patient: str, study: str) -> tuple[Any, ...]:
        return ()

    def awaiting(self, ward: str | None = None) -> tuple[Awaiting, ...]:
        return self._house.awaited

    def sources(self) -> tuple[SourceAge, ...]:
        return self._house.sources


class FakeShelf:
    """The site's documents in memory: a directory, a card whose review is due, and one that does not verify."""

    def __init__(self) -> None:
        def paper(number: int, title: str, kind: str, **more: Any) -> Paper:
            return Paper(
                number=f"W07-{number}", title=title, kind=kind, version=1, media=MARKDOWN, sha256=str(number), size=1,
                staff="Adaeze Obi", written=from_instant(NOW), device="W07", **more,
            )  # fmt: skip

        rows = "| Haematology | 01632 960115 |\n| Porters | 01632 960160 |\n"
        self.texts = {
            "W07-1": f"# Numbers\n\n| Name | Number |\n|---|---|\n{rows}",
            "W07-2": "# Laboratory down\n\nRing the **reference bench** first.\n",
        }
        self.held = (
            paper(2, "Laboratory down", "action_card", review="2026-01-31"),
            paper(
                3, "Forged card", "action_card", state=REFUSED, reason="it does not bear the signature of its laptop"
            ),
            paper(1, "Telephone directory", "directory"),
        )

    def papers(self) -> tuple[Paper, ...]:
        return self.held

    def text(self, paper: Paper) -> str:
        return self.texts[paper.number]

    def content(self, paper: Paper) -> bytes:
        return self.text(paper).encode()

    def contacts(self, paper: Paper) -> tuple[Contact, ...]:
        return entries_of(self.text(paper), paper.media)


class FakeHouse:
    """What the window needs of a house, in memory. `at` is the clock; `sources` may be set by a test."""

    staff, device, role = "Adaeze Obi", "W07", "clinician"
    vault = Path("/nowhere")

    def __init__(self, staff: str = "Adaeze Obi") -> None:
        self.staff = staff
        self.at = NOW
        self.site: dict[str, Any] = {"ward": "Ash Ward", "zone": "Europe/London", "lock_after_seconds": 90}
        self.sources: tuple[SourceAge, ...] = (source("pas", timedelta(minutes=2)),)
        self.awaited: tuple[Awaiting, ...] = ()
        self.asked: list[str] = []
        self.seen: list[str] = []
        self.drafts: dict[str, dict[str, Any]] = {}
        self.is_closed = False
        self.said: list[tuple[str, str, datetime]] = []
        self.set_aside: list[dict[str, Any]] | None = []
        self.room: Room | None = None
        self.messages: dict[int, bytes] = {}
        self.retried: Any = None

    plans = FakeShelf()

    def declare(self, source: str, state: str, since: datetime) -> None:
        """As the journal does: the sources say it from then on."""
        if since > self.at:
            raise InputRefused("The time since when must be known and not lie ahead.", code="source.declaration")
        self.said.append((source, state, since))
        self.sources = tuple(
            msgspec.structs.replace(s, declared=state, declared_since=from_instant(since), declared_by=self.staff)
            if s.source == source
            else s
            for s in self.sources
        )

    def aside(self, limit: int = 1000) -> Any:
        self.asked.append("aside")
        return None if self.set_aside is None else (self.set_aside[:limit], len(self.set_aside))

    def image_room(self) -> Room | None:
        return self.room

    def aside_bytes(self, number: int) -> bytes | None:
        return self.messages.get(number)

    def retry_aside(self) -> Any:
        if isinstance(self.retried, Exception):
            raise self.retried
        return self.retried

    def now(self) -> datetime:
        return self.at

    def reading(self) -> FakeReading:
        return FakeReading(self)

    def opened(self, patient: str) -> None:
        self.seen.append(patient)

    def recent(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(reversed(self.seen)))

    def number_status(self) -> NumberStatus:
        """No pack was taken: the fields of the paper pack are shown, so that a test of the screen sees all of it."""
        words = "This laptop has no temporary numbers."
        return NumberStatus(state="none", left=0, burnt=0, used=0, spoiled=0, voided=0, words=words,
                            next_step="Use a sealed paper pack.")  # fmt: skip

    def draft(self, key: str) -> dict[str, Any] | None:
        return self.drafts.get(key)

    def save_draft(self, key: str, body: dict[str, Any]) -> None:
        self.drafts[key] = body

    def drop_draft(self, key: str) -> None:
        self.drafts.pop(key, None)

    def close(self) -> None:
        self.is_closed = True
