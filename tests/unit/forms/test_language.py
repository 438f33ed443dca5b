"""Fixed words on paper are translated, facts never; a longer language loses nothing (issue 7)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

from desktop.forms import catalogue, language
from desktop.forms.language import PSEUDO, speaking, tr
from tests.unit.forms import checks, paper, test_forms

ROOT = Path(__file__).parents[3]

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


# -- translations ----------------------------------------------------------------------------------------------------


class Recorder(dict[str, str]):
    """Words of a language that has none: it notes what was asked for."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self[key] = key
        return default


@pytest.fixture(scope="module")
def asked_for() -> set[str]:
    """Every fixed word that any form hands to the translator, filled, blank and strange."""
    seen = Recorder()
    site = msgspec.structs.replace(paper.SITE, language="xx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "words", lambda name: seen)
        for code in CODES:
            for kind in ("filled", "blank", "strange"):
                model = msgspec.structs.replace(test_forms.made(code, kind), site=site)
                catalogue.render_pack([(code, model)])
                catalogue.text_model(code, model)
    return set(seen)


def texts_in_code() -> set[str]:
    """Every text that stands in the code of the forms and of what they take their words from: rare ones too."""
    found: set[str] = set()
    for folder in ("desktop/forms", "localdb/chart"):
        for file in (ROOT / folder).glob("*.py"):
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            found |= {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


@pytest.mark.parametrize("name", language.languages())
def test_every_key_of_a_translation_is_a_text_of_the_code(name: str, asked_for: set[str]) -> None:
    known = asked_for | texts_in_code()
    assert [key for key in language.words(name) if key not in known and not key.startswith("for the ")] == []
    assert [k for k in language.words(name) if k.startswith("for the ") and k not in asked_for] == []


@pytest.mark.parametrize("name", language.languages())
def test_a_translation_keeps_what_is_filled_in_and_what_it_is_joined_to(name: str) -> None:
    for key, text in language.words(name).items():
        assert sorted(re.findall(r"\{\w*\}", key)) == sorted(re.findall(r"\{\w*\}", text)), key
        assert text.strip(), key
        assert key.startswith(", ") == text.startswith(", "), key
        assert (key[0] == " ", key[-1] == " ") == (text[0] == " ", text[-1] == " "), key


# The short names of laboratory tests are read alike in both languages of Wales.
ALIKE = {"FBC", "U&E", "LFT", "CRP", "D-dimer", "NHS No."}


@pytest.mark.parametrize("code", ["F01", "F02", "F03", "F18"])
def test_the_welsh_example_is_whole_for_a_blank_of_these_forms(code: str) -> None:
    seen = Recorder()
    site = msgspec.structs.replace(paper.SITE, language="xx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "words", lambda name: seen)
        catalogue.render_pack([(code, paper.model(code, site=site))])
    assert sorted(set(seen) - set(language.words("cy")) - ALIKE) == []


@pytest.mark.parametrize("code", ["F01", "F02", "F03"])
@pytest.mark.parametrize("kind", ["filled", "blank", "strange"])
def test_a_sheet_in_welsh_loses_nothing_overlaps_nothing_and_says_that_its_words_are_a_draft(
    code: str, kind: str
) -> None:
    site = msgspec.structs.replace(paper.SITE, language="cy")
    model = msgspec.structs.replace(test_forms.made(code, kind), site=site)
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.missing(catalogue.text_model(code, model), made.pdf) == []
    assert checks.overlaps(made.placed) == []
    assert "CYFIEITHIAD DRAFFT" in " ".join(checks.page_texts(made.pdf))


def test_what_sources_sent_is_not_translated() -> None:
    """A source that says "Alerts" or "Female" says it in its own words."""
    chart = paper.chart(problems=(paper.Problem(**paper.ids(), text="Alerts", clinical="active"),))
    site = msgspec.structs.replace(paper.SITE, language="cy")
    texts = catalogue.text_model("F02", paper.model("F02", chart, site=site))
    assert "Alerts" in texts
    assert "Rhybuddion" in texts


def test_english_sheets_are_no_draft() -> None:
    assert not language.is_draft("")
    assert not language.is_draft("xx-unheard-of")
    assert language.is_draft("cy")
