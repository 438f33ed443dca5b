"""The thin index: 50,000 made-up people around the ward, so that search has a hospital to search in."""

from __future__ import annotations

import random
import tomllib
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from fhir import HOSPITAL_NUMBER, NHS_NUMBER, Resource

COUNT = 50_000
LATEST = date(2026, 11, 20)
STREET_NUMBERS = (1, 180)


def check_digit(nine: str) -> str:
    """The modulus 11 check digit of an NHS number's first nine digits; empty where there is none (CLINICAL 1.2)."""
    left = 11 - sum(int(digit) * (10 - n) for n, digit in enumerate(nine)) % 11
    return "" if left == 10 else "0" if left == 11 else str(left)


def nhs_numbers(rng: random.Random, count: int) -> list[str]:
    """That many different valid numbers of the 999 range, none of them in 999 000 0000 to 999 000 9999."""
    chosen = rng.sample(range(1000, 1_000_000), count + count // 8)
    whole = [f"999{n:06d}{check_digit(f'999{n:06d}')}" for n in chosen if check_digit(f"999{n:06d}")]
    return whole[:count]


class Picker:
    """Draws from a list in which the earlier is the more frequent (weight 1 / (rank + 6))."""

    def __init__(self, rng: random.Random, items: list[str]) -> None:
        self.rng, self.items = rng, items
        self.weights = list(accumulate(1 / (rank + 6) for rank in range(len(items))))

    def __call__(self) -> str:
        return self.rng.choices(self.items, cum_weights=self.weights)[0]


def _born(rng: random.Random) -> date:
    """Hospital patients are older than the people around them."""
    age = rng.triangular(0, 98, 68) if rng.random() < 0.78 else rng.uniform(0, 40)
    return LATEST - timedelta(days=int(age * 365.25) + rng.randrange(30))


def _title(rng: random.Random, gender: str, age: int) -> str:
    if age < 16:
        return "Master" if gender == "male" else "Miss"
    if rng.random() < 0.015:
        return rng.choice(["Dr", "Dr", "Prof", "Rev"])
    return "Mr" if gender == "male" else rng.choices(["Mrs", "Ms", "Miss"], [6, 3, 3])[0]


def _family(rng: random.Random, pick: Picker, other: Picker) -> str:
    first = pick()
    return f"{first}-{other()}" if rng.random() < 0.018 else first


def _like_the_search(words: str) -> bool:
    """Would `moh am` find this name? The demonstration types it, and shows its five people and no more."""
    parts = words.replace("-", " ").split()
    return any(part.startswith("moh") for part in parts) and any(part.startswith("am") for part in parts)


def people(table: Path) -> list[Resource]:
    """The Patients, smallest form: two numbers, name, gender, birth date, address; one in 60 has no NHS number."""
    names = tomllib.loads(table.read_text("utf-8"))
    rng = random.Random("thin index")
    groups = list(names["group"].values())
    weights = [group["weight"] for group in groups]
    pickers = [{part: Picker(rng, group[part].split()) for part in ("family", "female", "male")} for group in groups]
    streets = [line.strip() for line in names["streets"].split(",")]
    numbers = iter(nhs_numbers(rng, COUNT))
    hospital = rng.sample(range(4_000_000, 10_000_000), COUNT)
    out = []
    for mrn in hospital:
        pick = pickers[rng.choices(range(len(groups)), weights)[0]]
        gender = "female" if rng.random() < 0.53 else "male"
        given = [pick[gender]()] + ([pick[gender]()] if rng.random() < 0.3 else [])
        family = _family(rng, pick["family"], pickers[0]["family"])
        if _like_the_search(f"{family} {' '.join(given)}".lower()):
            given = ["Yasmin" if gender == "female" else "Tariq"]
        born = _born(rng)
        name = {"family": family, "given": list(dict.fromkeys(given))}
        name["prefix"] = [_title(rng, gender, (LATEST - born).days // 365)]
        nhs = next(numbers)
        identifier = [] if rng.random() < 1 / 60 else [{"system": NHS_NUMBER, "value": nhs}]
        identifier.append({"system": HOSPITAL_NUMBER, "value": f"H{mrn}"})
        out.append(_patient(rng, f"H{mrn}", identifier, name, gender, born, streets))
    return out


def _patient(
    rng: random.Random, key: str, identifier: list[Any], name: Any, gender: str, born: date, streets: list[str]
) -> Resource:
    line = f"{rng.randint(*STREET_NUMBERS)} {rng.choice(streets)}"
    code = f"NM{rng.randint(1, 16)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJLN')}{rng.choice('PQRSTUWXYZ')}"
    body: Resource = {"resourceType": "Patient", "id": key, "identifier": identifier, "name": [name], "gender": gender}
    body["birthDate"] = born.isoformat()
    age = (LATEST - born).days / 365
    if age > 70 and rng.random() < 0.06:
        left = max(1, min(900, (LATEST - born).days - 25_000))
        body["deceasedDateTime"] = (LATEST - timedelta(days=rng.randrange(left))).isoformat()
    return body | {"address": [{"line": [line], "city": "Northmoor", "postalCode": code}]}
