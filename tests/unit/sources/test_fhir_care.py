"""Medicines, administrations, reports, images, stays, requests, appointments and documents (DESIGN §4, FHIR map)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from localdb.sources.fhir.markup import plain
from tests.unit.sources.fhir_help import PATIENT, bundle, record, records, unit


def about(type_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": type_, "id": "x1", "status": "active", "subject": PATIENT, **more}


def test_a_medicine_has_dose_route_and_frequency_as_sent() -> None:
    found = record(
        about(
            "MedicationRequest",
            intent="order",
            medicationCodeableConcept={"text": "Furosemide 40 mg tablets", "coding": [{"code": "317971007"}]},
            authoredOn="2026-11-20",
            requester={"display": "Dr A"},
            reasonCode=[{"text": "Heart failure"}],
            dosageInstruction=[
                {
                    "text": "40 mg in the morning",
                    "route": {"text": "oral"},
                    "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d", "when": ["MORN"]}},
                    "doseAndRate": [{"doseQuantity": {"value": 40, "unit": "mg"}}],
                    "asNeededBoolean": True,
                }
            ],
        )
    )
    assert (found.text, found.dose, found.route) == ("Furosemide 40 mg tablets", "40 mg", "oral")
    assert (found.frequency, found.instructions) == ("3 times in 1 day, MORN", "40 mg in the morning")
    assert (found.intent, found.reason, found.author, found.as_needed) == ("order", "Heart failure", "Dr A", True)
    assert (found.happened.text, found.said.text) == ("2026-11-20", "2026-11-20")


def test_a_second_dose_never_borrows_the_first_ones_frequency() -> None:
    doses = [
        {"doseAndRate": [{"doseQuantity": {"value": n, "unit": "units"}}], "timing": {"code": {"text": when}}}
        for n, when in ((10, "before breakfast"), (15, ""), (20, "before breakfast"))
    ]
    found = record(about("MedicationRequest", medicationCodeableConcept={"text": "Insulin"}, dosageInstruction=doses))
    assert found.dose == "10 units; 15 units; 20 units"
    assert found.frequency == "before breakfast; not stated; before breakfast"


def test_a_prohibition_does_not_read_like_an_order() -> None:
    found = record(about("MedicationRequest", medicationCodeableConcept={"text": "Aspirin"}, doNotPerform=True))
    assert found.comments[0].startswith("DO NOT GIVE")


def test_the_drug_of_a_reference_is_named_where_it_is_at_hand() -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Timolol", "coding": [{"code": "39"}]}}
    order = about("MedicationRequest", medicationReference={"reference": "#m1"}, contained=[drug])
    assert record(order).text == "Timolol"
    beside = bundle(
        {"resource": drug, "fullUrl": "urn:uuid:aa"},
        about("MedicationStatement", medicationReference={"reference": "urn:uuid:aa"}),
    )
    found = next(r for r in records(beside) if type(r).__name__ == "Medicine")
    assert (found.text, found.codes[0].code) == ("Timolol", "39")
    assert ("medication", "Medication/m1") in {(r.role, r.key) for r in found.references}
    elsewhere = record(about("MedicationRequest", medicationReference={"reference": "Medication/m9"}))
    assert (elsewhere.text, elsewhere.references[0].key) == ("", "Medication/m9")


def test_when_a_medicine_is_due_is_kept_as_sent() -> None:
    def ordered(*timings: dict[str, Any]) -> Any:
        return record(
            about("MedicationRequest", medicationCodeableConcept={"text": "levodopa"},
                  dosageInstruction=[{"timing": t} for t in timings])
        )  # fmt: skip

    daily = {"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "14:00:00"]}
    found = ordered({"event": ["2026-11-24T08:00:00+00:00"], "repeat": daily})
    assert ([m.text for m in found.due], found.times) == (["2026-11-24T08:00:00+00:00"], ("08:00:00", "14:00:00"))
    assert (found.every, found.days) == ("1 d", ())
    weekly = ordered({"repeat": {"period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"], "timeOfDay": ["08:00:00"]}})
    assert (weekly.every, weekly.days) == ("1 wk", ("mon",))
    two = ordered({"repeat": daily}, {"repeat": {"period": 2, "periodUnit": "d", "timeOfDay": ["22:00:00"]}})
    assert (two.every, two.times) == ("", ("08:00:00", "14:00:00", "22:00:00"))
    assert ordered({"code": {"text": "BD"}}).times == ()


def test_the_form_of_a_medicine_comes_with_the_thing_that_it_refers_to() -> None:
    beside = bundle(
        {"resourceType": "Medication", "id": "m1", "code": {"text": "Timolol"}, "form": {"text": "Eye drops"}},
        about("MedicationRequest", medicationReference={"reference": "Medication/m1"}),
        {"resourceType": "Patient", "id": "p1"},
    )
    assert next(r for r in records(beside) if type(r).__name__ == "Medicine").form == "Eye drops"


def test_an_administration_says_why_not_and_for_which_order() -> None:
    found = record(
        about(
            "MedicationAdministration",
            status="not-done",
            statusReason=[{"text": "Refused"}],
            medicationCodeableConcept={"text": "Paracetamol"},
            effectiveDateTime="2026-11-24T02:00:00Z",
            request={"reference": "MedicationRequest/r1"},
            dosage={"dose": {"value": "1.0", "unit": "g"}, "route": {"text": "oral"}},
        )
    )
    assert (found.status, found.reason, found.request) == ("not-done", "Refused", "MedicationRequest/r1")
    assert (found.dose, found.route, found.happened.text) == ("1.0 g", "oral", "2026-11-24T02:00:00Z")


def test_a_vaccine_is_an_administration() -> None:
    found = record(
        {
            "resourceType": "Immunization",
            "id": "i1",
            "status": "completed",
            "patient": PATIENT,
            "vaccineCode": {"text": "Influenza"},
            "occurrenceDateTime": "2025-10-01",
        }
    )
    assert (type(found).__name__, found.text, found.happened.text) == ("Administration", "Influenza", "2025-10-01")


def test_a_report_has_its_words_its_results_and_its_category() -> None:
    html = "<p>No <b>focal</b> lesion.</p><script>alert(1)</script><p>Small effusion &amp; atelectasis</p>"
    found = record(
        about(
            "DiagnosticReport",
            status="amended",
            code={"text": "CT chest"},
            category=[{"coding": [{"code": "RAD"}]}],
            conclusion="Effusion",
            result=[{"reference": "Observation/o1"}, {"reference": "#inside"}],
            presentedForm=[{"contentType": "text/html", "data": b64encode(html.encode()).decode()}],
            issued="2026-11-23T10:00:00Z",
        )
    )
    assert (found.status, found.category, found.conclusion) == ("amended", "RAD", "Effusion")
    assert found.body == "No focal lesion.\nSmall effusion & atelectasis"
    assert found.results == ("Observation/o1",)


def test_results_inside_their_report_become_records_of_its_patient() -> None:
    inside = {"resourceType": "Observation", "id": "k", "status": "final", "code": {"text": "K"}, "valueString": "6.8"}
    said = about("DiagnosticReport", code={"text": "U&E"}, contained=[inside], result=[{"reference": "#k"}])
    report, result = records(said)
    assert report.results == ("Observation/x1#k",)
    assert (result.source_id, result.value, result.patient) == ("x1#k", "6.8", report.patient)
    other = {**inside, "subject": {"reference": "Patient/p2"}}
    assert unit({**said, "contained": [other]}).code == "fhir.malformed"


@pytest.mark.parametrize(
    ("form", "remark"),
    [
        ({"contentType": "application/msword", "data": "0M8R4A=="}, "Attached and not shown here: application/msword."),
        ({"contentType": "application/pdf", "url": "Binary/1"}, "Not in this copy: application/pdf kept elsewhere."),
        (
            {"contentType": "text/plain", "data": "%%%"},
            "The attached document is damaged: its text coding cannot be read.",
        ),
    ],
)
def test_what_a_report_holds_and_does_not_show_is_said(form: dict[str, str], remark: str) -> None:
    found = record(about("DiagnosticReport", code={"text": "ECG"}, conclusion="x", presentedForm=[form]))
    assert remark in found.comments


def test_an_imaging_study_counts_its_series_as_the_source_does() -> None:
    found = record(
        about(
            "ImagingStudy",
            identifier=[
                {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"},
                {"type": {"coding": [{"code": "ACSN"}]}, "value": "A77"},
            ],
            started="2026-11-20T10:00:00Z",
            description="CT chest",
            numberOfInstances=7,
            series=[
                {
                    "uid": "1.2.3.1",
                    "modality": {"code": "CT"},
                    "numberOfInstances": 5,
                    "bodySite": {"display": "Chest"},
                },
                {"uid": "1.2.3.2", "modality": {"code": "CT"}, "instance": [{"uid": "a"}, {"uid": "b"}]},
            ],
        )
    )
    assert (found.uid, found.accession, found.modality, found.total, found.held) == ("1.2.3", "A77", "CT", 7, 0)
    assert [(s.uid, s.total, s.body_site) for s in found.series] == [("1.2.3.1", 5, "Chest"), ("1.2.3.2", 2, "")]


def test_a_study_with_one_series_that_nobody_counted_has_no_total() -> None:
    """What is counted of a part is no word about the whole (H19)."""
    counted, uncounted = {"uid": "1.2.3.1", "numberOfInstances": 5}, {"uid": "1.2.3.2"}
    assert record(about("ImagingStudy", series=[counted, uncounted])).total is None
    assert record(about("ImagingStudy", series=[counted, {**uncounted, "numberOfInstances": 2}])).total == 7


def test_a_stay_has_its_active_place_and_who_answers_for_it() -> None:
    found = record(
        about(
            "Encounter",
            status="in-progress",
            **{"class": {"code": "IMP", "display": "inpatient"}},
            period={"start": "2026-11-18T10:00:00Z"},
            location=[
                {"location": {"reference": "Location/b1"}, "status": "completed"},
                {"location": {"reference": "Location/b2"}, "status": "active"},
            ],
            participant=[
                {"type": [{"coding": [{"code": "PPRF"}]}], "individual": {"display": "Dr P"}},
                {"type": [{"coding": [{"code": "ATND"}]}], "individual": {"display": "Dr A"}},
            ],
            reasonCode=[{"text": "Chest pain"}],
        )
    )
    assert (found.class_, found.location, found.consultant, found.reason) == (
        "IMP",
        "Location/b2",
        "Dr A",
        "Chest pain",
    )
    assert (found.happened.text, found.ended) == ("2026-11-18T10:00:00Z", None)


def test_a_place_that_is_over_is_nobodys_place() -> None:
    over = [
        {"location": {"reference": "Location/b1"}, "status": "completed"},
        {"location": {"reference": "Location/b2"}, "period": {"end": "2020"}},
    ]
    assert record(about("Encounter", location=over)).location == ""


def test_a_request_in_flight() -> None:
    found = record(
        about(
            "ServiceRequest",
            intent="order",
            priority="urgent",
            code={"text": "Blood cultures"},
            authoredOn="2026-11-19T22:00:00Z",
            requester={"display": "Dr Q"},
            reasonCode=[{"text": "Fever"}],
            occurrenceDateTime="2026-11-20",
        )
    )
    assert (found.text, found.priority, found.intent, found.reason) == ("Blood cultures", "urgent", "order", "Fever")
    assert (found.happened.text, found.author, found.comments) == (
        "2026-11-19T22:00:00Z",
        "Dr Q",
        ("Wanted: 2026-11-20",),
    )


def test_an_appointment_belongs_to_every_patient_that_takes_part() -> None:
    said = {
        "resourceType": "Appointment",
        "id": "ap1",
        "status": "booked",
        "start": "2026-12-01T09:00:00Z",
        "description": "Review",
        "participant": [
            {"actor": {"reference": "Patient/p1"}},
            {"actor": {"reference": "Patient/p2"}},
            {"actor": {"reference": "Location/l1", "display": "Clinic 4"}},
            {"actor": {"reference": "Practitioner/d1", "display": "Dr A"}},
        ],
    }
    found = records(said)
    assert [r[3] for r in unit(said).records] == ["Patient/p1", "Patient/p2"]
    assert {(r.place, r.participants, r.text) for r in found} == {("Clinic 4", ("Dr A",), "Review")}
    nobody = {**said, "participant": said["participant"][2:]}
    assert unit(nobody).code == "reference.missing"


def test_a_document_shows_text_and_says_what_else_it_is() -> None:
    text = {"contentType": "text/plain", "title": "Letter", "data": b64encode("Grüße".encode()).decode()}
    found = record(about("DocumentReference", type={"text": "Clinic letter"}, content=[{"attachment": text}]))
    assert (found.body, found.title, found.media_type, found.size) == ("Grüße", "Letter", "text/plain", 7)


def test_a_composition_alone_is_a_document_of_its_sections() -> None:
    sections = [
        {"title": "History", "text": {"status": "generated", "div": "<div><ul><li>Asthma</li></ul></div>"}},
        {"title": "Plan", "section": [{"title": "Diet", "text": {"div": "<div>Low salt</div>"}}]},
    ]
    found = record(about("Composition", status="final", title="Discharge", section=sections))
    assert found.body == "History\nAsthma\n\nPlan\n\nDiet\nLow salt"


def test_what_has_no_list_yet_is_kept_with_its_type() -> None:
    found = record(about("Procedure", code={"text": "Appendicectomy"}, performedDateTime="2019"))
    assert (type(found).__name__, found.type, found.text, found.happened.text) == (
        "Other",
        "Procedure",
        "Appendicectomy",
        "2019",
    )


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<div>a<br/>b</div>", "a\nb"),
        ("<table><tr><td>K</td><td>6.8</td></tr><tr><td>Na</td><td>140</td></tr></table>", "K | 6.8\nNa | 140"),
        ("<style>p{}</style>x<!-- y --> z", "x z"),
        ("<!-- a <b>hidden</b> c -->shown", "shown"),
        ("3 &lt; 5 &amp; 7 &gt; 2", "3 < 5 & 7 > 2"),
        ("value < 5 and > 3", "value < 5 and > 3"),
        ("<script>var a = '<p>no</p>'</script>yes", "yes"),
        ("<p>seen <!-- never closed</p><p>K 6.8</p>", "seen <!-- never closed\nK 6.8"),
        ("<p>seen</p><script>never closed <b>K 6.8</b>", "seen\nnever closed K 6.8"),
    ],
)
def test_words_out_of_markup(markup: str, words: str) -> None:
    assert plain(markup) == words


def test_a_stay_keeps_its_dated_places_in_order() -> None:
    places = [
        {"location": {"reference": "Location/ed", "display": "Emergency Department"}, "status": "completed",
         "period": {"start": "2026-11-23T16:20:00Z", "end": "2026-11-23T19:40:00Z"}},
        {"location": {"reference": "Location/a1"}, "status": "active", "period": {"start": "2026-11-23T19:40:00Z"}},
    ]  # fmt: skip
    found = record({**about("Encounter", location=places), "status": "in-progress"})
    assert [(m.location, m.text) for m in found.moves] == [("Location/ed", "Emergency Department"), ("Location/a1", "")]
    assert found.location == "Location/a1"
    assert [r.key for r in found.references if r.role == "location"] == ["Location/a1", "Location/ed"]
    undated = record({**about("Encounter", location=[{"location": {"reference": "Location/a1"}}]), "status": "planned"})
    assert undated.moves == ()
