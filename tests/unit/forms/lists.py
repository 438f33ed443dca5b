"""Made-up clinics, incidents and registered people for the lists and logs on paper. No real person."""

from __future__ import annotations

import random

import msgspec

from desktop.forms.model import Incident
from localdb.chart.agenda import Agenda, AgendaRow
from localdb.chart.living import identity_of
from localdb.chart.views import Chart, Entry, Listing, PatientView, SourceAge
from localdb.journal.ledger import Control, control_lines
from localdb.journal.sheets import Sheet, SheetEvent, Story
from localdb.plans.directory import Contact
from localdb.records.vocabulary import LISTS, Appointment, HumanName, Identifier, Reference
from tests.unit.forms import paper

TYPES = ("New patient", "Follow-up after fracture", "Post-operative review", "Telephone review, plaster off")


def clinic_row(n: int, **changed: object) -> AgendaRow:
    chosen = random.Random(n)
    name = HumanName(chosen.choice(paper.FAMILIES), (chosen.choice(paper.GIVEN),), ("Mr" if n % 2 else "Mrs",))
    view = paper.patient(
        id=f"P{n + 500:013d}", name=name, nhs=paper.nhs(n * 3571 + 300) if n % 5 else None,
        mrn=f"H{(n + 1) * 7919 % 100000 + 900000}",
        phones=(f"01632 9602{n:02d}",) if n % 3 else (), ward="", bed="", is_deceased=n == 6,
        born=paper.at(f"{1936 + 4 * n}-0{n % 9 + 1}-1{n % 10}"),
    )  # fmt: skip
    made: dict[str, object] = {
        **paper.ids("R"), "text": TYPES[n % 4], "place": "Fracture clinic, outpatients 4",
        "happened": paper.at(f"2026-11-24T{9 + n // 4:02d}:{15 * (n % 4):02d}:00+00:00"),
        "status": "cancelled" if n == 3 else "booked", "participants": ("Mr J. Ade",),
        "references": (Reference("based_on", "ServiceRequest/1", "GP referral 03-Oct-2026"),) if n % 2 else (),
    }  # fmt: skip
    appointment = Appointment(**{**made, **changed})  # type: ignore[arg-type]
    letter = ("Clinic letter, fracture clinic", paper.at("2026-10-12")) if n % 2 else ("", None)
    return AgendaRow(
        patient=view, appointment=appointment, kind="clinic", is_off=appointment.status == "cancelled",
        letter=letter[0], letter_at=letter[1],
    )  # fmt: skip


def clinic(people: int = 14) -> Agenda:
    return Agenda(day=paper.NOW.date(), rows=tuple(clinic_row(n) for n in range(people)), restricted=1)


def incident() -> Incident:
    return Incident(contacts=(
        Contact("Switchboard", "0", "always"), Contact("IT service desk", "4400", "07:00-22:00, then bleep 0155"),
        Contact("Blood bank", "4455, bleep 0123", "always"), Contact("Site manager on call", "bleep 0001", "always"),
        Contact("Laboratory, duty biochemist", "4410", "08:00-20:00", "Note: night by switchboard"),
    ))  # fmt: skip


def ages(takes: str) -> tuple[SourceAge, ...]:
    """The sources of a clinic list have appointments; those of an incident are partly declared down."""
    found = paper.sources()
    if takes == "clinic":
        pas = found[0]
        return (msgspec.structs.replace(pas, kinds={**pas.kinds, "appointment": pas.cut}), *found[1:])
    down = {"declared": "down", "declared_since": paper.ago(minutes=27), "declared_by": "Adaeze Obi"}
    back = {"declared": "back", "declared_since": paper.ago(minutes=4), "declared_by": "J. Reed"}
    said = {"LIMS": down, "RIS": back}
    return tuple(msgspec.structs.replace(s, **said.get(s.source, {})) for s in found)


def registration(**changed: object) -> Entry:
    """The entry of a registration as the journal keeps it."""
    body: dict[str, object] = {
        "happened": "2026-11-24T03:02:00+00:00", "number": "RPH4830172W",
        "temporary_name": {"family": "FOXTROT", "given": "Whisky"}, "sex": "male", "estimated_year": 1980,
        "location": {"ward": "Ash Ward", "bed": "A3"}, "evidence": "told by ambulance crew",
        "next_of_kin": {"name": "somebody in Leeds", "relationship": "sister", "phone": "01632 960777"},
        "alerts": ["told: allergic to penicillin"],
    }  # fmt: skip
    return paper.entry("registration", {**body, **changed}, 21)


def identification(**changed: object) -> Entry:
    body: dict[str, object] = {
        "happened": "2026-11-24T03:10:00+00:00", "nhs": "9990000026", "mrn": "H2050000",
        "matched_by": ["A. Obi", "J. Reed"], "evidence": "passport", "number": "RPH4830172W",
    }  # fmt: skip
    return paper.entry("identification", {**body, **changed}, 22)


def registered_chart(*entries: Entry) -> Chart:
    """The chart of somebody registered here: nothing is held of them but what was written."""
    made = {name: Listing("unavailable") for name in LISTS}
    made["allergies"] = Listing("not_recorded")
    return Chart(patient=registered(), lists=made, entries=entries or (registration(),))


def registered(**changed: object) -> PatientView:
    """Somebody registered here under a dealt name and number (CLINICAL §1.3)."""
    made: dict[str, object] = {
        "name": HumanName("Foxtrot", ("Whisky",), use="temp"), "nhs": None, "nhs_verified": None, "mrn": "RPH4830172W",
        "born": paper.at("1980-01-01"), "born_estimated": True, "gender": "male", "practitioner": "", "contacts": (),
        "reason": "", "consultant": "", "id": "P0TEMPORARY0001", "scope": "registered",
        "admitted": paper.at("2026-11-24T03:02:00+00:00"), "bed": "A3",
        "identifiers": (Identifier("urn:wardlamp:temporary:rph", "RPH4830172W", "MR", use="temp"),),
    }  # fmt: skip
    return paper.patient(**{**made, **changed})


def story(n: int, form: str, state: str, who: PatientView | None, **changed: object) -> Story:
    """A sheet as the ledger tells it: `who` None is a blank; the last step is its state."""
    made: dict[str, object] = {
        "serial": paper.serial(form, n), "device": "07A", "number": n, "form": form, "pages": 2, "copies": 1,
        "blank": who is None, "patient": who.id if who else None, "state": state, "ward": "Ash Ward",
    }  # fmt: skip
    sheet = Sheet(**{**made, **changed})  # type: ignore[arg-type]
    steps = ["issued", "made", "printed", *([state] if state not in ("issued", "made", "printed") else [])]
    events = tuple(SheetEvent(s, paper.ago(minutes=60 - k), "J. Reed", "torn" if s == "spoiled" else "") for k, s in
                   enumerate(steps))  # fmt: skip
    return Story(sheet=sheet, identity=identity_of(who) if who else None, events=events)


STATES = ("entered", "scanned", "printed", "spoiled", "void", "handed_over", "returned", "entered")


def stories(count: int = 20) -> tuple[Story, ...]:
    people = [r.patient for r in paper.census().rows if r.patient is not None]
    codes = ("F01", "F02", "F11", "F18", "F27")
    return tuple(
        story(n + 1, codes[n % 5], STATES[n % 8], None if n % 4 == 3 else people[n % len(people)],
              holder="ward clerk" if STATES[n % 8] == "handed_over" else "", reprints=int(n == 6), copies=1 + n % 3)
        for n in range(count)
    )  # fmt: skip


def ledger(count: int = 20) -> Control:
    return control_lines(stories(count), "Ash Ward")
