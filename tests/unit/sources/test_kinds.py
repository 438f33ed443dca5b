"""A file is read by the reader of its kind, told by its content (DESIGN §4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.sources.files import read_all, read_part
from localdb.sources.kinds import is_hl7v2, read_any
from localdb.sources.profiles import Profiles, SourceProfile
from localdb.sources.units import READ, FileReading
from localdb.sources.walking import Part
from tests.unit.sources.hl7v2_help import PID, message

ONE = message("ADT^A08", PID)
FHIR = b'{"resourceType":"Patient","id":"p1","birthDate":"1957-08-24"}'


@pytest.mark.parametrize(
    ("file", "data", "hl7"),
    [
        ("a.txt", ONE, True),
        ("a.json", ONE, True),  # the content counts, not the name
        ("a.hl7", FHIR, False),
        ("a.dat", b"\x0b" + ONE + b"\x1c\r", True),
        ("a.dat", b"\xef\xbb\xbf\r\n" + ONE, True),
        ("a.dat", ONE.decode().encode("utf-16"), True),
        ("a.dat", b"BHS|^~\\&|A\r" + ONE, True),
        ("a.xml", b'<ADT_A01 xmlns="urn:hl7-org:v2xml"><MSH/></ADT_A01>', True),
        ("a.xml", b'<Patient xmlns="http://hl7.org/fhir"/>', False),
        ("a.hl7", b"noise before\r" + ONE, True),
        ("a.txt", b"MSHA is a word", False),
        ("a.hl7", b"MSH", True),
        ("a.json", FHIR, False),
        ("a.txt", b"", False),
    ],
)
def test_kinds_are_told_by_content(file: str, data: bytes, hl7: bool) -> None:
    assert is_hl7v2(file, data) is hl7
    types = {u.type for u in read_any(file, data, "s", Profiles()).units}
    assert ("ADT^A08" in types) == (b"ADT^A08" in data.replace(b"\x00", b""))


def test_each_source_is_read_by_its_own_profile() -> None:
    profiles = Profiles(zone="UTC", of={"pas": SourceProfile(zone="Asia/Tokyo")})
    order = {s: read_any("a", ONE, s, profiles).units[0].updated for s in ("pas", "lims")}
    assert order["lims"] is not None and order["pas"] is not None
    assert order["lims"] - order["pas"] == 9 * 3600 * 1_000_000


def test_a_zone_alone_stands_for_the_profiles() -> None:
    part = Part(file="x/a.hl7", source="s", data=ONE)
    assert read_part(part, "Asia/Tokyo") == read_part(part, Profiles(zone="Asia/Tokyo"))
    assert read_part(part, "Asia/Tokyo").file == "x/a.hl7"


def test_children_read_both_kinds_as_this_process_does(tmp_path: Path) -> None:
    for n in range(5):
        (tmp_path / f"{n}.hl7").write_bytes(ONE.replace(b"|C1|", b"|C%d|" % n))
        (tmp_path / f"{n}.json").write_bytes(FHIR)
    profiles = Profiles(of={"s": SourceProfile(authorities=("NHS",))})

    def readings(processes: int) -> list[FileReading]:
        return list(read_all([tmp_path], source="s", profiles=profiles, processes=processes))

    here = readings(0)
    assert readings(2) == here
    assert [u.verdict for r in here for u in r.units] == [READ] * 10
