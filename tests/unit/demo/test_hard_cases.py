"""Each hard case of the demonstration, by its name (issue 4.10)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from tests.unit.demo.reading import NHS, Beds, Resource, Sent, belongs, of

NO_KNOWN_ALLERGY = "716186003"


def _name(person: Resource) -> tuple[str, str]:
    name = person["name"][0]
    return name.get("family", ""), " ".join(name.get("given", []))


def like_names(_: Sent, beds: Beds) -> bool:
    one, other = beds["B1"], beds["D3"]
    return _name(one) == ("Mohammed", "Amina") and _name(other) == ("Mohammed", "Aminah")


def same_name_two_people(_: Sent, beds: Beds) -> bool:
    one, other = beds["A6"], beds["B2"]
    return _name(one) == _name(other) == ("Jones", "Margaret") and one["birthDate"] != other["birthDate"]


def _allergies(sent: Sent, person: Resource) -> list[Resource]:
    return [a for a in of(sent["pas"], "AllergyIntolerance") if belongs(a, person)]


def no_known_allergies_asserted(sent: Sent, beds: Beds) -> bool:
    found = _allergies(sent, beds["A2"])
    codes = [c["code"] for a in found for c in a["code"]["coding"]]
    return codes == [NO_KNOWN_ALLERGY] and "recordedDate" in found[0] and "recorder" in found[0]


def allergies_not_recorded(sent: Sent, beds: Beds) -> bool:
    return [bed for bed in beds if not _allergies(sent, beds[bed])] == ["B1", "C3", "D2", "S2"]


def three_known_allergies(sent: Sent, beds: Beds) -> bool:
    found = {a["code"]["text"]: a["reaction"][0]["severity"] for a in _allergies(sent, beds["A1"])}
    return found == {"Penicillin": "severe", "Codeine": "moderate", "Latex": "mild"}


def refuted_allergy(sent: Sent, beds: Beds) -> bool:
    states = [a["verificationStatus"]["coding"][0]["code"] for a in _allergies(sent, beds["D6"])]
    return sorted(states) == ["confirmed", "refuted"]


def _versions(sent: Sent, source: str, key: str) -> list[Resource]:
    return [one for one in sent[source] if one["id"] == key]


def corrected_result(sent: Sent, _: Beds) -> bool:
    first, second = _versions(sent, "lims", "H2047718-K-2611240110")
    values = [(v["valueQuantity"]["value"], v["status"], v["meta"]["versionId"]) for v in (first, second)]
    note = second["note"][0]["text"]
    said = second["issued"] == "2026-11-24T02:05:00+00:00"
    return values == [("6.8", "final", "1"), ("5.9", "corrected", "2")] and "haemolysed" in note and said


def withdrawn_result(sent: Sent, _: Beds) -> bool:
    first, second = (o for o in of(sent["lims"], "Observation") if o["id"].startswith("H4007715-Amy-"))
    states = (first["status"], second["status"])
    return states == ("final", "entered-in-error") and "valueQuantity" not in second


def cancelled_result(sent: Sent, _: Beds) -> bool:
    (one,) = _versions(sent, "lims", "H2047718-TnT-2611240110")
    return one["status"] == "cancelled" and one["note"][0]["text"] == "not available: haemolysed"


def preliminary_results(sent: Sent, _: Beds) -> bool:
    early = {o["code"]["text"] for o in of(sent["lims"], "Observation") if o["status"] == "preliminary"}
    return {"CRP", "Blood culture", "Urine culture"} <= early


def comparators(sent: Sent, _: Beds) -> bool:
    found = {o["valueQuantity"].get("comparator", "") for o in of(sent["lims"], "Observation") if "valueQuantity" in o}
    return {"<", ">"} <= found


def double_flags(sent: Sent, _: Beds) -> bool:
    flags = {i["coding"][0]["code"] for o in of(sent["lims"], "Observation") for i in o.get("interpretation", [])}
    return {"H", "L", "HH", "LL"} <= flags


def two_troponin_assays(sent: Sent, beds: Beds) -> bool:
    mine = [o for o in of(sent["lims"], "Observation") if belongs(o, beds["A5"]) and "method" in o]
    return {o["method"]["text"] for o in mine} == {"high sensitivity, T assay", "high sensitivity, I assay"}


def two_glucose_methods(sent: Sent, beds: Beds) -> bool:
    mine = {o["code"]["text"] for o in of(sent["lims"], "Observation") if belongs(o, beds["B6"])}
    return {"Glucose", "Glucose, capillary"} <= mine


def susceptibilities(sent: Sent, _: Beds) -> bool:
    found = {c["valueString"] for o in of(sent["lims"], "Observation") for c in o.get("component", [])}
    return found == {"S", "I", "R"}


def deceased(_: Sent, beds: Beds) -> bool:
    return beds["C1"].get("deceasedDateTime") == "2026-11-24T01:20:00+00:00"


def unknown_patient(_: Sent, beds: Beds) -> bool:
    person = beds["S2"]
    systems = [i["system"] for i in person["identifier"]]
    bare_year = person["birthDate"] == "1986" and "_birthDate" in person
    return _name(person) == ("Foxtrot", "Whisky") and NHS not in systems and len(systems) == 2 and bare_year


def long_name(_: Sent, beds: Beds) -> bool:
    name = beds["C4"]["name"][0]
    return len(name["family"]) >= 40 and "-" in name["family"] and name["prefix"] == ["Ms"]


def mononym(_: Sent, beds: Beds) -> bool:
    return beds["C3"]["name"] == [{"use": "official", "family": "Suharto"}]


def preferred_name(_: Sent, beds: Beds) -> bool:
    return {"use": "nickname", "given": ["Ify"]} in beds["A1"]["name"]


def scripts(_: Sent, beds: Beds) -> bool:
    text = json.dumps([p["name"] for p in beds.values()], ensure_ascii=False)
    wanted = (
        "[\u0600-\u06ff]",
        "[\u4e00-\u9fff]",
        "Wójcik",
        "Nguyễn",
        "Fọláṣadé",
        "[\u0370-\u03ff]",
        "[\u0a80-\u0aff]",
    )
    return all(re.search(one, text) for one in wanted)


def verification_statuses(sent: Sent, _: Beds) -> bool:
    found = set()
    for person in of(sent["pas"], "Patient"):
        for extension in (e for i in person["identifier"] for e in i.get("extension", [])):
            found.add(extension["valueCodeableConcept"]["coding"][0]["code"])
    return {"01", "02", "03", "04"} <= found


def _alerts(sent: Sent, person: Resource) -> dict[str, Resource]:
    return {f["code"]["coding"][0]["code"]: f for f in of(sent["pas"], "Flag") if belongs(f, person)}


def resuscitation_alert(sent: Sent, beds: Beds) -> bool:
    return "review 03-Mar-2027" in _alerts(sent, beds["A1"])["RESUS"]["code"]["text"]


def isolation_and_other_alerts(sent: Sent, beds: Beds) -> bool:
    found = {kind for person in beds.values() for kind in _alerts(sent, person)}
    wanted = {"CONTACT", "DROPLET", "INFECTION", "FALLS", "DIABETES", "ANTICOAGULANT", "OXYGEN", "UNKNOWN"}
    return wanted <= found


def safeguarding_is_restricted(sent: Sent, beds: Beds) -> bool:
    flags = of(sent["pas"], "Flag")
    marked = [f["code"]["coding"][0]["code"] for f in flags if f["meta"].get("security", [{}])[0].get("code") == "R"]
    return marked == ["SAFEGUARDING"] and "SAFEGUARDING" in _alerts(sent, beds["B2"])


def dose_not_given(sent: Sent, beds: Beds) -> bool:
    missed = [m for m in of(sent["epma"], "MedicationAdministration") if m["status"] == "not-done"]
    mine = [m["statusReason"][0]["text"] for m in missed if belongs(m, beds["A1"])]
    return mine == ["refused"] and len(missed) > 3


def suspended_medicines(sent: Sent, beds: Beds) -> bool:
    held = [m for m in of(sent["epma"], "MedicationRequest") if belongs(m, beds["A1"]) and m["status"] == "on-hold"]
    names = {m["medicationCodeableConcept"]["text"] for m in held}
    return names == {"metformin", "ramipril"} and all("AKI" in m["statusReason"]["text"] for m in held)


def addendum(sent: Sent, _: Beds) -> bool:
    first, second = _versions(sent, "ris", "H2047718-imaging-1")
    return (first["status"], second["status"]) == ("final", "amended") and "effusion" in second["conclusion"]


def preliminary_report(sent: Sent, _: Beds) -> bool:
    return any(r["status"] == "preliminary" for r in of(sent["ris"], "DiagnosticReport"))


def report_without_images(sent: Sent, _: Beds) -> bool:
    return any("imagingStudy" not in r for r in of(sent["ris"], "DiagnosticReport"))


def requests_in_flight(sent: Sent, beds: Beds) -> bool:
    every = of(sent["lims"], "ServiceRequest") + of(sent["ris"], "ServiceRequest")
    states = {r["note"][0]["text"].split(" ")[0] for r in every if belongs(r, beds["A1"])}
    return {"in", "not", "booked"} == states and len(every) >= 36


def clinic_letter_and_discharge(sent: Sent, beds: Beds) -> bool:
    mine = {d["type"]["text"] for d in of(sent["docs"], "DocumentReference") if belongs(d, beds["A1"])}
    return mine >= {"Admission note", "Clinic letter", "Discharge summary"}


CASES: tuple[Callable[[Sent, Beds], bool], ...] = (
    like_names, same_name_two_people, no_known_allergies_asserted, allergies_not_recorded, three_known_allergies,
    refuted_allergy, corrected_result, withdrawn_result, cancelled_result, preliminary_results, comparators,
    double_flags, two_troponin_assays, two_glucose_methods, susceptibilities, deceased, unknown_patient, long_name,
    mononym, preferred_name, scripts, verification_statuses, resuscitation_alert, isolation_and_other_alerts,
    safeguarding_is_restricted, dose_not_given, suspended_medicines, addendum, preliminary_report,
    report_without_images, requests_in_flight, clinic_letter_and_discharge,
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_hard_case_is_there(case: Callable[[Sent, Beds], bool], sent: Sent, beds: Beds) -> None:
    assert case(sent, beds)
