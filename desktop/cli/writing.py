"""enter, audit: what the ward writes down, and the proof that nothing of it was changed."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import SecretMissing, house_of, say
from localdb.chart import wording
from localdb.errors import InputRefused
from localdb.journal.images import IMAGE_MOVE
from localdb.journal.kinds import json_schema
from localdb.vault.slots import wipe
from localdb.vault.unlocking import read_secret_file


def add_to(commands: Commands) -> None:
    enter = commands.add("enter", "record an entry from JSON on standard input", _enter)
    enter.add_argument(
        "kind",
        help="observations, phoned_result, note, request, closure, registration, identification, evaluation, comparison"
        " or image_move",
    )
    enter.add_argument("--patient", metavar="P")
    enter.add_argument("--corrects", metavar="ID", help="the entry that this one replaces")
    enter.add_argument("--second", metavar="NAME", help="image_move: the second member of staff")
    enter.add_argument("--second-secret-file", metavar="F", type=Path, help="their own secret; left out: a prompt")
    enter.add_argument("--schema", action="store_true", help="print the JSON Schema of the kind")
    exchange = commands.group("exchange", "journals between laptops, in a file sealed by words that both know")
    for name, text, run in (("out", "write this laptop's journal into a file", _out), ("in", "take one in", _in)):
        made = exchange(name, text, run)
        made.add_argument("file", type=Path)
        made.add_argument("--words-file", type=Path, metavar="F", help="file with the words; left out: a prompt")
    audit = commands.group("audit", "the audit chain")
    audit("verify", "prove that the journal is whole and unchanged", _verify)


def body_of_input() -> dict[str, object]:
    try:
        body = json.loads(sys.stdin.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InputRefused("Standard input is not one JSON object.", code="entry.not_json",
                           next_step="Pipe in a JSON object; `wardlamp enter KIND --schema` shows its fields.")  # fmt: skip
    return body


def _enter(args: argparse.Namespace) -> int:
    if args.schema:
        schema = json_schema(args.kind)
        print(json.dumps(schema, ensure_ascii=False, indent=None if args.json else 2))
        return 0
    if not args.patient and args.kind == "registration" and not args.corrects:
        from desktop.cli.numbers import register

        return register(args)
    if not args.patient:
        raise InputRefused("An entry is about a patient.", code="entry.no_patient",
                           next_step="Give --patient with an id or a number.")  # fmt: skip
    body = body_of_input()
    if args.kind == IMAGE_MOVE:
        return _move(args, body)
    with house_of(args) as house:
        receipt = house.enter(args.kind, args.patient, body, args.corrects)
    words = f"{receipt.number} written {wording.date_time(receipt.written)}"
    return say(args, plain(receipt), words)


def _move(args: argparse.Namespace, body: dict[str, object]) -> int:
    """Images moved by two people: each gives their own secret."""
    if not args.second:
        raise InputRefused("Images are moved, and given back, by two people.", code="image.two_people",
                           next_step="Let a second member of staff give their own name and secret (`--second"
                           " NAME`).")  # fmt: skip
    if args.second_secret_file is not None:
        secret = read_secret_file(args.second_secret_file)
    elif sys.stdin.isatty():
        secret = bytearray(getpass.getpass(f"Secret of {args.second}: ").encode())
    else:
        raise SecretMissing("The second person's secret was not given.", next_step="Give --second-secret-file FILE.")
    try:
        with house_of(args) as house:
            receipt = house.move_images(args.patient, body, args.second, secret, args.corrects)
    finally:
        wipe(secret)
    return say(args, plain(receipt), f"{receipt.number} written {wording.date_time(receipt.written)}")


def words_of(args: argparse.Namespace) -> bytearray:
    if args.words_file is not None:
        return read_secret_file(args.words_file)
    if not sys.stdin.isatty():
        raise SecretMissing("The words that seal the file were not given.", next_step="Give --words-file FILE.")
    return bytearray(getpass.getpass("Words: ").encode())


def _out(args: argparse.Namespace) -> int:
    words = words_of(args)
    with house_of(args) as house:
        done = house.journal.exchange_out(args.file, words)
    return say(args, plain(done), f"{done.sent} rows written")


def _in(args: argparse.Namespace) -> int:
    words = words_of(args)
    with house_of(args) as house:
        done = house.journal.exchange_in(args.file, words)
    return say(args, plain(done), f"{done.taken} rows taken, {done.known} known, {done.refused} refused")


def _verify(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        found = house.journal.verify()
    lines = [f"{f.code} {f.device}-{f.sequence}: {f.words}" for f in found.findings]
    words = "\n".join(lines) if lines else f"{found.rows} rows, whole and unchanged"
    say(args, plain(found), words)
    return 0 if found.ok else 1
