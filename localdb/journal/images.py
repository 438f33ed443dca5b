"""The kind `image_move`: images that came under a temporary or wrong number, moved to whose they are by two people
(issue 8, DESIGN D2, CLINICAL §1.3; hazard H01).

Rules: the second person proves who they are with their own secret, so no body names them and no other door writes this
kind; what was shown of whom the images came under stands in the entry, so that it reads without the copy; a move is
undone by a correction, again by two; nothing in the intake changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from localdb.chart.views import Identity
from localdb.journal.errors import refuse_entry

IMAGE_MOVE = "image_move"
_Short = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
_Optional = Annotated[str, Meta(max_length=500)]
_Text = Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
_Instant = Annotated[str, Meta(description="ISO 8601 date and time with offset",
                               extra_json_schema={"format": "date-time"})]  # fmt: skip
_Patient = Annotated[str, Meta(pattern=r"^[A-Z][0-9A-Z]{13}$", description="the id of a patient")]
# Digits and dots are the rule (PS3.5 §9); some de-identifying programs send letters, and their studies are taken too.
Uid = Annotated[str, Meta(pattern=r"^[!-\[\]-~]+$", max_length=64, description="a DICOM UID (PS3.5 §9)")]
FILLED = ("shown", "examination", "accession", "done", "modality", "moved_by", "upheld")
"""What the program fills in from the copy and from who proved themselves; a body that brings it is refused."""


class ImageMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A study, or chosen `series` of it (left out: all), that stood under the patient `from` and is of whom the entry is
    for. Given by people: `happened`, `study`, `from`, `series`, `reason`; in a correction `undone`: the images are given
    back. Filled in: `shown` the identity of `from` as it was shown, `examination`, `accession`, `done`, `modality` as the
    copy said, `moved_by` the two people, `upheld` patients under whom a source has the same study too and from whom two
    people kept it nevertheless."""

    happened: _Instant
    study: Uid
    origin: _Patient = msgspec.field(name="from")
    reason: _Text
    series: Annotated[tuple[Uid, ...], Meta(min_length=1, max_length=1000)] | None = None
    undone: bool = False
    shown: Identity | None = None
    examination: _Optional | None = None
    accession: _Optional | None = None
    done: _Optional | None = None
    modality: _Optional | None = None
    moved_by: Annotated[tuple[_Short, ...], Meta(min_length=2, max_length=2)] | None = None
    upheld: Annotated[tuple[_Patient, ...], Meta(max_length=50)] | None = None


def check_move(typed: ImageMove) -> None:
    """Raises entry.invalid; image.two_people where it does not name two."""
    if typed.series is not None and len(set(typed.series)) != len(typed.series):
        raise refuse_entry("entry.invalid", "`series` names one series twice.")
    if typed.moved_by is None or same_person(*typed.moved_by):
        raise refuse_entry("image.two_people", "Images are moved by two people.")
    if typed.shown is None:
        raise refuse_entry("entry.invalid", "`shown` is missing.")


def same_person(one: str, other: str) -> bool:
    """Whether two names of staff are one, however they are spaced or written large."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def refuse_filled(body: Mapping[str, Any]) -> None:
    """A body as people give it. Raises entry.invalid."""
    for field in FILLED:
        if field in body:
            raise refuse_entry("entry.invalid", f"`{field}` is filled in by the program, from the copy.")
