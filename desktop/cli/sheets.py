"""print, sheet: paper by command (DESIGN D9, D10)."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.durable import write_whole
from localdb.errors import InputRefused


def add_to(commands: Commands) -> None:
    made = commands.add("print", "print a form, filled or blank", _print)
    made.add_argument("form", nargs="?")
    made.add_argument("--list", action="store_true", help="the forms")
    made.add_argument("--patient", metavar="P")
    made.add_argument("--ward", metavar="W", help="the ward of a list; for other forms: one for each patient on it")
    made.add_argument("--blank", type=int, metavar="N", default=0, help="N blank sheets, each with its own serial")
    made.add_argument("--copies", type=int, metavar="N", default=1)
    made.add_argument("--pdf", type=Path, metavar="FILE", help="write the PDF there: the one permitted clear output")
    made.add_argument("--printer", metavar="NAME")
    sheet = commands.add("sheet", "the ledger of one sheet", _sheet)
    sheet.add_argument("serial")
    sheet.add_argument("--state", metavar="S", help="returned, entered, scanned, void, spoiled or lost")


def _list(args: argparse.Namespace) -> int:
    from desktop.forms.catalogue import FORMS

    forms = [{"form": f.code, "title": f.title, "size": f.size, "takes": f.takes} for f in FORMS.values()]
    return say(args, {"forms": forms}, "\n".join(f"{f['form']}  {f['title']}  ({f['takes']})" for f in forms))


def _print(args: argparse.Namespace) -> int:
    if args.list:
        return _list(args)
    if not args.form:
        raise InputRefused("Say which form.", code="form.unknown", next_step="See the list: `wardlamp print --list`.")
    if args.pdf is None and args.printer is None:
        raise InputRefused("Say where the sheet goes.", code="print.nowhere",
                           next_step="Give --printer NAME or --pdf FILE.")  # fmt: skip
    if args.blank < 0 or args.copies < 1:
        raise InputRefused("Copies and blanks are counted from 1.", code="sheet.invalid", next_step="Give a number.")
    from desktop.printing.issuing import issue, wanted

    with house_of(args) as house:
        sheets = wanted(house, args.form, patient=args.patient, ward=args.ward, blank=args.blank, copies=args.copies)
        issued = issue(house, sheets)
        if args.pdf is not None:
            write_whole(args.pdf, issued.pdf)
        if args.printer is not None:
            from desktop.printing.queueing import print_sheets

            print_sheets(house, issued, args.printer)
    answer = {"sheets": [plain(s) for s in issued.sheets], "plain": list(issued.plain)}
    words = "\n".join(f"{s.serial}  {s.form}  {s.pages} pages" for s in issued.sheets)
    return say(args, answer, words)


def _sheet(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        if args.state:
            house.sheet_state(args.serial, args.state)
        sheet = house.journal.sheet(args.serial)
        events = house.journal.sheet_events(sheet.serial)
    answer = {**plain(sheet), "states": [plain(e) for e in events]}
    words = "\n".join(f"{e.state}  {e.written.text}  {e.staff}  {e.remark}".rstrip() for e in events)
    return say(args, answer, words)
