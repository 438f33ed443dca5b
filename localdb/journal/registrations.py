"""The kinds `registration` and `identification`: somebody registered here during downtime, and who they proved to be
(CLINICAL §1.3, §6 F28, §7.3; hazard H20).

Rules: "Unknown Male" is no name; the birth date of somebody whose age was estimated is 1 January of that year, and says
so; the name under which a person was registered stays theirs: who they are found to be is an `identification`, by two
people who both matched, never a change of the name and never a merge.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from localdb.chart.views import Identity
from localdb.journal.errors import refuse_entry
from localdb.numbers.names import is_no_name
from localdb.numbers.temporary import NumberRefused, id_of_number, read_number, whole
from localdb.records.ids import nhs_number_is_sound, temporary_system
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import HumanName, Identifier

_Short = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
_Optional = Annotated[str, Meta(max_length=500)]
_Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
_Instant = Annotated[str, Meta(description="ISO 8601 date and time with offset",
                               extra_json_schema={"format": "date-time"})]  # fmt: skip
_Day = Annotated[str, Meta(description="ISO 8601 date", extra_json_schema={"format": "date"})]
_Number = Annotated[str, Meta(description="ODS code, seven digits, check character, as in RPH4830172W")]
OLDEST = 125  # years: nobody is older
GENDERS = {"male": "male", "female": "female", "indeterminate": "indeterminate", "not_known": "unknown"}


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class TemporaryName(_Strict, frozen=True):
    """As dealt with the number: FOXTROT, Whisky."""

    family: _Short
    given: _Short


class RealName(_Strict, frozen=True):
    """As the person, a relative or a document says."""

    family: _Short
    given: _Optional = ""
    title: _Optional = ""


class Kin(_Strict, frozen=True):
    """Next of kin."""

    name: _Short
    relationship: _Optional = ""
    phone: _Optional = ""


class Place(_Strict, frozen=True):
    """Where the person lies; `bed` "" where there is none yet."""

    ward: _Short
    bed: _Optional = ""


class Registration(_Strict, frozen=True):
    """Who came. `number` and `temporary_name` are dealt here where they are left out; they are given where they come from
    a sealed paper pack. Either `estimated_year` of birth, or `born` where the date is known. `real_name` needs `evidence`:
    the document that was seen, or who said it."""

    happened: _Instant
    sex: Literal["male", "female", "indeterminate", "not_known"]
    number: _Number | None = None
    temporary_name: TemporaryName | None = None
    estimated_year: Annotated[int, Meta(ge=1800, le=2999)] | None = None
    born: _Day | None = None
    real_name: RealName | None = None
    address: _Optional | None = None
    gp: _Optional | None = None
    next_of_kin: Kin | None = None
    evidence: _Text | None = None
    location: Place | None = None
    alerts: Annotated[tuple[_Text, ...], Meta(max_length=20)] | None = None


class Identification(_Strict, frozen=True):
    """Who a person registered here is now believed to be: their NHS number or hospital number, or both, matched by two
    people. `withdrawn` in a correction: they are not believed to be anybody any more."""

    happened: _Instant
    matched_by: Annotated[tuple[_Short, ...], Meta(min_length=2, max_length=2)]
    evidence: _Text
    number: _Number | None = None
    nhs: _Short | None = None
    mrn: _Short | None = None
    withdrawn: bool = False


def check_registration(typed: Registration, now: datetime) -> None:
    """Raises entry.invalid, entry.future; the message names the field and never its content."""
    if typed.number is not None:
        _sound(typed.number)
    if typed.temporary_name is not None:
        _somebody("temporary_name", typed.temporary_name.family, typed.temporary_name.given)
    if typed.real_name is not None:
        _somebody("real_name", typed.real_name.family, typed.real_name.given)
        if typed.evidence is None:
            raise refuse_entry("entry.invalid", "`real_name` needs `evidence`: the document seen, or who said it.")
    if (typed.estimated_year is None) == (typed.born is None):
        raise refuse_entry("entry.invalid", "Either `estimated_year` or `born` is needed.")
    if typed.estimated_year is not None:
        if typed.estimated_year > now.year:
            raise refuse_entry("entry.future", "`estimated_year` lies in the future of this laptop's clock.")
        if typed.estimated_year < now.year - OLDEST:
            raise refuse_entry("entry.invalid", f"`estimated_year` is more than {OLDEST} years ago.")
    else:
        _day_of_birth(str(typed.born), now)


def check_identification(typed: Identification) -> None:
    """Raises entry.invalid."""
    one, other = (" ".join(name.split()).casefold() for name in typed.matched_by)
    if one == other:
        raise refuse_entry("entry.invalid", "`matched_by` needs two different people.")
    if typed.number is not None:
        _sound(typed.number)
    if typed.withdrawn and (typed.nhs or typed.mrn):
        raise refuse_entry("entry.invalid", "A withdrawn identification names no number.")
    if not typed.withdrawn and not typed.nhs and not typed.mrn:
        raise refuse_entry("entry.invalid", "`nhs` or `mrn` is needed: who the person is believed to be.")
    if typed.nhs and not nhs_number_is_sound(typed.nhs.replace(" ", "")):
        raise refuse_entry("entry.invalid", "`nhs` is not an NHS number: a digit was misread.")


def _sound(number: str) -> None:
    try:
        sound = whole(read_number(number)) == number
    except NumberRefused:
        sound = False
    if not sound:
        raise refuse_entry("entry.invalid", "`number` is not a temporary number: a character was misread.")


def _somebody(field: str, *parts: str) -> None:
    if is_no_name(*parts):
        raise refuse_entry("entry.invalid", f"`{field}` names nobody: a temporary name is dealt with the number.")


def _day_of_birth(born: str, now: datetime) -> None:
    moment = read_moment(born)
    if moment.instant is None or moment.precision != "day":
        raise refuse_entry("entry.invalid", "`born` is not a whole date; where only the age is known, give"
                           " `estimated_year`.")  # fmt: skip
    if moment.instant > now:
        raise refuse_entry("entry.future", "`born` lies in the future of this laptop's clock.")
    if moment.instant.year < now.year - OLDEST:
        raise refuse_entry("entry.invalid", f"`born` is more than {OLDEST} years ago.")


def born_of(body: dict[str, Any]) -> Moment:
    """The date of birth that is shown: 1 January of an estimated year (CLINICAL §1.3)."""
    return (
        read_moment(str(body["born"])) if body.get("born") else read_moment(f"{int(body['estimated_year']):04d}-01-01")
    )


def name_of(body: dict[str, Any]) -> HumanName:
    """The name under which the person was registered: the real one where it was known then, else the temporary one."""
    if (real := body.get("real_name")) is not None:
        return HumanName(
            family=real["family"], given=tuple(filter(None, (real.get("given", ""),))),
            prefix=tuple(filter(None, (real.get("title", ""),))), use="official",
        )  # fmt: skip
    temporary = body["temporary_name"]
    return HumanName(family=temporary["family"], given=(temporary["given"],), use="temp")


def identifier_of(number: str) -> Identifier:
    """The temporary number as an identifier of type MR: what a laboratory files by."""
    return Identifier(system=temporary_system(read_number(number).prefix), value=number, type="MR", use="temp")


def identity_of_registration(body: dict[str, Any]) -> Identity:
    """What goes into every entry and onto every sheet of the person (D5)."""
    number = str(body["number"])
    patient = id_of_number(number)
    return Identity(
        patient=patient, ids=(patient,), name=name_of(body), born=born_of(body), gender=GENDERS[body["sex"]], mrn=number,
        identifiers=(identifier_of(number),), born_estimated="estimated_year" in body,
    )  # fmt: skip
