"""H24 on paper: what a source marked confidential, and what may never stand on a list, is on no sheet of several people.

Census (F01), clinic list (F25), movements (F26), control sheet (F29) and chase list (F30) are made from people whose
records hold both kinds. Sabotage: the mark is lost, the filter is taken away, the head of a list says more than it may.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import pytest

from desktop.forms import catalogue, f01_census, frame, identity
from desktop.forms.model import FormModel
from desktop.printing import gathering
from localdb.chart.agenda import Agenda, agenda
from localdb.chart.in_flight import InFlight, of_records
from localdb.chart.views import Census, Chart
from localdb.journal.ledger import control_lines
from localdb.records.vocabulary import Alert, Appointment, Document, Record, Request
from tests.unit.forms import checks, lists, paper

SECRETS = ("quarantined-marigold", "hidden-lighthouse", "veiled-orchard", "sealed-zeppelin", "Safeguarding adult")
OPEN = ("Falls risk, low bed", "Follow-up of the hip", "Urine culture, repeat")
LISTS_ON_PAPER = ("F01", "F25", "F26", "F29", "F30")


@dataclass
class Held:
    """What the copy holds of the people on the lists; `marked` = the sources' marks arrive."""

    marked: bool = True

    def alerts(self) -> tuple[Record, ...]:
        return (
            Alert(**paper.ids(), text=OPEN[0], status="active"),
            Alert(**paper.ids(), text=SECRETS[0], status="active", restricted=self.marked),
            Alert(
                **paper.ids(), text=f"{SECRETS[4]} alert", status="active"
            ),  # by its words: on no list, marked or not
        )

    def census(self) -> Census:
        made = paper.census(6)
        return msgspec.structs.replace(
            made, rows=tuple(msgspec.structs.replace(r, alerts=self.alerts(), waiting=2) for r in made.rows)
        )

    def day(self) -> Agenda:
        at = paper.at("2026-11-24T09:30:00+00:00")

        def booked(text: str, restricted: bool) -> Appointment:
            return Appointment(**paper.ids(), text=text, happened=at, place="Clinic 4", status="booked",
                               restricted=restricted)  # fmt: skip

        who = paper.patient()
        return agenda([(who, booked(OPEN[1], False)), (who, booked(SECRETS[1], self.marked))], paper.NOW.date())

    def flights(self) -> tuple[InFlight, ...]:
        records = (
            Request(**paper.ids(), text=OPEN[2], status="active", happened=paper.ago(hours=3)),
            Request(
                **paper.ids(), text=SECRETS[2], status="active", happened=paper.ago(hours=2), restricted=self.marked
            ),
        )
        people = [r.patient for r in self.census().rows if r.patient is not None]
        return tuple(of_records(p, records, (), paper.NOW) for p in people)

    def model(self, code: str) -> FormModel:
        if code == "F25":
            return paper.model(code, agenda=self.day(), sources=lists.ages("clinic"))
        ledger = control_lines(lists.stories(12), "Ash Ward")
        return paper.model(code, self.census(), pending=self.flights(), ledger=ledger)


def disclosed(held: Held) -> list[str]:
    """Which secret stands on which list."""
    found = []
    for code in LISTS_ON_PAPER:
        made = catalogue.render_pack([(code, held.model(code))])
        assert made.faults == (), code
        text = checks.squeezed(" ".join(checks.page_texts(made.pdf))) + checks.squeezed(
            " ".join(p.text for p in made.placed)
        )
        found += [f"{code}: {s}" for s in SECRETS if checks.squeezed(s) in text]
    return found


def test_no_list_on_paper_names_what_is_confidential() -> None:
    assert disclosed(Held()) == []


def test_the_lists_say_what_may_be_said() -> None:
    for code, text in (("F01", OPEN[0]), ("F25", OPEN[1]), ("F30", OPEN[2])):
        made = catalogue.render_pack([(code, Held().model(code))])
        assert checks.missing([text], made.pdf) == [], code


def test_sabotage_the_marks_of_the_sources_are_lost() -> None:
    found = disclosed(Held(marked=False))
    assert {f.split(":")[0] for f in found} >= {"F01", "F25", "F30"}


def test_sabotage_the_census_filters_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f01_census, "_alerts", lambda row: list(row.alerts))
    found = disclosed(Held())
    assert f"F01: {SECRETS[0]}" in found
    assert f"F01: {SECRETS[4]}" in found


def test_sabotage_the_head_of_a_list_says_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = identity.group_lines

    def telling(model: FormModel) -> tuple[str, ...]:
        rows = model.census.rows if model.census is not None else ()
        return (*honest(model), *(a.text for r in rows[:1] for a in r.alerts))

    monkeypatch.setattr(identity, "group_lines", telling)
    assert {f.split(":")[0] for f in disclosed(Held())} >= {"F01", "F26", "F29", "F30"}
    assert frame.IdentityBlock is identity.IdentityBlock


class Reading:
    """A reader of one patient whose newest letter is confidential."""

    def __init__(self, *, marked: bool) -> None:
        self.marked = marked

    def chart(self, patient: str) -> Chart:
        return paper.chart(documents=(
            Document(**paper.ids(), text="Letter", title=SECRETS[3], happened=paper.at("2026-11-20"),
                     restricted=self.marked),
            Document(**paper.ids(), text="Letter", title="Clinic letter of May", happened=paper.at("2026-05-02")),
        ))  # fmt: skip


def letters(reading: Reading) -> list[str]:
    return [r.letter for r in gathering._with_letters(reading, Held().day()).rows]  # type: ignore[arg-type]


def test_the_last_letter_on_a_clinic_list_is_the_last_that_a_list_may_name() -> None:
    assert letters(Reading(marked=True)) == ["Clinic letter of May"]


def test_sabotage_a_letter_without_its_mark_is_named() -> None:
    assert letters(Reading(marked=False)) == [SECRETS[3]]
