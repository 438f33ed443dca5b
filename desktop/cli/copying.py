"""fill, aside, cut, generation: the copy and what was set aside."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.sources.filling import read_as_of


def add_to(commands: Commands) -> None:
    fill = commands.add("fill", "read files or folders into the copy", _fill)
    fill.add_argument("paths", nargs="+", metavar="PATH", type=Path)
    fill.add_argument("--source", metavar="NAME")
    fill.add_argument("--as-of", metavar="TIME", help="what the files are complete to (ISO 8601 with offset)")
    fill.add_argument("--strict", action="store_true", help="exit 1 when anything was set aside")
    aside = commands.group("aside", "what was set aside")
    aside("list", "every unit that was set aside, with its reason", _aside_list)
    show = aside("show", "the bytes of one", _aside_show)
    show.add_argument("number", type=int)
    show.add_argument("--out", metavar="FILE", type=Path, help="write them to a file, in clear")
    aside("retry", "read what was set aside again", _aside_retry)
    commands.add("cut", "make the next generation", _cut)
    generation = commands.group("generation", "generations of the copy")
    generation("list", "the generations that are kept", _generation_list)
    generation("use", "read another generation (a number, or latest)", _generation_use).add_argument("which")


class _Bar:
    """A progress line on standard error, on a terminal only."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._files = 0

    def __call__(self, file: str, units: int) -> None:
        self._files += 1
        if self._on:
            name = file[-48:]
            print(f"\r{self._files} files, {units} units  {name:<48}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._on and self._files:
            print(file=sys.stderr)


def _fill(args: argparse.Namespace) -> int:
    as_of = read_as_of(args.as_of) if args.as_of else None
    bar = _Bar()
    with house_of(args) as house:
        report = house.fill(args.paths, source=args.source, as_of=as_of, progress=bar)
    bar.end()
    words = (
        f"read {report.read}: taken {report.taken}, same {report.same}, older {report.older}, not kept"
        f" {report.not_kept}, waiting {report.waiting}, set aside {len(report.set_aside)}; generation {report.generation}"
    )
    for held in report.set_aside[:20]:
        words += f"\n   set aside: {held.file} #{held.index}: {held.code}: {held.reason}"
    say(args, plain(report), words)
    return 1 if args.strict and report.set_aside else 0


def _aside_list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        held = house.aside(1_000_000)
        counts, waiting = house.aside_counts()
    items = held[0] if held else []
    lines = [
        f"{i['id']}  {i['source']}/{i['file']} #{i['index']}  {i['code']}: {i['reason']}"
        f"  first {i['first_seen']}, last {i['last_seen']}, {i['times']} times"
        for i in items
    ]
    lines += [f"{count} x {code} from {source}" for (source, code), count in sorted(counts.items())]
    lines += [f"{count} from {source} wait for their patient" for source, count in sorted(waiting.items())]
    by = [{"source": s, "code": c, "count": n} for (s, c), n in sorted(counts.items())]
    words = "\n".join(lines) or (
        "Nothing is set aside." if held else "This laptop reads no sources: ask the feeding machine."
    )
    return say(args, {"items": items, "counts": by, "waiting": waiting}, words)


def _aside_show(args: argparse.Namespace) -> int:
    import base64

    with house_of(args) as house:
        held = house.aside_bytes(args.number)
    if held is None:
        raise InputRefused("Nothing is set aside under that number.", code="aside.unknown",
                           next_step="Run `wardlamp aside list` for the numbers.")  # fmt: skip
    if args.out is not None:
        write_whole(args.out, held)
        return say(args, {"items": [{"id": args.number, "out": str(args.out), "in_clear": True}]},
                   f"written in clear to {args.out}: it is patient data, remove it when you are done")  # fmt: skip
    text = held.decode("utf-8", "backslashreplace")
    return say(args, {"items": [{"id": args.number, "bytes": base64.b64encode(held).decode(), "text": text}]}, text)


def _aside_retry(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        report = house.retry_aside()
    answer: dict[str, Any] = plain(report)
    answer["items"] = answer["set_aside"]
    return say(args, answer, f"read again {report.read}: taken {report.taken}, still aside {len(report.set_aside)}")


def _cut(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        done = house.cut()
    words = f"generation {done.generation}: {done.written} people written, {done.layers} layers"
    return say(args, {"generation": done.generation, "layers": done.layers, "written": done.written}, words)


def _generation_list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        lists = house.generations
        used, pinned = lists.pointer()
        held = [lists.read(n) for n in lists.numbers()]
    items = [{"generation": g.number, "made": g.made, "layers": len(g.layers()), "in_use": g.number == used,
              "bytes": sum(e.size for e in g.layers())} for g in held]  # fmt: skip
    lines = [f"{g.number}  {g.made}  {len(g.layers())} layers{'  in use' if g.number == used else ''}" for g in held]
    answer = {"generation": used, "held": pinned, "layers": items[-1]["layers"] if items else 0, "items": items}
    return say(args, answer, "\n".join(lines) or "Nothing was cut yet.")


def _generation_use(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        lists = house.generations
        if args.which == "latest":
            newest = lists.newest()
            number, pinned = (newest.number if newest else 0), False
        elif args.which.isdigit():
            number, pinned = lists.read(int(args.which)).number, True
        else:
            raise InputRefused("A generation is a number, or latest.", code="generation.unknown",
                               next_step="Choose one of `wardlamp generation list`.")  # fmt: skip
        lists.point(number, pinned=pinned)
        house.tell_status()
        layers = len(lists.read(number).layers()) if number else 0
    return say(args, {"generation": number, "held": pinned, "layers": layers}, f"generation {number} is read now")
