"""Made-up charts and wards for paper: rich, strange, seeded ones. No real person; NHS numbers of the 999 range."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from desktop.forms import catalogue
from desktop.forms.model import FormModel, Site
from localdb.chart.matching import SAME_WARD
from localdb.chart.views import Census, CensusRow, Chart, Entry, Identity, Listing, PatientView, SourceAge
from localdb.codes import downtime_set
from localdb.records.ids import nhs_number_is_sound, serial_number
from localdb.records.moments import Moment, from_instant, read_moment
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
    Medicine,
    Observation,
    Problem,
    Record,
    Report,
    Request,
    Result,
)

NOW = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)
LOINC = "http://loinc.org"
SITE = Site(hospital="Northmoor University Hospital", ward="Ash Ward", incident="NUH 2026-11-24 1")
_NEXT = iter(range(1, 10**9))


def at(text: str) -> Moment:
    return read_moment(text)


def ago(**span: float) -> Moment:
    return from_instant(NOW - timedelta(**span))


def ids(kind: str = "R") -> dict[str, str]:
    n = next(_NEXT)
    return {"id": f"{kind}{n:013d}", "patient": "P0000000000001", "source": "EPR", "source_id": str(n)}


def nhs(n: int) -> str:
    """The n-th sound number of the 999 range."""
    for number in range(9990000000 + n * 11, 9999999999):
        if nhs_number_is_sound(str(number)):
            return str(number)
    raise ValueError(n)


def sources(cut: datetime = NOW - timedelta(minutes=34)) -> tuple[SourceAge, ...]:
    def of(name: str, minutes: int, *kinds: str) -> SourceAge:
        moment = from_instant(cut - timedelta(minutes=minutes))
        return SourceAge(source=name, kinds=dict.fromkeys(kinds, moment), cut=moment)

    return (
        of("PAS", 0, "patient", "stay"),
        of("EPR", 0, "allergy", "alert", "problem", "document", "request"),
        of("EPMA", 2, "medicine", "administration"),
        of("eObs", 2, "observation"),
        of("LIMS", 32, "result"),
        of("RIS", 9, "report", "image"),
    )


def patient(**changed: object) -> PatientView:
    made: dict[str, object] = {
        "id": "P0123456789ABC",
        "name": HumanName("Okonkwo", ("Ifeoma",), ("Mrs",)),
        "nhs": "9990000018",
        "nhs_verified": True,
        "mrn": "H2047718",
        "born": at("1951-03-14"),
        "gender": "female",
        "ward": "Ash Ward",
        "bed": "A1",
        "consultant": "Dr S. Rahman",
        "reason": "Right lower lobe pneumonia with AKI stage 1 (as sent)",
        "admitted": at("2026-11-23T16:20:00+00:00"),
        "practitioner": "Dr P. Hargreaves, Millbrook Surgery, 01632 960456",
        "contacts": (Contact("Chidi Okonkwo", "son", ("07700 900123",)),),
        "scope": "whole",
    }
    return PatientView(**{**made, **changed})  # type: ignore[arg-type]


def result(name: str, code: str, value: str | None, unit: str = "", **more: object) -> Result:
    return Result(
        **ids(),
        text=name,
        codes=(Coding(LOINC, code, name),),
        value=value,
        unit=unit,
        **{"status": "final", "happened": at("2026-11-24T01:10:00+00:00"), "said": ago(hours=2), **more},  # type: ignore[arg-type]
    )


EARLIER = at("2026-11-23T18:05:00+00:00")
BLOODS = [
    ("Sodium", "2951-2", "131", "133", "mmol/L", "133-146", "L", ""),
    ("Potassium", "2823-3", "5.9", "5.4", "mmol/L", "3.5-5.3", "H", "H"),
    ("Urea", "22664-7", "14.2", "12.8", "mmol/L", "2.5-7.8", "H", "H"),
    ("Creatinine", "14682-9", "168", "142", "umol/L", "45-84", "H", "H"),
    ("eGFR", "33914-3", "27", "33", "mL/min/1.73m2", "", "", ""),
    ("CRP", "1988-5", "212", "248", "mg/L", "<5", "H", "H"),
    ("Haemoglobin", "718-7", "104", "109", "g/L", "115-165", "L", "L"),
    ("White cells", "6690-2", "17.4", "19.6", "10*9/L", "4.0-11.0", "H", "H"),
    ("Platelets", "777-3", "411", "398", "10*9/L", "150-400", "H", ""),
    ("Neutrophils", "751-8", "15.1", "17.0", "10*9/L", "2.0-7.5", "HH", "HH"),
    ("ALT", "1742-6", "38", "", "U/L", "10-49", "", ""),
    ("Albumin", "1751-7", "31", "34", "g/L", "35-50", "L", "L"),
]


def results() -> tuple[Result, ...]:
    out: list[Result] = []
    for name, code, now, before, unit, span, flag, flag_before in BLOODS:
        more: dict[str, object] = {"range": span or None, "flag": flag or None}
        if name == "Potassium":
            more |= {
                "status": "corrected",
                "comments": ("first sample haemolysed",),
                "replaces": (Former(value="6.8", unit="mmol/L", status="final", said=ago(hours=2)),),
            }
        if name == "CRP":
            more |= {"status": "preliminary"}
        out.append(result(name, code, now, unit, **more))
        if before:
            out.append(result(name, code, before, unit, range=span or None, flag=flag_before or None, happened=EARLIER))
    out += [
        result("Troponin I", "89579-7", "4", "ng/L", comparator="<", range="<16"),
        result("D-dimer", "48065-7", None, "ug/L", status="cancelled", absent="sample clotted"),
        result("Lactate", "32693-4", "9.9", "mmol/L", status="entered-in-error", comments=("wrong patient",)),
        result(
            "Urine culture",
            "630-4",
            "Escherichia coli >10^5 CFU/mL, sensitive to nitrofurantoin, pivmecillinam "
            "and gentamicin; resistant to amoxicillin and trimethoprim",
            "",
        ),
    ]
    return tuple(out)


def medicine(drug: str, dose: str, route: str, often: str, given: str = "", **more: object) -> Medicine:
    last = at(given) if given else None
    return Medicine(
        **ids(),
        text=drug,
        dose=dose,
        route=route,
        frequency=often,
        last_given=last,
        **{"status": "active", **more},  # type: ignore[arg-type]
    )


def medicines() -> tuple[Medicine, ...]:
    return (
        medicine("sodium zirconium cyclosilicate LOKELMA", "10 g", "oral", "three times a day"),
        medicine(
            "levofloxacin", "500 mg", "intravenous", "twice a day", "2026-11-23T20:05:00+00:00", reason="pneumonia"
        ),
        medicine("apixaban", "2.5 mg", "oral", "twice a day", "2026-11-23T20:10:00+00:00"),
        medicine("insulin glargine LANTUS", "14 units", "subcutaneous", "at 22:00", "2026-11-23T22:00:00+00:00"),
        medicine("atorvastatin", "20 mg", "oral", "at 22:00", "2026-11-23T22:00:00+00:00"),
        medicine("paracetamol", "1 g", "oral", "at most 4 g in 24hr", "2026-11-24T01:35:00+00:00", as_needed=True),
        medicine("salbutamol", "2.5 mg in 2.5 mL", "nebulised", "four times a day", "2026-11-23T21:00:00+00:00"),
        medicine("morphine sulfate modified release ZOMORPH", "10 mg", "oral", "every 12 hours"),
        medicine("furosemide", "40 mg", "oral", "once a day in the morning"),
        medicine("bisoprolol", "1.25 mg", "oral", "once a day", "2026-11-23T08:02:00+00:00"),
        medicine(
            "metformin",
            "500 mg",
            "oral",
            "twice a day",
            status="on-hold",
            reason="AKI",
            said=at("2026-11-23T17:00:00+00:00"),
        ),
        medicine(
            "ramipril",
            "5 mg",
            "oral",
            "once a day",
            status="on-hold",
            reason="AKI",
            said=at("2026-11-23T17:00:00+00:00"),
        ),
        medicine(
            "amoxicillin",
            "500 mg",
            "oral",
            "three times a day",
            status="stopped",
            ended=at("2026-11-23T18:00:00+00:00"),
        ),
        medicine("doxycycline", "100 mg", "oral", "once a day", status="completed", ended=at("2025-01-03")),
    )


def observations() -> tuple[Observation, ...]:
    out: list[Observation] = []
    sets = [
        ("2026-11-24T01:30:00+00:00", "5", "20", "96", "108", "62", "104", "38.4"),
        ("2026-11-23T21:35:00+00:00", "7", "22", "95", "112", "64", "98", "38.1"),
        ("2026-11-23T17:40:00+00:00", "9", "22", "95", "102", "58", "112", "38.9"),
        ("2026-11-23T16:00:00+00:00", "9", "24", "93", "99", "55", "118", "39.0"),
    ]
    for when, score, breaths, spo2, high, low, pulse, heat in sets:
        base = {"happened": at(when), "status": "final", "category": "vital-signs"}
        out += [
            Observation(**ids(), **base, text="NEWS2, as sent", value=score),
            Observation(**ids(), **base, text="Respiration", unit="/min", value=breaths),
            Observation(**ids(), **base, text="SpO2", unit="%", value=spo2),
            Observation(**ids(), **base, text="Air or oxygen", value_codes=(Coding("", "", "Air"),)),
            Observation(
                **ids(),
                **base,
                text="Blood pressure",
                components=(
                    Component(codes=(Coding(LOINC, "8480-6"),), text="Systolic", value=high, unit="mmHg"),
                    Component(codes=(Coding(LOINC, "8462-4"),), text="Diastolic", value=low, unit="mmHg"),
                ),
            ),
            Observation(**ids(), **base, text="Pulse", unit="/min", value=pulse),
            Observation(**ids(), **base, text="Consciousness", value_codes=(Coding("", "A", "Alert"),)),
            Observation(**ids(), **base, text="Temperature", unit="°C", value=heat),
        ]
    return tuple(out)


def allergies() -> tuple[Allergy, ...]:
    return (
        Allergy(
            **ids(),
            text="Penicillin",
            clinical="active",
            reactions=("anaphylaxis",),
            severity="severe",
            said=at("2019-06-12"),
        ),
        Allergy(**ids(), text="Latex", clinical="active", reactions=("rash",), severity="mild", said=at("2019-06-12")),
        Allergy(
            **ids(),
            text="Codeine",
            clinical="active",
            type="intolerance",
            reactions=("vomiting",),
            said=at("2022-02-03"),
        ),
        Allergy(**ids(), text="Aspirin", clinical="inactive", said=at("2011-02-03")),
    )


def entry(kind: str, body: dict[str, object], n: int, **more: object) -> Entry:
    who = Identity(patient="P0123456789ABC", nhs="9990000018")
    made: dict[str, object] = {
        "id": f"E{n:013d}",
        "number": f"07A-{n}",
        "kind": kind,
        "device": "07A",
        "sequence": n,
        "staff": "Adaeze Obi",
        "happened": ago(minutes=44),
        "written": ago(minutes=16),
        "identity": who,
        "body": body,
    }
    return Entry(**{**made, **more})  # type: ignore[arg-type]


def phoned(**changed: object) -> Entry:
    body: dict[str, object] = {
        "collected": "2026-11-24T02:30:00+00:00",
        "test": "Potassium",
        "value": "6.0",
        "unit": "mmol/L",
        "flag": "H",
        "caller": {"name": "K. Lim", "role": "biomedical scientist", "ext": "4410"},
        "read_back": True,
    }
    return entry("phoned_result", {**body, **changed}, 12)


def lists(**changed: tuple[Record, ...] | Listing) -> dict[str, Listing]:
    made: dict[str, tuple[Record, ...] | Listing] = {
        "allergies": allergies(),
        "alerts": (
            Alert(**ids(), text="Anticoagulated: apixaban", status="active", said=at("2026-11-23")),
            Alert(**ids(), text="Falls risk, bed rails decided against", status="active", said=at("2026-11-23")),
            Alert(**ids(), text="Safeguarding: see social care file", status="active", restricted=True),
            Alert(**ids(), text="ReSPECT, review 03-Mar-2027, front of notes", status="active", said=at("2026-09-03")),
        ),
        "problems": tuple(
            Problem(**ids(), text=t, clinical="active", happened=at(y))
            for t, y in (
                ("Atrial fibrillation", "2019"),
                ("Chronic kidney disease stage 3a", "2021-04"),
                ("Type 2 diabetes", "2008-05-17"),
                ("Hypertension", "2004"),
            )
        ),
        "medicines": medicines(),
        "administrations": (Administration(**ids(), text="apixaban", happened=ago(hours=7)),),
        "results": results(),
        "observations": observations(),
        "reports": (
            Report(
                **ids(),
                text="Chest X-ray",
                status="amended",
                happened=at("2026-11-23T19:12:00+00:00"),
                addenda=("24-Nov 01:50: small right effusion is also seen.",),
                author="Dr H. Abara",
                conclusion="Consolidation in the right lower lobe, heart size within normal limits.",
            ),
            Report(
                **ids(),
                text="CT head",
                status="preliminary",
                happened=at("2026-11-23T22:12:00+00:00"),
                body="TECHNIQUE: unenhanced.\n  FINDINGS: no bleed.\n  Formal report to follow.",
                author="Dr T. Li",
            ),
        ),
        "requests": tuple(
            Request(**ids(), text=t, status="active", happened=ago(hours=h))
            for t, h in (("Blood cultures, 2 sets", 9), ("Legionella antigen, urine", 6), ("U&E repeat", 1))
        ),
        "documents": (Document(**ids(), text="Discharge letter", happened=at("2026-01-05")),),
    }
    made |= changed
    return {
        name: found if isinstance(found, Listing) else Listing("known" if found else "not_recorded", found)
        for name in LISTS
        for found in (made.get(name, ()),)
    }


def chart(who: PatientView | None = None, **changed: tuple[Record, ...] | Listing) -> Chart:
    return Chart(
        patient=who or patient(),
        lists=lists(**changed),
        phoned=(phoned(),),
        entries=(
            phoned(),
            entry("note", {"text": "Reviewed with outreach, fluids started, repeat gas at 04:00."}, 14),
            entry("observations", {"items": [{"code": "8867-4", "value": "101", "unit": "/min"}]}, 13),
        ),
        sources=sources(),
        generation=3,
    )


def thin_chart(who: PatientView, state: str) -> Chart:
    """A patient of whom nothing but identity and one allergy state is held."""
    made = {name: Listing("unavailable") for name in LISTS}
    items = (
        Allergy(
            **ids(),
            text="No known allergy",
            asserts_none=True,
            author="Staff Nurse J. Reed",
            said=at("2026-11-20T10:00:00+00:00"),
        ),
    )
    made["allergies"] = Listing(state, items if state == "none_asserted" else ())
    return Chart(patient=who, lists=made)


FAMILIES = [
    "Okonkwo",
    "O’Brien-Featherstonehaugh",
    "van der Berg",
    "Nguyễn",
    "Łukaszewicz",
    "Ó Súilleabháin",
    "Weiß",
    "سعيد",
    "李",
    "नायर",
    "Smith",
    "Smith",
    "Papadopoulos-Κωνσταντίνου",
    "Шевченко",
    "Abdul-Rahman",
    "Li",
    "김",
    "כהן",
]
GIVEN = [
    "Ifeoma",
    "Anne-Marie",
    "John",
    "Jon",
    "محمد",
    "小龍",
    "अनन्या",
    "Zoë",
    "Nwachukwu Chukwuemeka",
    "Siân",
    "Oleksandr",
    "민준",
]


REASONS = [
    "Pneumonia",
    "Fractured neck of femur",
    "Sepsis, source unclear",
    "COPD exacerbation with type 2 respiratory failure",
    "Off legs",
]


def census(beds: int = 28, seed: int = 4) -> Census:
    chosen = random.Random(seed)
    rows = []
    states = ["known", "known", "none_asserted", "not_recorded", "unavailable"]
    for n in range(beds):
        bed = f"{'ABCDE'[n // 6]}{n % 6 + 1}"
        if n in (7, 19):
            rows.append(CensusRow(bed=bed, note="closed: deep clean" if n == 19 else ""))
            continue
        state = states[n % 5]
        alerts: list[Record] = [Alert(**ids(), text="Falls risk", status="active")] if n % 3 == 0 else []
        if n % 7 == 0:
            alerts += [
                Alert(**ids(), text="Side room: MRSA", status="active"),
                Alert(**ids(), text="Safeguarding adult alert", status="active"),
                Alert(**ids(), text="Marked by the source", status="active", restricted=True),
                Alert(**ids(), text="Blood group O RhD negative", status="active"),
            ]
        rows.append(
            CensusRow(
                bed=bed,
                patient=patient(
                    id=f"P{n:013d}",
                    name=HumanName(
                        FAMILIES[n % len(FAMILIES)], (GIVEN[(n * 5) % len(GIVEN)],), ("Mr" if n % 2 else "Mrs",)
                    ),
                    nhs=nhs(n + 3),
                    mrn=f"H20{n:05d}",
                    bed=bed,
                    born=at(f"{1930 + n * 2}-0{n % 9 + 1}-1{n % 9}"),
                    gender="male" if n % 2 else "female",
                    reason=chosen.choice(REASONS),
                ),
                allergy_state=state,
                allergies=(Allergy(**ids(), text="Penicillin", clinical="active"),) if state == "known" else (),
                alerts=tuple(alerts),
                score=str(n % 9) if n % 4 else "",
                score_at=ago(hours=n % 6 + 0.5),
                waiting=n % 4,
                alike=SAME_WARD if n in (10, 11) else "",
                entries=n % 3,
            )
        )
    return Census(ward="Ash Ward", rows=tuple(rows), sources=sources())


def serial(form: str, n: int = 1) -> str:
    return serial_number("07A", form, n)


def model(form: str, what: Chart | Census | None = None, n: int = 1, **changed: object) -> FormModel:
    made: dict[str, object] = {
        "printed_at": NOW,
        "chart": what if isinstance(what, Chart) else None,
        "census": what if isinstance(what, Census) else None,
        "sources": sources() if what is not None else (),
        "staff": "Adaeze Obi",
        "device": "07A",
        "serial": serial(form, n),
        "site": SITE,
        "order": downtime_set(),
    }
    return FormModel(**{**made, **changed})  # type: ignore[arg-type]


# Forms in the frame that sheets share; labels and wristbands have pages and tests of their own.
FRAMED = tuple(code for code, form in catalogue.FORMS.items() if form.is_framed)


def filled(form: str, **changed: object) -> FormModel:
    takes = catalogue.FORMS[form].takes
    if takes in ("clinic", "site"):
        from tests.unit.forms import lists

        facts = {"agenda": lists.clinic()} if takes == "clinic" else {"incident": lists.incident()}
        return model(form, **{"sources": lists.ages(takes), **facts, **changed})
    if form == "F30":
        from tests.unit.forms import charts  # which is made from this module

        changed = {"pending": charts.flights(), "asked": charts.typed(), **changed}
    if form == "F29":
        from tests.unit.forms import lists

        changed = {"ledger": lists.ledger(), **changed}
    return model(form, census() if takes == "ward" else chart() if takes == "patient" else None, **changed)


def strange_patient() -> PatientView:
    return patient(
        name=HumanName("سعيد الشريف", ("محمد", "نور الدين"), ("Dr",)),
        preferred="Mo",
        is_deceased=True,
        deceased=at("2026-11-24T02:50:00+00:00"),
        nhs=None,
        nhs_verified=None,
        mrn="H2047718-UNVERIFIED-LONG-NUMBER-0000001",
        ward="Acute Medical Unit and Short Stay (North Wing)",
    )
