"""A document of the site on paper: every word, no number broken, who printed which version when (DESIGN D10)."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from desktop.plans.paper import Printed, foot_of, pdf_of
from localdb.plans.markdown import HEADING, ITEM, ROW, TICK, marks_of, plain_words, spans_of
from localdb.plans.papers import CSV, MARKDOWN, PDF, Paper
from localdb.records.moments import read_moment

BY = Printed("Adaeze Obi", datetime(2026, 11, 24, 3, 12, tzinfo=UTC), "Northmoor")
PAPER = Paper(number="W07-12", title="Laboratory down", kind="action_card", version=2, media=MARKDOWN, sha256="",
              size=1, staff="Tess Tester", written=read_moment("2026-11-20T10:00:00+00:00"), device="W07",
              review="2026-12-31")  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    document = PdfDocument(pdf)
    try:
        return [document[n].get_textpage().get_text_range().replace("\r", "") for n in range(len(document))]
    finally:
        document.close()


def words(text: str) -> set[str]:
    return set(text.split())


def test_every_word_is_on_the_page_and_the_foot_says_version_and_time() -> None:
    table = "| Name | Number |\n|---|---|\n| X | 01632 960115 |\n"
    text = f"# Laboratory down\n\nRing **first**.\n\n- [ ] Tell Ann\n1. One\n2. Two\n\n{table}"
    (page,) = pages(pdf_of(PAPER, text.encode(), BY))
    assert words(plain_words(marks_of(text))) <= words(page)
    assert "01632 960115" in page.replace("\u00a0", " ")
    flat = " ".join(page.split())
    for part in ("version 2", "W07-12", "Printed 24-Nov-2026 03:12 by Adaeze Obi", "Page 1 of 1", "Northmoor"):
        assert part in flat.replace("\u00a0", " ")


def test_a_long_document_goes_on_and_counts_its_pages() -> None:
    text = "\n\n".join(f"Paragraph {n} of many words that follow each other. " * 3 for n in range(80))
    made = pages(pdf_of(PAPER, text.encode(), BY))
    assert len(made) > 2
    assert all(f"Page {n} of {len(made)}" in " ".join(p.split()).replace("\u00a0", " ") for n, p in enumerate(made, 1))
    whole = words(" ".join(made))
    assert {f"{n}" for n in range(80)} <= whole


def test_a_directory_in_csv_is_a_table() -> None:
    paper = msgspec.structs.replace(PAPER, media=CSV, kind="directory", title="Numbers")
    (page,) = pages(pdf_of(paper, b"Name,Number,Hours\nHaematology,01632 960115,all hours\n", BY))
    assert {"Haematology", "hours", "Numbers"} <= words(page)


def test_a_pdf_keeps_its_pages_and_gets_a_line_at_each_foot() -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    for n in (1, 2):
        canvas.drawString(72, 500, f"Original page {n}")
        canvas.showPage()
    canvas.save()
    made = pages(pdf_of(msgspec.structs.replace(PAPER, media=PDF), out.getvalue(), BY))
    assert [f"Original page {n}" in p and f"Page {n} of 2" in p for n, p in enumerate(made, 1)] == [True, True]
    assert all("Printed 24-Nov-2026 03:12" in p for p in made)


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"review": "2026-11-23"}, "REVIEW WAS DUE 23-Nov-2026"),
        ({"review": "", "valid_from": "2026-11-25"}, "IN FORCE ONLY FROM 25-Nov-2026"),
    ],
)
def test_the_foot_warns_of_dates(more: dict[str, str], part: str) -> None:
    assert part in foot_of(msgspec.structs.replace(PAPER, **more), BY)
    assert "REVIEW" not in foot_of(PAPER, BY)
    assert "TRAINING" in foot_of(PAPER, msgspec.structs.replace(BY, training=True))


def test_the_marks_that_are_read() -> None:
    kinds = [m.kind for m in marks_of("# A\n\n- b\n- [x] c\n\n| d | e |\n|---|---|\n| f | g |\n")]
    assert kinds == [HEADING, ITEM, TICK, ROW, ROW]
    assert spans_of("read it **back** now") == (("read it ", False), ("back", True), (" now", False))
    assert spans_of("see [the card](http://x/y)") == (("see the card (http://x/y)", False),)
    assert spans_of("2*3 and snake_case stay") == (("2*3 and snake_case stay", False),)


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=("Cc",)) | st.just("\n"), max_size=300
    )
)
def test_any_text_makes_pages_and_loses_no_letter(text: str) -> None:
    letters = [c for c in text if c.isalnum()]
    held = "".join(plain_words((m,)) + m.lead for m in marks_of(text))
    assert sorted(c for c in held if c.isalnum()) == sorted(letters)
    assert pdf_of(PAPER, f"x {text}".encode(), BY).startswith(b"%PDF")
