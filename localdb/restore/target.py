"""A FHIR R4 server as a target: bytes out, answers in, and what is known when no answer comes (DESIGN D8).

Every request ends in one of four ways: answered (`Answer`), nothing sent (`NothingSent`: no connection came about),
perhaps taken (`Lost`: anything that broke later, a 5xx, an answer that cannot be read), or the whole restoration stops
(`NotAllowed`, `NotFhir`, `Unreachable`). Reading is repeated here; writing never is: whoever writes must look first.
Redirects are followed for reading only, on the same host. The token is read from its file and goes nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from localdb.restore.errors import BadTarget, NotAllowed, NotFhir, Unreachable
from localdb.restore.wire import decode, encode

_TYPE = "application/fhir+json"
_LARGEST = 64 << 20
_PAUSES = (0.1, 0.4, 1.0, 2.0, 4.0)
_LONGEST_WAIT = 30.0
_PATIENCE = 120.0


class NothingSent(Exception):
    """No connection came about: the target cannot have taken anything. `entries` = whose first request it was."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        super().__init__()
        self.entries = tuple(entries)


class Lost(Exception):
    """The request left and nothing settles whether it was taken. `status` 0 where there was no answer at all."""

    def __init__(self, status: int = 0, *, slow: bool = False, unreadable: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.slow = slow
        self.unreadable = unreadable


class Failing(Exception):
    """The target answers reading with `status` 5xx again and again."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Answer(msgspec.Struct, frozen=True):
    """What came back: `body` parsed JSON (None: empty or none)."""

    status: int
    body: Any = None
    etag: str = ""
    location: str = ""
    wait: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class Capabilities(msgspec.Struct, frozen=True):
    """What the target says of itself; None: it does not say."""

    software: str = ""
    fhir: str = ""
    transaction: bool | None = None
    batch: bool | None = None


class Target:
    """One base URL. Not for several threads at once. `pause` waits (seconds); tests pass their own."""

    def __init__(
        self,
        url: str,
        token_file: Path | None = None,
        *,
        pause: Callable[[float], None] = time.sleep,
        connect: float = 10.0,
        read: float = 60.0,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BadTarget("the address is not the base URL of a FHIR server")
        self.url = url.rstrip("/")
        self.pause = pause
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._token_file = token_file
        self._token = _read_token(token_file)
        import urllib3  # only whoever restores pays for it, not everyone who opens a journal

        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=connect, read=read), maxsize=1)

    def close(self) -> None:
        self._pool.clear()

    def greet(self) -> Capabilities:
        """Asks what it is. Raises Unreachable, NotAllowed, NotFhir; a server without /metadata is taken as it is."""
        try:
            answer = self.get("metadata")
        except Failing as failing:
            raise Unreachable(f"the target answers with status {failing.status}") from None
        body = answer.body
        if isinstance(body, dict) and body.get("resourceType") == "CapabilityStatement":
            return _capabilities(body)
        if isinstance(body, dict) and "resourceType" in body:
            return Capabilities()
        raise NotFhir(f"what answers at this address is no FHIR server (status {answer.status})")

    def get(self, where: str) -> Answer:
        """Reads `where` (relative to the base, or a page link); repeats what breaks. Raises Unreachable, NotAllowed,
        NotFhir, Failing."""
        url, hops, tries, waited = self._absolute(where), 0, 0, 0.0
        while True:
            broken: Lost | None = None
            try:
                answer = self._request("GET", url, None, {})
            except NothingSent:
                broken = Lost(0)
            except Lost as lost:
                broken = lost
            else:
                if answer.status in (301, 302, 303, 307, 308):
                    url, hops = self._redirected(answer, hops), hops + 1
                    continue
                if answer.status == 401 and self._has_newer_token():
                    continue
                if answer.status == 401 or (answer.status == 403 and where == "metadata"):
                    raise NotAllowed(f"the target does not let us in (status {answer.status})")
                if answer.status != 429 and answer.status < 500:
                    return answer
            wait = answer.wait if broken is None else None
            if wait is not None and waited + wait <= _PATIENCE:
                waited += wait
            elif tries >= len(_PAUSES):
                if broken is None or broken.status:
                    raise Failing(broken.status if broken else answer.status)
                if broken.unreadable:
                    raise NotFhir("what answers at this address is no FHIR server")
                raise Unreachable("the target does not answer")
            else:
                wait, tries = _PAUSES[tries], tries + 1
            self.pause(wait)

    def write(self, method: str, where: str, body: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Sends once (again only where the target said that it took nothing: 429, or 401 with a newer token).

        Raises NothingSent, Lost, NotAllowed, NotFhir. Answers below 500 are returned, whatever they say.
        """
        data, url, waited = encode(body), self._absolute(where), 0.0
        while True:
            answer = self._request(method, url, data, {"Content-Type": _TYPE, **(headers or {})})
            if answer.status == 429 and waited < _PATIENCE:
                wait = answer.wait if answer.wait is not None else _PAUSES[-1]
                waited += max(wait, 1.0)
                self.pause(wait)
                continue
            if answer.status == 401:
                if self._has_newer_token():
                    continue
                raise NotAllowed("the target does not let us in (status 401)")
            if 300 <= answer.status < 400:
                raise NotFhir(f"the target sends us elsewhere (status {answer.status})")
            if answer.status >= 500 and answer.status != 501:
                if answer.wait:
                    self.pause(answer.wait)
                raise Lost(answer.status)
            return answer

    def _request(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

        heads = {"Accept": _TYPE, **headers}
        if self._token:
            heads["Authorization"] = f"Bearer {self._token}"
        try:
            raw = self._pool.request(method, url, body=data, headers=heads, redirect=False, preload_content=False)
            try:
                body = raw.read(_LARGEST + 1)
            finally:
                raw.release_conn()
        except (NewConnectionError, ConnectTimeoutError):
            raise NothingSent from None
        except (HTTPError, OSError) as broken:
            raise Lost(slow="timed out" in str(broken).lower()) from None
        return _answer(raw.status, raw.headers, body)

    def _has_newer_token(self) -> bool:
        """Tokens expire within a long run: whoever renews them rewrites the file."""
        old, self._token = self._token, _read_token(self._token_file)
        return self._token != old

    def _absolute(self, where: str) -> str:
        """The URL on our own host: a page link that names another host is asked for on ours (proxies, no leak)."""
        if "://" in where:
            parts = urlsplit(where)
            return self._origin + parts.path + (f"?{parts.query}" if parts.query else "")
        return f"{self.url}/{where}" if where else self.url

    def _redirected(self, answer: Answer, hops: int) -> str:
        parts = urlsplit(answer.location)
        if hops >= 3 or not answer.location or (parts.netloc and f"{parts.scheme}://{parts.netloc}" != self._origin):
            raise NotFhir(f"the target sends us elsewhere (status {answer.status})")
        return self._absolute(answer.location if parts.netloc else self._origin + answer.location)


def _read_token(token_file: Path | None) -> str:
    if token_file is None:
        return ""
    try:
        token = token_file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise BadTarget("the token file cannot be read") from None
    if not token or not token.isprintable() or " " in token:
        raise BadTarget("the token file holds no token")
    return token


def _answer(status: int, headers: Mapping[str, str], data: bytes) -> Answer:
    """Raises Lost where a success cannot be read: it says nothing that settles anything."""
    body: Any = None
    if data.strip():
        try:
            body = decode(data)
        except ValueError:
            if 200 <= status < 300:
                raise Lost(unreadable=True) from None
    return Answer(status, body, headers.get("ETag", ""), headers.get("Location", ""), _wait(headers))


def _wait(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else None


def _capabilities(body: Mapping[str, Any]) -> Capabilities:
    version = str(body.get("fhirVersion", ""))
    if version and not version.startswith("4."):
        raise NotFhir(f"the target speaks FHIR {version[:8]}, not R4")
    listed = [i.get("code") for rest in body.get("rest") or () for i in rest.get("interaction") or ()]
    software = (body.get("software") or {}).get("name", "")
    if not listed:
        return Capabilities(str(software), version)
    return Capabilities(str(software), version, "transaction" in listed, "batch" in listed)
