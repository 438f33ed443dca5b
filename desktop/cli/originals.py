"""originals: the site's own charts and forms that may not be redrawn: add, list, remove, print with patient and serial."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.plans.original_spec import LONGEST_SPEC, OriginalRefused, read_spec
from localdb.plans.originals import Original
from localdb.plans.shelf import read_import


def add_to(commands: Commands) -> None:
    add = commands.group("originals", "the site's own PDF charts and forms, printed with patient and serial only")
    add("list", "what is in use", _list)
    made = add("add", "take a PDF in, with a TOML that says where patient and serial go (coordinators)", _add)
    made.add_argument("file", type=Path)
    made.add_argument("--spec", type=Path, metavar="TOML", help="without it: the file's name with .toml")
    gone = add("remove", "take an original out of use (coordinators)", _remove)
    gone.add_argument("code")
    gone.add_argument("--reason", default="")
    out = add("print", "print an original, or write it as a PDF", _print)
    out.add_argument("code")
    out.add_argument("--patient", metavar="P")
    out.add_argument("--ward", metavar="W", help="one for each patient on it")
    out.add_argument("--blank", type=int, metavar="N", default=0, help="N sheets with a serial, for a label")
    out.add_argument("--copies", type=int, metavar="N", default=0, help="instead of as many as the site said")
    out.add_argument("--pdf", type=Path, metavar="FILE")
    out.add_argument("--printer", metavar="NAME")
    out.add_argument("--two-sided", action="store_true")
    out.add_argument("--no-wait", action="store_true", help="return once the sheets are safe in the queue")


def _plain(one: Original) -> dict[str, Any]:
    spec = one.spec
    return {
        "code": one.code, "name": spec.name, "owner": spec.owner, "pages": len(spec.pages), "colour": spec.colour,
        "wet_ink": spec.wet_ink, "copies": spec.copies, "version": one.version, "number": one.number,
        "sha256": one.sha256, "size": one.size, "staff": one.staff, "reason": one.reason,
    }  # fmt: skip


def _line(one: Original) -> str:
    marks = [t for t, held in (("IN COLOUR ONLY", one.spec.colour), ("SIGNED IN INK", one.spec.wet_ink)) if held]
    pages = f"{len(one.spec.pages)} page{'s' if len(one.spec.pages) != 1 else ''}"
    said = [f"{one.code}  {one.spec.name}", f"version {one.version}", pages, *marks, f"owner: {one.spec.owner}"]
    return "  ".join([*said, *([f"REFUSED: {one.reason}"] if one.reason else [])])


def _list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        found = house.originals.all()
    words = "\n".join(map(_line, found)) or "No original of the site is in this copy: use the pre-printed stock."
    return say(args, {"originals": [_plain(one) for one in found]}, words)


def _add(args: argparse.Namespace) -> int:
    data = read_import(args.file)
    path: Path = args.spec or args.file.with_suffix(".toml")
    try:
        with path.open("rb") as file:
            said = file.read(LONGEST_SPEC + 1)
    except OSError:
        raise OriginalRefused("The file that says where patient and serial go cannot be read.",
                              next_step="Give --spec FILE.toml, as the help shows it.") from None  # fmt: skip
    spec = read_spec(said)
    with house_of(args) as house:
        made = house.originals.add(spec, data)
    return say(args, {"original": _plain(made)}, f"{_line(made)} added")


def _remove(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        one = house.originals.find(args.code)
        house.originals.remove(one, args.reason)
    return say(args, {"removed": one.code}, f"{one.code} is out of use")


def _print(args: argparse.Namespace) -> int:
    if args.pdf is None and args.printer is None:
        raise InputRefused("Say where the sheet goes.", code="print.nowhere",
                           next_step="Give --printer NAME or --pdf FILE.")  # fmt: skip
    if args.blank < 0 or args.copies < 0:
        raise InputRefused("Copies and blanks are counted from 1.", code="sheet.invalid", next_step="Give a number.")
    from desktop.printing import press
    from desktop.printing.originals import check_printer, issue_originals, joined

    with house_of(args) as house:
        one = house.originals.find(args.code)
        if args.printer is not None:  # before a serial is burnt
            check_printer(one, press.wire_for(args.printer).facts(args.printer))
        made = issue_originals(
            house, one, patient=args.patient, ward=args.ward, blank=args.blank, copies=args.copies
        )  # fmt: skip
        answer: dict[str, Any] = {"sheets": [plain(s) for s in made.sheets], "notes": list(made.notes)}
        if args.pdf is not None:
            write_whole(args.pdf, joined(made.pdfs))
        if args.printer is not None:
            from desktop.cli.press import outcome, wait_for

            sides = "two-sided-long-edge" if args.two_sided else "one-sided"
            serials = [s.serial for s in made.sheets]
            pack = press.enqueue_made(house, serials, made.pdfs, args.printer, sides=sides)
            if not args.no_wait:
                wait_for(house, pack)
            answer |= outcome(house, pack)
    words = [f"{s.serial}  {s.form}  {s.pages} pages" for s in made.sheets]
    return say(args, answer, "\n".join([*words, *made.notes]))
