"""H15 on the drug prints: insulin, methotrexate, opioids and anticoagulants stand in blocks of their own, a methotrexate
that is not weekly has no box to write in, units are never "U" (CLINICAL §5.3, §5.4). Sabotage: each control taken away.
"""

from __future__ import annotations

import pytest

from desktop.forms import catalogue, drug_rows
from desktop.forms.drug_grid import Grid, Record
from desktop.forms.drug_words import orders
from localdb.chart import drug_chart
from localdb.chart.dose_times import NOT_DUE, OPEN
from localdb.chart.notation import cautions
from tests.unit.forms import paper
from tests.unit.forms.drugs import FORMS, box_words, given, model, order, page_words

DAILY = ["once a day", "daily", "once a day, 08:00", "twice a week", "BD", "every morning"]


def right_of(*items: object) -> Grid | Record:
    """What stands at the right of the one regular order."""
    made = model("F11", *items)  # type: ignore[arg-type]
    (item,) = orders(made).regular
    (found,) = drug_rows._rights(made, item, 300, drug_rows.CHART)
    return found


@pytest.mark.parametrize("often", DAILY)
def test_a_methotrexate_order_that_is_not_weekly_renders_the_stop_box_and_no_box_to_write_in(often: str) -> None:
    item = order("methotrexate", "10 mg", often)
    words = box_words(model("F11", item), "methotrexate")
    assert "STOP: METHOTREXATE IS WEEKLY" in words and "DO NOT GIVE: see the box below" in words
    assert "Frequency see the box below" in words
    found = right_of(item)
    assert isinstance(found, Grid) and found.words and not found.rows


def test_structured_times_of_a_daily_methotrexate_open_no_box_either() -> None:
    found = right_of(order("methotrexate", "10 mg", "once a day", times=("08:00",)))
    assert isinstance(found, Grid) and found.words and not found.rows


def test_a_weekly_methotrexate_has_its_day_and_six_that_are_blocked() -> None:
    item = order("methotrexate", "10 mg", "once a week, Mondays, 08:00")
    words = box_words(model("F11", item, order("folic acid", "5 mg", "once a week, Thursdays")), "methotrexate")
    assert "ONCE A WEEK, on Monday" in words and 'folic acid: "once a week, Thursdays"' in words
    found = right_of(item)
    assert isinstance(found, Grid) and len(found.days) == 7
    (states,) = found.cells
    assert [d.weekday() for d, state in zip(found.days, states, strict=True) if state == OPEN] == [0]
    assert states.count(NOT_DUE) == 6
    unsaid = right_of(order("methotrexate", "10 mg", "once a week on Monday"))
    assert isinstance(unsaid, Grid)
    assert [d.weekday() for d, s in zip(unsaid.days, unsaid.spare, strict=True) if s == OPEN] == [0]


def test_a_weekly_methotrexate_without_its_day_has_no_box_until_somebody_asked() -> None:
    item = order("methotrexate", "10 mg", "once a week")
    words = box_words(model("F11", item), "methotrexate")
    assert (
        "ONCE A WEEK, day not sent" in words and "Day not sent: ask before giving. No box until it is known." in words
    )
    found = right_of(item)
    assert isinstance(found, Grid) and found.words


def test_as_needed_methotrexate_by_mouth_has_no_rows_to_write_doses_in() -> None:
    item = order("methotrexate", "10 mg", "if needed, daily", as_needed=True)
    words = box_words(model("F11", item), "methotrexate")
    assert "DO NOT GIVE" in words and "Effect" not in words


def test_our_own_words_hold_no_dangerous_notation() -> None:
    """The blank of each form is all ours."""
    for form in FORMS:
        for piece in catalogue.render_pack([(form, paper.model(form))]).placed:
            if not piece.text.startswith(("W07A", "NUH", "F1", "F2", "Printed")):
                found = cautions(dose=piece.text, often=piece.text, route=piece.text, more=piece.text)
                assert not [c for c in found if c.sent not in ("mL/h",)], (form, piece.text)


@pytest.mark.parametrize("form", ["F11", "F13"])
def test_units_as_sent_stand_with_their_only_reading_and_ours_are_words(form: str) -> None:
    words = page_words(model(form, order("insulin aspart", "10 U", "QD", route="SC")), form)
    for part in ('"10 U" reads 10 units', '"SC" reads subcutaneous', '"QD" reads once a day'):
        assert f"Caution: {part}." in words
    assert "Units" in words or form == "F11"
    assert words.count("10 U ") + words.count('10 U"') == 2, "as sent, and quoted in the caution, and nowhere else"


def test_an_opioid_lists_each_dose_of_a_day_and_adds_nothing_up() -> None:
    items = (order("morphine", "5 mg", as_needed=True),
             *(given("morphine", f"2026-11-23T{h:02d}:00", dose="5 mg") for h in (8, 12, 21)))  # fmt: skip
    words = box_words(model("F11", *items), "morphine")
    assert [f"23-Nov {h:02d}:00 morphine 5 mg oral" in words for h in (8, 12, 21)] == [True] * 3
    assert "Listed, not added up." in words and "15 mg" not in words
    assert "No naloxone is ordered in this copy." in words


def test_clozapine_and_other_time_critical_medicines_are_marked_and_their_reason_is_said_once() -> None:
    words = page_words(model("F11", order("clozapine"), order("phenytoin"), order("levetiracetam"), order("senna")))
    assert words.count("After a gap of more than 48hr it is started again from the lowest dose") == 1
    assert words.count("A missed dose can bring on seizures.") == 1
    assert words.count("TIME-CRITICAL") == 3


def test_a_level_stands_beside_the_last_dose() -> None:
    level = paper.result("Gentamicin", "35668-3", "1.8", unit="mg/L", flag="H")
    words = box_words(model("F11", order("gentamicin", "360 mg", "every 24 hours"), given("gentamicin", "2026-11-23T18:05"),
                            results=(level,)), "gentamicin")  # fmt: skip
    assert "1.8 mg/L H, 24-Nov 01:10" in words and "23-Nov 18:05" in words


def test_sabotage_a_daily_methotrexate_on_a_plain_row_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drug_rows, "weekly", lambda row: ("", ""))
    with pytest.raises(AssertionError):
        test_a_methotrexate_order_that_is_not_weekly_renders_the_stop_box_and_no_box_to_write_in("once a day")
    with pytest.raises(AssertionError):
        test_a_weekly_methotrexate_has_its_day_and_six_that_are_blocked()


def test_sabotage_a_drug_chart_without_its_blocks_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drug_chart, "blocks_of", lambda *a, **k: ())
    with pytest.raises(AssertionError):
        test_an_opioid_lists_each_dose_of_a_day_and_adds_nothing_up()


def test_sabotage_a_u_among_our_own_words_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.forms import f13_insulin
    from desktop.forms.parts import Banner

    honest = f13_insulin.parts
    form = catalogue.FORMS["F13"]
    sabotaged = f13_insulin.drug_form(
        lambda m: [*honest(m), Banner("give 10 U")], code="F13", title=form.title, use=form.use, codes=False
    )
    monkeypatch.setitem(catalogue.FORMS, "F13", sabotaged)
    with pytest.raises(AssertionError):
        test_our_own_words_hold_no_dangerous_notation()
