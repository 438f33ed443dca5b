"""H13 on lists: no name, number or word of a census, clinic list, control sheet or incident log is cut, lost or run over.

Seeded fuzz of the longest and strangest names, places, letters, remarks and telephone numbers. Sabotage: a renderer of
tables that cuts what does not fit.
"""

from __future__ import annotations

import random

import msgspec
import pytest

from desktop.forms import catalogue, tables
from desktop.forms.bidi import needs_order
from desktop.forms.frame import A4, A4_LANDSCAPE
from desktop.forms.model import FormModel, Incident
from desktop.forms.type import Line
from localdb.chart.agenda import Agenda
from localdb.chart.views import Census
from localdb.journal.ledger import control_lines
from localdb.plans.directory import Contact
from localdb.records.vocabulary import Alert, HumanName
from tests.conftest import LONG
from tests.hazards.test_h13_dose_misprint import word
from tests.unit.forms import checks, lists, paper

ROUNDS = 60 if LONG else 4
CODES = ("F01", "F25", "F26", "F29", "F31")


def name(chosen: random.Random) -> HumanName:
    given = tuple(word(chosen, 1, 30) for _ in range(chosen.randint(0, 3)))
    return HumanName(word(chosen, 1, 50), given, (word(chosen, 2, 8),))


def words(chosen: random.Random, most: int) -> str:
    return " ".join(word(chosen, 2, 14) for _ in range(chosen.randint(1, most)))


def census(chosen: random.Random) -> Census:
    made = paper.census(8)
    rows = []
    for row in made.rows:
        if row.patient is None:
            rows.append(msgspec.structs.replace(row, note=words(chosen, 6)))
            continue
        who = msgspec.structs.replace(
            row.patient, name=name(chosen), reason=words(chosen, 20), consultant=words(chosen, 3),
            mrn=f"{chosen.getrandbits(90):X}",
        )  # fmt: skip
        alerts = tuple(
            Alert(**paper.ids(), text=words(chosen, 9), status="active") for _ in range(chosen.randint(0, 5))
        )
        rows.append(msgspec.structs.replace(row, patient=who, alerts=alerts))
    return msgspec.structs.replace(made, ward=words(chosen, 4), rows=tuple(rows))


def clinic(chosen: random.Random) -> Agenda:
    place = words(chosen, 5)
    rows = []
    for n in range(9):
        row = lists.clinic_row(n, place=place, text=words(chosen, 8), participants=(words(chosen, 4),))
        who = msgspec.structs.replace(row.patient, name=name(chosen))
        rows.append(msgspec.structs.replace(row, patient=who, letter=words(chosen, 8), letter_at=paper.at("2026-05")))
    return Agenda(day=paper.NOW.date(), rows=tuple(rows))


def strange(code: str, seed: int) -> FormModel:
    chosen = random.Random(seed)
    if code == "F25":
        return paper.model(code, agenda=clinic(chosen), sources=lists.ages("clinic"))
    if code == "F31":
        found = tuple(
            Contact(words(chosen, 4), f"01632 {chosen.randint(960000, 960999)}", words(chosen, 5), words(chosen, 3))
            for _ in range(chosen.randint(1, 40))
        )
        return paper.model(code, incident=Incident(contacts=found), sources=lists.ages("site"))
    people = [r.patient for r in census(chosen).rows if r.patient is not None]
    stories = [
        lists.story(n + 1, "F11", lists.STATES[n % 8], people[n % len(people)], holder=words(chosen, 3), reprints=n % 3)
        for n in range(14)
    ]
    return paper.model(code, census(chosen), ledger=control_lines(stories, "Ash Ward"))


def faults(code: str, model: FormModel) -> list[str]:
    made = catalogue.render_pack([(code, model)])
    found = [f"design failed: {f}" for f in made.faults]
    facts = catalogue.text_model(code, model)
    found += [f"not drawn: {t}" for t in checks.not_drawn(facts, made.placed)]
    found += [f"not on the page: {t}" for t in checks.missing((t for t in facts if not needs_order(t)), made.pdf)]
    found += [f"one on another: {a} / {b}" for a, b in checks.overlaps(made.placed)]
    size = A4_LANDSCAPE if catalogue.FORMS[code].size == "A4 landscape" else A4
    return found + [f"over the edge: {t}" for t in checks.outside(made.placed, size)]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_list_says_what_its_facts_say(code: str, seed: int) -> None:
    assert faults(code, strange(code, seed)) == []


def test_the_check_catches_a_table_that_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = tables.wrap
    monkeypatch.setattr(tables, "wrap", lambda spans, room: list[Line](honest(spans, room)[:1]))
    found = [f for code in ("F25", "F29", "F31") for f in faults(code, strange(code, 1))]
    assert any(f.startswith("not drawn") for f in found)
