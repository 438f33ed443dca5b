"""print, sheet, sheets: paper by command (DESIGN D9, D10)."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.cli.answer import plain
from desktop.cli.image_options import add_images, images_of
from desktop.cli.imaging import awaited, came_of
from desktop.cli.labels import add_wishes, wish_of
from desktop.cli.parser import Commands
from desktop.cli.session import SecretMissing, house_of, say
from localdb.chart.awaiting import FORM, came_words
from localdb.durable import write_whole
from localdb.errors import InputRefused

TRENDS = "T01"


def add_to(commands: Commands) -> None:
    made = commands.add("print", "print a form, filled or blank", _print)
    made.add_argument("form", nargs="*", help="one or more forms or kits, printed in this order")
    made.add_argument("--list", action="store_true", help="the forms")
    made.add_argument("--patient", metavar="P")
    made.add_argument("--ward", metavar="W", help="the ward or clinic of a list; else one for each patient on it")
    made.add_argument("--blank", type=int, metavar="N", default=0, help="N blank sheets, each with its own serial")
    made.add_argument("--copies", type=int, metavar="N", default=1)
    made.add_argument("--pdf", type=Path, metavar="FILE", help="write the PDF there: the one permitted clear output")
    made.add_argument("--archive", type=Path, metavar="FILE", help="the same as PDF/A-2b, for the archive; clear too")
    made.add_argument("--sealed", type=Path, metavar="FILE", help="the same under words (AES-256), for a USB stick")
    made.add_argument(
        "--words-file", type=Path, metavar="F", help="file with the words of --sealed; left out: a prompt"
    )
    made.add_argument("--printer", metavar="NAME", help="a printer of `printer list`, or an ipp:// address")
    made.add_argument("--two-sided", action="store_true", help="both sides of the paper, where the printer can")
    made.add_argument("--tray", metavar="T", default="", help="a tray of the printer, as `printer list` names it")
    made.add_argument(
        "--test", metavar="NAME", action="append", default=[],
        help="T01: a test to draw, up to four; left out: those with most figures",
    )  # fmt: skip
    add_wishes(made)
    add_images(made)
    made.add_argument("--images", metavar="N", type=int, default=0,
                      help="F02: key images, else one of each examination, at most N, on sides of their own")  # fmt: skip
    made.add_argument("--by-bed", action="store_true", help="every form of one patient together, in bed order")
    made.add_argument("--no-wait", action="store_true", help="return once the sheets are safe in the queue")
    sheet = commands.add("sheet", "the ledger of one sheet", _sheet)
    sheet.add_argument("serial", help="the serial, or what a scanner reads from the sheet")
    sheet.add_argument("--state", metavar="S", help="handed_over, returned, entered, scanned, void, spoiled or lost")
    sheet.add_argument("--to", metavar="NAME", default="", help="whom it was handed over to")
    sheet.add_argument("--remark", metavar="TEXT", default="")
    listed = commands.add("sheets", "the ledger of all sheets, and whether it balances", _sheets)
    listed.add_argument("--ward", metavar="W")
    listed.add_argument("--patient", metavar="P")
    listed.add_argument("--form", metavar="F")
    listed.add_argument("--open", action="store_true", help="those that are not entered, scanned or void")
    listed.add_argument("--superseded", action="store_true", help="prints that shall be taken out of use")
    listed.add_argument("--void", action="store_true", help="those that are void or spoiled")


def _list(args: argparse.Namespace) -> int:
    from desktop.forms.catalogue import FORMS
    from desktop.printing.kits import kits

    forms = [{"form": f.code, "title": f.title, "size": f.size, "takes": f.takes} for f in FORMS.values()]
    found = [{"kit": k.code, "title": k.title, "forms": [plain(line) for line in k.lines]} for k in kits()]
    words = [f"{f['form']}  {f['title']}  ({f['takes']})" for f in forms] + [f"{k.code}: {k.words}" for k in kits()]
    return say(args, {"forms": forms, "kits": found}, "\n".join(words))


def _print(args: argparse.Namespace) -> int:
    if args.list:
        return _list(args)
    if not args.form:
        raise InputRefused("Say which form.", code="form.unknown", next_step="See the list: `wardlamp print --list`.")
    if not _files(args) and args.printer is None:
        raise InputRefused("Say where the sheet goes.", code="print.nowhere",
                           next_step="Give --printer NAME or --pdf FILE.")  # fmt: skip
    if args.blank < 0 or args.copies < 1:
        raise InputRefused("Copies and blanks are counted from 1.", code="sheet.invalid", next_step="Give a number.")
    words = _sealing_words(args)  # weak ones burn no serials
    with house_of(args) as house:
        wants = _wants(args, house)
        args.words = words
        return _to_file(args, house, wants) if args.printer is None else _to_printer(args, house, wants)


def _wants(args: argparse.Namespace, house: Any) -> list[Any]:
    """What the named forms and kits ask for, in their order."""
    from desktop.forms.catalogue import FORMS
    from desktop.printing.issuing import Held, by_bed, wanted, wanted_by
    from desktop.printing.kits import choices, kit, kits, lines_of

    held = Held(house)
    known = {k.code for k in kits(house.site)}
    wants: list[Any] = []
    for name in args.form:
        if name.casefold() in known:
            census = held.ward(args.ward) if not args.patient else None
            lines = lines_of(kit(name, house.site), len(census.rows) if census else 0, FORMS)
            asked = choices(lines, ward=census.ward if census else "", person=args.patient or "")
            wants += [want for choice in asked for want in wanted_by(house, choice, held, args.printer or "")]
        else:
            wants += wanted(
                house, name, patient=args.patient, ward=args.ward, blank=args.blank, copies=args.copies,
                label=wish_of(args), printer=args.printer or "", held=held, images=images_of(args),
            )  # fmt: skip
    if args.test:
        wants = [replace(want, tests=tuple(args.test)) if want.form == TRENDS else want for want in wants]
    return by_bed(wants) if args.by_bed else wants


def _to_file(args: argparse.Namespace, house: Any, wants: list[Any]) -> int:
    issued = _written(args, house, wants)
    answer = {"sheets": [plain(s) for s in issued.sheets], "plain": list(issued.plain)}
    return say(args, answer, _sheet_lines(issued.sheets))


def _written(args: argparse.Namespace, house: Any, wants: list[Any]) -> Any:
    from desktop.printing.issuing import issue

    issued = issue(house, wants)
    if args.pdf is not None:
        write_whole(args.pdf, issued.pdf)
    if args.archive is not None:
        from desktop.printing.archival import archival

        count = len(issued.sheets)
        title = issued.sheets[0].serial if count == 1 else f"{count} sheets"
        write_whole(args.archive, archival(issued.pdf, title, house.now()))
    if args.sealed is not None:
        from desktop.printing.archival import sealed

        write_whole(args.sealed, sealed(issued.pdf, args.words))
    return issued


def _files(args: argparse.Namespace) -> list[Path]:
    return [f for f in (args.pdf, args.archive, args.sealed) if f is not None]


def _sealing_words(args: argparse.Namespace) -> bytearray:
    """The words of --sealed: from a file or a prompt, never an argument. Raises print.weak_words, vault.secret_*."""
    if args.sealed is None:
        return bytearray()
    from desktop.printing.archival import check_words
    from localdb.vault.unlocking import read_secret_file

    if args.words_file is not None:
        words = read_secret_file(args.words_file)
    elif sys.stdin.isatty():
        words = bytearray(getpass.getpass("Words that shall seal the file: ").encode())
    else:
        raise SecretMissing("The words that seal the file were not given.", next_step="Give --words-file FILE.")
    check_words(words)
    return words


def _to_printer(args: argparse.Namespace, house: Any, wants: list[Any]) -> int:
    from desktop.cli.press import outcome, wait_for
    from desktop.printing import press
    from desktop.printing.issuing import copies_of
    from desktop.printing.preview import split

    facts = press.wire_for(args.printer).facts(args.printer)  # an unknown printer burns no serials
    sides = "two-sided-long-edge" if args.two_sided else "one-sided"
    if not _files(args):
        queued = press.enqueue(house, wants, args.printer, sides=sides, tray=args.tray)
    else:  # the same sheets to both
        issued = _written(args, house, wants)
        parts = split(issued.pdf, [s.pages * copies_of(want) for s, want in zip(issued.sheets, wants, strict=True)])
        serials = [s.serial for s in issued.sheets]
        pack = press.enqueue_made(house, serials, parts, args.printer, sides=sides, tray=args.tray)
        queued = press.Queued(pack, issued.sheets, issued.plain)
    if not args.no_wait:
        wait_for(house, queued.pack)
    left = outcome(house, queued.pack)
    pages = sum(s.pages * copies_of(want) for s, want in zip(queued.sheets, wants, strict=True))
    answer = {
        "sheets": [plain(s) for s in queued.sheets], "plain": list(queued.plain), **left,
        "minutes": press.estimate(house, pages, args.printer, facts),
    }  # fmt: skip
    words = _sheet_lines(queued.sheets) + (f"\nIn the queue as pack {queued.pack}." if args.no_wait else "")
    return say(args, answer, words)


def _sheet_lines(sheets: Any) -> str:
    return "\n".join(f"{s.serial}  {s.form}  {s.pages} pages" for s in sheets)


def _sheet(args: argparse.Namespace) -> int:
    from localdb.chart.scanning import SheetCode, read_scan

    with house_of(args) as house:
        found = read_scan(args.serial) if "|" in args.serial else None
        serial = found.serial if isinstance(found, SheetCode) else args.serial
        if args.state:
            house.sheet_state(serial, args.state.replace(" ", "_").replace("-", "_"), args.remark, args.to)
        sheet = house.journal.sheet(serial)
        events = house.journal.sheet_events(sheet.serial)
        came = came_of(house, sheet) if sheet.form == FORM and sheet.patient else None
    answer = {**plain(sheet), "states": [plain(e) for e in events]}
    lines = [*map(_step_line, events)]
    if came is not None:
        answer["awaited"] = awaited(came)
        lines.append(f"{came.state_words}: {came_words(came)}")
    return say(args, answer, "\n".join(lines))


def _step_line(event: Any) -> str:
    state = event.state.replace("_", " ") + (f" {event.reprint}" if event.reprint else "")
    more = [f"to {event.to}" if event.to else "", f"page {', '.join(map(str, event.pages))}" if event.pages else ""]
    return "  ".join(t for t in (state, event.written.text, event.staff, *more, event.remark) if t)


def _sheets(args: argparse.Namespace) -> int:
    from desktop.printing.press import superseded_prints
    from localdb.journal.ledger import control_lines
    from localdb.journal.sheets import CLOSED

    with house_of(args) as house:
        person = None
        if args.patient:
            reading = house.reading()
            person = set(reading.chart(args.patient).patient.ids)
        old = superseded_prints(house)
        stories = house.journal.sheet_stories()
    shown = [
        one for one in (story.sheet for story in stories)
        if (not args.ward or one.ward == args.ward) and (person is None or one.patient in person)
        and (not args.form or one.form == args.form.upper()) and (not args.open or one.state not in CLOSED)
        and (not args.superseded or one.serial in old) and (not args.void or CLOSED.get(one.state) == "void")
    ]  # fmt: skip
    control = control_lines(stories, args.ward or "")
    total = control.total
    answer = {
        "sheets": [{**plain(one), "superseded": plain(old.get(one.serial))} for one in shown],
        "balance": {"issued": total.issued, "entered": total.entered, "scanned": total.scanned, "void": total.void,
                    "spoiled": total.spoiled, "open": total.open, "missing": list(control.missing),
                    "balanced": control.is_balanced},
        "ranges": plain(control.ranges), "forms": plain(control.forms),
    }  # fmt: skip
    lines = []
    for one in shown:
        more = [f"reprints {one.reprints}" if one.reprints else "", f"with {one.holder}" if one.holder else "",
                old[one.serial].words if one.serial in old else ""]  # fmt: skip
        state = one.state.replace("_", " ")
        lines.append("  ".join(t for t in (one.serial, one.form, state, one.ward, one.patient or "", *more) if t))
    lines.append(
        f"issued {total.issued} = entered {total.entered} + scanned {total.scanned} + void {total.void}"
        f" + open {total.open}: {'balanced' if control.is_balanced else 'NOT balanced'}"
    )
    lines += [f"missing: {number}" for number in control.missing]
    return say(args, answer, "\n".join(lines))
