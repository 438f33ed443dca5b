"""Files with several messages: batches, MLLP captures, garbage between, every byte with a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.hl7v2.batches import GARBAGE, MESSAGE, TRAILER, pieces
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE
from tests.unit.sources.hl7v2_help import PID, message, own_bytes, read

ONE = message("ADT^A08", PID, control="1")
TWO = message("ADT^A08", PID, control="2")
BATCH = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ONE + TWO + b"BTS|2\rFTS|1\r"


def outcomes(data: bytes) -> list[tuple[str, str]]:
    return [(u.verdict, u.code) for u in read(data).units]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("between", [b"", b"\r\n\r\n", b"\n\n\n", b"\x1c\r\x0b", b" \r"])
def test_messages_are_parted_whatever_stands_between(end: bytes, between: bytes) -> None:
    data = (ONE + between + TWO).replace(b"\r", end) if b"\x1c" not in between else ONE + between + TWO
    reading = read(data)
    assert [u.verdict for u in reading.units] == [READ, READ]
    assert [u.index for u in reading.units] == [0, 1]
    assert own_bytes(reading, reading.units[1]).startswith(b"MSH|") and b"|2|P|" in own_bytes(reading, reading.units[1])


def test_a_batch_is_its_messages() -> None:
    reading = read(BATCH)
    assert [(u.verdict, u.type) for u in reading.units] == [(READ, "ADT^A08")] * 2
    assert [own_bytes(reading, u) for u in reading.units] == [ONE, TWO]


def test_a_batch_that_announces_more_than_it_holds_is_seen() -> None:
    data = BATCH.replace(b"BTS|2", b"BTS|3")
    assert outcomes(data) == [(READ, ""), (READ, ""), (SET_ASIDE, "hl7.batch_count")]


def test_each_batch_of_a_file_counts_its_own() -> None:
    batch = b"BHS|^~\\&|A\r" + ONE + b"BTS|1\r"
    assert outcomes(b"FHS|^~\\&\r" + batch + batch.replace(b"|1|P", b"|7|P") + b"FTS|2\r") == [(READ, ""), (READ, "")]


def test_a_batch_without_messages_is_not_kept() -> None:
    assert outcomes(b"FHS|^~\\&|A\rBHS|^~\\&|A\rBTS|0\rFTS|1\r") == [(NOT_KEPT, "")]


def test_an_mllp_capture_is_read_frame_by_frame() -> None:
    data = b"\x0b" + ONE + b"\x1c\r" + b"\x0b" + TWO + b"\x1c\r"
    reading = read(data)
    assert [own_bytes(reading, u) for u in reading.units] == [ONE, TWO]


def test_garbage_is_set_aside_with_its_bytes_and_loses_no_message() -> None:
    data = b"noise \xff\x00\r\n" + ONE + b"\x1c\rtrailing noise\r" + b"\x0b" + TWO
    reading = read(data)
    assert [(u.verdict, u.code) for u in reading.units] == [
        (SET_ASIDE, "hl7.not_hl7"), (READ, ""), (SET_ASIDE, "hl7.not_hl7"), (READ, "")]  # fmt: skip
    assert b"noise \xff" in own_bytes(reading, reading.units[0])
    assert b"trailing noise" in own_bytes(reading, reading.units[2])


@pytest.mark.parametrize("data", [b"MSH", b"hello", b"\x00\x01\x02\x03", b"PID|1||2\r", b"%PDF-1.4"])
def test_what_is_no_message_is_one_piece_set_aside(data: bytes) -> None:
    reading = read(data)
    assert [(u.verdict, u.code) for u in reading.units] == [(SET_ASIDE, "hl7.not_hl7")]
    assert own_bytes(reading, reading.units[0]) == data


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\x0b\x1c\r"])
def test_an_empty_file_says_so(data: bytes) -> None:
    assert outcomes(data) == [(SET_ASIDE, "file.empty")]


def test_the_header_word_inside_a_text_parts_nothing() -> None:
    data = message("ORU^R01", PID, "OBX|1|TX|||see MSH|x and xMSH|", "NTE|1||MSH without a separator")
    assert len(read(data).units) == 1


FRAGMENTS = st.sampled_from(
    [b"MSH|^~\\&|", b"MSH", b"FHS|", b"BHS|^~", b"BTS|3", b"FTS", b"\r", b"\n", b"\x0b", b"\x1c", b"\x00", b"|", b"ADT^A01",
     b"PID|1||5^^^H", b" ", b"x", b"\xef\xbb\xbf", b"\xff"]
)  # fmt: skip


@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=6)), max_size=30).map(b"".join))
def test_pieces_stand_in_order_and_leave_out_only_blanks_and_batch_lines(data: bytes) -> None:
    at = 0
    for piece in pieces(data):
        assert piece.kind in (MESSAGE, GARBAGE, TRAILER)
        assert at <= piece.start < piece.end <= len(data)
        left = data[at : piece.start].strip(b"\r\n\x0b\x1c\x00\x1a \t")
        assert not left or left.startswith((b"FHS", b"BHS", b"FTS", b"\xef\xbb\xbf")), left
        if piece.kind == MESSAGE:
            assert data[piece.start : piece.start + 3] == b"MSH"
        at = piece.end
