"""Marking what a correction corrects, where it already stands at the target (DESIGN D8).

The resource is read, its status alone is changed, and it is put back with `If-Match`; whatever others have changed
stays. A target that ignores `If-Match` would let our mark go over someone's change: its history tells, and then a
person must look.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from localdb.restore.bring import Piece, Run, Seek
from localdb.restore.reasons import reason
from localdb.restore.resources import Draft, Resource, code_of, withdrawn_status
from localdb.restore.search import Held, by_ref
from localdb.restore.target import Lost, NothingSent

_TURNS = 5
_WITHDRAWN = ("entered-in-error", "superseded")


class Amended(msgspec.Struct, frozen=True):
    """What came of marking the first entry: its resources by code ("" = the only one or all), or why not."""

    replaces: dict[str, list[str]] = {}
    event: str = ""
    reason: str = ""


def amend(run: Run, correction: str, first: str, drafts: Sequence[Draft], seek: Seek) -> Amended:
    """Finds the first entry's resources (`drafts`) and marks each. Raises as `bring` does, and NothingSent."""
    found = seek([Piece(first, draft) for draft in drafts])
    held = [found[d.mark][0] for d in drafts if found.get(d.mark)]
    if len(held) < len(drafts):
        known = [by_ref(run.target, ref) for ref in run.book.of(first).resources if not ref.startswith("Provenance/")]
        held = [h for d in drafts for h in known if h and d.is_in(h.resource)]
    if len(held) < len(drafts):
        return Amended(event="unclear", reason=reason("restore.first_not_there", entry=first))
    for one in held:
        if one.resource.get("status") in _WITHDRAWN:
            continue
        code, status = _mark(run, correction, one)
        if code:
            event = "turned_down" if code == "restore.first_refused" else "unclear"
            event = "no_answer" if code in ("restore.failing", "restore.no_answer") else event
            return Amended(event=event, reason=reason(code, entry=first, status=status))
    return Amended(_by_code(held))


def _mark(run: Run, correction: str, held: Held) -> tuple[str, int]:
    """("", 0) once it stands as withdrawn, else the code of the reason and a status."""
    sent: tuple[str, Resource] | None = None
    code, status = "restore.no_answer", 0
    for _ in range(_TURNS):
        answer = run.target.get(held.ref)
        now = answer.body
        if not answer.is_success or not isinstance(now, dict):
            return "restore.first_not_there", answer.status
        if now.get("status") in _WITHDRAWN:
            return ("restore.overwritten", 0) if sent and _went_over(run, held.ref, *sent) else ("", 0)
        version = str((now.get("meta") or {}).get("versionId") or "")
        etag = answer.etag or (f'W/"{version}"' if version else "")
        if not etag:
            return "restore.no_version", 0
        changed = {**now, "status": withdrawn_status(str(now["resourceType"]))}
        code, status = _put(run, correction, held.ref, changed, etag)
        if code == "restore.first_refused":
            return code, status
        if code != "restore.changed_there":
            sent = (version or _opaque(etag), now)
    return code, status


def _put(run: Run, correction: str, ref: str, changed: Resource, etag: str) -> tuple[str, int]:
    """Sends the mark once; what came of it is read at the next turn."""
    before = run.book.of(correction).state
    run.book.left([correction])
    try:
        answer = run.target.write("PUT", ref, changed, {"If-Match": etag})
    except Lost as lost:
        return ("restore.failing" if lost.status else "restore.no_answer"), lost.status
    except NothingSent:
        raise NothingSent([correction] if before != "sent" else []) from None
    if answer.status in (409, 412):
        return "restore.changed_there", answer.status
    if not answer.is_success:
        return "restore.first_refused", answer.status
    return "restore.no_answer", answer.status


def _went_over(run: Run, ref: str, version: str, read: Resource) -> bool:
    """Whether a change of someone else lies between the version that we read and our mark."""
    history = run.target.get(f"{ref}/_history")
    if not history.is_success or not isinstance(history.body, dict):
        return _skipped(run, ref, version)
    versions = [e.get("resource") for e in history.body.get("entry") or () if isinstance(e, dict)]
    bodies = [v for v in versions if isinstance(v, dict)]
    for newer, older in pairwise(bodies):
        if newer.get("status") in _WITHDRAWN and older.get("status") not in _WITHDRAWN:
            return _version(older) != version and _facts(older) != _facts(read)
    return False


def _skipped(run: Run, ref: str, version: str) -> bool:
    """Without a history only counted versions tell: ours must follow the one that we read."""
    held = by_ref(run.target, ref)
    now = _version(held.resource) if held else ""
    return now.isdigit() and version.isdigit() and int(now) > int(version) + 1


def _facts(resource: Resource) -> Resource:
    return {k: v for k, v in resource.items() if k not in ("meta", "text")}


def _version(resource: Resource) -> str:
    return str((resource.get("meta") or {}).get("versionId") or "")


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/").strip('"')


def _by_code(held: Sequence[Held]) -> dict[str, list[str]]:
    replaces: dict[str, list[str]] = {}
    for one in held:
        if one.resource.get("resourceType") == "Observation":
            replaces.setdefault(code_of(one.resource), []).append(one.ref)
    if len(held) == 1 or not replaces:
        replaces[""] = [one.ref for one in held]
    return replaces
