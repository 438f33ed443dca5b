"""demo: the demonstration hospital, opened or walked through."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from desktop.cli.parser import Commands
from desktop.cli.session import say
from desktop.display import need_display


def add_to(commands: Commands) -> None:
    demo = commands.add("demo", "a demonstration hospital in a throw-away vault", _demo)
    demo.add_argument(
        "--screens", metavar="DIR", type=Path, help="leave a picture of each screen and a PDF of each form"
    )


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def _demo(args: argparse.Namespace) -> int:
    from desktop.demo.hospital import SECRET, RunningClock, build, read_manifest
    from desktop.demo.showing import forms_of, show, walk_through

    if args.screens is None:
        need_display()
    said = read_manifest()
    clock = RunningClock(said.now)
    with tempfile.TemporaryDirectory(prefix="wardlamp-demo-") as folder:
        vault = Path(folder) / "vault"
        house = build(vault, clock, _tell)
        if args.screens is None:
            house.close()
            _tell(f"The demonstration's passphrase, after a lock: {SECRET.decode()}")
            return show(vault, said, clock)
        try:
            forms = forms_of(house, said, args.screens)
        finally:
            house.close()
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # the walk needs no display
        screens = walk_through(vault, said, clock, args.screens)
    answer = {"screens": [str(p) for p in screens], "forms": [str(p) for p in forms]}
    return say(args, answer, "\n".join([*answer["screens"], *answer["forms"]]))
