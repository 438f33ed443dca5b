"""A story: a CT comes under a temporary number, is read by the ward, is moved by two people to who the person proved to
be, given back, moved again; then the archive sends it under the right number (issue 8; hazards H01, H02, H19).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize

from desktop.app import App, dress, make_application
from desktop.imaging.moving import MoveForm
from desktop.imaging.reports import Imaging
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.chart.evaluations import provisional
from localdb.house import House
from localdb.records.vocabulary import ImagingStudy, Instance
from localdb.vault.staff import add_staff
from tests.conftest import Clock
from tests.made import NOW, SECRET, new_house, nhs_number, person, stay, ward, write
from tests.unit.sources.dicom.made import ROOT, image, packed

SECOND, THEIRS = "Sam Second", b"another-candle-on-the-ward-12"
NUMBER = "RPH4830172W"
STUDY = ROOT + "2.1"


def sent(folder: Path, number: str, count: int = 3, **more: Any) -> Path:
    """Slices of one CT as the scanner or the archive sends them, under a number."""
    folder.mkdir(parents=True)
    for n in range(1, count + 1):
        made = image(PatientID=number, SOPInstanceUID=f"{ROOT}4.{n}", InstanceNumber=str(n), **more)
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        (folder / f"{n}.dcm").write_bytes(packed(made))
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock = Clock(NOW)
    made = new_house(tmp_path / "vault", clock)
    add_staff(made.vault, made.keys, SECOND, THEIRS, kdf="floor")
    made.fill([write(tmp_path / "pas.json", [*ward(), person(1), stay("p1", 1)])], source="pas", processes=1)
    yield made
    made.close()


def pictures(house: House, who: str, study: str = STUDY) -> list[Instance]:
    reading = house.reading()
    found = sorted(reading.instances(who, study), key=lambda i: i.number or 0)
    for one in found:  # each can be drawn: its frames are in this copy
        assert all(reading.blob(p.blob) for p in one.pixels)
    reading.close()
    return found


def studies(house: House, who: str) -> list[ImagingStudy]:
    reading = house.reading()
    found = [r for r in reading.chart(who).images.items if isinstance(r, ImagingStudy)]
    reading.close()
    return found


def test_a_ct_under_a_temporary_number(house: House, tmp_path: Path) -> None:
    found = {"happened": (NOW - timedelta(hours=3)).isoformat(), "sex": "female", "estimated_year": 1957}
    unknown = house.register({**found, "number": NUMBER, "temporary_name": {"family": "Foxtrot", "given": "Whisky"},
                              "location": {"ward": "Ash Ward", "bed": "A3"}}).patient  # fmt: skip
    # The scanner's worklist had the temporary number and name.
    foxtrot = {"PatientName": "FOXTROT^WHISKY", "PatientBirthDate": "19570101"}
    house.fill([sent(tmp_path / "scanner", NUMBER, **foxtrot)], source="pacs", processes=1)
    assert [(s.uid, s.held) for s in studies(house, NUMBER)] == [(STUDY, 3)]
    assert [i.number for i in pictures(house, unknown)] == [1, 2, 3]
    waits = [f for f in house.reading().flights() if f.open]
    assert [(f.patient.id, [n.state for n in f.open]) for f in waits] == [(unknown, ["performed"])]
    # The doctor writes down what she sees; nobody has reported it.
    seen = {"happened": NOW.isoformat(), "examination": "CT head", "seen_on": "review", "study": STUDY,
            "findings": "No bleed seen."}  # fmt: skip
    house.enter("evaluation", NUMBER, seen)
    # The passport is found: two people say that she is patient 1, and two move the images.
    who = house.reading().resolve(nhs_number(1))
    move = {"happened": NOW.isoformat(), "study": STUDY, "from": NUMBER, "reason": "Identified by passport."}
    entry = house.move_images(who, move, SECOND, THEIRS).entry
    assert [i.number for i in pictures(house, who)] == [1, 2, 3]
    assert {i.patient for i in pictures(house, who)} == {who}
    assert pictures(house, unknown) == []
    assert studies(house, unknown) == []
    assert [(s.uid, s.held) for s in studies(house, who)] == [(STUDY, 3)]
    assert [p.entry.body["findings"] for p in provisional(house.reading().chart(who))] == ["No bleed seen."]
    waits = [f for f in house.reading().flights() if f.open]
    assert [(f.patient.id, [n.state for n in f.open]) for f in waits] == [(who, ["performed"])]
    assert [s.notes[0].startswith(f"MOVED HERE from number {NUMBER}") for s in studies(house, who)] == [True]
    # A doubt: given back, by two; then it was right after all.
    undo = {"happened": NOW.isoformat(), "reason": "Not sure any more.", "undone": True}
    house.move_images(who, undo, SECOND, THEIRS, entry)
    assert pictures(house, who) == []
    assert [i.number for i in pictures(house, unknown)] == [1, 2, 3]
    house.move_images(who, move, SECOND, THEIRS)
    # The archive corrects it itself, and sends two of the three again, and a fourth that the scanner never sent us.
    known = person(1)
    right = {"PatientName": f"{known['name'][0]['family']}^{known['name'][0]['given'][0]}",
             "PatientBirthDate": known["birthDate"].replace("-", ""), "IssuerOfPatientID": "urn:hospital"}  # fmt: skip
    again = sent(tmp_path / "archive", "H0000001", 2, **right)
    more = image(PatientID="H0000001", SOPInstanceUID=ROOT + "4.4", InstanceNumber="4", **right)
    more.file_meta.MediaStorageSOPInstanceUID = more.SOPInstanceUID
    (again / "4.dcm").write_bytes(packed(more))
    house.fill([again], source="pacs", processes=1)
    # It is shown once, with the slice that only the scanner sent: four, each once, none counted twice.
    chart = house.reading().chart(who)
    assert [m.state for m in chart.moved] == ["confirmed"]
    assert [(s.uid, s.held) for s in studies(house, who)] == [(STUDY, 4)]
    assert [i.number for i in pictures(house, who)] == [1, 2, 3, 4]
    assert pictures(house, unknown) == []
    # Everything that was written is in the record, in its order.
    kinds = [e.kind for e in reversed(chart.entries)]
    assert kinds == ["image_move", "image_move", "image_move"]
    assert house.journal.verify().ok


def test_the_same_in_the_window(tmp_path: Path) -> None:
    """The scanner dealt a number of its own. The doctor sees the pictures and finds whose they are by number, a colleague
    gives her own secret; later it proves wrong, and both give them back."""
    house = new_house(tmp_path / "vault")
    house.set_site({"hospital": "Northmoor", "ward": "Ash Ward"})
    add_staff(house.vault, house.keys, SECOND, THEIRS, kdf="floor")
    write(tmp_path / "in" / "pas" / "a.json", [*ward(), person(1), stay("p1", 1)])
    sent(tmp_path / "in" / "pacs" / "ct", "TEMP77", PatientName="UNKNOWN", PatientBirthDate="")
    house.fill([tmp_path / "in"], processes=1)
    reading = house.reading()
    unknown, who = reading.resolve("TEMP77"), reading.resolve(nhs_number(1))
    reading.close()
    house.close()
    app = App(tmp_path / "vault", clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
    dress(make_application(), app.look)
    app.show_gate()
    unlock(app, "Tess Tester", SECRET.decode())
    window = app.window
    assert window is not None
    window.show()
    settle(app)

    def imaging(patient: str) -> Imaging:
        window.show_section(patient, 5)
        settle(app)
        (found,) = [w for w in window.patient_page.findChildren(Imaging) if w.isVisible()]
        return found

    def form() -> MoveForm:
        settle(app)
        (found,) = [w for w in window.findChildren(MoveForm) if w.isVisible()]
        return found

    def second(move: MoveForm, reason: str) -> None:
        move.reason.set_text(reason)
        move.second.set_text(SECOND)
        move.secret.set_text(THEIRS.decode())
        move.save_button.click()
        settle(app)

    try:
        shown = imaging(unknown)
        assert shown.pictures == 3
        shown.written.move_away.click()
        move = form()
        move.number.set_text(nhs_number(1))
        move.find.click()
        settle(app)
        assert move.target is not None
        second(move, "Identified by passport.")
        left = imaging(unknown)
        assert (left.found, left.pictures) == ((), 0)
        assert "MOVED TO" in left.apart.pane.spoken()
        shown = imaging(who)
        assert shown.pictures == 3
        assert "MOVED HERE from number TEMP77" in shown.shelf.sheet.pane.spoken()
        assert "Tess Tester and Sam Second" in shown.shelf.sheet.pane.spoken()
        shown.written.undo.click()
        second(form(), "It was her sister.")
        assert imaging(who).pictures == 0
        assert imaging(unknown).pictures == 3
    finally:
        window.close()
