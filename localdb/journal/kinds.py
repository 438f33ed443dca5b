"""The kinds of entry, their fields and what is refused (DESIGN D7).

The same models make the JSON Schema, the forms on screen and the check. Values are texts, kept to the letter: nothing
is trimmed, rounded or filled in. `happened` of a phoned result is when the call was taken (left out: when it was
written down); `collected` is the specimen's time and may be a bare date, since callers often know no more.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from localdb.journal.errors import refuse_entry
from localdb.journal.evaluations import Comparison, Evaluation, check_comparison, check_evaluation
from localdb.journal.images import FILLED, ImageMove, check_move
from localdb.journal.registrations import Identification, Registration, check_identification, check_registration
from localdb.records.moments import Moment, read_moment

_BLANK = r"\S"
Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=_BLANK)]
Remark = Annotated[str, Meta(max_length=2000)]
LongText = Annotated[str, Meta(min_length=1, max_length=200_000, pattern=_BLANK)]
Loinc = Annotated[str, Meta(pattern=r"^[0-9]{1,8}-[0-9]$", description="a LOINC code, such as 8867-4")]
Instant = Annotated[
    str, Meta(description="ISO 8601 date and time with offset", extra_json_schema={"format": "date-time"})
]
DayOrInstant = Annotated[str, Meta(description="ISO 8601 date and time with offset, or a date alone")]
TOLERANCE = timedelta(minutes=5)  # clocks of laptops and telephones differ; more is a slip of the finger


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A component, such as the systolic pressure; `unit` as text, "" where there is none."""

    code: Loinc
    value: Text
    unit: Remark = ""


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One observation: either `value` and `unit`, or `components`."""

    code: Loinc
    value: Text | None = None
    unit: Remark = ""
    components: Annotated[tuple[Part, ...], Meta(max_length=50)] = ()


class Observations(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A set of observations taken at one time."""

    happened: Instant
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=200)]


class Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who phoned: name, role and extension ("" where the caller gave none)."""

    name: Text
    role: Remark
    ext: Remark


class PhonedResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A result given by telephone and read back (CLINICAL §3.2)."""

    collected: DayOrInstant
    test: Text
    value: Text
    unit: Remark
    caller: Caller
    read_back: bool
    comparator: Literal["<", "<=", ">=", ">"] | None = None
    range: Remark | None = None
    flag: Remark | None = None
    told: Remark | None = None
    happened: Instant | None = None


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Free text as typed."""

    happened: Instant
    text: LongText


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request on paper: `kind` laboratory, imaging …; `phone` = where to phone the result."""

    happened: Instant
    kind: Text
    tests: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=100)]
    priority: Literal["routine", "urgent", "asap", "stat"]
    reason: Text
    phone: Text


RecordId = Annotated[str, Meta(pattern=r"^[A-Z][0-9A-Z]{13}$", description="the id of a record in this copy")]


class Closure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a request that was in flight ended, as the ward decided (CLINICAL §3.3, hazard H09).

    `requests` are the ids of the records of its line, the request first; `test` and `numbers` (order numbers) say what it
    was, so that the entry reads without the copy. `reopened` is the outcome of a correction that undoes a closing.
    """

    happened: Instant
    requests: Annotated[tuple[RecordId, ...], Meta(min_length=1, max_length=200)]
    outcome: Literal["resulted", "cancelled", "re-collected", "lost", "reopened"]
    test: Text
    numbers: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=50)] | None = None
    note: Remark | None = None


MODELS: dict[str, type[msgspec.Struct]] = {
    "observations": Observations,
    "phoned_result": PhonedResult,
    "note": Note,
    "request": Request,
    "closure": Closure,
    "registration": Registration,
    "identification": Identification,
    "image_move": ImageMove,
    "evaluation": Evaluation,
    "comparison": Comparison,
}
SCHEMA = 1  # the number kept with each entry; a changed model gets the next one and keeps reading the former


def model(kind: str) -> type[msgspec.Struct]:
    """The model of a kind. Raises entry.unknown_kind."""
    if kind not in MODELS:
        raise refuse_entry("entry.unknown_kind", "There is no such kind of entry.")
    return MODELS[kind]


def json_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) that `wardlamp enter KIND --schema` prints. Raises entry.unknown_kind."""
    schema = msgspec.json.schema(model(kind))
    defs = schema["$defs"]
    if kind == "phoned_result":
        defs["PhonedResult"]["properties"]["read_back"] = {"const": True}
    if kind == "image_move":
        for field in FILLED:  # no person gives them
            del defs["ImageMove"]["properties"][field]
        defs = schema["$defs"] = {"ImageMove": defs["ImageMove"]}
    if kind == "observations":
        defs["Item"]["oneOf"] = [{"required": ["value"]}, {"required": ["components"]}]
        defs["Item"]["properties"]["components"]["minItems"] = 1
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind, **schema}


def check(kind: str, body: dict[str, Any], now: datetime) -> tuple[dict[str, Any], Moment | None]:
    """The body as it will be kept, and when it happened (None: not said).

    Raises entry.unknown_kind, entry.no_read_back, entry.no_offset, entry.future, entry.invalid; the message names the
    field and never its content.
    """
    shape = model(kind)
    if not isinstance(body, dict):
        raise refuse_entry("entry.invalid", "An entry is one JSON object.")
    _refuse_unwritable(body, "")
    if kind == "phoned_result" and body.get("read_back") is not True:
        raise refuse_entry("entry.no_read_back", "A phoned result is taken only when it was read back to the caller.")
    try:
        typed = msgspec.convert(body, shape)
    except msgspec.ValidationError as error:
        raise refuse_entry("entry.invalid", _plainly(str(error))) from None
    if isinstance(typed, Observations):
        _refuse_mixed_items(typed)
    if isinstance(typed, Registration):
        check_registration(typed, now)
    if isinstance(typed, Identification):
        check_identification(typed)
    if isinstance(typed, ImageMove):
        check_move(typed)
    if isinstance(typed, Evaluation):
        check_evaluation(typed)
        for field, told in (("done", typed.done), ("phoned at", typed.phoned.at if typed.phoned else None)):
            if told is not None:
                _moment(field, told, now, is_date_enough=field == "done")
    if isinstance(typed, Comparison):
        check_comparison(typed)
    if isinstance(typed, PhonedResult):
        _moment("collected", typed.collected, now, is_date_enough=True)
    happened: str | None = getattr(typed, "happened", None)
    moment = None if happened is None else _moment("happened", happened, now, is_date_enough=False)
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(typed))
    return kept, moment


def _moment(field: str, text: str, now: datetime, *, is_date_enough: bool) -> Moment:
    moment = read_moment(text)
    if moment.instant is None:
        raise refuse_entry("entry.invalid", f"`{field}` is not a date and time that can be read.")
    if not moment.has_time and not (is_date_enough and moment.precision == "day"):
        raise refuse_entry("entry.invalid", f"`{field}` needs a date and a time.")
    if moment.has_time and moment.offset is None:
        raise refuse_entry("entry.no_offset", f"`{field}` needs its offset from UTC.")
    if moment.instant > now + TOLERANCE:
        raise refuse_entry("entry.future", f"`{field}` lies in the future of this laptop's clock.")
    return moment


def _refuse_mixed_items(typed: Observations) -> None:
    for place, item in enumerate(typed.items, 1):
        if (item.value is None) == (not item.components):
            raise refuse_entry("entry.invalid", f"`items` number {place} needs either `value` or `components`.")
        if item.components and item.unit:
            raise refuse_entry("entry.invalid", f"`items` number {place} has a `unit` beside its `components`.")


def _refuse_unwritable(value: Any, path: str) -> None:
    """Control characters and half surrogates print as nothing or break a page: refused where they stand."""
    if isinstance(value, str):
        if any((c < " " and c not in "\n\r\t") or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff" for c in value):
            raise refuse_entry("entry.invalid", f"`{path.strip('.')}` holds a character that cannot be written.")
    elif isinstance(value, dict):
        for key, part in value.items():
            _refuse_unwritable(part, f"{path}.{key}" if str(key).isidentifier() else path)
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value, 1):
            _refuse_unwritable(part, f"{path} number {place}")


# msgspec's wording (which may repeat what was typed) -> ours (which never does): `{}` is the field.
_WORDING: tuple[tuple[str, str], ...] = (
    (r"Object missing required field `(?P<name>\w+)`", "{} is missing."),
    (r"Object contains unknown field", "{} has a field that is not known here."),
    (r"Expected `str` of length >= 1", "{} is empty."),
    (r"Expected `str` matching regex '\\+S'", "{} is empty."),
    (r"Expected `str` matching regex '\^\[A-Z\]", "{} is not the id of a record."),
    (r"Expected `str` matching regex '\^\[!-", "{} is not a DICOM UID."),
    (r"Expected `str` matching regex", "{} is not a LOINC code."),
    (r"Expected `str` of length <=", "{} is too long."),
    (r"Expected `array` of length >= 1", "{} is empty."),
    (r"Expected `array` of length <=", "{} has too many parts."),
    (r"Expected `str", "{} must be text in quotation marks."),
    (r"Expected `array`", "{} must be a list."),
    (r"Expected `object`", "{} must be an object."),
    (r"Invalid enum value", "{} is none of the values that it may have."),
)


def _place(technical: str, name: str = "") -> str:
    """`` … - at `$.items[0].code` `` -> `` `items number 1 code` ``: places are counted from 1, as people do."""
    found = re.search(r" - at `\$([^`]*)`$", technical)
    path = re.sub(r"\[(\d+)\]", lambda m: f" number {int(m[1]) + 1}", found[1] if found else "")
    words = " ".join(filter(None, (path.replace("[...]", "").replace(".", " ").strip(), name)))
    return f"`{words}`" if words else "the entry"


def _plainly(technical: str) -> str:
    for pattern, words in _WORDING:
        found = re.match(pattern, technical)
        if found:
            said = words.format(_place(technical, found.groupdict().get("name", "")))
            return said[0].upper() + said[1:]
    return f"{_place(technical)} is not what this kind of entry needs there."
