"""A DICOMweb server that errs, lies or means harm: nothing half is taken, nothing is read without a limit, nobody gets our
token who should not."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from localdb.clock import present
from localdb.errors import WardlampError
from localdb.sources.dicomweb.archive import WebArchive
from localdb.sources.dimse.exchange import STORED, Limits, Received, Stored
from tests.unit.sources.dicomweb.test_multipart import message

RELATED = 'multipart/related; type="application/dicom"; boundary=XyZ'
STUDY = {"0020000D": {"vr": "UI", "Value": ["1.2.3"]}, "00100020": {"vr": "LO", "Value": ["12"]}}
SINCE = date(2024, 1, 1)


class Server:
    """Answers each GET by `answer(handler)`, and keeps what was asked."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # the client may go in the middle
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/dicom-web"


def sends(status: int, kind: str, body: bytes, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        length = headers.pop("length", str(len(body)))
        handler.send_header("Content-Length", length)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


@contextmanager
def served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Server]:
    made = Server(answer)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()


class Kept(list):
    def take(self, received: Received) -> Stored:
        self.append(received)
        return Stored(STORED)


def archive(server: Server, kept: Kept | None = None, **more) -> WebArchive:
    return WebArchive(server.url, present, (kept if kept is not None else Kept()).take, **more)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(WardlampError) as refused:
        act()
    assert refused.value.next_step
    return refused.value.code


JSON = "application/dicom+json"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (sends(401, "text/html", b"no"), "dicomweb.unauthorised"),
        (sends(403, "text/html", b"no"), "dicomweb.unauthorised"),
        (sends(500, "text/html", b"oops"), "dicomweb.failed"),
        (sends(302, "text/html", b"", Location="http://127.0.0.1:1/elsewhere"), "dicomweb.failed"),
        (sends(200, "text/html", b"<html>Please log in</html>"), "dicomweb.not_an_answer"),
        (sends(200, JSON, b'{"not": "a list"}'), "dicomweb.not_an_answer"),
        (sends(200, JSON, b"[1, 2]"), "dicomweb.not_an_answer"),
        (sends(200, JSON, b"[" * 100_000), "dicomweb.not_an_answer"),
        (sends(200, JSON, json.dumps([STUDY]).encode()[:-5], length="5000"), "dicomweb.no_answer"),
        (sends(200, JSON, gzip.compress(b"[]"), Content_Encoding="gzip"), "dicomweb.not_an_answer"),
    ],
)
def test_an_answer_that_is_none_is_told_apart(answer: Callable[[BaseHTTPRequestHandler], None], code: str) -> None:
    with served(answer) as server:
        assert code_of(lambda: archive(server).studies(["12"], SINCE)) == code


def test_nobody_there() -> None:
    with served(sends(200, JSON, b"[]")) as server:
        gone = archive(server)
    assert code_of(gone.check) == "dicomweb.no_answer"


def test_pages_are_followed_until_they_end_or_repeat_themselves() -> None:
    every = [{**STUDY, "0020000D": {"vr": "UI", "Value": [f"1.2.{n}"]}} for n in range(1100)]

    def paged(handler: BaseHTTPRequestHandler) -> None:
        keys = parse_qs(urlsplit(handler.path).query)
        start, limit = int(keys.get("offset", ["0"])[0]), int(keys["limit"][0])
        sends(200, JSON, json.dumps(every[start : start + limit]).encode())(handler)

    with served(paged) as server:
        (found,) = archive(server).studies(["12"], SINCE)
        assert [d.StudyInstanceUID for d in found] == [f"1.2.{n}" for n in range(1100)]
        assert len(server.asked) == 3
    with served(sends(200, JSON, json.dumps(every[:500]).encode())) as server:  # it pays no heed to `offset`
        (found,) = archive(server).studies(["12"], SINCE)
        assert len(found) == 500
        assert len(server.asked) == 2


def test_more_answers_than_can_be_meant_end_the_question() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        start = int(parse_qs(urlsplit(handler.path).query).get("offset", ["0"])[0])
        some = [{"0020000D": {"vr": "UI", "Value": [f"1.{start + n}"]}} for n in range(500)]
        sends(200, JSON, json.dumps(some).encode())(handler)

    with served(endless) as server:
        assert code_of(lambda: archive(server).studies(["12"], SINCE)) == "dicom.too_many_answers"


def test_an_element_that_is_none_takes_only_itself() -> None:
    odd = {**STUDY, "00080061": {"vr": "??", "Value": [1]}, "zz": 3, "00201208": {"vr": "IS", "Value": ["x"]}}
    with served(sends(200, JSON, json.dumps([odd]).encode())) as server:
        (found,) = archive(server).studies(["12"], SINCE)
    assert found[0].StudyInstanceUID == "1.2.3"
    assert found[0].PatientID == "12"


def fetch(server: Server, kept: Kept, *, is_all: bool = True, **more) -> None:
    archive(server, kept, **more).fetch("1.2", "1.2.3", ["1.2.3.4", "1.2.3.5"], [], is_all=is_all)


def test_objects_come_by_series_or_one_by_one() -> None:
    with served(sends(200, RELATED, message([b"one", b"two"]))) as server:
        fetch(server, kept := Kept())
        assert [r.data for r in kept] == [b"one", b"two"]
        assert [p for p, _ in server.asked] == ["/dicom-web/studies/1.2/series/1.2.3"]
        assert server.asked[0][1]["Accept"] == 'multipart/related; type="application/dicom"; transfer-syntax=*'
    with served(sends(200, "application/dicom", b"alone")) as server:
        fetch(server, kept := Kept(), is_all=False)
        assert [r.data for r in kept] == [b"alone", b"alone"]
        assert [p.rsplit("/", 1)[1] for p, _ in server.asked] == ["1.2.3.4", "1.2.3.5"]


def test_a_server_that_does_not_know_every_transfer_syntax_is_asked_more_simply() -> None:
    def picky(handler: BaseHTTPRequestHandler) -> None:
        strict = "transfer-syntax" in handler.headers["Accept"]
        (sends(406, "text/plain", b"?") if strict else sends(200, RELATED, message([b"one"])))(handler)

    with served(picky) as server:
        fetch(server, kept := Kept())
        assert [r.data for r in kept] == [b"one"]


def test_what_is_gone_stays_missing_and_the_others_come() -> None:
    def one_gone(handler: BaseHTTPRequestHandler) -> None:
        gone = handler.path.endswith(".4")
        (sends(404, "text/plain", b"gone") if gone else sends(200, RELATED, message([b"five"])))(handler)

    with served(one_gone) as server:
        fetch(server, kept := Kept(), is_all=False)
        assert [r.data for r in kept] == [b"five"]


def test_what_breaks_off_leaves_what_was_whole() -> None:
    whole = message([b"one", b"two" * 100])
    with served(sends(200, RELATED, whole[:-120], length=str(len(whole)))) as server:
        kept = Kept()
        assert code_of(lambda: fetch(server, kept)) == "dicomweb.no_answer"
        assert [r.data for r in kept] == [b"one"]
    with served(sends(200, RELATED, whole[:-120])) as server:  # its length is right, its last boundary never comes
        kept = Kept()
        assert code_of(lambda: fetch(server, kept)) == "dicomweb.no_answer"
        assert [r.data for r in kept] == [b"one"]


def test_an_object_that_is_too_large_is_set_aside_by_its_beginning() -> None:
    limits = Limits(object=100_000, beginning=50)
    with served(sends(200, RELATED, message([b"x" * 5_000_000, b"two"]))) as server:
        fetch(server, kept := Kept(), limits=limits)
    assert [(len(r.data), r.fault) for r in kept] == [(50, "dimse.too_large"), (3, "")]
    with served(sends(200, "application/dicom", b"x" * 5_000_000)) as server:
        fetch(server, kept := Kept(), is_all=False, limits=limits)
    assert [(len(r.data), r.fault) for r in kept] == [(50, "dimse.too_large")] * 2


def test_a_body_without_boundaries_is_no_answer() -> None:
    for kind in (RELATED, "text/html", "multipart/related"):
        with served(sends(200, kind, b"<html>" + b" " * 200_000)) as server:
            assert code_of(lambda: fetch(server, Kept())) == "dicomweb.not_an_answer"


def test_a_token_is_read_anew_and_goes_nowhere_else(tmp_path: Path) -> None:
    token = tmp_path / "token"
    with served(sends(200, JSON, b"[]")) as stranger:

        def redirects(handler: BaseHTTPRequestHandler) -> None:
            sends(307, "text/plain", b"", Location=stranger.url + "/studies")(handler)

        token.write_text("first.token\n")
        with served(redirects) as server:
            asking = archive(server, token_file=str(token))
            assert code_of(asking.check) == "dicomweb.failed"
            token.write_text("second.token")
            assert code_of(asking.check) == "dicomweb.failed"
            assert [h["Authorization"] for _, h in server.asked] == ["Bearer first.token", "Bearer second.token"]
        assert stranger.asked == [], "a redirect is not followed"
        for bad in ("", "two words", "line\r\nX-Injected: 1", "ümlaut"):
            token.write_text(bad, encoding="utf-8")
            assert code_of(archive(stranger, token_file=str(token)).check) == "dicomweb.no_token"
        token.unlink()
        assert code_of(archive(stranger, token_file=str(token)).check) == "dicomweb.no_token"
        archive(stranger, login=b"ward:l\xc3\xa4mp").check()
        assert stranger.asked[-1][1]["Authorization"] == "Basic d2FyZDpsw6RtcA==", "RFC 7617 §2.1, in UTF-8"


def test_a_number_is_asked_for_as_it_is() -> None:
    with served(sends(200, JSON, b"[]")) as server:
        archive(server).studies(["A&B=C /#1", "00123"], SINCE)
        assert parse_qs(urlsplit(server.asked[0][0]).query)["PatientID"] == ["A&B=C /#1"]
        assert "StudyDate" not in parse_qs(urlsplit(server.asked[1][0]).query), "a range would leave out the undated"


def test_the_undated_are_not_left_out_and_the_old_are() -> None:
    days = ["20230101", "20240101", "", "2023.12.31", "2024.01.01", "soon"]
    every = [{**STUDY, "00080020": {"vr": "DA", "Value": [day]} if day else {"vr": "DA"}} for day in days]
    for n, one in enumerate(every):
        one["0020000D"] = {"vr": "UI", "Value": [f"1.2.{n}"]}
    with served(sends(200, JSON, json.dumps(every).encode())) as server:
        (found,) = archive(server).studies(["12"], SINCE)
    assert [d.StudyInstanceUID for d in found] == ["1.2.1", "1.2.2", "1.2.4", "1.2.5"]


def test_a_field_that_a_server_does_not_know_is_not_asked_for_again() -> None:
    def picky(handler: BaseHTTPRequestHandler) -> None:
        asked = "includefield" in handler.path
        (sends(400, "text/plain", b"?") if asked else sends(200, JSON, json.dumps([STUDY]).encode()))(handler)

    with served(picky) as server:
        (found,) = archive(server).studies(["12"], SINCE)
    assert len(found) == 1


def test_a_stop_ends_what_is_under_way() -> None:
    held: dict[str, WebArchive] = {}

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", RELATED)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        data = message([b"a" * 400_000, b"b" * 400_000])
        for start in range(0, len(data), 65_536):
            piece = data[start : start + 65_536]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            if start > 400_000:
                held["archive"].stop()
        handler.wfile.write(b"0\r\n\r\n")

    with served(slowly) as server:
        kept = Kept()
        held["archive"] = archive(server, kept)
        held["archive"].fetch("1.2", "1.2.3", ["1"], [], is_all=True)
    assert len(kept) <= 1
