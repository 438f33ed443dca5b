"""H10: a phoned result that was misheard, or filed among the laboratory's own.

Without the read-back nothing is saved: the form refuses with its reason, and the journal's check refuses for itself.
Whatever is changed after the tick takes the tick away. Nothing phoned is ever in the grid. Sabotage: see below.
"""

from __future__ import annotations

import pytest

from desktop.entry.page import EntryPage
from desktop.entry.phoned import PhonedForm
from desktop.entry.typing_words import read_back, spoken_value
from desktop.patient.page import PatientPage
from localdb.chart.grid import cumulative, latest
from localdb.errors import InputRefused
from localdb.journal.kinds import check
from tests.unit.desktop.patient.builders import chart, full_chart, phoned, result
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of

TYPED = {
    "test": "Potassium",
    "value": "6.0",
    "unit": "mmol/L",
    "collected": "02:30",
    "caller": "Kelvin Lim",
    "role": "Biochemist",
    "ext": "4410",
    "told": "Dr Rahman 02:58",
}


@pytest.fixture
def opened(qtbot) -> tuple[Stage, PhonedForm]:
    found = chart(results=(result("Potassium", "5.9", "2026-11-24T01:10", loinc="2823-3"),))
    stage = stage_of(found)
    page = EntryPage(stage.context, "phoned_result", found.patient.id)
    qtbot.addWidget(page)
    page.resize(1366, 675)
    page.show()
    stage.held.append(page)
    form = page.form
    assert isinstance(form, PhonedForm)
    for name, text in TYPED.items():
        form.fields[name].set_text(text)
    return stage, form


def test_without_the_tick_the_form_refuses_and_says_why(opened) -> None:
    stage, form = opened
    form.save()
    assert stage.house.entered == []
    assert "Read the result back" in form.told.text()
    assert form.fields["value"].text() == "6.0", "what was typed stays"


def test_the_journal_refuses_for_itself(opened) -> None:
    _, form = opened
    body = form.body()
    assert body["read_back"] is False
    with pytest.raises(InputRefused) as refused:
        check("phoned_result", body, NOW)
    assert refused.value.code == "entry.no_read_back"


def test_with_the_tick_it_is_saved_as_heard(opened) -> None:
    stage, form = opened
    form.tick.setChecked(True)
    form.save()
    ((kind, _, body, _),) = stage.house.entered
    assert kind == "phoned_result"
    assert (body["test"], body["value"], body["unit"], body["read_back"]) == ("Potassium", "6.0", "mmol/L", True)
    assert stage.told[-1].startswith("Saved 03:12 as W07-0001")


@pytest.mark.parametrize("name", ["test", "value", "unit", "collected", "caller", "flag", "range"])
def test_a_change_after_the_tick_takes_the_tick_away(opened, name: str) -> None:
    stage, form = opened
    form.tick.setChecked(True)
    form.fields[name].box.insert("1")
    assert not form.tick.isChecked()
    form.save()
    assert stage.house.entered == []


def test_whom_one_told_may_be_added_after_the_tick(opened) -> None:
    _, form = opened
    form.tick.setChecked(True)
    form.fields["told"].box.insert(" again")
    assert form.tick.isChecked()


def test_a_draft_comes_back_without_its_tick(opened, qtbot) -> None:
    stage, form = opened
    form.tick.setChecked(True)
    form.keep()
    again = EntryPage(stage.context, "phoned_result", form.key.person)
    qtbot.addWidget(again)
    assert isinstance(again.form, PhonedForm)
    assert again.form.fields["value"].text() == "6.0"
    assert not again.form.tick.isChecked()


def test_digits_are_said_one_by_one() -> None:
    assert read_back("Potassium", "6.0", "mmol/L") == "Potassium, six point zero, millimoles per litre."
    assert spoken_value("15") == "one five"
    assert spoken_value("<0.05") == "less than zero point zero five"
    assert spoken_value("-2.5") == "minus two point five"
    assert spoken_value("positive") == "positive"


def texts_of_grid(entries: tuple) -> str:
    found = chart(results=(result("Potassium", "5.9", "2026-11-24T01:10", loinc="2823-3"),), entries=entries)
    items = [*found.lists["results"].items]
    return repr(cumulative(items)) + repr(latest(items))


def test_a_phoned_result_is_never_in_the_grid() -> None:
    assert "6.0" not in texts_of_grid((phoned(),))
    assert cumulative([*full_chart().lists["results"].items, *full_chart().phoned]).total == len(  # type: ignore[list-item]
        full_chart().lists["results"].items
    )


def test_on_screen_it_stands_in_its_own_box_and_not_in_the_grid(qtbot) -> None:
    found = full_chart()
    stage = stage_of(found)
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    page.resize(1366, 675)
    page.show()
    page.show_patient(found.patient.id)
    page.set_section(2)
    assert page.frame is not None
    results = page.frame.shown.shown
    assert "UNCONFIRMED, BY PHONE" in results.phoned.accessibleName()
    assert "6.0" in results.phoned.accessibleName()
    assert all(c.text != "6.0" for row in results.grid.rows for c in row.every)


def test_sabotage_a_form_that_does_not_ask_is_stopped_by_the_journal(opened, monkeypatch) -> None:
    """The first control is taken away: the second one refuses, and the screen says so and keeps what was typed."""
    stage, form = opened
    monkeypatch.setattr(PhonedForm, "refusal", lambda self: "")
    form.save()
    assert stage.house.entered == []
    assert "entry.no_read_back" in form.told.text()


def test_sabotage_without_both_controls_it_would_be_kept(opened, monkeypatch) -> None:
    """With both taken away an unread result is in the journal: so the tests above test these two controls."""
    stage, form = opened
    monkeypatch.setattr(PhonedForm, "refusal", lambda self: "")
    monkeypatch.setattr("tests.unit.desktop.patient.stage.check", lambda kind, body, now: None)
    form.save()
    assert len(stage.house.entered) == 1
