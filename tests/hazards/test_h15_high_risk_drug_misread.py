"""H15: a drug of high risk on a plain row: a daily methotrexate, a U read as a nought, an opioid's doses unseen."""

from __future__ import annotations

from typing import Any

import pytest

import localdb.chart.medicine_blocks as blocks_module
from desktop.patient.medicines import FILTERS
from localdb.chart.medicine_blocks import blocks_of, head_facts, newest_results
from localdb.chart.medicines import GROUPS, OUTCOMES, medicine_rows
from localdb.chart.notation import cautions
from localdb.chart.views import Chart
from localdb.codes import drug_lists
from localdb.records.vocabulary import Coding, Medicine
from tests.hazards.test_h14_dose_doubled_or_left_out import dose, order, spoken, told
from tests.unit.desktop.patient.builders import _base, at, chart, observation, patient_view, result
from tests.unit.desktop.patient.stage import NOW


def drug(name: str, dose_: str, route: str, often: str, **rest: Any) -> Medicine:
    rest.setdefault("status", "active")
    return Medicine(
        **(_base("medicine", name, "P0000000000001") | {"source": "epma", "source_id": name}), text=name, dose=dose_,
        route=route, frequency=often, happened=at("2026-11-20T08:00"), **rest,
    )  # fmt: skip


def lines_of(found: Chart, n: int = 0) -> str:
    rows = medicine_rows(found, NOW, drug_lists())
    made = blocks_of(rows[n], found, rows, newest_results(found), NOW, drug_lists())
    return " | ".join(" / ".join([b.title, *b.lines]) for b in made)


@pytest.mark.parametrize(
    "often",
    ["once a day", "daily", "every day", "1 time in 1 day", "twice a day", "OD", "at night", "2 times in 1 week",
     "three times a week"],
)  # fmt: skip
def test_a_methotrexate_order_that_is_not_weekly_renders_the_stop_box(qtbot, often: str) -> None:
    found = chart(patient_view(), medicines=(drug("methotrexate 2.5 mg tablets", "10 mg", "oral", often),))
    said = lines_of(found)
    assert "STOP: METHOTREXATE IS WEEKLY" in said and "ONCE A WEEK" in said and f'Sent: "{often}"' in said
    words = spoken(qtbot, found)
    assert "STOP" in words and "see the box below" in words
    assert f"oral, {often}" not in words, "the frequency stands in the box alone, never as a plain row"


@pytest.mark.parametrize(
    ("often", "days", "wanted"),
    [
        ("once a week, Mondays", (), "ONCE A WEEK, on Monday"),
        ("once a week", ("thu",), "ONCE A WEEK, on Thursday"),
        ("1 time in 1 week, fri", ("fri",), "ONCE A WEEK, on Friday"),
        ("once a week", (), "ONCE A WEEK, day not sent"),
        ("", (), "ONCE A WEEK, day not sent"),
        ("once a week", ("mon", "thu"), "STOP: METHOTREXATE IS WEEKLY"),
    ],
)
def test_a_weekly_methotrexate_names_its_day_as_sent(often: str, days: tuple[str, ...], wanted: str) -> None:
    found = chart(patient_view(), medicines=(drug("methotrexate", "10 mg", "oral", often, days=days),))
    assert wanted in lines_of(found)


def test_methotrexate_that_is_not_by_mouth_is_no_weekly_box() -> None:
    found = chart(patient_view(), medicines=(drug("methotrexate", "1 g", "intravenous", "once"),))
    assert "ONCE A WEEK" not in lines_of(found)


@pytest.mark.parametrize(
    ("texts", "reading"),
    [
        ({"dose": "10 U"}, '"10 U" reads 10 units'),
        ({"dose": "10U"}, '"10U" reads 10 units'),
        ({"dose": "6 IU"}, '"6 IU" reads 6 international units'),
        ({"dose": "125 µg"}, '"125 µg" reads 125 micrograms'),
        ({"dose": "1.0 mg"}, '"1.0" reads 1'),
        ({"dose": "2.50 mg"}, '"2.50" reads 2.5'),
        ({"dose": ".5 mg"}, '".5" reads 0.5'),
        ({"dose": "10000 units"}, '"10000" reads 10,000'),
        ({"dose": "5 cc"}, '"5 cc" reads 5 mL'),
        ({"often": "QD"}, '"QD" reads once a day'),
        ({"often": "QOD"}, '"QOD" reads every other day'),
        ({"often": "q6h"}, '"q6h" reads every 6 hours'),
        ({"often": "TIW"}, '"TIW" reads three times a week'),
        ({"route": "SC"}, '"SC" reads subcutaneous'),
        ({"route": "per os"}, '"per os" reads by mouth'),
    ],
)
def test_dangerous_notation_is_shown_as_sent_with_its_only_reading(texts: dict[str, str], reading: str) -> None:
    assert [c.words for c in cautions(**texts)] == [reading]


@pytest.mark.parametrize(
    "texts",
    [{"often": "OD"}, {"often": "x3d"}, {"name": "MTX"}, {"name": "MSO4 10 mg"}, {"name": "AZT"}, {"often": "BT"},
     {"dose": ">4 mg"}, {"name": "Inderal40 mg"}],
)  # fmt: skip
def test_notation_with_two_readings_gets_none(texts: dict[str, str]) -> None:
    found = cautions(**texts)
    assert found and all(not c.plain and "ask" in c.words for c in found)


@pytest.mark.parametrize(
    "texts",
    [{"dose": "14 units"}, {"dose": "2.5 mg"}, {"dose": "0.5 mg"}, {"dose": "1,000 mg"}, {"dose": "10.05 mg"},
     {"dose": "100 micrograms"}, {"often": "twice a day, 08:00, 20:00"}, {"often": "at least 4hr apart"},
     {"route": "oral"}, {"route": "SCALP"}, {"name": "co-amoxiclav 500/125"}, {"name": "vitamin B12"}],
)  # fmt: skip
def test_plain_notation_raises_no_caution(texts: dict[str, str]) -> None:
    assert cautions(**texts) == ()


def test_an_order_as_sent_is_never_altered_and_stands_with_its_caution(qtbot) -> None:
    found = chart(patient_view(), medicines=(drug("insulin aspart", "10 U", "SC", "QD"),))
    words = spoken(qtbot, found)
    for part in ("10 U", '"10 U" reads 10 units', '"SC" reads subcutaneous', '"QD" reads once a day'):
        assert part in words


def test_our_own_words_hold_no_dangerous_notation() -> None:
    own = [*GROUPS.values(), *OUTCOMES.values(), *(word for _, word, _ in FILTERS)]
    for one in drug_lists().list:
        own += [one.title, one.why]
    found = told(order("insulin glargine", "2026-11-24T22:00"), order("morphine", as_needed=True), order("warfarin"))
    for n in range(3):
        own.append(lines_of(found, n))
    for text in own:
        assert not cautions(dose=text, often=text, route=text), text


def test_an_opioid_and_a_drug_if_needed_list_every_dose_of_the_last_day_and_add_nothing_up() -> None:
    doses = [dose("morphine", f"2026-11-2{d}T{h}") for d, h in ((3, "08:00"), (3, "21:10"), (4, "01:05"))]
    other = [dose("oramorph 10 mg in 5 mL", "2026-11-23T23:00"), dose("morphine", "2026-11-22T10:00")]
    said = lines_of(told(order("morphine", as_needed=True), *doses, *other))
    for when in ("23-Nov 08:00", "23-Nov 21:10", "01:05", "23-Nov 23:00"):
        assert f"{when}\t" in said
    assert "22-Nov 10:00" not in said, "older than a day"
    assert "4 g" not in said and "Listed, not added up" in said
    assert "No naloxone is ordered in this copy." in said


def test_paracetamol_is_listed_across_products_and_routes() -> None:
    found = told(order("paracetamol", as_needed=True), dose("co-codamol 30/500", "2026-11-23T22:00"),
                 dose("paracetamol", "2026-11-23T18:00"), dose("ibuprofen", "2026-11-23T19:00"))  # fmt: skip
    said = lines_of(found)
    assert "co-codamol 30/500" in said and "18:00" in said and "ibuprofen" not in said


def test_a_drug_if_needed_without_doses_says_no_record() -> None:
    assert "NO RECORD. Check patient/chart." in lines_of(told(order("morphine", as_needed=True)))


def test_last_gentamicin_dose_and_level_are_one_glance() -> None:
    level = result("Gentamicin", "1.8", "2026-11-24T01:10", unit="mg/L", loinc="35668-3", flag="H")
    before = result("Gentamicin", "0.9", "2026-11-22T01:10", unit="mg/L", loinc="35668-3")
    given_ = dose("gentamicin", "2026-11-23T18:05")
    found = told(order("gentamicin"), given_)
    with_level = chart(patient_view(), medicines=found.medicines.items, administrations=found.administrations.items,
                       sources=found.sources, results=(level, before))  # fmt: skip
    said = lines_of(with_level)
    for part in ("23-Nov 18:05", "1.8 mg/L H", "01:10", "0.9 mg/L"):
        assert part in said
    assert "no gentamicin level in this copy" in lines_of(found)


def test_a_withdrawn_level_shows_no_value() -> None:
    gone = result("Gentamicin", "9.9", "2026-11-24T01:10", unit="mg/L", loinc="35668-3", status="entered-in-error")
    found = told(order("gentamicin"))
    said = lines_of(chart(patient_view(), medicines=found.medicines.items, results=(gone,)))
    assert "9.9" not in said and "withdrawn by lab" in said


def test_insulin_shows_glucose_of_a_day_and_anticoagulants_their_tests() -> None:
    sugar = observation("Glucose, capillary", "13.1", "2026-11-24T01:30", "14743-9", unit="mmol/L")
    old = observation("Glucose, capillary", "4.4", "2026-11-20T01:30", "14743-9", unit="mmol/L")
    found = told(order("insulin glargine LANTUS"))
    said = lines_of(chart(patient_view(), medicines=found.medicines.items, observations=(sugar, old)))
    assert "Glucose, capillary 13.1 mmol/L" in said and "4.4" not in said
    inrs = tuple(result("INR", f"2.{d}", f"2026-11-{20 - d}T09:00", unit=None, loinc="6301-6") for d in range(7))
    found = told(order("warfarin"), *(dose("warfarin", f"2026-11-{20 - d}T18:00") for d in range(6)))
    said = lines_of(chart(patient_view(), medicines=found.medicines.items, results=inrs,
                          administrations=found.administrations.items))  # fmt: skip
    assert [f"2.{d}" in said for d in range(7)] == [True] * 5 + [False] * 2, "the last five"
    assert "eGFR\tnot in this copy" in said or "eGFR\tnot recorded" in said


def test_cancer_treatment_is_view_only_and_stands_in_a_stop_box(qtbot) -> None:
    found = chart(patient_view(), medicines=(drug("vincristine", "2 mg", "intravenous", "once"),))
    assert lines_of(found).startswith("VIEW ONLY")


@pytest.mark.parametrize(
    ("name", "system", "code", "listed"),
    [
        ("Sinemet 110 tablets", "", "", "antiparkinson"),
        ("Tablet A", "http://www.whocc.no/atc", "N03AF01", "antiepileptic"),
        ("LEVETIRACETAM 500 mg", "", "", "antiepileptic"),
        ("levothyroxine", "", "", ""),
        ("xlevodopa", "", "", ""),
        ("Tablet B", "urn:local", "N03AF01", ""),
    ],
)
def test_the_list_of_names_matches_whole_words_and_atc_codes_and_says_why(
    name: str, system: str, code: str, listed: str
) -> None:
    codes = (Coding(system, code),) if code else ()
    (row,) = medicine_rows(
        chart(patient_view(), medicines=(drug(name, "1 tablet", "oral", "", codes=codes),)), NOW, drug_lists()
    )
    assert [o.list.code for o in row.lists] == ([listed] if listed else [])
    assert all(o.by and o.list.title in o.words for o in row.lists)
    assert row.is_time_critical is bool(listed)


def test_every_time_critical_group_of_the_rule_is_in_the_file() -> None:
    """CLINICAL §5.3: antiparkinson, antiepileptic, insulin, antibiotics, anticoagulants, steroids, immunosuppressants,
    clozapine, antiretrovirals, antidotes."""
    wanted = ("co-careldopa", "phenytoin", "insulin aspart", "meropenem", "gentamicin", "apixaban", "hydrocortisone",
              "tacrolimus", "clozapine", "dolutegravir", "acetylcysteine")  # fmt: skip
    for name in wanted:
        (row,) = medicine_rows(chart(patient_view(), medicines=(drug(name, "1", "oral", ""),)), NOW, drug_lists())
        assert row.is_time_critical, name


def test_an_indication_that_must_be_there_and_is_not_is_said() -> None:
    def why(name: str, **rest: Any) -> str:
        (row,) = medicine_rows(
            chart(patient_view(), medicines=(drug(name, "1", "oral", "", **rest),)), NOW, drug_lists()
        )
        return row.why

    assert why("apixaban") == why("prednisolone") == why("amoxicillin") == "indication not sent"
    assert why("senna", as_needed=True) == "indication not sent"
    assert why("senna") == "" and why("apixaban", reason="atrial fibrillation") == "atrial fibrillation"


def test_the_head_has_weight_and_kidneys_each_with_its_time() -> None:
    weight = observation("Weight", "71.5", "2026-11-23T18:20", "29463-7", unit="kg")
    tests = (result("Creatinine", "168", "2026-11-24T01:10", unit="umol/L", loinc="14682-9", flag="H"),
             result("Potassium", "5.9", "2026-11-24T01:10", loinc="2823-3", status="corrected"))  # fmt: skip
    found = chart(patient_view(), observations=(weight,), results=tests)
    said = {f.label: f.text for f in head_facts(found, newest_results(found), NOW)}
    assert said["Weight"] == "71.5 kg, 23-Nov 18:20, not said whether measured"
    assert said["Creatinine"] == "168 umol/L H, 01:10" and said["Potassium"] == "5.9 mmol/L CORRECTED, 01:10"
    assert said["eGFR"] == "not recorded"
    bare = chart(patient_view())
    assert {f.text for f in head_facts(bare, (), NOW) if f.missing} == {"not in this copy"} or all(
        f.text in ("not in this copy", "not recorded") for f in head_facts(bare, (), NOW) if f.missing
    )


def test_sabotage_a_daily_methotrexate_on_a_plain_row_is_caught(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "is_stop_order", lambda row: False)
    with pytest.raises(AssertionError):
        test_a_methotrexate_order_that_is_not_weekly_renders_the_stop_box(qtbot, "once a day")


def test_sabotage_a_u_in_our_own_words_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OUTCOMES, "completed", "given 10 U")
    with pytest.raises(AssertionError):
        test_our_own_words_hold_no_dangerous_notation()
