"""The reference bands against the whole boundary table of CLINICAL §2.1, the test vectors, and who they hold for (H22)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from localdb.chart.early_warning import SEVEN, add_up, band_at, bands_of, eligible, fits_unit, is_adult
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Coding, Problem
from tests.unit.desktop.patient.builders import _base, at, chart, observation, patient_view

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
# CLINICAL §2.1, row by row: value -> points at both ends of every cell of the table.
TABLE = {
    "resp": {"8": 3, "9": 1, "11": 1, "12": 0, "20": 0, "21": 2, "24": 2, "25": 3, "40": 3, "0": 3},
    "spo2": {"91": 3, "92": 2, "93": 2, "94": 1, "95": 1, "96": 0, "100": 0, "60": 3},
    "bp": {"90": 3, "91": 2, "100": 2, "101": 1, "110": 1, "111": 0, "219": 0, "220": 3, "50": 3},
    "pulse": {"40": 3, "41": 1, "50": 1, "51": 0, "90": 0, "91": 1, "110": 1, "111": 2, "130": 2, "131": 3},
    "temp": {"35.0": 3, "35.1": 1, "36.0": 1, "36.1": 0, "38.0": 0, "38.1": 1, "39.0": 1, "39.1": 2, "41": 2, "34": 3},
}
SCALE_2 = {
    ("air"): {"83": 3, "84": 2, "85": 2, "86": 1, "87": 1, "88": 0, "92": 0, "93": 0, "97": 0, "100": 0},
    ("oxygen"): {"83": 3, "84": 2, "85": 2, "86": 1, "87": 1, "88": 0, "92": 0, "93": 1, "94": 1, "95": 2, "96": 2, "97": 3,
                 "100": 3},
}  # fmt: skip
# RR, SpO2, scale, air or oxygen, systolic, pulse, ACVPU, temperature -> total (CLINICAL §2.1, test vectors).
VECTORS = [
    ("16", "97", "1", "air", "124", "72", "A", "36.8", 0),
    ("22", "93", "1", "oxygen", "98", "112", "A", "38.6", 11),
    ("18", "95", "2", "oxygen", "118", "88", "A", "37.0", 4),
    ("18", "95", "2", "air", "118", "88", "A", "37.0", 0),
    ("26", "85", "1", "oxygen", "88", "135", "C", "34.9", 20),
    ("12", "96", "1", "air", "111", "51", "A", "36.1", 0),
]


def points(row: str, value: str, **how: object) -> int:
    bands = bands_of(row, **how)  # type: ignore[arg-type]
    return bands[band_at(bands, Decimal(value))].points


@pytest.mark.parametrize(("row", "value", "wanted"), [(r, v, p) for r, t in TABLE.items() for v, p in t.items()])
def test_every_boundary_of_the_table(row: str, value: str, wanted: int) -> None:
    assert points(row, value) == wanted


@pytest.mark.parametrize(("air", "value", "wanted"), [(a, v, p) for a, t in SCALE_2.items() for v, p in t.items()])
def test_every_boundary_of_scale_2(air: str, value: str, wanted: int) -> None:
    assert points("spo2", value, scale="2", on_oxygen=air == "oxygen") == wanted


def typed(vector: tuple[str | int, ...]) -> dict[str, str]:
    resp, spo2, _, air, bp, pulse, level, temp, _ = map(str, vector)
    return {"resp": resp, "spo2": spo2, "oxygen": air, "bp": bp, "pulse": pulse, "acvpu": level, "temp": temp}


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_add_up_with_their_parts_shown(vector: tuple[str | int, ...]) -> None:
    found = add_up(typed(vector), scale=str(vector[2]))
    assert (found.total, found.words) == (vector[-1], str(vector[-1]))
    assert set(found.parts) == set(SEVEN) and sum(found.parts.values()) == vector[-1]


@pytest.mark.parametrize("blank", SEVEN)
@pytest.mark.parametrize("junk", ["", " ", "not done", "-"])
def test_a_blank_is_never_a_total(blank: str, junk: str) -> None:
    found = add_up(typed(VECTORS[4]) | {blank: junk})
    assert found.total is None
    assert found.words == "INCOMPLETE (6 of 7)"


@pytest.mark.parametrize("level", ["C", "V", "P", "U"])
def test_everything_but_alert_counts_three(level: str) -> None:
    assert add_up(typed(VECTORS[0]) | {"acvpu": level}).total == 3


def test_the_bands_meet_without_a_hole() -> None:
    for row, how in [(r, {}) for r in TABLE] + [("spo2", {"scale": "2", "on_oxygen": o}) for o in (True, False)]:
        bands = bands_of(row, **how)  # type: ignore[arg-type]
        step = Decimal("0.1") if row == "temp" else Decimal(1)
        assert bands[0].low is None and bands[-1].high is None
        for below, above in pairwise(bands):
            assert below.high is not None and above.low is not None
            assert above.low - below.high == step


@pytest.mark.parametrize(
    ("born", "adult"),
    [("2010-11-24", True), ("2010-11-25", False), ("2010-11", False), ("2010-10", True), ("2010", False), ("2009", True),
     ("1951-03-14", True), ("2026-11-01", False)],
)  # fmt: skip
def test_sixteen_is_an_adult_and_a_birth_date_known_in_part_counts_from_its_end(born: str, adult: bool) -> None:
    assert is_adult(read_moment(born), NOW) is adult


def test_nobody_without_a_birth_date_and_no_child_has_bands() -> None:
    assert eligible(chart(patient_view()), NOW).may
    unknown, child = (eligible(chart(patient_view(born=b)), NOW) for b in (None, at("2015-01-01")))
    assert not unknown.may and "not known" in unknown.why
    assert not child.may and "under 16" in child.why


def problem(text: str, clinical: str = "active", code: str = "", **rest: object) -> Problem:
    codes = (Coding("http://snomed.info/sct", code),) if code else ()
    return Problem(**_base("problem", text, "P0000000000001"), text=text, clinical=clinical, codes=codes, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "may"),
    [
        (problem("Normal pregnancy"), False),
        (problem("Pregnancy of 31 weeks", ""), False),
        (problem("Expecting", code="77386006"), False),
        (problem("Normal pregnancy", "resolved"), True),
        (problem("Normal pregnancy", verification="refuted"), True),
        (problem("History of ectopic pregnancy"), True),
    ],
)
def test_no_bands_in_a_pregnancy_that_the_record_names(found: Problem, may: bool) -> None:
    guard = eligible(chart(patient_view(), problems=(found,)), NOW)
    assert guard.may is may
    assert may or found.text in guard.why


@pytest.mark.parametrize(("value", "may"), [("Pregnant", False), ("Not pregnant", True), ("negative", True)])
def test_the_newest_word_on_pregnancy_counts(value: str, may: bool) -> None:
    said = observation("Pregnancy status", value, "2026-11-23T18:00", "82810-3")
    before = observation("Pregnancy status", "Pregnant", "2025-01-01T10:00", "82810-3")
    assert eligible(chart(patient_view(), observations=(said, before)), NOW).may is may


def test_a_value_in_another_unit_is_on_no_band() -> None:
    assert fits_unit("temp", "°C") and fits_unit("temp", "Cel") and fits_unit("resp", "Breaths / minute")
    assert not fits_unit("temp", "[degF]") and not fits_unit("bp", "kPa") and not fits_unit("spo2", "")
