"""The reader's child of a drop folder reads tables and printed reports by what the site's settings say of them."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import msgspec
from reportlab.pdfgen.canvas import Canvas

from localdb.sources.feed.reading import Asked, read_asked
from localdb.sources.feed.settings import read_feeds, read_mappings
from localdb.sources.profiles import Profiles
from localdb.sources.units import FileReading
from localdb.sources.walking import Part

EXAMPLES = Path(__file__).resolve().parents[4] / "resources/feeds"
ALERTS = {"kind": "alert", "patient": {"number": "MRN"}, "columns": {"text": "Alert"}}


def read(kind: str, mapping: dict[str, Any], file: str, data: bytes, received: int) -> FileReading:
    feeds = read_feeds([{"name": "f", "source": "s", "kind": kind, "folder": "/drop", "mapping": "m"}])
    asked = Asked(
        feeds[0], [Part(file=file, source="s", data=data)], Profiles(), read_mappings({"m": mapping}, feeds)["m"], received
    )  # fmt: skip
    (reading,) = msgspec.msgpack.decode(read_asked(asked), type=list[FileReading])
    return reading


def test_a_table_without_times_is_ordered_by_when_it_came():
    data = b"MRN,Alert\n1,Difficult airway\n"
    first, second = (read("tables", ALERTS, "a.csv", data, received) for received in (5, 6))
    assert [(u.verdict, u.facts[-1].order) for r in (first, second) for u in r.units] == [("read", 5), ("read", 6)]
    assert first.units[0].source_id != second.units[0].source_id


def test_a_printed_report_is_read_by_its_rule():
    out = io.BytesIO()
    canvas = Canvas(out)
    for n, line in enumerate(("Patient: EXAMPLE, Ann", "Born: 03-Apr-1970", "Hospital no. 0012345")):
        canvas.drawString(60, 780 - 20 * n, line)
    canvas.save()
    rule = tomllib.loads((EXAMPLES / "printed.toml").read_text("utf-8"))
    reading = read("pdf", rule, "0012345_CLIN_20261120.pdf", out.getvalue(), 5)
    (unit,) = reading.units
    assert (unit.verdict, unit.type, unit.blobs[0].data) == ("read", "printed report", out.getvalue())
