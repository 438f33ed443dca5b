"""Named secrets of the feeding machine (certificates and keys for TLS), sealed in the vault.

One sealed file, `secrets.sealed`, written whole or not at all; no patient data, and nothing of it in clear on the disk.
Changed under the vault's lock, so that two commands cannot undo each other. Errors: secret.unknown, secret.invalid,
vault.not_permitted, vault.damaged, disk.full, disk.read_only.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from localdb.durable import write_whole
from localdb.errors import InputRefused
from localdb.store.errors import StoreDamaged, StoreMissing, translated
from localdb.vault.errors import NotPermitted
from localdb.vault.files import locked
from localdb.vault.keys import Keys
from localdb.vault.slots import FEED

SECRETS_FILE = "secrets.sealed"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}\Z")


class SecretUnknown(InputRefused):
    """No secret of that name is in the vault."""

    code = "secret.unknown"
    next_step = "Run `wardlamp feed secret list`, or put it in with `wardlamp feed secret set NAME`."


class SecretInvalid(InputRefused):
    """What was given is no certificate with its key."""

    code = "secret.invalid"
    next_step = "Give a certificate and its private key as PEM, the key without a passphrase."


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate (with its chain) and its private key, and the authorities whose clients are let in; all PEM. `login`
    is a user and password with which another system is asked, `user:password`."""

    certificate: bytes = b""
    key: bytes = b""
    authorities: bytes = b""
    login: bytes = b""


class SecretNote(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a secret: its name, whether it has a key, until when its certificate is valid."""

    name: str
    has_key: bool
    has_authorities: bool
    has_login: bool = False
    valid_until: str = ""


def expires(secret: Secret) -> datetime | None:
    """When the certificate ends; None where there is none."""
    if not secret.certificate:
        return None
    return x509.load_pem_x509_certificates(secret.certificate)[0].not_valid_after_utc


def check_secret(secret: Secret) -> None:
    """Raises secret.invalid unless the parts are PEM and the key belongs to the certificate."""
    try:
        if secret.authorities:
            x509.load_pem_x509_certificates(secret.authorities)
        if secret.login and (b":" not in secret.login or b"\n" in secret.login or len(secret.login) > 1024):
            raise SecretInvalid("A login is one line, a user, a colon and a password.",
                                next_step="Write the file again as user:password.")  # fmt: skip
        if not secret.certificate and not secret.key and (secret.authorities or secret.login):
            return
        first = x509.load_pem_x509_certificates(secret.certificate)[0]
        key = load_pem_private_key(secret.key, None)
    except (ValueError, TypeError, IndexError):
        raise SecretInvalid("The certificate or the key cannot be read.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if first.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise SecretInvalid("The key does not belong to the certificate.")


def _read(folder: Path, keys: Keys) -> dict[str, Secret]:
    try:
        with translated():
            data = (folder / SECRETS_FILE).read_bytes()
    except StoreMissing:
        return {}
    try:
        return msgspec.msgpack.decode(keys.open("secrets", data), type=dict[str, Secret])
    except msgspec.MsgspecError:
        raise StoreDamaged("The sealed secrets do not verify.") from None


def _write(folder: Path, keys: Keys, held: dict[str, Secret]) -> None:
    write_whole(folder / SECRETS_FILE, keys.seal("secrets", msgspec.msgpack.encode(held)))


def secret_of(folder: Path, keys: Keys, name: str) -> Secret:
    """Raises secret.unknown."""
    held = _read(folder, keys)
    if name not in held:
        raise SecretUnknown(f"There is no secret called {name}.")
    return held[name]


def _permit(keys: Keys) -> None:
    """The feeding machine uses certificates; who may connect to it is decided by a member of staff."""
    if keys.role == FEED:
        raise NotPermitted("The feeding machine's own secret may not change certificates.",
                           next_step="Give the secret of a member of staff.")  # fmt: skip


def set_secret(folder: Path, keys: Keys, name: str, secret: Secret) -> None:
    """Puts a secret in under a name, in place of a former one. Raises secret.invalid, vault.not_permitted."""
    _permit(keys)
    if not _NAME.match(name):
        raise SecretInvalid("A secret's name has up to 40 small letters, digits, dots and dashes.")
    check_secret(secret)
    with locked(folder):
        _write(folder, keys, {**_read(folder, keys), name: secret})


def remove_secret(folder: Path, keys: Keys, name: str) -> None:
    """Raises secret.unknown, vault.not_permitted."""
    _permit(keys)
    with locked(folder):
        held = _read(folder, keys)
        if name not in held:
            raise SecretUnknown(f"There is no secret called {name}.")
        del held[name]
        _write(folder, keys, held)


def secret_list(folder: Path, keys: Keys) -> tuple[SecretNote, ...]:
    """What may be shown of each secret, by name."""
    notes = []
    for name, secret in sorted(_read(folder, keys).items()):
        until = expires(secret)
        notes.append(
            SecretNote(
                name=name,
                has_key=bool(secret.key),
                has_authorities=bool(secret.authorities),
                has_login=bool(secret.login),
                valid_until=until.isoformat() if until else "",
            )
        )
    return tuple(notes)
