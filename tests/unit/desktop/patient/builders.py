"""Made-up charts for tests of the patient's screens: the patient of the reference pictures, and plain parts of others.

All identities are of the 999 range. Times are texts as FHIR sends them, in GMT.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.chart.views import KNOWN, Chart, Entry, Identity, Listing, PatientView, SourceAge
from localdb.records.ids import digest32
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import (
    LISTS,
    Administration,
    Alert,
    Allergy,
    Coding,
    Component,
    Contact,
    Document,
    Former,
    HumanName,
    Identifier,
    ImagingStudy,
    Medicine,
    Observation,
    Problem,
    Record,
    Reference,
    Report,
    Request,
    Result,
    Series,
    Stay,
)

LOINC = "http://loinc.org"
NHS = ("9990000018", "9990000026", "9990000034")


def at(text: str | None) -> Moment | None:
    """A moment from `2026-11-24T01:10` (GMT) or a date."""
    if text is None:
        return None
    return read_moment(f"{text}:00+00:00" if "T" in text else text)


def _base(kind: str, number: str, patient: str) -> dict[str, Any]:
    return {"id": "R" + digest32(kind, number, patient), "patient": patient, "source": "lims", "source_id": number}


def result(
    name: str,
    value: str | None,
    when: str | None,
    *,
    unit: str | None = "mmol/L",
    loinc: str = "",
    patient: str = "P0000000000001",
    number: str = "",
    received: str | None = None,
    said: str | None = None,
    **rest: Any,
) -> Result:
    rest.setdefault("status", "final")
    return Result(
        **_base("result", number or f"{name} {when} {unit}", patient),
        text=name,
        value=value,
        unit=unit,
        codes=(Coding(LOINC, loinc, name),) if loinc else (),
        happened=at(when),
        received=at(received),
        said=at(said),
        **rest,
    )


def former(value: str, said: str, *, status: str = "final", unit: str | None = "mmol/L", **rest: Any) -> Former:
    return Former(value=value, unit=unit, status=status, said=at(said), **rest)


def observation(
    name: str, value: str | None, when: str, loinc: str, *, unit: str = "", patient: str = "P0000000000001", **rest: Any
) -> Observation:
    return Observation(
        **(_base("observation", f"{name} {when}", patient) | {"source": "eobs"}),
        text=name,
        value=value,
        unit=unit or None,
        status="final",
        codes=(Coding(LOINC, loinc, name),) if loinc else (),
        happened=at(when),
        **rest,
    )


def obs_set(when: str, values: dict[str, str], *, patient: str = "P0000000000001") -> list[Observation]:
    """One set as sent: resp, spo2, oxygen, bp ("108/62"), pulse, temp, acvpu, news2."""
    plain = {
        "resp": ("Respirations", "9279-1", "/min"),
        "spo2": ("SpO2", "59408-5", "%"),
        "oxygen": ("Oxygen", "3151-8", "L/min"),
        "pulse": ("Pulse", "8867-4", "/min"),
        "temp": ("Temperature", "8310-5", "Cel"),
        "acvpu": ("ACVPU", "67775-7", ""),
        "news2": ("NEWS2", "88330-6", ""),
    }
    made = [
        observation(plain[k][0], v, when, plain[k][1], unit=plain[k][2], patient=patient)
        for k, v in values.items()
        if k in plain
    ]
    if "bp" in values:
        systolic, diastolic = values["bp"].split("/")
        parts = (
            Component(codes=(Coding(LOINC, "8480-6"),), text="Systolic", value=systolic, unit="mm[Hg]"),
            Component(codes=(Coding(LOINC, "8462-4"),), text="Diastolic", value=diastolic, unit="mm[Hg]"),
        )
        made.append(observation("Blood pressure", None, when, "85354-9", patient=patient, components=parts))
    return made


def patient_view(number: int = 0, family: str = "Okonkwo", given: str = "Ifeoma", **rest: Any) -> PatientView:
    key = f"P000000000000{number + 1}"
    given_rest: dict[str, Any] = {
        "id": key,
        "ids": (key,),
        "name": HumanName(family=family, given=(given,), prefix=("Mrs",), use="official"),
        "nhs": NHS[number % 3],
        "nhs_verified": True,
        "mrn": f"H204 771{8 - number}",
        "identifiers": (Identifier("https://fhir.nhs.uk/Id/nhs-number", NHS[number % 3], "NH", True),),
        "born": at("1951-03-14"),
        "gender": "female",
        "ward": "Ash Ward",
        "bed": "A1",
        "consultant": "Dr S. Rahman",
        "admitted": at("2026-11-23T16:20"),
        "reason": "Right lower lobe pneumonia with AKI stage 1 (as sent). Plan: levofloxacin, fluids, recheck U&E at"
        " 06:00.",
        "scope": "whole",
        "sources": ("pas", "epr", "lims"),
    }
    return PatientView(**(given_rest | rest))


def source(name: str, kinds: dict[str, str | None], **rest: Any) -> SourceAge:
    moments = {k: at(v) for k, v in kinds.items()}
    known = [m for m in moments.values() if m is not None]
    oldest = min(known, key=lambda m: m.utc or 0) if known else None
    return SourceAge(source=name, kinds=moments, cut=oldest, **rest)


def sources(declared: str | None = "2026-11-24T02:47") -> tuple[SourceAge, ...]:
    down: dict[str, Any] = (
        {"declared": "down", "declared_since": at(declared), "declared_by": "Adaeze Obi"} if declared else {}
    )
    return (
        source("pas", dict.fromkeys(("patient", "stay", "allergy", "alert", "problem"), "2026-11-24T02:40"), **down),
        source(
            "epma",
            {"medicine": "2026-11-24T02:40", "administration": "2026-11-24T02:38", "request": "2026-11-24T02:40"},
            **down,
        ),
        source("eobs", {"observation": "2026-11-24T02:38"}, **down),
        source("lims", {"result": "2026-11-24T02:08"}, **down),
        source("ris", {"report": "2026-11-24T02:31", "image": "2026-11-23T23:50"}, **down),
        source("docs", {"document": "2026-11-23T22:15"}, **down),
    )


def chart(view: PatientView | None = None, *, entries: tuple[Entry, ...] = (), **lists: Any) -> Chart:
    """A chart whose named lists hold the given records (or Listing); all others are known and empty of meaning: they
    are `not_recorded`."""
    made = {name: Listing("not_recorded") for name in LISTS}
    for name, items in lists.items():
        if name in LISTS:
            made[name] = items if isinstance(items, Listing) else Listing(KNOWN, tuple(items))
    return Chart(
        patient=view or patient_view(),
        lists=made,
        entries=entries,
        phoned=tuple(e for e in entries if e.kind == "phoned_result"),
        sources=lists.get("sources", sources()),
        generation=7,
    )


def entry(kind: str, body: dict[str, Any], written: str = "2026-11-24T02:58", *, number: int = 1, **rest: Any) -> Entry:
    who = rest.pop("view", None) or patient_view()
    identity = Identity(patient=who.id, ids=who.ids, name=who.name, born=who.born, nhs=who.nhs, mrn=who.mrn)
    moment = at(written)
    assert moment is not None
    return Entry(
        id="E" + digest32("entry", str(number)),
        number=f"W07-{number:04d}",
        kind=kind,
        device="W07",
        sequence=number,
        staff=rest.pop("staff", "Adaeze Obi"),
        happened=rest.pop("happened", moment),
        written=moment,
        identity=identity,
        body=body,
        **rest,
    )


def phoned(number: int = 1, **rest: Any) -> Entry:
    body = {
        "collected": "2026-11-24T02:30:00+00:00",
        "test": "Potassium",
        "value": "6.0",
        "unit": "mmol/L",
        "caller": {"name": "Kelvin Lim", "role": "Biochemist", "ext": "4410"},
        "read_back": True,
        "told": "Dr Rahman 02:58",
    }
    return entry("phoned_result", body | rest.pop("body", {}), number=number, **rest)


def allergy(name: str, reaction: str, said: str, severity: str = "", **rest: Any) -> Allergy:
    given_rest: dict[str, Any] = {"clinical": "active", "verification": "confirmed", "type": "allergy"}
    return Allergy(
        **(_base("allergy", name, "P0000000000001") | {"source": "pas"}),
        text=name,
        reactions=(reaction,) if reaction else (),
        severity=severity,
        said=at(said),
        **(given_rest | rest),
    )


def medicine(name: str, dose: str, route: str, frequency: str, given: str | None, **rest: Any) -> Medicine:
    rest.setdefault("status", "active")
    return Medicine(
        **(_base("medicine", name, "P0000000000001") | {"source": "epma"}),
        text=name,
        dose=dose,
        route=route,
        frequency=frequency,
        last_given=at(given),
        happened=at("2026-11-23T17:00"),
        **rest,
    )


def full_results() -> tuple[Result, ...]:
    """The table of look/05: corrected, preliminary, not available, comparator, doubled flag, last before the window."""
    days = ("2026-08-12T10:00", "2026-11-20T17:30", "2026-11-21T08:45", "2026-11-22T09:20", "2026-11-23T18:05")
    now = "2026-11-24T01:10"
    table: list[tuple[str, str, str, str, list[tuple[str, str, str]]]] = [
        ("Sodium", "2951-2", "mmol/L", "133-146", [
            (days[0], "138", ""), (days[1], "136", ""), (days[2], "134", ""), (days[4], "133", ""), (now, "131", "L")]),
        ("Potassium", "2823-3", "mmol/L", "3.5-5.3", [
            (days[0], "4.6", ""), (days[1], "4.9", ""), (days[2], "5.1", ""), (days[4], "5.4", "H")]),
        ("Urea", "22664-7", "mmol/L", "2.5-7.8", [
            (days[0], "7.1", ""), (days[1], "8.0", "H"), (days[2], "9.6", "H"), (days[4], "12.8", "H"),
            (now, "14.2", "H")]),
        ("Creatinine", "14682-9", "umol/L", "45-84", [
            (days[0], "98", "H"), (days[1], "104", "H"), (days[2], "110", "H"), (days[4], "142", "H"),
            (now, "168", "H")]),
        ("eGFR", "62238-1", "mL/min/1.73m2", "", [
            (days[0], "54", ""), (days[1], "50", ""), (days[2], "47", ""), (days[4], "33", ""), (now, "27", "")]),
        ("CRP", "1988-5", "mg/L", "<5", [
            (days[1], "31", "H"), (days[2], "96", "H"), (days[3], "188", "H"), (days[4], "248", "H")]),
        ("White cells", "6690-2", "10*9/L", "4.0-11.0", [
            (days[0], "6.9", ""), (days[1], "9.8", ""), (days[2], "12.1", "H"), (days[4], "31.6", "HH"),
            (now, "17.4", "H")]),
        ("Haemoglobin", "718-7", "g/L", "115-165", [
            (days[0], "121", ""), (days[4], "109", "L"), (now, "104", "L")]),
        ("Troponin T (hs)", "67151-1", "ng/L", "<14", [(days[4], "22", "H")]),
    ]  # fmt: skip
    made = [
        result(name, value, when, unit=unit, loinc=code, range=sent or None, flag=flag or None, said=when)
        for name, code, unit, sent, values in table
        for when, value, flag in values
    ]
    made += [
        result("Potassium", "5.9", now, loinc="2823-3", range="3.5-5.3", flag="H", status="corrected",
               said="2026-11-24T02:05", received="2026-11-24T01:32",
               replaces=(former("6.8", "2026-11-24T01:40"),), specimen="blood, left arm",
               comments=("Laboratory: first sample haemolysed, repeated",),
               references=(Reference("performer", "Organization/bio", "Biochemistry"),)),
        result("CRP", "5", days[0], unit="mg/L", loinc="1988-5", range="<5", comparator="<"),
        result("CRP", "212", now, unit="mg/L", loinc="1988-5", range="<5", flag="H", status="preliminary",
               comments=("not yet authorised",)),
        result("Troponin T (hs)", None, now, unit=None, loinc="67151-1", status="cancelled", absent="haemolysed"),
    ]  # fmt: skip
    # The laboratory is named on every potassium, or the corrected one would be a row of its own (L4).
    made = [
        msgspec.structs.replace(r, references=(Reference("performer", "Organization/bio", "Biochemistry"),))
        if r.text == "Potassium"
        else r
        for r in made
    ]
    made.sort(key=lambda r: -(r.happened.utc or 0) if r.happened else 0)
    return tuple(made)


def full_chart() -> Chart:
    """The patient of look/04 to 09, with everything that those pictures show."""
    sets = [
        ("2026-11-24T01:30", {"resp": "20", "spo2": "96", "oxygen": "2", "bp": "108/62", "pulse": "104",
                              "temp": "38.4", "acvpu": "Alert", "news2": "5"}),
        ("2026-11-23T21:35", {"resp": "22", "spo2": "95", "oxygen": "2", "bp": "112/64", "pulse": "98", "temp": "38.1",
                              "acvpu": "Alert", "news2": "7"}),
        ("2026-11-23T17:40", {"resp": "24", "spo2": "93", "oxygen": "2", "bp": "101/58", "pulse": "112",
                              "temp": "38.9", "acvpu": "Alert", "news2": "9"}),
    ]  # fmt: skip
    meds = (
        medicine("sodium zirconium cyclosilicate", "10 g", "oral", "three times a day", None, reason="high potassium"),
        medicine("levofloxacin", "500 mg", "intravenous", "twice a day, 08:00, 20:00", "2026-11-23T20:05",
                 reason="pneumonia"),
        medicine("apixaban", "2.5 mg", "oral", "twice a day, 08:00, 20:00", "2026-11-23T20:10",
                 reason="atrial fibrillation"),
        medicine("insulin glargine LANTUS", "14 units", "subcutaneous", "once a day, 22:00", "2026-11-23T22:00",
                 reason="diabetes"),
        medicine("atorvastatin", "20 mg", "oral", "once a day, 22:00", "2026-11-23T22:00"),
        medicine("sodium chloride 0.9 %", "1 litre", "intravenous", "125 mL/h", "2026-11-24T00:10"),
        medicine("paracetamol", "1 g", "oral", "at least 4hr apart", "2026-11-24T01:35", as_needed=True,
                 reason="pain or fever"),
        medicine("metformin", "500 mg", "oral", "twice a day", None, status="on-hold"),
        medicine("ramipril", "5 mg", "oral", "once a day", None, status="on-hold"),
    )  # fmt: skip
    return chart(
        patient_view(
            preferred="Ify",
            address="12 Larch Road, Northmoor NM4 2QF",
            phones=("01632 960 118",),
            practitioner="Dr P. Hargreaves, Larch Road Surgery",
            contacts=(Contact("Chidi Okonkwo", "husband", ("01632 960 119",)),),
        ),
        entries=(
            phoned(1),
            entry("note", {"happened": "2026-11-24T03:05:00+00:00", "text": "Dr Rahman told of potassium 6.0. ECG"
                           " done, no changes seen by Dr Rahman."}, "2026-11-24T03:05", number=2),
        ),
        allergies=(
            allergy("Penicillin", "anaphylaxis", "2019-06-12", "severe", criticality="high"),
            allergy("Codeine", "vomiting", "2022-02-03", type="intolerance"),
            allergy("Latex", "rash", "2019-06-12", "mild"),
        ),
        alerts=(
            _alert("Resus: record holds ReSPECT 03-Sep-2026. Check the original", "resuscitation"),
            _alert("Anticoagulated: apixaban", "drug"),
            _alert("Falls", "safety"),
            _alert("Infection: none recorded 23-Nov", "infection-control"),
        ),
        problems=tuple(
            Problem(**_base("problem", name, "P0000000000001"), text=name, happened=at(year), clinical="active")
            for name, year in (("Atrial fibrillation", "2019"), ("CKD stage 3a", "2021"), ("Type 2 diabetes", "2008"),
                               ("Hypertension", "2004"))
        ),
        medicines=meds,
        administrations=(
            Administration(**_base("administration", "1", "P0000000000001"), text="levofloxacin", status="completed",
                           happened=at("2026-11-23T20:05"), dose="500 mg", author="J. Mensah"),
        ),
        results=full_results(),
        observations=tuple(o for when, values in sets for o in obs_set(when, values)),
        reports=(
            Report(**_base("report", "1", "P0000000000001"), text="Chest X-ray", status="amended", category="Radiology",
                   happened=at("2026-11-23T19:12"), said=at("2026-11-24T01:50"), author="Dr H. Abara",
                   addenda=("Small right effusion is also\nseen. No change to advice.",),
                   body="Consolidation in the right lower\nlobe. Heart size within normal\nlimits. No pneumothorax.",
                   conclusion="right lower lobe\npneumonia. Repeat in 6 weeks.",
                   references=(Reference("imaging", "ImagingStudy/1"),)),
            Report(**_base("report", "2", "P0000000000001"), text="Ultrasound, kidneys", status="preliminary",
                   category="Radiology", happened=at("2023-01-12"), body="Kidneys of normal size."),
        ),
        images=(
            ImagingStudy(**_base("image", "1", "P0000000000001"), text="Chest X-ray", status="available", modality="DX",
                         happened=at("2026-11-23T19:12"), accession="NUH26-118204", total=2, held=1,
                         series=(Series("1.2.3", "DX", "PA erect", "Chest", "", 2, 1),)),
        ),
        requests=tuple(
            Request(**_base("request", name, "P0000000000001"), text=name, status=status, happened=at(when),
                    priority=priority)
            for name, status, when, priority in (
                ("Blood cultures, 2 sets", "active", "2026-11-23T18:00", "urgent"),
                ("Legionella antigen, urine", "active", "2026-11-23T21:00", "routine"),
                ("U&E repeat", "active", "2026-11-24T01:40", "urgent"),
                ("CT pulmonary angiogram", "on-hold", "2026-11-24T00:30", "routine"),
            )
        ),
        documents=(
            Document(**_base("document", "1", "P0000000000001"), text="Discharge letter", title="Discharge letter",
                     status="current", happened=at("2026-08-14"), author="Dr A. Musa", media_type="text/plain",
                     body="Dear Dr Hargreaves,\n\nAdmitted with a fall, no fracture.\n\nDr A. Musa"),
            Document(**_base("document", "2", "P0000000000001"), text="Clinic letter", title="Renal clinic letter",
                     status="current", happened=at("2026-05-02"), media_type="application/pdf", size=180_000),
        ),
        stays=(
            Stay(**_base("stay", "1", "P0000000000001"), text="Inpatient", status="in-progress",
                 happened=at("2026-11-23T16:20"), ward="Ash Ward", bed="A1"),
        ),
    )  # fmt: skip


def _alert(text: str, category: str, *, restricted: bool = False) -> Alert:
    return Alert(
        **_base("alert", text, "P0000000000001"),
        text=text,
        category=category,
        status="active",
        said=at("2026-11-23"),
        restricted=restricted,
    )


def record_of(items: tuple[Record, ...], text: str) -> Record:
    return next(r for r in items if r.text == text)
