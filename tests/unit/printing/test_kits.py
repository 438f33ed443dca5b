"""Kits: what is printed together, for whom, how many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.forms.catalogue import FORMS
from desktop.printing import kits
from desktop.printing.child import Choice
from desktop.printing.image_wish import ImageWish
from desktop.printing.issuing import Wanted, by_bed
from localdb.errors import InputRefused
from tests.unit.forms import paper


def test_the_kits_that_ship_name_no_form_twice_for_the_same_people() -> None:
    for kit in kits.kits():
        pairs = [(line.form, line.whom) for line in kit.lines]
        assert len(pairs) == len(set(pairs)), kit.code


def test_a_form_of_a_kit_is_asked_for_as_it_is_filled() -> None:
    """A list is for the ward, a chart for each patient: a kit cannot ask for what the form does not take."""
    for kit in kits.kits():
        for line in kit.lines:
            if line.form in FORMS and line.whom != "blank":
                assert (line.whom == "patient") == (FORMS[line.form].takes == "patient"), (kit.code, line.form)


def test_blank_stock_grows_with_the_beds_and_never_vanishes() -> None:
    line = kits.Line(form="F03", whom="blank", per_bed=0.4)
    assert [line.amount(beds) for beds in (0, 1, 10, 28)] == [1, 1, 4, 12]


def test_for_a_ward_lists_charts_and_blanks_for_one_patient_only_the_charts() -> None:
    lines: list[tuple[str, kits.Whom, int]] = [("F01", "ward", 4), ("F02", "patient", 1), ("F03", "blank", 10)]
    assert kits.choices(lines, ward="Ash Ward") == (
        Choice("F01", ward="Ash Ward", copies=4), Choice("F02", ward="Ash Ward"), Choice("F03", blank=10),
    )  # fmt: skip
    assert kits.choices(lines, person="P1") == (Choice("F02", patient="P1"), Choice("F03", blank=10))
    assert kits.choices(lines) == (Choice("F03", blank=10),)


def test_a_site_replaces_a_kit_and_adds_its_own() -> None:
    site = {"kits": {"first-hour": {"title": "Ours", "words": "w", "lines": [{"form": "F01", "whom": "ward"}]},
                     "theatre": {"title": "Theatre", "words": "w", "lines": []}}}  # fmt: skip
    found = kits.kits(site)
    assert found[0].title == "Ours"
    assert [k.code for k in found][-1] == "theatre"
    assert kits.kit("FIRST-HOUR", site).lines == (kits.Line(form="F01", whom="ward"),)


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x"},
        {"title": "x", "words": "", "lines": [{"form": "F01", "whom": "everybody"}]},
        {"title": "x", "words": "", "lines": [{"form": "F01", "whom": "ward", "count": 0}]},
        {"title": "x", "words": "", "lines": [{"form": "F01", "whom": "blank", "per_bed": 99}]},
        {"title": "x", "words": "", "lines": [{"form": "F01", "whom": "ward", "kopies": 2}]},
        ["no table"],
    ],
)
def test_a_kit_that_makes_no_sense_is_refused_by_its_name(body: object) -> None:
    with pytest.raises(InputRefused) as caught:
        kits.own_kits({"ours": body})
    assert caught.value.code == "kit.invalid"
    assert "ours" in caught.value.message


def test_an_unknown_kit_is_refused() -> None:
    with pytest.raises(InputRefused) as caught:
        kits.kit("no-such-kit")
    assert caught.value.code == "kit.unknown"


@given(st.integers(1, 5000), st.floats(1, 120))
def test_the_estimate_is_never_too_short(pages: int, per_minute: float) -> None:
    minutes = kits.minutes(pages, per_minute)
    assert minutes >= 1
    assert minutes * per_minute >= pages
    assert (minutes - 1) * per_minute < pages or minutes == 1


def test_by_bed_lists_come_first_then_each_patient_whole_then_what_is_blank() -> None:
    charts = [paper.chart(paper.patient(id=f"P{n:013d}", bed=f"A{n}")) for n in (2, 1, 3)]
    blank, census = Wanted("F03"), Wanted("F01", census=paper.census(3))
    form_by_form = [blank, *(Wanted(code, chart=c) for code in ("F02", "F11") for c in charts), census]
    made = by_bed(form_by_form)
    named = [(w.form, w.chart.patient.bed if w.chart else "") for w in made]
    each = [(code, bed) for bed in ("A2", "A1", "A3") for code in ("F02", "F11")]
    assert named == [("F01", ""), *each, ("F03", "")], "beds stay in the order in which they came"


def test_images_go_with_their_own_patient_alone() -> None:
    """What the viewer showed of one person is on no sheet of another; summaries have images only where asked for."""
    shown = (ImageWish(study="1.2", image="1.2.3"),)
    mine, theirs, summary = Choice("T02", patient="A"), Choice("T02", patient="B"), Choice("F02", patient="A")
    assert kits.illustrated(mine, "A", shown, annex=True).images == shown
    for other in (theirs, Choice("T02", ward="Ash Ward"), Choice("T02", blank=1), Choice("F11", patient="A")):
        assert kits.illustrated(other, "A", shown, annex=True).images == ()
    assert kits.illustrated(summary, "A", shown, annex=False).images == ()
    assert kits.illustrated(summary, "A", shown, annex=True).images == (ImageWish(),)
    assert kits.illustrated(Choice("F02", blank=2), "", (), annex=True).images == ()
