"""The ward's waiting page: lines by state, found by typing, closed under the name of whose they are (H02, H09)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.imaging.awaiting import NOBODY, AwaitedRow
from desktop.patient.flightrows import RESTRICTED, FlightRow, HeadRow
from desktop.shell.parts import MicroBanner
from desktop.shell.window import MainWindow
from desktop.ward.waiting import IMAGING, TESTS, WaitingPlace
from localdb.chart.awaiting import ASKED, DONE, Awaited, Awaiting
from localdb.chart.evaluations import Provisional
from localdb.chart.in_flight import of_records
from localdb.chart.matching import SAME_WARD
from localdb.chart.reports import Examination
from localdb.records.moments import read_moment
from localdb.records.vocabulary import ImagingStudy, Request
from tests.unit.desktop.patient.builders import entry
from tests.unit.desktop.ward_house import EVERYONE, NOW, OTHERS, TWINS, FakeHouse, FakeReading
from tests.unit.desktop.window_stage import settle, window_on


def request(n: int, text: str, said: str, **more: Any) -> Request:
    return Request(
        id=f"R{n:013d}", patient="P", source="lims", source_id=f"q{n}", status="active", text=text, comments=(said,),
        asked=read_moment("2026-11-23T18:00:00+00:00"), numbers=(f"L{n}",), **more,
    )  # fmt: skip


FOUND = (
    of_records(TWINS[1], (request(1, "Blood cultures", "in laboratory"), request(2, "HIV viral load", "in laboratory",
                                                                                 restricted=True)), (), NOW),
    of_records(TWINS[0], (request(3, "U&E repeat", "not collected"), request(4, "CRP", "in laboratory")), (), NOW),
)  # fmt: skip


@pytest.fixture
def shown(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[MainWindow, WaitingPlace, list[Any]]]:
    house, written = FakeHouse(), []

    def enter(kind: str, patient: str, body: dict[str, Any], corrects: str | None = None) -> Any:
        written.append((kind, patient, body, corrects))
        return type("Receipt", (), {"entry": "E0000000000001", "number": "W07-1"})()

    monkeypatch.setattr(FakeReading, "flights", lambda self, ward=None: FOUND)
    monkeypatch.setattr(house, "enter", enter, raising=False)
    with window_on(house) as window:
        window.activateWindow()
        QTest.keyClick(window, Qt.Key.Key_F6)
        settle(window.context)
        place = window.places.place("waiting")
        assert isinstance(place, WaitingPlace)
        yield window, place, written


def rows(place: WaitingPlace) -> list[FlightRow]:
    return [r for r in place.list.held.rows if isinstance(r, FlightRow)]


def test_lines_stand_by_state_then_by_bed_and_add_up(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    _, place, _ = shown
    heads = [(r.title, r.count) for r in place.list.held.rows if isinstance(r, HeadRow)]
    assert heads == [("Ordered, not collected", "1"), ("In the laboratory or department", "3")]
    assert [r.view.bed for r in rows(place)] == ["A1", "A1", "A2", "A2"]
    assert "In flight at the cut: 4. Closed: 0. Open: 4." in place.words.text()


def test_typing_keeps_the_lines_with_these_words(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    window, place, _ = shown
    place.filter.setText("a2 cultures")
    assert [r.line.test for r in rows(place)] == ["Blood cultures"]
    place.filter.setText("hiv")
    assert rows(place) == [], "what is restricted is not found by its name on a list of many patients"
    assert "Lines without the filter: 4" in place._none.text()
    assert RESTRICTED in " ".join(r.text for r in rows_of_all(place))
    window.back()
    assert len(rows(place)) == 4


def rows_of_all(place: WaitingPlace) -> list[FlightRow]:
    place.filter.setText("")
    found = rows(place)
    place.filter.setText("hiv")
    return found


def test_a_line_is_closed_under_the_name_of_whose_it_is(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    window, place, written = shown
    place.list.setFocus()
    place.list.step(2)
    QTest.keyClick(place.list, Qt.Key.Key_Return)
    (banner,) = [b for b in place.box.findChildren(MicroBanner) if b.isVisible()]
    assert "MOHAMMED, Aminah" in banner.accessibleName()
    place.box.ends["lost"].click()
    settle(window.context)
    ((kind, patient, body, corrects),) = written
    assert (kind, patient, corrects) == ("closure", TWINS[1].id, None)
    assert (body["requests"], body["outcome"]) == (["R0000000000001"], "lost")
    assert not place.box.isVisible()
    assert window.status.notice is not None
    window.status.notice.act()  # type: ignore[misc]
    settle(window.context)
    assert (written[1][2]["outcome"], written[1][3]) == ("reopened", "E0000000000001")


def test_the_next_question_names_the_next_patient_alone(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    window, place, _ = shown
    first, last = rows(place)[0], rows(place)[2]
    place.box.ask(first.line, first.view, name_patient=True)
    place.box.ask(last.line, msgspec.structs.replace(last.view, name=OTHERS[0].name), name_patient=True)
    settle(window.context)
    visible = [b.accessibleName() for b in place.box.findChildren(MicroBanner) if b.isVisible()]
    assert len(visible) == 1
    assert "PATEL" in visible[0]


def test_a_line_says_whose_name_is_like_another_s(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    """Both twins wait for something; a result is asked for by telephone with the name alone (H01)."""
    _, place, _ = shown
    texts = {r.patient: r.text for r in rows(place)}
    assert set(texts) == {TWINS[0].id, TWINS[1].id}
    assert all(SAME_WARD in text for text in texts.values())


def test_who_is_chosen_to_be_written_about_is_told_apart(shown: tuple[MainWindow, WaitingPlace, list[Any]]) -> None:
    window, _, _ = shown
    window.record("", TWINS[0].id, None)
    settle(window.context)
    place: Any = window.places.place("record")
    assert SAME_WARD in place.words.text()
    window.record("", EVERYONE[-1].id, None)
    settle(window.context)
    assert SAME_WARD not in place.words.text()


# -- imaging that awaits its formal report


def study(number: int, text: str, done: str, **more: Any) -> Examination:
    return Examination(None, ImagingStudy(
        id=f"R{number:013d}", patient="P", source="pacs", source_id=f"s{number}", uid=f"1.2.{number}", text=text,
        accession=f"RF-{number}", happened=read_moment(done), held=1, total=2, **more,
    ))  # fmt: skip


def awaited(state: str, test: str, since: str, **more: Any) -> Awaited:
    return Awaited(state=state, test=test, since=read_moment(since), **more)


def test_imaging_without_a_report_is_a_list_of_its_own_oldest_first(
    shown: tuple[MainWindow, WaitingPlace, list[Any]],
) -> None:
    window, place, _ = shown
    read = Provisional(entry=entry("evaluation", {"examination": "CT head"}))
    asked = entry("request", {"tests": ["Chest X-ray"], "kind": "imaging"}, number=4)
    older, newer = "2026-11-23T23:12:00+00:00", "2026-11-24T01:12:00+00:00"
    house = window.context.house
    house.awaited = (  # type: ignore[attr-defined]
        Awaiting(patient=TWINS[0], lines=(
            awaited(DONE, "CT head", newer, examination=study(1, "CT head", newer), readings=(read,)),
            awaited(ASKED, "Chest X-ray", newer, requests=(asked,), serials=("W07F0800001X",)),
        )),
        Awaiting(patient=TWINS[1], older=2, asks=1, lines=(
            awaited(DONE, "Chest X-ray", older, examination=study(2, "Chest X-ray", older)),
            awaited(DONE, "MRI pelvis", older, examination=study(3, "MRI pelvis", older), restricted=True),
        )),
    )  # fmt: skip
    place.tabs[IMAGING].click()
    settle(window.context)
    found = [r for r in place.list.held.rows if isinstance(r, AwaitedRow)]
    heads = [(r.title, r.count) for r in place.list.held.rows if isinstance(r, HeadRow)]
    assert heads == [("Performed, NOT REPORTED", "3"), ("Asked for on paper, nothing has come", "1")]
    assert [r.age for r in found] == ["4hr", "4hr", "2hr", "2hr"]
    assert NOBODY in found[0].text
    assert "PROVISIONAL reading by Adaeze Obi" in found[2].text
    assert "MRI" not in found[1].text
    assert "W07F0800001X" in found[3].text
    assert "Without a formal report: 3, read by the ward: 1. On paper, nothing has come: 1." in place.words.text()
    assert "To be compared with the formal report: 1." in place.words.text()
    assert "Not listed: 2 of more than 90 days ago." in place.words.text()
    opened: list[tuple[str, int, str]] = []
    window.context.open_section.connect(lambda *wish: opened.append(wish))
    place.list.setFocus()
    place.list.opened.emit(found[0])
    assert opened == [(TWINS[1].id, 5, "")]
    place.filter.setText("head")
    assert [r.line.test for r in place.list.held.rows if isinstance(r, AwaitedRow)] == ["CT head"]


def test_an_answer_for_the_other_list_is_not_shown_in_this_one(
    shown: tuple[MainWindow, WaitingPlace, list[Any]],
) -> None:
    window, place, _ = shown
    place.show_list(IMAGING)
    place.show_list(TESTS)
    settle(window.context)
    assert len(rows(place)) == 4
    place._on_awaiting(((), {}))
    assert len(rows(place)) == 4
