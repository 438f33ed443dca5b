"""All of WARDLAMP_DATA/fhir: counted by a plain decoder, by the data's own README and by its manifest (D4).

`REASONS` is the listed reason of everything that parses and is set aside all the same. A new name in it is a decision.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localdb.sources.files import read_part
from localdb.sources.units import FileReading
from localdb.sources.walking import Part, walk

ZONE = "Europe/London"
FOLDERS = [
    "bulk-derived-40",
    "bulk-export-13",
    "hostile/fhir-test-cases",
    "hostile/ms-fhir-server",
    "ips",
    "ms-fhir-server",
    "r4-spec-examples",
    "synthea-r4/sample",
    "uk-pathology",
    "ukcore",
]
NO_PATIENT = "reference.missing"  # names nobody, or only in words: nothing says whose it is
DELETION = "fhir.deletion_later"
PATCH = "fhir.patch_later"
REASONS: dict[str, dict[str, int]] = {
    "hostile/fhir-test-cases/bundle-resolve-deep.json": {NO_PATIENT: 1},
    "hostile/fhir-test-cases/json-prop-key.json": {"fhir.no_resource_type": 1},
    "hostile/fhir-test-cases/list-contained-bad-2.json": {NO_PATIENT: 1},
    "hostile/fhir-test-cases/obs-code-bad.json": {NO_PATIENT: 1},
    "hostile/fhir-test-cases/obs-decimal.json": {NO_PATIENT: 1},
    "hostile/fhir-test-cases/obs-quantity.json": {NO_PATIENT: 1},
    "hostile/fhir-test-cases/patient-duplicate.json": {"fhir.duplicate_key": 1},
    "hostile/ms-fhir-server/Normative-Bundle-BatchWithDuplicatedItems.json": {PATCH: 2, DELETION: 2},
    "hostile/ms-fhir-server/Normative-Bundle-BatchWithInvalidEleEnums.json": {DELETION: 2},
    "hostile/ms-fhir-server/Normative-Bundle-TransactionForRollBackWithDelete.json": {DELETION: 1},
    "hostile/ms-fhir-server/Normative-Bundle-TransactionWithInvalidProcessingRoutes.json": {DELETION: 1},
    "hostile/ms-fhir-server/Normative-Bundle-TypeMissing.json": {DELETION: 2},
    "hostile/ms-fhir-server/Normative-MoneyWithWrongDecimal.json": {"fhir.unknown_type": 1},
    "hostile/ms-fhir-server/Normative-ObservationWithInvalidStatus.json": {NO_PATIENT: 1},
    "hostile/ms-fhir-server/Normative-ObservationWithNoCode.json": {NO_PATIENT: 1},
    "hostile/ms-fhir-server/Normative-PatientMissingResourceType.json": {"fhir.no_resource_type": 1},
    "ms-fhir-server/Normative-Bundle-Batch.json": {DELETION: 2},
    "ms-fhir-server/Normative-Bundle-BinaryPatch.json": {PATCH: 1},
    "ms-fhir-server/Normative-Bundle-FhirPatch.json": {PATCH: 2},
    "ms-fhir-server/Normative-Bundle-Transaction.json": {DELETION: 2},
    "ms-fhir-server/Normative-Bundle-TransactionWithMultipleEntriesModifyingSameResource.json": {DELETION: 1},
    "ms-fhir-server/Normative-SearchDataBatch.json": {NO_PATIENT: 1},
    "ms-fhir-server/R4-SmartCommon.json": {NO_PATIENT: 2},
    "r4-spec-examples/Bundle/Bundle-bundle-transaction.json": {DELETION: 2},
    "r4-spec-examples/Bundle/Bundle-ghp.json": {NO_PATIENT: 3},
    "r4-spec-examples/Bundle/Bundle-report.json": {NO_PATIENT: 13},
    "r4-spec-examples/Observation/Observation-decimal.json": {NO_PATIENT: 1},
    "r4-spec-examples/Observation/Observation-vp-oyster.json": {NO_PATIENT: 1},
    "r4-spec-examples/Procedure/Procedure-education.json": {NO_PATIENT: 1},
    "r4-spec-examples/Procedure/Procedure-ob.json": {NO_PATIENT: 1},
    "r4-spec-examples/ServiceRequest/ServiceRequest-appendectomy-narrative.json": {NO_PATIENT: 1},
    "r4-spec-examples/ServiceRequest/ServiceRequest-education.json": {NO_PATIENT: 1},
    "r4-spec-examples/ServiceRequest/ServiceRequest-ob.json": {NO_PATIENT: 1},
    "r4-spec-examples/SupplyDelivery/SupplyDelivery-pumpdelivery.json": {NO_PATIENT: 1},
    "r4-spec-examples/SupplyRequest/SupplyRequest-simpleorder.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-AdmissionMethod-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-CareSettingType-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-DiagnosticReportMediaLinkR5-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-DischargeMethod-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-EmergencyCareDischargeStatus-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-LegalStatus-Example.json": {NO_PATIENT: 1},
    "ukcore/json/Extension-UKCore-OutcomeOfAttendance-Example.json": {NO_PATIENT: 1},
    "ukcore/json/UKCore-Observation-FingerJointInflamed-Example.json": {NO_PATIENT: 1},
}


def values(text: str, name: str, *, all_lines: bool = True) -> Iterator[Any]:
    """The JSON values of a file or its lines that parse, by the standard library; the README stopped at a bad line."""
    for piece in text.splitlines() if name.endswith(".ndjson") else [text]:
        try:
            yield json.loads(piece)
        except ValueError:
            if not all_lines:
                return


def resources(value: Any) -> Iterator[str]:
    """Types of a resource and of all in it, as data/README.md counts (bundles too, contained ones not)."""
    if isinstance(value, dict) and value.get("resourceType"):
        yield value["resourceType"]
        for entry in value.get("entry", []) if value["resourceType"] == "Bundle" else []:
            yield from resources(entry.get("resource"))


def units(value: Any) -> Iterator[str]:
    """Types of units by D4: what stands in a document or message is part of that one unit."""
    if not isinstance(value, dict) or not value.get("resourceType"):
        return
    if value["resourceType"] != "Bundle" or value.get("type") in ("document", "message"):
        yield value["resourceType"]
        return
    for entry in value.get("entry", []):
        yield from units(entry.get("resource"))


def plain_text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")


def read_folder(folder: Path) -> dict[str, FileReading]:
    return {part.file: read_part(part, ZONE) for part in walk([folder])}


def type_counts(reading: FileReading) -> Counter[str]:
    """Units that hold a resource, by type."""
    return Counter(u.type for u in reading.units if u.type and u.code != DELETION)


@pytest.mark.parametrize("folder", FOLDERS)
def test_units_by_type_are_what_a_plain_decoder_counts(data_dir: Path, folder: str) -> None:
    root = data_dir / "fhir" / folder
    for file, reading in read_folder(root).items():
        assert reading.units, file
        if file.endswith(".xml"):
            continue
        name = file.removesuffix(".gz")
        expected = Counter(t for value in values(plain_text(root / file), name) for t in units(value))
        assert type_counts(reading) == expected, file


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_plain_decoder_counts_what_the_readme_says(data_dir: Path, folder: str) -> None:
    name = folder.removesuffix("/sample")
    readme = (data_dir / "README.md").read_text("utf-8")
    found = re.search(rf"^\| fhir/{re.escape(name)} \| \d+ \| (\d+): (.*?) \|$", readme, re.M)
    assert found is not None
    root = data_dir / "fhir" / folder
    counted: Counter[str] = Counter()
    for path in root.rglob("*"):
        if path.is_file() and path.suffix in (".json", ".ndjson", ".gz"):
            file = path.name.removesuffix(".gz")
            counted += Counter(t for value in values(plain_text(path), file, all_lines=False) for t in resources(value))
    assert counted.total() == int(found[1])
    for type_, number in re.findall(r"(\w+) (\d+)(?:,|$)", found[2].split(", and ")[0]):
        assert counted[type_] == int(number), type_


def checks(data_dir: Path) -> dict[str, str]:
    with (data_dir / "MANIFEST.csv").open(newline="", encoding="utf-8") as file:
        return {r["path"][5:]: r["check"] for r in csv.DictReader(file) if r["path"].startswith("fhir/")}


def test_what_parses_is_not_set_aside_without_a_listed_reason(data_dir: Path) -> None:
    seen: dict[str, dict[str, int]] = {}
    manifest = checks(data_dir)
    readings = {
        f: r
        for folder in FOLDERS
        for f, r in ((f"{folder}/{f}", r) for f, r in read_folder(data_dir / "fhir" / folder).items())
    }
    assert set(readings) == {f for f in manifest if not f.endswith(".tar.xz")}
    for file, reading in readings.items():
        codes = Counter(u.code for u in reading.units if u.verdict == "set_aside")
        if manifest[file].startswith("ok xml"):
            assert codes == {"fhir.xml_later": 1}, file
            assert reading.units[0].type == manifest[file].removeprefix("ok xml: "), file
        elif manifest[file].startswith("does not parse"):
            assert codes == {"fhir.not_json": 1}, file
        elif codes:
            seen[file] = dict(codes)
    assert seen == REASONS


def test_nothing_in_the_data_trips_the_reader_itself(data_dir: Path) -> None:
    for folder in FOLDERS:
        for file, reading in read_folder(data_dir / "fhir" / folder).items():
            assert "fhir.reader_fault" not in {u.code for u in reading.units}, file


def test_a_bulk_export_is_as_old_as_its_log_says(data_dir: Path) -> None:
    for file, reading in read_folder(data_dir / "fhir" / "bulk-export-13").items():
        if file != "log.ndjson":
            assert reading.cut is not None
            assert (reading.cut.text, reading.cut_rule) == ("2024-08-06T18:12:57Z", "snapshot")


ARCHIVE = "synthea-r4/patients-615.tar.xz"
ARCHIVE_UNITS = {
    "Observation": 88674,
    "Claim": 22810,
    "Encounter": 18098,
    "ExplanationOfBenefit": 18098,
    "Procedure": 14081,
    "Immunization": 7389,
    "DiagnosticReport": 6262,
    "MedicationRequest": 4712,
    "Condition": 4546,
    "CarePlan": 1769,
    "Goal": 1147,
    "Organization": 1093,
    "Practitioner": 1093,
}


def test_a_drawn_part_of_the_archive_is_counted_by_a_plain_decoder(data_dir: Path) -> None:
    draw = random.Random(615)
    with tarfile.open(data_dir / "fhir" / ARCHIVE, "r|xz") as tar:
        for number, info in enumerate(tar):
            if number >= 60:
                break
            if not info.isfile() or draw.random() > 0.25:
                continue
            stream = tar.extractfile(info)
            assert stream is not None
            data = stream.read()
            reading = read_part(Part(file=info.name, source="s", data=data), ZONE)
            assert type_counts(reading) == Counter(units(json.loads(data))), info.name
            assert {u.verdict for u in reading.units} <= {"read", "not_kept"}


@pytest.mark.long
def test_the_whole_archive_holds_what_the_readme_says(data_dir: Path) -> None:
    counted: Counter[str] = Counter()
    files = 0
    for part in walk([data_dir / "fhir" / ARCHIVE]):
        reading = read_part(part, ZONE)
        files += 1
        counted += type_counts(reading)
        assert {u.verdict for u in reading.units} <= {"read", "not_kept"}, part.file
    assert files == 617
    assert counted.total() + files == 191710  # the README counts the 617 wrappers too
    assert {t: counted[t] for t in ARCHIVE_UNITS} == ARCHIVE_UNITS
