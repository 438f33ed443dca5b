"""Frames come out whole, in order and the same however the stream is cut; no byte is lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.mllp.framing import HEAD, Deframer, Half, Stray, TooLarge, Whole, framed

MESSAGE = b"MSH|^~\\&|LAB|H|WL|W|20260101||ORU^R01|1|P|2.3\rPID|1||7\r"
# Streams made of what matters to framing, so that its corners are met often.
BITS = st.sampled_from(
    [b"\x0b", b"\x1c", b"\r", b"\n", b"\x1c\r", b"MSH", b"MS", b"BHS", b"<?xml", b"<?", b"x", b"MSH|", b"\x0bMSH|a"]
)
STREAMS = st.lists(st.one_of(BITS, st.binary(max_size=6)), max_size=40).map(b"".join)


def deframed(stream, cuts=(), **limits):
    deframer = Deframer(**limits)
    pieces, last = [], 0
    for cut in [*sorted(cuts), len(stream)]:
        pieces += deframer.feed(stream[last:cut])
        last = cut
    return pieces + deframer.end()


@given(STREAMS, st.data())
def test_any_cutting_gives_the_same_pieces(stream, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12))
    assert deframed(stream, cuts) == deframed(stream)
    assert deframed(stream, range(len(stream))) == deframed(stream)


@given(STREAMS, st.integers(1, 40), st.data())
def test_with_small_limits_too(stream, limit, data):
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12))
    assert deframed(stream, cuts, limit=limit, stray=3) == deframed(stream, limit=limit, stray=3)


@given(STREAMS)
def test_no_byte_is_lost(stream):
    """The pieces stand in the stream in their order; between them is nothing but framing and line ends."""
    at = 0
    for piece in deframed(stream):
        found = stream.find(piece.data, at)
        assert found >= 0
        assert stream[at:found].strip(b"\x0b\x1c\r\n") == b""
        at = found + len(piece.data)
    assert stream[at:].strip(b"\x0b\x1c\r\n") == b""


# A message's own bytes never end or begin a frame; 0x0B and 0x1C may stand in it otherwise.
BODIES = st.binary(min_size=1, max_size=60).map(lambda b: b.replace(b"\x1c", b"\x1cx").replace(b"\x0b", b"\x0bx"))


@given(st.lists(BODIES, max_size=8), st.data())
def test_every_message_comes_out_once_and_in_order(bodies, data):
    ends = [data.draw(st.sampled_from([b"\x1c\r", b"\x1c\n", b"\x1c\r\n", b"\x1c"])) for _ in bodies]
    stream = b"".join(b"\x0b" + b + e for b, e in zip(bodies, ends, strict=True))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12))
    assert deframed(stream, cuts) == [Whole(b) for b in bodies]


def test_bytes_between_frames_are_given_out():
    assert deframed(b"hello" + framed(b"a") + b"\r\n" + framed(b"b") + b"\nGET /\r\n") == [
        Stray(b"hello"), Whole(b"a"), Whole(b"b"), Stray(b"\nGET /\r\n"),
    ]  # fmt: skip


def test_a_frame_begun_anew_is_two_pieces_never_one_message():
    stream = b"\x0b" + MESSAGE[:30] + b"\x0b" + MESSAGE + b"\x1c\r"
    assert deframed(stream, range(len(stream))) == [Half(MESSAGE[:30]), Whole(MESSAGE)]


def test_a_vertical_tab_in_a_text_is_no_new_frame():
    body = MESSAGE + b"OBX|1|TX|||line\x0bline\r"
    assert deframed(framed(body)) == [Whole(body)]


def test_a_missing_cr_is_settled_when_nothing_follows():
    deframer = Deframer()
    assert deframer.feed(b"\x0b" + MESSAGE + b"\x1c") == [] and deframer.is_unsettled
    assert deframer.settle() == [Whole(MESSAGE)] and not deframer.is_inside
    assert deframer.feed(b"\r" + framed(b"next")) == [Whole(b"next")]
    assert deframer.settle() == []


def test_a_half_frame_is_given_out_at_the_end():
    assert deframed(b"\x0b" + MESSAGE) == [Half(MESSAGE)]


def test_fifty_mebibytes_pass_and_over_the_limit_only_the_head_is_held():
    large = b"MSH|" + bytes(50 * 1024 * 1024)
    assert deframed(framed(large), range(0, len(large), 1 << 20)) == [Whole(large)]
    deframer, most = Deframer(limit=1 << 20), 0
    pieces = deframer.feed(b"\x0bMSH|")
    for _ in range(640):
        pieces += deframer.feed(bytes(64 * 1024))
        most = max(most, deframer.held)
    pieces += deframer.feed(b"\x1c\r" + framed(b"next"))
    assert most <= (1 << 20) + 2 * 64 * 1024
    assert pieces == [TooLarge((b"MSH|" + bytes(HEAD))[:HEAD], 4 + 640 * 64 * 1024), Whole(b"next")]


@pytest.mark.parametrize("byte", [b"\x0b", b"\x1c", b"M"])
def test_no_content_costs_more_than_another(byte):
    """Lone marks inside a frame must not make it quadratic: 8 MiB of them in the time of a few seconds at most."""
    began = time.process_time()
    assert deframed(framed(byte * (8 << 20)), range(0, 8 << 20, 1 << 16)) == [Whole(byte * (8 << 20))]
    assert time.process_time() - began < 5
