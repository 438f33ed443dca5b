"""imaging status: what is held of images, within which room, and what was let go."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from desktop.cli.answer import plain
from desktop.cli.session import house_of, say
from desktop.sources.image_room import held_words, unheld_words, used_words
from localdb.sources.feed.settings import read_imaging
from localdb.store.image_counts import Room


def add_status(group: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds `imaging status` to the group of `desktop.cli.imaging`."""
    group("status", "what is held of images, within which room, and what was let go", _status)


def _status(args: argparse.Namespace) -> int:
    with house_of(args) as house:
        room, wanted = house.image_room(), read_imaging(house.site["imaging"])
    if room is None:
        answer = {"reads_sources": False, **plain(Room())}
        return say(args, answer, "This laptop reads no sources itself: what it holds of images came with its copy.")
    is_applied = room.rules == wanted
    lines = words(room)
    if not is_applied:
        lines.append("Other settings were taken since: they count from the next cut or fill.")
    return say(args, {"reads_sources": True, "is_applied": is_applied, **plain(room)}, "\n".join(lines))


def words(room: Room) -> list[str]:
    """The answer in words."""
    return [
        held_words(room),
        f"{room.instances - room.images} other objects (reports, key objects, marks)",
        used_words(room),
        *unheld_words(room),
    ]
