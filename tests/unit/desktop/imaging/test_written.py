"""What the ward writes about images: provisional and said so, compared by a person, moved by two (H01, H02, H17)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from desktop.entry.page import EntryPage
from desktop.imaging import steps
from desktop.imaging.evaluating import AGREES, DIFFERS, ComparisonForm, EvaluationForm
from desktop.imaging.moving import KEEP, MoveForm
from desktop.imaging.reports import Imaging
from desktop.shell.parts import MicroBanner
from localdb.chart.evaluations import ASKS, PROVISIONAL
from localdb.chart.moved import Origin, Surroundings, moved, standing
from localdb.chart.views import Chart, Entry, Identity
from localdb.errors import InputRefused
from localdb.journal.entries import Receipt
from localdb.records.moments import from_instant
from localdb.records.vocabulary import ImagingStudy, Report
from tests.unit.chart.test_reports import report
from tests.unit.desktop.imaging.made_images import Study, chart_of, images_of
from tests.unit.desktop.patient.builders import chart, entry, patient_view
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.stage import NOW, FakeHouse, Stage, stage_of

UID = "1.2.3"
READING: dict[str, Any] = {
    "happened": "2026-11-24T02:50:00+00:00", "examination": "CT chest", "seen_on": "review", "study": UID,
    "findings": "Consolidation at the right base.", "action": "Antibiotics changed",
    "phoned": {"to": "Dr Rahman", "at": "2026-11-24T02:55:00+00:00"},
}  # fmt: skip
PICTURES = Study(UID).ct(3)
RECORD: ImagingStudy = PICTURES.record(total=4, accession="RF-1")
FORMAL = msgspec.structs.replace(
    report("9", "2026-11-24T01:00", text="CT chest", body="Nodule 4 mm.", accession="RF-1"), id="R0000000000009"
)
READ = entry("evaluation", READING, "2026-11-24T02:52")


def with_entries(held: Chart, *entries: Entry) -> Chart:
    return msgspec.structs.replace(held, entries=entries)


def said(imaging: Imaging) -> str:
    return imaging.shelf.sheet.pane.spoken()


def form_on(qtbot: Any, held: Chart, kind: str, corrects: str | None = None, *others: Chart) -> tuple[Stage, Any]:
    stage = stage_of(held, *others)
    page = EntryPage(stage.context, kind, held.patient.id, corrects)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.resize(1366, 675)
    page.show()
    assert page.form is not None
    return stage, page.form


def test_a_reading_is_said_to_be_provisional_and_is_never_the_report(qtbot) -> None:
    imaging = section_on(qtbot, Imaging, with_entries(chart_of(RECORD), READ))
    (line,) = imaging.shelf.list.lines
    assert line.state == "performed, NOT REPORTED"
    assert "Read by the ward, PROVISIONAL" in line.more
    text = said(imaging)
    assert "PERFORMED, NOT REPORTED" in text
    assert (
        text.index("PERFORMED, NOT REPORTED") < text.index(PROVISIONAL) < text.index("Consolidation at the right base")
    )
    assert "Adaeze Obi" in text
    assert ASKS not in text


def test_the_formal_report_stands_above_and_the_reading_asks(qtbot) -> None:
    held = with_entries(chart_of(RECORD, reports=(FORMAL,)), READ)
    imaging = section_on(qtbot, Imaging, held)
    text = said(imaging)
    assert text.index("Nodule 4 mm.") < text.index(PROVISIONAL) < text.index(ASKS)
    wished: list[tuple[str, str, Any]] = []
    imaging.stage.context.record.connect(lambda *wish: wished.append(wish))
    imaging.written.compare.click()
    assert wished == [(f"comparison {READ.id}", held.patient.id, None)]
    agreed = entry(
        "comparison", {"happened": "2026-11-24T03:00:00+00:00", "evaluation": READ.id, "outcome": "differs",
                       "reported": FORMAL.said.text if FORMAL.said else "", "words": "It sees a nodule."},
        "2026-11-24T03:00", number=2,
    )  # fmt: skip
    imaging = section_on(qtbot, Imaging, with_entries(held, agreed, READ))
    assert ASKS not in said(imaging)
    assert "DIFFERS. It sees a nodule." in said(imaging)
    assert imaging.written.compare.isHidden()


def test_a_reading_of_a_film_has_a_place_of_its_own(qtbot) -> None:
    film = entry("evaluation", {k: v for k, v in READING.items() if k != "study"} | {"seen_on": "film"}, number=3)
    imaging = section_on(qtbot, Imaging, with_entries(chart(), film))
    assert not imaging.apart.isHidden()
    assert "Of an examination that is not in this copy: CT chest" in imaging.apart.pane.spoken()


def test_a_reading_is_written_beside_the_pictures_and_its_draft_is_kept(qtbot, monkeypatch) -> None:
    init = FakeHouse.__init__

    def with_images(self: Any, *given: Any, **more: Any) -> None:
        init(self, *given, **more)
        self.images = images_of(PICTURES)

    monkeypatch.setattr(FakeHouse, "__init__", with_images)
    imaging = section_on(qtbot, Imaging, chart_of(RECORD))
    steps.answer(imaging.stage.context, "seen")
    qtbot.waitUntil(lambda: imaging.viewer is not None and imaging.pictures == 3, timeout=5000)
    imaging.written.evaluate.click()
    form = imaging.form
    assert isinstance(form, EvaluationForm)
    assert form.isVisible()
    assert imaging.viewer.isVisible()
    assert not imaging.shelf.isVisible()
    form.findings.setPlainText("No bleed seen.")
    assert imaging.place().is_writing  # a newer copy: the draft is kept, and the next section opens it again
    qtbot.waitUntil(lambda: bool(imaging.stage.house.drafts), timeout=5000)
    assert imaging.stage.house.drafts[form.draft_key]["findings"] == "No bleed seen."
    form.save()
    qtbot.waitUntil(lambda: imaging.form is None, timeout=5000)
    ((kind, _, body, _),) = imaging.stage.house.entered
    assert (kind, body["study"], body["accession"], body["seen_on"]) == ("evaluation", UID, "RF-1", "review")
    assert body["records"] == [RECORD.id]
    assert body["findings"] == "No bleed seen."
    assert imaging.shelf.isVisible()


def test_what_a_reading_needs_is_said_in_words(qtbot) -> None:
    stage, form = form_on(qtbot, chart_of(RECORD), f"evaluation {RECORD.id}")
    assert isinstance(form, EvaluationForm)
    assert "No findings" in form.refusal()
    form.findings.setPlainText("x")
    form.seen.choose("Other")
    assert "which other display" in form.refusal()
    form.device.set_text("the scanner")
    form.phoned.set_text("Dr Rahman")
    assert "who was phoned and when" in form.refusal()
    form.told_at.set_text("03:05")
    assert form.refusal() == ""
    form.awaited.setChecked(False)
    form.save()
    ((_, _, body, _),) = stage.house.entered
    assert (body["device"], body["awaited"], body["phoned"]["to"]) == ("the scanner", False, "Dr Rahman")
    assert body["phoned"]["at"].startswith("2026-11-24T03:05")


def test_a_correction_keeps_what_it_is_of(qtbot) -> None:
    stage, form = form_on(qtbot, with_entries(chart_of(RECORD), READ), "evaluation", READ.id)
    assert form.findings.toPlainText() == "Consolidation at the right base."
    form.findings.setPlainText("Consolidation at the LEFT base.")
    form.save()
    ((_, _, body, corrects),) = stage.house.entered
    assert (corrects, body["study"], body["phoned"]["to"]) == (READ.id, UID, "Dr Rahman")


def test_the_comparison_shows_both_and_wants_words_where_they_differ(qtbot) -> None:
    stage, form = form_on(qtbot, with_entries(chart_of(RECORD, reports=(FORMAL,)), READ), f"comparison {READ.id}")
    assert isinstance(form, ComparisonForm)
    assert "agrees or differs" in form.refusal()
    form.outcome.choose(DIFFERS)
    assert "in what" in form.refusal()
    form.words.setPlainText("A nodule was missed.")
    form.save()
    ((_, _, body, _),) = stage.house.entered
    assert (body["evaluation"], body["outcome"], body["report"]) == (READ.id, "differs", FORMAL.id)
    assert body["reported"] == (FORMAL.said.text if FORMAL.said else "")
    _, alone = form_on(qtbot, with_entries(chart_of(RECORD), READ), f"comparison {READ.id}")
    alone.outcome.choose(AGREES)
    assert "No formal report" in alone.refusal()


# -- images of another patient

OTHER = chart(patient_view(2, "Abercrombie", "Wilhelmina"))


class Moves:
    """The house's answer to a move; `refused` is raised by the next one."""

    def __init__(self, house: Any) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.refused: InputRefused | None = None
        house.move_images = self

    def __call__(self, patient: str, body: Any, second: str, secret: bytearray, corrects: str | None = None) -> Receipt:
        if self.refused is not None:
            raise self.refused
        self.asked.append((patient, body, second, bytes(secret), corrects))
        return Receipt(entry="E0000000000001", number="W07-1", written=from_instant(NOW))


def filled(form: MoveForm) -> None:
    form.reason.set_text("Wrong band scanned")
    form.second.set_text("Mair Pryce")
    form.secret.set_text("her own words")
    form.touched()


def test_whose_they_are_is_found_by_number_and_seen_before_anything_moves(qtbot) -> None:
    held = chart_of(RECORD)
    stage, form = form_on(qtbot, held, f"image_move {RECORD.id}", None, OTHER)
    moves = Moves(stage.house)
    filled(form)
    form.save()
    assert "Find whose they are" in form.told.text()
    form.number.set_text(held.patient.id)
    form._on_find()
    assert "whose record this is" in form.answer.text()
    form.number.set_text("P9999999999999")
    form._on_find()
    assert "patient.unknown" in form.answer.text()
    form.number.set_text(OTHER.patient.id)
    form._on_find()
    (banner,) = [w for w in form.findChildren(MicroBanner) if not w.isHidden()]
    assert "ABERCROMBIE" in banner.accessibleName()
    form.number.box.textEdited.emit("9")  # another number: who was found for the former goes at once
    assert [w for w in form.findChildren(MicroBanner) if not w.isHidden()] == []
    assert "Find whose they are" in form.refusal()
    form._on_find()
    form.save()
    ((patient, body, second, secret, corrects),) = moves.asked
    assert (patient, second, secret, corrects) == (OTHER.patient.id, "Mair Pryce", b"her own words", None)
    assert body == {"happened": body["happened"], "reason": "Wrong band scanned", "study": UID, "from": held.patient.id}


def test_the_second_secret_is_kept_nowhere(qtbot) -> None:
    stage, form = form_on(qtbot, chart_of(RECORD), f"image_move {RECORD.id}", None, OTHER)
    moves = Moves(stage.house)
    moves.refused = InputRefused("The secret is not that person's.", code="vault.wrong_secret")
    form.number.set_text(OTHER.patient.id)
    form._on_find()
    filled(form)
    form.keep()
    assert "her own words" not in str(stage.house.drafts)
    form.save()
    assert "vault.wrong_secret" in form.told.text()
    assert form.secret.text() == ""
    assert form.reason.text() == "Wrong band scanned"
    form.secret.set_text("again")
    stage.context.locking.emit()
    assert form.secret.text() == ""


def test_chosen_series_alone_are_moved(qtbot) -> None:
    two = Study(UID).ct(2).ct(3, series=2, text="Bone")
    record = two.record(accession="RF-1")
    stage, form = form_on(qtbot, chart_of(record), f"image_move {record.id}", None, OTHER)
    moves = Moves(stage.house)
    form.number.set_text(OTHER.patient.id)
    form._on_find()
    filled(form)
    first, second = form.series.values()
    first.setChecked(False)
    second.setChecked(False)
    form.save()
    assert "Tick at least one series" in form.told.text()
    second.setChecked(True)
    form.save()
    assert moves.asked[0][1]["series"] == [record.series[1].uid]


def moved_charts(natives: tuple[str, ...] = ()) -> tuple[Chart, Chart, Entry]:
    """The charts of whose the images are and of where they came from, and the entry."""
    who, to = patient_view(1, "Foxtrot", "Whisky"), patient_view(0)
    shown = Identity(patient=who.id, ids=who.ids, name=who.name, mrn="RPH4830172W")
    body = {
        "happened": "2026-11-24T03:00:00+00:00", "study": UID, "from": who.id, "reason": "Passport found.",
        "shown": msgspec.to_builtins(shown), "examination": "CT chest", "moved_by": ["Adaeze Obi", "Mair Pryce"],
    }  # fmt: skip
    move = entry("image_move", body, "2026-11-24T03:01")
    around = Surroundings(
        moves=standing([move]), origins={move.id: Origin(records=(RECORD,))},
        holders={UID: (frozenset(who.ids), *(frozenset((n,)) for n in natives))},
    )  # fmt: skip
    charts = []
    for view, own in ((to, []), (who, [RECORD])):
        records, told = moved(view, own, around)
        made = with_entries(chart(view, images=tuple(records)), move)
        charts.append(msgspec.structs.replace(made, moved=told))
    return charts[0], charts[1], move


@pytest.mark.parametrize("natives", [(), ("P-third",)])
def test_both_charts_say_the_move_and_a_conflict_shows_no_pictures(qtbot, natives) -> None:
    here, away, move = moved_charts(natives)
    imaging = section_on(qtbot, Imaging, here)
    words = f"{imaging.apart.pane.spoken()} {said(imaging) if imaging.found else ''}"
    assert "MOVED HERE from number RPH4830172W, FOXTROT, Whisky" in words
    assert "by Adaeze Obi and Mair Pryce" in words
    assert "Reason: Passport found." in words
    assert bool(imaging.found) is not bool(natives)
    assert ("CONFLICT" in words) is bool(natives)
    left = section_on(qtbot, Imaging, away)
    assert left.found == ()
    assert "MOVED TO number" in left.apart.pane.spoken()
    if not natives:
        wished: list[tuple[str, str, Any]] = []
        imaging.stage.context.record.connect(lambda *wish: wished.append(wish))
        assert imaging.written.move_away.isHidden()
        imaging.written.undo.click()
        assert wished == [("image_move", here.patient.id, move.id)]


def test_undoing_and_upholding_take_the_second_person_too(qtbot) -> None:
    here, away, move = moved_charts()
    stage, form = form_on(qtbot, here, "image_move", move.id)
    moves = Moves(stage.house)
    form.save()
    assert "Say why" in form.told.text()
    filled(form)
    form.save()
    patient, body, second, _, corrects = moves.asked[0]
    assert (patient, second, corrects) == (here.patient.id, "Mair Pryce", move.id)
    assert body["undone"] is True
    assert form.concerned() == {here.patient.id, away.patient.id}
    stage, form = form_on(qtbot, here, "image_move", move.id)
    moves = Moves(stage.house)
    form.outcome.choose(KEEP)
    filled(form)
    form.save()
    assert "undone" not in moves.asked[0][1]


def test_a_report_alone_can_be_read_but_not_moved(qtbot) -> None:
    alone: Report = report("8", "2026-11-24T01:00", text="Chest X-ray", body="Clear.")
    imaging = section_on(qtbot, Imaging, chart(reports=(alone,)))
    assert not imaging.written.evaluate.isHidden()
    assert imaging.written.move_away.isHidden()
