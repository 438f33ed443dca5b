"""Ctrl+F: the search over everything that is written of one patient, on screen and through a real vault."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from reportlab.pdfgen.canvas import Canvas

from desktop.patient.find import Find, words_for
from desktop.patient.letters import LetterShelf
from desktop.screens import settle
from localdb.chart.documents import RESTRICTED
from localdb.chart.views import Chart
from tests.unit.chart.test_documents import letter
from tests.unit.chart.test_reports import report
from tests.unit.desktop.patient.builders import chart, full_chart, patient_view, phoned
from tests.unit.desktop.patient.sections import section_on
from tests.unit.desktop.patient.test_letters import Desk, mdm


def show(qtbot, held: Chart, size: tuple[int, int] = (1206, 588)) -> Find:
    return section_on(qtbot, Find, held, size)


def ask(qtbot, found: Find, question: str) -> list[str]:
    """Type; the titles of the rows once the answer to this question is there."""
    found.field.set_text(question)
    qtbot.waitUntil(lambda: not found._bench().is_busy, timeout=10_000)
    return [row.hit.text.title for row in found.rows.held.rows]


def test_typing_shows_where_the_words_stand_newest_first(qtbot) -> None:
    held = chart(documents=(letter("1", "2020-01-01T10:00", body="Ejection fraction 58 %."), letter("2")),
                 reports=(report(body="Ejection fraction 61 %."),))  # fmt: skip
    found = show(qtbot, held)
    assert ask(qtbot, found, "ejection") == ["CT chest", "Letter 1"]
    assert "2 of 3 records" in found.said.text()
    assert "Ejection fraction 58 %" in found.rows.held.rows[1].text
    assert ask(qtbot, found, "ejection 58") == ["Letter 1"]
    assert ask(qtbot, found, "") == []


def test_what_is_not_in_this_copy_is_said(qtbot) -> None:
    from localdb.chart.views import UNAVAILABLE, Listing

    found = show(qtbot, chart(documents=Listing(UNAVAILABLE)))
    ask(qtbot, found, "x")
    assert "letters not in this copy" in found.said.text()


def test_a_restricted_letter_is_a_code_in_the_list(qtbot) -> None:
    held = chart(documents=(letter("1", restricted=True, title="Safeguarding", body="Concern at home."),))
    found = show(qtbot, held)
    assert ask(qtbot, found, "concern") == [RESTRICTED]
    assert "Concern" not in found.rows.held.rows[0].text


@pytest.mark.parametrize("width", [1206, 977, 787])
def test_no_row_is_cut_at_any_width(qtbot, width: int) -> None:
    from desktop.shell.type import SEMIBOLD
    from desktop.shell.type import width as advance

    held = chart(documents=(letter("1", title="A title that is long " * 6, body="A word and more of them " * 20),))
    found = show(qtbot, held, (width, 588))
    ask(qtbot, found, "word")
    (row,) = found.rows.held.rows
    room = found.rows.viewport().width()
    assert all(advance(line, "label") <= room - 24 for line in row._context)
    assert all(advance(line, "body", SEMIBOLD) <= room - row._side for line in row._titles)
    assert row.height >= 22 * len(row._titles) + 21 * len(row._context) + 21


def test_down_goes_into_the_list_and_enter_opens(qtbot) -> None:
    found = show(qtbot, chart(documents=(letter("1"), letter("2"))))
    opened: list[str] = []
    found.rows.opened.connect(lambda row: opened.append(row.hit.text.title))
    ask(qtbot, found, "words")
    QTest.keyClick(found.field.box, Qt.Key.Key_Down)
    QTest.keyClick(found.rows, Qt.Key.Key_Down)
    QTest.keyClick(found.rows, Qt.Key.Key_Return)
    assert opened == ["Letter 2"]


def test_an_answer_for_the_patient_before_is_refused_and_nothing_stays(qtbot) -> None:
    found = show(qtbot, full_chart())
    ask(qtbot, found, "potassium")
    assert found.rows.held.rows
    found.stand.turn_to(patient_view(1).id)
    assert not found.rows.held.rows
    found._on_hits((found._key, found.field.text()), (found._hits, 1))
    assert not found.rows.held.rows


def test_every_word_of_the_record_is_told_to_a_screen_reader(qtbot) -> None:
    found = show(qtbot, chart(entries=(phoned(),)))
    ask(qtbot, found, "potassium")
    assert found.field.box.accessibleName() and found.rows.accessibleName()
    (row,) = found.rows.held.rows
    assert phoned().number in found._texts[0].lines[-1] and "otassium" in row.text


# -- through the window and a real vault


def pdf(text: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, text)
    canvas.save()
    return out.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    if made.app is not None and made.app.window is not None:
        made.app.window.close()


def test_words_of_a_sealed_pdf_are_found_and_the_hit_opens_its_letter(desk: Desk) -> None:
    desk.fill(mdm(1, "application", "pdf", pdf("Sick-day rules")), mdm(2, "application", "pdf", pdf("Nothing else")))
    shelf = desk.letters()
    app = desk.app
    assert app is not None and app.window is not None and app.context is not None
    page = app.window.patient_page
    page._on_find()  # Ctrl+F
    settle(app)
    (found,) = app.window.findChildren(Find)
    found.field.set_text("sick-day")
    settle(app)
    assert len(found.rows.held.rows) == 1
    wanted = found.rows.held.rows[0].hit.text.record
    found.rows.open_chosen()
    settle(app)
    assert (page.section, page.frame.tab) == (6, "letters")
    assert isinstance(page.frame.shown.shown, LetterShelf)
    assert shelf.found[shelf.list.chosen].document.id == wanted
    assert words_for(app.context).held
    app.context.locking.emit()
    assert words_for(app.context).held == {}, "words of files are forgotten when the laptop is locked"


def test_ctrl_f_is_a_shortcut_of_the_page(desk: Desk) -> None:
    from PySide6.QtGui import QShortcut

    desk.fill(mdm(1, "application", "pdf", pdf("x")))
    desk.letters()
    assert desk.app is not None and desk.app.window is not None
    keys = [s.key().toString() for s in desk.app.window.patient_page.findChildren(QShortcut)]
    assert keys.count("Ctrl+F") == 1
