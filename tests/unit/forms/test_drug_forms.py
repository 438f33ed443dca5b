"""The drug prints F11 to F14 and F24: what each must say, read off its pages (CLINICAL §5.1-§5.3, §6)."""

from __future__ import annotations

import msgspec
import pytest

from desktop.forms import catalogue
from localdb.chart.omissions import LONGEST, MOST, OMISSIONS, read_omissions
from localdb.chart.views import Listing
from localdb.errors import InputRefused
from localdb.records.vocabulary import Alert, Coding, Observation, Problem
from tests.unit.forms import checks, drugs, paper
from tests.unit.forms.drugs import FORMS, box_words, given, model, order, page_words, pieces


def test_the_head_has_each_fact_with_its_time_and_three_kinds_of_missing() -> None:
    weight = Observation(
        **paper.ids(),
        text="Weight",
        codes=(Coding(paper.LOINC, "29463-7"),),
        value="71.5",
        unit="kg",
        status="final",
        happened=drugs.at("2026-11-23T18:20"),
        method="measured",
    )
    alerts = (Alert(**paper.ids(), text="Nil by mouth from 02:00", status="active", said=drugs.at("2026-11-23T20:00")),)
    words = page_words(model("F11", order("apixaban"), observations=(weight,), alerts=alerts))
    assert "Weight 71.5 kg, 23-Nov 18:20, measured" in words
    assert "168 umol/L H" in words and "24-Nov 01:10" in words
    assert "Nil by mouth from 02:00" in words
    assert "Consultant Dr S. Rahman" in words
    none = paper.model(
        "F11",
        paper.chart(
            observations=Listing("unavailable"),
            alerts=Listing("unavailable"),
            problems=Listing("unavailable"),
            medicines=Listing("unavailable"),
        ),
    )
    words = page_words(none)
    assert "Oxygen target not in this copy" in words and "Weight not in this copy" in words
    assert "NOT IN THIS COPY: medicines." in words
    assert "NOT IN THIS COPY. EPMA" in words and "none sent" not in words
    asked = paper.model("F11", paper.chart(observations=Listing("not_recorded"), medicines=Listing("not_recorded")))
    words = page_words(asked)
    assert "Height not recorded" in words and "No medicines recorded in this copy. That is no proof of none." in words


def test_where_paper_starts_stands_on_every_drug_chart() -> None:
    for form in ("F11", "F12", "F13", "F14"):
        words = page_words(model(form, order("apixaban")), form)
        assert "PAPER STARTS HERE: doses given after 24-Nov-2026 02:38 are NOT shown." in words
        assert "A transcription until each item is signed by a prescriber." in words
        assert "EPMA, as of 24-Nov 02:38, AGEING" in words


def test_where_nothing_says_how_far_the_doses_go_that_is_said() -> None:
    never = tuple(msgspec.structs.replace(s, kinds=dict.fromkeys(s.kinds), cut=None) for s in paper.sources())
    words = page_words(model("F11", order("apixaban"), sources=never))
    assert "Up to when doses given are complete is not known." in words


def test_each_kind_of_order_stands_under_its_head_and_the_lists_say_how_many() -> None:
    items = [
        order("gentamicin", "360 mg", "once only"),
        order("bisoprolol", "2.5 mg", "once a day, 08:00"),
        order("paracetamol", "1 g", "at least 4hr apart", as_needed=True),
        order("sodium chloride 0.9 %", "1 litre", "125 mL/h", route="intravenous"),
        order("ramipril", "5 mg", status="on-hold", reason="AKI"),
        order("amoxicillin", "500 mg", status="stopped", reason="rash", ended=drugs.at("2026-11-23T18:00")),
        order("doxycycline", "100 mg", status="completed", ended=drugs.at("2025-01-03T18:00")),
        order("vincristine", "2 mg", "once a week"),
    ]
    made = model("F11", *items)
    words, found = page_words(made), pieces(made)
    heads = [
        "Once only",
        "Oxygen and clot prevention",
        "Regular medicines",
        "If needed",
        "Infusions: given and written on F12",
        "Suspended: not given unless signed",
        "Stopped or finished in the last 24hr",
    ]
    places = [found.index(h) for h in heads]
    assert places == sorted(places)
    for name, head in (
        ("gentamicin", 0),
        ("bisoprolol", 2),
        ("paracetamol", 3),
        ("sodium chloride", 4),
        ("ramipril", 5),
        ("amoxicillin", 6),
    ):
        at = next(n for n, text in enumerate(found) if text.startswith(name))
        assert at > places[head] and (head == 6 or at < places[head + 1]), name
    assert "7 of 8 medicines shown. 1 stopped or finished earlier, or at a time not sent." in words
    assert "AKI, suspended" in words and "rash, stopped; ended 23-Nov 18:00" in words
    assert "doxycycline" not in words


def test_a_drug_that_is_never_transcribed_is_named_with_no_dose_and_no_box() -> None:
    made = model("F11", order("vincristine", "2 mg", "once"), order("bisoprolol", "2.5 mg"))
    words = page_words(made)
    assert "NOT TRANSCRIBED, see its own prescription: vincristine" in words
    assert "never copied from here on to paper" in words
    assert "2 mg" not in words
    taken_home = page_words(model("F24", order("vincristine", "2 mg", "once")), "F24")
    assert "2 mg" not in taken_home and "vincristine" in taken_home


def test_last_given_names_dose_outcome_and_giver_and_what_was_given_before() -> None:
    items = (
        order("atorvastatin", "20 mg"),
        given("atorvastatin", "2026-11-23T22:00", "not-done", reason="refused"),
        given("atorvastatin", "2026-11-22T22:04", dose="20 mg"),
    )
    words = box_words(model("F11", *items), "atorvastatin")
    assert "Last given 23-Nov 22:00, REFUSED, J. Mensah" in words
    assert "Last given before that: 22-Nov 22:04, 20 mg, given, J." in words


def test_a_name_of_the_longest_kind_keeps_one_line_while_it_fits_and_loses_no_word() -> None:
    name = "trimethoprim-sulfamethoxazole (double strength) oral suspension SEPTRIN"
    rendered = catalogue.render_pack([("F11", model("F11", order(name)))])
    assert any(p.text.replace("\u00a0", " ") == name for p in rendered.placed)


@pytest.mark.parametrize("form", FORMS)
def test_sixty_medicines_make_more_pages_and_lose_none(form: str) -> None:
    items = [
        order(f"drug{n:02d} LONGNAME MODIFIED RELEASE", f"{n}.5 mg", "twice a day, 08:00, 20:00") for n in range(58)
    ]
    items += [
        order("insulin glargine LANTUS", "14 units", "once a day, 22:00"),
        order("warfarin", "3 mg", "once a day, 18:00"),
    ]
    made = model(form, *items)
    assert drugs.faults(made, form) == []
    if form in ("F11", "F24"):
        words = page_words(made, form)
        assert all(f"drug{n:02d} LONGNAME" in words for n in range(58))


def test_an_order_of_many_times_and_endless_notes_goes_on_in_further_boxes() -> None:
    times = tuple(f"{h:02d}:{m:02d}" for h in range(24) for m in (0, 30))
    notes = " ".join(f"note{n} of what to watch for;" for n in range(500))
    made = model("F11", order("levodopa", "1 tablet", "as sent", times=times, comments=(notes,), reason=notes))
    assert drugs.faults(made, "F11") == []
    words = page_words(made)
    assert set(times) <= set(pieces(made))
    assert "levodopa, continued" in words and "note499" in words


def test_the_ward_s_own_writing_stands_apart_and_is_never_in_a_field() -> None:
    weight = paper.entry(
        "observations", {"items": [{"code": "29463-7", "name": "Weight", "value": "68", "unit": "kg"}]}, 21
    )
    found = drugs.chart(order("warfarin"))
    held = msgspec.structs.replace(
        found,
        entries=(weight, *found.entries),
        phoned=(paper.phoned(test="INR", value="4.1", unit="", flag=""), *found.phoned),
    )
    words = page_words(paper.model("F14", held), "F14")
    assert "Written here:" in words and "Weight 68 kg (Adaeze Obi, no. 07A-21)" in words
    assert "INR 4.1" in words and "by phone, unconfirmed" in words.casefold()


def test_insulin_has_its_glucose_of_a_day_and_what_the_ward_measured_marked() -> None:
    sugar = Observation(
        **paper.ids(),
        text="Glucose, capillary",
        codes=(Coding(paper.LOINC, "14743-9"),),
        value="13.1",
        unit="mmol/L",
        status="final",
        happened=drugs.at("2026-11-24T01:30"),
    )
    old = msgspec.structs.replace(sugar, id="R9", value="4.4", happened=drugs.at("2026-11-20T01:30"))
    own = paper.entry(
        "observations", {"items": [{"code": "14743-9", "name": "Glucose", "value": "3.2", "unit": "mmol/L"}]}, 22
    )
    found = drugs.chart(order("insulin glargine LANTUS", "14 units", "once a day, 22:00"), observations=(sugar, old))
    words = page_words(paper.model("F13", msgspec.structs.replace(found, entries=(own,))), "F13")
    assert "13.1 mmol/L in the copy, as sent" in words and "4.4" not in words
    assert "3.2 mmol/L written here, Adaeze Obi, no." in words
    assert "14 units" in words and "insulin glargine LANTUS" in words
    for part in ("Scale A, mL per hour", "Hypo: date, time", "Basal insulin goes on while the infusion runs"):
        assert part in words


def test_an_anticoagulant_by_test_has_its_last_five_tests_and_doses_and_a_doac_is_only_named() -> None:
    inrs = tuple(
        paper.result("INR", "6301-6", f"2.{n}", happened=drugs.at(f"2026-11-{20 - n}T09:00")) for n in range(7)
    )
    doses = [given("warfarin", f"2026-11-{20 - n}T18:00", dose=f"{n + 1} mg") for n in range(7)]
    items = (
        order("warfarin", "3 mg", "once a day, 18:00", reason="mechanical valve", instructions="target INR 2.5-3.5"),
        order("apixaban", "2.5 mg"),
        *doses,
    )
    words = page_words(model("F14", *items, results=inrs), "F14")
    history = words[words.index("Last tests and doses") :]
    assert [f"INR 2.{n}" in history for n in range(7)] == [True] * 5 + [False] * 2
    assert [f"{n + 1} mg, given" in history for n in range(7)] == [True] * 5 + [False] * 2
    assert "mechanical valve" in words and "target INR 2.5-3.5" in words
    assert "Other anticoagulants: given on F11, not here" in words and "apixaban" in words


def test_a_target_that_was_not_sent_is_not_printed() -> None:
    words = page_words(model("F14", order("warfarin", "3 mg", reason="atrial fibrillation")), "F14")
    assert "2.0" not in words and "Target INR or range" in words


def test_a_dose_has_one_place_each_chart_asks_for_the_tick() -> None:
    made = (order("insulin glargine", "14 units"), order("warfarin", "3 mg"), order("apixaban", "2.5 mg"))
    assert "Tick when its doses are written on F13, and write none here." in box_words(model("F11", *made), "insulin")
    assert "Tick when its doses are written on F14, and write none here." in box_words(model("F11", *made), "warfarin")
    assert "Tick" not in box_words(model("F11", *made), "apixaban")
    assert "tick F13 on the drug chart F11 first" in page_words(model("F13", *made), "F13")


def test_a_patch_has_its_place_to_write_site_and_change() -> None:
    words = box_words(
        model("F11", order("fentanyl", "25 micrograms per hour", "every 72 hours", route="transdermal")), "fent"
    )
    assert "Patch: site" in words and "change due" in words
    assert "Patch: site" not in page_words(model("F11", order("fentanyl", "25 micrograms", route="intravenous")))


def test_infusions_have_their_rate_as_sent_and_rows_for_each_bag() -> None:
    items = (
        order("sodium chloride 0.9 %", "1 litre", "125 mL/h", route="intravenous", instructions="line A, pump 2"),
        given("sodium", "2026-11-24T00:10", "in-progress", dose="1 litre"),
    )
    words = box_words(model("F12", *items), "sodium chloride 0.9 %", "F12")
    for part in (
        "Rate 125 mL/h",
        "1 litre",
        "line A, pump 2",
        "24-Nov 00:10, 1 litre, running",
        "Batch",
        "Volume given",
    ):
        assert part in words, part


def test_discharge_leaves_it_to_the_prescriber_what_is_new_and_says_what_the_source_stopped() -> None:
    items = (
        order("apixaban", "2.5 mg", reason="atrial fibrillation"),
        order("ramipril", "5 mg", status="on-hold", reason="AKI"),
        order("sodium chloride 0.9 %", "1 litre", "125 mL/h", route="intravenous"),
    )
    problems = (
        Problem(**paper.ids(), text="Pneumonia", clinical="active", happened=drugs.at("2026-11-23T16:20")),
        Problem(**paper.ids(), text="Measles", clinical="resolved", happened=drugs.at("1960-01-01T00:00")),
    )
    words = page_words(model("F24", *items, problems=problems), "F24")
    assert "continued, new, changed" in words and "SUSPENDED: AKI" in words
    assert "Infusions are not listed: sodium chloride 0.9 %." in words
    assert "Pneumonia 23-Nov-2026" in words and "Measles" not in words
    assert "Dr P. Hargreaves" in words
    made = catalogue.render_pack([("F24", msgspec.structs.replace(model("F24", *items), copies=4))])
    text = " ".join(checks.page_texts(made.pdf))
    assert [
        f"copy {n}, for the {who}" in text for n, who in enumerate(("patient", "GP", "pharmacy", "notes"), start=1)
    ] == [True] * 4


def test_restricted_and_withdrawn_orders_are_counted_and_never_named() -> None:
    items = (order("bisoprolol"), order("secretumab", restricted=True), order("wrongol", status="entered-in-error"))
    for form in FORMS:
        words = page_words(model(form, *items), form)
        assert "secretumab" not in words and "wrongol" not in words
        if form in ("F11", "F24"):
            assert "1 restricted, not printed: see the screen." in words and "1 withdrawn by the source." in words


def test_a_restricted_alert_is_not_in_the_head() -> None:
    alert = Alert(**paper.ids(), text="Pregnancy, not to be told", status="active", restricted=True)
    assert "not to be told" not in page_words(model("F11", order("x"), alerts=(alert,)))


def test_the_codes_of_the_site_stand_at_the_foot_of_each_page() -> None:
    made = model("F11", *(order(f"drug{n}") for n in range(9)))
    pages = checks.page_texts(catalogue.render("F11", made))
    for text in pages:
        assert all(f"{n} {word}" in " ".join(text.split()) for n, word in enumerate(OMISSIONS, start=1))
    own = msgspec.structs.replace(paper.SITE, omissions=("fasting", "said no"))
    assert "1 fasting" in page_words(model("F11", order("x"), site=own))


@pytest.mark.parametrize(
    "given_", [["x"] * 2, [""], ["  "], [3], ["y" * (LONGEST + 1)], [f"w{n}" for n in range(MOST + 1)]]
)
def test_codes_that_cannot_be_printed_are_refused_when_they_are_taken_in(given_: list[object]) -> None:
    with pytest.raises(InputRefused) as caught:
        read_omissions(given_)
    assert caught.value.code == "settings.wrong_value"
    assert read_omissions([]) == OMISSIONS and read_omissions(["fasting"]) == ("fasting",)


def test_a_blank_drug_chart_has_boxes_for_eight_hours_and_names_no_day() -> None:
    words = page_words(paper.model("F11"))
    assert words.count("Prescriber sign") >= 8
    assert "Tue 24" not in words and "in copy" not in words
