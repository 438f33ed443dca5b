"""Writing a move of images, and its correction: the only door to that kind (issue 8; hazard H01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localdb.chart.views import Identity
from localdb.journal.entries import Receipt, entry, to_correct, write_entry
from localdb.journal.errors import refuse_entry
from localdb.journal.images import IMAGE_MOVE, same_person
from localdb.journal.kinds import check
from localdb.journal.log import Log


def write_move(
    log: Log, identity: Identity, body: Mapping[str, Any], second: str, corrects: str | None = None
) -> Receipt:
    """Writes a move, or a correction of one; durable when it returns. `second` has proved who they are
    (`vault.unlocking.prove`).

    A correction leaves study, series and `from` as they are. Raises image.two_people, image.other_images, entry.*.
    """
    first = log.keys.staff
    if same_person(first, second):
        raise refuse_entry("image.two_people", "The second person must be somebody else.")
    if body.get("undone") and corrects is None:
        raise refuse_entry("entry.invalid", "Only a move that stands can be undone: correct it.")
    kept, happened = check(IMAGE_MOVE, {**body, "moved_by": [first, second]}, log.clock())
    with log.writing() as connection:
        target = None
        if corrects is not None:
            former = to_correct(log, IMAGE_MOVE, identity, corrects)
            if any(former.body.get(f) != kept.get(f) for f in ("study", "series", "from")):
                raise refuse_entry("image.other_images", "A correction is about the same images.")
            target = former.id
        return write_entry(log, connection, IMAGE_MOVE, identity, kept, happened, target)


def move_to_correct(log: Log, corrects: str) -> dict[str, Any]:
    """What a correction goes on from: the images of the move, whose they were, and as what they were shown.

    Raises entry.unknown, entry.other_kind.
    """
    former = entry(log, corrects)
    if former.kind != IMAGE_MOVE:
        raise refuse_entry("entry.other_kind", f"Entry {former.number} is of another kind.")
    left = ("happened", "reason", "undone", "moved_by", "upheld")
    return {name: value for name, value in former.body.items() if name not in left}
