"""Where every word of every form stands: a change of a page must be seen and meant.

`WARDLAMP_GOLDEN=write` writes the files anew; then look at the pages before committing them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.forms import catalogue
from localdb.chart.views import Listing
from tests.unit.forms import paper

KEPT = Path(__file__).parent / "paper"


def boxes(code: str, kind: str) -> str:
    """A line a text: page, left and top in whole points, then the text."""
    model = paper.filled(code) if kind == "filled" else paper.model(code)
    if kind == "strange" and catalogue.FORMS[code].takes == "patient":
        model = paper.model(code, paper.chart(paper.strange_patient(), allergies=Listing("unavailable")))
    placed = catalogue.render_pack([(code, model)]).placed
    return "".join(f"{p.page}\t{p.left:.0f}\t{p.top:.0f}\t{p.text}\n" for p in placed)


@pytest.mark.parametrize("code", paper.FRAMED)
@pytest.mark.parametrize("kind", ["filled", "blank", "strange"])
def test_the_page_is_as_it_was_looked_at(code: str, kind: str) -> None:
    if kind == "strange" and catalogue.FORMS[code].takes != "patient":
        kind = "filled"  # a census is of a ward: its strange names are in the filled one
    file = KEPT / f"{code}-{kind}.tsv"
    found = boxes(code, kind)
    if os.environ.get("WARDLAMP_GOLDEN") == "write":
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")
