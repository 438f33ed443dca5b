"""H11: a range or flag of another age, sex or pregnancy. Both are shown as sent, to the byte; none is ever made.

Sabotage: a range filled in from a table is caught by the same comparison.
"""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from desktop.patient.celllines import row_lines
from localdb.chart.cells import Cell, cells_of
from localdb.chart.grid import cumulative
from tests.unit.desktop.patient.builders import patient_view, result
from tests.unit.desktop.patient.stage import NOW

SENT = ("3.5-5.3", "3.4 - 4.7 (child)", "<5", ">60", "", None, "negative", "0.35–4.94 (1st trimester)", "  3.5-5.3")


def cell_of(sent: str | None, flag: str | None = None) -> Cell:
    (cell,) = cells_of(result("Potassium", "5.0", "2026-11-24T01:10", range=sent, flag=flag))
    return cell


def same_as_sent(cell: Cell, sent: str | None, flag: str | None) -> bool:
    """The check: range and flag are byte for byte those of the source."""
    return (cell.range or "").encode() == (sent or "").encode() and cell.flag.encode() == (flag or "").encode()


@given(st.one_of(st.sampled_from(SENT), st.text(max_size=40)), st.one_of(st.none(), st.text(max_size=4)))
def test_range_and_flag_are_those_of_the_source_to_the_byte(sent: str | None, flag: str | None) -> None:
    assert same_as_sent(cell_of(sent, flag), sent, flag)


def test_no_range_sent_reads_no_range_and_never_normal() -> None:
    (row,) = cumulative([result("Potassium", "9.9", "2026-11-24T01:10")]).rows
    assert row.range is None
    assert row_lines(row, NOW, has_twin=False).ranges[0].startswith("no range")


def test_child_and_adult_ranges_of_one_row_stand_with_their_own_result(qapp) -> None:
    """The row names the newest and says that they differ; each result keeps its own."""
    (row,) = cumulative(
        [
            result("ALP", "300", "2020-11-24T01:10", unit="U/L", range="60-425"),
            result("ALP", "300", "2026-11-24T01:10", unit="U/L", range="30-130", flag="H"),
        ]
    ).rows
    assert row.range == "30-130"
    assert "ranges differ" in row_lines(row, NOW, has_twin=False).ranges
    assert [c.range for c in row.every] == ["60-425", "30-130"]


def test_the_banners_gender_changes_nothing() -> None:
    female, male = patient_view(gender="female"), patient_view(gender="male")
    assert female.gender != male.gender
    cells = {msgspec.json.encode(cell_of("115-165")) for _ in (female, male)}
    assert len(cells) == 1


def test_no_flag_is_made_for_a_value_outside_its_range() -> None:
    (cell,) = cells_of(result("Potassium", "9.9", "2026-11-24T01:10", range="3.5-5.3"))
    assert cell.flag == ""


def test_sabotage_a_range_from_a_table_is_caught() -> None:
    filled = msgspec.structs.replace(cell_of(None), range="3.5-5.3")
    assert not same_as_sent(filled, None, None)
    tidied = msgspec.structs.replace(cell_of("  3.5-5.3"), range="3.5-5.3")
    assert not same_as_sent(tidied, "  3.5-5.3", None)
