"""numbers, register: temporary numbers, and people who are in no copy (CLINICAL §1.3, §7.3)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from desktop.cli.writing import body_of_input, words_of
from localdb.chart import wording
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.journal.dealing import SIZE
from localdb.journal.kinds import json_schema
from localdb.journal.numbers import NumberStatus
from localdb.journal.pack_file import seal_packs
from localdb.numbers import temporary

ENDING = ".wlnumbers"


def add_to(commands: Commands) -> None:
    numbers = commands.group("numbers", "temporary numbers for unknown patients")
    deal = numbers("deal", "packs for laptops, disjoint whatever is dealt later; for the coordinator", _deal)
    deal.add_argument("--prefix", required=True, metavar="ODS", help="the trust's ODS code, such as RPH")
    deal.add_argument("--device", required=True, action="append", metavar="CODE", help="a laptop; once for each")
    deal.add_argument("--size", type=int, default=SIZE, metavar="N", help=f"numbers in a pack, else {SIZE}")
    deal.add_argument("--out", type=Path, required=True, metavar="DIR", help="where a file for each laptop goes")
    deal.add_argument("--former-gone", action="store_true",
                      help="this vault is a copy, and the laptop that dealt before is out of use for good")  # fmt: skip
    take = numbers("take", "take the pack that is for this laptop", _take)
    take.add_argument("file", type=Path)
    for made in (deal, take):
        made.add_argument("--words-file", type=Path, metavar="F", help="file with the words; left out: a prompt")
    numbers("status", "what is left, used, burnt and voided", _status)
    spoil = numbers("spoil", "a number that was dealt and that nobody got", _spoil)
    spoil.add_argument("number")
    spoil.add_argument("--reason", required=True, metavar="WORDS")
    numbers("next", "burn the next number, with its name, before it is used", _next)
    register = commands.add("register", "register an unknown or new patient from JSON on standard input", _register)
    register.add_argument("--schema", action="store_true", help="print the JSON Schema")


def _deal(args: argparse.Namespace) -> int:
    words = words_of(args)
    with house_of(args) as house:
        if not args.out.is_dir():
            raise InputRefused("The folder for the packs is not there.", code="file.missing",
                               next_step="Make the folder, or name another one.")  # fmt: skip
        dealt = house.deal_numbers(args.prefix, args.device, args.size, former_gone=args.former_gone)
        packs = [one.pack for one in dealt]
        made: list[dict[str, Any]] = []
        for one, data in zip(dealt, seal_packs(packs, words, house.keys), strict=True):
            file = args.out / f"{one.pack.prefix}-{one.pack.device}-{one.pack.id}{ENDING}"
            write_whole(file, data)
            made.append({"device": one.pack.device, "pack": one.pack.id, "prefix": one.pack.prefix,
                         "size": len(one.pack.numbers), "file": str(file), "bound": one.is_bound})  # fmt: skip
    lines = [
        f"{m['device']}  {m['size']} numbers  {m['file']}"
        + ("" if m["bound"] else "  goes by the code alone: this laptop's journal is not here")
        for m in made
    ]
    return say(args, {"packs": made}, "\n".join(lines))


def _take(args: argparse.Namespace) -> int:
    words = words_of(args)
    with house_of(args) as house:
        taken = house.take_numbers(args.file, words)
        found = house.journal.number_status()
    return say(args, {"taken": plain(taken), **plain(found)}, f"pack {taken.pack} taken. {_line(found)}")


def _line(found: NumberStatus) -> str:
    counts = (
        f"{found.left} left, {found.used} used, {found.burnt} burnt, {found.spoiled} spoiled, {found.voided} voided"
    )
    return f"{counts}: {found.words} {found.next_step}".rstrip()


def _status(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        found = house.journal.number_status()
    lines = [_line(found)]
    for p in found.packs:
        state = f"VOIDED ({p.voided})" if p.voided else f"{p.left} left"
        lines.append(
            f"   {p.prefix} {p.pack}: {state}, {p.burnt} of {p.size} burnt, {p.used} used, {p.spoiled} spoiled"
        )
    return say(args, plain(found), "\n".join(lines))


def _spoil(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        number = temporary.whole(temporary.read_number(args.number))
        house.spoil_number(number, args.reason)
        found = house.journal.number_status()
    return say(args, {"number": number, **plain(found)}, f"{number} is spoiled. {_line(found)}")


def _next(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        burnt = house.burn_number()
        letters = bool(house.site["temporary_letters"])
    name = f"{burnt.name.family.upper()}, {burnt.name.given}"
    again = "  (this name was dealt before: the number alone tells them apart)" if burnt.name.again else ""
    words = f"{temporary.shown(burnt.number, letters=letters)}  {name}{again}; {burnt.left} left"
    answer = {"number": burnt.number, "family": burnt.name.family, "given": burnt.name.given,
              "name_again": burnt.name.again, "pack": burnt.pack, "left": burnt.left}  # fmt: skip
    return say(args, answer, words)


def _register(args: argparse.Namespace) -> int:
    if args.schema:
        import json

        print(json.dumps(json_schema("registration"), ensure_ascii=False, indent=None if args.json else 2))
        return 0
    return register(args)


def register(args: argparse.Namespace) -> int:
    """Registers whom standard input describes: also what `enter registration` without a patient does."""
    body = body_of_input()
    with house_of(args) as house:
        done = house.register(body)
        letters = bool(house.site["temporary_letters"])
    number = temporary.shown(done.temporary_number, letters=letters)
    words = f"{number}  {done.family.upper()}, {done.given}  {done.patient}"
    words += f"; {done.number} written {wording.date_time(done.written)}"
    words += "; this name was dealt before: the number alone tells them apart" if done.is_name_again else ""
    answer = {"entry": done.entry, "number": done.number, "written": plain(done.written), "patient": done.patient,
              "temporary_number": done.temporary_number, "name": {"family": done.family, "given": done.given},
              "name_again": done.is_name_again}  # fmt: skip
    return say(args, answer, words)
