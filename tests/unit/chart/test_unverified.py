"""OBX-11 R is "unverified" wherever a value stands, from the message to the cell (CLINICAL §3.1)."""

from __future__ import annotations

import pytest

from localdb.chart.cells import cells_of, preliminary_mark
from localdb.chart.grid import latest
from localdb.records.vocabulary import RECORD_DECODER, Result
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import SourceProfile
from tests.hazards.test_h08_v2 import oru


def held(status: str) -> Result:
    """The one result of a message with that OBX-11."""
    reading = read_messages("m", oru("1", "20261120020000", status, "6.1"), "lims", SourceProfile())
    facts = [f for u in reading.units for f in u.facts if f.kind == "result"]
    (fact,) = facts
    found = RECORD_DECODER.decode(fact.body)
    assert isinstance(found, Result)
    return found


@pytest.mark.parametrize(
    ("status", "mark"), [("R", "UNVERIFIED"), ("P", "PRELIM"), ("S", "PRELIM"), ("F", ""), ("U", "")]
)
def test_what_is_not_final_says_which_kind_of_not_final_it_is(status: str, mark: str) -> None:
    record = held(status)
    assert preliminary_mark(record) == mark
    (cell,) = cells_of(record)
    assert (cell.mark, cell.value) == (mark, "6.1")
    assert [found.cell.mark for found in latest([record])] == [mark]
