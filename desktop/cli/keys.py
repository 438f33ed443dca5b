"""init, staff, slot, recover: who can open the vault."""

from __future__ import annotations

import argparse
from pathlib import Path

from desktop.cli.answer import plain
from desktop.cli.parser import Commands
from desktop.cli.session import house_of, say, secret_of, staff_of, vault_of
from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.house import make_house, present
from localdb.journal.opening import open_journal, set_aside_damaged
from localdb.store.errors import StoreDamaged
from localdb.vault import staff as slots
from localdb.vault.creation import write_recovery
from localdb.vault.slots import CLINICIAN, COORDINATOR
from localdb.vault.unlocking import read_secret_file, slot_list, unlock


def add_to(commands: Commands) -> None:
    init = commands.add("init", "make a vault and its first coordinator", _init)
    init.add_argument("--device", metavar="CODE", help="three letters or digits, dealt by the coordinator")
    init.add_argument("--recovery-out", metavar="FILE", type=Path, help="write a recovery code there")
    init.add_argument("--kdf", choices=("standard", "floor"), default="standard")
    staff = commands.group("staff", "the people who can open the vault")
    staff("list", "their names and roles", _staff_list)
    add = staff("add", "one more person (coordinators)", _staff_add)
    add.add_argument("name")
    add.add_argument("--role", choices=(CLINICIAN, COORDINATOR), default=CLINICIAN)
    add.add_argument("--new-secret-file", type=Path, required=True, metavar="FILE")
    staff("remove", "take a person's slot away (coordinators)", _staff_remove).add_argument("name")
    slot = commands.group("slot", "the slots of the vault")
    slot("list", "every slot, recovery included", _slot_list)
    change = slot("change", "a new secret for your own slot, or for another's (coordinators)", _slot_change)
    change.add_argument("--for", dest="whose", metavar="NAME")
    change.add_argument("--new-secret-file", type=Path, required=True, metavar="FILE")
    feed = slot("add-feed", "a slot for the feeding machine's service, in place of a former one", _slot_add_feed)
    feed.add_argument(
        "--secret-out", type=Path, required=True, metavar="FILE", help="its secret is written there, once"
    )
    feed.add_argument("--name", default="Feed")
    slot("remove-feed", "take the feeding machine's slot away (coordinators)", _slot_remove_feed).add_argument(
        "--name", default="Feed"
    )
    recover = commands.add(
        "recover", "a new recovery code, or (--reset NAME) a new secret by the recovery code", _recover
    )
    recover.add_argument("--out", metavar="FILE", type=Path, help="write a new recovery code there")
    recover.add_argument("--journal", action="store_true", help="set a journal aside that does not verify, go on anew")
    recover.add_argument("--reset", metavar="NAME", help="whose secret is set anew; the secret given is the code")
    recover.add_argument("--new-secret-file", type=Path, metavar="FILE")


def _init(args: argparse.Namespace) -> int:
    vault, name = vault_of(args), staff_of(args)
    if not name:
        raise InputRefused("A vault needs its first coordinator.", code="vault.staff_needed",
                           next_step="Give --staff NAME.")  # fmt: skip
    secret = secret_of(args, ask_twice=True)
    made = make_house(vault, name, secret, device=args.device, kdf=args.kdf, recovery=args.recovery_out is not None)
    if args.recovery_out is not None and made.recovery_code:
        write_recovery(args.recovery_out, made.recovery_code, made.vault_id)
    answer = {"vault": made.vault_id, "staff": name, "device": made.device, "recovery": args.recovery_out is not None}
    words = f"vault made for {name}, device {made.device}"
    if args.recovery_out is None:
        words += "; it has no recovery slot (run `wardlamp recover --out FILE`)"
    return say(args, answer, words)


def _staff_list(args: argparse.Namespace) -> int:
    people = [s for s in slot_list(vault_of(args)) if s.kind == "staff"]
    answer = {"staff": [{"name": s.name, "role": s.role} for s in people]}
    return say(args, answer, "\n".join(f"{s.name}  {s.role}" for s in people))


def _slot_list(args: argparse.Namespace) -> int:
    held = slot_list(vault_of(args))
    return say(args, {"slots": [plain(s) for s in held]}, "\n".join(f"{s.kind}  {s.name}  {s.role}" for s in held))


def _staff_add(args: argparse.Namespace) -> int:
    secret = read_secret_file(args.new_secret_file)
    with house_of(args) as house:
        house.journal.record_slot(slots.add_staff(house.vault, house.keys, args.name, secret, args.role))
    return say(args, {"staff": args.name, "role": args.role}, f"{args.name} can open this vault as {args.role}")


def _staff_remove(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        house.journal.record_slot(slots.remove_staff(house.vault, house.keys, args.name))
    return say(args, {"staff": args.name}, f"{args.name} can no longer open this vault")


def _slot_change(args: argparse.Namespace) -> int:
    secret = read_secret_file(args.new_secret_file)
    with house_of(args) as house:
        house.journal.record_slot(slots.change_secret(house.vault, house.keys, secret, args.whose))
        whose = args.whose or house.staff
    return say(args, {"staff": whose}, f"the secret of {whose} was changed")


def _slot_add_feed(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        secret, change = slots.add_feed(house.vault, house.keys, args.name)
        write_whole(args.secret_out, secret + b"\n")
        house.journal.record_slot(change)
    words = f"the service's secret was written to {args.secret_out}: guard it like a key, it opens this vault"
    return say(args, {"slot": change.slot, "name": change.staff, "secret": str(args.secret_out)}, words)


def _slot_remove_feed(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        house.journal.record_slot(slots.remove_feed(house.vault, house.keys, args.name))
    return say(args, {"name": args.name}, f"the feed slot {args.name} opens nothing any more")


def _new_journal(args: argparse.Namespace) -> int:
    vault = vault_of(args)
    keys = unlock(vault, secret_of(args), staff_of(args))
    try:
        try:
            open_journal(vault, keys, present).close()
        except StoreDamaged:
            held = set_aside_damaged(vault, keys, present)
        else:
            raise InputRefused("The journal opens: nothing was set aside.", code="journal.sound",
                               next_step="Run `wardlamp audit verify` for what it finds.")  # fmt: skip
        device = keys.device
    finally:
        keys.wipe()
    words = f"the journal was set aside as {held.name}; this laptop goes on as device {device}"
    return say(args, {"aside": held.name, "device": device}, words)


def _reset(args: argparse.Namespace, whose: str) -> int:
    """A forgotten secret set anew, with its row in the signed log; a journal that does not open holds nobody out."""
    keys = unlock(vault_of(args), secret_of(args), None)
    try:
        change = slots.change_secret(vault_of(args), keys, read_secret_file(args.new_secret_file), whose)
        try:
            journal = open_journal(vault_of(args), keys, present)
        except StoreDamaged:
            words = "; the journal does not open, so this was not logged: run `wardlamp recover --journal`"
            return say(args, {"staff": whose, "logged": False}, f"the secret of {whose} was set anew{words}")
        try:
            journal.record_slot(change)
        finally:
            journal.close()
    finally:
        keys.wipe()
    return say(args, {"staff": whose, "logged": True}, f"the secret of {whose} was set anew")


def _recover(args: argparse.Namespace) -> int:
    if args.journal:
        return _new_journal(args)
    if args.reset:
        if args.new_secret_file is None:
            raise InputRefused("A new secret is needed.", code="vault.secret_missing",
                               next_step="Give --new-secret-file FILE.")  # fmt: skip
        return _reset(args, args.reset)
    if args.out is None:
        raise InputRefused("Say where the recovery code goes.", code="vault.recovery_out",
                           next_step="Give --out FILE, print it, lock it away and delete the file.")  # fmt: skip
    with house_of(args) as house:
        code, change = slots.renew_recovery(house.vault, house.keys)
        write_recovery(args.out, code, house.keys.vault_id)
        house.journal.record_slot(change)
    return say(args, {"recovery": str(args.out)}, "a new recovery code was written; the former one opens nothing now")
