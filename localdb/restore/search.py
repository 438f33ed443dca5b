"""Asking a target what it holds: searches that do not trust the answer.

A server may ignore a parameter that it does not know and answer with everything, may leave an index behind, may page.
So every hit is checked here, pages are followed, and a search that shows strangers counts as none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

import msgspec

from localdb.restore.resources import SYSTEM, Resource, marks_of
from localdb.restore.target import Target

_PAGES = 40


class Unsearchable(Exception):
    """The target does not answer this search in a way that can be relied on."""


class Held(msgspec.Struct, frozen=True):
    """One resource at the target: `ref` = `Type/id`."""

    ref: str
    resource: Resource


def search(
    target: Target, type_: str, parameter: str, values: Sequence[str], is_ours: Callable[[Resource], bool]
) -> list[Held]:
    """The resources for which `is_ours` holds among those that the target finds. Raises Unsearchable.

    `is_ours` repeats the question on our side; where it fails for a hit, the target ignored the parameter.
    """
    where = f"{type_}?{parameter}={','.join(quote(v, safe='') for v in values)}"
    found: dict[str, Held] = {}
    for _ in range(_PAGES):
        answer = target.get(where)
        if not answer.is_success or not isinstance(answer.body, dict) or answer.body.get("type") != "searchset":
            raise Unsearchable(type_)
        for resource in _hits(answer.body, type_):
            if not is_ours(resource):
                raise Unsearchable(type_)
            held = Held(f"{type_}/{resource['id']}", resource)
            found[held.ref] = held
        where = _next(answer.body)
        if not where:
            return list(found.values())
    raise Unsearchable(type_)


class Seeker:
    """Searches one target by our identifiers. `commas` = whether one question may name several (None: not seen)."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.commas: bool | None = None

    def by_marks(self, type_: str, marks: Sequence[str], *, must_know: bool) -> dict[str, list[Held]]:
        """Mark → what the target holds under it. Raises Unsearchable.

        `must_know`: absence decides something, so a target that has not shown that it knows commas is asked one by one.
        """
        found: dict[str, list[Held]] = {m: [] for m in marks}
        if len(marks) > 1 and self.commas is not False:
            try:
                found |= self._ask(type_, marks)
            except Unsearchable:
                self.commas = False
            if any(found.values()):
                self.commas = True
            if self.commas or (self.commas is None and not must_know):
                return found
        for mark in marks:
            if not found[mark]:
                found |= self._ask(type_, [mark])
        if len(marks) > 1 and any(found.values()):
            self.commas = False
        return found

    def _ask(self, type_: str, marks: Sequence[str]) -> dict[str, list[Held]]:
        wanted = set(marks)
        values = [f"{SYSTEM}|{m}" for m in marks]
        hits = search(self.target, type_, "identifier", values, lambda r: bool(marks_of(r) & wanted))
        return _by_mark(hits, marks)


def by_ref(target: Target, ref: str) -> Held | None:
    """The resource itself, read by its id; None where it is not there."""
    answer = target.get(ref)
    if answer.is_success and isinstance(answer.body, dict) and answer.body.get("id") == ref.partition("/")[2]:
        return Held(ref, answer.body)
    return None


def same_reference(one: object, other: str) -> bool:
    """Whether two references name the same resource, relative, absolute or versioned."""
    return isinstance(one, str) and bare(one) == bare(other)


def bare(reference: str) -> str:
    """`Type/id` of a reference, a location or a URL."""
    return "/".join(reference.partition("/_history")[0].rstrip("/").split("/")[-2:])


def _by_mark(hits: Iterable[Held], marks: Sequence[str]) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {m: [] for m in marks}
    for held in hits:
        for mark in marks_of(held.resource) & found.keys():
            found[mark].append(held)
    return found


def _hits(bundle: Resource, type_: str) -> list[Resource]:
    entries = bundle.get("entry") or ()
    resources = [e.get("resource") for e in entries if isinstance(e, dict)]
    return [
        r for r in resources if isinstance(r, dict) and r.get("resourceType") == type_ and isinstance(r.get("id"), str)
    ]


def _next(bundle: Resource) -> str:
    for link in bundle.get("link") or ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url") or "")
    return ""
