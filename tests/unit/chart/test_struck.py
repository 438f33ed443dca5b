"""Which system is struck while others live, and the sentence that says it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.struck import NOUNS, is_partial, nouns, of_source, own_kinds, sentence, struck
from localdb.chart.views import SourceAge
from localdb.records.moments import from_instant

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


def source(name: str, kinds: tuple[str, ...], minutes: float = 64, declared: str = "") -> SourceAge:
    cut = from_instant(NOW - timedelta(minutes=minutes))
    since = from_instant(NOW - timedelta(minutes=25)) if declared else None
    return SourceAge(source=name, kinds=dict.fromkeys(kinds, cut), cut=cut, declared=declared, declared_since=since)


LAB, PAS = ("patient", "result", "report"), ("patient", "stay", "allergy", "alert")


def test_only_while_others_live_and_only_for_what_it_sends() -> None:
    lab, pas = source("lims", LAB, declared="down"), source("pas", PAS)
    assert [s.source for s in struck((lab, pas), "result")] == ["lims"]
    assert struck((lab, pas), "medicine") == ()
    assert struck((lab, pas), "patient") == (), "a laboratory names its patients; they are not what one misses"
    assert struck((lab, source("pas", PAS, declared="down")), "result") == (), "DOWNTIME in the header says it for all"
    assert not is_partial(())


def test_the_sentence_names_system_since_and_what_is_missing() -> None:
    lab, pas = source("lims", LAB, declared="down"), source("pas", PAS)
    found = struck((lab, pas), "result", titles={"lims": "Laboratory"})[0]
    assert sentence(found, NOW) == "Laboratory is down since 02:47: no result or report after 02:08 is here."
    assert sentence(found, NOW, kinds=("result",)) == "Laboratory is down since 02:47: no result after 02:08 is here."
    tomorrow = sentence(found, NOW + timedelta(days=1), kinds=("result",))
    assert "24-Nov 02:47" in tomorrow, "a lone time never stands for another day"
    assert "24-Nov 02:08" in tomorrow


def test_a_cut_that_is_not_known_is_said_not_invented() -> None:
    lab = SourceAge(source="lims", kinds={"result": None}, declared="down")
    said = sentence(of_source(lab), NOW)
    assert said == "lims is down: up to when its result is here is not known."


def test_the_oldest_of_its_own_kinds_counts() -> None:
    cuts = {"result": from_instant(NOW - timedelta(minutes=9)), "report": from_instant(NOW - timedelta(minutes=90)),
            "patient": from_instant(NOW - timedelta(days=9))}  # fmt: skip
    assert of_source(SourceAge(source="lims", kinds=cuts, declared="down")).cut == cuts["report"]


@given(st.sets(st.sampled_from(sorted(NOUNS))))
def test_own_kinds_are_never_empty_where_something_came_and_every_noun_is_a_word(kinds: set[str]) -> None:
    held = own_kinds(SourceAge(source="x", kinds=dict.fromkeys(kinds)))
    assert bool(held) == bool(kinds)
    assert set(held) <= kinds
    assert nouns(held).strip()
