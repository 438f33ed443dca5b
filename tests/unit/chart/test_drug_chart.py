"""Every order stands in its section of the drug chart, and none is left out unsaid (CLINICAL §5.2, §5.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from localdb.chart.drug_chart import drug_chart, is_infusion, section_of
from localdb.chart.medicine_blocks import newest_results
from localdb.chart.medicines import medicine_rows
from localdb.codes import drug_lists
from localdb.records.moments import from_instant
from tests.unit.forms.drugs import NOW, at, chart, given, order

SECTIONS = ("once", "regular", "needed", "infusions", "oxygen", "suspended", "stopped", "view_only")


def section(*items: Any) -> str:
    rows = medicine_rows(chart(*items), NOW, drug_lists())
    return section_of(rows[0])


@pytest.mark.parametrize(
    ("item", "where"),
    [
        (order("gentamicin", "360 mg", "once only"), "once"),
        (order("lorazepam", "1 mg", "stat"), "once"),
        (order("bisoprolol", "2.5 mg", "once a day"), "regular"),
        (order("digoxin", "125 micrograms", "once daily"), "regular"),
        (order("alendronic acid", "70 mg", "once a week, Fridays"), "regular"),
        (order("paracetamol", "1 g", "at least 4hr apart", as_needed=True), "needed"),
        (order("sodium chloride 0.9 %", "1 litre", "125 mL/h", route="intravenous"), "infusions"),
        (order("morphine", "10 mg", "over 24 hours", route="subcutaneous"), "infusions"),
        (order("noradrenaline", "4 mg", "0.1 micrograms/kg/min", route="intravenous"), "infusions"),
        (order("oxygen", "2 L/min", "continuous"), "oxygen"),
        (order("ramipril", "5 mg", status="on-hold"), "suspended"),
        (order("amoxicillin", "500 mg", status="stopped"), "stopped"),
        (order("vincristine", "2 mg", "once"), "view_only"),
        (order("cyclophosphamide", "1 g", status="stopped"), "view_only"),
        # What is given so many times a day has a grid, however long a dose takes to run in.
        (order("levofloxacin", "500 mg", "twice a day, 08:00, 20:00", route="intravenous",
               instructions="infusion over 1 hour"), "regular"),
        (order("vancomycin", "1 g", "every 12 hours", route="intravenous", instructions="at 10 mg/min"), "regular"),
        # A rate by mouth is no infusion.
        (order("macrogol", "1 litre", "250 mL/h", route="oral"), "regular"),
        (order("insulin aspart", "6 units", "once, then by glucose", route="subcutaneous"), "once"),
        (order("prednisolone", "30 mg", "once, daily"), "regular"),
    ],
)  # fmt: skip
def test_an_order_stands_in_its_section(item: Any, where: str) -> None:
    assert section(item) == where


def test_an_infusion_that_runs_is_one_whatever_its_words() -> None:
    item = order("Hartmann's solution", "1 litre", "as charted", route="intravenous")
    assert section(item) == "regular"
    rows = medicine_rows(chart(item, given("Hartmann's", "2026-11-24T00:10", "in-progress")), NOW, drug_lists())
    assert is_infusion(rows[0])


def test_stopped_within_a_day_is_listed_and_earlier_ones_are_counted() -> None:
    ends = {"a": NOW - timedelta(hours=23), "b": NOW - timedelta(hours=25), "c": NOW - timedelta(days=400)}
    items = [order(n, status="stopped", ended=from_instant(t)) for n, t in ends.items()]
    items += [order("d", status="completed"), order("vincristine", status="completed", ended=at("2020-01-01T08:00"))]
    found = chart(*items)
    made = drug_chart(found, newest_results(found), NOW, drug_lists())
    assert [i.row.drug for i in made.stopped] == ["a"]
    assert (made.earlier, made.total, made.shown) == (4, 5, 1)


names = st.sampled_from(["apixaban", "insulin glargine", "methotrexate", "vincristine", "oxygen", "senna", "morphine"])
often = st.sampled_from(["once only", "once a day, 08:00", "10 mL/h", "", "twice a day", "if needed", "stat"])
status = st.sampled_from(["active", "on-hold", "stopped", "completed", "draft", "unknown", "", "cancelled", "odd"])


@given_that(st.lists(st.tuples(names, often, status, st.booleans()), max_size=25))
def test_every_order_is_in_one_section_or_counted(drawn: list[tuple[str, str, str, bool]]) -> None:
    items = [
        order(f"{name} {n}", often=words, status=state, as_needed=needed, route="intravenous", source_id=str(n))
        for n, (name, words, state, needed) in enumerate(drawn)
    ]
    found = chart(*items)
    made = drug_chart(found, newest_results(found), NOW, drug_lists())
    held = [i.row.drug for s in SECTIONS[:-1] for i in getattr(made, s)] + [r.drug for r in made.view_only]
    assert len(held) + made.earlier == made.total == len(items)
    assert len(set(held)) == len(held)
    numbers = [i.number for s in SECTIONS[:-1] for i in getattr(made, s)]
    assert numbers == list(range(1, len(numbers) + 1))
