"""The search over everything written of one patient: what is found, what must never be, and where the words stand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart import finding
from localdb.chart.documents import MANY, RESTRICTED
from localdb.chart.finding import Hit, fold, hits, texts
from localdb.chart.views import Chart
from localdb.records.vocabulary import LISTS, Attachment
from tests.unit.chart.test_documents import letter
from tests.unit.chart.test_reports import report
from tests.unit.desktop.patient.builders import chart, former, full_chart, medicine, phoned, result


def search(held: Chart, question: str, role: str = "clinician", files: dict[str, str] | None = None) -> list[Hit]:
    found, total = hits(texts(held, role, files), question)
    assert total == len(found)
    return list(found)


def titles(held: Chart, question: str, **more: Any) -> list[str]:
    return [h.text.title for h in search(held, question, **more)]


def test_all_words_must_stand_in_one_record_as_beginnings_of_words() -> None:
    held = chart(documents=(letter("1", body="Ejection fraction 58 %."), letter("2", body="Ejection murmur.")))
    assert titles(held, "ejec fract") == ["Letter 1"]
    assert titles(held, "jection") == []
    assert titles(held, "") == []
    assert titles(held, '"fraction 58"') == ["Letter 1"]
    assert titles(held, '"58 fraction"') == []


@pytest.mark.parametrize("question", ["cafe", "CAFÉ", "cafe\u0301", "Café"])
def test_case_and_accents_do_not_count(question: str) -> None:
    held = chart(documents=(letter("1", body="Works in a caf\u00e9."), letter("2", body="Works in a cafe\u0301.")))
    assert len(search(held, question)) == 2


def test_every_list_is_searched_and_its_hit_says_where_it_is_shown() -> None:
    held = full_chart()
    found = {t.kind for t in texts(held, "clinician")}
    kinds = {finding.KINDS[name] for name in LISTS if held.lists[name].items}
    assert found == kinds | ({finding.WRITTEN} if held.entries else set())
    by_kind = {t.kind: (t.section, t.tab) for t in texts(held, "clinician")}
    assert by_kind["Letter"] == (6, "letters")
    assert by_kind["Medicine"] == (3, "all")


def test_a_withdrawn_value_and_its_former_one_are_not_found() -> None:
    gone = result(
        "Potassium",
        "6.81",
        "2026-11-24T01:10",
        status="entered-in-error",
        replaces=(former("6.82", "2026-11-24T01:40"),),
    )
    corrected = result(
        "Sodium", "131", "2026-11-24T01:10", status="corrected", replaces=(former("118", "2026-11-24T01:40"),)
    )
    held = chart(results=(gone, corrected))
    assert search(held, "6.81") == search(held, "6.82") == search(held, "118") == []
    assert titles(held, "131") == ["Sodium"]
    assert titles(held, "potassium") == ["Potassium: entered in error"]


def test_a_withdrawn_report_or_letter_has_no_words() -> None:
    held = chart(
        reports=(report(status="entered-in-error", body="scaphoid", conclusion="scaphoid"),),
        documents=(letter("1", status="entered-in-error", body="scaphoid", blob="a", media_type="application/pdf"),),
    )  # fmt: skip
    assert search(held, "scaphoid", files={"a": "scaphoid"}) == []


def test_addenda_and_former_texts_that_are_shown_are_found() -> None:
    held = chart(reports=(report(status="amended", addenda=("Scaphoid fracture.",)),))
    assert [h.context for h in search(held, "scaph")] == ["Scaphoid fracture."]


def test_words_of_a_file_are_found_once_they_are_read() -> None:
    held = chart(
        documents=(
            letter("1", body="", blob="a", media_type="application/pdf", files=(Attachment("b", "application/pdf"),)),
        )
    )
    assert finding.file_digests(held, "clinician") == ("a", "b")
    assert search(held, "sick-day") == []
    assert titles(held, "sick-day", files={"b": "Page\nThe sick-day rules."}) == ["Letter 1"]
    assert finding.wordless(held, "clinician", {"b": "words"}) == 1


def test_files_of_withdrawn_records_are_not_even_read() -> None:
    gone = letter("1", status="entered-in-error", blob="a", media_type="application/pdf")
    assert finding.file_digests(chart(documents=(gone,)), "clinician") == ()


def test_a_restricted_record_is_found_under_its_code_without_a_line_of_it() -> None:
    held = chart(documents=(letter("1", restricted=True, title="Safeguarding", body="Concern at home."),))
    (hit,) = search(held, "concern")
    assert (hit.text.title, hit.context, hit.places) == (RESTRICTED, "", 0)
    assert search(held, "concern", role="feed") == []
    assert texts(held, "clinician", place=MANY) == ()


def test_what_the_ward_wrote_is_found_with_its_author() -> None:
    (hit,) = search(chart(entries=(phoned(),)), "potassium")
    assert hit.text.kind == finding.WRITTEN
    assert hit.text.source == phoned().staff


def test_names_of_medicines_and_their_instructions_are_found() -> None:
    held = chart(medicines=(medicine("apixaban", "2.5 mg", "oral", "twice a day", None),))
    assert titles(held, "apixaban twice") == ["apixaban"]


def test_the_newest_stands_first_and_what_has_no_time_last() -> None:
    held = chart(
        documents=(letter("1", "2020-01-01T10:00"), letter("2", "2026-01-01T10:00"), letter("3", happened=None))
    )
    assert titles(held, "words") == ["Letter 2", "Letter 1", "Letter 3"]


def test_no_more_than_asked_but_all_are_counted() -> None:
    held = chart(documents=tuple(letter(str(n)) for n in range(30)))
    found, total = hits(texts(held, "clinician"), "words", most=10)
    assert (len(found), total) == (10, 30)


WORDS = st.text(alphabet="abcdé ßﬁ-—\u00a0", min_size=1, max_size=300)


@given(st.lists(WORDS, min_size=1, max_size=4), st.text(alphabet="abcdé", min_size=1, max_size=4))
def test_a_hit_shows_the_match_that_it_claims(lines: list[str], question: str) -> None:
    """Compared with a search by hand: some word begins with the question, case and accents apart."""
    held = chart(documents=(letter("1", title="#", text="#", author="", body="\n".join(lines)),))
    import unicodedata

    def plain(text: str) -> str:
        return "".join(unicodedata.normalize("NFKD", c)[:1] for c in unicodedata.normalize("NFC", text)).casefold()

    words = plain(" ".join(lines)).replace("\u00a0", " ").replace("—", " ").replace("-", " ").split()
    found = search(held, question)
    assert bool(found) == any(w.startswith(plain(question)) for w in words)
    for hit in found:
        assert plain(hit.context[hit.start : hit.end]) == plain(question)
        assert len(hit.context) <= finding.LONGEST + len(question) + 4


@given(st.text(max_size=200))
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=40))
def test_no_question_fails(question: str) -> None:
    search(full_chart(), question)
