"""Journals between laptops (DESIGN §7, D5): append-only rows, signed and unique, so that the union is always right.

Rules: all of a file is taken or nothing; every row must follow from the one before it and bear its device's signature;
two laptops with one device code refuse, and so do two different rows with one number (a laptop restored from an old copy).
Rows of our own that we lost come back, if we wrote nothing else in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from localdb.durable import write_whole
from localdb.journal.documents import documents_in, documents_out
from localdb.journal.errors import ExchangeRefused, OwnChainForked, refuse_exchange
from localdb.journal.exchange_file import ChainSent, Sent, pack, unpack
from localdb.journal.log import Device, Log, Row, is_signed, row_hash
from localdb.journal.numbers import void_own, void_shared
from localdb.journal.projection import redraw
from localdb.store.errors import translated


class Exchanged(msgspec.Struct, frozen=True):
    """Rows that were sent, taken, known already, and refused, and the other laptop's code (`partner`)."""

    sent: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0
    partner: str = ""


def exchange_out(log: Log, file: Path, words: bytes | bytearray, kdf: str = "standard") -> Exchanged:
    """Writes every chain known here into a file sealed by `words` (0600). Raises vault.weak_secret, disk.full,
    disk.read_only, vault.missing (no such folder)."""
    with log.reading() as connection:
        connection.execute("begin")
        try:
            chains = tuple(ChainSent(d.code, d.public, d.vault, tuple(log.rows(d.code))) for d in log.devices())
        finally:
            connection.execute("rollback")
    sent = Sent(log.keys.device, log.keys.device_public_key, chains, documents_out(log))
    write_whole(file, pack(sent, words, log.keys, kdf))
    return Exchanged(sent=sum(len(chain.rows) for chain in chains))


def exchange_in(log: Log, file: Path, words: bytes | bytearray) -> Exchanged:
    """Takes the rows of a file that are not here yet; durable when it returns. Raises exchange.*, vault.missing.

    Where the file shows that another laptop writes under our code, nothing of it is taken, and our packs of temporary
    numbers are voided: both laptops could give the same ones (CLINICAL §7.3).
    """
    with translated():
        data = file.read_bytes()
    sent = unpack(data, words)
    try:
        return _take(log, sent)
    except OwnChainForked:
        with log.writing():
            void_own(log, "clone")
        raise


def _take(log: Log, sent: Sent) -> Exchanged:
    taken = known = 0
    with log.writing() as connection:
        for chain in sent.chains:
            new = _take_chain_or_own(log, connection, chain)
            taken += new
            known += len(chain.rows) - new
        _refuse_lost_end(log)
        if taken:
            redraw(log)
            void_shared(log)
        # Durable before the transaction ends, as `store.blobs` asks; bytes that no row names are not kept.
        documents_in(log, sent.documents)
        body = {"partner": sent.sender, "public": sent.public.hex(), "taken": taken, "known": known}
        log.append("exchange", body)
    return Exchanged(taken=taken, known=known, partner=sent.sender)


def _take_chain_or_own(log: Log, connection: Any, chain: ChainSent) -> int:
    """`_take_chain`; what is refused about our own chain is told apart."""
    try:
        return _take_chain(log, connection, chain)
    except ExchangeRefused as refused:
        is_ours = log.keys.device == chain.code or log.keys.device_public_key == chain.public
        if is_ours and refused.code in ("exchange.same_device", "exchange.forked"):
            raise OwnChainForked(refused.message, code=refused.code, next_step=refused.next_step) from None
        raise


def _take_chain(log: Log, connection: Any, chain: ChainSent) -> int:
    """How many of the chain's rows were new."""
    held = {device.code: device for device in log.devices()}
    device = held.get(chain.code)
    if device is None:
        if any(other.public == chain.public for other in held.values()):
            raise refuse_exchange("exchange.same_device", "One laptop is there under two device codes.")
        log.add_device(chain.code, chain.public, chain.vault)
        device = next(one for one in log.devices() if one.code == chain.code)
    elif (device.public, device.vault) != (chain.public, chain.vault):
        raise refuse_exchange("exchange.same_device", f"Two laptops have the device code {chain.code}.")
    own = dict(connection.execute("SELECT sequence, hash FROM log WHERE device = ?", (chain.code,)).fetchall())
    for row in chain.rows:
        if row.sequence in own and own[row.sequence] != row.hash:
            raise refuse_exchange("exchange.forked", f"Two different rows bear the number {chain.code}-{row.sequence}.")
    return _append(log, device, [row for row in chain.rows if row.sequence > device.sequence])


def _append(log: Log, device: Device, rows: Iterable[Row]) -> int:
    sequence, previous, count = device.sequence, device.hash, 0
    for row in rows:
        follows = row.device == device.code and row.sequence == sequence + 1 and row.previous == previous
        if not follows or row_hash(row) != row.hash or not is_signed(row, device.public):
            raise refuse_exchange("exchange.damaged", f"Row {device.code}-{row.sequence} in the file does not verify.")
        log.insert(row)
        sequence, previous, count = row.sequence, row.hash, count + 1
    return count


def _refuse_lost_end(log: Log) -> None:
    """Whether another laptop has seen more of our chain than there is: then numbers of ours would be given twice."""
    own = log.keys.device
    ours = {row.sequence: row.hash.hex() for row in log.rows(own)}
    for device in log.devices():
        if device.code == own:
            continue
        for row in log.rows(device.code):
            seen = msgspec.json.decode(row.heads, type=dict[str, tuple[int, str]]).get(own)
            if seen is not None and ours.get(seen[0]) != seen[1]:
                refused = refuse_exchange(
                    "exchange.forked", "This laptop was restored from an old copy: its end is missing."
                )
                raise OwnChainForked(refused.message, code=refused.code, next_step=refused.next_step)


__all__ = ["ExchangeRefused", "Exchanged", "exchange_in", "exchange_out"]
