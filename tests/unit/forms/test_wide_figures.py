"""The small table of observations on paper: a date with its year and a long figure stay whole (H13)."""

from __future__ import annotations

import msgspec

from desktop.forms import catalogue
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Observation, Record
from tests.unit.forms import checks, paper

LONG_FIGURE = "160.0263279860983"


def old_sets(value: str) -> tuple[Record, ...]:
    """The made sets ten years ago, with that oxygen saturation."""
    out: list[Record] = []
    for record in paper.observations():
        assert isinstance(record, Observation)
        assert record.happened is not None
        then = read_moment(record.happened.text.replace("2026-11-2", "2016-01-1"))
        changed = {"value": value} if record.text == "SpO2" else {}
        out.append(msgspec.structs.replace(record, happened=then, **changed))
    return tuple(out)


def words_of(value: str) -> set[str]:
    made = catalogue.render_pack([("F02", paper.model("F02", paper.chart(observations=old_sets(value))))])
    assert made.faults == ()
    assert checks.overlaps(made.placed) == []
    return {word for p in made.placed for word in p.text.replace("\u00a0", " ").split()}


def test_a_date_with_its_year_is_not_broken_in_the_head_of_a_narrow_column() -> None:
    assert {"14-Jan-2016", "13-Jan-2016"} <= words_of("96")


def test_a_figure_wider_than_its_column_stands_below_its_name_behind_its_time() -> None:
    assert LONG_FIGURE in words_of(LONG_FIGURE)
