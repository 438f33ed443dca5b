"""Fixed words on paper are translated, facts never; a longer language loses nothing (issue 7)."""

from __future__ import annotations

import re

import msgspec
import pytest

from desktop.forms import catalogue
from desktop.forms.language import PSEUDO, speaking, tr
from tests.unit.forms import checks, paper

CODES = list(paper.FRAMED)
LONGER = msgspec.structs.replace(paper.SITE, language=PSEUDO)


def test_without_a_language_words_are_as_written() -> None:
    assert tr("Taken by") == "Taken by"
    with speaking("xx-unheard-of"):
        assert tr("Taken by") == "Taken by"
    with speaking(PSEUDO):
        assert tr("Taken by") == "[Taken by ~]"
    assert tr("Taken by") == "Taken by"


@pytest.mark.parametrize("code", CODES)
def test_a_longer_language_loses_no_fact_and_overlaps_nothing(code: str) -> None:
    model = paper.filled(code, site=LONGER)
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.missing(catalogue.text_model(code, model), made.pdf) == []
    assert checks.overlaps(made.placed) == []


@pytest.mark.parametrize("code", CODES)
def test_every_fixed_word_of_a_blank_form_can_be_translated(code: str) -> None:
    """What a blank says is all fixed: whatever stands outside the marks was never handed to the translator."""
    placed = catalogue.render_pack([(code, paper.model(code, site=LONGER))]).placed
    text = " ".join(p.text for p in placed)
    outside = re.sub(r"\[[^\[\]]*~\]", " ", re.sub(r"\[[^\[\]]*\[[^\[\]]*~\][^\[\]]*~\]", " ", text))
    known = {paper.SITE.hospital, paper.SITE.incident, "Adaeze Obi", "07A", code, paper.serial(code)}
    for fact in known:
        outside = outside.replace(fact, " ")
    words = [w for w in re.findall(r"[A-Za-z]{3,}", outside) if w not in {"Nov", "Dec", "GMT", "BST"}]
    assert words == []
