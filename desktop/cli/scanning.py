"""scan: what a code of a wristband or a sheet says, and whom it names. Opens nothing and writes nothing."""

from __future__ import annotations

import argparse
import sys

import msgspec

from desktop.cli import answer
from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.chart import wording
from localdb.chart.scan_patterns import Scanning
from localdb.chart.scanning import SheetCode, read_scan
from localdb.identifying import Identified, identify


def add_to(commands: Commands) -> None:
    made = commands.add("scan", "what the code of a wristband or a sheet says, and whom it names", _scan)
    made.add_argument("text", help="the code as a scanner types it; `-` reads one line from standard input")


def _scan(args: argparse.Namespace) -> int:
    text = sys.stdin.readline() if args.text == "-" else args.text
    with house_of(args) as house:
        site = msgspec.convert(house.site.get("scanning") or {}, Scanning)
        found = identify(read_scan(text, site), house.reading(), house.journal)
    return say(args, _answer(found), "\n".join(_words(found)))


def _answer(found: Identified) -> dict[str, object]:
    return {
        "kind": "sheet" if isinstance(found.scan, SheetCode) else "band",
        "scan": plain(found.scan),
        "patients": [answer.person(p.view, p.alike) for p in found.people],
        "cautions": list(found.cautions),
        "sheet": plain(found.sheet) if found.sheet is not None else None,
        "states": [plain(s) for s in found.steps],
    }


def _words(found: Identified) -> list[str]:
    lines = []
    for person in found.people:
        view = person.view
        born = wording.date(view.born) if view.born else "not known"
        same = answer.marked(person.alike)
        number = wording.nhs_number(view.nhs)
        lines.append(f"{view.id}  {wording.display_name(view.name)}  born {born}  {number}{same}")
    if isinstance(found.scan, SheetCode):
        lines.insert(0, f"sheet {found.scan.serial}, form {found.scan.form}")
        lines += [f"{s.state}  {s.written.text}  {s.staff}  {s.remark}".rstrip() for s in found.steps]
    return [*lines, *found.cautions]
