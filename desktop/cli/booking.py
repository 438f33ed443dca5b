"""agenda: the clinics and theatre lists of a day, with telephone numbers, by command."""

from __future__ import annotations

import argparse
from datetime import date

from desktop.cli.answer import person, plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.chart import wording
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
        told = {s.source: s.kinds["appointment"] for s in reading.sources() if "appointment" in s.kinds}
    rows = [
        {"kind": r.kind, "place": r.place, "is_off": r.is_off, "patient": person(r.patient),
         "phones": list(r.patient.phones), "appointment": plain(r.appointment)}
        for r in held.rows
    ]  # fmt: skip
    lines = [f"{wording.long_day(day)}: {len(held.rows)} appointments, {held.restricted} restricted and not named"]
    if not told:
        lines.append("No source of appointments has come to this laptop.")
    for r in held.rows:
        at = wording.time(r.appointment.happened, zone)
        phones = " or ".join(r.patient.phones) or "no telephone number"
        off = "  DIED" if r.patient.is_deceased else "  CANCELLED OR MISSED" if r.is_off else ""
        lines.append(f"{r.place}  {at}  {wording.display_name(r.patient.name)}  {r.appointment.text}  {phones}{off}")
    answer = {"day": day.isoformat(), "appointments": rows, "restricted": held.restricted,
              "complete_to": {s: m.as_json() if m else None for s, m in told.items()}}  # fmt: skip
    return say(args, answer, "\n".join(lines))
