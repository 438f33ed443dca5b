"""H22 on the observation record (F15): no bands for a child, in pregnancy or at an unknown age; nothing is scored by us; a
total with a parameter missing is no plain number; scale 2 only where the source said so.

Each sabotage takes one control away; the same check must then find the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from desktop.forms import catalogue, f15_observations, news_bands, observation_columns
from desktop.forms.model import FormModel
from desktop.forms.observation_columns import Columns
from localdb.chart import early_warning as ew
from localdb.chart.observation_sets import ObsSet
from tests.unit.forms import checks, obs_charts, paper
from tests.unit.forms.test_bedside_charts import BANDS, drawn, middle, row_of

NOT_FOR = (obs_charts.child, obs_charts.pregnant, obs_charts.ageless)
LABELS = {text for bands in BANDS.values() for text, _ in bands if any(c.isdigit() for c in text)}


def said(model: FormModel) -> str:
    return " ".join(" ".join(checks.page_texts(catalogue.render("F15", model))).split())


def band_faults(kind: Callable[[str], FormModel]) -> list[str]:
    """What of the scoring stands on a sheet that may not have it."""
    model = kind("F15")
    placed = drawn(model)
    found = [f"band {p.text}" for p in placed if p.text in LABELS]
    found += [f"points {p.text}" for p in placed if p.text in ("0", "1", "2", "3") and p.bottom - p.top < 8.5]
    flat = said(model)
    if "NEWS2 IS NOT OFFERED" not in flat:
        found.append("it does not say that NEWS2 is not offered")
    if not re.search(r"PEWS or MEWS chart", flat):
        found.append("it does not point to the ward's own chart")
    found += [f"response: {text}" for row in news_bands.RESPONSES for text in row[2:] if " ".join(text.split()) in flat]
    return found


@pytest.mark.parametrize("kind", NOT_FOR, ids=lambda k: k.__name__)
def test_no_bands_on_paper_for_whom_they_do_not_hold(kind: Callable[[str], FormModel]) -> None:
    assert band_faults(kind) == []


def test_an_adult_has_bands_and_the_blank_asks_first() -> None:
    for model in (paper.filled("F15"), paper.model("F15")):
        placed = drawn(model)
        assert {p.text for p in placed} >= LABELS
        assert "Royal College of Physicians" in said(model)
    blank = said(paper.model("F15"))
    assert "16 or over" in blank and "not pregnant" in blank


def totals(model: FormModel) -> list[str]:
    """What stands in the row of the totals, left to right."""
    placed = [p for p in drawn(model) if p.page == 1]
    name = next(p for p in placed if p.text.startswith("Total"))
    found = [p for p in placed if p is not name and abs(middle(p) - middle(name)) < 5]
    return [p.text for p in sorted(found, key=lambda p: p.left)]


def score_faults() -> list[str]:
    """Sets without a total, with a whole one, and with one that lacks a parameter."""
    whole = paper.model("F15", obs_charts.chart(obs_charts.taken(obs_charts.before(2), "13"), entries=()))
    none = paper.model("F15", obs_charts.chart(obs_charts.taken(obs_charts.before(2)), entries=()))
    written = obs_charts.wrote("F15")
    found = []
    if totals(whole) != ["13"]:
        found.append(f"the total as sent is not there: {totals(whole)}")
    if totals(none):
        found.append(f"a total that nobody sent: {totals(none)}")
    if totals(written) != ["6", "5"]:
        found.append(f"a set typed here carries a total: {totals(written)}")
    for missing in (("resp",), ("acvpu", "temp"), ("bp",)):
        made = obs_charts.taken(obs_charts.before(2), "13", without=missing)
        model = paper.model("F15", obs_charts.chart(made, entries=()))
        if any(t.isdigit() for t in totals(model)):
            found.append(f"without {missing} the total stands as a plain number")
        if "INCOMPLETE" not in said(model).partition("Notes to the columns")[2].partition("Glucose")[0]:
            found.append(f"without {missing} nothing says that it is not whole")
    return found


def test_a_total_is_the_sources_and_never_a_plain_number_with_a_part_missing() -> None:
    assert score_faults() == []


def scale_faults() -> list[str]:
    """A saturation stands on the scale that its source named, and on scale 1 where it named none."""
    found = []
    for said_scale, where, other in (
        ("", "SpO2 scale 1", "SpO2 scale 2"),
        ("SpO2 scale 2", "SpO2 scale 2", "SpO2 scale 1"),
    ):
        made = obs_charts.taken(obs_charts.before(2), spo2="89", oxygen="2", pulse="61", bp="121/71")
        if said_scale:
            made = [msgspec.structs.replace(o, comments=(said_scale,)) if o.text == "SpO2" else o for o in made]
        placed = drawn(paper.model("F15", obs_charts.chart(made, entries=())))
        band = row_of_or_none(placed, where, "89")
        if band != {"SpO2 scale 1": "≤ 91", "SpO2 scale 2": "88-92"}[where]:
            found.append(f"sent {said_scale or 'without a scale'}: not on {where}")
        if row_of_or_none(placed, other, "89") is not None:
            found.append(f"sent {said_scale or 'without a scale'}: on {other}")
    return found


def row_of_or_none(placed, name: str, value: str) -> str | None:  # type: ignore[no-untyped-def]
    try:
        return row_of(placed, name, value)
    except AssertionError:
        return None


def test_a_saturation_stands_on_the_scale_that_was_sent() -> None:
    assert scale_faults() == []


def test_sabotage_without_the_guard_a_child_has_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f15_observations, "guard", lambda model: ew.Guard(True))
    for kind in NOT_FOR:
        assert band_faults(kind)


def test_sabotage_without_the_rule_an_incomplete_total_is_a_plain_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observation_columns, "is_incomplete", lambda news: False)
    plain = observation_columns.obs_sets

    def as_sent(items):  # type: ignore[no-untyped-def]
        return tuple(
            s._replace(news2=s.news2._replace(value=s.news2.record.value or "", note="")) if s.news2 is not None else s
            for s in plain(items)
        )

    monkeypatch.setattr(observation_columns, "obs_sets", as_sent)
    assert any("plain number" in fault for fault in score_faults())


def test_sabotage_a_chart_that_adds_up_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def added(self: Columns) -> tuple[str, ...]:
        def total(s: ObsSet) -> str:
            return ew.add_up({k: s.vitals[k].record.value or "" for k in s.vitals}).words.split(" ")[0] or "7"

        return tuple(s.news2.value if s.news2 is not None else total(s) for s in self.found.sets)

    monkeypatch.setattr(Columns, "totals", added)
    assert any("nobody sent" in fault for fault in score_faults())


def test_sabotage_a_scale_that_nobody_sent_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = observation_columns.obs_sets
    monkeypatch.setattr(
        observation_columns, "obs_sets", lambda items: tuple(s._replace(scale="2") for s in plain(items))
    )
    assert scale_faults()
