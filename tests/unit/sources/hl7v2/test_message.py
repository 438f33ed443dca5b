"""Segments, fields, escapes and delimiters of a message (HL7 v2.8 chapter 2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.hl7v2.message import Delimiters, parse, unescape

HEAD = "MSH|^~\\&|A|B|C|D|20261120||ADT^A01|1|P|2.5\r"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\n\r\n", "\n\r"])
def test_segments_end_by_any_line_end(end: str) -> None:
    found = parse(end.join(("MSH|^~\\&|A", "EVN|A01", "PID|1", "")))
    assert found is not None
    assert [s.name for s in found.segments] == ["MSH", "EVN", "PID"]


def test_the_header_counts_its_separator_as_the_first_field() -> None:
    found = parse(HEAD)
    assert found is not None
    assert (found.msh.raw(1), found.msh.raw(2), found.msh.text(3), found.msh.text(12)) == ("|", "^~\\&", "A", "2.5")
    assert (found.type, found.code, found.trigger, found.control_id) == ("ADT^A01", "ADT", "A01", "1")


def test_a_message_says_its_own_delimiters() -> None:
    found = parse("MSH$%~\\&$LAB\rPID$$$1%2%3&4~5%6\r")
    assert found is not None
    pid = found.segments[1]
    assert found.delimiters == Delimiters("$", "%", "~", "\\", "&")
    assert (pid.text(3), pid.text(3, 3), pid.text(3, 3, 2), pid.text(3, 1, 1, 1)) == ("1", "3", "4", "5")


def test_a_header_without_encoding_characters_has_the_standard_ones() -> None:
    found = parse("MSH||A\rPID|||1^2\r")
    assert found is not None and found.segments[1].text(3, 2) == "2"


def test_a_line_that_is_no_segment_goes_on_where_the_last_one_ended() -> None:
    found = parse(HEAD + "OBX|8|ST|Test||first line\n\nsecond line||20090505\rNTE|1||x\r")
    assert found is not None
    assert [s.name for s in found.segments] == ["MSH", "OBX", "NTE"]
    assert found.segments[1].text(5) == "first line\nsecond line"
    assert found.segments[1].text(7) == "20090505"


def test_a_word_of_three_letters_in_a_text_is_no_segment() -> None:
    found = parse(HEAD + "OBX|1|TX|||the end:\nYES\nORC\r")
    assert found is not None
    assert [s.name for s in found.segments] == ["MSH", "OBX", "ORC"]


@pytest.mark.parametrize("text", ["", "MSH", "MSHA^", "PID|1\r", "MSH \r", "xMSH|^~\\&|\r"])
def test_what_has_no_readable_header_is_no_message(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
        ("one\\.br\\two\\.sp\\three\\.sp2\\four", "one\ntwo\nthree\nfour"),
        ("\\H\\high\\N\\ \\.in+4\\x\\.nf\\", "high x"),
        ("\\X41\\\\XC3A9\\", "Aé"),
        ("\\XE9\\", "é"),
        ("\\Zown\\ \\Q\\", "\\Zown\\ \\Q\\"),
        ("open \\F", "open \\F"),
        ("C:\\temp", "C:\\temp"),
    ],
)
def test_escapes_are_resolved_and_unknown_ones_stand_as_sent(sent: str, shown: str) -> None:
    assert unescape(sent) == shown


def test_the_standards_delete_is_told_from_silence() -> None:
    found = parse(HEAD + 'PID|1||""||x~""\r')
    assert found is not None
    pid = found.segments[1]
    assert pid.is_null(3) and pid.text(3) == "" and not pid.is_null(4) and pid.repetitions(5) == ["x"]


ESCAPED = {"|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\", "\r": "\\X0D\\", "\n": "\\X0A\\"}


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_what_is_escaped_comes_back_to_the_letter(value: str) -> None:
    sent = "".join(ESCAPED.get(c, c) for c in value)
    assert unescape(sent) == value
    found = parse(HEAD + f"OBX|1|TX|||a{sent}z|\r")
    assert found is not None
    if not set(value) & set("\x0b\x1c"):
        assert found.segments[1].text(5) == f"a{value}z"


@given(st.text(max_size=200))
def test_unescaping_and_parsing_are_total(text: str) -> None:
    unescape(text)
    found = parse("MSH|^~\\&|" + text)
    assert found is not None and found.msh.name == "MSH"
    for segment in found.segments:
        for n in range(len(segment.fields) + 2):
            assert isinstance(segment.text(n, 2, 2, 1), str)
    again = parse(found.text)
    assert again is not None and again.segments == found.segments
