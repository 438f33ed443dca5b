"""Errors of the store.

EnvironmentFault
├── StoreDamaged    vault.damaged     the bytes do not verify; the file is set aside, never deleted
├── StoreMissing    vault.missing     the file is not there
├── StoreNewer      vault.newer       written by a newer program; never altered
├── DiskFull        disk.full
├── DiskReadOnly    disk.read_only
└── StoreBusy       store.busy        another process owns the intake
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlcipher3 import dbapi2

from localdb.errors import EnvironmentFault


class StoreDamaged(EnvironmentFault):
    """The bytes do not verify under their key."""

    code = "vault.damaged"
    next_step = "Keep the laptop as it is: the last good generation opens. Ask IT for a fresh copy."


class StoreMissing(EnvironmentFault):
    """A file of the vault is not there."""

    code = "vault.missing"
    next_step = "Check the folder given with --vault, or make a vault with `wardlamp init`."


class StoreNewer(EnvironmentFault):
    """Written by a newer Wardlamp; refused and left as it is."""

    code = "vault.newer"
    next_step = "Update Wardlamp on this laptop; nothing in the vault was changed."


class DiskFull(EnvironmentFault):
    """The disk took no more bytes."""

    code = "disk.full"
    next_step = "Free space on this disk; what was acknowledged before is safe."


class DiskReadOnly(EnvironmentFault):
    """The disk or folder takes no writes."""

    code = "disk.read_only"
    next_step = "Ask IT to make the vault's folder writable; reading goes on."


class DiskFailing(EnvironmentFault):
    """The disk itself reports an error."""

    code = "disk.failing"
    next_step = "Copy nothing away by hand: ask IT to look at this disk now, and use another laptop."


class StoreBusy(EnvironmentFault):
    """Another process holds the lock that is needed."""

    code = "store.busy"
    next_step = "Wait until the other fill or feed has ended, then try again."


def translate(error: BaseException) -> BaseException:
    """The error of ours that a driver's or system's error stands for; the error itself where it is a bug of ours.

    SQL text and values never reach our message.
    """
    if isinstance(error, dbapi2.Error):
        text = str(error)
        if "disk is full" in text:
            return DiskFull("The disk is full.")
        if "readonly" in text or "read-only" in text:
            return DiskReadOnly("The disk takes no writes.")
        # A page that does not verify under a virtual table ends as a bare DatabaseError of its constructor.
        unverified = ("malformed", "not a database", "disk I/O error")
        if type(error) is dbapi2.DatabaseError or any(words in text for words in unverified):
            return StoreDamaged("A file of the vault does not verify.")
        if "disk I/O error" in text:
            return DiskFailing("The disk does not read or write.")
        if "unable to open" in text:
            return StoreMissing("A file of the vault cannot be opened.")
        if "locked" in text or "busy" in text:
            return StoreBusy("The store is in use.")
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFull("The disk is full.")
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return DiskReadOnly("The disk takes no writes.")
        if error.errno == errno.ENOENT:
            return StoreMissing("A file of the vault is not there.")
    return error


@contextmanager
def translated() -> Iterator[None]:
    """Raises our error in place of the driver's or the system's."""
    try:
        yield
    except (dbapi2.Error, OSError) as error:
        ours = translate(error)
        if ours is error:
            raise
        raise ours from None
