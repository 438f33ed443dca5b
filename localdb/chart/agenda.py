"""The appointments of a day: clinics and theatre lists with the patients' telephone numbers (FIELD.md). Pure.

Rules: as sent, in the order of time; what was cancelled stays on the list and says so, what was entered in error does
not; a list is a theatre's where the source's own words name one (`THEATRE`), else a clinic's; restricted appointments
are counted, never named (CLINICAL §1.5). No appointment in this copy is not proof of none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart.views import PatientView
from localdb.chart.wording import ZONE
from localdb.records.moments import Moment
from localdb.records.vocabulary import Appointment

CLINIC, THEATRE_LIST = "clinic", "theatre"
THEATRE = re.compile(
    r"\btheatre|\boperat(ion|ing)|\bsurg(ery|ical)\b|\bprocedure|\banaesth|\bendoscop|\bcath(eter)? lab|\bday case",
    re.IGNORECASE,
)
_OFF = frozenset({"cancelled", "noshow"})
_GONE = frozenset({"entered-in-error"})
NOWHERE = "place not sent"


class AgendaRow(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment and whose it is. `is_off`: cancelled or did not attend, as sent."""

    patient: PatientView
    appointment: Appointment
    kind: str
    is_off: bool = False

    @property
    def place(self) -> str:
        return self.appointment.place or NOWHERE


class Agenda(msgspec.Struct, frozen=True, kw_only=True):
    """The appointments of `day`: `rows` by place, then by time; `restricted` how many are not named."""

    day: date
    rows: tuple[AgendaRow, ...] = ()
    restricted: int = 0

    def of(self, kind: str) -> tuple[AgendaRow, ...]:
        """The rows of clinics or of theatre lists."""
        return tuple(r for r in self.rows if r.kind == kind)


def kind_of(appointment: Appointment) -> str:
    """CLINIC or THEATRE_LIST, by the source's words for what it is and where."""
    words = " ".join((appointment.text, appointment.place, *(c.display for c in appointment.codes)))
    return THEATRE_LIST if THEATRE.search(words) else CLINIC


def day_of(moment: Moment | None, zone: str = ZONE) -> date | None:
    """The day on the site's clock; None where it was not sent to the day."""
    if moment is None or moment.precision in ("year", "month"):
        return None
    if not moment.has_time:
        local = moment.local
        return local.date() if local else None
    instant = moment.instant
    return instant.astimezone(ZoneInfo(zone)).date() if instant else None


def agenda(held: Iterable[tuple[PatientView, Appointment]], day: date, zone: str = ZONE) -> Agenda:
    """The appointments of one day."""
    rows, restricted = [], 0
    for patient, one in held:
        if day_of(one.happened, zone) != day or one.status in _GONE:
            continue
        if one.restricted:
            restricted += 1
            continue
        rows.append(AgendaRow(patient=patient, appointment=one, kind=kind_of(one), is_off=one.status in _OFF))
    rows.sort(key=lambda r: (r.place == NOWHERE, r.place.casefold(), _at(r), r.patient.id))
    return Agenda(day=day, rows=tuple(rows), restricted=restricted)


def _at(row: AgendaRow) -> int:
    at = row.appointment.happened
    return (at.utc or 0) if at else 0
