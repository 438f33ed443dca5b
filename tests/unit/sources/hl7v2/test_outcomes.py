"""What becomes of every message of six makers (`WARDLAMP_DATA/hl7v2`), against what the data say of themselves.

Expected: the counts of data/README.md by folder and type, the parse check of MANIFEST.csv for each file, and for each
message a verdict by rules of a few lines that look at the raw text only (what kind, whether it names a patient).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from localdb.sources.filling import fill
from localdb.sources.kinds import read_any
from localdb.sources.profiles import Profiles
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE, FileReading, Unit
from localdb.store.intake import Intake
from tests.unit.sources.hl7v2_help import own_bytes

# Codes of the standard that answer, ask, count money or administer (table 0076), as they occur in the data.
ASIDE_BY_NATURE = frozenset({"ACK", "ORL", "RSP", "QBP", "ERP", "DFT", "BAR", "MFN"})
CARE = frozenset(
    {"ADT", "ORU", "OUL", "ORM", "OML", "OMG", "OMD", "OMP", "RDE", "RDS", "REF", "MDM", "SIU", "VXU", "PPR"}
)
MERGES = frozenset({"A18", "A34", "A40", "A45", "A47"})


class Text:
    """A message as a reader of plain text sees it: lines and separators, nothing else."""

    def __init__(self, raw: bytes) -> None:
        text = raw.decode("utf-8", "replace").lstrip("\ufeff\x0b")
        self.lines = [x for x in re.split(r"[\r\n]+", text) if x.strip("\x0b\x1c ")]
        self.bar = self.lines[0][3]
        marks = self.lines[0][4:].split(self.bar)[0]
        self.hat, self.tilde = (marks + "^~"[len(marks) :])[:2] if marks else "^~"
        header = self.lines[0].split(self.bar)
        parts = (header[8] if len(header) > 8 else "").split(self.hat)
        self.code, self.trigger = parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""

    def fields(self, name: str) -> list[list[str]]:
        return [x.split(self.bar) for x in self.lines if x.startswith((name + self.bar, name + "\r")) or x == name]

    def has_number(self, pid: list[str]) -> bool:
        found = [r.split(self.hat)[0].strip(' "') for n in (2, 3, 4) if n < len(pid) for r in pid[n].split(self.tilde)]
        return any(found)

    def expected(self) -> tuple[str, str]:
        """(verdict, code)"""
        if not self.code:
            return SET_ASIDE, "hl7.no_type"
        if self.code in ASIDE_BY_NATURE:
            return NOT_KEPT, ""
        if (self.code, self.trigger) == ("ADT", "A29"):
            return SET_ASIDE, "hl7.person_deletion"
        people = self.fields("PID")
        if not people or not all(map(self.has_number, people)):
            return SET_ASIDE, "hl7.no_patient" if self.code in CARE else "hl7.unknown_type"
        if self.code == "ADT" and self.trigger in MERGES and not self.fields("MRG"):
            return SET_ASIDE, "hl7.merge_unclear"
        return READ, ""


@pytest.fixture(scope="module")
def readings(data_dir: Path) -> dict[str, FileReading]:
    """Every file of the HL7 v2 data, read: path below `hl7v2` -> reading."""
    root = data_dir / "hl7v2"
    files = sorted(f for f in root.rglob("*") if f.is_file())
    assert len(files) > 600
    return {str(f.relative_to(root).as_posix()): read_any(f.name, f.read_bytes(), "x", Profiles()) for f in files}


@pytest.fixture(scope="module")
def checks(data_dir: Path) -> dict[str, str]:
    """The parse check of the manifest for each file below `hl7v2`."""
    with (data_dir / "MANIFEST.csv").open(encoding="utf-8") as lines:
        rows = {r["path"]: r["check"] for r in csv.DictReader(lines)}
    return {path.removeprefix("hl7v2/"): check for path, check in rows.items() if path.startswith("hl7v2/")}


def sorts(check: str) -> tuple[str, int]:
    """What the manifest's words mean: (kind, messages)."""
    if found := re.fullmatch(r"(\d+)/(\d+) messages parse", check):
        return ("messages", int(found[2])) if found[1] == found[2] else ("partly", int(found[2]))
    if check.startswith("ok xml"):
        return "xml", 1
    return {"no MSH": ("none", 0), "xml error": ("damaged", 0)}.get(check, ("unparsed", 0))


def test_every_file_of_the_manifest_was_read(readings: dict[str, FileReading], checks: dict[str, str]) -> None:
    assert set(readings) == set(checks)


def test_every_file_gives_as_many_messages_as_the_manifest_counts(
    readings: dict[str, FileReading], checks: dict[str, str]
) -> None:
    for path, reading in readings.items():
        kind, count = sorts(checks[path])
        what = {(u.verdict, u.code) for u in reading.units}
        if kind in ("messages", "xml"):
            assert len(reading.units) == count, path
            assert not what & {(SET_ASIDE, "hl7.not_hl7"), (SET_ASIDE, "hl7.reader_failed")}, path
        else:
            assert len(reading.units) == 1, path
            by_kind = {
                "damaged": {(SET_ASIDE, "hl7.xml_damaged")},
                "unparsed": {(SET_ASIDE, "hl7.not_hl7")},
                "none": {(NOT_KEPT, ""), (SET_ASIDE, "file.unknown_kind")},
            }
            assert what <= by_kind[kind], path


def test_every_message_has_the_outcome_that_its_text_leads_one_to_expect(
    readings: dict[str, FileReading], checks: dict[str, str]
) -> None:
    seen = 0
    for path, reading in readings.items():
        if sorts(checks[path])[0] != "messages":
            continue
        raw = (own_bytes(reading, u) if u.raw is not None else None for u in reading.units)
        for n, (found, bytes_) in enumerate(zip(reading.units, raw, strict=True)):
            seen += 1
            if bytes_ is None:
                assert found.type.split("^")[0] in ASIDE_BY_NATURE, (path, n)
                continue
            text = Text(bytes_)
            assert (found.verdict, found.code) == text.expected(), (path, n)
            assert found.type == "^".join(x for x in (text.code, text.trigger) if x).replace("&&", ""), (path, n)
    assert seen == 1682  # data/README.md: 1,683, of which one has no header


def test_the_xml_is_read_but_for_the_hostile(readings: dict[str, FileReading]) -> None:
    found = {
        p: (r.units[0].verdict, r.units[0].code, r.units[0].type) for p, r in readings.items() if p.endswith(".xml")
    }
    assert found == {
        "hapi/OMD_O03.xml": (READ, "", "OMD^O03"),
        "hapi/adt_a17.xml": (READ, "", "ADT^A17"),
        "hapi/critical_response_data.xml": (SET_ASIDE, "hl7.no_patient", "ORU^R01"),
        "hapi/ed_issue.xml": (READ, "", "ORU^R01"),
        "hapi/get_ack_id.xml": (SET_ASIDE, "hl7.xml_damaged", ""),
        "hapi/get_version.xml": (NOT_KEPT, "", "QBP^Q22"),
        "hapi/parse_and_encode.xml": (SET_ASIDE, "hl7.no_patient", "ORU^R01"),
        "hapi/parse_and_encode_with_ns.xml": (SET_ASIDE, "hl7.no_patient", "ORU^R01"),
        "hostile/hapi-extracmp_xml.xml": (NOT_KEPT, "", "ERP^Z99"),
        "hostile/hapi-weird_message.xml": (SET_ASIDE, "hl7.no_patient", "ADT^A11"),
        "hostile/hapi-xml-with-xxe.xml": (SET_ASIDE, "hl7.xml_unsafe", ""),
    }


def readme_counts(data_dir: Path) -> dict[str, Counter[str]]:
    """Messages by folder and type, out of the table in data/README.md."""
    text = (data_dir / "README.md").read_text(encoding="utf-8")
    table = text.split("### HL7 v2")[1].split("### DICOM")[0]
    out = {}
    for folder, count, kinds in re.findall(r"^\| (hl7v2/\S+) \| (\d+) \| (.*) \|$", table, re.MULTILINE):
        out[folder.removeprefix("hl7v2/")] = Counter(
            {k: int(n) for k, n in (x.rsplit(" ", 1) for x in kinds.split(", "))}
        )
        assert out[folder.removeprefix("hl7v2/")].total() == int(count)
    return out


def test_types_by_folder_are_those_of_the_readme(
    readings: dict[str, FileReading], checks: dict[str, str], data_dir: Path
) -> None:
    wanted = readme_counts(data_dir)
    assert sum(c.total() for c in wanted.values()) == 1683
    found: dict[str, Counter[str]] = {folder: Counter() for folder in wanted}
    for path, reading in readings.items():
        if sorts(checks[path])[0] in ("messages", "unparsed"):
            folder = next(f for f in sorted(wanted, key=len, reverse=True) if path.startswith(f + "/"))
            found[folder] += Counter(
                u.type or ("(none)" if u.code == "hl7.no_type" else "unparsed") for u in reading.units
            )
    # The README shows one type with its subcomponent marks, which the standard leaves out of the value.
    wanted["hostile/hapi-extracted"]["ACK^A01"] = wanted["hostile/hapi-extracted"].pop("ACK^A01&&")
    assert found == wanted


# Messages by folder and outcome. Kept as a table: a change of it has to be explained.
COUNTS = {
    ("hapi", NOT_KEPT, ""): 18,
    ("hapi", READ, ""): 31,
    ("hapi", SET_ASIDE, "file.unknown_kind"): 2,  # uuencoded text without any message
    ("hapi", SET_ASIDE, "hl7.merge_unclear"): 3,  # A45 without MRG
    ("hapi", SET_ASIDE, "hl7.no_patient"): 66,  # fragments of a parser's tests
    ("hapi", SET_ASIDE, "hl7.unknown_type"): 5,
    ("hapi", SET_ASIDE, "hl7.xml_damaged"): 1,
    ("hostile", NOT_KEPT, ""): 2,
    ("hostile", SET_ASIDE, "hl7.no_patient"): 2,
    ("hostile", SET_ASIDE, "hl7.no_type"): 12,
    ("hostile", SET_ASIDE, "hl7.not_hl7"): 1,
    ("hostile", SET_ASIDE, "hl7.xml_unsafe"): 1,
    ("linuxforhealth", NOT_KEPT, ""): 7,
    ("linuxforhealth", READ, ""): 260,
    ("linuxforhealth", SET_ASIDE, "hl7.no_patient"): 53,  # PID empty or left out
    ("ms-fhir-converter", NOT_KEPT, ""): 10,
    ("ms-fhir-converter", READ, ""): 127,
    ("ms-fhir-converter", SET_ASIDE, "hl7.person_deletion"): 2,
    ("python-hl7", NOT_KEPT, ""): 6,  # batch headers alone, an acknowledgement
    ("python-hl7", SET_ASIDE, "hl7.no_patient"): 5,
    ("python-hl7", SET_ASIDE, "hl7.no_type"): 7,
    ("reportstream", READ, ""): 67,
    ("simhospital", READ, ""): 1013,
}


def test_the_table_of_outcomes(readings: dict[str, FileReading]) -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for path, reading in readings.items():
        found.update((path.split("/")[0], u.verdict, u.code) for u in reading.units)
    assert dict(found) == COUNTS


def test_a_fill_takes_what_was_read_once(
    readings: dict[str, FileReading], data_dir: Path, tmp_path: Path, clock: Callable[[], datetime]
) -> None:
    """In the intake: what the reader read is taken or older than what is held; the second fill finds all of it there."""
    read = [u for r in readings.values() for u in r.units if u.verdict == READ]
    intake = Intake(tmp_path / "intake.db", bytes(32), clock, create=True)
    try:
        first = fill(intake, [data_dir / "hl7v2"], processes=0)
        again = fill(intake, [data_dir / "hl7v2"], processes=0)
    finally:
        intake.close()
    for report in (first, again):
        assert report.read == sum(len(r.units) for r in readings.values())
        assert report.waiting == 0
    # The same key for another name and another birth date, in the tests of one maker: a person decides (D2).
    conflicts = [a.file for a in first.set_aside if a.code == "identity.conflict"]
    assert len(conflicts) == 1 and conflicts[0].startswith("linuxforhealth/")
    assert first.taken + first.older + first.same == len(read) - len(conflicts)
    assert first.older < 20
    assert (again.taken, again.older) == (0, 0)
    assert again.same == len(read) - len(conflicts)


def test_findings_about_characters_are_few_and_true(readings: dict[str, FileReading], data_dir: Path) -> None:
    for path, reading in readings.items():
        for found in reading.units:
            if found.verdict == READ and found.reason:
                raw = own_bytes(reading, found)
                assert not raw.isascii(), path
                assert "UTF-8" not in found.reason or raw.decode("utf-8"), path


def test_every_fact_names_a_patient_and_decodes(readings: dict[str, FileReading]) -> None:
    from localdb.records.vocabulary import RECORD_DECODER

    for path, reading in readings.items():
        for unit_ in reading.units:
            _sound(unit_, path)
            for fact in unit_.facts:
                record = RECORD_DECODER.decode(fact.body)
                assert (record.id, record.patient) == (fact.id, fact.patient), path
                assert fact.patient.startswith("P") and fact.id[0] in "PR", path
                assert record.__struct_config__.tag == fact.kind, path
                assert record.source == reading.source, path


def _sound(unit_: Unit, path: str) -> None:
    assert (unit_.verdict == READ) == bool(unit_.facts), path
    assert unit_.verdict != READ or unit_.digest, path
