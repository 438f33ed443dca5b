"""press, printer: the print queue and the printers by command (DESIGN D10)."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from desktop.printing.errors import PressBusy, PressWaits
from localdb.errors import InputRefused

PATIENCE = 120.0  # seconds without any progress, then a command says that the printer waits


def add_to(commands: Commands) -> None:
    add = commands.group("press", "the print queue: what is to come out, and what became of it")
    add("status", "every pack, and what waits for a person", _status).add_argument("--open", action="store_true")
    resume = add("resume", "go on: print what is queued, try again what failed", _resume)
    resume.add_argument("--pack", type=int, metavar="N")
    resume.add_argument("--no-wait", action="store_true", help="only put it back into the queue")
    cancel = add("cancel", "take a pack, a sheet or everything out of the queue", _cancel)
    cancel.add_argument("--pack", type=int, metavar="N")
    cancel.add_argument("--serial", metavar="S", default="")
    cancel.add_argument("--all", action="store_true")
    out = add("came-out", "a person looked: the sheet came out, or it did not", _came_out)
    out.add_argument("serial")
    out.add_argument("--no", action="store_true", help="it did not come out whole: print it again, as a reprint")
    out.add_argument("--no-wait", action="store_true")
    again = add("reprint", "print a sheet again, or some of its pages, with a number", _reprint)
    again.add_argument("serial")
    again.add_argument("--page", type=int, action="append", default=[], metavar="N", help="only this page; repeatable")
    again.add_argument("--reason", metavar="TEXT", default="")
    again.add_argument("--printer", metavar="NAME", default="", help="another printer than before")
    again.add_argument("--no-wait", action="store_true")


def wait_for(house: Any, number: int | None = None) -> None:
    """Prints until a pack (None: everything) needs nothing that can go on by itself. Where another process prints
    already, waits for it. Raises press.waits."""
    from desktop.printing import press

    def told(progress: Any) -> None:
        if sys.stderr.isatty():
            print(progress.text, file=sys.stderr)

    moved, before = time.monotonic(), None
    while True:
        try:
            press.run(house, told, patience=PATIENCE)
            return
        except PressBusy:
            mine = [p for p in press.packs(house, only_open=True) if number in (None, p.id)]
            now = [(p.id, p.done) for p in mine]
            if not any(p.pages_left for p in mine):
                return
            if now != before:
                moved, before = time.monotonic(), now
            elif time.monotonic() - moved > PATIENCE:
                raise PressWaits("Another process of ours prints, and nothing comes out.") from None
            time.sleep(0.2)


def outcome(house: Any, number: int) -> dict[str, Any]:
    """What became of a pack: how many places are out, what waits for whom."""
    from desktop.printing import press

    found = next((p for p in press.packs(house) if p.id == number), None)
    if found is None:
        return {"pack": number}
    return {
        "pack": number, "printer": found.printer, "printed": found.count("completed"), "of": len(found.items),
        "halted": found.halted, "left": found.count("making", "queued", "sending", "sent"),
        "unsure": [i.serial for i in found.items if i.state == "unsure"],
        "failed": [{"serial": i.serial, "reason": i.reason} for i in found.items if i.state == "failed"],
    }  # fmt: skip


def _status(args: argparse.Namespace) -> int:
    from desktop.printing import press

    with house_of(args) as house:
        found = press.packs(house, only_open=args.open)
        rows = [
            {**plain(p), "done": p.done, "total": len(p.items), "pages_left": p.pages_left,
             "minutes": press.estimate(house, p.pages_left, p.printer), "finished": p.is_finished}
            for p in found
        ]  # fmt: skip
    lines = []
    for one in found:
        lines.append(f"pack {one.id}  {one.printer}  {one.done} of {len(one.items)} done  {one.halted}".rstrip())
        for item in one.items:
            if item.is_open:
                what = f"reprint {item.reprint}" if item.reprint else f"copy {item.copy}"
                lines.append(f"  {item.serial}  {what}  {item.state}  {item.reason}".rstrip())
    return say(args, {"packs": rows}, "\n".join(lines) or "Nothing is in the print queue.")


def _resume(args: argparse.Namespace) -> int:
    from desktop.printing import press

    with house_of(args) as house:
        again = press.resume(house, args.pack)
        if not args.no_wait:
            wait_for(house)
        return _said(args, house, {"again": len(again)}, f"{len(again)} put back into the queue")


def _cancel(args: argparse.Namespace) -> int:
    from desktop.printing import press

    if args.pack is None and not args.serial and not args.all:
        raise InputRefused("Say what shall be taken out.", code="press.nothing_named",
                           next_step="Give --pack N, --serial S or --all.")  # fmt: skip
    with house_of(args) as house:
        count = press.cancel(house, args.pack, args.serial)
        return _said(args, house, {"cancelled": count}, f"{count} taken out of the queue")


def _came_out(args: argparse.Namespace) -> int:
    from desktop.printing import press

    with house_of(args) as house:
        said = press.answer_unsure(house, args.serial, not args.no)
        if args.no and not args.no_wait:
            wait_for(house, said[0].pack)
        state = house.journal.sheet(args.serial)
        return _said(args, house, {"sheet": plain(state)}, f"{state.serial}: {state.state}")


def _reprint(args: argparse.Namespace) -> int:
    from desktop.printing import press

    with house_of(args) as house:
        items = press.reprint(house, args.serial, args.page, args.reason, printer=args.printer)
        if not args.no_wait:
            wait_for(house, items[0].pack)
        state = house.journal.sheet(args.serial)
        answer = {"sheet": plain(state), "reprint": items[0].reprint}
        return _said(args, house, answer, f"{state.serial}: reprint {items[0].reprint}, {state.state}")


def _said(args: argparse.Namespace, house: Any, answer: dict[str, Any], words: str) -> int:
    from desktop.printing import press

    waiting = [i for p in press.packs(house, only_open=True) for i in p.waits_for_person]
    lines = [words, *[f"{i.serial} {i.state}: {i.reason}" for i in waiting]]
    return say(args, {**answer, "waits": [plain(i) for i in waiting]}, "\n".join(lines))
