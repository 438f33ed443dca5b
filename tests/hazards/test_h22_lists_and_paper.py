"""H22 on the board, the census and the summary on paper: the total of a set with a parameter missing is no plain number.

The sabotage takes the rule away: the same check must then find the number.
"""

from __future__ import annotations

import pytest

import localdb.chart.census as census_module
from desktop.forms import catalogue, summary_parts
from desktop.ward.rows import bed_row
from localdb.chart import observation_sets
from localdb.chart.census import census_row, in_bed_order
from localdb.chart.views import Census
from tests.hazards.test_h22_score_misread import TOTAL, sent
from tests.unit.desktop.patient.builders import patient_view, sources
from tests.unit.desktop.patient.stage import NOW
from tests.unit.forms import checks, paper


def census(*missing: str) -> Census:
    row = census_row(patient_view(), sent(*missing), sources(), 0)
    return Census(ward="Ash Ward", rows=in_bed_order([row], [], {}))


def board(*missing: str) -> str:
    (row,) = census(*missing).rows
    return bed_row(row, NOW).text


def census_sheet(*missing: str) -> str:
    made = catalogue.render_pack([("F01", paper.model("F01", census=census(*missing)))])
    return checks.squeezed(" ".join(checks.page_texts(made.pdf)))


def summary_sheet(*missing: str) -> str:
    found = paper.chart(observations=tuple(sent(*missing)))
    made = catalogue.render_pack([("F02", paper.model("F02", found))])
    return checks.squeezed(" ".join(checks.page_texts(made.pdf)))


WHERE = {"board": board, "F01": census_sheet, "F02": summary_sheet}


def faults() -> list[str]:
    found = []
    for name, text in WHERE.items():
        for missing in (("resp",), ("acvpu", "temp"), ("bp",)):
            said = text(*missing)
            if TOTAL in said:
                found.append(f"{name} without {missing}: the total stands as a plain number")
            if "INCOMPLETE" not in said.upper():
                found.append(f"{name} without {missing}: nothing says that it is not whole")
    return found


def test_a_total_with_a_parameter_missing_is_no_plain_number_on_board_and_paper() -> None:
    assert faults() == []


@pytest.mark.parametrize("where", sorted(WHERE))
def test_a_whole_set_shows_its_total_there(where: str) -> None:
    said = WHERE[where]()
    assert TOTAL in said
    assert "INCOMPLETE" not in said.upper()


def test_sabotage_without_the_rule_the_plain_total_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (census_module, summary_parts, observation_sets):
        monkeypatch.setattr(module, "is_incomplete", lambda news: False)
    assert any("plain number" in fault for fault in faults())
