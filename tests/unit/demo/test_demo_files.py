"""The demonstration hospital: made again it is equal; it is sound FHIR, and its people agree (issue 4.10)."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from localdb.sources.files import read_all
from tests.unit.demo.reading import (
    DEMO,
    HOSPITAL,
    NHS,
    ROOT,
    SOURCES,
    Beds,
    Resource,
    Sent,
    bare,
    belongs,
    is_sound,
    number,
    of,
    references,
)

MAKER = ROOT / "packaging" / "demo_hospital" / "make.py"


def test_making_again_gives_the_same_files(tmp_path: Path) -> None:
    """The texts; the images have a test of their own (test_demo_images)."""
    subprocess.run([sys.executable, str(MAKER), "--no-images", "--out", str(tmp_path)], check=True, timeout=120)
    made = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    held = sorted(
        str(p.relative_to(DEMO))
        for p in DEMO.rglob("*")
        if p.is_file() and p.name != "LICENCE.md" and p.suffix != ".dcm"
    )
    assert made == held
    different = [name for name in made if content(tmp_path / name) != content(DEMO / name)]
    assert different == []


def content(path: Path) -> bytes:
    """A file's bytes; of a compressed one what is in it, since another zlib may pack the same otherwise."""
    data = path.read_bytes()
    if path.suffix != ".gz":
        return data
    assert data[4:8] == bytes(4), "the time of making stands in the file"
    return gzip.decompress(data)


def test_size_is_small_enough_to_be_committed() -> None:
    assert sum(p.stat().st_size for p in DEMO.rglob("*") if p.is_file()) < 12_000_000
    assert sum(p.stat().st_size for p in (DEMO / "pacs").rglob("*.dcm")) < 6_000_000
    assert (DEMO / "pas" / "index-50000.ndjson.gz").stat().st_size < 4_000_000


def test_nhs_numbers_are_sound_and_one_persons_only(sent: Sent, index: list[Resource]) -> None:
    people = [p for source in SOURCES for p in of(sent[source], "Patient")] + index
    owners: dict[str, set[str]] = defaultdict(set)
    for person in people:
        nhs = number(person, NHS)
        if nhs:
            assert is_sound(nhs), nhs
            owners[nhs].add(number(person, HOSPITAL))
    assert [nhs for nhs, mrns in owners.items() if len(mrns) > 1] == []


def test_the_check_of_nhs_numbers_itself() -> None:
    assert is_sound("9990000018")
    assert not is_sound("9990000019")
    assert not is_sound("9434765919")


def test_index_has_fifty_thousand_different_people(index: list[Resource], beds: Beds) -> None:
    assert len({p["id"] for p in index}) == len(index) == 50_000
    assert not {p["id"] for p in index} & {p["id"] for p in beds.values()}
    families = Counter(p["name"][0]["family"] for p in index)
    assert len(families) > 600
    assert families.most_common(1)[0][0] == "Smith"
    assert 500 < sum(not number(p, NHS) for p in index) < 1_200
    assert all("1925" < p["birthDate"] < "2026-11-24" for p in index)


def test_references_resolve_within_their_source(sent: Sent) -> None:
    for source, resources in sent.items():
        held = {f"{one['resourceType']}/{one['id']}" for one in resources}
        missing = {key for one in resources for key in references(one) if key not in held}
        assert missing == set(), source


def test_same_person_is_sent_alike_by_each_source(sent: Sent) -> None:
    """Links are made by NHS number and birth date only, so these must agree (DESIGN D2)."""
    at_pas = {p["id"]: p for p in of(sent["pas"], "Patient")}
    for source in SOURCES:
        for person in of(sent[source], "Patient"):
            known = at_pas[person["id"]]
            for field in ("identifier", "name", "birthDate", "gender"):
                assert person[field] == known[field], (source, person["id"], field)


def test_nothing_is_newer_than_the_cut_of_its_source(sent: Sent) -> None:
    manifest = tomllib.loads((DEMO / "manifest.toml").read_text("utf-8"))
    assert set(manifest["source"]) == {*SOURCES, "pacs"}
    assert manifest["demonstration"]["now"] > manifest["demonstration"]["downtime_since"]
    for source in SOURCES:
        told = manifest["source"][source]
        for one in sent[source]:
            for field in ("issued", "authoredOn", "date", "recordedDate", "effectiveDateTime"):
                at = one.get(field, "")
                assert "T" not in at or datetime.fromisoformat(at) <= told["cut"], (source, one["id"], field)
        for path in (DEMO / source).glob("*.json"):
            timestamp = json.loads(path.read_text("utf-8"))["timestamp"]
            assert datetime.fromisoformat(timestamp) == told["cut"], path.name


def test_twenty_eight_beds_all_in_use(sent: Sent, beds: Beds) -> None:
    wanted = [f"{bay}{n}" for bay in "ABCDS" for n in range(1, 5 if bay == "S" else 7)]
    assert sorted(beds) == sorted(wanted)
    assert len(wanted) == 28
    assert number(beds["A1"], NHS) == "9990000018"
    assert number(beds["A1"], HOSPITAL) == "H2047718"
    for stay in of(sent["pas"], "Encounter"):
        assert stay["reasonCode"][0]["text"]


def test_everyone_has_a_story(sent: Sent, beds: Beds) -> None:
    for bed, person in beds.items():
        mine = {s: [one for one in sent[s] if belongs(one, person)] for s in SOURCES}
        totals = [o for o in of(mine["eobs"], "Observation") if o["id"].split("-")[1] == "news2"]
        assert 3 <= len(totals) <= 12, bed
        assert 4 <= len(of(mine["epma"], "MedicationRequest")) <= 12, bed
        assert len(of(mine["lims"], "Observation")) >= 10, bed
        assert of(mine["docs"], "DocumentReference"), bed
        waiting = of(mine["lims"], "ServiceRequest") + of(mine["ris"], "ServiceRequest")
        assert len(waiting) <= 5, bed


def test_news2_of_the_source_follows_its_own_parts(sent: Sent) -> None:
    """Each total equals the points of the set that it names (CLINICAL 2.1, written down again here)."""
    held = {o["id"]: o for o in of(sent["eobs"], "Observation")}
    totals = [o for o in held.values() if o["id"].split("-")[1] == "news2"]
    assert len(totals) > 150
    for total in totals:
        parts = {bare(m).split("-")[1]: held[bare(m)] for m in total["hasMember"]}
        assert int(total["valueQuantity"]["value"]) == points(parts, "scale 2" in total["note"][0]["text"]), total["id"]


def points(parts: dict[str, Resource], second_scale: bool) -> int:
    def value(one: str) -> float:
        return float(parts[one]["valueQuantity"]["value"])

    on_oxygen = "valueQuantity" in parts["oxygen"]
    resp, spo2, pulse, temp = value("resp"), value("spo2"), value("pulse"), value("temp")
    systolic = float(parts["bp"]["component"][0]["valueQuantity"]["value"])
    sum_ = 3 if resp <= 8 or resp >= 25 else 2 if resp >= 21 else 1 if resp <= 11 else 0
    if second_scale:
        low = 3 if spo2 <= 83 else 2 if spo2 <= 85 else 1 if spo2 <= 87 else 0
        high = 3 if spo2 >= 97 else 2 if spo2 >= 95 else 1 if spo2 >= 93 else 0
        sum_ += low or (high if on_oxygen else 0)
    else:
        sum_ += 3 if spo2 <= 91 else 2 if spo2 <= 93 else 1 if spo2 <= 95 else 0
    sum_ += 2 * on_oxygen
    sum_ += 3 if systolic <= 90 or systolic >= 220 else 2 if systolic <= 100 else 1 if systolic <= 110 else 0
    sum_ += 3 if pulse <= 40 or pulse >= 131 else 2 if pulse >= 111 else 1 if pulse <= 50 or pulse >= 91 else 0
    sum_ += 0 if parts["acvpu"]["valueCodeableConcept"]["text"] == "Alert" else 3
    return sum_ + (3 if temp <= 35 else 2 if temp > 39 else 1 if temp <= 36 or temp > 38 else 0)


def test_the_reader_takes_every_unit() -> None:
    """Through the real FHIR reader: nothing is set aside or not kept."""
    folders = [DEMO / source for source in SOURCES]
    refused = [
        (reading.file, unit.index, unit.code)
        for folder in folders
        for path in sorted(folder.iterdir())
        if not path.name.startswith("index-")
        for reading in read_all([path], source=folder.name, zone="Europe/London", processes=1)
        for unit in reading.units
        if unit.verdict != "read"
    ]
    assert refused == []
