"""settings, source, doctor, drill: the site, its systems, and readiness."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.readiness import findings_of, readiness_line
from desktop.cli.session import house_of, say
from desktop.printing.kits import own_kits
from localdb.chart.staleness import UNKNOWN, drift_words
from localdb.errors import InputRefused
from localdb.house import SITE_DEFAULTS
from localdb.sources.feed.settings import check_site
from localdb.sources.filling import read_as_of


def add_to(commands: Commands) -> None:
    settings = commands.group("settings", "the site's settings")
    settings("show", "what is in force", _show)
    settings("take", "check a site.toml and take it in as a new signed version", _take).add_argument("file", type=Path)
    source = commands.group("source", "the systems that feed this copy")
    declare = source("declare", "one system, several or all are down or back", _declare)
    declare.add_argument("names", nargs="*", metavar="NAME")
    declare.add_argument("state", choices=("down", "back"))
    declare.add_argument("--all", action="store_true", help="every system that this copy knows")
    declare.add_argument("--since", metavar="TIME", help="ISO 8601 with offset; left out: now")
    source("list", "how fresh each system's copy is", _list)
    commands.add("doctor", "is this laptop ready for a downtime?", _doctor)
    commands.add("drill", "the monthly practice: open, find, read back the newest entry, verify", _drill)


def read_site(text: str) -> dict[str, Any]:
    """Checks a site.toml (DESIGN D13). Raises settings.unreadable, settings.unknown, settings.wrong_type,
    settings.wrong_value, table.mapping, kit.invalid."""
    import tomllib

    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise InputRefused("The file is not TOML.", code="settings.unreadable",
                           next_step="Compare it with the example in the help.") from None  # fmt: skip
    for name, value in given.items():
        if name not in SITE_DEFAULTS:
            raise InputRefused(f"There is no setting called {name!r}.", code="settings.unknown",
                               next_step=f"Known settings: {', '.join(SITE_DEFAULTS)}.")  # fmt: skip
        if type(value) is not type(SITE_DEFAULTS[name]):
            raise InputRefused(f"The setting {name!r} is of the wrong type.", code="settings.wrong_type",
                               next_step="Compare it with the example in the help.")  # fmt: skip
    check_site({**SITE_DEFAULTS, **given})
    _check_language(str(given.get("language", "")))
    own_kits(given.get("kits", {}))
    return given


def _check_language(language: str) -> None:
    """A language of paper has a file, or is British English. Raises settings.wrong_value."""
    from desktop.forms.language import languages

    if language and language not in languages():
        raise InputRefused(f"There are no words for paper in the language {language!r}.", code="settings.wrong_value",
                           next_step=f"Known languages: {', '.join(languages())}; left out: British English.")  # fmt: skip


def _show(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        site = house.site
    return say(args, {"settings": site}, "\n".join(f"{k} = {v!r}" for k, v in site.items()))


def _take(args: argparse.Namespace) -> int:
    try:
        text = args.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputRefused("The file cannot be read.", code="file.missing", next_step="Check the name.") from None
    given = read_site(text)
    with house_of(args) as house:
        house.set_site(given)
        house.tell_status()
        site = house.site
    return say(args, {"settings": site}, f"{len(given)} settings taken in")


def _declare(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        since = house.now()
        if args.since:
            said = read_as_of(args.since).instant
            since = said if isinstance(said, datetime) else since
        known = [a.source for a in house.reading().sources()]
        names = list(dict.fromkeys([*args.names, *(known if args.all else ())]))
        if not names:
            raise InputRefused("No system was named.", code="source.none_named",
                               next_step="Name one or several, or give --all.")  # fmt: skip
        for name in names:
            house.declare(name, args.state, since)
        ages = house.reading().sources()
    new = sorted(set(names) - set(known))
    words = f"{', '.join(names)} declared {args.state}"
    words += f"; nothing has come from {', '.join(new)} yet" if new else ""
    return say(args, {"declared": names, "unknown": new, "sources": [plain(a) for a in ages]}, words)


def _list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        ages = house.reading().sources()
    lines = []
    for a in ages:
        words = [a.state, f"declared {a.declared}" if a.declared else "", "" if a.life == UNKNOWN else a.life]
        words.append(f"clock {drift}" if (drift := drift_words(a.drift)) else "")
        cut = a.cut.text if a.cut else "not known"
        lines.append("  ".join(x for x in (a.source, f"complete to {cut}", ", ".join(filter(None, words))) if x))
    return say(args, {"sources": [plain(a) for a in ages]}, "\n".join(lines) or "No source has come yet.")


def _doctor(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        found = findings_of(house)
        line = readiness_line(house, found)
    ok = not any(f["level"] == "fault" for f in found)
    lines = [line, *(f"{f['level']}: {f['text']}" for f in found)]
    say(args, {"ok": ok, "line": line, "findings": found}, "\n".join(lines))
    return 0 if ok else 1


def _drill(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        reading = house.reading()
        wards = reading.wards()
        census = reading.ward() if wards else None
        occupied = sum(r.patient is not None for r in census.rows) if census else 0
        verified = house.journal.verify()
        broken = reading.snapshot.verify()
    ok = verified.ok and not broken and bool(census and occupied)
    findings = [{"wards": len(wards), "ward": census.ward if census else None, "patients": occupied,
                 "journal": verified.ok, "layers": broken}]  # fmt: skip
    say(args, {"ok": ok, "findings": findings}, f"{occupied} patients on {census.ward if census else 'no ward'};"
        f" journal {'whole' if verified.ok else 'DAMAGED'}; copy {'whole' if not broken else 'DAMAGED'}")  # fmt: skip
    return 0 if ok else 1
