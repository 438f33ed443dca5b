"""printer: which printers there are, and whether one really works (DESIGN D10)."""

from __future__ import annotations

import argparse
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say


def add_to(commands: Commands) -> None:
    add = commands.group("printer", "printers, their state, and their test page")
    add("list", "every printer with its state and what it can do", _list)
    test = add("test", "print a test page: rulers, corner marks, barcodes to scan back", _test)
    test.add_argument(
        "--printer", metavar="NAME", help="a printer of the list, or an ipp:// address; else the usual one"
    )
    test.add_argument("--two-sided", action="store_true")
    add("scanned", "the code of a test page was scanned: the printer works", _scanned).add_argument("code")
    add("add", "remember a printer by its address", _add).add_argument("address", help="ipp://HOST[:PORT]/ipp/print")
    add("forget", "forget an address", _forget).add_argument("address")


def _list(args: argparse.Namespace) -> int:
    from desktop.printing.known import known_printers
    from localdb.journal.printers import last_tests

    with house_of(args) as house:
        found = known_printers(house)
        tested = last_tests(house.journal.log, house.device)
    rows = [{**plain(p), "test": plain(tested.get(p.name))} for p in found]
    lines = []
    for one in found:
        lines.append(f"{one.name}  {one.note or 'ready'}{'  (the usual one)' if one.is_default else ''}")
        lines.append(f"  {test_words(tested.get(one.name))}")
        if one.facts is not None:
            can = [", ".join(one.facts.sides), f"trays {', '.join(one.facts.trays)}" if one.facts.trays else "",
                   f"{one.facts.ppm} pages a minute" if one.facts.ppm else "",
                   "colour" if one.facts.colour else "", ", ".join(one.facts.resolutions[:2])]  # fmt: skip
            lines.append("  " + "; ".join(t for t in can if t))
    return say(
        args, {"printers": rows}, "\n".join(lines) or "No printer is set up here. `--pdf FILE` works without one."
    )


def test_words(test: Any) -> str:
    """`tested 24-Nov-2026 03:14, scanned back`; `never tested from this laptop`."""
    from localdb.chart import wording

    if test is None:
        return "never tested from this laptop"
    back = "scanned back" if test.scanned else "its code was not scanned back"
    return f"tested {wording.date_time(test.printed)}, {back}"


def _test(args: argparse.Namespace) -> int:
    from desktop.printing.testing import print_test

    with house_of(args) as house:
        made = print_test(house, args.printer or "", two_sided=args.two_sided)
    words = f"The test page {made.code} came out of {made.printer}. Measure it, then: wardlamp printer scanned CODE"
    return say(args, plain(made), words)


def _scanned(args: argparse.Namespace) -> int:
    from desktop.printing.testing import scanned_back

    with house_of(args) as house:
        test = scanned_back(house, args.code)
    return say(args, plain(test), f"{test.printer} works: {test_words(test)}")


def _add(args: argparse.Namespace) -> int:
    from desktop.printing.known import add_address, addresses

    with house_of(args) as house:
        add_address(house, args.address)
        kept = addresses(house)
    return say(args, {"addresses": list(kept)}, "\n".join(kept))


def _forget(args: argparse.Namespace) -> int:
    from desktop.printing.known import addresses, forget_address

    with house_of(args) as house:
        forget_address(house, args.address)
        kept = addresses(house)
    return say(args, {"addresses": list(kept)}, "\n".join(kept) or "No address is kept.")
