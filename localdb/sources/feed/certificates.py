"""TLS from the vault's secrets. Python's `ssl` loads keys from files only: what is written for it is encrypted under a
password that exists for that moment, and is gone before anybody connects."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from localdb.vault.secrets import Secret, SecretInvalid


def server_context(secret: Secret, *, client_certificates: bool) -> ssl.SSLContext:
    """A listener's side, TLS 1.2 or newer. Raises secret.invalid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, secret)
    if client_certificates:
        if not secret.authorities:
            raise SecretInvalid("The secret has no authorities whose clients would be let in.")
        _trust(context, secret)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(secret: Secret) -> ssl.SSLContext:
    """The other side, for a listener of our own that shows this very certificate. Raises secret.invalid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # it is called by its address
    context.verify_mode = ssl.CERT_NONE  # what matters is compared by the caller: the certificate itself
    _load(context, secret)
    return context


def asking_context(secret: Secret) -> ssl.SSLContext:
    """The side of who asks another system, TLS 1.2 or newer: it must show a certificate for the name by which it is called,
    signed by the secret's authorities (none: those that this machine knows); ours is shown where the secret has one.
    Raises secret.invalid."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if secret.authorities:
        _trust(context, secret)
    else:
        context.load_default_certs()
    if secret.certificate:
        _load(context, secret)
    return context


def _trust(context: ssl.SSLContext, secret: Secret) -> None:
    try:
        context.load_verify_locations(cadata=secret.authorities.decode())
    except (ssl.SSLError, ValueError):
        raise SecretInvalid("The authorities cannot be read.") from None


def _load(context: ssl.SSLContext, secret: Secret) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    password = secrets.token_hex(32)
    try:
        key = load_pem_private_key(secret.key, None)
    except (ValueError, TypeError):
        raise SecretInvalid("The key cannot be read.") from None
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    handle, path = tempfile.mkstemp(prefix="wardlamp-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secret.certificate.rstrip() + b"\n" + sealed)
        context.load_cert_chain(path, password=password)
    except ssl.SSLError:
        raise SecretInvalid("The certificate and its key cannot be used.") from None
    finally:
        os.unlink(path)
