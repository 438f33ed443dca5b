"""imaging status: what is held of images, within which room, and what was let go."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from desktop.cli.answer import plain
from desktop.cli.session import house_of, say
from localdb.sources.feed.settings import read_imaging
from localdb.store.image_counts import Room

WHY = {
    "image.let_go": "let go to stay within the budget",
    "image.not_by_rule": "not kept by the site's rules",
    "image.too_large": "too large for one image",
    "image.damaged": "damaged",
}


def add_status(group: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds `imaging status` to the group of `desktop.cli.imaging`."""
    group("status", "what is held of images, within which room, and what was let go", _status)


def _status(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        room, wanted = house.image_room(), read_imaging(house.site["imaging"])
    if room is None:
        answer = {"reads_sources": False, **plain(Room())}
        return say(args, answer, "This laptop reads no sources itself: what it holds of images came with its copy.")
    is_applied = (room.keep, room.budget) == (wanted.keep, wanted.budget)
    lines = words(room)
    if not is_applied:
        lines.append("Other settings were taken since: they count from the next cut or fill.")
    return say(args, {"reads_sources": True, "is_applied": is_applied, **plain(room)}, "\n".join(lines))


def size_words(count: int) -> str:
    """Bytes as people say them: `3.2 GB`, `40 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def room_words(room: Room) -> str:
    """`images 3.2 GB of 20.0 GB`."""
    return f"images {size_words(room.used)} of {size_words(room.budget)}"


def words(room: Room) -> list[str]:
    """The answer in words."""
    lines = [
        f"{room.held} of {room.images} images held, in {room.studies} studies",
        f"{room.instances - room.images} other objects (reports, key objects, marks)",
        f"{size_words(room.used)} of {size_words(room.budget)} used; kept: "
        + {"all": "all", "rules": "by the site's rules", "none": "no pixels"}.get(room.keep, room.keep),
    ]
    return lines + [f"{n} {WHY.get(code, code)}" for code, n in room.unheld.items()]
