"""The appointments of a day: clinics and theatre lists with the patients' telephone numbers (FIELD.md). Pure.

Rules: as sent, in the order of time; what was cancelled stays on the list and says so, what was entered in error does
not; a list is a theatre's where the source's own words, of the place before the text, name one, else a clinic's;
restricted appointments are counted, never named (CLINICAL §1.5). No appointment in this copy is not proof of none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import staleness, struck, wording
from localdb.chart.views import PatientView, SourceAge
from localdb.chart.wording import ZONE
from localdb.records.moments import Moment
from localdb.records.vocabulary import Appointment

CLINIC, THEATRE_LIST = "clinic", "theatre"
APPOINTMENT = "appointment"
# The place decides before the text: "Surgical outpatient review" in Clinic 2 is on a clinic's list.
_THEATRE_PLACE = re.compile(r"\btheatres?\b", re.IGNORECASE)
_CLINIC_PLACE = re.compile(r"\bclinics?\b|\bout-?\s?patients?\b|\bopd\b", re.IGNORECASE)
THEATRE = re.compile(
    r"\btheatre|\boperat(ion|ing)|\bsurg(ery|ical)\b|\bprocedure|\banaesth|\bendoscop|\bcath(eter)? lab|\bday case",
    re.IGNORECASE,
)
_OFF = frozenset({"cancelled", "noshow"})
_GONE = frozenset({"entered-in-error"})
NOWHERE = "place not sent"


class AgendaRow(msgspec.Struct, frozen=True, kw_only=True):
    """One appointment and whose it is. `is_off`: cancelled or did not attend, as sent; `alike` as of a Chart; `letter` the
    title of the last letter and its time, where the list was made with them ("": none, or not looked for)."""

    patient: PatientView
    appointment: Appointment
    kind: str
    is_off: bool = False
    alike: str = ""
    letter: str = ""
    letter_at: Moment | None = None

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

    def marked(self, alike: Mapping[str, str]) -> Agenda:
        """The same with who could be mistaken for somebody who lies in the hospital: person id -> words."""
        rows = tuple(msgspec.structs.replace(r, alike=alike.get(r.patient.id, "")) for r in self.rows)
        return msgspec.structs.replace(self, rows=rows)


def places(found: Agenda, kind: str) -> tuple[str, ...]:
    """The clinics or theatres of that day, in the order of the list."""
    return tuple(dict.fromkeys(row.place for row in found.of(kind)))


def of_place(found: Agenda, place: str, kind: str) -> Agenda:
    """The day of one clinic or theatre. Restricted appointments are counted for the whole day: they are in no row, so
    their place is not said either."""
    rows = tuple(row for row in found.of(kind) if row.place == place)
    return msgspec.structs.replace(found, rows=rows)


def kind_of(appointment: Appointment) -> str:
    """CLINIC or THEATRE_LIST, by the source's words: first for where it is, then for what it is."""
    if _THEATRE_PLACE.search(appointment.place):
        return THEATRE_LIST
    if _CLINIC_PLACE.search(appointment.place):
        return CLINIC
    words = " ".join((appointment.place, appointment.text, *(c.display for c in appointment.codes)))
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


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one source of appointments may be relied on for. `why` "": complete up to `upto`, which is `age` ago (words);
    else the sentence why no list of it may be called complete."""

    source: str
    title: str
    upto: Moment | None = None
    age: str = ""
    why: str = ""


def told(
    sources: Iterable[SourceAge], now: datetime, zone: str = ZONE, titles: Mapping[str, str] | None = None
) -> tuple[Told, ...]:
    """Every source that ever gave appointments, as it stands now: what was read in part or not at all, what is declared
    down, silent or of an unknown time is never complete (CLINICAL §7.1, DESIGN D11)."""
    every = tuple(sources)
    newest, found = staleness.newest_cut(every), []
    for source in every:
        if APPOINTMENT not in source.kinds:
            continue
        title = struck.title_of(source, titles)
        named = msgspec.structs.replace(source, source=title, title=title)
        state = staleness.of_part(named, APPOINTMENT, now, zone=zone, newest=newest)
        upto = staleness.complete_to(source, APPOINTMENT)
        found.append(
            Told(source=source.source, title=title, upto=upto, age=state.age, why=_why(named, state, upto, now, zone))
        )
    return tuple(found)


def _why(source: SourceAge, state: staleness.Staleness, upto: Moment | None, now: datetime, zone: str) -> str:
    """Why appointments of a source cannot be called complete; "" where they can."""
    if source.declared == "down":
        gone = struck.Struck(source=source.source, title=source.title, since=source.declared_since, cut=upto,
                             kinds=(APPOINTMENT,))  # fmt: skip
        return struck.sentence(gone, now, zone)
    read = {"partial": "was read in part only", "failed": "could not be read"}.get(source.state, "")
    if read:
        newest = struck.moment_text(source.kinds[APPOINTMENT], now, zone)
        here = f" What is here is of {newest}." if newest else ""
        return f"{source.title} {read}: appointments may be missing.{here}"
    if state.state in (staleness.NEVER, staleness.CLOCK) or state.life == staleness.SILENT:
        return state.gap
    return ""


def told_words(found: Iterable[Told], zone: str = ZONE) -> str:
    """`Appointments complete: Bookings to 24-Nov-2026 02:40, 32min ago.` and what is not complete, which comes first."""
    every = tuple(found)
    if not every:
        return "No source of appointments has come to this laptop. Look on paper, or ask by telephone."
    whole = [f"{t.title} to {wording.date_time(t.upto, zone)}, {t.age} ago" for t in every if not t.why]
    said = [t.why for t in every if t.why]
    return " ".join([*said, *([f"Appointments complete: {'; '.join(whole)}."] if whole else [])])


def _at(row: AgendaRow) -> int:
    at = row.appointment.happened
    return (at.utc or 0) if at else 0
