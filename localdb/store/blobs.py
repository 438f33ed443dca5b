"""Embedded files (PDF, RTF, pictures), sealed and addressed by content (DESIGN D1 Compression).

Rules: a file's name is a keyed hash of its content's SHA-256, so that nobody without the vault's key can tell what is
held; AES-256-GCM with the name as associated data; `.part`, fsync, rename, fsync the folder, before the commit that
names it; never changed afterwards. What a crash left before its commit is named when the same content comes again.
Nothing is removed because no row names it: the list may be a new one (an intake was set aside) while copies are read on.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localdb.durable import write_whole
from localdb.errors import HouseFault
from localdb.store.errors import StoreDamaged, translated

SUFFIX = ".blob"
_NONCE = 12
# One embedded file at most; a reader sets aside what is larger, with a reason (see `sources.limits`).
LARGEST = 256 * 1024 * 1024


class BlobRefused(HouseFault):
    """A reader named a content by another digest than its own, or one that is too large."""

    code = "blob.not_its_digest"
    next_step = "Keep the message that was set aside and tell the maker of Wardlamp."


class BlobStore:
    """The folder of sealed files. `key` 32 bytes, for names and seals by a key of its own each."""

    def __init__(self, folder: Path, key: bytes | bytearray) -> None:
        self.folder = folder
        self._names = hmac.new(key, b"wardlamp blob names v1", sha256).digest()
        self._seal = AESGCM(hmac.new(key, b"wardlamp blob seals v1", sha256).digest())

    def name_of(self, digest: str) -> str:
        """The file's name for a content's SHA-256 (hex)."""
        return hmac.new(self._names, digest.lower().encode(), sha256).hexdigest() + SUFFIX

    def put(self, digest: str, data: bytes) -> None:
        """Holds `data`, durable when it returns. A content that is held already is not written again.

        Raises blob.not_its_digest, blob.too_large, disk.*.
        """
        if len(data) > LARGEST:
            raise BlobRefused("An embedded file is larger than this copy holds.", code="blob.too_large")
        if sha256(data).hexdigest() != digest.lower():
            raise BlobRefused("An embedded file is not the one that was named.")
        name = self.name_of(digest)
        if (self.folder / name).is_file():
            return
        with translated():
            self.folder.mkdir(mode=0o700, exist_ok=True)
        nonce = os.urandom(_NONCE)
        write_whole(self.folder / name, nonce + self._seal.encrypt(nonce, data, name.encode()))

    def get(self, digest: str) -> bytes | None:
        """The content; None where this copy does not hold it. Raises vault.damaged where it does not verify."""
        name = self.name_of(digest)
        try:
            sealed = (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            raise StoreDamaged("An embedded file cannot be read.") from None
        try:
            data = self._seal.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise StoreDamaged("An embedded file does not verify.") from None
        if sha256(data).hexdigest() != digest.lower():
            raise StoreDamaged("An embedded file is not the one that its name stands for.")
        return data

    def remove(self, digest: str) -> None:
        """Forgets a content; that it is not held is no fault. Only for the owner of the intake."""
        with translated():
            (self.folder / self.name_of(digest)).unlink(missing_ok=True)
