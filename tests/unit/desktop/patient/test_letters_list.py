"""The list of letters: groups, states, filter beside the tabs, restricted ones covered, addenda above their letter."""

from __future__ import annotations

from desktop.patient.letters import Letters, LetterShelf
from localdb.chart.documents import RESTRICTED
from localdb.chart.views import Chart
from localdb.records.vocabulary import Reference
from tests.unit.chart.test_documents import letter
from tests.unit.desktop.patient.builders import chart
from tests.unit.desktop.patient.sections import section_on


def show(qtbot, held: Chart, size: tuple[int, int] = (1206, 588), role: str = "clinician") -> Letters:
    return section_on(qtbot, Letters, held, size, role=role)


def shelf_of(letters: Letters) -> LetterShelf:
    shelf = letters.stack.widget(0)
    assert isinstance(shelf, LetterShelf)
    return shelf


def page(letters: Letters) -> str:
    return shelf_of(letters).sheet.pane.spoken()


MANY = tuple(
    letter(str(n), text="Clinic letter" if n % 2 else "Discharge summary", author=f"Dr {'AB'[n % 2]}") for n in range(8)
)


def test_groups_have_heads_with_their_count(qtbot) -> None:
    heads = [line.head for line in shelf_of(show(qtbot, chart(documents=MANY))).list.lines if line.head]
    assert heads == ["Discharge summary  4", "Clinic letter  4"]


def test_the_filter_stands_beside_the_tabs_and_goes_with_them(qtbot) -> None:
    letters = show(qtbot, chart(documents=MANY))
    assert letters.filter is not None and letters.filter.isVisible()
    letters.filter.set_text("discharge")
    shelf = shelf_of(letters)
    assert len(shelf.list.lines) == 4
    assert "4 of 8 shown" in shelf.head.pane.spoken()
    letters.filter.set_text("nobody at all")
    assert shelf.list.lines == () and page(letters) == ""
    letters.show_tab("find")
    assert not letters.filter.isVisible()
    letters.show_record("Rdoc3")
    assert letters.filter.isVisible() and letters.filter.text() == ""
    assert shelf.found[shelf.list.chosen].document.id == "Rdoc3"


def test_few_letters_need_no_filter(qtbot) -> None:
    assert show(qtbot, chart(documents=(letter("1"),))).filter is None


def test_a_restricted_letter_is_covered_until_it_is_asked_for(qtbot) -> None:
    secret = letter("1", restricted=True, title="Safeguarding", text="Referral", author="T. Lindqvist", body="Concern.")
    letters = show(qtbot, chart(documents=(secret,)))
    shelf = shelf_of(letters)
    assert "Safeguarding" not in shelf.list.accessibleName() and RESTRICTED in shelf.list.accessibleName()
    assert "Concern" not in page(letters) and "Lindqvist" not in page(letters)
    shelf.reveal.click()
    assert "Concern" in page(letters)


def test_without_a_clinical_role_the_list_says_that_something_is_kept_back(qtbot) -> None:
    letters = show(
        qtbot, chart(documents=(letter("1", restricted=True, title="Safeguarding"), letter("2"))), role="feed"
    )
    assert "1 restricted record is not shown" in page(letters)
    assert "Safeguarding" not in page(letters)


def test_superseded_names_what_took_its_place_and_when(qtbot) -> None:
    later = letter("2", "2026-07-01T10:00", references=(Reference("replaces", "DocumentReference/1"),))
    letters = show(qtbot, chart(documents=(letter("1"), later)))
    letters.show_record("Rdoc1")
    assert "SUPERSEDED. A later document took its place: Letter 2, 01-Jul 11:00" in page(letters)


def test_an_addendum_stands_above_its_letter_with_date_and_author(qtbot) -> None:
    added = letter("2", "2026-07-01T10:00", author="Dr B", body="More words.",
                   references=(Reference("appends", "DocumentReference/1"),))  # fmt: skip
    letters = show(qtbot, chart(documents=(letter("1", body="First words."), added)))
    letters.show_record("Rdoc1")
    words = page(letters)
    assert words.index("ADDENDUM 01-Jul 11:00, Dr B") < words.index("More words.") < words.index("First words.")


def test_a_withdrawn_letter_has_no_words_left(qtbot) -> None:
    letters = show(qtbot, chart(documents=(letter("1", status="entered-in-error", body="Wrong patient's words."),)))
    assert "WITHDRAWN" in page(letters) and "Wrong patient" not in page(letters)
