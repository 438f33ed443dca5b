"""plans: the site's own documents by command: list, import, show, withdraw, export, print."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.chart import wording
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.house import House
from localdb.plans.checking import media_of
from localdb.plans.papers import KINDS, PDF, STANDS, Paper
from localdb.plans.shelf import read_import


def add_to(commands: Commands) -> None:
    plans = commands.group("plans", "the site's protocols, action cards, order sets and telephone directory")
    listed = plans("list", "what stands; with --all also replaced, withdrawn and refused versions", _list)
    listed.add_argument("--all", action="store_true")
    made = plans("import", "take a PDF, Markdown or CSV file in (coordinators)", _import)
    made.add_argument("file", type=Path)
    made.add_argument("--title", required=True)
    made.add_argument("--kind", required=True, metavar="KIND", help=", ".join(KINDS))
    made.add_argument("--valid-from", default="", metavar="DAY")
    made.add_argument("--review", default="", metavar="DAY", help="the day by which the site looks at it again")
    plans("show", "the words of a document, by title or number", _show).add_argument("plan")
    gone = plans("withdraw", "take a document out of use (coordinators)", _withdraw)
    gone.add_argument("plan")
    gone.add_argument("--reason", required=True)
    out = plans("export", "write a document's own file", _export)
    out.add_argument("plan")
    out.add_argument("--out", type=Path, required=True, metavar="FILE")
    paper = plans("print", "print a document, or write the pages as a PDF", _print)
    paper.add_argument("plan")
    paper.add_argument("--pdf", type=Path, metavar="FILE")
    paper.add_argument("--printer", metavar="NAME")


def _plain(house: House, paper: Paper) -> dict[str, Any]:
    today = house.now().astimezone(ZoneInfo(str(house.site["zone"]))).date()
    facts = {k: v for k, v in plain(paper).items() if k not in ("words", "sequence")}
    return {**facts, "review_overdue": paper.is_overdue(today), "not_yet_valid": paper.is_early(today)}


def _line(held: dict[str, Any]) -> str:
    marks = [held["state"] if held["state"] != STANDS else "", "REVIEW OVERDUE" if held["review_overdue"] else "",
             "NOT YET VALID" if held["not_yet_valid"] else ""]  # fmt: skip
    said = f"{held['number']}  {KINDS.get(held['kind'], held['kind'])}  {held['title']}  version {held['version']}"
    return "  ".join([said, *(m for m in marks if m)])


def _list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        papers = house.plans.papers() if args.all else house.plans.shown()
        held = [_plain(house, p) for p in papers]
    return say(args, {"plans": held}, "\n".join(map(_line, held)) or "No document of the site is in this copy.")


def _import(args: argparse.Namespace) -> int:
    data = read_import(args.file)
    media = media_of(args.file.name, data)
    with house_of(args) as house:
        paper = house.plans.bring_in(args.title, args.kind, media, data, valid_from=args.valid_from, review=args.review)
        held = _plain(house, paper)
    return say(args, {"plan": held}, f"{_line(held)} imported")


def _show(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        shelf = house.plans
        paper = shelf.find(args.plan)
        text = shelf.text(paper)
        contacts = shelf.contacts(paper) if paper.kind == "directory" else ()
        held = _plain(house, paper)
    words = text if paper.media != PDF else f"{text}\n(the words of a PDF; `wardlamp plans export` gives the file)"
    return say(
        args, {"plan": held, "text": text, "contacts": [plain(c) for c in contacts]}, f"{_line(held)}\n\n{words}"
    )


def _withdraw(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        paper = house.plans.find(args.plan)
        house.plans.withdraw(paper, args.reason)
        held = _plain(house, house.plans.find(paper.number))
    return say(args, {"plan": held}, f"{_line(held)}")


def _export(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        paper = house.plans.find(args.plan)
        write_whole(args.out, house.plans.content(paper))
    return say(args, {"plan": paper.number, "out": str(args.out)}, f"{paper.title} written")


def _print(args: argparse.Namespace) -> int:
    if args.pdf is None and args.printer is None:
        raise InputRefused("Say where the pages go.", code="print.nowhere",
                           next_step="Give --printer NAME or --pdf FILE.")  # fmt: skip
    from desktop.plans.paper import pdf_of, printed_by

    with house_of(args) as house:
        paper = house.plans.find(args.plan)
        by = printed_by(house)
        pages = pdf_of(paper, house.plans.content(paper), by)
        if args.pdf is not None:
            write_whole(args.pdf, pages)
        if args.printer is not None:
            from desktop.printing.cups import print_pdf

            print_pdf(args.printer, pages, f"plan {paper.number}")
    printed = wording.instant_text(by.at, by.zone)
    return say(args, {"plan": paper.number, "printed": by.at.isoformat()}, f"{paper.title}, printed {printed}")
