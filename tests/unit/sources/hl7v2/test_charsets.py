"""Character sets: MSH-18, the source's setting, and bytes that are not what they are said to be."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.hl7v2.charsets import codec_of, declared, decode, unwrapped
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.hl7v2_help import PID, message, own_bytes, read, told

NAME = "Nováková-Müller"


def named(charset: str, codec: str, name: str = NAME) -> bytes:
    """A message with MSH-18 whose patient's family name stands in another codec."""
    pid = PID.replace("Fry", name)
    return message("ADT^A08", pid, more="||||||" + charset).decode().encode(codec)


def family(data: bytes, profile: SourceProfile | None = None) -> tuple[str, str]:
    """(the family name as read, what the reader says of the characters)"""
    (found,) = read(data, profile).units
    return told(found, "patient")[0].names[0].family, found.reason


@pytest.mark.parametrize(
    ("charset", "codec", "name"),
    [
        ("8859/1", "latin-1", "Müller"),
        ("8859/2", "iso8859_2", "Nováková"),
        ("8859/5", "iso8859_5", "Иванова"),
        ("8859/7", "iso8859_7", "Παπαδόπουλος"),
        ("8859/15", "iso8859_15", "Œuvre€"),
        ("UNICODE UTF-8", "utf-8", "Иванова 李"),
        ("UTF-8", "utf-8", "Müller"),
        ("UNICODE", "utf-8", "Müller"),
        ("GB 18030-2000", "gb18030", "李娜"),
        ("ISO IR87", "iso2022_jp", "山田"),
        ("BIG-5", "big5", "許功蓋"),  # second bytes that look like delimiters
        ("KS X 1001", "euc_kr", "김민수"),
        ("WINDOWS-1252", "cp1252", "D’Arcy–Müller"),
        ("UNICODE UTF-8~ISO IR87", "utf-8", "Müller"),
    ],
)
def test_the_declared_set_reads_the_name(charset: str, codec: str, name: str) -> None:
    assert family(named(charset, codec, name)) == (name, "")


def test_ascii_that_is_not_says_how_it_was_read() -> None:
    found, finding = family(named("ASCII", "utf-8"))
    assert found == NAME
    assert "ASCII" in finding and "UTF-8" in finding


def test_unfit_bytes_fall_back_to_windows_and_then_to_latin_1() -> None:
    assert family(named("UNICODE UTF-8", "cp1252", "Müller"))[0] == "Müller"
    odd = named("ASCII", "utf-8", "Fry").replace(b"Fry", b"Fr\x81y")  # 0x81 has no meaning in Windows-1252
    assert family(odd) == ("Fr\x81y", "MSH-18 says ASCII; its characters were read as ISO 8859-1")


def test_quotes_of_windows_in_what_is_called_latin_1_are_quotes() -> None:
    found, finding = family(named("8859/1", "cp1252", "O’Brien"))
    assert found == "O’Brien" and "Windows-1252" in finding


def test_a_name_that_nobody_knows_is_a_finding_without_the_name_itself() -> None:
    found, finding = family(named("NUISANCE", "utf-8"))
    assert found == NAME and "does not know" in finding and "NUISANCE" not in finding


def test_the_sources_setting_goes_before_msh_18() -> None:
    lying = named("UNICODE UTF-8", "iso8859_2", "Nováková")
    assert family(lying, SourceProfile(charset="8859/2")) == ("Nováková", "")


def test_plain_ascii_needs_no_name() -> None:
    assert family(named("NUISANCE", "ascii", "Fry")) == ("Fry", "")


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_byte_order_marks_and_wide_characters_are_seen(mark: bytes, codec: str) -> None:
    text = named("UNICODE UTF-16", "utf-8").decode()
    data = mark + text.encode(codec)
    reading = read(data)
    (found,) = reading.units
    assert told(found, "patient")[0].names[0].family == NAME
    assert found.reason == ""
    assert own_bytes(reading, found).decode("utf-8") == text


@pytest.mark.parametrize("name", ["iso-8859-1", "ISO8859/1", "8859/1", "8859_1", "ISO_8859-1"])
def test_names_are_known_as_senders_write_them(name: str) -> None:
    assert codec_of(name) == "iso8859_1"


def test_msh_18_is_found_with_any_delimiters() -> None:
    assert declared(b"MSH$%~\\&" + b"$" * 16 + b"8859/2~ASCII%x$y\rPID") == "8859/2"
    assert declared(b"MSH|^~\\&|short\r") == ""


@given(st.binary(max_size=80), st.sampled_from(["", "ASCII", "8859/8", "UNICODE UTF-16", "ISO IR159", "BIG-5", "?"]))
def test_every_byte_has_a_reading(raw: bytes, setting: str) -> None:
    found = decode(raw, setting)
    assert isinstance(found.text, str)
    assert len(found.text) <= len(raw)
    unwrapped(raw)
