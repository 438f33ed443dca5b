"""An independent client that counts what a FHIR server holds: urllib and json only, nothing of Wardlamp."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urljoin

ENTRY = "urn:wardlamp:entry"
TYPES = ("Observation", "DocumentReference", "ServiceRequest")


class Client:
    def __init__(self, base: str, token: str = "") -> None:
        self.base = base.rstrip("/")
        self.token = token

    def ask(self, method: str, where: str, body: Any = None) -> Any:
        url = where if "://" in where else f"{self.base}/{where}"
        headers = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            text = answer.read()
        return json.loads(text, parse_float=Decimal) if text else None

    def create(self, resource: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self.ask("POST", resource["resourceType"], resource)
        return made

    def search(self, where: str) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        while where:
            bundle = self.ask("GET", where)
            for entry in bundle.get("entry", []):
                found[entry["resource"]["id"]] = entry["resource"]
            following = [x["url"] for x in bundle.get("link", []) if x["relation"] == "next"]
            where = urljoin(self.base + "/", following[0]) if following else ""
        return list(found.values())

    def of_entry(self, mark: str) -> list[dict[str, Any]]:
        wanted = quote(f"{ENTRY}|{mark}", safe="")
        return [r for kind in TYPES for r in self.search(f"{kind}?identifier={wanted}")]

    def marks(self, expected: Iterable[str]) -> Counter[str]:
        """How often each of these identifiers stands, over all types."""
        return Counter({mark: n for mark in expected if (n := len(self.of_entry(mark)))})

    def told(self, expected: Iterable[str]) -> Counter[str]:
        """Entry id → number of its own Provenances, found from its first resource."""
        counts: Counter[str] = Counter()
        for entry in {mark.partition("#")[0] for mark in expected}:
            for resource in self.of_entry(f"{entry}#1"):
                kind, rid = resource["resourceType"], resource["id"]
                for provenance in self.search(f"Provenance?target={kind}/{rid}"):
                    own = [e for e in provenance["entity"] if e["role"] == "source"]
                    counts[entry] += any(e["what"]["identifier"]["value"] == entry for e in own)
        return counts
