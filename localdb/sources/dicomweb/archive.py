"""An archive that is asked by DICOMweb, as `feed.asking` sees it: studies, series, instances, and what is missing.

Nothing is followed (redirects), nothing is unpacked (content encodings), nothing is read beyond `Limits`. A login or token
leaves only for the archive's own address. Errors: dicomweb.no_answer, dicomweb.unauthorised, dicomweb.failed,
dicomweb.not_an_answer, dicomweb.no_token, dicom.too_many_answers.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import warnings
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

import urllib3
from pydicom.dataset import Dataset
from urllib3.exceptions import HTTPError, ProtocolError, SSLError

from localdb.clock import Clock
from localdb.errors import EnvironmentFault
from localdb.sources.dicomweb.multipart import Multipart, NotMultipart, Part, boundary_of
from localdb.sources.dimse.archive import (
    INSTANCE_KEYS,
    MOST_INSTANCES,
    MOST_SERIES,
    MOST_STUDIES,
    SERIES_KEYS,
    STUDY_KEYS,
    NotDurable,
    recent,
)
from localdb.sources.dimse.asking import TooManyAnswers
from localdb.sources.dimse.exchange import TOO_LARGE, TRY_AGAIN, Limits, Received, Take

PAGE = 500
_JSON = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_TOKEN = 16 * 1024
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750 §2.1
_OBJECTS = (
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"',
)


class WebNoAnswer(EnvironmentFault):
    """Nobody answers there, or not securely, or the answer broke off."""

    code = "dicomweb.no_answer"
    next_step = "Look whether the archive runs, whether this machine reaches it, and whether its certificate is known."


class Unauthorised(EnvironmentFault):
    """The archive does not let us in."""

    code = "dicomweb.unauthorised"
    next_step = "Renew the login, token or client certificate of this feed with the archive's administrator."


class WebFailed(EnvironmentFault):
    """The archive answered that it failed."""

    code = "dicomweb.failed"
    next_step = "Check the feed's `url`; the archive's administrator can look the status up in its log."


class NotAnAnswer(EnvironmentFault):
    """Something else than DICOMweb came back."""

    code = "dicomweb.not_an_answer"
    next_step = "Check that the feed's `url` is the root of a DICOMweb service, not of its web page or a proxy."


class NoToken(EnvironmentFault):
    """The token file cannot be read."""

    code = "dicomweb.no_token"
    next_step = (
        "Look whether whoever renews the token writes it where the feed's `token_file` says, readable for the service."
    )


class WebArchive:
    """`context` with a client certificate and the authorities of an https `url`; `login` `user:password` or `token_file`
    where the archive asks for one. May be used by one thread; `stop` by any."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        take: Take,
        *,
        context: ssl.SSLContext | None = None,
        login: bytes = b"",
        token_file: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._url, self._clock, self._take = url.rstrip("/"), clock, take
        self._limits = limits or Limits()
        self._login, self._token_file = login, token_file
        timeout = urllib3.Timeout(connect=10.0, read=self._limits.stall)
        more: dict[str, Any] = {"ssl_context": context} if context is not None else {}
        self._pool = urllib3.PoolManager(retries=False, timeout=timeout, maxsize=1, **more)
        self._over = threading.Event()

    def stop(self) -> None:
        """From any thread; what is under way ends with the next bytes."""
        self._over.set()

    # -- what has it --------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Does it live, and let us in? Raises dicomweb.*."""
        self._asked("studies", {"limit": "1"}, most=PAGE, pages=1)

    def studies(self, numbers: Sequence[str], since: date, by: str = "PatientID") -> list[list[Dataset]]:
        """The studies since that day of each PatientID (or AccessionNumber, as `by` says). Raises dicomweb.*."""
        keys = {"includefield": _fields(STUDY_KEYS)}
        return [recent(self._asked("studies", {by: number, **keys}, MOST_STUDIES), since) for number in numbers]

    def series(self, study: str) -> list[Dataset]:
        """The series of a study. Raises dicomweb.*."""
        return self._asked(f"studies/{study}/series", {"includefield": _fields(SERIES_KEYS)}, MOST_SERIES)

    def instances(self, study: str, series: Sequence[str]) -> list[list[Dataset]]:
        """The instances of each of these series. Raises dicomweb.*."""
        fields = _fields(INSTANCE_KEYS)
        return [
            self._asked(f"studies/{study}/series/{one}/instances", {"includefield": fields}, MOST_INSTANCES)
            for one in series
        ]

    def _asked(self, path: str, keys: dict[str, str], most: int, pages: int = 10_000) -> list[Dataset]:
        """Every page of a QIDO answer. A server that pays no heed to `offset` repeats itself, and that ends it."""
        made: list[Dataset] = []
        seen: set[str] = set()
        for page in range(pages):
            asked = {"limit": str(PAGE), **keys, **({"offset": str(page * PAGE)} if page else {})}
            try:
                found = self._json(path, asked)
            except WebFailed:  # some fail over a field that they do not know; what they give unasked is enough
                if "includefield" not in asked:
                    raise
                del asked["includefield"]
                found = self._json(path, asked)
            fresh = [d for d in found if (mark := json.dumps(d, sort_keys=True)) not in seen and not seen.add(mark)]  # type: ignore[func-returns-value]
            made += [_dataset(d) for d in fresh]
            if len(made) > most:
                raise TooManyAnswers("The archive gave more answers than can be meant.")
            if len(found) < PAGE or not fresh:
                break
        return made

    def _json(self, path: str, keys: dict[str, str]) -> list[dict[str, Any]]:
        query = "&".join(f"{k}={quote(v, safe='-,.')}" for k, v in keys.items())
        with self._answer(f"{path}?{query}", "application/dicom+json") as answer:
            if answer.status == 204:
                return []
            data = b""
            for piece in self._pieces(answer):
                data += piece
                if len(data) > _JSON:
                    raise TooManyAnswers("The archive's answer is larger than can be meant.")
        try:
            found = json.loads(data) if data.strip() else []
        except (ValueError, RecursionError):
            raise NotAnAnswer("The archive's answer is no DICOM JSON.") from None
        if not isinstance(found, list) or not all(isinstance(d, dict) for d in found):
            raise NotAnAnswer("The archive's answer is no DICOM JSON.")
        return found

    # -- sending it ---------------------------------------------------------------------------------------------------

    def fetch(self, study: str, series: str, uids: Sequence[str], classes: Sequence[str], *, is_all: bool) -> None:
        """Retrieves these instances of a series (`is_all`: the whole series at once) and hands each over when it is whole.
        Raises dicomweb.*; what came before stays."""
        root = f"studies/{study}/series/{series}"
        for path in [root] if is_all else [f"{root}/instances/{uid}" for uid in uids]:
            if self._over.is_set():
                return
            for part in self._parts(path):
                peer = self._url.split("/")[2]
                fault = TOO_LARGE if part.is_beginning else ""
                uid = "" if is_all else path.rsplit("/", 1)[1]
                stored = self._take(Received(data=part.data, peer=peer, at=self._clock(), fault=fault, uid=uid))
                if stored.status == TRY_AGAIN:
                    raise NotDurable("What the archive sent could not be made durable here.", code=stored.code or None)

    def _parts(self, path: str) -> Iterator[Part]:
        for accept in _OBJECTS:
            with self._answer(path, accept, passed=(404, 406)) as answer:
                if answer.status == 404:  # it was listed, and is gone: it stays missing
                    return
                if answer.status == 406:  # a server that does not know `transfer-syntax=*`
                    continue
                yield from self._objects(answer)
                return
        raise WebFailed("The archive gives no object as it lies there (status 406).")

    def _objects(self, answer: urllib3.BaseHTTPResponse) -> Iterator[Part]:
        kind = answer.headers.get("content-type", "")
        if kind.lower().startswith("application/dicom") and "json" not in kind.lower():
            yield from self._single(answer)
            return
        try:
            reader = Multipart(boundary_of(kind), self._limits)
            begun = monotonic()
            for piece in self._pieces(answer):
                for part in reader.feed(piece):
                    yield part
                    begun = monotonic()
                if monotonic() - begun > self._limits.slowest:
                    raise WebNoAnswer("The archive sends too slowly.")
        except NotMultipart:
            raise NotAnAnswer("The archive's answer holds no objects that can be told apart.") from None
        if not reader.is_closed and not self._over.is_set():
            raise WebNoAnswer("The archive's answer broke off.")

    def _single(self, answer: urllib3.BaseHTTPResponse) -> Iterator[Part]:
        data = bytearray()
        for piece in self._pieces(answer):
            data += piece
            if len(data) > self._limits.object:
                yield Part(bytes(data[: self._limits.beginning]), True)
                return
        if not self._over.is_set():
            yield Part(bytes(data))

    # -- the line -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _answer(self, path: str, accept: str, passed: tuple[int, ...] = ()) -> Iterator[urllib3.BaseHTTPResponse]:
        """One answer, its status looked at. Raises dicomweb.*."""
        headers = {"Accept": accept, "Accept-Encoding": "identity", **self._credentials()}
        try:
            answer = self._pool.request(
                "GET",
                f"{self._url}/{path}",
                headers=headers,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except SSLError:
            raise WebNoAnswer("The archive's certificate is not known, or it wants one of ours.") from None
        except (HTTPError, OSError):
            raise WebNoAnswer("The archive does not answer.") from None
        try:
            if answer.status in (401, 403):
                raise Unauthorised(f"The archive does not let this machine in (status {answer.status}).")
            if answer.status not in (200, 204, 206, *passed):
                raise WebFailed(f"The archive answered with status {answer.status}.")
            if answer.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
                raise NotAnAnswer("The archive packs its answers although it was asked not to.")
            yield answer
        finally:
            answer.close()  # what was not read would hold the connection
            answer.release_conn()

    def _pieces(self, answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            for piece in answer.stream(_CHUNK, decode_content=False):
                if self._over.is_set():
                    return
                yield piece
        except (ProtocolError, HTTPError, OSError):
            raise WebNoAnswer("The archive's answer broke off.") from None

    def _credentials(self) -> dict[str, str]:
        if self._login:
            return {"Authorization": "Basic " + b64encode(self._login).decode()}
        if not self._token_file:
            return {}
        try:
            with Path(self._token_file).open("rb") as file:
                token = file.read(_TOKEN).strip().decode("ascii")
        except (OSError, ValueError):
            raise NoToken("The token file cannot be read.") from None
        if not _BEARER.match(token):
            raise NoToken("The token file holds no token.")
        return {"Authorization": f"Bearer {token}"}


def _fields(keys: Sequence[str]) -> str:
    """What is wanted back. DICOM JSON is UTF-8 always, so no character set (Orthanc 1.10 answers 400 to it)."""
    return ",".join(k for k in keys if k != "SpecificCharacterSet" and not k.endswith("Sequence"))


def _dataset(found: dict[str, Any]) -> Dataset:
    """One answer. What of it is not as DICOM JSON has it is left out with its element."""
    made = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tag, element in found.items():
            with suppress(Exception):  # pydicom raises whatever it stumbles over; the other elements stand
                one = Dataset.from_json({tag: element})
                made.update({e.tag: e for e in one})
    return made
