"""feed, person: the feeding machine, its ways in and its secrets; who is one person, decided by hand."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from desktop.cli.tables import add_preview
from localdb.chart.views import SourceAge
from localdb.errors import InputRefused
from localdb.house import House
from localdb.reading import LivingReading, PatientAmbiguous
from localdb.sources.feed.settings import FeedSetting, check_site, read_feeds
from localdb.store.tokens import glued
from localdb.vault import secrets

ASKING = ("dicom-query", "dicomweb")
KINDS = ("mllp", "folder", "tables", "pdf", "dicom-listen", "dicom-query", "dicomweb", "worklist")


def add_to(commands: Commands) -> None:
    feed = commands.group("feed", "what comes in by itself: listeners, folders, and the service that runs them")
    feed("run", "listen, watch and cut until stopped (the service of the feeding machine)", _run)
    feed("list", "the feeds that are set up", _list)
    feed("status", "how the running feed is", _status)
    add = feed("add", "set a feed up, as a new signed version of the settings", _add)
    add.add_argument("name")
    add.add_argument("--source", required=True, metavar="NAME", help="the system that it speaks for")
    add.add_argument("--kind", required=True, choices=KINDS)
    add.add_argument("--listen", default="", metavar="ADDRESS:PORT")
    add.add_argument("--tls", default="", metavar="SECRET", help="the secret with the certificate and its key")
    add.add_argument("--client-certificates", action="store_true", help="senders must show one that --tls's CA signed")
    add.add_argument("--sender", action="append", default=[], metavar="ADDRESS", help="who may connect; again for more")
    add.add_argument("--system", action="append", default=[], metavar="MSH-3[|MSH-4]=SOURCE",
                     help="an engine sends this system's messages over the same port; again for more")  # fmt: skip
    add.add_argument("--folder", type=Path, metavar="DIR")
    add.add_argument("--after", choices=("delete", "keep"), default="delete", help="what becomes of a file taken in")
    add.add_argument("--mapping", default="", metavar="NAME", help="what columns mean: [mappings.NAME] of the settings")
    dicom = add.add_argument_group("DICOM", "dicom-listen, dicom-query, dicomweb, worklist")
    dicom.add_argument("--title", default="", metavar="AE", help="our AE title (WARDLAMP)")
    dicom.add_argument("--caller", action="append", default=[], metavar="AE", help="who may send; again for more")
    dicom.add_argument("--peer", default="", metavar="HOST:PORT", help="the archive or worklist that is asked")
    dicom.add_argument("--called", default="", metavar="AE", help="its AE title")
    dicom.add_argument("--by", default="", choices=("move", "get"), help="how a dicom-query has images sent")
    dicom.add_argument("--into", default="", metavar="FEED", help="the dicom-listen feed that C-MOVE goes to")
    dicom.add_argument("--url", default="", help="the root of a DICOMweb service")
    dicom.add_argument("--login", default="", metavar="SECRET", help="the secret with its user and password")
    dicom.add_argument("--token-file", type=Path, metavar="FILE", help="a bearer token, read anew each time")
    dicom.add_argument("--ward", action="append", default=[], help="whose patients are asked for; again for more (all)")
    dicom.add_argument(
        "--patient", action="append", default=[], metavar="ID", help="a PatientID besides; again for more"
    )
    dicom.add_argument(
        "--number", action="append", default=[], metavar="SYSTEM", help="which numbers are PatientIDs (MR)"
    )
    dicom.add_argument("--accession", action="append", default=[], metavar="NUMBER", help="an examination besides")
    dicom.add_argument("--days", type=int, default=0, help="how far back studies go (730), or a worklist ahead (7)")
    dicom.add_argument("--modality", action="append", default=[], help="only these; again for more")
    dicom.add_argument("--most", type=int, default=2000, help="instances that one run fetches")
    dicom.add_argument("--every", type=float, default=2.0, help="seconds between two runs (300)")
    feed("remove", "take a feed out of the settings", _remove).add_argument("name")
    feed("test", "does a feed work: port, certificate, folder, and a message that is not kept", _test).add_argument(
        "name"
    )
    add_preview(feed)
    secret = feed("secret", "certificates and keys, sealed in the vault", _secret)
    secret.add_argument("act", choices=("set", "list", "remove"))
    secret.add_argument("name", nargs="?", default="")
    for part in ("certificate", "key", "authorities"):
        secret.add_argument(f"--{part}", metavar="FILE", help="PEM; - reads standard input")
    secret.add_argument("--login", metavar="FILE", help="user:password on one line; - reads standard input")
    person = commands.group("person", "which patient ids are one person")
    person("show", "the ids of a person, and who joined them", _show).add_argument("patient")
    for act, words in (("join", "two ids are one person"), ("part", "two ids are not one person")):
        made = person(
            act, words + ", as you say: with your name, and it can be undone", _join if act == "join" else _part
        )
        made.add_argument("one")
        made.add_argument("other")


# -- the service --------------------------------------------------------------------------------------------------


def _run(args: argparse.Namespace) -> int:
    from localdb.feeding import run_feed
    from localdb.sources.feed.logs import FeedLog
    from localdb.sources.feed.service import FeedService

    log = FeedLog()
    log.hook()
    with house_of(args) as house:

        def started(service: FeedService) -> None:
            def stop(*_: object) -> None:
                service.stop()

            for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), stop)

        run_feed(house, log, started)
    return 0


def _status(args: argparse.Namespace) -> int:
    from localdb.sources.feed.control import ask_feed

    with house_of(args) as house:
        found = ask_feed(house.vault, house.keys.control_key(), {"ask": "status"})
    lines = []
    for f in found["feeds"]:
        what = "images that are not here yet" if f["kind"] in ASKING else "files that cannot be taken"
        left = f", LEFT {f['left']} {what}" if f["left"] else ""
        lines.append(f"{f['name']}  {f['source']}  {f['kind']}  {f['state']} {f['fault']}  read {f['read']}, set aside"
                     f" {f['set_aside']}{left}, last {f['last_message'] or 'nothing yet'}")  # fmt: skip
    head = "well" if found["ok"] else "NOT WELL: " + "; ".join(found["wrong"])
    return say(args, found, "\n".join([f"{head}; since {found['since']}; generation {found['generation']}", *lines]))


# -- settings -----------------------------------------------------------------------------------------------------


def _row(feed: FeedSetting) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(feed)
    return {**{f: plain(getattr(feed, f)) for f in feed.__struct_fields__}, **shown}


def _list(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        feeds = read_feeds(house.site["feeds"])
        ages = house.ages()
    lines = [
        f"{f.name}  {f.source}  {f.kind}  {f.listen or f.folder or f.peer or f.url}{'  off' if f.off else ''}"
        for f in feeds
    ]
    lines += [_age_line(a) for a in ages]
    answer = {"feeds": [_row(f) for f in feeds], "sources": [plain(a) for a in ages]}
    return say(args, answer, "\n".join(lines) or "No feed is set up.")


def _age_line(age: SourceAge) -> str:
    """One source in words: complete up to when, when something last came, whether it lives."""
    cut, came = (m.text if m else "not known" for m in (age.cut, age.last_message))
    declared = f"  declared {age.declared}" if age.declared else ""
    return f"source {age.source}  complete to {cut}  last message {came}  {age.life}{declared}"


def _take_feeds(house: House, feeds: list[Any]) -> None:
    check_site({**house.site, "feeds": feeds})
    house.set_site({"feeds": feeds})


def _add(args: argparse.Namespace) -> int:
    given = {
        "name": args.name, "source": args.source, "kind": args.kind, "listen": args.listen, "tls": args.tls,
        "client_certificates": args.client_certificates, "senders": args.sender, "mapping": args.mapping,
        "systems": _systems(args.system),
        "folder": str(args.folder.resolve()) if args.folder else "", "after": args.after,
        "title": args.title, "callers": args.caller, "peer": args.peer, "called": args.called, "by": args.by,
        "into": args.into, "url": args.url, "login": args.login, "days": args.days, "modalities": args.modality,
        "token_file": str(args.token_file.resolve()) if args.token_file else "", "wards": args.ward,
        "patients": args.patient, "accessions": args.accession, "numbers": args.number, "most": args.most,
        "every": args.every,
    }  # fmt: skip
    usual = {"after": "delete", "most": 2000, "every": 2.0}
    kept = {k: v for k, v in given.items() if v and v != usual.get(k)}
    with house_of(args) as house:
        _take_feeds(house, [*house.site["feeds"], kept])
    return say(args, {"feed": kept}, f"feed {args.name} set up; a running feed takes it at its next start")


def _systems(given: list[str]) -> dict[str, str]:
    """`LIMS|NORTH=lims` as a line of `systems`. Raises settings.wrong_value."""
    lines = {}
    for one in given:
        name, equals, source = one.rpartition("=")
        if not equals:
            words = "A system is MSH-3 or MSH-3|MSH-4, an equals sign and the source's name."
            raise InputRefused(words, code="settings.wrong_value", next_step="For example --system 'LIMS|NORTH=lims'.")
        lines[name] = source
    return lines


def _remove(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        rest = [f for f in house.site["feeds"] if f["name"] != args.name]
        if len(rest) == len(house.site["feeds"]):
            raise _unknown()
        _take_feeds(house, rest)
    return say(args, {"feed": args.name}, f"feed {args.name} taken out; a running feed ends it at its next start")


def _unknown() -> InputRefused:
    return InputRefused("There is no feed of that name.", code="feed.unknown",
                        next_step="Run `wardlamp feed list` for their names.")  # fmt: skip


def _test(args: argparse.Namespace) -> int:
    from localdb.sources.feed.trying import try_feed

    with house_of(args) as house:
        feeds = {f.name: f for f in read_feeds(house.site["feeds"])}
        if args.name not in feeds:
            raise _unknown()
        points = try_feed(house, feeds[args.name])
    ok = all(p.ok for p in points)
    lines = [f"{'ok  ' if p.ok else 'FAIL'}  {p.what}: {p.found}" for p in points]
    say(args, {"ok": ok, "points": [plain(p) for p in points]}, "\n".join(lines))
    return 0 if ok else 1


# -- secrets ------------------------------------------------------------------------------------------------------


def _secret(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        if args.act == "list":
            notes = secrets.secret_list(house.vault, house.keys)
            lines = [
                f"{n.name}  valid until {n.valid_until or '-'}{'  with CA' if n.has_authorities else ''}"
                f"{'  with login' if n.has_login else ''}"
                for n in notes
            ]
            return say(args, {"secrets": [plain(n) for n in notes]}, "\n".join(lines) or "There is no secret.")
        if not args.name:
            raise InputRefused("Say which secret.", code="secret.unknown", next_step="Give its name.")
        if args.act == "remove":
            secrets.remove_secret(house.vault, house.keys, args.name)
            return say(args, {"secret": args.name}, f"secret {args.name} is gone")
        parts = {p: _pem(getattr(args, p)) for p in ("certificate", "key", "authorities")}
        login = _pem(args.login).rstrip(b"\r\n")
        secrets.set_secret(house.vault, house.keys, args.name, secrets.Secret(**parts, login=login))
    return say(args, {"secret": args.name}, f"secret {args.name} is sealed in the vault: remove the files it came from")


def _pem(named: str | None) -> bytes:
    if not named:
        return b""
    try:
        return sys.stdin.buffer.read() if named == "-" else Path(named).read_bytes()
    except OSError:
        raise InputRefused("The file cannot be read.", code="file.missing", next_step="Check the name.") from None


# -- people -------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        view = house.reading().chart(args.patient).patient
    lines = [f"{view.id}: {', '.join(view.ids)}"]
    for join in view.joins:
        numbers = ", ".join(i.value for i in join.identifiers if i.value)
        made = f"{join.type}, {join.made.text if join.made else '-'} by {join.by or 'the source'}" if join.type else ""
        lines.append(f"  {join.patient}  {join.source}  {numbers}  {made}")
    return say(
        args, {"person": view.id, "ids": list(view.ids), "joins": [plain(j) for j in view.joins]}, "\n".join(lines)
    )


def _ids(house: House, args: argparse.Namespace) -> tuple[str, str]:
    """The two patient ids: any identifier finds them, as everywhere."""
    reading = house.reading()
    return _one(reading, args.one), _one(reading, args.other)


def _one(reading: LivingReading, given: str) -> str:
    """The patient id that was meant: of a person who joins several, the one whose own id or number was given."""
    view = reading.chart(reading.resolve(given)).patient
    if given.strip() in view.ids:
        return given.strip()
    own = {j.patient for j in view.joins if any(glued(i.value) == glued(given) for i in j.identifiers)}
    if len(own) > 1:
        raise PatientAmbiguous("Several of this person's ids have that number.",
                               next_step="Give one of the ids that `wardlamp person show` lists.")  # fmt: skip
    return own.pop() if own else view.id


def _join(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        one, other = _ids(house, args)
        changed = house.join(one, other)
    return say(
        args, {"joined": [one, other], "changed": changed}, "they are one person now" if changed else "no change"
    )


def _part(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        one, other = _ids(house, args)
        changed = house.part(one, other)
    return say(
        args, {"parted": [one, other], "changed": changed}, "they are two people now" if changed else "no change"
    )
