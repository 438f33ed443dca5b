"""What sheets about no one patient are filled from: a clinic's day, the downtime itself. No Qt here."""

from __future__ import annotations

import msgspec

from desktop.forms.model import Incident
from localdb.chart import documents
from localdb.chart.agenda import CLINIC, Agenda, AgendaRow, of_place, places
from localdb.chart.wording import local_day
from localdb.errors import EnvironmentFault, InputRefused
from localdb.house import House
from localdb.plans.directory import Contact
from localdb.reading import LivingReading

DIRECTORY = "directory"


def clinics_of(house: House, reading: LivingReading, name: str | None) -> list[Agenda]:
    """Today's list of the clinic of that name (letter case apart); of every clinic where none is named. Raises
    clinic.unknown: no clinic of that name, or none at all, has an appointment today in this copy."""
    zone = str(house.site["zone"])
    today = reading.agenda(local_day(house.now(), zone), zone)
    wanted = [p for p in places(today, CLINIC) if name is None or p.casefold() == name.casefold()]
    if not wanted:
        raise InputRefused("No clinic of that name has an appointment today in this copy.", code="clinic.unknown",
                           next_step="See today's clinics under Everyone, or print the form blank.")  # fmt: skip
    return [_with_letters(reading, of_place(today, place, CLINIC)) for place in wanted]


def _with_letters(reading: LivingReading, found: Agenda) -> Agenda:
    """The list with the last letter of each patient that stands and that a list of several people may name."""
    return msgspec.structs.replace(found, rows=tuple(_with_letter(reading, row) for row in found.rows))


def _with_letter(reading: LivingReading, row: AgendaRow) -> AgendaRow:
    held = documents.items(reading.chart(row.patient.id), "")
    last = next((i.document for i in held if i.state == documents.CURRENT
                 and documents.showing(i.document, documents.MANY, "") == documents.WHOLE), None)  # fmt: skip
    if last is None:
        return row
    return msgspec.structs.replace(row, letter=documents.title_of(last), letter_at=last.happened or last.said)


def incident_of(house: House) -> Incident:
    """The telephone numbers of the site's directories; a document that does not verify is left out."""
    found: list[Contact] = []
    for paper in house.plans.shown():
        if paper.kind == DIRECTORY:
            try:
                found += house.plans.contacts(paper)
            except EnvironmentFault:
                continue
    return Incident(contacts=tuple(dict.fromkeys(found)))
