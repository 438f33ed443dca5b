"""The store behind the project's FHIR R4 simulator: versions, searches, transactions; no HTTP.

Keeps R4's promises (create, read, vread, update, delete, history, conditional create and update, search, batch,
transaction that rolls back) and breaks those that `Breaks` names, as real servers do (STACK-counterparts).
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

Resource = dict[str, Any]
ENTRY = "urn:wardlamp:entry"
STATUSES = {
    "Observation": {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"},
    "DocumentReference": {"current", "superseded", "entered-in-error"},
    "ServiceRequest": {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"},
}
REQUIRED = {
    "Observation": ("status", "code", "subject"),
    "DocumentReference": ("status", "content", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
    "Provenance": ("target", "recorded", "agent"),
}
REFERENCES = {"subject": "subject", "patient": "subject", "target": "target"}


@dataclass
class Breaks:
    """Promises that this server does not keep. Parameters in `unsearchable` answer 400, those in `ignored` are not
    looked at; `lag` = so many further requests pass before a search finds what was written."""

    transaction_is_batch: bool = False
    no_rollback: bool = False
    ignores_if_match: bool = False
    always_creates: bool = False
    opaque_versions: bool = False
    no_versions: bool = False
    no_location_in_bundles: bool = False
    no_history: bool = False
    no_commas: bool = False
    most_conditional: int | None = None
    refuse: frozenset[str] = frozenset()
    refuse_reading: frozenset[str] = frozenset()
    unsearchable: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    lag: int = 0
    page: int = 20
    discards: frozenset[str] = frozenset()
    no_transactions: bool = False
    no_bundles: bool = False


class Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    def outcome(self) -> Resource:
        issue = {"severity": "error", "code": "processing", "diagnostics": str(self)}
        return {"resourceType": "OperationOutcome", "issue": [issue]}


@dataclass
class Store:
    """`held[type][id]` = versions, oldest first; a deleted resource ends with None."""

    breaks: Breaks = field(default_factory=Breaks)
    held: dict[str, dict[str, list[Resource | None]]] = field(default_factory=dict)
    tick: int = 0
    now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    seen_at: dict[tuple[str, str], int] = field(default_factory=dict)
    index: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    undo: list[tuple[str, str]] | None = None
    between: Any = None  # called before each update: "someone else" may write

    # --- what a test counts

    def walk(self) -> list[Resource]:
        """Everything that stands, walked directly."""
        return [v[-1] for kinds in self.held.values() for v in kinds.values() if v[-1] is not None]

    def marks(self) -> Counter[str]:
        """How often each of Wardlamp's identifiers stands."""
        found: Counter[str] = Counter()
        for resource in self.walk():
            for identifier in resource.get("identifier") or ():
                if isinstance(identifier, dict) and identifier.get("system") == ENTRY:
                    found[identifier["value"]] += 1
        return found

    def told(self) -> Counter[str]:
        """Entry id → how many Provenances are its own."""
        found: Counter[str] = Counter()
        for resource in self.walk():
            if resource["resourceType"] == "Provenance":
                for entity in resource["entity"]:
                    if entity["role"] == "source" and entity["what"]["identifier"]["system"] == ENTRY:
                        found[entity["what"]["identifier"]["value"]] += 1
        return found

    # --- interactions

    def put(self, resource: Resource, rid: str | None = None) -> tuple[Resource, int]:
        kind = resource["resourceType"]
        rid = rid or uuid.uuid4().hex
        versions = self.held.setdefault(kind, {}).setdefault(rid, [])
        self.now += timedelta(milliseconds=1)
        meta = {**resource.get("meta", {}), "lastUpdated": self.now.isoformat(timespec="milliseconds")}
        meta.pop("versionId", None)
        if not self.breaks.no_versions:
            meta["versionId"] = str(uuid.uuid4()) if self.breaks.opaque_versions else str(len(versions) + 1)
        kept = {**resource, "id": rid, "meta": meta}
        status = 200 if versions and versions[-1] is not None else 201
        if kind in self.breaks.discards:
            if not versions:
                del self.held[kind][rid]
            return kept, status
        if not versions:
            self.seen_at[kind, rid] = self.tick + self.breaks.lag
        versions.append(kept)
        if self.undo is not None:
            self.undo.append((kind, rid))
        for key in keys_of(kept):
            self.index.setdefault((kind, key), {})[rid] = None
        return kept, status

    def read(self, kind: str, rid: str) -> Resource:
        if kind in self.breaks.refuse_reading:
            raise Refused(403, f"{kind} may not be read")
        versions = self.held.get(kind, {}).get(rid)
        if not versions:
            raise Refused(404, "not held")
        if versions[-1] is None:
            raise Refused(410, "deleted")
        return versions[-1]

    def history(self, kind: str, rid: str) -> list[Resource]:
        if self.breaks.no_history:
            raise Refused(404, "no history here")
        self.read(kind, rid)
        return [v for v in reversed(self.held[kind][rid]) if v is not None]

    def search(self, kind: str, query: str) -> list[Resource]:
        if kind in self.breaks.refuse_reading:
            raise Refused(403, f"{kind} may not be read")
        held = self.held.get(kind, {})
        found = [r for i in self._candidates(kind, query) if (r := held.get(i, [None])[-1]) is not None]
        found = [r for r in found if self.seen_at.get((kind, r["id"]), 0) <= self.tick]
        for name, value in parse_qsl(query):
            if name in self.breaks.unsearchable:
                raise Refused(400, f"unknown search parameter {name}")
            if name in self.breaks.ignored or name in ("_count", "_offset", "_sort"):
                continue
            wanted = [value] if self.breaks.no_commas else value.split(",")
            found = [r for r in found if self._matches(r, name, wanted)]
        return found

    def _candidates(self, kind: str, query: str) -> list[str]:
        """Ids that may match: by the index for identifiers and targets, so that ten thousand entries are no wait."""
        asked = dict(parse_qsl(query))
        name = next((n for n in ("identifier", "target") if n in asked and n not in self.breaks.ignored), "")
        if not name:
            return list(self.held.get(kind, {}))
        values = [asked[name]] if self.breaks.no_commas else asked[name].split(",")
        keys = [v.rpartition("|")[2] if name == "identifier" else tail(v) for v in values]
        return list(dict.fromkeys(i for key in keys for i in self.index.get((kind, key), ())))

    def _matches(self, resource: Resource, name: str, wanted: list[str]) -> bool:
        if name == "identifier":
            held = [i for i in as_list(resource.get("identifier")) if isinstance(i, dict)]
            return any(token(i, w) for i in held for w in wanted)
        if name == "_id":
            return resource["id"] in wanted
        if name == "_lastUpdated":
            return all(compared(resource["meta"]["lastUpdated"], w) for w in wanted)
        if name in REFERENCES:
            held_refs = {tail(r.get("reference", "")) for r in as_list(resource.get(REFERENCES[name]))}
            return any(w in held_refs or w in {h.split("/")[-1] for h in held_refs} for w in map(tail, wanted))
        raise Refused(400, f"unknown search parameter {name}")

    def create(self, kind: str, resource: Resource, none_exist: str | None = None) -> tuple[Resource, int]:
        self.check(kind, resource)
        if none_exist and not self.breaks.always_creates:
            found = self.search(kind, none_exist.lstrip("?"))
            if len(found) > 1:
                raise Refused(412, "more than one matches")
            if found:
                return found[0], 200
        return self.put({k: v for k, v in resource.items() if k != "id"})

    def update(self, kind: str, rid: str, resource: Resource, if_match: str | None = None) -> tuple[Resource, int]:
        self.check(kind, resource)
        if resource.get("id") not in (None, rid):
            raise Refused(400, "the id in the body is another")
        if self.between:
            self.between(self, kind, rid)
        if if_match and not self.breaks.ignores_if_match:
            version = self.read(kind, rid)["meta"].get("versionId")
            if if_match.removeprefix("W/").strip('"') != version:
                raise Refused(412, "the version has moved on")
        return self.put(resource, rid)

    def delete(self, kind: str, rid: str) -> None:
        self.read(kind, rid)
        self.held[kind][rid].append(None)
        if self.undo is not None:
            self.undo.append((kind, rid))

    def check(self, kind: str, resource: Resource) -> None:
        """What every server checks: type, required elements, codes, that referred resources are there."""
        if kind in self.breaks.refuse:
            raise Refused(422, f"{kind} is refused here")
        if resource.get("resourceType") != kind:
            raise Refused(400, "the type is another")
        for name in REQUIRED.get(kind, ()):
            if not resource.get(name):
                raise Refused(422, f"{kind}.{name} is required")
        if kind in STATUSES and resource["status"] not in STATUSES[kind]:
            raise Refused(422, f"{kind}.status is none of the values")
        for reference in references(resource):
            kind_of, _, rid = reference.partition("/")
            if rid and ":" not in reference and self.held.get(kind_of, {}).get(rid, [None])[-1] is None:
                raise Refused(422, f"{reference} is not held")
            if reference.startswith("urn:uuid:"):
                raise Refused(422, "a reference into another bundle")

    # --- bundles

    def bundle(self, bundle: Resource) -> Resource:
        kind = bundle.get("type")
        if self.breaks.no_bundles or (self.breaks.no_transactions and kind == "transaction"):
            raise Refused(405, "not supported here")
        if kind not in ("batch", "transaction"):
            raise Refused(400, "not a batch or transaction")
        entries = bundle.get("entry") or []
        conditional = sum(bool(e["request"].get("ifNoneExist")) for e in entries)
        if self.breaks.most_conditional is not None and conditional > self.breaks.most_conditional:
            raise Refused(400, "too many conditional entries")
        whole = kind == "transaction" and not self.breaks.transaction_is_batch
        self.undo = [] if whole else None
        results: list[Resource] = [{} for _ in entries]
        ids = (
            {e["fullUrl"]: "" for e in entries if e["request"]["method"] == "POST" and "fullUrl" in e} if whole else {}
        )
        order = sorted(
            range(len(entries)), key=lambda i: "DELETE POST PUT GET".split().index(entries[i]["request"]["method"])
        )
        for i in order:
            try:
                results[i] = self._one(entries[i], ids)
            except Refused as no:
                if whole:
                    if not self.breaks.no_rollback:
                        self.roll_back()
                    raise
                results[i] = {"response": {"status": str(no.status), "outcome": no.outcome()}}
        self.undo = None
        return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": results}

    def roll_back(self) -> None:
        """Takes back every version that the transaction under way has added."""
        for kind, rid in reversed(self.undo or []):
            self.held[kind][rid].pop()
            if not self.held[kind][rid]:
                del self.held[kind][rid]
        self.undo = None

    def _one(self, entry: Resource, ids: dict[str, str]) -> Resource:
        request = entry["request"]
        method, (path, _, query) = request["method"], request["url"].partition("?")
        parts = path.strip("/").split("/")
        resource = rewritten(entry.get("resource"), ids)
        if method == "GET":
            body = self.read(*parts) if len(parts) == 2 else searchset(self.search(parts[0], query))
            return {"resource": body, "response": {"status": "200"}}
        if method == "DELETE":
            self.delete(*parts)
            return {"response": {"status": "204"}}
        if method == "POST":
            kept, status = self.create(parts[0], resource, request.get("ifNoneExist"))
            if "fullUrl" in entry:
                ids[entry["fullUrl"]] = f"{kept['resourceType']}/{kept['id']}"
        else:
            kept, status = self.update(parts[0], parts[1], resource, request.get("ifMatch"))
        response: Resource = {"status": f"{status} OK" if status == 200 else f"{status} Created"}
        if not self.breaks.no_location_in_bundles:
            version = kept["meta"].get("versionId", "1")
            response["location"] = f"{kept['resourceType']}/{kept['id']}/_history/{version}"
        return {"response": response}


def searchset(found: list[Resource]) -> Resource:
    entries = [{"fullUrl": f"{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}} for r in found]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def token(identifier: Resource, wanted: str) -> bool:
    system, bar, value = wanted.rpartition("|")
    return identifier.get("value") == value and (not bar or identifier.get("system", "") == system)


def compared(stamp: str, wanted: str) -> bool:
    prefix, text = (wanted[:2], wanted[2:]) if wanted[:2].isalpha() else ("eq", wanted)
    held, asked = datetime.fromisoformat(stamp), datetime.fromisoformat(text.replace(" ", "+"))
    return {"ge": held >= asked, "gt": held > asked, "le": held <= asked, "lt": held < asked, "eq": held == asked}[
        prefix
    ]


def tail(reference: str) -> str:
    return "/".join(reference.partition("/_history")[0].split("/")[-2:])


def keys_of(resource: Resource) -> list[str]:
    """Under what the index holds a resource: identifier values and targets."""
    values = [i.get("value", "") for i in as_list(resource.get("identifier")) if isinstance(i, dict)]
    return values + [tail(t.get("reference", "")) for t in as_list(resource.get("target"))]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + list(itertools.chain.from_iterable(references(v) for v in value.values()))
    if isinstance(value, list):
        return list(itertools.chain.from_iterable(references(v) for v in value))
    return []


def rewritten(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            k: ids.get(v) or v if k == "reference" and isinstance(v, str) else rewritten(v, ids)
            for k, v in value.items()
        }
    return [rewritten(v, ids) for v in value] if isinstance(value, list) else value
