"""Sending resources: at most eight in a transaction, and what the target said of each (DESIGN D8).

The pieces of one transaction never refer to each other, so that a target which processes it as a batch, or does not
roll back, does no harm. Each answer is read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from localdb.restore.resources import SYSTEM, Draft, Resource
from localdb.restore.search import bare
from localdb.restore.target import Answer, Capabilities, Lost, Target

MOST = 8
_TRY_AGAIN = frozenset({408, 409, 423, 424, 425, 429})


class Pushed(msgspec.Struct, frozen=True):
    """What was said of one piece: `status` 0 = no answer; `whole` = it was said of the whole transaction."""

    status: int = 0
    location: str = ""
    whole: bool = False

    @property
    def was_taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def was_refused(self) -> bool:
        return (400 <= self.status < 500 and self.status not in _TRY_AGAIN) or self.status == 501

    @property
    def is_open(self) -> bool:
        """Neither taken nor refused: it may be there."""
        return not self.was_taken and not self.was_refused


class Pusher:
    """Sends in the best way that the target knows: transaction, else batch, else one by one."""

    def __init__(self, target: Target, capabilities: Capabilities) -> None:
        self._target = target
        self._mode = "transaction"
        if capabilities.transaction is False:
            self._mode = "batch" if capabilities.batch else "single"

    def push(self, drafts: Sequence[Draft]) -> dict[str, Pushed]:
        """Mark → answer. A lost answer is `Pushed()` for all. Raises NothingSent, NotAllowed, NotFhir."""
        if self._mode == "single":
            return {d.mark: self._create(d) for d in drafts}
        try:
            answer = self._target.write("POST", "", _bundle(drafts, self._mode))
        except Lost as lost:
            if lost.slow:
                self._target.pause(_SETTLE)
            return {d.mark: Pushed(lost.status, whole=True) for d in drafts}
        if answer.status in (404, 405, 501):
            self._mode = "single"
            return self.push(drafts)
        if not answer.is_success:
            return {d.mark: Pushed(answer.status, whole=True) for d in drafts}
        return _each(answer, drafts)

    def _create(self, draft: Draft) -> Pushed:
        condition = _condition(draft)
        headers = {"If-None-Exist": condition} if condition else {}
        try:
            answer = self._target.write("POST", draft.type, draft.body, headers)
        except Lost as lost:
            return Pushed(lost.status)
        return Pushed(answer.status, _location(answer.location, answer.body))


_SETTLE = 2.0


def eights(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    for start in range(0, len(drafts), MOST):
        yield drafts[start : start + MOST]


def _bundle(drafts: Sequence[Draft], mode: str) -> Resource:
    entries = []
    for draft in drafts:
        request: Resource = {"method": "POST", "url": draft.type}
        condition = _condition(draft)
        if condition:
            request["ifNoneExist"] = condition
        full_url = f"urn:uuid:{uuid5(NAMESPACE_URL, f'{SYSTEM}:{draft.type}:{draft.mark}')}"
        entries.append({"fullUrl": full_url, "resource": draft.body, "request": request})
    return {"resourceType": "Bundle", "type": mode, "entry": entries}


def _condition(draft: Draft) -> str:
    """The conditional create; Provenance has no identifier in R4."""
    return "" if draft.type == "Provenance" else f"identifier={quote(f'{SYSTEM}|{draft.mark}', safe='')}"


def _each(answer: Answer, drafts: Sequence[Draft]) -> dict[str, Pushed]:
    entries = answer.body.get("entry") if isinstance(answer.body, dict) else None
    if not isinstance(entries, list) or len(entries) != len(drafts):
        return {d.mark: Pushed() for d in drafts}
    return {d.mark: _said(entry) for d, entry in zip(drafts, entries, strict=True)}


def _said(entry: Any) -> Pushed:
    response = entry.get("response") if isinstance(entry, dict) else None
    if not isinstance(response, dict):
        return Pushed()
    digits = str(response.get("status", ""))[:3]
    status = int(digits) if digits.isascii() and digits.isdigit() else 0
    return Pushed(status, _location(str(response.get("location") or ""), entry.get("resource")))


def _location(location: str, resource: Any) -> str:
    if location:
        return bare(location)
    if isinstance(resource, dict) and isinstance(resource.get("id"), str):
        return f"{resource.get('resourceType')}/{resource['id']}"
    return ""
