"""The kinds `evaluation` (form F09) and `comparison`: what the ward saw in an image before the formal report, and whether
the formal report agreed (CLINICAL §4.2, §6 F09).

Rules: an evaluation is provisional and never a report; it names its examination by study, accession number or records of
this copy, or in words alone (a film); what differs from the formal report is said in words and stays.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from localdb.journal.errors import refuse_entry
from localdb.journal.images import Uid

EVALUATION, COMPARISON = "evaluation", "comparison"
_Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
_Long = Annotated[str, Meta(min_length=1, max_length=200_000, pattern=r"\S")]
_Remark = Annotated[str, Meta(max_length=2000)]
_Instant = Annotated[str, Meta(description="ISO 8601 date and time with offset",
                               extra_json_schema={"format": "date-time"})]  # fmt: skip
_DayOrInstant = Annotated[str, Meta(description="ISO 8601 date and time with offset, or a date alone")]
_Record = Annotated[str, Meta(pattern=r"^[A-Z][0-9A-Z]{13}$", description="the id of a record in this copy")]
Display = Literal["review", "diagnostic", "film", "other"]
DISPLAYS: dict[str, str] = {
    "review": "this laptop, a review display", "diagnostic": "diagnostic workstation", "film": "film", "other": "other",
}  # fmt: skip


class Phoned(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who was told by telephone, and when."""

    to: _Text
    at: _Instant


class Evaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A provisional reading. `happened` when the images were looked at; `examination` its name and side as shown; `done`
    when it was made; `study` (Study Instance UID), `accession` and `records` (ids of report, study, request) say which
    one it is; `seen_on` the display, `device` which one; `awaited` = a formal report is still to come."""

    happened: _Instant
    examination: _Text
    seen_on: Display
    findings: _Long
    study: Uid | None = None
    accession: _Remark | None = None
    records: Annotated[tuple[_Record, ...], Meta(max_length=20)] | None = None
    done: _DayOrInstant | None = None
    device: _Remark | None = None
    action: _Remark | None = None
    role: _Remark | None = None
    phoned: Phoned | None = None
    awaited: bool = True


class Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An `evaluation` (its id) beside the formal report that came: it `agrees` or `differs`, and then `words` say in what
    and what was done; `told` who was told. `report` the record, `examination` and `reported` (when) so that the entry
    reads without the copy."""

    happened: _Instant
    evaluation: _Record
    outcome: Literal["agrees", "differs"]
    report: _Record | None = None
    examination: _Remark | None = None
    reported: _Remark | None = None
    words: _Text | None = None
    told: _Remark | None = None


def check_evaluation(typed: Evaluation) -> None:
    """Raises entry.invalid."""
    if typed.seen_on == "other" and not (typed.device or "").strip():
        raise refuse_entry("entry.invalid", "`device` is missing: say on which other display it was seen.")


def check_comparison(typed: Comparison) -> None:
    """Raises entry.invalid."""
    if typed.outcome == "differs" and typed.words is None:
        raise refuse_entry("entry.invalid", "`words` is missing: say in what the formal report differs.")
