"""The sealed bytes of the site's documents, which travel with the journal that names them (kind `plan`)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from localdb.journal.log import Log
from localdb.store.blobs import BlobStore
from localdb.store.errors import StoreDamaged

FOLDER, KIND = "plans", "plan"


def document_files(log: Log) -> BlobStore:
    """The folder of sealed documents beside the journal."""
    return BlobStore(log.folder / FOLDER, log.keys.blobs_key())


def named(log: Log) -> frozenset[str]:
    """The SHA-256 (hex) of every document that a row of the journal names."""
    return frozenset(str(row.content.get("sha256", "")) for row in log.rows_of_kind(KIND)) - {""}


def documents_out(log: Log) -> tuple[bytes, ...]:
    """The bytes that are held here. One that does not verify stays here: it must not travel."""
    files, found = document_files(log), []
    for digest in sorted(named(log)):
        with suppress(StoreDamaged):
            if (data := files.get(digest)) is not None:
                found.append(data)
    return tuple(found)


def documents_in(log: Log, documents: Iterable[bytes]) -> int:
    """Keeps those that a row names; returns how many. Raises disk.full, disk.read_only."""
    files, wanted, count = document_files(log), named(log), 0
    for data in documents:
        digest = sha256(data).hexdigest()
        if digest in wanted:
            files.put(digest, data)
            count += 1
    return count
