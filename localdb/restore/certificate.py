"""The closing certificate as plain data (pure); the forms draw it, the command writes it as JSON (DESIGN §1.6, H25).

It always says how far things are: `balanced` only when every entry is confirmed and every sheet that was issued is
entered, scanned or void. Nothing is left out: each entry is named, each open entry and sheet is named again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from localdb.records.moments import Moment
from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.queue import in_order
from localdb.restore.states import STATES
from localdb.restore.summary import why

#: State of a sheet → what it counts as; any other state is open.
_SHEETS = {"entered": "entered", "scanned": "scanned", "void": "void", "spoiled": "void"}


class Sheet(msgspec.Struct, frozen=True):
    """One issued sheet: its serial, form and last state in the journal."""

    serial: str
    form: str
    state: str


def certificate(
    ledger: Ledger,
    sheets: Iterable[Sheet],
    *,
    at: Moment,
    staff: str,
    site: str = "",
    target: str = "",
    missing: Iterable[str] = (),
) -> dict[str, Any]:
    """The certificate as of `at`, asked for by `staff`. Holds ids, numbers, states and times; no patient data.

    `missing` = sheet numbers that no laptop accounts for (gaps in a device's sequence, D9): open until explained.
    """
    deliveries = ledger.deliveries()
    places = in_order(ledger.entries())
    records = [(p.entry, deliveries.get(p.entry.id) or Delivery()) for p in places]
    counts = Counter(delivery.state for _, delivery in records)
    entries = [
        {
            "id": entry.id,
            "number": entry.number,
            "kind": entry.kind,
            "written": entry.written.as_json(),
            "staff": entry.staff,
            "corrects": entry.corrects,
            "state": delivery.state,
            "reason": why(delivery),
            "resources": list(delivery.resources),
            "attempts": delivery.attempts,
            "decision": delivery.decision,
        }
        for entry, delivery in records
    ]
    paper = _paper(list(sheets), list(missing))
    unconfirmed = [entry.id for entry, delivery in records if delivery.state != "confirmed"]
    sums = sum(counts[state] for state in STATES) == len(records)
    return {
        "certificate": "wardlamp.restoration",
        "version": 1,
        "at": at.as_json(),
        "staff": staff,
        "site": site,
        "target": target or next((d.target for _, d in records if d.target), ""),
        "balanced": sums and not unconfirmed and not paper["open"] and not paper["missing"],
        **{state: counts[state] for state in STATES},
        "total": len(records),
        "entries": entries,
        "sheets": paper,
        "open": {"entries": unconfirmed, "sheets": paper["open"], "missing": paper["missing"]},
    }


def _paper(sheets: list[Sheet], missing: list[str]) -> dict[str, Any]:
    counts = Counter(_SHEETS.get(sheet.state, "open") for sheet in sheets)
    return {
        "issued": len(sheets),
        "entered": counts["entered"],
        "scanned": counts["scanned"],
        "void": counts["void"],
        "missing": missing,
        "open": [{"serial": s.serial, "form": s.form, "state": s.state} for s in sheets if s.state not in _SHEETS],
    }
