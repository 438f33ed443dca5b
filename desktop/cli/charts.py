"""find, ward, pending, chart, export: reading by command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desktop.cli import answer
from desktop.cli.image_options import add_images, images_of
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say, vault_of
from localdb.chart import wording
from localdb.chart.in_flight import balance_words
from localdb.chart.moved import moved_words
from localdb.chart.views import PatientView
from localdb.durable import write_whole
from localdb.errors import InputRefused


def add_to(commands: Commands) -> None:
    find = commands.add("find", "search people by name, number, date of birth, ward or bed", _find)
    find.add_argument("text", nargs="+")
    find.add_argument("--limit", type=int, default=50)
    ward = commands.add("ward", "the census of a ward", _ward)
    ward.add_argument("name", nargs="?")
    ward.add_argument("--list", action="store_true", help="name the wards of this copy")
    pending = commands.add("pending", "requests that were in flight at the cut", _pending)
    pending.add_argument("--ward", metavar="W")
    chart = commands.add("chart", "the living chart of a patient", _chart)
    chart.add_argument("patient")
    export = commands.add("export", "a patient's summary for another system, in clear", _export)
    export.add_argument("patient")
    export.add_argument("--ips", metavar="FILE", type=Path, help="the International Patient Summary (FHIR R4 document)")
    export.add_argument("--image", metavar="FILE", type=Path,
                        help="one image as PNG or JPEG, label and identity burnt in; for a PDF: `print T02`")  # fmt: skip
    add_images(export, "--number")


def _line(view: PatientView) -> str:
    number = wording.nhs_number(view.nhs) if view.nhs else view.mrn or "no number"
    place = " ".join(filter(None, (view.ward, view.bed)))
    born = wording.date(view.born, estimated=view.born_estimated, missing="not known")
    return f"{view.id}  {wording.display_name(view.name)}  born {born}  {number}  {place}".rstrip()


def _find(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        reading = house.reading()
        found = reading.find(" ".join(args.text), max(1, args.limit))
        alike = reading.similar(found)
    lines = [f"{_line(v)}{answer.marked(alike.get(v.id, ''))}" for v in found]
    people = [answer.person(v, alike.get(v.id, "")) for v in found]
    return say(args, {"patients": people}, "\n".join(lines) or "Nobody found in this copy.")


def _ward(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        reading = house.reading()
        if args.list:
            names = list(reading.wards())
            return say(args, {"wards": names}, "\n".join(names))
        census = reading.ward(args.name)
    lines = [f"{census.ward}, generation {census.generation}"]
    for row in census.rows:
        who = f"{_line(row.patient)}{answer.marked(row.alike)}" if row.patient else row.note or "empty"
        lines.append(f"{row.bed:>4}  {who}")
    return say(args, answer.census(census), "\n".join(lines))


def _pending(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        reading, now = house.reading(), house.now()
        rows, found = reading.pending(args.ward), reading.flights(args.ward)
    held = [(one.patient, line) for one in found for line in one.lines]
    lines = [balance_words([line for _, line in held])] if held else ["Nothing was in flight in this copy."]
    for view, line in held:
        hours = line.hours(now)
        state = line.state_words if line.closing is None else f"closed: {line.closing.outcome} by {line.closing.by}"
        age = f"{hours}hr" if hours is not None else "age not known"
        lines.append(f"{line.test}  {', '.join(line.numbers)}  {state}  {age}  {_line(view)}")
    return say(args, answer.pending(rows, found, now), "\n".join(lines))


def _chart(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        chart = house.reading().chart(args.patient)
        house.opened(chart.patient.id)
    lines = [f"{_line(chart.patient)}{answer.marked(chart.alike)}", *(f"   {note}" for note in chart.patient.notes)]
    for name, listing in chart.lists.items():
        lines.append(f"{name}: {listing.state.replace('_', ' ')}, {len(listing.items)}")
        for record in listing.items[:20]:
            value = " ".join(filter(None, (getattr(record, "comparator", None), getattr(record, "value", None),
                                           getattr(record, "unit", None), getattr(record, "flag", None))))  # fmt: skip
            when = wording.date_time(record.happened) if record.happened else "time not sent"
            lines.append(f"   {when}  {record.text}  {value}  {record.status}".rstrip())
    for told in chart.moved:
        lines += [f"   {part}" for part in moved_words(told)]
    for entry in chart.entries:
        lines.append(f"   written here {entry.number} {entry.kind} by {entry.staff}")
    return say(args, answer.chart(chart), "\n".join(lines))


def _export(args: argparse.Namespace) -> int:
    """What leaves in clear, into a file of the caller's choice and never inside the vault."""
    if args.image is not None and args.ips is None:
        return _export_image(args)
    if args.ips is None or args.image is not None:
        raise InputRefused("Say what goes where, one thing at a time.", code="export.nowhere",
                           next_step="Give --ips FILE or --image FILE.")  # fmt: skip
    where = _outside(args, args.ips)
    from desktop.exporting import document_of

    with house_of(args) as house:
        found = document_of(house, args.patient)
        house.opened(found.patient)
        write_whole(where, found.data)
    print(f"written in clear to {args.ips}: it is patient data, remove it when you are done", file=sys.stderr)
    made = {
        "patient": found.patient,
        "file": str(args.ips),
        "format": "ips-2.0.0",
        "in_clear": True,
        "resources": found.counts,
        "left_out": list(found.left_out),
    }
    words = ", ".join(f"{name} {count}" for name, count in found.counts.items())
    return say(args, {"exports": [made]}, f"International Patient Summary: {words}")


def _export_image(args: argparse.Namespace) -> int:
    from desktop.exporting import image_kind, image_of

    kind = image_kind(args.image.name)
    wishes = images_of(args)
    if len(wishes) != 1:
        raise InputRefused("One image goes into one file.", code="image.wish",
                           next_step="Name it with --study UID and --number N.")  # fmt: skip
    where = _outside(args, args.image)
    with house_of(args) as house:
        found = image_of(house, args.patient, wishes[0], kind)
        house.opened(found.patient)
        write_whole(where, found.data)
    print(f"written in clear to {args.image}: it is patient data, remove it when you are done", file=sys.stderr)
    made = {"patient": found.patient, "file": str(args.image), "format": kind, "in_clear": True, "study": found.study,
            "width": found.width, "height": found.height, "words": list(found.words)}  # fmt: skip
    return say(args, {"exports": [made]}, "\n".join(found.words))


def _outside(args: argparse.Namespace, file: Path) -> Path:
    """Where the file goes. Raises export.inside_vault, export.no_folder."""
    where = file.resolve()
    if where.is_relative_to(vault_of(args).resolve()):
        raise InputRefused("The vault holds nothing in clear.", code="export.inside_vault",
                           next_step="Name a file outside the vault folder.")  # fmt: skip
    if not where.parent.is_dir():
        raise InputRefused("The folder of the file is not there.", code="export.no_folder",
                           next_step="Make the folder, or name another one.")  # fmt: skip
    return where
