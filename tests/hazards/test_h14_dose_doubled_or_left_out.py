"""H14: a dose is given twice, or left out, because nobody can see what happened in the gap.

A gap fixture whose due times lie before the cut, in the gap and after now, read from what the source named: instants and
clock times. The pane is asked for its words (what is drawn and what a screen reader is told come from the same blocks).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import localdb.chart.medicines as rows_module
from desktop.patient.given import GivenDoses
from desktop.patient.keyed import Stand
from desktop.patient.medicines import Medicines
from localdb.chart.medicines import LATER, NEEDED, NEXT, OVERDUE, RUNNING, SUSPENDED, UNKNOWN, medicine_rows
from localdb.chart.views import Chart
from localdb.codes import drug_lists
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Administration, Medicine
from tests.unit.desktop.patient.builders import _base, at, chart, medicine, patient_view, source
from tests.unit.desktop.patient.stage import NOW, stage_of

CUT, DOWN = "2026-11-24T02:38", "2026-11-24T02:47"
EPMA = source("epma", {"medicine": CUT, "administration": CUT}, declared="down", declared_since=at(DOWN))


def order(name: str, *due: str, times: tuple[str, ...] = (), every: str = "1 d", **rest: Any) -> Medicine:
    rest.setdefault("status", "active")
    return Medicine(
        **(_base("medicine", name, "P0000000000001") | {"source": "epma", "source_id": name}), text=name, dose="1 g",
        route="oral", frequency="as sent", happened=at("2026-11-20T08:00"), times=times, every=every if times else "",
        due=tuple(read_moment(f"{d}:00+00:00") for d in due), **rest,
    )  # fmt: skip


def dose(name: str, when: str, status: str = "completed", **rest: Any) -> Administration:
    return Administration(
        **(_base("administration", f"{name} {when}", "P0000000000001") | {"source": "epma"}), text=name, dose="1 g",
        happened=at(when), status=status, request=f"MedicationRequest/{name}", author="J. Mensah", **rest,
    )  # fmt: skip


def told(*items: Medicine | Administration, now: datetime = NOW) -> Chart:
    given_ = tuple(i for i in items if isinstance(i, Administration))
    return chart(
        patient_view(), medicines=tuple(i for i in items if isinstance(i, Medicine)),
        administrations=tuple(sorted(given_, key=lambda a: -(a.happened.utc or 0) if a.happened else 0)), sources=(EPMA,),
    )  # fmt: skip


def row_of(*items: Medicine | Administration, now: datetime = NOW) -> rows_module.Row:
    (found,) = medicine_rows(told(*items), now, drug_lists())
    return found


def spoken(qtbot, found: Chart, section: type = Medicines) -> str:
    stage = stage_of(found)
    stand = Stand()
    key = stand.turn_to(found.patient.id)
    widget = section(stage.context, stand, key, found)
    qtbot.addWidget(widget)
    widget.resize(1200, 600)
    widget.show()
    sheet = widget.shown.sheet if isinstance(widget, Medicines) else widget.sheet
    return sheet.pane.spoken()


def test_a_due_time_that_passed_in_the_gap_says_that_nobody_knows(qtbot) -> None:
    row = row_of(order("levodopa", "2026-11-24T02:45"))
    assert (row.group, row.due.head, row.due.text) == (UNKNOWN, "DUE 02:45", "status unknown")
    words = spoken(qtbot, told(order("levodopa", "2026-11-24T02:45")))
    assert "DUE 02:45, status unknown" in words
    assert "Between 02:38 and 02:47 a dose may have been given that is not here." in words


def test_a_clock_time_of_every_day_counts_like_a_named_instant() -> None:
    row = row_of(order("levodopa", times=("02:40:00", "14:00:00")))
    assert (row.group, row.due.head, row.due.text) == (UNKNOWN, "DUE 02:40", "status unknown")


def test_two_due_times_in_the_gap_are_both_said() -> None:
    row = row_of(order("levodopa", times=("02:40", "03:10")))
    assert (row.due.head, row.due.text) == ("DUE 02:40", "status unknown (also 03:10)")


@pytest.mark.parametrize("every", ["", "2 d", "1 wk", "8 h"])
def test_clock_times_of_an_order_that_is_not_of_each_day_prove_nothing(every: str) -> None:
    row = row_of(order("alendronic acid", times=("02:40",), every=every))
    assert row.group == LATER and row.due.head == "no due time sent"
    assert row_of(order("methotrexate", times=("02:40",), days=("tue",))).group == LATER


def test_no_record_is_never_not_given(qtbot) -> None:
    for section in (Medicines, GivenDoses):
        words = spoken(qtbot, told(order("levodopa", "2026-11-24T02:45"), dose("other", "2026-11-23T10:00")), section)
        assert "not given" not in words.casefold()
    words = spoken(qtbot, told(order("levodopa", "2026-11-24T02:45")))
    assert "NO RECORD, Check patient/chart" in words


def test_a_due_time_before_the_cut_without_a_dose_stands_first_and_one_with_a_dose_does_not() -> None:
    row = row_of(order("levodopa", "2026-11-24T02:00"))
    assert (row.group, row.due.text) == (OVERDUE, "NO RECORD of it. Check patient/chart")
    assert row_of(order("levodopa", "2026-11-24T02:00"), dose("levodopa", "2026-11-24T01:55")).group == LATER
    assert row_of(order("levodopa", "2026-11-24T02:00"), dose("levodopa", "2026-11-23T18:05")).group == OVERDUE
    withdrawn = dose("levodopa", "2026-11-24T01:55", "entered-in-error")
    assert row_of(order("levodopa", "2026-11-24T02:00"), withdrawn).group == OVERDUE


def test_what_was_refused_says_so_with_who_and_why_and_what_was_given_before(qtbot) -> None:
    refused = dose("atorvastatin", "2026-11-23T22:00", "not-done", reason="refused")
    before = dose("atorvastatin", "2026-11-22T22:04")
    row = row_of(order("atorvastatin", "2026-11-24T22:00"), refused, before)
    assert row.last is not None and row.before is not None
    assert (row.last.how, row.last.by, row.before.at) == ("refused", "J. Mensah", before.happened)
    words = spoken(qtbot, told(order("atorvastatin", "2026-11-24T22:00"), refused, before))
    assert "23-Nov 22:00 REFUSED" in words and "before: 22-Nov 22:04 given" in words


def test_the_order_is_overdue_due_running_next_later_needed_suspended() -> None:
    found = told(
        order("h", status="on-hold"), order("g", as_needed=True), order("f"), order("e", "2026-11-25T22:00"),
        order("d", "2026-11-24T08:00"), order("c"), order("b", "2026-11-24T02:45"), order("a", "2026-11-24T01:00"),
        dose("c", "2026-11-24T00:10", "in-progress"),
    )  # fmt: skip
    rows = medicine_rows(found, NOW, drug_lists())
    assert [r.group for r in rows] == [OVERDUE, UNKNOWN, RUNNING, NEXT, LATER, LATER, NEEDED, SUSPENDED]
    assert [r.drug for r in rows] == ["a", "b", "c", "d", "e", "f", "g", "h"]


def test_next_due_is_only_what_was_sent() -> None:
    assert row_of(order("x", "2026-11-24T08:00")).due.head == "08:00"
    by_clock = row_of(order("x", times=("08:00",)))
    assert (by_clock.due.head, by_clock.due.text) == ("no due time sent", "by its times as sent")
    assert row_of(order("x", "2026-11-24")).due.head == "no due time sent", "a day is no due time"


def test_a_copy_whose_cut_is_not_known_makes_every_passed_due_time_unknown() -> None:
    blind = source("epma", {"medicine": CUT}, declared="down", declared_since=at(DOWN))
    blind = rows_module.msgspec.structs.replace(blind, kinds={"administration": None}, cut=None)
    bare = chart(patient_view(), medicines=(order("x", "2026-11-20T08:00"),), sources=(blind,))
    (row,) = medicine_rows(bare, NOW, drug_lists())
    assert row.group == UNKNOWN


@given(minutes=st.integers(-600, 600), gap=st.integers(0, 600))
def test_no_due_time_between_cut_and_now_is_ever_plain(minutes: int, gap: int) -> None:
    """Whatever the hour: a due time after the cut and not after now reads "status unknown"; one after now never does."""
    cut = NOW - timedelta(minutes=gap)
    due = NOW + timedelta(minutes=minutes)
    told_by = source("epma", dict.fromkeys(("medicine", "administration"), cut.strftime("%Y-%m-%dT%H:%M")))
    item = order("x", due.strftime("%Y-%m-%dT%H:%M"))
    (row,) = medicine_rows(chart(patient_view(), medicines=(item,), sources=(told_by,)), NOW, drug_lists())
    assert (row.group == UNKNOWN) == (cut < due <= NOW)
    assert (row.due.text == "status unknown") == (cut < due <= NOW)


def test_on_the_night_of_the_change_the_doubled_hour_counts_at_its_first_passing() -> None:
    item = order("x", times=("01:30",))
    start = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    item = rows_module.msgspec.structs.replace(item, happened=at("2026-10-01T08:00"))
    passed = rows_module.clock_times_between(item, start, start + timedelta(minutes=30), "Europe/London")
    again = rows_module.clock_times_between(item, start, start + timedelta(minutes=90), "Europe/London")
    assert passed == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC),)
    assert again == (*passed, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_sabotage_without_the_gap_rule_the_due_time_passes_for_a_plain_row(
    qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "_late", lambda *of: None)
    assert row_of(order("levodopa", "2026-11-24T02:45")).group != UNKNOWN
    with pytest.raises(AssertionError):
        test_a_due_time_that_passed_in_the_gap_says_that_nobody_knows(qtbot)


def test_sabotage_words_that_say_not_given_are_caught(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.patient.medicines.NO_RECORD", "Not given")
    with pytest.raises(AssertionError):
        test_no_record_is_never_not_given(qtbot)


def test_the_pane_keeps_the_medicine_whole(qtbot) -> None:
    """A name longer than its column stands in a line of its own: every word of it is among the words drawn."""
    name = "hydroxypropylmethylcellulose with dextran 70 and benzalkonium chloride eye drops PRESERVATIVEFREE"
    assert name in spoken(qtbot, told(medicine(name, "1 drop", "to both eyes", "if needed", None)))
