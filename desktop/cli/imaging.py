"""imaging awaiting, imaging status: what awaits its formal report, oldest first; what is held of images."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from desktop.cli.answer import person, plain, reading
from desktop.cli.image_room import add_status
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.chart import wording
from localdb.chart.awaiting import Awaited, Awaiting, awaiting, came_words
from localdb.house import House
from localdb.journal.sheets import Sheet
from localdb.reading import PatientUnknown


def add_to(commands: Commands) -> None:
    group = commands.group("imaging", "images and their reports")
    made = group("awaiting", "examinations that await their formal report, and requests on paper", _awaiting)
    made.add_argument("--ward", metavar="W", help="left out: everybody of this copy")
    add_status(group)


def _awaiting(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        asked, now = house.reading(), house.now()
        found = asked.awaiting(args.ward)
        asked.close()
    return say(args, answer(found, now), "\n".join(_words(found, now)))


def _sides(found: tuple[Awaiting, ...], side: str) -> list[tuple[Awaiting, Awaited]]:
    """Lines of everybody, oldest first, those of an unknown time before them."""
    held = [(one, line) for one in found for line in getattr(one, side)]
    return sorted(
        held, key=lambda h: h[1].since.utc if h[1].since is not None and h[1].since.utc is not None else -(2**62)
    )


def answer(found: tuple[Awaiting, ...], now: datetime) -> dict[str, Any]:
    """`awaiting`, `answered`, `ended` lines; `older` not listed; `to_compare` readings whose formal report is here."""
    sides = {
        name: [{**awaited(line), "hours": line.hours(now), "patient": person(one.patient)}
               for one, line in _sides(found, side)]
        for name, side in (("awaiting", "lines"), ("answered", "answered"), ("ended", "ended"))
    }  # fmt: skip
    return {**sides, "older": sum(a.older for a in found), "to_compare": sum(a.asks for a in found)}


def awaited(line: Awaited) -> dict[str, Any]:
    """One line as JSON."""
    found = line.examination
    return {
        "state": line.state, "state_words": line.state_words, "test": line.test, "since": plain(line.since),
        "accession": line.accession, "study": found.study.uid if found is not None and found.study is not None else "",
        "requests": [{"entry": r.id, "number": r.number} for r in line.requests], "serials": list(line.serials),
        "readings": [reading(r) for r in line.readings],
    }  # fmt: skip


def _words(found: tuple[Awaiting, ...], now: datetime) -> list[str]:
    lines = []
    for one, line in _sides(found, "lines"):
        hours = line.hours(now)
        age = f"{hours}hr" if hours is not None else "age not known"
        read = line.readings[0].entry if line.readings else None
        said = (
            f"provisional reading by {read.staff}, {wording.date_time(read.written)}" if read else "nobody read it here"
        )
        who = f"{wording.display_name(one.patient.name)} {one.patient.mrn or one.patient.nhs or ''}".strip()
        more = came_words(line) if line.requests and line.examination is not None else line.test
        lines.append(f"{age:>6}  {line.state_words}  {more}  {said}  {who}")
    older, asks = sum(a.older for a in found), sum(a.asks for a in found)
    lines += [] if lines else ["Nothing awaits a formal report as far as this copy knows. That is no proof of none."]
    lines += (
        [f"Not listed: {older} examinations of more than 90 days ago without a report in this copy."] if older else []
    )
    lines += [f"To be compared with their formal report: {asks} provisional readings."] if asks else []
    return lines


def came_of(house: House, sheet: Sheet) -> Awaited | None:
    """What came of a request on paper; None where nothing was typed for it and nothing has its serial."""
    reading = house.reading()
    try:
        chart = reading.chart(str(sheet.patient))
        found = awaiting(chart, reading.request_sheets(), house.now())
    except PatientUnknown:
        return None
    finally:
        reading.close()
    return next((a for a in (*found.lines, *found.answered, *found.ended) if sheet.serial in a.serials), None)
