"""H17: a preliminary or addended report that is missed. Six status fixtures; order and watermark, on screen and as words.

Control: `chart.reports.parts` puts what was added above the original and marks what is not final; `reportblocks` sets the
parts in that order and draws the watermark over every provisional text. Each control is taken away once.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QImage, QPainter

from desktop.forms import catalogue
from desktop.imaging import reportblocks
from desktop.imaging.reportblocks import Marked, page_blocks, report_blocks
from desktop.shell.tokens import CONTRAST, DARK, LIGHT
from localdb.chart import reports
from localdb.chart.reports import Examination
from localdb.records.vocabulary import Former, Report
from tests.unit.chart.test_reports import report
from tests.unit.desktop.patient.builders import at
from tests.unit.desktop.patient.stage import NOW
from tests.unit.forms import paper

BODY, CONCLUSION = "Wrist, two views.\nNo fracture seen.", "No fracture."
ADDED = "On review there is a scaphoid fracture."
FORMER = Former(status="final", text="Old conclusion.", body="Old text.", said=at("2026-11-23T20:00"))
WRITTEN = {"body": BODY, "conclusion": CONCLUSION, "author": "Dr H. Abara"}
SIX = {
    "preliminary": report(status="preliminary", **WRITTEN),
    "final": report(**WRITTEN),
    "addended": report(status="amended", addenda=(ADDED,), **WRITTEN),
    "corrected": report(status="corrected", replaces=(FORMER,), **WRITTEN),
    "cancelled": report(status="cancelled", **WRITTEN),
    "withdrawn": report(status="entered-in-error", **WRITTEN),
}


def words_of(found: Report) -> str:
    return " | ".join(b.words for b in page_blocks(Examination(found), NOW))


def picture(found: Report, theme=LIGHT) -> QImage:
    """The report as it is drawn, without the list and the facts."""
    blocks = report_blocks(found, NOW)
    image = QImage(700, round(sum(b.height(700) for b in blocks)) + 10, QImage.Format.Format_RGB32)
    image.fill(theme.color("paper"))
    painter = QPainter(image)
    y = 0.0
    for block in blocks:
        block.draw(painter, 0, y, 700, theme)
        y += block.height(700)
    painter.end()
    return image


def assert_above(words: str, first: str, then: str) -> None:
    assert words.index(first) < words.index(then)


@pytest.fixture(autouse=True)
def _application(qtbot) -> None:
    """Fonts need an application."""


def test_the_six_statuses_have_six_words() -> None:
    said = [reports.report_word(r) for r in SIX.values()]
    assert said == ["PRELIMINARY", "final", "ADDENDED", "CORRECTED", "cancelled", "WITHDRAWN"]
    for name, found in SIX.items():
        assert said[list(SIX).index(name)] in words_of(found), name


def test_an_addendum_stands_above_the_original_with_date_author_and_its_name() -> None:
    words = words_of(SIX["addended"])
    assert "ADDENDUM" in words and "Dr H. Abara" in words and "23-Nov 19:12" in words
    assert_above(words, ADDED, BODY)
    assert_above(words, "ADDENDUM", ADDED)


def test_a_correction_is_named_above_and_what_it_replaced_stands_below() -> None:
    words = words_of(SIX["corrected"])
    assert_above(words, "CORRECTED", BODY)
    assert_above(words, CONCLUSION, "FORMER TEXT")
    assert_above(words, "FORMER TEXT", "Old text.")


def test_a_preliminary_report_says_so_before_its_text_and_over_it() -> None:
    assert_above(words_of(SIX["preliminary"]), "PRELIMINARY", BODY)
    (marked,) = report_blocks(SIX["preliminary"], NOW)
    assert isinstance(marked, Marked) and marked.word == "PRELIMINARY"


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=["light", "dark", "contrast"])
def test_the_watermark_is_seen_in_every_theme(theme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text drawn with and without the mark differs, in every stretch of 200 px of a long report."""
    long = report(status="preliminary", body="\n".join(["A line of the text."] * 40), conclusion="")
    with_mark = picture(long, theme)
    monkeypatch.setattr(Marked, "mark", lambda *a: None)
    without = picture(long, theme)
    assert with_mark.size() == without.size()
    for top in range(0, with_mark.height() - 200, 200):
        area = (0, top, 700, 200)
        assert with_mark.copy(*area) != without.copy(*area), f"no watermark between {top} and {top + 200}"


def test_what_is_final_has_no_watermark() -> None:
    for name in ("final", "addended", "corrected"):
        assert not any(isinstance(b, Marked) for b in report_blocks(SIX[name], NOW)), name


def test_a_withdrawn_text_is_shown_nowhere() -> None:
    words = words_of(SIX["withdrawn"])
    assert "No fracture" not in words and "WITHDRAWN" in words


def test_the_list_marks_every_status_that_is_not_plainly_final() -> None:
    from desktop.imaging.reports import line_of

    for name, found in SIX.items():
        line = line_of(Examination(found), NOW)
        assert line.state == reports.report_word(found)
        assert line.heavy == (name not in ("final", "cancelled")), name


def test_a_preliminary_report_with_an_addendum_has_both() -> None:
    words = words_of(report(status="preliminary", addenda=(ADDED,), **WRITTEN))
    assert_above(words, "PRELIMINARY", "ADDENDUM")
    assert_above(words, ADDED, BODY)


# -- sabotage: each control taken away once is seen


def test_sabotage_addenda_below_the_original_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = reports.parts

    def below(found, when):
        made = real(found, when)
        return tuple(sorted(made, key=lambda p: p.kind == reports.ADDENDUM))

    monkeypatch.setattr(reportblocks.reports, "parts", below)
    with pytest.raises(AssertionError):
        test_an_addendum_stands_above_the_original_with_date_author_and_its_name()


def test_sabotage_a_missing_watermark_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Marked, "mark", lambda *a: None)
    with pytest.raises(AssertionError, match="no watermark"), pytest.MonkeyPatch.context() as inner:
        test_the_watermark_is_seen_in_every_theme(LIGHT, inner)


def test_sabotage_a_preliminary_taken_for_final_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "report_word", lambda found: "final")
    with pytest.raises(AssertionError):
        test_the_six_statuses_have_six_words()
    with pytest.raises((AssertionError, ValueError)):
        test_a_preliminary_report_says_so_before_its_text_and_over_it()


def test_sabotage_a_withdrawn_text_that_is_shown_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_GONE", frozenset())
    with pytest.raises(AssertionError):
        test_a_withdrawn_text_is_shown_nowhere()


# -- paper: the summary sheet carries the same marks in the same order


def printed(found: Report) -> str:
    model = paper.model("F02", paper.chart(reports=(found,)))
    return " | ".join(str(x) for x in catalogue.text_model("F02", model))


def test_on_paper_what_is_preliminary_says_so_before_its_text_and_addenda_come_first() -> None:
    words = printed(SIX["preliminary"])
    assert_above(words, "PRELIM", CONCLUSION)
    words = printed(SIX["addended"])
    assert_above(words, ADDED, CONCLUSION)
    assert "ADDENDED" in words
    assert CONCLUSION not in printed(SIX["withdrawn"])


def test_sabotage_addenda_left_out_on_paper_are_seen() -> None:
    without = replace(SIX["addended"], addenda=())
    with pytest.raises((AssertionError, ValueError)):
        assert_above(printed(without), ADDED, CONCLUSION)
