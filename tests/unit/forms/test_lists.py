"""The lists, logs and cards: what must and what must not stand on each (CLINICAL §6 F22-F32)."""

from __future__ import annotations

import msgspec
import pytest

from desktop.forms import catalogue, death_labels, f28_registration
from desktop.forms.model import FormModel
from localdb.chart.views import Listing
from localdb.journal.ledger import control_lines
from localdb.records.vocabulary import Alert, Allergy, Result
from tests.unit.forms import checks, lists, paper


def text(code: str, model: FormModel) -> str:
    made = catalogue.render_pack([(code, model)])
    assert made.faults == ()
    assert checks.overlaps(made.placed) == []
    return " ".join(" ".join(checks.page_texts(made.pdf)).split())


def page(code: str, *entries: object, **changed: object) -> str:
    return text(code, paper.model(code, lists.registered_chart(*entries), **changed))  # type: ignore[arg-type]


# -- F25


def test_a_clinic_list_keeps_the_order_and_says_what_was_cancelled_as_sent() -> None:
    said = text("F25", paper.filled("F25"))
    times = [said.index(t) for t in ("09:00", "09:15", "09:30", "09:45", "10:00", "12:15")]
    assert times == sorted(times)
    assert "CANCELLED, as sent" in said
    assert "13 booked in the copy" in said  # fourteen, of whom one was cancelled
    assert "Last letter: Clinic letter, fracture clinic, 12-Oct-2026" in said
    assert "Died date not recorded" in said


def test_a_clinic_list_counts_restricted_appointments_and_names_none() -> None:
    assert "1 restricted on this day, not printed" in text("F25", paper.filled("F25"))
    without = msgspec.structs.replace(lists.clinic(), restricted=0)
    assert "restricted" not in text("F25", paper.filled("F25", agenda=without))


def test_an_empty_clinic_still_makes_a_page_to_write_on() -> None:
    empty = msgspec.structs.replace(lists.clinic(0), restricted=0)
    assert "0 booked in the copy" in text("F25", paper.filled("F25", agenda=empty))


# -- F26


def test_the_movement_log_begins_with_the_beds_that_the_copy_shows_empty() -> None:
    said = text("F26", paper.filled("F26"))
    assert "Empty in the copy: B2, D2 (closed: deep clean)." in said
    assert "PAS, as of 24-Nov 02:40" in said
    for move in ("admitted", "transferred", "discharged", "on leave", "died"):
        assert move in said


# -- F28


def test_a_registered_person_s_number_scans_as_both_codes_in_both_halves() -> None:
    model = paper.model("F28", lists.registered_chart())
    made = catalogue.render_pack([("F28", model)])
    found = checks.barcodes(made.pdf, 0)
    assert found.count(("Code128", "RPH4830172W")) == 2
    assert found.count(("DataMatrix", "RPH4830172W")) == 2
    assert found.count(("Code128", model.serial)) == 2
    assert made.pages == (1,)


def test_what_was_typed_at_registration_stands_in_its_fields() -> None:
    said = page("F28")
    assert said.count("told by ambulance crew") == 2
    assert "somebody in Leeds, sister, 01632 960777" in said
    assert "01-Jan-1980 (estimated)" in said
    assert "Adaeze Obi, no. 07A-21" in said
    assert "Ash Ward, A3" in said
    assert "FOXTROT, Whisky" in said


def test_who_the_person_proved_to_be_stands_below_and_the_number_stays() -> None:
    said = page("F28", lists.identification(), lists.registration())
    assert "999 000 0026" in said
    assert "A. Obi; J. Reed" in said
    assert "RPH4830172W" in said
    withdrawn = page("F28", lists.identification(withdrawn=True, nhs=None, mrn=None), lists.registration())
    assert "A. Obi; J. Reed" not in withdrawn


def test_somebody_of_the_copy_has_no_temporary_number() -> None:
    model = paper.filled("F28")
    assert f28_registration.number_of(model) == ""
    assert ("Code128", "H2047718") not in checks.barcodes(catalogue.render("F28", model), 0)


@pytest.mark.parametrize(
    ("sex", "word"),
    [("male", "Male"), ("female", "Female"), ("indeterminate", "Indeterminate"), ("not_known", "Not Known")],
)
def test_the_sex_is_ticked_in_words(sex: str, word: str) -> None:
    model = paper.model("F28", lists.registered_chart(lists.registration(sex=sex)))
    assert f28_registration._sex(model) == {word}


# -- F29


def test_the_control_sheet_has_a_line_for_every_sheet_and_the_equation_of_the_ledger() -> None:
    ledger = lists.ledger(40)
    model = paper.filled("F29", ledger=ledger)
    said = text("F29", model)
    for line in ledger.lines:
        assert line.serial in said.replace(" ", ""), line.serial
    total = ledger.total
    assert total.issued == 40
    assert (
        f"Issued 40 = entered {total.entered} + scanned {total.scanned} + void {total.void} + open {total.open}."
        in said
    )
    assert "IT DOES NOT BALANCE YET" in said
    assert "torn" in said


def test_a_control_sheet_that_balances_says_so_and_a_gap_never_does() -> None:
    closed = [lists.story(n, "F18", "entered", None) for n in (1, 2, 3)]
    balanced = control_lines(closed, "Ash Ward")
    assert "IT BALANCES." in text("F29", paper.filled("F29", ledger=balanced))
    gap = control_lines([closed[0], closed[2]], "Ash Ward")
    said = text("F29", paper.filled("F29", ledger=gap))
    assert "IT DOES NOT BALANCE YET." in said
    assert "MISSING, no laptop here accounts for: 07A 2." in said


def test_a_ward_without_sheets_is_not_called_balanced() -> None:
    said = text("F29", paper.filled("F29", ledger=control_lines([], "Ash Ward")))
    assert "No sheet was issued for this ward" in said
    assert "IT BALANCES" not in said


# -- F31


def test_the_incident_log_names_what_is_declared_by_whom_since_when() -> None:
    said = text("F31", paper.filled("F31"))
    assert "DOWN since 24-Nov 02:47, by Adaeze Obi" in said
    assert "back since 24-Nov 03:10, by J. Reed" in said
    assert "nothing declared" in said
    assert "First declared 24-Nov-2026 02:47" in said
    assert "4455, bleep 0123" in said
    assert "24-Nov-2026 02:08" in said  # how far the laboratory's copy goes


def test_a_blank_incident_log_has_no_system_of_ours() -> None:
    said = text("F31", paper.model("F31"))
    assert "LIMS" not in said
    assert "Declare each system that is down" in said


# -- F32


def test_the_labels_hold_four_identifiers_and_the_date_and_nothing_clinical() -> None:
    who = paper.patient(is_deceased=True, deceased=paper.at("2026-11-24T02:50:00+00:00"))
    alerts = (Alert(**paper.ids(), text="Infection: CPE, side room", status="active", said=paper.at("2026-11-20")),
              Alert(**paper.ids(), text="Pacemaker, left chest", status="active", said=paper.at("2019")),
              Alert(**paper.ids(), text="Infection of a secret kind", status="active", restricted=True))  # fmt: skip
    model = paper.model("F32", paper.chart(who, alerts=alerts))
    said = text("F32", model)
    assert said.count("24-Nov-2026 02:50") >= 4  # identity block, the form, two labels
    assert said.count("Infection: CPE, side room") == 1
    assert "Pacemaker, left chest 2019" in said
    assert "secret kind" not in said
    label = [right for _, right, _ in death_labels.label_items(model)]
    assert label == ["14-Mar-1951", "999 000 0018", "H2047718", "24-Nov-2026 02:50"]


def test_no_alert_of_that_kind_is_no_proof_of_none() -> None:
    chart = paper.chart(alerts=(Alert(**paper.ids(), text="Falls risk", status="active"),))
    assert "No infection or implant among the alerts" in text("F32", paper.model("F32", chart))
    lacking = paper.chart(alerts=Listing("unavailable"))
    assert "NOT IN THIS COPY: alerts" in text("F32", paper.model("F32", lacking))


def test_a_label_of_a_very_long_name_grows_and_cuts_nothing() -> None:
    who = paper.strange_patient()
    model = paper.model("F32", paper.chart(who))
    made = catalogue.render_pack([("F32", model)])
    assert checks.not_drawn(catalogue.text_model("F32", model), made.placed) == []


# -- F22


def test_the_emergency_card_says_what_is_typed_here_as_unconfirmed_where_it_is() -> None:
    said = text("F22", paper.filled("F22"))
    assert "UNCONFIRMED, BY PHONE: Potassium 6.0 mmol/L" in said
    assert "Reviewed with outreach" in said
    assert "Chidi Okonkwo, son, 07700 900123" in said
    assert "Safeguarding" not in said
    assert "1 restricted, not printed" in said


def test_allergies_that_are_unavailable_are_never_none_on_the_card() -> None:
    model = paper.model("F22", paper.chart(allergies=Listing("unavailable")))
    assert "ALLERGIES UNAVAILABLE" in text("F22", model)
    known = paper.model("F22", paper.chart(allergies=(Allergy(**paper.ids(), text="Latex", clinical="active"),)))
    assert "Known allergies" in text("F22", known)


# -- T01


def figures(*values: tuple[str, str, str, dict[str, object]]) -> tuple[Result, ...]:
    return tuple(paper.result(name, "2823-3", value, unit, **more) for name, value, unit, more in values)


def day(n: int) -> dict[str, object]:
    return {"happened": paper.at(f"2026-11-{n:02d}T06:00:00+00:00"), "range": "3.5-5.3"}


def test_a_trend_lists_every_figure_as_sent_with_its_time_and_its_comparator() -> None:
    results = figures(("Potassium", "5.0", "mmol/L", day(20)), ("Potassium", "7", "mmol/L", {**day(21), "comparator": ">"}),
                      ("Potassium", "5.10", "mmol/L", day(22)))  # fmt: skip
    said = text("T01", paper.model("T01", paper.chart(results=results)))
    assert "22-Nov 06:00 5.10" in said
    assert "21-Nov 06:00 >7" in said
    assert "20-Nov 06:00 5.0" in said
    assert "beyond a limit" in said
    assert "range 3.5-5.3 as sent" in said


def test_two_units_of_one_test_are_two_plots() -> None:
    results = figures(("Haemoglobin", "100", "g/L", day(20)), ("Haemoglobin", "98", "g/L", day(21)),
                      ("Haemoglobin", "9.9", "g/dL", day(22)), ("Haemoglobin", "10.1", "g/dL", day(23)))  # fmt: skip
    said = text("T01", paper.model("T01", paper.chart(results=results)))
    assert "Haemoglobin, g/L" in said
    assert "Haemoglobin, g/dL" in said
    rows = catalogue.FORMS["T01"].outline(paper.model("T01", paper.chart(results=results))).sections[0].rows
    listed = [t for row in rows for t in row.texts if "06:00" in t]
    assert len(listed) == 2
    assert not any("98" in t and "9.9" in t for t in listed)


def test_a_phoned_figure_says_that_it_is_unconfirmed() -> None:
    assert "24-Nov 02:30 6.0 by phone" in text("T01", paper.filled("T01"))


def test_named_tests_are_drawn_and_no_others() -> None:
    said = text("T01", paper.filled("T01", tests=("potassium", "urea")))
    assert "Potassium, mmol/L" in said
    assert "Urea, mmol/L" in said
    assert "Sodium" not in said


def test_restricted_results_are_counted_and_not_drawn() -> None:
    results = figures(
        ("Potassium", "5.0", "mmol/L", day(20)), ("Secret test", "7", "mmol/L", {**day(21), "restricted": True})
    )
    said = text("T01", paper.model("T01", paper.chart(results=results)))
    assert "Secret test" not in said
    assert "1 restricted, not printed" in said


def test_what_cannot_be_drawn_says_so_in_words() -> None:
    words = text("T01", paper.model("T01", paper.chart(results=figures(("Film", "seen", "", day(20))))))
    assert "No result of this copy is a figure" in words
    lacking = text("T01", paper.model("T01", paper.chart(results=Listing("unavailable"))))
    assert "NOT IN THIS COPY: results" in lacking
