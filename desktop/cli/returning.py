"""restore: what the ward wrote goes back to the hospital (DESIGN D8)."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say
from localdb.durable import write_whole
from localdb.house import House
from localdb.records.moments import from_instant
from localdb.restore import Sheet, Summary, Target, certificate, decide, plan, send, status


def add_to(commands: Commands) -> None:
    restore = commands.group("restore", "bring what was written back to the hospital")
    for name, text, run in (
        ("plan", "what would be sent; changes nothing", _plan),
        ("send", "send what is not confirmed yet", _send),
        ("status", "where every entry stands", _status),
    ):
        made = restore(name, text, run)
        made.add_argument("--to", metavar="URL", required=name != "status", help="base of the FHIR R4 server")
        made.add_argument("--token-file", metavar="F", type=Path)
    proof = restore("certificate", "the closing certificate, as JSON and PDF", _certificate)
    proof.add_argument("--out", metavar="DIR", type=Path, required=True)
    decision = restore("decide", "what a person decided about an entry", _decide)
    decision.add_argument("entry")
    decision.add_argument("decision", choices=("already_there", "send_again", "enter_by_hand"))


def _words(summary: Summary) -> str:
    counts = ("kept", "waiting", "sent", "confirmed", "refused", "needs_person")
    lines = [", ".join(f"{getattr(summary, c)} {c.replace('_', ' ')}" for c in counts)]
    lines += [f"{e.id}  {e.state}  {e.reason}" for e in summary.entries if e.state != "confirmed"]
    return "\n".join(lines)


def _plan(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        summary = plan(house.journal.ledger, Target(args.to, args.token_file))
    return say(args, summary.as_json(), _words(summary))


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of}", end="" if done < of else "\n", file=sys.stderr, flush=True)


def _send(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        summary = send(house.journal.ledger, Target(args.to, args.token_file), _progress)
    return say(args, summary.as_json(), _words(summary))


def _status(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        summary = status(house.journal.ledger)
    return say(args, summary.as_json(), _words(summary))


def _decide(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        entry = house.journal.entry(args.entry)
        decided = decide(house.journal.ledger, entry.id, args.decision, house.staff)
    answer = {"entry": entry.id, "state": decided.state, "reason": decided.reason}
    return say(args, answer, f"{entry.number}: {decided.state}")


def write_certificate(house: House, folder: Path) -> dict[str, object]:
    """Writes certificate.json and certificate.pdf (no patient data in either). Raises disk.full, disk.read_only."""
    from desktop.forms.certificate import certificate_pdf

    journal = house.journal
    sheets = [Sheet(s.serial, s.form, s.state) for s in journal.sheets()]
    made = certificate(
        journal.ledger, sheets, at=from_instant(house.now()), staff=house.staff, site=str(house.site["hospital"]),
        missing=journal.balance().missing,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "certificate.json", json.dumps(made, ensure_ascii=False, indent=1).encode())
    write_whole(folder / "certificate.pdf", certificate_pdf(made))
    return made


def _certificate(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        made = write_certificate(house, args.out)
    words = f"{'balanced' if made['balanced'] else 'NOT balanced'}: certificate.json, certificate.pdf in {args.out}"
    return say(args, made, words)
