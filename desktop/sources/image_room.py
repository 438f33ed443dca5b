"""What is held of images and the room they take, in words: of the window's sources, `imaging status`, `doctor`. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

from localdb.store.image_counts import Room

NEARLY_FULL = 0.9  # of the budget
WHY = {
    "image.let_go": "let go to stay within the budget",
    "image.not_by_rule": "not kept by the site\u2019s rules",
    "image.too_large": "too large for one image",
    "image.damaged": "damaged",
}
_KEPT = {"all": "all", "rules": "by the site\u2019s rules", "none": "no pixels"}


def size_words(count: int) -> str:
    """Bytes as people say them: `3.2 GB`, `40 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def room_words(room: Room) -> str:
    """`images 3.2 GB of 20.0 GB`."""
    return f"images {size_words(room.used)} of {size_words(room.budget)}"


def held_words(room: Room) -> str:
    """`5 of 8 images that came are held, of 2 studies`. What never came has no part in it: that each study says (H19)."""
    studies = f"{room.studies} {'study' if room.studies == 1 else 'studies'}"
    return f"{room.held} of {room.images} images that came are held, of {studies}"


def used_words(room: Room) -> str:
    """`1.0 GB of 2.0 GB used; kept: all`."""
    return f"{size_words(room.used)} of {size_words(room.budget)} used; kept: {_KEPT.get(room.keep, room.keep)}"


def unheld_words(room: Room) -> list[str]:
    """`3 let go to stay within the budget`, for each reason."""
    return [f"{n} {WHY.get(code, code)}" for code, n in room.unheld.items()]


def room_facts(room: Room | None, kinds: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Label and value, for a system that sends images (`kinds` of its records); `room` None: another machine reads it."""
    if "image" not in kinds or room is None:
        return ()
    used = used_words(room)
    if room.share >= NEARLY_FULL:
        used += "; nearly used up: the oldest will be let go"
    facts = [("Images here", held_words(room)), ("Room for images", used)]
    return (*facts, *((("Not held", ", ".join(unheld_words(room))),) if room.unheld else ()))
