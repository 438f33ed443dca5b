"""What every command needs: the vault's place, the secret, the opened house, and how an answer is printed."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localdb.errors import InputRefused
from localdb.house import Clock, House, open_house, present


class SecretMissing(InputRefused):
    """No secret was given and there is no terminal to ask on."""

    code = "vault.secret_missing"
    next_step = "Give --secret-file FILE or set WARDLAMP_SECRET_FILE, or run this in a terminal."


class VaultNotNamed(InputRefused):
    """Neither --vault nor WARDLAMP_VAULT says where the vault is."""

    code = "vault.not_named"
    next_step = "Give --vault DIR or set WARDLAMP_VAULT."


def vault_of(args: argparse.Namespace) -> Path:
    named = args.vault or os.environ.get("WARDLAMP_VAULT")
    if not named:
        raise VaultNotNamed("No vault was named.")
    return Path(named)


def staff_of(args: argparse.Namespace) -> str | None:
    return args.staff or os.environ.get("WARDLAMP_STAFF") or None


def secret_of(args: argparse.Namespace, *, ask_twice: bool = False) -> bytearray:
    """The secret: from --secret-file, WARDLAMP_SECRET_FILE or a prompt; never from an argument."""
    from localdb.vault.unlocking import read_secret_file

    named = args.secret_file or os.environ.get("WARDLAMP_SECRET_FILE")
    if named:
        return read_secret_file(Path(named))
    if not sys.stdin.isatty():
        raise SecretMissing("No secret was given.")
    typed = getpass.getpass("Secret: ")
    if ask_twice and getpass.getpass("Once more: ") != typed:
        raise InputRefused("The two secrets differ.", code="vault.secret_differs", next_step="Type it again.")
    return bytearray(typed.encode())


@contextmanager
def house_of(args: argparse.Namespace, clock: Clock = present) -> Iterator[House]:
    """The opened house; closed and its keys wiped at the end."""
    vault = vault_of(args)
    from localdb.vault.unlocking import read_vault

    read_vault(vault)  # a vault that is missing or damaged is said before a secret is asked for
    house = open_house(vault, secret_of(args), staff=staff_of(args), clock=clock)
    try:
        yield house
    finally:
        house.close()


def say(args: argparse.Namespace, answer: dict[str, Any], words: str) -> int:
    """Prints the object under --json, else the words. Returns exit status 0."""
    print(json.dumps(answer, ensure_ascii=False) if args.json else words)
    return 0
