"""agenda: the clinics and theatre lists of a day, with telephone numbers, by command."""

from __future__ import annotations

import argparse
from datetime import date

from desktop.cli.answer import marked, person, plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.chart import wording
from localdb.chart.agenda import told, told_words
from localdb.chart.struck import titles_of_site
from localdb.errors import InputRefused


def add_to(commands: Commands) -> None:
    made = commands.add(
        "agenda", "the appointments of a day: clinics and theatre lists, with telephone numbers", _agenda
    )
    made.add_argument("--day", metavar="YYYY-MM-DD", default="", help="another day than today")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused("That is no day.", code="agenda.day", next_step="Write it as 2026-11-24.") from None


def _agenda(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        zone = str(house.site["zone"])
        day = _day(args.day) if args.day else wording.local_day(house.now(), zone)
        reading = house.reading()
        held = reading.agenda(day, zone)
        found = told(reading.sources(), house.now(), zone, titles_of_site(house.site))
    rows = [
        {"kind": r.kind, "place": r.place, "is_off": r.is_off, "patient": person(r.patient, r.alike),
         "phones": list(r.patient.phones), "appointment": plain(r.appointment)}
        for r in held.rows
    ]  # fmt: skip
    lines = [f"{wording.long_day(day)}: {len(held.rows)} appointments, {held.restricted} restricted and not named"]
    lines.append(told_words(found, zone))
    for r in held.rows:
        at = wording.time(r.appointment.happened, zone)
        phones = " or ".join(r.patient.phones) or "no telephone number"
        off = "  DIED" if r.patient.is_deceased else "  CANCELLED OR MISSED" if r.is_off else ""
        name = f"{wording.display_name(r.patient.name)}{marked(r.alike)}"
        lines.append(f"{r.place}  {at}  {name}  {r.appointment.text}  {phones}{off}")
    answer = {"day": day.isoformat(), "appointments": rows, "restricted": held.restricted,
              "complete_to": {t.source: t.upto.as_json() if t.upto and not t.why else None for t in found},
              "not_complete": {t.source: t.why for t in found if t.why}}  # fmt: skip
    return say(args, answer, "\n".join(lines))
