"""keycard: every key of the window on one page. Needs no vault: it holds no patient data."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.parser import Commands
from desktop.cli.session import say
from localdb.durable import write_whole
from localdb.errors import InputRefused


def add_to(commands: Commands) -> None:
    made = commands.add("keycard", "print the card of the window's keys", _card)
    made.add_argument("--pdf", type=Path, metavar="FILE", help="write the PDF there")
    made.add_argument("--printer", metavar="NAME")


def _card(args: argparse.Namespace) -> int:
    from desktop.help.keycard import key_card, print_card

    if args.pdf is None and args.printer is None:
        raise InputRefused("Say where the card goes.", code="print.nowhere",
                           next_step="Give --printer NAME or --pdf FILE.")  # fmt: skip
    pdf = key_card()
    if args.pdf is not None:
        write_whole(args.pdf, pdf)
    if args.printer is not None:
        print_card(pdf, args.printer)
    return say(args, {"pages": 1}, "1 page")
