"""H12: `<5` becomes 5. The comparator goes from the record to grid, summary, trend and screen, and into an entry.

Sabotage: a cell that drops it fails the same check.
"""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.entry.page import EntryPage
from desktop.entry.phoned import PhonedForm
from desktop.entry.typing_words import COMPARATORS, split_comparator
from desktop.patient.celllines import cell_lines
from localdb.chart.cells import Cell, cells_of
from localdb.chart.grid import cumulative, latest
from localdb.chart.trend import JOINED, LIMIT, trend
from localdb.journal.kinds import check
from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, Result
from tests.unit.desktop.patient.builders import chart, result
from tests.unit.desktop.patient.stage import NOW, stage_of

signs = st.sampled_from((*COMPARATORS, ""))
numbers = st.decimals(min_value=0, max_value=9999, places=2).map(str)


def made(sign: str, value: str) -> Result:
    return result("CRP", value, "2026-11-24T01:10", unit="mg/L", loinc="1988-5", comparator=sign or None)


def keeps(cell: Cell, sign: str, value: str) -> bool:
    """The check: the text shown is comparator and value to the letter."""
    return cell.text == sign + value


@given(signs, numbers)
def test_stored_and_read_again_it_is_in_grid_and_summary(sign: str, value: str) -> None:
    record = RECORD_DECODER.decode(RECORD_ENCODER.encode(made(sign, value)))
    assert isinstance(record, Result)
    (cell,) = cells_of(record)
    (row,) = cumulative([record]).rows
    (found,) = latest([record])
    assert keeps(cell, sign, value)
    assert keeps(row.every[0], sign, value)
    assert keeps(found.cell, sign, value)


@given(signs, numbers)
def test_in_the_painted_cell_it_stands_before_the_figures(qapp, sign: str, value: str) -> None:
    (cell,) = cells_of(made(sign, value))
    lines = cell_lines(cell, NOW)
    assert ("".join(lines.words) or lines.whole + lines.fraction) == sign + value


@given(st.sampled_from(COMPARATORS), numbers)
def test_in_a_trend_it_is_an_open_mark_that_joins_nothing(sign: str, value: str) -> None:
    (row,) = cumulative([made(sign, value)]).rows
    found = trend(row)
    assert found is not None
    assert [(p.shape, p.text) for p in found.points] == [(LIMIT, sign + value)]
    assert LIMIT not in JOINED
    assert found.segments == ()


@pytest.mark.parametrize("typed", ["<5", "<= 5", "> 90", ">=90", "5"])
def test_typed_by_phone_it_is_kept_apart_and_whole(qtbot, typed: str) -> None:
    found = chart()
    stage = stage_of(found)
    page = EntryPage(stage.context, "phoned_result", found.patient.id)
    qtbot.addWidget(page)
    form = page.form
    assert isinstance(form, PhonedForm)
    for name, text in (("test", "CRP"), ("value", typed), ("unit", "mg/L"), ("collected", "02:30"), ("caller", "K")):
        form.fields[name].set_text(text)
    form.tick.setChecked(True)
    form.save()
    ((_, _, body, _),) = stage.house.entered
    sign, value = split_comparator(typed)
    assert (body.get("comparator", ""), body["value"]) == (sign, value)
    kept, _ = check("phoned_result", body, NOW)
    assert (kept.get("comparator") or "") + kept["value"] == typed.replace(" ", "")


def test_sabotage_a_cell_without_its_comparator_is_caught() -> None:
    (cell,) = cells_of(made("<", "5"))
    assert keeps(cell, "<", "5")
    assert not keeps(msgspec.structs.replace(cell, text=cell.value), "<", "5")
