"""Registering somebody, and saying who they proved to be (CLINICAL §1.3, §6 F28; hazard H20).

Rules: number, name and entry are written in one transaction; a number is one person's for ever; one that another laptop's
pack holds is refused, one from a sealed paper pack is taken with the name beside it. A correction leaves number and
name as they are. An identification joins nothing: two records stay two.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.chart.views import Entry, Identity
from localdb.journal.entries import Receipt, of_kinds, to_correct, write_entry
from localdb.journal.errors import refuse_entry, refuse_number
from localdb.journal.kinds import check
from localdb.journal.log import Log
from localdb.journal.numbers import burn_within, burnt_here, in_any_pack, registered_numbers, spoiled_here
from localdb.journal.registrations import identity_of_registration
from localdb.numbers.temporary import NumberRefused, id_of_number, read_number, whole

REGISTRATION, IDENTIFICATION = "registration", "identification"


class Registered(msgspec.Struct, frozen=True):
    """Proof that somebody is registered: the entry, their id, number and name; `is_name_again` where somebody else may
    bear the temporary name, so that the number alone tells them apart."""

    entry: str
    number: str
    written: Any
    patient: str
    temporary_number: str
    family: str
    given: str
    is_name_again: bool = False


def register(log: Log, body: dict[str, Any], corrects: str | None = None) -> Registered:
    """Registers somebody, or corrects a registration; on disk when it returns. Where no `number` is given, the next one is
    burnt for it.

    Raises numbers.* (none, exhausted, voided, used, not_yours, spoiled, no_name, name_differs), entry.*, disk.*.
    """
    kept, happened = check(REGISTRATION, _tidied(body), log.clock())
    with log.writing() as connection:
        if corrects is not None:
            former = _former(log, corrects, kept)
            kept = _as_registered(former, kept)
            target = to_correct(log, REGISTRATION, identity_of_registration(kept), former.id).id
            again = False
        else:
            kept, again = _numbered(log, kept)
            target = None
        identity = identity_of_registration(kept)
        receipt = write_entry(log, connection, REGISTRATION, identity, kept, happened, target)
    return _registered(receipt, identity, again)


def _registered(receipt: Receipt, identity: Identity, again: bool) -> Registered:
    name = identity.name
    return Registered(
        receipt.entry, receipt.number, receipt.written, identity.patient, str(identity.mrn), name.family,
        " ".join(name.given), again,
    )  # fmt: skip


def _tidied(body: dict[str, Any]) -> dict[str, Any]:
    """The number as typed may have spaces or small letters."""
    number = body.get("number")
    if not isinstance(number, str):
        return body
    try:
        return {**body, "number": whole(read_number(number))}
    except NumberRefused:
        return body  # the check of the body refuses it, and names the field


def _numbered(log: Log, kept: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The body with its number and name, and whether the name was dealt before."""
    number, given = kept.get("number"), kept.get("temporary_name")
    if number is None:
        if given is not None:
            raise refuse_number("numbers.no_number", "A temporary name is dealt with its number.")
        burnt = burn_within(log)
        name = {"family": burnt.name.family, "given": burnt.name.given}
        return {**kept, "number": burnt.number, "temporary_name": name}, burnt.name.again
    if number in registered_numbers(log):
        raise refuse_number("numbers.used", "Somebody is registered under that number.")
    dealt = burnt_here(log).get(number)
    if dealt is not None:
        if number in spoiled_here(log):
            raise refuse_number("numbers.spoiled", "That number was spoiled.")
        name = {"family": dealt.family, "given": dealt.given}
        if given not in (None, name):
            raise refuse_number("numbers.name_differs", "The temporary name is not the one dealt with that number.")
        return {**kept, "temporary_name": name}, dealt.again
    if in_any_pack(log, number):
        raise refuse_number("numbers.not_yours", "That number belongs to the pack of a laptop and was not dealt here.")
    if given is None:
        raise refuse_number("numbers.no_name", "A number of a paper pack comes with a temporary name.")
    return kept, False


def _former(log: Log, corrects: str, kept: dict[str, Any]) -> Entry:
    """The registration that is corrected, by its id or number."""
    wanted = corrects.strip().upper()
    for entry in of_kinds(log, (REGISTRATION,)):
        if wanted in (entry.id, entry.number):
            return entry
    raise refuse_entry("entry.unknown", "There is no such registration in this journal.")


def _as_registered(former: Entry, kept: dict[str, Any]) -> dict[str, Any]:
    """The corrected body under the number and name of the first: who they are found to be is another entry."""
    body = former.body
    for field in ("number", "temporary_name"):
        if kept.get(field) not in (None, body[field]):
            raise refuse_number("numbers.name_differs", "A correction leaves number and temporary name as they are.")
    if bool(kept.get("real_name")) != bool(body.get("real_name")):
        raise refuse_entry("registration.kept", "A correction gives nobody another name.")
    return {**kept, "number": body["number"], "temporary_name": body["temporary_name"]}


def identify(log: Log, body: dict[str, Any], number: str, corrects: str | None = None) -> Receipt:
    """Says who a person registered here is now believed to be, or corrects that; on disk when it returns.

    Raises registration.unknown, entry.*, disk.*.
    """
    given = _tidied(body)
    if given.get("number") not in (None, number):
        raise refuse_entry("entry.other_patient", "`number` is another person's.")
    kept, happened = check(IDENTIFICATION, {**given, "number": number}, log.clock())
    if kept.get("withdrawn") and corrects is None:
        raise refuse_entry("entry.invalid", "Only an identification that stands can be withdrawn: correct it.")
    with log.writing() as connection:
        found = [e for e in of_kinds(log, (REGISTRATION,)) if e.body["number"] == number and e.corrected_by is None]
        if not found or found[0].identity is None:
            raise refuse_entry("registration.unknown", "Nobody is registered here under that number.")
        identity = found[-1].identity
        assert identity is not None
        target = None if corrects is None else to_correct(log, IDENTIFICATION, identity, corrects).id
        return write_entry(log, connection, IDENTIFICATION, identity, kept, happened, target)


def number_of_patient(log: Log, patient: str) -> str | None:
    """The temporary number of a person registered here, by id; None where nobody is."""
    return next((n for n in registered_numbers(log) if id_of_number(n) == patient), None)
