"""Whoever could be mistaken for another of the same ward is marked so in the chart and on paper (CLINICAL §1.3)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from desktop.forms import catalogue
from desktop.forms.identity import identity_lines
from tests.made import new_house, person, stay, ward, write
from tests.unit.forms import paper

AMINA = {"name": [{"use": "official", "family": "Mohammed", "given": ["Amina"]}]}
AISHA = {"name": [{"use": "official", "family": "Moh\u00e1mmed", "given": ["Aisha"]}]}
PATEL = {"name": [{"use": "official", "family": "Patel", "given": ["Harshad"]}]}


@pytest.mark.parametrize(("beds", "alike"), [((1, 2, 3), {"p1", "p22"}), ((1, None, 3), set())])
def test_the_chart_says_that_somebody_on_the_ward_is_alike(
    tmp_path: Path, beds: tuple[int | None, ...], alike: set[str]
) -> None:
    """Marks and punctuation do not tell people apart; somebody who lies elsewhere is no danger at this bed."""
    people = [person(1, **AMINA), person(22, **AISHA), person(333, **PATEL)]
    ids = ("p1", "p22", "p333")
    stays = [stay(i, bed) for i, bed in zip(ids, beds, strict=True) if bed]
    house = new_house(tmp_path / "vault")
    try:
        house.fill([write(tmp_path / "pas.json", [*ward(), *people, *stays])], source="pas", processes=1)
        reading = house.reading()
        views = {
            i: next(v for v in reading.find(name)) for i, name in zip(ids, ("amina", "aisha", "patel"), strict=True)
        }
        assert {i for i, v in views.items() if reading.chart(v.id).same_name} == alike
        reading.close()
    finally:
        house.close()


def test_a_sheet_says_so_in_its_identity_block() -> None:
    chart = paper.chart()
    assert "SIMILAR NAME ON WARD" not in identity_lines(paper.model("F02", chart))
    alike = paper.model("F02", msgspec.structs.replace(chart, same_name=True))
    assert identity_lines(alike)[1] == "SIMILAR NAME ON WARD"
    words = " ".join(p.text for p in catalogue.render_pack([("F02", alike)]).placed)
    assert "SIMILAR NAME ON WARD" in words
