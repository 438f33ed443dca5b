"""What each pane says is what the source's own resource says, for a hundred chosen patients (issue 6, Done when 2).

The resource is read from the published file by a plain decoder and looked up by source, type and id. Of each resource
its value, unit, name and status must stand on the pane where a doctor looks for it; and no figure of the results grid is
one that the file lacks.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from desktop.app import dress, make_application
from desktop.patient.frame import PatientFrame
from desktop.patient.gridview import GridView
from desktop.patient.keyed import Stand
from desktop.patient.medicines import Drugs
from desktop.patient.picklist import PickList
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.chart.grid import cumulative
from localdb.chart.views import Chart
from localdb.codes import downtime_set
from localdb.house import House
from tests.flows.every_pane.conftest import SEED
from tests.flows.every_pane.walking import SIZES
from tests.unit.desktop.window_stage import settle

CHOSEN = 100
KINDS = ("Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance", "DocumentReference")
Resource = dict[str, Any]
Sent = dict[tuple[str, str, str], list[Resource]]


def _resources(value: Any) -> Iterator[Resource]:
    if isinstance(value, dict):
        if "resourceType" in value and "id" in value:
            yield value
        for one in value.values():
            yield from _resources(one)
    elif isinstance(value, list):
        for one in value:
            yield from _resources(one)


@pytest.fixture(scope="module")
def sent(data_dir: Path) -> Sent:
    """(source, type, id) -> every version of it in the files, as plain JSON."""
    found: Sent = {}
    for folder in sorted(p for p in (data_dir / "fhir").iterdir() if p.is_dir() and p.name != "hostile"):
        for path in sorted(folder.rglob("*")):
            name = path.name.removesuffix(".gz")
            if not name.endswith((".json", ".ndjson")):
                continue
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            text = data.decode("utf-8-sig", "replace")
            lines = text.splitlines() if name.endswith(".ndjson") else [text]
            for line in lines:
                try:
                    value = json.loads(line, parse_float=str, parse_int=str)
                except ValueError:
                    continue
                for one in _resources(value):
                    found.setdefault((folder.name, one["resourceType"], str(one["id"])), []).append(one)
    return found


def _leaves(value: Any) -> Iterator[str]:
    """Every text and figure of a resource."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    elif value is not None:
        yield str(value)


def flat(text: str) -> str:
    """Letters and figures alone: how a pane breaks its lines says nothing of what it says."""
    return re.sub(r"[\s\u2060\u200b]+", "", text).casefold()


def shown(widget: QWidget) -> str:
    """Every word of a section, seen or scrolled to."""
    words: list[str] = []
    for one in (widget, *widget.findChildren(QWidget)):
        words += [one.accessibleName(), one.accessibleDescription()]
        words += [one.spoken()] if hasattr(one, "spoken") else []
        if isinstance(one, PickList):
            words += [" ".join(str(part) for part in line) for line in one.lines]
        if isinstance(one, GridView):
            words += [f"{r.name} {r.unit} {r.range or ''} {c.text} {c.flag}" for r in one.grid.rows for c in r.every]
    return flat(" ".join(words))


def name_of(concept: Any) -> list[str]:
    """What a CodeableConcept may be called: its text, else a display."""
    if not isinstance(concept, dict):
        return []
    coded = [c.get("display") or c.get("code") for c in concept.get("coding", ()) if isinstance(c, dict)]
    return [concept["text"]] if concept.get("text") else [str(c) for c in coded if c]


def _titles(document: Resource) -> list[str]:
    attachments = [c.get("attachment", {}).get("title") for c in document.get("content", ())]
    return [str(t) for t in (*attachments, document.get("description"), *name_of(document.get("type"))) if t]


def chosen(house: House, sent: Sent, seed: int) -> Iterator[Chart]:
    """A hundred patients of whom the plain files hold something, by chance."""
    reading = house.reading()
    try:
        views = [v for v in reading.snapshot.everyone(100_000) if v.scope == "whole"]
        random.Random(seed).shuffle(views)
        found = 0
        for view in views:
            chart = reading.chart(view.id)
            items = [r for name in ("results", "medicines", "allergies", "documents") for r in chart.lists[name].items]
            if any((r.source, kind, r.source_id) in sent for r in items for kind in KINDS):
                yield chart
                found += 1
            if found == CHOSEN:
                return
    finally:
        reading.close()


class Panes:
    """The sections of one patient, as words."""

    def __init__(self, context: Context, chart: Chart) -> None:
        stand = Stand()
        self.frame = PatientFrame(context, stand, stand.turn_to(chart.patient.id), chart)
        self.frame.resize(SIZES[0])
        self.frame.show()
        self._context = context

    def words(self, number: int, tab: str = "") -> str:
        self.frame.set_section(number, tab)
        settle(self._context)
        found = self.frame.shown
        assert found is not None
        return shown(found)

    def close(self) -> None:
        self.frame.hide()
        self.frame.deleteLater()


def missing(panes: Panes, chart: Chart, sent: Sent) -> tuple[list[str], int]:
    """What a source says and the pane does not; and how many facts were compared."""
    faults, count = [], 0

    def held(record: Any, kind: str) -> list[Resource]:
        """The resource, where the files have one version of it: of several, another test says which one holds."""
        versions = sent.get((record.source, kind, record.source_id), [])
        return versions if len(versions) == 1 else []

    def must(record: Any, kind: str, where: str, pane: str, *texts: list[str]) -> None:
        nonlocal count
        for options in texts:
            if not options:
                continue
            count += 1
            if not any(flat(text) in pane for text in options):
                faults.append(f"{where}: {options} of {kind}/{record.source_id} ({record.source})")

    strip = shown(panes.frame.strip) + shown(panes.frame.details)
    for record in chart.lists["allergies"].items:
        for r in held(record, "AllergyIntolerance"):
            must(record, "AllergyIntolerance", "allergies", strip, name_of(r.get("code")))
    medicines = panes.words(3, "all")
    for drugs in panes.frame.findChildren(Drugs):  # what was stopped long ago stands there when it is asked for
        drugs.choose("stopped")
        medicines += shown(drugs)
    for record in chart.lists["medicines"].items:
        for kind in ("MedicationRequest", "MedicationStatement"):
            for r in held(record, kind):
                must(record, kind, "medicines", medicines, name_of(r.get("medicationCodeableConcept")))
    letters = panes.words(6, "letters")
    for record in chart.lists["documents"].items:
        if record.restricted or held(record, "Composition"):  # a code stands for the first; the second is another type
            continue
        for r in held(record, "DocumentReference"):
            must(
                record,
                "DocumentReference",
                "letters",
                letters,
                _titles(r),
            )
    grid = _grid(chart)
    for record in chart.lists["results"].items:
        for r in held(record, "Observation"):
            if r.get("status") in ("entered-in-error", "cancelled"):
                continue
            is_heading = bool(r.get("hasMember") or r.get("component")) and not any(k.startswith("value") for k in r)
            quantity = r.get("valueQuantity") or {}
            if "value" in quantity:
                row = f"{quantity.get('comparator', '')}{quantity['value']}"
                must(record, "Observation", "results", grid, [row])
                if unit := quantity.get("unit") or quantity.get("code"):
                    must(record, "Observation", "results", grid, [unit])
            elif r.get("valueString"):
                must(record, "Observation", "results", grid, [r["valueString"]])
            if not is_heading:
                must(record, "Observation", "results", grid, name_of(r.get("code")))
    return faults, count


def _grid(chart: Chart) -> str:
    """All of the grid, whatever the window that is shown: the same model that the pane paints."""
    rows = cumulative(chart.lists["results"].items, downtime_set()).rows
    return flat(" ".join(f"{r.name} {r.unit} {' '.join(c.text + ' ' + c.reason for c in r.every)}" for r in rows))


@pytest.fixture
def context(published: House) -> Iterator[Context]:
    look = Look(LIGHT)
    dress(make_application(), look)
    made = Context(published, look)
    yield made
    made.close()


def test_what_the_panes_say_is_what_the_sources_sent(
    published: House, context: Context, sent: Sent, capsys: pytest.CaptureFixture[str]
) -> None:
    faults, count, people = [], 0, 0
    for chart in chosen(published, sent, SEED):
        panes = Panes(context, chart)
        found, compared = missing(panes, chart, sent)
        panes.close()
        faults += found
        count += compared
        people += compared > 0
    with capsys.disabled():
        print(f" [{count} facts of {people} patients, seed {SEED}]", end="")
    assert people >= 30
    assert count > 300
    assert faults == [], "\n".join(faults[:40])


def test_no_figure_of_the_grid_is_one_that_no_file_has(published: House, sent: Sent) -> None:
    wrong, count = [], 0
    for chart in chosen(published, sent, SEED + 1):
        by_id = {r.id: r for r in chart.lists["results"].items}
        for row in cumulative(by_id.values(), downtime_set()).rows:
            for cell in row.every:
                record = by_id[cell.record]
                told = sent.get((record.source, "Observation", record.source_id))
                if told and cell.value:
                    count += 1
                    if not any(flat(cell.value) in flat(" ".join(_leaves(r))) for r in told):
                        wrong.append(f"{row.name}: {cell.value} of {record.source_id}")
    assert count > 300
    assert wrong == []


def test_sabotage_a_medicine_that_is_not_drawn_is_found(
    published: House, context: Context, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = published.reading()
    view = next(
        v for v in reading.snapshot.everyone(100_000)
        if v.scope == "whole" and any(sent.get((m.source, "MedicationRequest", m.source_id))
                                      for m in reading.chart(v.id).lists["medicines"].items)
    )  # fmt: skip
    chart = reading.chart(view.id)
    reading.close()
    panes = Panes(context, chart)
    monkeypatch.setattr(panes, "words", lambda number, tab="": "")
    assert any(f.startswith("medicines") for f in missing(panes, chart, sent)[0])
    panes.close()
