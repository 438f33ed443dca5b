"""feed preview: what a mapping makes of a table, or a rule of a printed report, before a feed reads it.

Opens no vault and writes nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from desktop.cli.answer import item
from desktop.cli.parser import Run
from desktop.cli.session import say
from localdb.errors import InputRefused
from localdb.records.vocabulary import RECORD_DECODER
from localdb.sources.printed.reading import read_printed
from localdb.sources.printed.rules import read_rule
from localdb.sources.profiles import SourceProfile
from localdb.sources.tables.mapping import letter_of, read_mapping
from localdb.sources.tables.reading import columns_read, open_table, read_table
from localdb.sources.tables.rows import TableRefused
from localdb.sources.units import READ, FileReading

SHOWN = 5
LONGEST = 60


def add_preview(add: Callable[[str, str, Run], argparse.ArgumentParser]) -> None:
    """Adds `preview` to the group `feed`."""
    made = add("preview", "what a mapping makes of a table, or a rule of a PDF; nothing is written", _preview)
    made.add_argument("table", metavar="FILE", type=Path, help="a CSV or XLSX table, or a PDF")
    by = made.add_mutually_exclusive_group(required=True)
    by.add_argument("--mapping", metavar="TOML", type=Path, help="the mapping of a table")
    by.add_argument("--rule", metavar="TOML", type=Path, help="the rule of printed reports")
    made.add_argument("--zone", metavar="ZONE", default="Europe/London", help="of times without one")
    made.add_argument("--rows", metavar="N", type=int, default=SHOWN, help=f"rows to show ({SHOWN})")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InputRefused("The file cannot be read.", code="file.missing", next_step="Check the name.") from None


def _text(path: Path, code: str) -> str:
    try:
        return _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputRefused("The file is not UTF-8 text.", code=code, next_step="Save it as UTF-8.") from None


def _preview(args: argparse.Namespace) -> int:
    if args.rule:
        return _preview_printed(args)
    mapping = read_mapping(_text(args.mapping, "table.mapping"))
    data = _bytes(args.table)
    try:
        table = open_table(data, mapping)
        columns = columns_read(mapping, table)
    except TableRefused as error:
        raise InputRefused(f"The table cannot be read: {error}.", code=error.code,
                           next_step="Correct the table or the mapping.") from None  # fmt: skip
    reading = read_table(args.table.name, data, "preview", SourceProfile(zone=args.zone), mapping)
    answer = preview(reading, args.rows)
    answer["columns"] = [{"becomes": t, "letter": letter_of(n), "header": h} for t, n, h in columns]
    taken = {n for _, n, _ in columns}
    answer["unused"] = [h for n, h in enumerate(table.header) if n not in taken and h.strip()]
    say(args, answer, "\n".join(_lines(answer)))
    return 0 if answer["read"] or not answer["rejected"] else 1


def _preview_printed(args: argparse.Namespace) -> int:
    rule = read_rule(_text(args.rule, "printed.rule"))
    reading = read_printed(args.table.name, _bytes(args.table), "preview", SourceProfile(zone=args.zone), rule)
    answer = {**preview(reading), "columns": [], "unused": []}
    say(args, answer, "\n".join(_lines(answer)[1:]))
    return 0 if answer["read"] else 1


def preview(reading: FileReading, rows: int = SHOWN) -> dict[str, Any]:
    """Counts, the first rows as records, and every rejected row with its reason; patient data, for the eyes of whoever
    typed the command."""
    units = reading.units
    shown = []
    for unit in [u for u in units if u.verdict == READ][: max(rows, 0)]:
        records = [RECORD_DECODER.decode(f.body) for f in unit.facts]
        shown.append({"index": unit.index, "waits_for": list(unit.wants), "records": [item(r) for r in records]})
    rejected = [{"index": u.index, "code": u.code, "reason": u.reason} for u in units if u.verdict != READ]
    return {
        "rows": len(units),
        "read": len(units) - len(rejected),
        "distinct": len({u.source_id for u in units if u.verdict == READ}),
        "first": shown,
        "rejected": rejected,
    }


def _lines(answer: dict[str, Any]) -> list[str]:
    out = ["COLUMNS"]
    out += [f"  {c['letter']:>3}  {_plain(c['header']):<28} {c['becomes']}" for c in answer["columns"]]
    out += [f"       {_plain(h):<28} not used" for h in answer["unused"]]
    for row in answer["first"]:
        out.append(
            f"ROW {row['index'] + 1}" + (f"  waits for {_plain(row['waits_for'][0])}" if row["waits_for"] else "")
        )
        for record in row["records"]:
            hidden = ("id", "patient", "source", "origin", "kind", "version")
            words = [
                f"{k}: {_plain(_word(v))}" for k, v in record.items() if v not in (None, "", [], ()) and k not in hidden
            ]
            out.append(f"  {record['kind']}: " + "; ".join(words))
    out += [f"REJECTED {r['code']}: {r['reason']}" for r in answer["rejected"]]
    out.append(
        f"{answer['rows']} rows: {answer['read']} read, {len(answer['rejected'])} rejected. Nothing was written."
    )
    return out


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("text") or value.get("code") or value.get("value") or " ".join(
            str(v) for v in value.values() if v and not isinstance(v, list | tuple)))  # fmt: skip
    if isinstance(value, list | tuple):
        return ", ".join(_word(v) for v in value)
    return str(value)


def _plain(text: str) -> str:
    """Text for a terminal: no control characters, so that a cell cannot steer it, and not endless."""
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"
