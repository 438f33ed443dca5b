"""Restoration: what the ward wrote goes back to the hospital, once each, until the certificate (DESIGN §8, D8).

    plan(ledger, target)             what would be sent; changes nothing
    send(ledger, target, progress)   sends; goes on from wherever it stood
    status(ledger)                   where everything stands
    decide(ledger, entry, decision, who)
    certificate(ledger, sheets, at=…, staff=…)

`Target(url, token_file)` is the hospital's FHIR R4 server; the journal implements `Ledger`.
"""

from localdb.restore.certificate import Sheet, certificate
from localdb.restore.decide import decide
from localdb.restore.deliver import send
from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.plan import plan
from localdb.restore.summary import EntryState, Summary, status
from localdb.restore.target import Target

__all__ = [
    "Delivery",
    "EntryState",
    "Ledger",
    "Sheet",
    "Summary",
    "Target",
    "certificate",
    "decide",
    "plan",
    "send",
    "status",
]
