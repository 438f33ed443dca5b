"""H16 on paper: a group of the copy is never used for issue, and nothing that prints can label a tube.

Both transfusion forms carry the fixed caption in every render, designed or plain, filled or blank; contradicting groups
are printed nowhere, whoever made the chart; no other form names a group; a group or crossmatch that was typed stands on no
other request. Sabotage takes each control away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.forms import catalogue
from desktop.forms.model import FormModel
from desktop.printing.issuing import model_of, wanted
from localdb.chart.blood_bank import CAPTION, DISCREPANCY
from localdb.chart.transfusion import names_transfusion
from localdb.chart.views import Chart, Listing
from localdb.house import House
from tests.hazards.test_h16_group_of_the_past import NHS, ONE, OTHER, fill
from tests.made import new_house
from tests.unit.forms import charts, checks, paper

TRANSFUSION = ("F05", "F06")
ONE_GROUP = charts.bank(charts.group(charts.GROUP))
CLASH = charts.bank(charts.group(charts.GROUP), charts.group(charts.OTHER_GROUP))
NO_GROUP = charts.bank()
UNAVAILABLE = paper.chart(results=Listing("unavailable"), alerts=Listing("unavailable"))
STRANGE = paper.chart(paper.strange_patient(), results=(charts.group(charts.GROUP),))
RENDERS: tuple[tuple[str, Chart | None], ...] = (
    ("a group", ONE_GROUP), ("contradicting groups", CLASH), ("no group", NO_GROUP), ("no copy of it", UNAVAILABLE),
    ("a strange patient", STRANGE), ("a blank", None),
)  # fmt: skip


def pages(code: str, chart: Chart | None, **changed: object) -> list[str]:
    return [" ".join(t.split()) for t in checks.page_texts(catalogue.render(code, paper.model(code, chart, **changed)))]


def without_caption() -> list[str]:
    """Renders of the transfusion forms on which the caption does not stand in each copy."""
    found = []
    for code in TRANSFUSION:
        for what, chart in RENDERS:
            for copies in (1, 2):
                made = pages(code, chart, copies=copies)
                each = len(made) // copies
                parts = [" ".join(made[n * each : (n + 1) * each]) for n in range(copies)]
                found += [f"{code} {what}" for text in parts if CAPTION not in text]
    return found


@pytest.mark.parametrize("form", TRANSFUSION)
def test_the_caption_stands_in_every_render_even_as_plain_text(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert without_caption() == []
    made = catalogue.FORMS[form]

    def fails(form: object, model: FormModel) -> object:
        raise ZeroDivisionError

    monkeypatch.setitem(catalogue.FORMS, form, msgspec.structs.replace(made, design=fails))
    for what, chart in RENDERS:
        text = " ".join(pages(form, chart))
        assert CAPTION in text, what


def test_sabotage_a_card_without_its_caption_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.forms.bank_card.CAPTION", "Blood group")
    assert len(without_caption()) == 2 * 2 * len(RENDERS) + 2 * len(RENDERS)


def groups_seen(chart: Chart) -> list[str]:
    """Forms that print a group of this chart: the request alone may, and its page says what it is."""
    found = []
    for code, form in catalogue.FORMS.items():
        if form.takes != "patient":
            continue
        for text in pages(code, chart):
            if charts.GROUP in text or charts.OTHER_GROUP in text:
                found.append(code if "HISTORICAL" not in text else f"{code} under its caption")
    return sorted(set(found))


def test_a_group_stands_under_its_caption_and_on_no_other_form() -> None:
    assert set(groups_seen(ONE_GROUP)) <= {"F02 under its caption", "F05 under its caption"}
    assert "F05 under its caption" in groups_seen(ONE_GROUP)


def test_contradicting_groups_are_not_printed_by_the_transfusion_forms() -> None:
    for code in TRANSFUSION:
        text = " ".join(pages(code, CLASH))
        assert charts.GROUP not in text
        assert charts.OTHER_GROUP not in text
    assert DISCREPANCY in " ".join(pages("F05", CLASH))
    assert DISCREPANCY not in " ".join(pages("F05", ONE_GROUP))


def test_a_restricted_group_still_contradicts_and_is_not_printed() -> None:
    hidden = charts.bank(charts.group(charts.GROUP), charts.group(charts.OTHER_GROUP, restricted=True))
    text = " ".join(pages("F05", hidden))
    assert DISCREPANCY in text
    assert charts.GROUP not in text
    assert charts.OTHER_GROUP not in text


def test_sabotage_without_the_guard_both_groups_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.forms.bank_card.guarded", lambda records, all_of=None: tuple(records))
    text = " ".join(pages("F05", CLASH))
    assert charts.GROUP in text
    assert charts.OTHER_GROUP in text


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def test_two_laboratories_that_disagree_print_no_group_through_the_vault(house: House, tmp_path: Path) -> None:
    fill(house, tmp_path, ONE, OTHER)
    for code in TRANSFUSION:
        (want,) = wanted(house, code, patient=NHS, ward=None, blank=0, copies=1)
        text = " ".join(" ".join(checks.page_texts(catalogue.render(code, model_of(house, want)))).split())
        assert ONE not in text
        assert OTHER not in text
        assert CAPTION in text
        assert (DISCREPANCY in text) == (code == "F05")


TYPED = (
    "Group and save", "group & screen", "G&S", "G & S", "Crossmatch 2 units", "X-match", "cross match", "Blood group",
    "type and screen", "ABO and RhD", "2 units red cells", "platelets 1 unit", "FFP 4 units", "Antibody screen",
    "Transfusion sample", "Direct antiglobulin test", "group, hold", "Rh type", "packed cells",
)  # fmt: skip
ORDINARY = (
    "FBC", "U&E", "Platelets", "Group A streptococcus swab", "Gas and lactate", "Blood cultures", "Reticulocytes",
    "Hepatitis B screen", "Blood gas", "Haemoglobin", "Rheumatoid factor", "Data sheet", "Septic screen",
)  # fmt: skip


def asked(*tests: str, kind: str = "laboratory") -> Chart:
    body = {"kind": kind, "tests": list(tests), "priority": "urgent", "reason": "bleeding", "phone": "4410"}
    chart = paper.chart()
    return msgspec.structs.replace(chart, entries=(paper.entry("request", body, 40), *chart.entries))


def test_the_blood_bank_s_tests_are_known_by_their_names() -> None:
    assert [t for t in TYPED if not names_transfusion(t)] == []
    assert [t for t in ORDINARY if names_transfusion(t)] == []


def as_tests(code: str, chart: Chart) -> list[str]:
    """What a request form asks for, as its fields say it: not the notice that sends a test to its own form."""
    facts = catalogue.FORMS[code].outline(paper.model(code, chart)).sections[0].rows
    said = [t for row in facts for t in row.texts if not t.startswith("Typed, not asked for here")]
    return [t for t in said if any(typed in t for typed in TYPED)]


@pytest.mark.parametrize("code", ["F03", "F04"])
def test_a_typed_group_or_crossmatch_is_asked_for_on_the_transfusion_request_alone(code: str) -> None:
    for typed in TYPED:
        chart = asked("Blood cultures", "Ammonia", typed)
        assert as_tests(code, chart) == []
        assert typed in " ".join(pages("F05", chart))
    text = " ".join(pages("F03", asked("Ammonia", "Group and save")))
    assert "Ammonia" in text
    assert "Typed, not asked for here: Group and save. Use the transfusion request F05." in text


def test_sabotage_a_request_that_takes_every_test_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.forms.f03_blood_request.names_transfusion", lambda test: False)
    assert as_tests("F03", asked("Group and save")) != []


def test_a_transfusion_form_cannot_be_cut_into_tube_labels() -> None:
    """One identity a page, in its block of the frame; what goes on the tube is left to be written by hand."""
    for code in TRANSFUSION:
        form = catalogue.FORMS[code]
        assert form.size == "A4"
        for text in pages(code, ONE_GROUP):
            assert checks.squeezed(text).count("9990000018") == 1
    text = " ".join(pages("F05", ONE_GROUP))
    assert "BY HAND AT THE BEDSIDE, FROM THE WRISTBAND" in text
    assert "PRINTED LABELS ARE REJECTED" in text
