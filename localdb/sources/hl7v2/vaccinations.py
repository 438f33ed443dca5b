"""VXU: vaccinations given, refused, taken over from elsewhere or deleted (CDC implementation guide for v2.5.1)."""

from __future__ import annotations

from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.grouping import code_of, entity
from localdb.sources.hl7v2.medicines import administration, prescriptions_of
from localdb.sources.hl7v2.message import Message
from localdb.sources.hl7v2.results import take_results

_NOTHING_GIVEN = frozenset({"998"})  # CVX: no vaccine administered; its OBX say why (immunity, contraindication)
_NO_NUMBER = frozenset({"9999", "99999"})  # what senders put where they have no number


def take_vaccinations(message: Message, at: MessageContext, told: Told) -> None:
    """One administration for each RXA, and every OBX as an observation."""
    used: set[str] = set()
    for one in prescriptions_of(message):
        for rxa, around in one.given:
            if rxa.text(5) in _NOTHING_GIVEN or not any(rxa.fields[3:]):
                continue
            number = next(
                (n for n in (entity(one.orc, 3), entity(one.orc, 2)) if n.split("^")[0] not in _NO_NUMBER), ""
            )
            key = number or f"{at.patient}|{code_of(rxa, 5)}|{rxa.text(3)}"
            if key in used:  # one number over several vaccines
                key = f"{key}|{code_of(rxa, 5)}|{rxa.text(3)}"
            stem, n = key, 1
            while key in used:
                n += 1
                key = f"{stem}#{n}"
            used.add(key)
            told.facts.append(at.fact(administration(rxa, around, "Immunization", number, at, key)))
    if message.first("OBX") is not None:
        take_results(message, at, told)
