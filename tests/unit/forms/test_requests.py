"""The request forms say what the record says, each with its own time, and leave every question open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from desktop.forms import catalogue, copied, f04_microbiology, f08_radiology, past_imaging
from desktop.forms import outline as o
from desktop.forms.model import FormModel
from localdb.chart.views import Chart, Entry, Listing, SourceAge
from localdb.records.vocabulary import Alert, Medicine, Problem, Record
from tests.unit.forms import charts, checks, paper

REQUESTS = ("F03", "F04", "F05", "F08", "F09", "F21", "F23")


def text(code: str, chart: Chart | None, **changed: object) -> str:
    return " ".join(" ".join(checks.page_texts(catalogue.render(code, paper.model(code, chart, **changed)))).split())


def pairs(code: str, chart: Chart | None) -> dict[str, str]:
    """Label → value, as the form says them."""
    rows = catalogue.FORMS[code].outline(paper.model(code, chart)).sections[0].rows
    return {row.left: row.right for row in rows if isinstance(row, o.Pair)}


def asked(kind: str, tests: Sequence[str], chart: Chart | None = None, **changed: object) -> Chart:
    held = chart or paper.chart()
    body = {"kind": kind, "tests": list(tests), "priority": "stat", "reason": "septic, lactate 4", "phone": "ext. 2281"}
    return msgspec.structs.replace(held, entries=(paper.entry("request", body, 41, **changed), *held.entries))


def medicine(name: str, **more: object) -> Medicine:
    return paper.medicine(name, "500 mg", "oral", "twice a day", **more)


# -- typed requests ------------------------------------------------------------------------------------------------


def test_a_typed_laboratory_request_ticks_its_boxes_and_leaves_the_sampler_open() -> None:
    found = pairs("F03", asked("Laboratory", ["fbc", "U&E", "Ammonia on ice"]))
    assert [name for name, value in found.items() if value == "X"] == ["FBC", "U&E"]
    assert found["Other tests"] == "Ammonia on ice"
    assert found["Priority"] == "at once"
    assert found["Clinical detail"] == "septic, lactate 4"
    assert found["PHONE RESULT TO"] == "ext. 2281"
    assert found["Requester"] == "Adaeze Obi, no. 07A-41"
    assert found["Taken by"] == ""


def test_a_request_that_was_corrected_or_is_a_day_old_fills_nothing() -> None:
    for changed in (
        {"corrected_by": "E0000000000099"}, {"written": paper.ago(hours=25)}, {"written": paper.at("no time at all")},
    ):  # fmt: skip
        found = pairs("F03", asked("laboratory", ["FBC"], **changed))
        assert "X" not in found.values()
        assert found["Requester"] == ""


def test_the_newest_request_of_its_own_kind_fills_each_form() -> None:
    chart = asked("imaging", ["CT head"], asked("laboratory", ["Blood cultures, 2 sets", "FBC"]))
    assert pairs("F08", chart)["Examination"] == "CT head"
    assert pairs("F04", chart)["Specimen and site"] == "Blood cultures, 2 sets"
    assert pairs("F03", chart)["Other tests"] == "Blood cultures, 2 sets"
    assert pairs("F21", chart)["To"] == ""
    assert pairs("F21", asked("referral", ["Cardiology"]))["To"] == "Cardiology"
    assert pairs("F04", asked("microbiology", ["Sputum", "AFB"]))["Specimen and site"] == "Sputum; AFB"
    assert pairs("F04", asked("laboratory", ["FBC"]))["Specimen and site"] == ""


def test_a_typed_transfusion_request_is_on_its_form_and_signed_by_nobody() -> None:
    found = pairs("F05", asked("Other", ["2 units red cells"]))
    assert found["Asked for, typed on the ward"] == "2 units red cells (Adaeze Obi, no. 07A-41)"
    assert found["Urgency"] == "at once"
    assert (found["Requester"], found["Signature"], found["Name, sign"]) == ("", "", "")


# -- antibiotics, anticoagulants ---------------------------------------------------------------------------------


def test_antibiotics_stand_with_their_last_dose_or_when_they_ended() -> None:
    listed = (
        medicine("levofloxacin", given="2026-11-23T20:05:00+00:00"),
        medicine("gentamicin"),
        medicine("doxycycline", status="on-hold", reason="AKI", said=paper.ago(hours=4)),
        medicine("amoxicillin", status="stopped", ended=paper.ago(days=13)),
        medicine("cefalexin", status="completed", ended=paper.ago(days=15)),
        medicine("apixaban"),
        medicine("metronidazole", restricted=True),
        medicine("vancomycin", status="entered-in-error"),
    )
    value = pairs("F04", paper.chart(medicines=listed))["Antibiotics"]
    assert value.split("; ") == [
        "levofloxacin, last given 23-Nov 20:05",
        "gentamicin, last dose: NO RECORD",
        "doxycycline, suspended when is not sent, ordered 23-Nov 23:14",
        "amoxicillin, stopped 11-Nov 03:14",
    ]
    long_ago = (medicine("cefalexin", status="completed", said=paper.ago(days=900)),)
    value = pairs("F04", paper.chart(medicines=long_ago))["Antibiotics"]
    assert value == "1 more ended, when is not sent", "the day of an order is not the day on which it ended"


def test_no_antibiotic_by_name_is_no_proof_of_none() -> None:
    none = pairs("F04", paper.chart(medicines=(medicine("apixaban"), medicine("furosemide"))))
    assert none["Antibiotics"] == "none recognised by name among 2 medicines of this copy: ask"
    gone = pairs("F04", paper.chart(medicines=Listing("unavailable")))
    assert gone["Antibiotics"] == "NOT IN THIS COPY"
    never = pairs("F04", paper.chart(medicines=Listing("not_recorded")))
    assert never["Antibiotics"] == "not recorded in this copy"


def test_the_anticoagulant_and_its_last_dose_are_on_the_blood_request() -> None:
    assert "apixaban 2.5 mg, oral, twice a day, last given 23-Nov 20:10" in text("F03", paper.chart())
    asks = pairs("F03", paper.chart(medicines=(medicine("furosemide"),)))
    assert "drug" in asks, "where none is named, there is a line to write on"


# -- radiology ---------------------------------------------------------------------------------------------------


def test_each_answer_of_the_record_stands_beside_its_question_with_its_date() -> None:
    said = text("F08", charts.imaging())
    for fact in (
        "Pacemaker, dual chamber, MRI unsafe, 11-Feb-2019",
        "MRSA colonised, side room, 20-Nov",
        "Reaction to iodinated contrast: urticaria, 01-Jul-2022",
        "Acute kidney injury stage 1, 23-Nov",
        "Pregnancy, 12 weeks, 01-Nov",
        "Type 2 diabetes, 17-May-2008",
        "metformin 500 mg, suspended when is not sent, ordered 23-Nov 17:00 (AKI)",
        "71.5 kg, 23-Nov 17:00, measured",
        "eGFR 27 mL/min/1.73m2, 24-Nov 01:10",
        "INR 2.4 H, 24-Nov 01:10",
        "CT abdomen, 23-Nov 07:14, PRELIMINARY",
        "5 of 7 shown",
    ):
        assert fact in said, fact


def test_a_resolved_problem_and_a_restricted_record_are_not_printed() -> None:
    said = text("F08", charts.imaging())
    for hidden in ("Hyperthyroidism", "Safeguarding", "concealed", "confidential"):
        assert hidden not in said
    assert said.count("1 restricted, not printed: see the screen.") == 2, "one alert, one report"


def test_no_box_is_ticked_by_the_record() -> None:
    for code in ("F04", "F05", "F08", "F23"):
        rows = catalogue.FORMS[code].outline(paper.model(code, charts.imaging())).sections[0].rows
        assert [r.left for r in rows if isinstance(r, o.Pair) and r.right == "X"] == []


def test_what_the_copy_does_not_say_is_said_once_and_is_no_proof_of_none() -> None:
    nothing = paper.chart(
        alerts=(), problems=(), results=(), observations=(), medicines=(), reports=(), images=(), allergies=()
    )
    value = pairs("F08", nothing)["From the copy"]
    state, _, names = value.partition(": ")
    assert state == "not recorded in this copy"
    for topic in ("infection", "weight", "pregnancy", "contrast reaction", "eGFR", "implants", "INR"):
        assert topic in names
    assert "no proof of none" in value
    gone = {name: Listing("unavailable") for name in ("alerts", "problems", "results", "observations", "medicines")}
    assert "NOT IN THIS COPY" in pairs("F08", paper.chart(**gone))["From the copy"]


def test_examinations_without_a_formal_report_can_be_ticked_and_no_others() -> None:
    model = paper.model("F09", charts.imaging())
    assert past_imaging.unreported(model) == (
        "CT abdomen, 23-Nov 07:14, PRELIMINARY", "Chest X-ray 0, 22-Nov 21:14, NOT REPORTED",
        "Chest X-ray 1, 21-Nov 05:14, NOT REPORTED",
    )  # fmt: skip
    assert "MRI, confidential" not in text("F09", charts.imaging())
    final = paper.chart(reports=(), images=())
    assert "Tick the one seen" not in text("F09", final)


# -- transfer ----------------------------------------------------------------------------------------------------


def test_a_transfer_never_says_that_a_dose_was_not_given() -> None:
    said = text("F23", paper.chart())
    assert "NO RECORD. Check patient/chart" in said
    assert "not given" not in said.casefold()
    assert "10 of 14 medicines shown; suspended: metformin 500 mg, ramipril 5 mg" in said
    assert "Doses given after 24-Nov-2026 02:38 are NOT shown." in said


def test_cancer_and_trial_drugs_are_counted_and_never_copied() -> None:
    listed = (medicine("vincristine"), medicine("furosemide"), medicine("trial drug 77"))
    said = text("F23", paper.chart(medicines=listed))
    assert "2 NOT TRANSCRIBED" in said
    assert "vincristine" not in said
    assert "trial drug 77" not in said


def test_a_decision_is_pointed_to_and_absence_is_no_evidence() -> None:
    assert "Record holds ReSPECT, review 03-Mar-2027, front of notes, 03-Sep" in text("F23", paper.chart())
    assert "CHECK THE ORIGINAL" in text("F23", paper.chart())
    assert "not evidence of absence" in text("F23", paper.chart(alerts=(), documents=()))


def test_observations_are_told_as_sent_and_what_the_ward_wrote_is_marked() -> None:
    value = pairs("F23", paper.chart())["Observations"]
    assert "NEWS2 5 as sent" in value
    assert "written here, Adaeze Obi, 24-Nov 02:58: Pulse 101 /min" in value
    partial = paper.chart(observations=paper.observations()[:2])
    assert "INCOMPLETE" in pairs("F23", partial)["Observations"], "a total of a part of the set is no total (H22)"


# -- blood -------------------------------------------------------------------------------------------------------


def test_haemoglobin_stands_with_its_date_and_a_phoned_one_apart() -> None:
    phoned = paper.phoned(test="Haemoglobin", value="68", unit="g/L")
    chart = msgspec.structs.replace(paper.chart(), phoned=(phoned,))
    value = pairs("F05", chart)["On record"]
    assert value.startswith("Hb 104 g/L L, 24-Nov 01:10; platelets 411 10*9/L H, 24-Nov 01:10")
    assert "UNCONFIRMED, BY PHONE: Haemoglobin 68 g/L" in value
    corrected = msgspec.structs.replace(phoned, corrected_by="E0000000000098")
    gone = msgspec.structs.replace(paper.chart(), phoned=(corrected,))
    assert "BY PHONE" not in pairs("F05", gone)["On record"]


def test_a_withdrawn_result_has_no_value_on_a_request() -> None:
    held = (paper.result("Haemoglobin", "718-7", "104", "g/L", status="entered-in-error"),)
    value = pairs("F05", paper.chart(results=held))["On record"]
    assert "104" not in value
    assert "withdrawn by the laboratory" in value


def test_a_weight_that_the_ward_wrote_comes_before_the_copy_s() -> None:
    typed = paper.entry("observations", {"items": [{"code": "29463-7", "value": "70", "unit": "kg"}]}, 44)
    chart = charts.imaging()
    model = paper.model("F08", msgspec.structs.replace(chart, entries=(typed, *chart.entries)))
    assert copied.measure(model, "Weight") == (
        "70 kg, written here, Adaeze Obi, 24-Nov 02:58", "71.5 kg, 23-Nov 17:00, measured",
    )  # fmt: skip


# -- all of them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", REQUESTS)
def test_a_restricted_alert_is_on_no_request(code: str) -> None:
    secret = Alert(
        **paper.ids(), text="HIV positive, MRSA, pacemaker, irradiated only", status="active", restricted=True
    )
    said = text(code, paper.chart(alerts=(secret,)))
    assert "HIV" not in said
    assert "pacemaker" not in said.casefold().replace("pacemaker or icd", "")


@pytest.mark.parametrize("code", REQUESTS)
def test_the_age_of_a_stale_source_stands_beside_what_came_from_it(code: str) -> None:
    old = paper.sources(paper.NOW - timedelta(hours=9))
    said = text(code, paper.chart(), sources=old)
    assert "NOT SAFE" in said or code in ("F09", "F21"), code
    assert "23-Nov" in said


def test_a_struck_laboratory_rations_both_of_its_requests() -> None:
    since = paper.ago(hours=1)
    down = tuple(
        SourceAge(source=s.source, kinds=s.kinds, cut=s.cut, declared="down" if s.source == "LIMS" else "",
                  declared_since=since if s.source == "LIMS" else None)
        for s in paper.sources()
    )  # fmt: skip
    for code in ("F03", "F04"):
        assert "LABORATORY" not in text(code, paper.chart())
        assert "DOWN SINCE 24-Nov 02:14: ESSENTIAL TESTS ONLY" in text(code, paper.chart(), sources=down)


def test_risk_words_find_what_they_are_for_and_leave_the_rest() -> None:
    def found(pattern: str, words: str) -> bool:
        alert: Record = Alert(**paper.ids(), text=words, status="active")
        model: FormModel = paper.model("F04", paper.chart(alerts=(alert,)))
        return bool(copied.named(model, pattern, "alerts"))

    for words in (
        "MRSA positive",
        "C. difficile 2025",
        "Neutropenic sepsis",
        "Pregnancy",
        "CPE contact",
        "TB, treated",
    ):
        assert found(f04_microbiology.RISK, words), words
    for words in ("Falls risk", "Bed rails", "Doubtful veins"):
        assert not found(f04_microbiology.RISK, words), words
    for words in ("ICD in situ", "Cochlear implant, left", "VP shunt", "Metal fragments, eye"):
        assert found(f08_radiology.IMPLANTS, words), words


def test_entries_of_another_kind_are_no_request() -> None:
    note: Entry = paper.entry("note", {"kind": "laboratory", "tests": ["FBC"], "text": "x"}, 45)
    chart = msgspec.structs.replace(paper.chart(), entries=(note,))
    assert "X" not in pairs("F03", chart).values()


def test_a_long_list_of_problems_says_how_many_there_are() -> None:
    problems = tuple(
        Problem(**paper.ids(), text=f"Problem {n}", clinical="active", happened=paper.at(f"20{n + 10}-05-17T10:00:00Z"))
        for n in range(9)
    )
    value = next(v for k, v in pairs("F21", paper.chart(problems=problems)).items() if k.startswith("BACKGROUND"))
    assert value.split("; ") == [*(f"Problem {n}, 17-May-20{n + 10}" for n in range(6)), "6 of 9 shown"]


# -- provisional readings --------------------------------------------------------------------------------------------

READING = {
    "happened": "2026-11-24T02:50:00+00:00", "examination": "CT head, left", "seen_on": "review", "accession": "RF-77",
    "findings": "No bleed seen.", "action": "Aspirin given", "role": "ST3", "done": "2026-11-24T01:10:00+00:00",
    "phoned": {"to": "Dr Rahman", "at": "2026-11-24T02:55:00+00:00"},
}  # fmt: skip


def test_a_typed_reading_fills_the_evaluation_and_leaves_signing_and_comparing_open() -> None:
    held = msgspec.structs.replace(paper.chart(), entries=(paper.entry("evaluation", READING, 42),))
    found, words = pairs("F09", held), text("F09", held)
    assert found["Examination"] == "CT head, left, no. RF-77"
    assert (found["Findings"], found["Action"]) == ("No bleed seen.", "Aspirin given")
    assert found["Seen on"] == "this laptop, a review display"
    assert found["Author"] == "Adaeze Obi, no. 07A-42"
    assert found["Phoned to"].startswith("Dr Rahman, ")
    assert (found["Sign"], found["compared by, date"]) == ("", "")
    assert "PROVISIONAL, NOT THE FORMAL REPORT" in words
    for changed in ({"corrected_by": "E0000000000099"}, {"written": paper.ago(hours=25)}):
        old = msgspec.structs.replace(held, entries=(paper.entry("evaluation", READING, 42, **changed),))
        assert "No bleed seen." not in text("F09", old)


def test_a_long_reading_stays_whole() -> None:
    long = " ".join(f"Finding {n} is described at some length." for n in range(120))
    held = msgspec.structs.replace(
        paper.chart(), entries=(paper.entry("evaluation", {**READING, "findings": long}, 42),)
    )
    assert "Finding 119 is described" in text("F09", held)
