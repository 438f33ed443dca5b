"""Charts for the requests, the blood bank and the ward's waiting list: rich and contradicting ones. No real person."""

from __future__ import annotations

from localdb.chart.in_flight import InFlight, of_records
from localdb.chart.views import Chart, Entry, Identity, Listing
from localdb.records.vocabulary import (
    Alert,
    Coding,
    ImagingStudy,
    Medicine,
    Observation,
    Problem,
    Record,
    Report,
    Request,
    Result,
    Series,
)
from tests.unit.forms import paper

GROUP, OTHER_GROUP = "AB RhD positive", "B RhD negative"
BANK = "Blood Transfusion Laboratory"


def group(value: str, **more: object) -> Result:
    return paper.result(
        "ABO and RhD group", "882-1", value, happened=paper.at("2021-03-09T09:15:00+00:00"), author=BANK,
        comments=("rests on 2 samples",), **more,
    )  # fmt: skip


def bank(*groups: Result, **changed: tuple[Record, ...] | Listing) -> Chart:
    """A chart whose blood bank says much: group, antibodies, requirements, a reaction, a sample, a restricted need."""
    results = (
        *paper.results(),
        *groups,
        paper.result("Antibody screen", "890-4", "anti-K", author=BANK, happened=paper.at("2024-05-02T10:00:00+00:00")),
        paper.result("Group and save sample, valid to 26-Nov-2026 23:59", "", "received", author=BANK),
        paper.result("Last transfusion, red cells", "", "2 units", happened=paper.at("2026-10-30")),
    )
    alerts = (
        Alert(**paper.ids(), text="Irradiated blood components only", status="active", said=paper.at("2025-01-09")),
        Alert(**paper.ids(), text="Blood product refusal, advance decision", status="active", restricted=True),
        Alert(**paper.ids(), text="Transfusion reaction, febrile", status="active", said=paper.at("2024-05-03")),
    )
    return paper.chart(**{"results": results, "alerts": alerts, **changed})


def imaging() -> Chart:
    """A chart of somebody for whom every question of a radiology request has an answer in the record."""

    def study(name: str, hours: float, **more: object) -> ImagingStudy:
        return ImagingStudy(
            **paper.ids(), text=name, status="available", happened=paper.ago(hours=hours), modality="CT",
            series=(Series(uid="1.2.3", total=412, held=42),), total=412, held=42, **more,
        )  # fmt: skip

    alerts = (
        Alert(**paper.ids(), text="Pacemaker, dual chamber, MRI unsafe", status="active", said=paper.at("2019-02-11")),
        Alert(**paper.ids(), text="MRSA colonised, side room", status="active", said=paper.at("2026-11-20")),
        Alert(
            **paper.ids(),
            text="Reaction to iodinated contrast: urticaria",
            status="active",
            said=paper.at("2022-07-01"),
        ),
        Alert(**paper.ids(), text="Safeguarding: pregnancy concealed", status="active", restricted=True),
    )
    problems = tuple(
        Problem(**paper.ids(), text=text, clinical=clinical, happened=paper.at(when))
        for text, clinical, when in (
            ("Type 2 diabetes", "active", "2008-05-17"), ("Acute kidney injury stage 1", "active", "2026-11-23"),
            ("Pregnancy, 12 weeks", "active", "2026-11-01"), ("Hyperthyroidism", "resolved", "2011"),
        )
    )  # fmt: skip
    weight = Observation(
        **paper.ids(), text="Body weight", codes=(Coding(paper.LOINC, "29463-7"),), value="71.5", unit="kg", status="final",
        happened=paper.at("2026-11-23T17:00:00+00:00"), method="measured",
    )  # fmt: skip
    reports = (
        Report(**paper.ids(), text="CT abdomen", status="preliminary", happened=paper.ago(hours=20), body="Draft."),
        Report(**paper.ids(), text="MRI, confidential", status="final", happened=paper.ago(hours=30), restricted=True),
    )
    images = tuple(study(f"Chest X-ray {n}", 30 + n * 40) for n in range(6))
    inr = paper.result("INR", "6301-6", "2.4", flag="H")
    return paper.chart(
        alerts=alerts, problems=problems, observations=(weight, *paper.observations()), reports=reports, images=images,
        results=(*paper.results(), inr),
    )  # fmt: skip


def many_medicines(count: int = 40) -> Chart:
    return paper.chart(
        medicines=tuple(
            Medicine(
                **paper.ids(), text=f"medicine number {n} with a name that is long", dose="1,000 micrograms", route="oral",
                frequency="three times a day", status="active", last_given=paper.ago(hours=n % 20 + 1),
            )
            for n in range(count)
        )
    )  # fmt: skip


def flights(beds: int = 6) -> tuple[InFlight, ...]:
    """What a ward waits for: each state, a closed line, a restricted one, one without any time."""
    made = []
    census = paper.census()
    people = [row.patient for row in census.rows if row.patient is not None][:beds]
    for n, who in enumerate(people):
        records: list[Record] = [
            Request(**paper.ids(), text="Blood cultures, 2 sets", status="active", priority="urgent", numbers=(f"L10{n}4",),
                    author="Dr S. Rahman", asked=paper.ago(hours=9 + n), comments=("Collected, not received",)),
            Request(**paper.ids(), text="CT pulmonary angiogram", status="active", priority="routine",
                    numbers=(f"RF-29{n}1",), asked=paper.ago(hours=1.5), wanted=paper.at("2026-11-24T09:30:00+00:00"),
                    stage="S"),
            Report(**paper.ids(), text="Histology, skin", status="registered", happened=paper.ago(days=3)),
        ]  # fmt: skip
        if n == 1:
            records.append(Request(**paper.ids(), text="HIV antibodies", status="active", restricted=True,
                                   asked=paper.ago(hours=30), numbers=("L7777",)))  # fmt: skip
        if n == 2:
            records.append(Request(**paper.ids(), text="Repeat potassium", status="active"))
        ended = {"requests": [records[0].id], "outcome": "lost", "test": "Blood cultures, 2 sets"}
        closing = [paper.entry("closure", ended, 90 + n)] if n == 0 else []
        made.append(of_records(who, records, closing, paper.NOW))
    return tuple(made)


def typed() -> tuple[Entry, ...]:
    """Requests that the ward typed: one about somebody with a line, one about somebody without."""
    people = [row.patient for row in paper.census().rows if row.patient is not None]
    body = {"kind": "laboratory", "tests": ["U&E", "Blood gas"], "priority": "urgent", "reason": "AKI", "phone": "2281"}
    return tuple(
        paper.entry("request", body, 70 + n, identity=Identity(patient=people[n].id)) for n in (0, len(people) - 1)
    )
