"""multipart/related in pieces of any size: whole parts only, and never more memory than the limits say."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from localdb.sources.dicomweb.multipart import Multipart, NotMultipart, Part, boundary_of
from localdb.sources.dimse.exchange import Limits

LIMITS = Limits(object=1000, beginning=10)
HEADERS = b"Content-Type: application/dicom\r\n\r\n"


def message(bodies: list[bytes], mark: bytes = b"XyZ", headers: bytes = HEADERS) -> bytes:
    return b"".join(b"--" + mark + b"\r\n" + headers + b + b"\r\n" for b in bodies) + b"--" + mark + b"--\r\n"


def parts(data: bytes, cuts: list[int], limits: Limits = LIMITS) -> tuple[list[Part], Multipart]:
    reader, found, at = Multipart(b"XyZ", limits), [], 0
    for cut in [*sorted(c % (len(data) + 1) for c in cuts), len(data)]:
        found += reader.feed(data[at:cut])
        at = cut
    return found, reader


# Bodies that hold what looks like a boundary, and is none.
LIKE = [b"", b"\r\n", b"q--XyZ", b"\r\n--Xy", b"\r\n-", b"--"]
# RFC 2046 §5.1.1: what is a boundary may not stand in a body.
BODY = st.one_of(st.binary(max_size=60), st.sampled_from(LIKE)).filter(lambda b: b"\r\n--XyZ" not in b"\r\n" + b)
BODIES = st.lists(BODY, max_size=5)


@given(BODIES, st.lists(st.integers(0, 10_000), max_size=12), st.sampled_from([HEADERS, b"\r\n"]))
@example([b"", b"\r\n"], list(range(60)), HEADERS)
@settings(max_examples=30, deadline=None)
def test_parts_are_whole_however_they_are_cut(bodies: list[bytes], cuts: list[int], headers: bytes) -> None:
    found, reader = parts(message(bodies, headers=headers), cuts)
    assert [p.data for p in found] == bodies
    assert reader.is_closed


@given(st.lists(BODY, min_size=1, max_size=4), st.integers(1, 400))
@settings(max_examples=20, deadline=None)
def test_what_breaks_off_gives_nothing_half(bodies: list[bytes], left: int) -> None:
    whole = message(bodies)
    found, reader = parts(whole[: max(0, len(whole) - 4 - left)], [])
    assert not reader.is_closed
    assert [p.data for p in found] == bodies[: len(found)]


def test_a_preamble_and_blanks_after_a_boundary_are_passed_over() -> None:
    whole = (
        b"This is a multipart message.\r\n--XyZ  \r\n" + HEADERS + b"one\r\n--XyZ\r\nA: b\r\nC: d\r\n\r\ntwo\r\n--XyZ--"
    )
    assert [p.data for p in parts(whole, [])[0]] == [b"one", b"two"]


def test_an_object_that_is_too_large_is_its_beginning_and_the_next_one_is_whole() -> None:
    found, reader = parts(message([b"a" * 5000, b"b", b"c" * 1000]), list(range(0, 6000, 64)))
    assert [(p.data, p.is_beginning) for p in found] == [(b"a" * 10, True), (b"b", False), (b"c" * 1000, False)]
    assert reader.is_closed


def test_nothing_grows_without_an_end() -> None:
    reader = Multipart(b"XyZ", LIMITS)
    list(reader.feed(b"--XyZ\r\n" + HEADERS))
    for _ in range(1000):
        assert list(reader.feed(b"z" * 4096)) == []
        assert len(reader._data) < 10_000
    nothing = Multipart(b"XyZ", LIMITS)
    with pytest.raises(NotMultipart):
        for _ in range(1000):
            list(nothing.feed(b"no boundary at all " * 50))
    with pytest.raises(NotMultipart):
        list(Multipart(b"XyZ", LIMITS).feed(b"--XyZ\r\n" + b"A: b\r\n" * 10_000))
    with pytest.raises(NotMultipart):
        list(Multipart(b"XyZ", LIMITS).feed(b"--XyZ" + b" " * 1000))


@pytest.mark.parametrize(
    ("given_type", "mark"),
    [
        ('multipart/related; type="application/dicom"; boundary=abc-1', b"abc-1"),
        ('Multipart/Related; boundary="a b;c"; type=x', b"a b;c"),
        ("multipart/related;BOUNDARY=q", b"q"),
    ],
)
def test_the_boundary_is_read(given_type: str, mark: bytes) -> None:
    assert boundary_of(given_type) == mark


NONE = ["", "text/html", "multipart/related", 'multipart/related; boundary=""', "application/dicom; boundary=x"]


@pytest.mark.parametrize("given_type", NONE)
def test_no_boundary_is_no_multipart(given_type: str) -> None:
    with pytest.raises(NotMultipart):
        boundary_of(given_type)
