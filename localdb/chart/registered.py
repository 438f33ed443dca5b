"""Who was registered here during downtime, as the chart, the search and the census know them: drawn from entries. Pure.

Rules (CLINICAL §1.3, §7.3; hazard H20): the person stands in no copy, so every list is unavailable and says so; the
name is the one under which they were registered; who they are believed to be is said beside it and joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from localdb.chart.matching import normalised as fold
from localdb.chart.views import Entry, PatientView
from localdb.chart.wording import clean, display_name, instant_text, nhs_number
from localdb.records.ids import is_temporary_system
from localdb.records.vocabulary import Contact, Identifier

REGISTERED = "registered"  # the scope of such a person, beside whole and thin (DESIGN §4)
KINDS = ("registration", "identification")
SOURCE = "wardlamp"
REASON = "Registered here, in no copy"  # where there is room for a few words, as on the board
NOT_IN_ANY_COPY = "Registered here during downtime, not in any copy."
ASK = "Not recorded here: ask the patient or carer."
_DIGITS = "urn:wardlamp:temporary-digits"


def registered_people(entries: Iterable[Entry], *, letters: bool = True) -> tuple[PatientView, ...]:
    """One view for each temporary number, from the newest registration of each; `letters` False: the seven digits stand
    as hospital number, for systems that take no letters (CLINICAL §7.3)."""
    held = sorted(entries, key=lambda e: (e.written.utc or 0, e.device, e.sequence))
    standing: dict[str, list[Entry]] = {}
    believed: dict[str, list[Entry]] = {}
    for entry in held:
        if entry.identity is None or entry.corrected_by is not None:
            continue
        if entry.kind == "registration":
            standing.setdefault(entry.identity.patient, []).append(entry)
        elif entry.kind == "identification":
            believed.setdefault(entry.identity.patient, []).append(entry)
    return tuple(_view(found, believed.get(person, ()), letters) for person, found in standing.items())


def _view(found: Sequence[Entry], believed: Sequence[Entry], letters: bool) -> PatientView:
    entry = found[0]  # the first of several laptops: the others are named beside it
    identity, body = entry.identity, entry.body
    assert identity is not None
    place: Mapping[str, Any] = body.get("location") or {}
    kin: Mapping[str, Any] = body.get("next_of_kin") or {}
    contacts = (
        (Contact(name=kin["name"], relationship=kin.get("relationship", ""),
                 phones=tuple(filter(None, (kin.get("phone", ""),)))),) if kin else ()
    )  # fmt: skip
    number = str(body["number"])
    digits = number[-8:-1]
    identifiers = identity.identifiers if letters else (*identity.identifiers, Identifier(_DIGITS, digits, "MR"))
    return PatientView(
        id=identity.patient, ids=(identity.patient,), name=identity.name, names=(identity.name,),
        identifiers=identifiers, mrn=number if letters else digits, born=identity.born,
        born_estimated="estimated_year" in body, gender=identity.gender, address=str(body.get("address") or ""),
        practitioner=str(body.get("gp") or ""), contacts=contacts, ward=str(place.get("ward") or ""),
        bed=str(place.get("bed") or ""), reason=REASON, admitted=entry.happened, scope=REGISTERED,
        sources=(SOURCE,), notes=notes_of(found, believed),
    )  # fmt: skip


def notes_of(found: Sequence[Entry], believed: Sequence[Entry]) -> tuple[str, ...]:
    """What must be read with the name, most urgent first."""
    said = []
    if len(found) > 1:
        numbers = ", ".join(e.number for e in found)
        said.append(f"REGISTERED MORE THAN ONCE under this number ({numbers}): check that it is one person.")
    said += [f"Now believed to be {words}." for e in believed if (words := believed_words(e))]
    entry = found[0]
    said.append(f"{NOT_IN_ANY_COPY} By {entry.staff}, {_when(entry)}.")
    real, temporary = entry.body.get("real_name"), entry.body.get("temporary_name") or {}
    if real:
        name = f"{temporary.get('family', '').upper()}, {temporary.get('given', '')}"
        said.append(f"Registered under the name that was given; the number was dealt with {name}.")
    said += [f"{clean(str(text))} (as typed at registration)" for text in entry.body.get("alerts") or ()]
    return tuple(said)


def believed_words(entry: Entry) -> str:
    """`NHS No. 999 000 0018, hospital number H204 (matched by A and B, 24-Nov-2026 05:10)`; empty for one that was
    withdrawn."""
    body = entry.body
    numbers = [f"NHS No. {nhs_number(body['nhs'])}"] if body.get("nhs") else []
    numbers += [f"hospital number {clean(str(body['mrn']))}"] if body.get("mrn") else []
    if not numbers or body.get("withdrawn"):
        return ""
    who = " and ".join(clean(str(name)) for name in body.get("matched_by", ()))
    return f"{', '.join(numbers)} (matched by {who}, {_when(entry)}; two records, not merged)"


def temporary_numbers(view: PatientView) -> frozenset[str]:
    """The temporary numbers of somebody registered here, whole, without grouping."""
    return frozenset(_glued(i.value) for i in view.identifiers if is_temporary_system(i.system))


def came_under(registered: PatientView, held: PatientView) -> bool:
    """Whether a patient of the copy is what other systems filed under the temporary number of somebody registered here.

    Rule (D2; hazard H01): it bears that number whole, to the letter, and no other number; another family name **and**
    another birth date join nothing. Names never make the join: the number was dealt once, with a check character. The
    seven digits alone, for systems that take no letters, have none: they join only with the birth date to the letter and
    the family name (as hospital numbers do, `store.identity` rule 3).
    """
    numbers = {_glued(i.value) for i in held.identifiers if i.value}
    if not numbers:
        return False
    if numbers <= temporary_numbers(registered):
        return not _contradicts(registered, held)
    digits = {_glued(i.value) for i in registered.identifiers if i.system == _DIGITS}
    same_birth = bool(registered.born and held.born and registered.born.text == held.born.text)
    return numbers <= digits and same_birth and bool(_families(registered) & _families(held))


def _contradicts(one: PatientView, other: PatientView) -> bool:
    if one.born is None or other.born is None or one.born.utc is None or other.born.utc is None:
        return False
    digits = min(len(one.born.text), len(other.born.text), 10)
    return one.born.text[:digits] != other.born.text[:digits] and not _families(one) & _families(other)


def _families(view: PatientView) -> set[str]:
    return {fold(n.family or n.text) for n in (view.name, *view.names)} - {""}


def _glued(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).upper()


def with_what_came(registered: PatientView, held: Sequence[PatientView]) -> PatientView:
    """Somebody registered here, with the ids and sources of what came under their number, and a word about it."""
    if not held:
        return registered
    told = []
    for one in held:
        other = "" if _families(one) <= _families(registered) else (
            f", under the name {display_name(one.name)}: check that it is this patient")  # fmt: skip
        told.append(f"What {', '.join(one.sources) or 'a source'} has under this number stands in this chart{other}.")
    return replace(
        registered, ids=tuple(dict.fromkeys((*registered.ids, *(i for one in held for i in (one.id, *one.ids))))),
        sources=tuple(dict.fromkeys((*registered.sources, *(s for one in held for s in one.sources)))),
        notes=(*registered.notes, *dict.fromkeys(told)),
    )  # fmt: skip


def _when(entry: Entry) -> str:
    instant = (entry.happened or entry.written).instant
    return instant_text(instant) if instant else "at a time not known"


def believed_to_be(view: PatientView, entries: Iterable[Entry], people: Iterable[PatientView]) -> PatientView:
    """A person of the copy with a note for each registered one who is believed to be them."""
    numbers = {i.value.replace(" ", "") for i in view.identifiers} | {view.nhs or "", view.mrn or ""}
    by_id = {person.id: person for person in people}
    said = []
    for entry in entries:
        if entry.kind != "identification" or entry.corrected_by is not None or entry.identity is None:
            continue
        named = {str(entry.body.get(k) or "").replace(" ", "") for k in ("nhs", "mrn")} - {""}
        other = by_id.get(entry.identity.patient)
        if other is None or entry.body.get("withdrawn") or not named & numbers:
            continue
        who = f"{display_name(other.name)}, number {entry.body['number']}"
        staff = " and ".join(clean(str(name)) for name in entry.body.get("matched_by", ()))
        said.append(f"{who}, registered here during downtime, is believed to be this patient (matched by {staff},"
                    f" {_when(entry)}): look at both records, they are not merged.")  # fmt: skip
    return replace(view, notes=tuple(said)) if said else view


def entry_words(entry: Entry) -> tuple[str, str]:
    """(head, the rest) of a registration or identification, as it stands in the record and on paper."""
    body = entry.body
    if entry.kind == "identification":
        return "Now believed to be", believed_words(entry) or "nobody any more: withdrawn"
    temporary: Mapping[str, Any] = body.get("temporary_name") or {}
    name = f"{str(temporary.get('family', '')).upper()}, {temporary.get('given', '')}"
    real: Mapping[str, Any] = body.get("real_name") or {}
    place: Mapping[str, Any] = body.get("location") or {}
    kin: Mapping[str, Any] = body.get("next_of_kin") or {}
    born = f"born {body['born']}" if body.get("born") else f"born about {body.get('estimated_year', '')} (estimated)"
    given = " ".join(filter(None, (real.get("title", ""), real.get("given", ""), real.get("family", ""))))
    said = [
        SEXES.get(str(body.get("sex")), ""), born,
        f"name given: {given}" if given else "",
        ", ".join(filter(None, (place.get("ward", ""), f"bed {place['bed']}" if place.get("bed") else ""))),
        *(f"{word} {body[key]}" for key, word in (("address", "address"), ("gp", "GP"), ("evidence", "evidence:"))
          if body.get(key)),
        ", ".join(filter(None, ("next of kin " + kin["name"], kin.get("relationship", ""), kin.get("phone", ""))))
        if kin else "",
        *(str(text) for text in body.get("alerts") or ()),
    ]  # fmt: skip
    return f"Registered as {name}, {body.get('number', '')}", "; ".join(clean(str(x)) for x in said if x)


SEXES = {"male": "Male", "female": "Female", "indeterminate": "Indeterminate", "not_known": "Sex not known"}
