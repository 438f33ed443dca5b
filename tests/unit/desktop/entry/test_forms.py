"""The entry forms: typed by keyboard alone, drafts kept, refusals in words, a number only from the journal."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget

from desktop.entry.form import Form
from desktop.entry.notes import NoteForm, RequestForm
from desktop.entry.observations import ObservationForm
from desktop.entry.page import FORMS, EntryPage
from localdb.chart.views import Chart
from localdb.errors import EnvironmentFault
from localdb.journal.kinds import check
from tests.unit.desktop.patient.builders import chart, entry, full_chart, obs_set
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of

BEFORE = {"resp": "20", "spo2": "96", "oxygen": "2", "bp": "108/62", "pulse": "104", "temp": "38.4", "acvpu": "Alert"}


def open_form(qtbot, kind: str, found: Chart | None = None, stage: Stage | None = None, corrects: str | None = None):
    found = found or chart(observations=tuple(obs_set("2026-11-24T01:30", BEFORE)))
    stage = stage or stage_of(found)
    page = EntryPage(stage.context, kind, found.patient.id, corrects)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.resize(1366, 675)
    page.show()
    assert page.form is not None
    return stage, page.form


def press(widget: QWidget, text: str) -> None:
    QTest.keyClicks(widget, text)


def test_a_whole_set_is_typed_without_the_mouse(qtbot) -> None:
    stage, form = open_form(qtbot, "observations")
    assert isinstance(form, ObservationForm)
    form.window().activateWindow()
    qtbot.waitUntil(form.fields["resp"].hasFocus)

    def focused() -> QWidget:
        found = form.window().focusWidget()
        assert found is not None
        return found

    for text in ("22", "95"):
        press(focused(), text)
        QTest.keyClick(focused(), Qt.Key.Key_Return)
    QTest.keyClick(focused(), Qt.Key.Key_Space)  # Air
    press(focused(), "106/")
    press(focused(), "64")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    press(focused(), "112")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    press(focused(), "c")  # New confusion: one key, in its own row
    press(focused(), "38.1")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    QTest.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    ((kind, _, body, _),) = stage.house.entered
    assert kind == "observations"
    by_code = {item["code"]: item for item in body["items"]}
    assert by_code["9279-1"] == {"code": "9279-1", "value": "22", "unit": "/min"}
    assert by_code["3151-8"]["value"] == "Air"
    assert [c["value"] for c in by_code["85354-9"]["components"]] == ["106", "64"]
    assert by_code["67775-7"]["value"] == "New confusion"
    assert by_code["8310-5"] == {"code": "8310-5", "value": "38.1", "unit": "Cel"}


def test_pressure_typed_in_one_go_is_split(qtbot) -> None:
    _, form = open_form(qtbot, "observations")
    press(form.fields["systolic"], "108/")
    assert form.fields["systolic"].text() == "108"
    form.fields["systolic"].clear()
    form.fields["systolic"].insert("")
    form._on_slash("108/62")
    assert (form.fields["systolic"].text(), form.fields["diastolic"].text()) == ("108", "62")


def test_an_odd_value_is_questioned_in_words_and_kept_when_asked(qtbot) -> None:
    stage, form = open_form(qtbot, "observations")
    form.fields["pulse"].setText("184")
    form._look_at("pulse")
    assert form.question.asked is not None
    assert form.question.asked.head == "Pulse 184 is far from 104 at 01:30"
    form.save()
    assert stage.house.entered == []
    assert "Pulse 184" in form.told.text()
    form.question.keep_button.click()
    assert form.question.asked is None
    form.save()
    assert len(stage.house.entered) == 1


def test_letters_outside_their_row_choose_nothing(qtbot) -> None:
    _, form = open_form(qtbot, "observations")
    press(form.fields["temp"], "a")
    assert form.level.value == ""


def test_no_score_is_made_and_the_form_says_so(qtbot) -> None:
    _, form = open_form(qtbot, "observations")
    assert "No score is added up here" in form.missing.text()
    assert "0 of 7" in form.missing.text()


def test_what_is_typed_is_kept_at_a_pause_and_comes_back(qtbot) -> None:
    stage, form = open_form(qtbot, "note")
    assert isinstance(form, NoteForm)
    with qtbot.waitSignal(form.kept):
        form.text.setPlainText("Seen at 03:00, comfortable")
    _, again = open_form(qtbot, "note", form.chart, stage)
    assert isinstance(again, NoteForm)
    assert again.text.toPlainText() == "Seen at 03:00, comfortable"


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_the_lock_keeps_what_is_typed(qtbot, kind: str) -> None:
    stage, form = open_form(qtbot, kind)
    box = form.findChild(QPlainTextEdit) or form.findChildren(QLineEdit)[1]
    box.setFocus()
    press(box, "7")
    assert stage.house.drafts == {}
    stage.context.locking.emit()
    (state,) = stage.house.drafts.values()
    assert "7" in repr(state)


def test_nothing_typed_leaves_no_draft(qtbot) -> None:
    stage, form = open_form(qtbot, "observations")
    form.keep()
    assert stage.house.drafts == {}


def test_a_saved_entry_leaves_no_draft_and_tells_its_number(qtbot) -> None:
    stage, form = open_form(qtbot, "note")
    form.text.setPlainText("x")
    form.keep()
    form.save()
    assert stage.house.drafts == {}
    assert stage.told == ["Saved 03:12 as W07-0001. It is on disk."]
    assert stage.opened == [form.key.person]


def test_no_number_is_told_before_the_journal_answered(qtbot) -> None:
    stage, form = open_form(qtbot, "note")
    form.text.setPlainText("x")
    stage.writer.immediate = False
    form.save()
    assert stage.told == []
    assert not form.save_button.isEnabled(), "a second press must not save it twice"
    while stage.writer.deliver():
        pass
    assert len(stage.house.entered) == 1
    assert stage.told[0].startswith("Saved")


def test_a_failed_save_keeps_the_text_and_says_what_to_do(qtbot) -> None:
    stage, form = open_form(qtbot, "note")
    stage.house.broken = EnvironmentFault("The disk is full.", code="disk.full", next_step="Free some space.")
    form.text.setPlainText("Seen at 03:00")
    form.save()
    assert "disk.full" in form.told.text()
    assert "Free some space." in form.told.text()
    assert form.text.toPlainText() == "Seen at 03:00"
    assert stage.house.drafts != {}
    stage.house.broken = None
    form.save()
    assert len(stage.house.entered) == 1


def test_a_correction_is_a_new_entry_that_names_the_first(qtbot) -> None:
    found = full_chart()
    note = next(e for e in found.entries if e.kind == "note")
    stage, form = open_form(qtbot, "note", found, corrects=note.id)
    assert isinstance(form, NoteForm)
    assert form.text.toPlainText() == note.body["text"]
    form.text.setPlainText("Dr Rahman told at 03:07")
    form.save()
    ((_, _, body, corrects),) = stage.house.entered
    assert corrects == note.id
    assert body["text"] == "Dr Rahman told at 03:07"


def test_an_observation_set_comes_back_into_its_fields_to_be_corrected(qtbot) -> None:
    items = [
        {"code": "9279-1", "value": "22", "unit": "/min"},
        {"code": "3151-8", "value": "2", "unit": "L/min"},
        {"code": "85354-9", "components": [{"code": "8480-6", "value": "106"}, {"code": "8462-4", "value": "64"}]},
        {"code": "67775-7", "value": "New confusion"},
    ]
    first = entry("observations", {"happened": "2026-11-24T03:00:00+00:00", "items": items}, "2026-11-24T03:00")
    stage, form = open_form(qtbot, "observations", chart(entries=(first,)), corrects=first.id)
    assert isinstance(form, ObservationForm)
    assert form.state() | {"kept": []} == {
        "taken": "03:00", "resp": "22", "spo2": "", "oxygen": "2", "systolic": "106", "diastolic": "64", "pulse": "",
        "temp": "", "glucose": "", "air": "Oxygen", "level": "C", "kept": [],
    }  # fmt: skip
    form.save()
    assert stage.house.entered[0][3] == first.id


def test_a_request_says_what_is_missing_and_saves_when_whole(qtbot) -> None:
    stage, form = open_form(qtbot, "request")
    assert isinstance(form, RequestForm)
    form.save()
    assert "at least one test" in form.told.text()
    form.tests.setPlainText("U&E\nFBC\n")
    form.reason.set_text("high potassium")
    form.phone.set_text("ext. 4410")
    form.priority.choose("urgent")
    form.save()
    ((_, _, body, _),) = stage.house.entered
    assert body["tests"] == ["U&E", "FBC"]
    check("request", body, NOW)


@pytest.mark.parametrize("kind", sorted(FORMS))
@pytest.mark.parametrize("size", [(1366, 675), (1093, 521)])
def test_every_field_and_button_has_a_name_and_is_large_enough(qtbot, kind: str, size: tuple[int, int]) -> None:
    _, form = open_form(qtbot, kind)
    page = form.window()
    page.resize(*size)
    for widget in (
        *form.findChildren(QLineEdit),
        *form.findChildren(QPlainTextEdit),
        *form.findChildren(QAbstractButton),
    ):
        if widget.isVisibleTo(form):
            assert widget.accessibleName(), type(widget).__name__
            assert widget.height() >= 44, f"{widget.accessibleName()} is {widget.height()} px high"
            assert widget.width() >= 44, f"{widget.accessibleName()} is {widget.width()} px wide"


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_everything_can_be_reached_by_tab(qtbot, kind: str) -> None:
    _, form = open_form(qtbot, kind)
    wanted = {
        w
        for w in (*form.findChildren(QLineEdit), *form.findChildren(QAbstractButton))
        if w.isVisibleTo(form) and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    seen: set[QWidget] = set()
    at: QWidget = form.window()
    for _ in range(400):
        following = at.nextInFocusChain()
        assert following is not None
        at = following
        seen.add(at)
    assert wanted <= seen


def test_another_patient_closes_the_form(qtbot) -> None:
    _, form = open_form(qtbot, "note")
    page = form.window()
    assert isinstance(page, EntryPage)
    page.stand.turn_to("P0000000000009")
    assert not form.isVisible()


def test_every_kind_of_entry_has_its_form() -> None:
    assert all(issubclass(made, Form) for made in FORMS.values())  # type: ignore[arg-type]
