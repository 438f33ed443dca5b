"""SIMULATOR: the project's one FHIR R4 server, in memory, for tests (STACK-counterparts "FHIR").

It is no real product. It keeps the promises of R4 that restoration and feeds lean on, and can be told to break each of
them as real servers do: `Breaks` (what it does wrong all the time) and `Faults` (what happens to single requests).
Everything else of FHIR is missing on purpose. Listens on loopback, on a free port; `with simulator(...) as hospital:`.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.servers.fhir_store import Breaks, Refused, Resource, Store, compared, searchset

#: What may happen to one request. Those of TAKEN are carried out all the same: only the answer is lost or spoiled.
TAKEN = frozenset({"lose_after", "cut_body", "garbage", "html_500_after", "reset_after", "503_after"})
UNTAKEN = frozenset({"lose_before", "html_500", "429", "503", "500_plain"})


@dataclass
class Faults:
    """Which request meets what: `at` by number (from 1), `every` nth write, or `chance` for each by a seeded dice."""

    at: dict[int, str] = field(default_factory=dict)
    every: tuple[int, str] | None = None
    chance: float = 0.0
    kinds: tuple[str, ...] = ()
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    token: str | None = None
    slow: float = 0.0
    redirect: str | None = None
    is_web_page: bool = False
    retry_after: str = "0"

    def of(self, number: int, write: int | None) -> str:
        if number in self.at:
            return self.at[number]
        if self.every and write and write % self.every[0] == 0:
            return self.every[1]
        return self.dice.choice(self.kinds) if self.kinds and self.dice.random() < self.chance else ""


@dataclass(frozen=True)
class Asked:
    """One request as it came, for tests that ask in which order what was asked."""

    number: int
    method: str
    path: str
    body: bytes
    fault: str

    @property
    def is_write(self) -> bool:
        return self.method in ("POST", "PUT", "DELETE") and not self.path.endswith("/_search")


class Hospital:
    """The running simulator: its store, its faults, and the log of what was asked."""

    def __init__(self, breaks: Breaks | None = None, faults: Faults | None = None) -> None:
        self.store = Store(breaks or Breaks())
        self.faults = faults or Faults()
        self.asked: list[Asked] = []
        self.writes = 0
        self.lock = threading.RLock()
        self.base = ""
        #: Called with ("before" or "after", number) around each request, for a test that must strike just there.
        self.on_request: Callable[[str, int], None] | None = None

    def admit(self, *patients: Resource) -> None:
        for patient in patients:
            self.store.put(patient, patient.get("id"))

    def answer(self, method: str, path: str, headers: Any, body: Any) -> tuple[int, Any]:
        """-> (status, resource); raises Refused."""
        where, _, query = path.partition("?")
        parts = [p for p in where.split("/") if p]
        if parts == ["metadata"]:
            return 200, capability_statement(self.store.breaks)
        if not parts:
            return 200, self.store.bundle(body)
        if method == "GET" and parts[-1] == "_history":
            return 200, self._history(parts, query)
        if method == "GET" and len(parts) == 4:
            found = [v for v in self.store.history(parts[0], parts[1]) if v["meta"].get("versionId") == parts[3]]
            if not found:
                raise Refused(404, "no such version")
            return 200, found[0]
        if method == "GET":
            return 200, self.store.read(*parts) if len(parts) == 2 else self._page(parts[0], query)
        if method == "DELETE":
            self.store.delete(*parts)
            return 204, None
        if method == "POST":
            kept, status = self.store.create(parts[0], body, headers.get("If-None-Exist"))
        else:
            kept, status = self.store.update(parts[0], parts[1], body, headers.get("If-Match"))
        return status, kept

    def _history(self, parts: list[str], query: str) -> Resource:
        since = parse_qs(query).get("_since", [""])[0]
        if len(parts) == 3:
            versions = self.store.history(parts[0], parts[1])
        else:
            kinds = [parts[0]] if len(parts) == 2 else list(self.store.held)
            versions = [v for k in kinds for i in self.store.held.get(k, {}) for v in self.store.held[k][i] if v]
        kept = [v for v in versions if not since or compared(v["meta"]["lastUpdated"], f"ge{since}")]
        return searchset(kept) | {"type": "history"}

    def _page(self, kind: str, query: str) -> Resource:
        found = self.store.search(kind, query)
        asked = {k: v[0] for k, v in parse_qs(query).items()}
        count = min(int(asked.get("_count", self.store.breaks.page)), self.store.breaks.page)
        start = int(asked.get("_offset", "0"))
        bundle = searchset(found[start : start + count]) | {"total": len(found)}
        if start + count < len(found):
            following = urlencode(asked | {"_count": str(count), "_offset": str(start + count)})
            bundle["link"] = [{"relation": "next", "url": f"{self.base}/{kind}?{following}"}]
        return bundle


def capability_statement(breaks: Breaks) -> Resource:
    system = [] if breaks.no_bundles else [{"code": "batch"}]
    if not (breaks.no_transactions or breaks.no_bundles):
        system.append({"code": "transaction"})
    if breaks.no_bundles:
        system.append({"code": "search-system"})
    interactions = [{"code": c} for c in ("read", "vread", "create", "update", "delete", "search-type")]
    types = ("Patient", "Observation", "DocumentReference", "ServiceRequest", "Provenance")
    resources = [{"type": t, "interaction": interactions, "conditionalCreate": True} for t in types]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "software": {"name": "Wardlamp test simulator"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "interaction": system, "resource": resources}],
    }


@contextmanager
def simulator(breaks: Breaks | None = None, faults: Faults | None = None) -> Iterator[Hospital]:
    hospital = Hospital(breaks, faults)
    server = _Server(("127.0.0.1", 0), _handler(hospital))
    hospital.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hospital
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """A lost answer is meant to look like a broken line: nothing to report."""


def _handler(hospital: Hospital) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def handle_one(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/_search"):
                self.command, self.path = "GET", self.path[: -len("/_search")] + "?" + data.decode()
            with hospital.lock:
                self._strike("before", len(hospital.asked) + 1)
                fault, status, answer = self._carried_out(data)
                self._strike("after", len(hospital.asked))
            if hospital.faults.slow:
                time.sleep(hospital.faults.slow)
            self._reply(fault, status, answer)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one

        def _strike(self, when: str, number: int) -> None:
            if hospital.on_request:
                hospital.on_request(when, number)

        def _carried_out(self, data: bytes) -> tuple[str, int, Any]:
            number = len(hospital.asked) + 1
            is_write = Asked(number, self.command, self.path, data, "").is_write
            hospital.writes += is_write
            fault = hospital.faults.of(number, hospital.writes if is_write else None)
            hospital.asked.append(Asked(number, self.command, self.path, data, fault))
            hospital.store.tick += 1
            if fault in UNTAKEN:
                return fault, 0, None
            token = hospital.faults.token
            if token and self.headers.get("Authorization") != f"Bearer {token}":
                return fault, 401, Refused(401, "no token").outcome()
            if hospital.faults.redirect or hospital.faults.is_web_page:
                return fault, 0, None
            try:
                body = json.loads(data, parse_float=Decimal) if data else None
                status, answer = hospital.answer(self.command, self.path, self.headers, body)
            except Refused as no:
                status, answer = no.status, no.outcome()
            except (KeyError, TypeError, ValueError, AttributeError) as wrong:
                status, answer = 400, Refused(400, f"cannot be read: {wrong!r}").outcome()
            return fault, status, answer

        def _reply(self, fault: str, status: int, answer: Any) -> None:
            if fault in ("lose_before", "lose_after"):
                self._drop()
            elif fault == "reset_after":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._drop()
            elif fault in ("html_500", "html_500_after"):
                self._send(500, b"<html><body>Internal Server Error</body></html>", {"Content-Type": "text/html"})
            elif fault == "500_plain":
                self._send(500, b"")
            elif fault in ("429", "503", "503_after"):
                self._send(int(fault[:3]), b"", {"Retry-After": hospital.faults.retry_after})
            elif hospital.faults.redirect:
                self._send(302, b"", {"Location": hospital.faults.redirect})
            elif hospital.faults.is_web_page:
                self._send(200, b"<!DOCTYPE html><html>Sign in to the network</html>", {"Content-Type": "text/html"})
            else:
                self._answer(fault, status, answer)

        def _answer(self, fault: str, status: int, answer: Any) -> None:
            body = b"" if answer is None else written(answer).encode()
            heads = {"Content-Type": "application/fhir+json"}
            meta = answer.get("meta", {}) if isinstance(answer, dict) else {}
            if meta.get("versionId"):
                heads["ETag"] = f'W/"{meta["versionId"]}"'
                heads["Location"] = (
                    f"{hospital.base}/{answer['resourceType']}/{answer['id']}/_history/{meta['versionId']}"
                )
            if fault == "garbage":
                body = b'{"resourceType": "Bund'
            self._send(status, body, heads, cut=fault == "cut_body")

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (cut and 50)))
            self.end_headers()
            self.wfile.write(body)
            if cut:
                self._drop()

        def _drop(self) -> None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.close()
            raise ConnectionAbortedError("the answer is lost on purpose")

    return Handler


def written(value: Any) -> str:
    """JSON that keeps decimals to the letter."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)
