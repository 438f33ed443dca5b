"""The control sheet and superseded prints against plain models, for any history (CLINICAL F29, §7.1; DESIGN D9)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from localdb.journal.book import Journal
from localdb.journal.ledger import REPLACING, control_lines, superseded
from localdb.journal.sheets import CLOSED, FOLLOWS, NewSheet, Sheet, SheetEvent, Story, balance_of
from localdb.records.ids import serial_number
from localdb.records.moments import read_moment
from tests.unit.journal.conftest import ANN, BEN, NOW

FORMS = ("F01", "F02", "F03", "F18", "F27")
WHEN = read_moment("2026-11-24T03:12:00+00:00")


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[Story, ...]:
    """Some laptops' sheets in any states, some of their numbers missing."""
    made: list[Story] = []
    for device in draw(st.lists(st.sampled_from(["K95", "T01", "W07"]), unique=True, max_size=3)):
        numbers = draw(st.sets(st.integers(1, 12), max_size=8))
        for number in sorted(numbers):
            form = draw(st.sampled_from(FORMS))
            blank = draw(st.booleans())
            patient = None if blank or form == "F01" else draw(st.sampled_from(["P1", "P2"]))
            minutes = draw(st.integers(0, 90))
            cut = "" if draw(st.booleans()) else (NOW - timedelta(minutes=draw(st.integers(0, 90)))).isoformat()
            sheet = Sheet(
                serial=serial_number(device, form, number), device=device, number=number, form=form, pages=1, copies=1,
                blank=blank, patient=patient, state=draw(st.sampled_from(sorted(FOLLOWS))),
                ward=draw(st.sampled_from(["Ash Ward", "Oak Ward"])), cut=cut, issued=minutes,
            )  # fmt: skip
            made.append(Story(sheet=sheet, identity=None, events=(SheetEvent(sheet.state, WHEN, "Tess"),)))
    return tuple(made)


@given(ledgers(), st.sampled_from(["", "Ash Ward", "Oak Ward", "Nowhere"]))
def test_the_control_sheet_counts_as_a_plain_count_does(ledger: tuple[Story, ...], ward: str) -> None:
    control = control_lines(ledger, ward)
    mine = [s.sheet for s in ledger if ward in ("", s.sheet.ward)]
    assert [line.serial for line in control.lines] == [s.serial for s in mine]
    states = Counter(s.state for s in mine)
    total = control.total
    assert (total.issued, total.entered, total.scanned, total.void, total.spoiled) == (
        len(mine), states["entered"], states["scanned"], states["void"] + states["spoiled"], states["spoiled"],
    )  # fmt: skip
    assert total.issued == total.entered + total.scanned + total.void + total.open
    assert sum(f.issued for f in control.forms) == total.issued
    assert sum(r.count for r in control.ranges) == total.issued
    gaps = []
    for device in sorted({s.device for s in mine}):
        there = {s.sheet.number for s in ledger if s.sheet.device == device}
        gaps += [f"{device} {n}" for n in range(1, max(there)) if n not in there]
    assert list(control.missing) == gaps
    assert control.is_balanced == (not gaps and total.open == 0)
    if not ward:
        whole = balance_of([s.sheet for s in ledger])
        assert (whole.issued, whole.entered, whole.scanned, whole.void) == (
            total.issued, total.entered, total.scanned, total.void,
        )  # fmt: skip
        assert whole.is_balanced == control.is_balanced


@given(ledgers(), st.one_of(st.just(""), st.integers(0, 90).map(lambda m: (NOW - timedelta(minutes=m)).isoformat())))
def test_superseded_is_what_the_rule_says_pair_by_pair(ledger: tuple[Story, ...], cut: str) -> None:
    held = [s.sheet for s in ledger]
    found = superseded(held, cut)
    in_use = {"made", "printed", "reprinted", "handed_over"}
    for one in held:
        order = (one.issued, one.device, one.number)
        about = one.patient or ("" if one.blank else f"ward:{one.ward}")
        newer = [
            o for o in held
            if o.state in in_use and o.form == one.form and (o.issued, o.device, o.number) > order
            and (o.patient or ("" if o.blank else f"ward:{o.ward}")) == about
        ]  # fmt: skip
        replaced = bool(about) and one.form in REPLACING and bool(newer)
        older = (
            bool(cut and one.cut) and not one.blank and datetime.fromisoformat(one.cut) < datetime.fromisoformat(cut)
        )
        if one.state not in in_use or not (replaced or older):
            assert one.serial not in found
        else:
            assert found[one.serial].reason == ("newer_print" if replaced else "newer_copy")
            if replaced:
                assert found[one.serial].by == min(newer, key=lambda o: (o.issued, o.device, o.number)).serial


def test_many_sheets_are_issued_at_once_without_a_gap(journal: Journal) -> None:
    one = journal.issue_sheet("F01", 1)
    cut = NOW.isoformat()
    filled = [NewSheet(form="F02", pages=2, identity=w, ward="Ash Ward", generation=7, cut=cut) for w in (ANN, BEN)]
    many = journal.issue_sheets([*filled, *[NewSheet(form="F27", pages=1, blank=True)] * 3])
    assert [s.number for s in journal.sheets()] == [1, 2, 3, 4, 5, 6]
    assert [s.serial for s in journal.sheets()] == [one, *many]
    held = journal.sheet(many[0])
    assert (held.ward, held.generation, held.cut, held.patient) == ("Ash Ward", 7, NOW.isoformat(), ANN.patient)
    (story,) = [s for s in journal.sheet_stories() if s.sheet.serial == many[1]]
    assert story.identity == BEN


def test_one_that_cannot_be_issued_lets_none_be(journal: Journal) -> None:
    import pytest

    from localdb.errors import InputRefused

    with pytest.raises(InputRefused):
        journal.issue_sheets([NewSheet(form="F02", pages=1), NewSheet(form="F02", pages=0)])
    assert journal.sheets() == ()


def test_who_holds_a_sheet_and_that_it_came_back(journal: Journal) -> None:
    serial = journal.issue_sheet("F02", 1, identity=ANN)
    journal.move_sheet(serial, "made")
    journal.move_sheet(serial, "handed_over", to=" Porter, Ash Ward ")
    assert journal.sheet(serial).holder == "Porter, Ash Ward"
    journal.move_sheet(serial, "reprinted", "soaked")
    assert (journal.sheet(serial).holder, journal.sheet(serial).reprints) == ("Porter, Ash Ward", 1)
    journal.move_sheet(serial, "returned")
    assert journal.sheet(serial).holder == ""
    (line,) = control_lines(journal.sheet_stories()).lines
    assert (line.state, line.counts_as, line.reprints, line.identity) == ("returned", "", 1, ANN)
    journal.move_sheet(serial, "entered", "all of it")
    (line,) = control_lines(journal.sheet_stories()).lines
    assert line.entered is not None
    assert (line.counts_as, line.entered.staff, line.remark) == ("entered", "Tess Outsider", "all of it")
    journal.move_sheet(serial, "returned", "ticked by mistake")
    (line,) = control_lines(journal.sheet_stories()).lines
    assert (line.entered, line.counts_as) == (None, "")


def test_closed_states_are_states() -> None:
    assert set(CLOSED) <= set(FOLLOWS)
