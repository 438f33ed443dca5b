"""The ledger of paper: gap-free serials, states that follow, a balance that names what is open (DESIGN D9)."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from localdb.errors import InputRefused
from localdb.journal import sheets
from localdb.journal.book import Journal
from localdb.journal.ledger import control_lines
from localdb.journal.opening import open_journal
from localdb.records.ids import serial_is_sound
from localdb.vault.keys import Keys
from localdb.vault.unlocking import keys_from_pipe
from tests.conftest import Clock
from tests.unit.journal.conftest import ANN, NOW, make_vault


def code_of(call: object, *args: object) -> str:
    with pytest.raises(InputRefused) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


def test_serials_are_sound_unique_and_gap_free_over_all_forms(journal: Journal) -> None:
    serials = [journal.issue_sheet(form, 1) for form in ("F01", "F02", "F03", "F18", "F27", "F01")]
    assert all(serial_is_sound(s) and s[1:4] == "K95" for s in serials)
    assert [s.number for s in journal.sheets()] == [1, 2, 3, 4, 5, 6]
    assert len(set(serials)) == 6


def test_a_sheet_is_on_record_before_it_is_made(journal: Journal) -> None:
    serial = journal.issue_sheet("F02", 2, identity=ANN, copies=2)
    sheet = journal.sheet(serial)
    assert (sheet.state, sheet.patient, sheet.pages, sheet.copies, sheet.blank) == ("issued", ANN.patient, 2, 2, False)
    assert journal.sheet(f"{serial[:4]} {serial[4:8]} {serial[8:]}".lower()) == sheet


def test_every_step_is_kept(journal: Journal) -> None:
    serial = journal.issue_sheet("F02", 2, identity=ANN)
    for state in ("made", "printed", "returned", "entered", "scanned"):
        journal.move_sheet(serial, state, remark=f"to {state}")
    assert [e.state for e in journal.sheet_events(serial)] == [
        "issued", "made", "printed", "returned", "entered", "scanned",
    ]  # fmt: skip
    assert journal.sheet_events(serial)[-1].remark == "to scanned"
    assert journal.sheet_events(serial)[-1].staff == "Tess Outsider"


def test_what_does_not_follow_is_refused(journal: Journal) -> None:
    serial = journal.issue_sheet("F02", 1)
    assert code_of(journal.move_sheet, serial, "printed") == "sheet.state"
    assert code_of(journal.move_sheet, serial, "eaten") == "sheet.state"
    journal.move_sheet(serial, "spoiled")
    assert code_of(journal.move_sheet, serial, "made") == "sheet.state"
    assert journal.issue_sheet("F02", 1) != serial, "a spoiled serial is burnt"


def test_a_misread_or_unknown_serial_is_told_apart(journal: Journal) -> None:
    serial = journal.issue_sheet("F02", 1)
    assert code_of(journal.sheet, serial[:-1] + ("1" if serial[-1] != "1" else "2")) == "sheet.invalid"
    assert code_of(journal.sheet, "W") == "sheet.invalid"
    from localdb.records.ids import serial_number

    assert code_of(journal.sheet, serial_number("ZZZ", "F01", 1)) == "sheet.unknown"


@pytest.mark.parametrize(("form", "pages"), [("F1", 1), ("f01", 1), ("F-1", 1), ("F01", 0), ("É01", 1)])
def test_a_sheet_without_form_or_pages_is_refused(journal: Journal, form: str, pages: int) -> None:
    assert code_of(journal.issue_sheet, form, pages) == "sheet.invalid"
    assert journal.sheets() == ()


def test_the_balance_names_what_is_open(journal: Journal) -> None:
    assert journal.balance().is_balanced
    first, second = journal.issue_sheet("F02", 1), journal.issue_sheet("F03", 1)
    journal.move_sheet(first, "void")
    balance = journal.balance()
    assert not balance.is_balanced
    assert [s.serial for s in balance.open] == [second]
    journal.move_sheet(second, "made")
    journal.move_sheet(second, "scanned")
    balance = journal.balance()
    assert (balance.issued, balance.entered, balance.scanned, balance.void) == (2, 0, 1, 1)
    assert balance.is_balanced


class Paper(RuleBasedStateMachine):
    """Any sequence of sheets and steps: numbers stay gap-free, the balance stays true, the log verifies."""

    template: Path
    piped: bytes

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        folder = Path(shutil.copytree(self.template, self.home / "vault"))
        self.journal = open_journal(folder, keys_from_pipe(self.piped, folder), lambda: NOW)
        self.model: dict[str, str] = {}
        self.reprints: dict[str, int] = {}

    @rule(form=st.sampled_from(["F01", "F02", "F27"]))
    def issue(self, form: str) -> None:
        self.model[self.journal.issue_sheet(form, 1)] = "issued"

    @rule(pick=st.integers(0, 50), state=st.sampled_from([*sheets.FOLLOWS, "nonsense"]))
    def move(self, pick: int, state: str) -> None:
        if not self.model:
            return
        serial = sorted(self.model)[pick % len(self.model)]
        to = "Porter" if state == "handed_over" else ""
        if state in sheets.FOLLOWS[self.model[serial]]:
            moved = self.journal.move_sheet(serial, state, "", to)
            self.model[serial] = state
            self.reprints[serial] = self.reprints.get(serial, 0) + (state == "reprinted")
            assert (moved.state, moved.reprints) == (state, self.reprints[serial])
        else:
            assert code_of(self.journal.move_sheet, serial, state, "", to) == "sheet.state"

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "journal"):
            return
        held = self.journal.sheets()
        assert {s.serial: s.state for s in held} == self.model
        assert [s.number for s in held] == list(range(1, len(held) + 1))
        balance = self.journal.balance()
        assert balance.issued == balance.entered + balance.scanned + balance.void + len(balance.open)
        # The control sheet, against a plain count over the model.
        control = control_lines(self.journal.sheet_stories())
        counted = Counter(self.model.values())
        total = control.total
        assert (total.entered, total.scanned) == (counted["entered"], counted["scanned"])
        assert (total.void, total.spoiled) == (counted["void"] + counted["spoiled"], counted["spoiled"])
        assert [line.serial for line in control.lines] == [s.serial for s in held]
        closed = ("entered", "scanned", "void", "spoiled")
        assert control.is_balanced == all(state in closed for state in self.model.values())

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            assert self.journal.verify().ok
            self.journal.close()
            shutil.rmtree(self.home)


def test_any_sequence_of_sheets_balances(tmp_path: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Paper.piped = make_vault(tmp_path / "template", "K95", lambda: NOW)
    Paper.template = tmp_path / "template"
    run_state_machine_as_test(Paper, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))


def test_states_name_only_states() -> None:
    assert set().union(*sheets.FOLLOWS.values()) <= set(sheets.FOLLOWS)


def test_two_openings_of_one_journal_share_the_sequence(
    journal: Journal, folder: Path, keys: Keys, clock: Clock
) -> None:
    again = open_journal(folder, keys, clock)
    for turn in (journal, again, journal, again):
        turn.issue_sheet("F01", 1)
    again.close()
    assert [s.number for s in journal.sheets()] == [1, 2, 3, 4]
