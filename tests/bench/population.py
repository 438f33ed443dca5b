"""A made hospital for the benchmarks: thin people by the million and whole charts, fed into the intake as its readers do.

All of it follows from the seed. NHS numbers are of the 999 range (one million of them, by their check digits).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from localdb.records.ids import patient_id, record_id
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import (
    RECORD_ENCODER,
    Coding,
    HumanName,
    Identifier,
    Patient,
    Referred,
    Result,
    Stay,
)
from localdb.sources.units import READ, FileReading, Unit
from localdb.store.intake import Intake

SOURCE = "made"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
GIVENS = (
    "Olivia Amelia Isla Ava Mia Ivy Lily Freya Florence Willow Rosie Sophia Grace Emily Evie Elsie Alice Daisy Phoebe"
    " Noah Muhammad George Oliver Leo Arthur Oscar Theodore Freddie Archie Luca Henry Charlie Jack Harry Alfie Thomas"
    " Zofia José François Siân Gráinne Chloë Zoë Ayşe Çağla Søren Jürgen Nguyễn Łukasz Małgorzata Ifeoma Oluwaseun"
    " Priya Aarav Wei Mei Hodan Desmond Beatriz Ciarán Frances Gwilym Iain Joy Karen Lan Margaret Nikos Elif"
).split()
STEMS = (
    "Ash Black Brad Brock Carl Chad Clay Cot Cran Dal Dun East Ed Elm Fair Far Gar Glen Hal Har Hay Hol Hunt Kel Kirk"
    " Lang Law Len Mal Mar Mel Mil Nor Oak Os Pem Pres Rad Raw Red Rich Rock Rus Sand Shel Stan Stock Sut Thorn Tre Wal"
    " War Wat Wes Whit Wil Win Wood Wor Okon Ade Chow Müll Núñ Dvoř Bło Şah"
).split()
ENDS = (
    "ton ley field worth ham ford son well man er wood land by shaw den dale burn combe stead bury wick hurst mere more"
    " kwo yemi dhury ez ák ński in gate house ridge"
).split()
WARDS = tuple(f"{n} Ward" for n in "Ash Beech Cedar Dogwood Elder Fir Gorse Hazel Ivy Juniper".split())
BEDS = tuple(f"{bay}{n}" for bay in "ABCD" for n in range(1, 8))
TESTS = (
    ("2823-3", "Potassium", "mmol/L", "3.5 - 5.3"),
    ("2951-2", "Sodium", "mmol/L", "133 - 146"),
    ("14682-9", "Creatinine", "umol/L", "45 - 84"),
    ("718-7", "Haemoglobin", "g/L", "115 - 165"),
    ("1988-5", "C-reactive protein", "mg/L", "< 5"),
    ("1751-7", "Albumin", "g/L", "35 - 50"),
    ("777-3", "Platelets", "10*9/L", "150 - 400"),
    ("6690-2", "White cells", "10*9/L", "4.0 - 11.0"),
)
_START = datetime(2026, 9, 1, tzinfo=UTC)


def nhs_numbers(count: int) -> Iterator[str]:
    """Sound numbers from 999 000 0000 on; past the range the next one, which the benchmark needs for its million."""
    stem, made = 999_000_000, 0
    while made < count:
        check = 11 - sum(int(d) * w for d, w in zip(f"{stem:09d}", range(10, 1, -1), strict=True)) % 11
        if check != 10:
            yield f"{stem:09d}{check % 11}"
            made += 1
        stem = stem + 1 if stem < 999_999_999 else 990_000_000


def _moment(at: datetime) -> Moment:
    return read_moment(at.isoformat(timespec="seconds"))


def patient(n: int, nhs: str, rng: random.Random) -> Patient:
    """The n-th person."""
    one = patient_id(SOURCE, "fhir", f"p{n}")
    family = rng.choice(STEMS) + rng.choice(ENDS)
    if rng.random() < 0.06:
        family += "-" + rng.choice(STEMS) + rng.choice(ENDS)
    given = (rng.choice(GIVENS), rng.choice(GIVENS)) if rng.random() < 0.5 else (rng.choice(GIVENS),)
    born = f"{rng.randrange(1925, 2026)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return Patient(
        id=one, patient=one, source=SOURCE, source_id=f"p{n}",
        names=(HumanName(use="official", family=family, given=given),), born=read_moment(born),
        identifiers=(Identifier(system=NHS, value=nhs, verified=True, type="NH"),
                     Identifier(system="urn:made:hospital", value=f"H{n:07d}", type="MR")),
        gender=rng.choice(("male", "female")), address=f"{rng.randrange(1, 200)} High Street, Kirkham PR4 {n % 9}XX",
        phones=(f"01632 96{n % 10000:04d}",),
    )  # fmt: skip


def results(n: int, count: int, rng: random.Random) -> list[Result]:
    """`count` laboratory results of the n-th person, eight tests at each time."""
    one, made = patient_id(SOURCE, "fhir", f"p{n}"), []
    for k in range(count):
        code, text, unit, span = TESTS[k % len(TESTS)]
        at = _START + timedelta(hours=6 * (k // len(TESTS)), minutes=n % 60)
        sid = f"o{n}-{k}"
        made.append(Result(
            id=record_id(SOURCE, "Observation", sid), patient=one, source=SOURCE, source_id=sid, version="1",
            happened=_moment(at), said=_moment(at + timedelta(minutes=70)), status="final",
            codes=(Coding("http://loinc.org", code, text), Coding("urn:made:lims", text[:3].upper(), text)), text=text,
            value=f"{rng.randrange(20, 1500) / 10:.1f}", unit=unit, range=span,
            flag=rng.choice(("", "", "", "H", "L")) or None, author="Blood Sciences", category="laboratory",
            specimen="Venous blood", comments=("Sample slightly haemolysed",) if rng.random() < 0.05 else (),
        ))  # fmt: skip
    return made


def stay(n: int, bed: int) -> Stay:
    one = patient_id(SOURCE, "fhir", f"p{n}")
    return Stay(
        id=record_id(SOURCE, "Encounter", f"e{n}"), patient=one, source=SOURCE, source_id=f"e{n}", status="in-progress",
        class_="IMP", happened=_moment(_START), location=f"Location/b{bed % (len(WARDS) * len(BEDS))}",
    )  # fmt: skip


def places() -> list[Referred]:
    made = []
    for w, name in enumerate(WARDS):
        made.append(Referred(id=record_id(SOURCE, "Location", f"w{w}"), patient="", source=SOURCE, source_id=f"w{w}",
                             type="Location", text=name, place="wa"))  # fmt: skip
        for b, bed in enumerate(BEDS):
            sid = f"b{w * len(BEDS) + b}"
            made.append(Referred(id=record_id(SOURCE, "Location", sid), patient="", source=SOURCE, source_id=sid,
                                 type="Location", text=bed, place="bd", part_of=f"Location/w{w}"))  # fmt: skip
    return made


_TYPES = {"patient": "Patient", "stay": "Encounter", "referred": "Location", "result": "Observation"}


def unit(index: int, record: Patient | Result | Stay | Referred, version: int = 1) -> Unit:
    """A record as a reader hands it over."""
    kind = str(type(record).__struct_config__.tag)
    body = RECORD_ENCODER.encode(record)
    return Unit(
        index=index, type=_TYPES[kind], source_id=record.source_id, verdict=READ, version=str(version), number=version,
        digest=hashlib.sha256(body).digest(), records=((kind, record.id, record.patient, "", body),),
    )  # fmt: skip


def feed(intake: Intake, records: Iterator[Patient | Result | Stay | Referred], version: int = 1) -> int:
    """Takes records in files of 2,000 units, and commits. Returns how many were taken."""
    batch: list[Unit] = []
    taken = 0

    def take() -> int:
        reading = FileReading(file="made", source=SOURCE, units=tuple(batch), kept=b"", sha256="")
        done = sum(o.outcome == "taken" for o in intake.take(reading))
        batch.clear()
        return done

    for record in records:
        batch.append(unit(len(batch), record, version))
        if len(batch) >= 2000:
            taken += take()
    taken += take() if batch else 0
    intake.commit()
    return taken


def hospital(thin: int, whole: int, records: int, seed: int) -> Iterator[Patient | Result | Stay | Referred]:
    """`thin` people, of whom `whole` have a chart of `records` results and a stay."""
    rng = random.Random(seed)
    yield from places()
    for n, nhs in enumerate(nhs_numbers(thin)):
        yield patient(n, nhs, rng)
        if n < whole:
            yield stay(n, n)
            yield from results(n, records, rng)


def strokes(people: list[Patient], count: int, seed: int) -> list[str]:
    """What is typed, at any length of it: names in both orders, prefixes, without accents, numbers with and without
    spaces, dates in three forms, ward and bed."""
    from localdb.store.tokens import plain

    rng = random.Random(seed)
    made = []
    for _ in range(count):
        one = rng.choice(people)
        name, nhs = one.names[0], one.identifiers[0].value
        year, month, day = (one.born.text if one.born else "1950-01-01").split("-")
        text = rng.choice((
            f"{name.given[0]} {name.family}", f"{name.family} {name.given[0]}", f"{name.family}, {name.given[-1]}",
            plain(f"{name.family} {name.given[0]}"), nhs, f"{nhs[:3]} {nhs[3:6]} {nhs[6:]}", one.identifiers[1].value,
            f"{day}/{month}/{year}", f"{year}-{month}-{day}", f"{day}{month}{year}", f"{name.family} {day}/{month}/{year}",
            f"{rng.choice(WARDS)} {rng.choice(BEDS)}",
        ))  # fmt: skip
        made.append(text[: rng.randint(1, len(text))].strip() or text[0])
    return made


__all__ = ["BEDS", "SOURCE", "WARDS", "feed", "hospital", "msgspec", "strokes"]
