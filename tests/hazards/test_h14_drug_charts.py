"""H14 on the drug chart: a dose is doubled, or left out, because nobody can see what happened in the gap.

A gap fixture whose due times lie before the cut, in the gap and after the print, named as instants, as clock times and in
words. The page must say of each what is known, in the words of the screen. Sabotage: each control taken away.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from desktop.forms import drug_grid, drug_words
from desktop.forms.drug_words import orders
from localdb.chart import dose_times
from localdb.chart.dose_times import COPY, OPEN, UNKNOWN
from localdb.chart.medicines import medicine_rows
from localdb.codes import drug_lists
from tests.unit.forms import checks, drugs, paper
from tests.unit.forms.drugs import CUT, FORMS, NOW, box_words, chart, given, model, order, page_words

GAP = {
    "instant": order("levodopa", often="as sent", due=("2026-11-24T02:45",)),
    "clock": order("levodopa", often="as sent", times=("02:45:00", "14:00:00")),
    "words": order("levodopa", often="twice a day, 02:45, 14:00"),
}


@pytest.mark.parametrize("how", GAP)
def test_a_due_time_that_passed_in_the_gap_says_in_its_box_that_nobody_knows(how: str) -> None:
    words = box_words(model("F11", GAP[how]), "levodopa")
    assert "02:45 status unknown" in words
    assert "Last given NO RECORD. Check patient/chart" in words


@pytest.mark.parametrize("how", ["instant", "clock"])
def test_the_row_says_it_too_with_its_day(how: str) -> None:
    assert "DUE 24-Nov 02:45, status unknown" in box_words(model("F11", GAP[how]), "levodopa")


def boxes(*items: object) -> dict[str, str]:
    """Clock time → what the box of the present day says."""
    (item,) = orders(model("F11", *items)).regular  # type: ignore[arg-type]
    made = drug_grid.grid_of(item, NOW, "Europe/London")
    return {time: states[0] for time, states in zip(made.rows, made.cells, strict=True)}


def test_before_the_cut_the_copy_knows_in_the_gap_nobody_and_ahead_it_is_written() -> None:
    found = boxes(order("levodopa", often="as sent", times=("02:00", "02:38", "02:39", "03:14", "03:15", "22:00")))
    assert found == {"02:00": COPY, "02:38": COPY, "02:39": UNKNOWN, "03:14": UNKNOWN, "03:15": OPEN, "22:00": OPEN}


def test_paper_and_screen_say_the_same_of_what_is_due() -> None:
    cases = [
        (order("levodopa", due=("2026-11-24T02:45",)),), (order("levodopa", due=("2026-11-24T02:00",)),),
        (order("levodopa", times=("02:40", "03:10")),), (order("levodopa", due=("2026-11-24T08:00",)),),
        (order("levodopa", due=("2026-11-24T02:00",)), given("levodopa", "2026-11-24T01:55")),
        (order("levodopa", as_needed=True),), (order("levodopa", status="on-hold"),), (order("levodopa"),),
    ]  # fmt: skip
    for items in cases:
        screen, dated = (medicine_rows(chart(*items), NOW, drug_lists(), dated=d)[0] for d in (False, True))
        assert (screen.group, screen.due.state) == (dated.group, dated.due.state)
        assert dated.due.head.replace("24-Nov ", "") == screen.due.head
        assert dated.due.text.replace("24-Nov ", "") == screen.due.text


def test_a_due_time_of_another_day_than_the_print_keeps_its_day() -> None:
    words = box_words(model("F11", order("levodopa", due=("2026-11-25T08:00",))), "levodopa")
    assert "Due 25-Nov 08:00, as sent" in words


def test_no_record_is_never_not_given_on_any_drug_print() -> None:
    items = (order("levodopa", due=("2026-11-24T02:45",)), order("insulin aspart", "6 units"), order("warfarin", "3 mg"),
             order("morphine", "5 mg", as_needed=True), given("senna", "2026-11-23T10:00"))  # fmt: skip
    # Heads of what is written by hand, of suspended orders and of clot prevention: none says it of a dose of the copy.
    ours = ("dose not given: date", "suspended: not given unless signed", "not given because")
    for form in FORMS:
        words = page_words(model(form, *items), form).casefold()
        for head in ours:
            words = words.replace(head, "")
        assert "not given" not in words


def test_the_head_says_from_when_on_paper_counts_and_that_a_dose_may_be_missing() -> None:
    for form in ("F11", "F12", "F13", "F14"):
        words = page_words(model(form, order("levodopa")), form)
        assert "PAPER STARTS HERE: doses given after 24-Nov-2026 02:38 are NOT shown." in words
        assert "Between 24-Nov-2026 02:38 and 24-Nov-2026 03:14 a dose may have been given that is not here." in words


def test_no_time_stands_without_its_day() -> None:
    """Paper outlives the day: outside the grid, whose columns are dated, each clock time has its date beside it."""
    items = (
        order("paracetamol", as_needed=True),
        given("paracetamol", "2026-11-24T01:35"),
        order("warfarin", "3 mg"),
        given("warfarin", "2026-11-24T00:10"),
        order("insulin aspart", "6 units", due=("2026-11-24T08:00",)),
    )
    for form in ("F11", "F13", "F14"):
        words = page_words(model(form, *items), form)
        for time in ("01:35", "00:10"):
            at = words.find(time)
            while at >= 0:
                assert words[:at].rstrip().endswith("24-Nov"), words[at - 40 : at + 10]
                at = words.find(time, at + 1)


def test_a_copy_of_yesterday_leaves_no_box_of_today_open_that_has_passed() -> None:
    late = NOW + timedelta(hours=18)
    made = model("F11", order("levodopa", times=("08:00", "14:00", "22:00")), printed_at=late)
    words = box_words(made, "levodopa")
    assert words.count("status unknown") >= 2
    assert "08:00 status unknown 14:00 status unknown 22:00" in words


@pytest.mark.parametrize("form", ["F11", "F13"])
def test_what_the_ward_gave_on_paper_has_a_box_or_a_row_on_each_print(form: str) -> None:
    made = model(form, order("insulin aspart", "6 units", "three times a day"))
    assert drugs.faults(made, form) == []
    assert "Given by" in page_words(made, form)


def test_a_dose_of_no_order_stands_on_the_chart_all_the_same() -> None:
    loose = given("levodopa", "2026-11-24T01:00", request="", dose="125 mg")
    old, wrong = (
        given("senna", "2026-11-22T01:00", request=""),
        given("codeine", "2026-11-24T01:00", "entered-in-error", request=""),
    )
    words = page_words(model("F11", order("levodopa"), loose, old, wrong))
    assert "for no order of this copy: levodopa oral 24-Nov 01:00, 125 mg, given, J. Mensah." in words
    assert "senna" not in words and "codeine" not in words.casefold().replace("codeine vomiting", "")


def test_sabotage_a_passed_box_that_stays_open_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = dose_times.state
    monkeypatch.setattr(dose_times, "state", lambda *a: OPEN if honest(*a) == UNKNOWN else honest(*a))
    with pytest.raises(AssertionError):
        test_a_due_time_that_passed_in_the_gap_says_in_its_box_that_nobody_knows("words")
    with pytest.raises(AssertionError):
        test_before_the_cut_the_copy_knows_in_the_gap_nobody_and_ahead_it_is_written()


def test_sabotage_a_made_up_not_given_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drug_words, "last_words", lambda model, row, **_: ("not given",))
    with pytest.raises(AssertionError):
        test_no_record_is_never_not_given_on_any_drug_print()


def test_sabotage_a_time_without_its_day_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        drug_words, "short", lambda model, moment, missing="": moment.text[11:16] if moment else missing
    )
    with pytest.raises(AssertionError):
        test_no_time_stands_without_its_day()


def test_the_cut_of_the_fixture_is_that_of_its_sources() -> None:
    (epma,) = (s for s in paper.sources() if s.source == "EPMA")
    assert epma.cut is not None and epma.cut.instant == CUT
    assert checks.squeezed("02:38") in checks.squeezed(page_words(model("F11", order("x"))))
