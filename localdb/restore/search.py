"""Asking a target what it holds: searches that do not trust the answer.

A server may ignore a parameter that it does not know and answer with everything, may leave an index behind, may page.
So every hit is checked here, pages are followed, and a search that shows strangers counts as none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """Searches one target for several things at once where it knows how.

    A comma means "or" in R4; a server that does not know it finds nothing, which looks like absence. So a comma is
    trusted, per type and parameter, only after it has found something.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._commas: dict[tuple[str, str], bool] = {}

    def by_marks(self, type_: str, marks: Sequence[str], *, must_know: bool) -> dict[str, list[Held]]:
        """Mark → what the target holds under it. Raises Unsearchable. `must_know` as in `find`."""
        values = {mark: f"{SYSTEM}|{mark}" for mark in marks}
        return self.find(type_, "identifier", values, lambda r, mark: mark in marks_of(r), must_know=must_know)

    def find(
        self,
        type_: str,
        parameter: str,
        values: Mapping[str, str],
        is_ours: Callable[[Resource, str], bool],
        *,
        must_know: bool,
    ) -> dict[str, list[Held]]:
        """Key → what is held, for each key of `values` (key → value to search for). Raises Unsearchable.

        `must_know`: absence decides something, so what an untried comma does not find is asked for one by one.
        """
        keys, which = list(values), (type_, parameter)
        found: dict[str, list[Held]] = {key: [] for key in keys}
        if len(keys) > 1 and self._commas.get(which, True):
            try:
                found |= self._ask(type_, parameter, values, is_ours)
            except Unsearchable:
                self._commas[which] = False
            if any(found.values()):
                self._commas[which] = True
            if self._commas.get(which, not must_know):
                return found
        for key in keys:
            if not found[key]:
                found |= self._ask(type_, parameter, {key: values[key]}, is_ours)
        if len(keys) > 1 and any(found.values()):
            self._commas[which] = False
        return found

    def _ask(
        self, type_: str, parameter: str, values: Mapping[str, str], is_ours: Callable[[Resource, str], bool]
    ) -> dict[str, list[Held]]:
        def is_any(resource: Resource) -> bool:
            return any(is_ours(resource, key) for key in values)

        hits = search(self.target, type_, parameter, list(values.values()), is_any)
        return {key: [held for held in hits if is_ours(held.resource, key)] for key in values}


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
