"""Proves the log: every chain whole, every row signed, nothing drawn that the log does not say (DESIGN D5).

What it cannot see alone: the whole folder put back to an older state; the heads that other laptops keep tell that. A
journal that lost its end was noticed when it was opened (`witness`): its `loss` row stays a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from localdb.journal.kinds import MODELS
from localdb.journal.log import Device, Log, Row, genesis, is_signed, row_hash
from localdb.journal.projection import id_of
from localdb.store.errors import StoreDamaged
from localdb.store.opening import verify_pages


class Finding(msgspec.Struct, frozen=True):
    """What does not hold: `code` unreadable / gap / chain / hash / signature / head / loss / drawn, where, in words."""

    code: str
    device: str
    sequence: int
    words: str


class Verification(msgspec.Struct, frozen=True):
    """`ok` when there are no findings; `rows` = rows that were read, `devices` the end of each chain."""

    ok: bool
    findings: tuple[Finding, ...]
    rows: int
    devices: dict[str, int]


def verify(log: Log) -> Verification:
    """Checks pages, chains, signatures and projections. Never raises for damage: damage is a finding."""
    findings: list[Finding] = []
    ends: dict[str, int] = {}
    rows = 0
    try:
        with log.reading() as connection:
            verify_pages(connection)
        for device in log.devices():
            ends[device.code] = device.sequence
            checker = _Chain(device, findings)
            for row in log.rows(device.code):
                checker.take(row)
            checker.end()
            rows += checker.count
        for row in log.rows_of_kind("loss"):
            lost = row.content
            words = f"Rows {lost['held'] + 1} to {lost['seen']} were lost before this laptop became {row.device}."
            findings.append(Finding("loss", lost["device"], lost["held"] + 1, words))
        findings.extend(_drawn(log))
    except StoreDamaged:
        findings.append(
            Finding("unreadable", "", 0, "A page of the journal does not verify: it cannot be read to its end.")
        )
    return Verification(not findings, tuple(findings), rows, ends)


class _Chain:
    """Walks one device's chain."""

    def __init__(self, device: Device, findings: list[Finding]) -> None:
        self._device, self._findings = device, findings
        self._previous = genesis(device.vault, device.code, device.public)
        self._expected, self.count = 1, 0

    def _find(self, code: str, sequence: int, words: str) -> None:
        self._findings.append(Finding(code, self._device.code, sequence, words))

    def take(self, row: Row) -> None:
        self.count += 1
        if row.sequence != self._expected:
            self._find("gap", self._expected, "Rows are missing before the next number.")
        if row.previous != self._previous:
            self._find("chain", row.sequence, "The row does not follow from the one before it.")
        if row_hash(row) != row.hash:
            self._find("hash", row.sequence, "The row was changed after it was written.")
        if not is_signed(row, self._device.public):
            self._find("signature", row.sequence, "The row does not bear its device's signature.")
        self._expected, self._previous = row.sequence + 1, row.hash

    def end(self) -> None:
        if (self._expected - 1, self._previous) != (self._device.sequence, self._device.hash):
            self._find("head", self._device.sequence, "The end of the chain is not where it was.")


def _drawn(log: Log) -> Iterator[Finding]:
    """Whether entries and sheets as drawn are those of the log."""
    for device in log.devices():
        with log.reading() as connection:
            query = "SELECT id, sequence FROM entry WHERE device = ?"
            held = dict(connection.execute(query, (device.code,)).fetchall())
            query = "SELECT serial FROM sheet WHERE device = ?"
            serials = {values[0] for values in connection.execute(query, (device.code,))}
        for row in log.rows(device.code):
            if row.kind in MODELS and held.pop(id_of(device.public, row.sequence), None) != row.sequence:
                yield Finding("drawn", device.code, row.sequence, "An entry of the log is not shown.")
            if row.kind == "sheet" and row.content["event"] == "issued":
                if row.content["serial"] not in serials:
                    yield Finding("drawn", device.code, row.sequence, "A sheet of the log is not shown.")
                serials.discard(row.content["serial"])
        for sequence in held.values():
            yield Finding("drawn", device.code, sequence, "An entry is shown that the log does not have.")
        for _ in serials:
            yield Finding("drawn", device.code, 0, "A sheet is shown that the log does not have.")
