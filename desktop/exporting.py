"""The International Patient Summary of one patient as bytes: the chart, and the ward's entries as they would go back.

The document itself is `localdb.chart.ips`, which is pure; here the entries get their resources (`localdb.restore`), which
the chart may not know. No Qt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from localdb.chart.ips import Written, international_summary
from localdb.chart.views import Entry
from localdb.house import House
from localdb.restore.resources import NotSendable, drafts


class Exported(msgspec.Struct, frozen=True):
    """A document: `counts` of its resources by type; `left_out` the numbers of entries that no resource can hold."""

    patient: str
    data: bytes
    counts: dict[str, int]
    left_out: tuple[str, ...] = ()


def document_of(house: House, who: str) -> Exported:
    """The summary of one patient (id or unique identifier) as of now; raises as `chart` does."""
    chart = house.reading().chart(who)
    written, left_out = written_of(chart.entries)
    bundle = international_summary(chart, house.now(), written=written)
    counts = Counter(entry["resource"]["resourceType"] for entry in bundle["entry"])
    data = msgspec.json.format(msgspec.json.encode(bundle), indent=1)
    return Exported(chart.patient.id, data, dict(sorted(counts.items())), left_out)


def written_of(entries: Sequence[Entry]) -> tuple[list[Written], tuple[str, ...]]:
    """The entries that stand, with their resources, and the numbers of those that have none."""
    made: list[Written] = []
    left_out: list[str] = []
    for entry in entries:
        if entry.corrected_by:
            continue
        try:
            found = drafts(entry, "Patient/unset", is_corrected=False, replaces={})
        except NotSendable:
            left_out.append(entry.number)
            continue
        made.append(Written(entry, [d.body for d in found]))
    return made, tuple(left_out)
