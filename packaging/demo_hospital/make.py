"""Makes the demonstration hospital: tables beside this file in, FHIR R4 files out, and DICOM files of phantoms.

    python packaging/demo_hospital/make.py [--out resources/demo] [--no-images]

The same tables give the same bytes: random choices are seeded by what they are for, and no clock is asked. What was
superseded, and what is old, goes into ndjson: it carries no cut, so it cannot make a source look older than it is.
"""

from __future__ import annotations

import argparse
import random
import tomllib
from pathlib import Path
from typing import Any

import appointments
import blood_bank
import documents
import files
import fluids
import high_risk
import imaging
import index
import laboratory
import medicines
import people
import plans
import vitals
from fhir import Resource, bundle, ndjson, when, write

HERE = Path(__file__).resolve().parent
BAYS = "abcds"


def tables() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The hospital's own table, and the patients of Ash Ward in bed order."""
    hospital = tomllib.loads((HERE / "hospital.toml").read_text("utf-8"))
    patients: list[dict[str, Any]] = []
    for bay in BAYS:
        patients += tomllib.loads((HERE / f"ward_{bay}.toml").read_text("utf-8"))["patient"]
    for patient in patients:
        patient["random"] = random.Random(f"ash {patient['mrn']}")
    return hospital, patients


def bays(patients: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The patients by bay, as (letter in small, patients)."""
    return [(bay, [p for p in patients if p["bed"][0].lower() == bay]) for bay in BAYS]


def put(out: Path, source: str, name: str, kind: str, timestamp: str, resources: list[Resource]) -> None:
    """Writes one bundle of a source."""
    write(out / source / f"{name}.json", bundle(kind, f"{source}-{name}", timestamp, resources))


def make(out: Path, *, with_images: bool = True) -> None:
    """Writes every file of the demonstration under `out`; the phantoms take longest."""
    hospital, patients = tables()
    cut = {name: when(source["cut"]) for name, source in hospital["source"].items()}
    put(out, "pas", "1-places-and-people", "collection", cut["pas"], people.places(hospital))
    for bay, group in bays(patients):
        put(out, "pas", f"2-ash-{bay}", "transaction", cut["pas"], people.ward(hospital, group))
    put(out, "pas", "3-elsewhere", "collection", cut["pas"], people.elsewhere(hospital))
    put(out, "pas", "4-appointments", "collection", cut["pas"], appointments.booked())
    write(out / "pas" / "index-50000.ndjson.gz", ndjson(index.people(HERE / "names.toml")))
    first, older = laboratory.superseded(hospital, patients), laboratory.history(hospital, patients)
    write(out / "lims" / "1-before-correction.ndjson", ndjson(first))
    write(out / "lims" / "2-history.ndjson.gz", ndjson(older))
    early = vitals.history(hospital, patients)
    write(out / "eobs" / "1-history.ndjson.gz", ndjson(early))
    for bay, group in bays(patients):
        put(out, "lims", f"3-ash-{bay}", "transaction", cut["lims"], laboratory.ward(hospital, group))
        put(out, "eobs", f"2-ash-{bay}", "collection", cut["eobs"], vitals.ward(hospital, group))
        put(out, "epma", f"ash-{bay}", "transaction", cut["epma"], medicines.ward(hospital, group))
    put(out, "ris", "1-images", "collection", cut["ris"], imaging.studies(patients))
    write(out / "ris" / "2-first-reports.ndjson", ndjson(imaging.first_reports(patients)))
    put(out, "ris", "3-reports", "transaction", cut["ris"], imaging.reports(hospital, patients))
    put(out, "docs", "1-admission-notes", "collection", cut["docs"], documents.notes(hospital, patients))
    write(out / "docs" / "2-letters.ndjson", ndjson(documents.letters(hospital, patients)))
    write(out / "docs" / "3-files.ndjson", ndjson(files.letters(patients)))
    write(out / "ris" / "4-files.ndjson", ndjson(files.reports(patients)))
    put(out, "bank", "groups", "collection", cut["bank"], blood_bank.groups(patients))
    write(out / "eobs" / "3-fluids.ndjson", ndjson(fluids.observations(hospital)))
    write(out / "epma" / "2-high-risk.ndjson", ndjson(high_risk.orders(hospital, patients)))
    write(out / "lims" / "4-levels.ndjson", ndjson(high_risk.levels()))
    for name, data in plans.documents(HERE / "plans").items():
        (out / "plans").mkdir(parents=True, exist_ok=True)
        (out / "plans" / name).write_bytes(data)
    if with_images:
        import images  # numpy and the codecs

        images.write(out / "pacs", patients)
    write(out / "manifest.toml", (HERE / "manifest.toml").read_text("utf-8"))


def main() -> None:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description="Makes the files of the demonstration hospital.")
    parser.add_argument("--out", type=Path, default=HERE.parent.parent / "resources" / "demo")
    parser.add_argument("--no-images", action="store_true", help="the texts alone")
    args = parser.parse_args()
    make(args.out, with_images=not args.no_images)


if __name__ == "__main__":
    main()
