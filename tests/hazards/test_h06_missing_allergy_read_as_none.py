"""H06: a missing allergy list read as "none".

Every combination of the list's state, of what is in it and of what its sources say: "No known allergies" stands only
where somebody asserted it and the assertion stands. The sabotage trusts an empty list; the same check must then fail.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.patient import allergies
from desktop.patient.allergies import TITLES, AllergyWords, allergy_words, stands
from desktop.patient.banner import AllergyStrip
from desktop.patient.keyed import Stand
from localdb.chart.views import Chart, Listing
from localdb.records.vocabulary import Allergy, Coding
from tests.unit.desktop.patient.builders import allergy, chart, source
from tests.unit.desktop.patient.stage import NOW, stage_of

STATES = ("known", "none_asserted", "not_recorded", "unavailable")


def assertion(clinical: str, verification: str) -> Allergy:
    return Allergy(
        id="R0000000000001", patient="P0000000000001", source="pas", source_id="1", text="No known allergy",
        codes=(Coding("http://snomed.info/sct", "716186003"),), clinical=clinical, verification=verification,
        asserts_none=True, author="Dr P. Hargreaves, GP",
    )  # fmt: skip


items = st.lists(
    st.one_of(
        st.builds(
            lambda clinical, verification: allergy("Penicillin", "rash", "2019-06-12", clinical=clinical,
                                                   verification=verification),
            st.sampled_from(("active", "inactive", "resolved", "")),
            st.sampled_from(("confirmed", "unconfirmed", "refuted", "entered-in-error", "")),
        ),
        st.builds(assertion, st.sampled_from(("active", "inactive", "")),
                  st.sampled_from(("confirmed", "refuted", "entered-in-error", ""))),
    ),
    max_size=3,
)  # fmt: skip
ages = st.lists(
    st.builds(
        lambda name, state, kinds: source(name, kinds, state=state),
        st.sampled_from(("pas", "epr")),
        st.sampled_from(("complete", "partial", "failed", "never")),
        st.sampled_from(({"allergy": "2026-11-24T02:40"}, {"allergy": None}, {"patient": "2026-11-24T02:40"})),
    ),
    max_size=2,
)
charts = st.builds(
    lambda state, held, told: chart(allergies=Listing(state, tuple(held)), sources=tuple(told)),
    st.sampled_from(STATES),
    items,
    ages,
)


def is_safe(found: Chart, said: AllergyWords) -> bool:
    """The rule of CLINICAL §1.5, written a second time: when may each state be shown?"""
    held = [a for a in found.lists["allergies"].items if isinstance(a, Allergy)]
    active = [a for a in held if stands(a) and not a.asserts_none]
    asserted = [a for a in held if stands(a) and a.asserts_none]
    told = [s for s in found.sources if "allergy" in s.kinds]
    heard = bool(told) and all(s.state not in ("failed", "never") for s in told)
    if said.state == "none":
        return bool(asserted) and not active and heard and found.lists["allergies"].state == "none_asserted"
    if said.state == "known":
        return bool(active) and len(said.items) == len(active)
    if said.state == "not_recorded":
        return not active and heard
    return not active


@given(charts)
def test_no_combination_reads_as_none_without_an_assertion(found: Chart) -> None:
    said = allergy_words(found, NOW)
    assert said.title in TITLES.values()
    assert is_safe(found, said)
    if said.state != "none":
        assert "no known" not in said.spoken.casefold()


def test_the_titles_are_the_four_of_the_rule_and_each_has_its_own_icon() -> None:
    assert set(TITLES.values()) == {
        "Known allergies",
        "No known allergies",
        "Allergies not recorded",
        "Allergies unavailable",
    }
    assert len(set(allergies.ICONS.values())) == 4


def test_no_known_names_who_said_it_and_when() -> None:
    held = assertion("active", "confirmed")
    said = allergy_words(chart(allergies=Listing("none_asserted", (held,))), NOW)
    assert "Dr P. Hargreaves, GP" in said.text
    assert "time not recorded" in said.text


def test_every_allergy_has_its_date() -> None:
    said = allergy_words(chart(allergies=(allergy("Latex", "rash", "2019-06-12"),)), NOW)
    assert said.items[0].said == "12-Jun-2019"


@pytest.mark.parametrize("state", STATES)
def test_the_strip_on_screen_says_what_the_words_say(qtbot, state: str) -> None:
    held = {"known": (allergy("Latex", "rash", "2019-06-12"),), "none_asserted": (assertion("active", "confirmed"),)}
    found = chart(allergies=Listing(state, held.get(state, ())))
    stage = stage_of(found)
    stand = Stand()
    strip = AllergyStrip(stage.context.look, stand, stand.turn_to(found.patient.id), found, NOW)
    qtbot.addWidget(strip)
    strip.resize(1366, 36)
    words = {
        "known": "Known allergies",
        "none_asserted": "No known allergies",
        "not_recorded": "Allergies not recorded",
        "unavailable": "Allergies unavailable",
    }[state]
    assert strip.accessibleName().startswith(f"{words}.")


def test_the_four_strips_differ_without_colour(qtbot) -> None:
    pictures = []
    for state in STATES:
        held = {"known": (allergy("X", "x", "2019-06-12"),), "none_asserted": (assertion("active", "confirmed"),)}
        found = chart(allergies=Listing(state, held.get(state, ())))
        stage = stage_of(found)
        stand = Stand()
        strip = AllergyStrip(stage.context.look, stand, stand.turn_to(found.patient.id), found, NOW)
        qtbot.addWidget(strip)
        strip.resize(1366, 36)
        image = strip.grab().toImage()
        pictures.append(tuple(image.pixelColor(x, 18).lightness() // 16 for x in range(0, 1366, 2)))
    assert len(set(pictures)) == 4


def test_sabotage_an_empty_list_trusted_as_none_is_caught() -> None:
    def trusting(found: Chart) -> AllergyWords:
        held = found.lists["allergies"].items
        return AllergyWords("known" if held else "none", text="")

    empty = chart(allergies=Listing("not_recorded"))
    assert not is_safe(empty, trusting(empty))
    assert is_safe(empty, allergy_words(empty, NOW))


def test_sabotage_the_lists_state_alone_is_not_believed() -> None:
    """A list that says "none asserted" and holds no assertion: one mistake below must not make a patient safe."""
    lying = chart(allergies=Listing("none_asserted"))
    assert allergy_words(lying, NOW).state == "not_recorded"
    assert not is_safe(lying, AllergyWords("none"))


def test_the_words_none_known_stand_in_one_place_only(root: Path) -> None:
    """No screen writes the title by hand beside the rule that decides it."""
    found = [
        path.name
        for path in sorted((root / "desktop" / "patient").glob("*.py"))
        if re.search(r'"No known allergies"', path.read_text(encoding="utf-8"))
    ]
    assert found == ["allergies.py"]
