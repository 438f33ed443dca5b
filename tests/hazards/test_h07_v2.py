"""H07 A result in the wrong row, by HL7 v2: other units, methods, laboratories, organisms keep rows of their own (L4).

Through intake and cut to the grid. Sabotage: a reader that drops the unit, the method or the laboratory puts them together.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localdb.chart.grid import cumulative
from localdb.house import House
from localdb.sources.hl7v2 import results
from tests.made import new_house, nhs_number

NHS = nhs_number(1)
# OBX-3 ... of two results that must not share a row: (code, value, unit, laboratory OBX-15, method OBX-17)
TWINS = {
    "unit": (("HB^Haemoglobin^L", "10.4", "g/dL", "", ""), ("HB^Haemoglobin^L", "104", "g/L", "", "")),
    "method": (("TROP^Troponin^L", "22", "ng/L", "", "T^hs-TnT"), ("TROP^Troponin^L", "40", "ng/L", "", "I^hs-TnI")),
    "laboratory": (
        ("K^Potassium^L", "4.1", "mmol/L", "N^North", ""),
        ("K^Potassium^L", "4.4", "mmol/L", "S^South", ""),
    ),
    "code": (("TT^Troponin^L", "22", "ng/L", "", ""), ("TI^Troponin^L", "40", "ng/L", "", "")),
}
CONTROLS = {
    "unit": ("unit_of", lambda *a: None),
    "method": ("coded", None),
    "laboratory": ("_references", lambda *a: ()),
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def oru(number: int, item: tuple[str, str, str, str, str]) -> bytes:
    code, value, unit, laboratory, method = item
    at = f"2026112002{number:02}00"
    return "\r".join((
        f"MSH|^~\\&|LIMS|NORTH|ENGINE|NORTH|{at}||ORU^R01|C{number}|P|2.5.1",
        f"PID|1||H1^^^NORTH^MR~{NHS}^^^NHS^NH||Okafor^Adaeze||19580214|F",
        f"OBR|1|P{number}|F{number}|X^Profile^L|||{at}||||||||||||||||||F",
        f"OBX|1|NM|{code}||{value}|{unit}|||||F|||{at}|{laboratory}||{method}",
        "",
    )).encode()  # fmt: skip


def rows(house: House, folder: Path, twins: str) -> list[list[str]]:
    """The values of each row of the grid."""
    for n, item in enumerate(TWINS[twins]):
        path = folder / f"{n}.hl7"
        path.write_bytes(oru(n, item))
        house.fill([path], source="lims")
    found = cumulative(house.reading().chart(NHS).results.items)
    return sorted(sorted(c.text for c in row.every) for row in found.rows)


@pytest.mark.parametrize("twins", TWINS)
def test_they_never_share_a_row(house: House, tmp_path: Path, twins: str) -> None:
    one, two = TWINS[twins]
    assert rows(house, tmp_path, twins) == sorted([[one[1]], [two[1]]])


def test_the_same_test_of_two_times_is_one_row(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = TWINS["unit"][0]
    monkeypatch.setitem(TWINS, "same", (first, ("HB^Haemoglobin^L", "10.9", "g/dL", "", "")))
    assert rows(house, tmp_path, "same") == [["10.4", "10.9"]]


def _without_method(segment: object, field: int, repetition: int = 0) -> object:
    from localdb.sources.hl7v2.coded import coded

    return ((), "") if field == 17 else coded(segment, field, repetition)  # type: ignore[arg-type]


@pytest.mark.parametrize("twins", CONTROLS)
def test_sabotage_a_reader_that_drops_it_puts_them_together(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, twins: str
) -> None:
    name, instead = CONTROLS[twins]
    monkeypatch.setattr(results, name, instead or _without_method)
    one, two = TWINS[twins]
    assert rows(house, tmp_path, twins) != sorted([[one[1]], [two[1]]])
