"""H12 Comparator lost, by HL7 v2: `<5` as NM, ST and SN is `<5` in grid and trend, and never a number that was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from localdb.chart.grid import cumulative
from localdb.house import House
from localdb.sources.hl7v2 import results
from localdb.sources.hl7v2.message import Segment
from localdb.sources.hl7v2.values import Value, read_value
from tests.made import new_house, nhs_number

NHS = nhs_number(1)
SENT = {
    "NM|{}|<5": "<5",
    "ST|{}|>=0.50": ">=0.50",
    "SN|{}|>^1000": ">1000",
    "NM|{}|< 5": "<5",
    "SN|{}|^1^:^128": "1:128",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def shown(house: House, folder: Path) -> dict[str, str]:
    rows = [f"OBX|{n}|{sent.format(f'T{n}^Test {n}^L|')}|mg/L|||||F" for n, sent in enumerate(SENT)]
    path = folder / "1.hl7"
    path.write_bytes("\r".join((
        "MSH|^~\\&|LIMS|NORTH|ENGINE|NORTH|20261120020000||ORU^R01|C1|P|2.5.1",
        f"PID|1||H1^^^NORTH^MR~{NHS}^^^NHS^NH||Okafor^Adaeze||19580214|F",
        "OBR|1|P1|F1|X^Profile^L|||20261120013000||||||||||||||||||F", *rows, "",
    )).encode())  # fmt: skip
    house.fill([path], source="lims")
    grid = cumulative(house.reading().chart(NHS).results.items)
    return {row.name: row.every[0].text for row in grid.rows}


def wanted() -> dict[str, str]:
    return {f"Test {n}": text for n, text in enumerate(SENT.values())}


def test_a_comparator_goes_in_and_comes_out(house: House, tmp_path: Path) -> None:
    assert shown(house, tmp_path) == wanted()


def test_sabotage_a_reader_that_drops_it_is_caught(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(obx: Segment) -> Value:
        return replace(read_value(obx), comparator=None)

    monkeypatch.setattr(results, "read_value", bare)
    assert shown(house, tmp_path) != wanted()
