"""F16 Fluid balance: this day and the next, an hour a row (CLINICAL §2.4, §6).

The day is that of the ward's clock: 24 rows, 23 or 25 where the clocks change (H21). Balance and totals of the days
before stand as their source sent them, with their times; sums on paper are made by hand.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from desktop.forms import flow
from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.blanks import fields as fields_block
from desktop.forms.blocks import Block, gap, text_block
from desktop.forms.chart_text import as_of, empty_text, held_back, shown, when
from desktop.forms.fluid_hours import INS, OUTS, PAPER, HourRow, hour_rows, table_of, totals_text
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Part, Side, form_of
from localdb.chart import staleness, wording
from localdb.chart.fluids import Fluids, fluids, hours_of
from localdb.chart.measures import measures
from localdb.chart.views import KNOWN
from localdb.records.moments import from_instant

ALARM = "Urine below 0.5 mL/kg/h for this weight is below"
_NOTES = (
    ("restriction", re.compile(r"restriction", re.IGNORECASE)),
    ("target", re.compile(r"target", re.IGNORECASE)),
    ("catheter", re.compile(r"catheter", re.IGNORECASE)),
)


def parts(model: FormModel) -> list[Part]:
    if model.chart is None:
        return [_side(model, Fluids(), None, _blank_rows(), first=True)]
    items = shown(model.chart.observations.items)
    found = fluids(items, model.printed_at, model.site.zone)
    cut = _cut(model)
    today = wording.local_day(model.printed_at, model.site.zone)
    days = [(n, today + timedelta(days=n)) for n in range(2)]
    return [_side(model, found, day, hour_rows(model, day, found, cut), first=n == 0) for n, day in days]


def _blank_rows() -> tuple[HourRow, ...]:
    """24 hours and a row for the hour that comes twice: the day on which a blank is used is not known."""
    hours = [HourRow(f"{n:02d}:00") for n in range(24)]
    return (*hours, HourRow("__:__"))


def _cut(model: FormModel) -> datetime | None:
    """Up to when every source of observations is complete."""
    found = [staleness.complete_to(s, "observation") for s in model.sources if "observation" in s.kinds]
    instants = [m.instant for m in found if m is not None and m.instant is not None]
    return min(instants, default=None) if len(instants) == len(found) else None


def _side(model: FormModel, found: Fluids, day: date | None, rows: tuple[HourRow, ...], *, first: bool) -> Side:
    fields = _fields(model, found, day, first=first)
    lines = _lines(model, found, rows) if first else _change_lines(rows)
    words: tuple[o.Row, ...] = (
        *(r for row in fields for r in Fields(*row).rows()), *(o.Text(text=t, strong=True) for t in lines),
        *((o.Pair(left=tr(PAPER)),) if any(r.starts for r in rows) else ()),
        *(o.Pair(left=r.title, right=r.said or "") for r in rows), *(o.Pair(left=tr(n)) for n, _ in (*INS, *OUTS)),
        o.Pair(left=tr("24 h totals")),
    )  # fmt: skip

    def draw(area: Area) -> list[flow.Part]:
        above: list[Block] = [fields_block(area.width, row, 18) for row in fields]
        above += [text_block(o.Text(text=t, strong=True), area.width) for t in lines]
        above.append(Block((gap(3),)))
        room = area.height - sum(b.height for b in above) - 1
        return [*above, table_of(rows, area.width, room)]

    return Side(draw, words)


def _fields(model: FormModel, found: Fluids, day: date | None, *, first: bool) -> list[list[Field]]:
    title = _title(model, day) if day is not None else ""
    held = {name: _note(found, pattern) if first else "" for name, pattern in _NOTES}
    day_row = [
        Field("Day", 0.34, title),
        Field("Chart no.", 0.16),
        Field("Weight", 0.5, _weight(model) if first else ""),
    ]
    alarm = [Field(ALARM, 0.56), Field("mL/h: tell", 0.44)]
    labels = {"target": "Target", "restriction": "Restriction", "catheter": "Catheter since"}
    # What is known has a line of its own; the others share one.
    told = [[Field(label, 1.0, held[name])] for name, label in labels.items() if held[name]]
    asked = [label for name, label in labels.items() if not held[name]]
    if not first or model.blank:
        asked.append("Balance of the day before")
    rows = [asked[n : n + 2] for n in range(0, len(asked), 2)] if len(asked) == 4 else [asked]
    return [day_row, *told, *([Field(label, 1 / len(row)) for label in row] for row in rows if row), alarm]


def _title(model: FormModel, day: date) -> str:
    morning = hours_of(day, model.site.zone)[0]
    return wording.date(from_instant(morning), model.site.zone, weekday=True)


def _note(found: Fluids, pattern: re.Pattern[str]) -> str:
    """The newest note of its kind as sent, with its time."""
    note = next((n for n in found.notes if pattern.search(n.name)), None)
    return wording.clean(f"{note.name} {note.text}, {note.when}") if note is not None else ""


def _weight(model: FormModel) -> str:
    """`71.5 kg, 23-Nov-2026`, with how it was measured where that was said; empty where none is in the copy."""
    if model.chart is None:
        return ""
    every = [s for s in measures(shown(model.chart.observations.items)) if s.name == "Weight"]
    newest = max((v for s in every for v in s.values), key=lambda v: v.at.utc or 0 if v.at else 0, default=None)
    if newest is None:
        return ""
    how = f", {newest.how}" if newest.how else ""
    return wording.clean(f"{newest.text}, {when(model, newest.at)}{how}")


def _lines(model: FormModel, found: Fluids, rows: tuple[HourRow, ...]) -> list[str]:
    if model.chart is None:
        return [
            tr(
                "The last row is for the hour that comes twice when the clocks go back. When they go forward, strike 01:00."
            )
        ]
    age, listing = as_of(model, "observation"), model.chart.observations
    sent = totals_text(found, model.printed_at - timedelta(hours=48))
    if sent:
        lines = [tr("Balance and totals before, as sent ({age}): {texts}.").format(age=age, texts="; ".join(sent))]
    elif listing.state != KNOWN:
        lines = [empty_text(listing.state, "fluid balance", listing.window)]
    else:
        lines = [tr("No balance or total of the last 48 hours is in this copy ({age}).").format(age=age)]
    held = [] if listing.state != KNOWN else list(held_back(listing.items))
    return [*lines, *held, *_change_lines(rows)]


def _change_lines(rows: tuple[HourRow, ...]) -> list[str]:
    """What is said of a day on which the clocks change."""
    hours = len({r.title for r in rows})
    if hours == 24:
        return []
    return [tr("The clocks change on this day: it has {hours} hours.").format(hours=hours)]


FORM = form_of(
    parts, code="F16", title="Fluid balance", use="Write mL in the hour. Add up by hand.", back_entry="line",
)  # fmt: skip
