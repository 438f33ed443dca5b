"""Bytes to units: never an exception, each unit's own bytes, what makes a message the same one."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.sources.hl7v2 import mapping, reading
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE
from tests.unit.sources.hl7v2_help import PID, message, own_bytes, read, unit

ONE = message("ADT^A08", PID)


def test_a_unit_keeps_its_own_bytes_digest_time_and_name() -> None:
    result = read(ONE)
    (found,) = result.units
    assert own_bytes(result, found) == ONE
    assert result.sha256 == sha256(ONE).hexdigest()
    assert found.source_id == "PAS|RXX|C1|20261120021000|ADT^A08"
    assert found.digest == sha256(ONE).digest()
    assert found.updated == 1_795_140_600_000_000
    assert result.cut is not None and result.cut.text == "20261120021000" and result.cut_rule == "message"


def test_the_same_message_has_the_same_digest_whatever_its_line_ends() -> None:
    wanted = unit(ONE).digest
    for end in (b"\n", b"\r\n"):
        assert unit(ONE.replace(b"\r", end)).digest == wanted
    assert unit(b"\x0b" + ONE + b"\x1c\r").digest == wanted
    assert unit(ONE.replace(b"Fry", b"Frye")).digest != wanted


def test_another_time_or_sender_is_another_message_with_the_same_control_id() -> None:
    names = {
        unit(d).source_id for d in (ONE, ONE.replace(b"|PAS|", b"|EPR|"), message("ADT^A08", PID, time="20261121"))
    }
    assert len(names) == 3
    assert unit(ONE.replace(b"Fry", b"Frye")).source_id == unit(ONE).source_id


def test_without_a_control_id_the_content_is_the_name() -> None:
    found = unit(message("ADT^A08", PID, control=""))
    assert found.source_id == "#" + found.digest.hex()


def test_the_cut_is_the_latest_message_that_was_read() -> None:
    data = message("ADT^A08", PID, time="20261122") + ONE + message("ACK", time="20261124")
    found = read(data)
    assert found.cut is not None and found.cut.text == "20261122"


def test_the_order_is_the_time_of_the_message_else_of_the_event() -> None:
    by_event = unit(message("ADT^A08", "EVN||20261120021000", PID, time=""))
    assert by_event.updated == unit(ONE).updated
    assert unit(message("ADT^A08", PID, time="")).updated is None
    assert {f.order for f in unit(message("ADT^A08", PID, time="")).facts} == {0}


@pytest.mark.parametrize(
    "type_",
    [
        "ACK",
        "ACK^A01",
        "MFN^M02",
        "DFT^P03",
        "BAR^P01",
        "QBP^Q22",
        "RSP^K22",
        "ORL^O34",
        "ADT^A20",
        "ADT^A19",
        "SRM^S01",
        "ERP^R09",
    ],
)
def test_acknowledgements_questions_money_and_administration_are_not_kept(type_: str) -> None:
    found = unit(message(type_, PID))
    assert (found.verdict, found.facts, found.raw) == (NOT_KEPT, (), None)
    assert found.reason


def test_an_unknown_kind_of_a_known_patient_is_kept() -> None:
    found = unit(message("ZZZ^Z01", PID))
    assert found.verdict == READ
    assert [f.kind for f in found.facts] == ["patient", "other"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (message("ZZZ^Z01"), "hl7.unknown_type"),
        (message("", PID), "hl7.no_type"),
        (message("ADT^A01"), "hl7.no_patient"),
        (message("ORU^R01", "PID|1||||Fry"), "hl7.no_patient"),
        (message("ORU^R01", PID, "PID|2"), "hl7.no_patient"),
    ],
)
def test_what_has_no_place_is_set_aside_with_its_reason_and_bytes(data: bytes, code: str) -> None:
    result = read(data)
    (found,) = result.units
    assert (found.verdict, found.code) == (SET_ASIDE, code)
    assert own_bytes(result, found) == data
    assert "Fry" not in found.reason


def test_one_message_that_breaks_its_mapping_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real = mapping.take_patient

    def broken(group: object, at: object, told: object, **more: object) -> None:
        if b"666" in str(group).encode():
            raise ValueError("Fry 123456 in the words of an error")
        real(group, at, told, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(mapping, "take_patient", broken)
    result = read(ONE + ONE.replace(b"123456", b"666") + ONE)
    assert [(u.verdict, u.code) for u in result.units] == [(READ, ""), (SET_ASIDE, "hl7.reader_failed"), (READ, "")]
    assert "Fry" not in result.units[1].reason and "ValueError" in result.units[1].reason
    assert own_bytes(result, result.units[1]) == ONE.replace(b"123456", b"666")


def test_a_message_that_is_too_large_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_MESSAGE", len(ONE))
    result = read(ONE + ONE.replace(b"|M\r", b"|M||||||more\r"))
    assert [(u.verdict, u.code) for u in result.units] == [(READ, ""), (SET_ASIDE, "hl7.too_large")]


LINES = st.sampled_from(
    [
        b"MSH|^~\\&|A|B|||2026||ADT^A01|1|P|2.5",
        b"MSH|^~\\&|A|B|||x||ORU^R01|2",
        b"MSH$%~\\&$$$$$$$ADT%A40",
        b"PID|1||1^^^H^MR",
        b'PID|||""~x^^&&&^',
        b"MRG|2",
        b"PV1|1|I|^^^|" + b"|" * 15 + b"V",
        b"EVN||99999999",
        b"AL1|1|DA|x",
        b"IAM|||~^^^^|||D",
        b"OBR|1|a|b|c^^",
        b"OBX|1|NM|x||1||||||F",
        b"OBX|1|ED|x||^^^Base64^!!",
        b"PRB|AD||x",
        b"DG1|1",
        b"FHS|",
        b"BTS|9",
        b"\x1c",
        b"\x0b",
        b"ZZZ|\xff\xfe",
        b"NTE|1||\\X\\",
        b"ORC|",
        b"RXE|",
        b"RXA|",
        b"SCH|",
        b"TXA|",
        b"RGS|",
        b"AIS|",
        b"TQ1|",
        b"RXO|",
        b"RXA|0|1|19570101|x|CVX",
    ]
)
TYPES = st.sampled_from(
    [
        b"ADT^A01",
        b"ADT^A45",
        b"ADT^A24",
        b"ADT^A17",
        b"ORU^R01",
        b"ORM^O01",
        b"RDE^O11",
        b"RAS^O17",
        b"VXU^V04",
        b"SIU^S12",
        b"MDM^T02",
        b"PPR^PC1",
        b"OML^O21",
        b"REF^I12",
        b"ZZZ",
    ]
)


@settings(max_examples=300)
@given(TYPES, st.lists(st.one_of(LINES, st.binary(max_size=30)), max_size=14), st.sampled_from([b"\r", b"\n", b"\r\n"]))
def test_reading_never_fails_and_every_unit_has_its_bytes(type_: bytes, lines: list[bytes], end: bytes) -> None:
    head = b"MSH|^~\\&|A|B|||20261120||" + type_ + b"|1|P|2.5"
    result = read(end.join((head, *lines)))
    check(result)
    assert not [u.reason for u in result.units if u.code == "hl7.reader_failed"]


@given(st.binary(max_size=300))
def test_reading_is_total_over_bytes(data: bytes) -> None:
    check(read(data, SourceProfile(charset="UTF-8")))


def check(result: object) -> None:
    from localdb.sources.units import FileReading

    assert isinstance(result, FileReading)
    assert result.units
    assert [u.index for u in result.units] == list(range(len(result.units)))
    for found in result.units:
        if found.verdict == NOT_KEPT:
            assert found.raw is None
            continue
        assert (found.code == "") == (found.verdict == READ)
        assert found.raw is not None
        own_bytes(result, found)


def test_damaged_real_messages_never_break_the_reader(data_dir, times) -> None:  # type: ignore[no-untyped-def]
    """Bytes flipped, cut out and doubled in messages of all makers, seeded."""
    chance = random.Random(5)
    files = sorted(f for f in (data_dir / "hl7v2").rglob("*") if f.is_file() and f.stat().st_size < 20_000)
    for _ in range(times(300, 30_000)):
        data = bytearray(chance.choice(files).read_bytes())
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(3):
                case 0:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : at + chance.randint(1, 40)]
                case _:
                    data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randint(1, 60)]
        result = read(bytes(data))
        check(result)
        assert not [u.reason for u in result.units if u.code == "hl7.reader_failed"]
