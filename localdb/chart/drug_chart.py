"""A drug chart as it is written on paper: every order of a person in its section, nothing left out unsaid (CLINICAL §5).

The rows, blocks and their order are those of the screen (`medicines`, `medicine_blocks`). Sections: once only, regular,
if needed, infusions (which have a chart of their own), oxygen, suspended, stopped within a day; cancer treatment, drugs
into the spine and trial drugs are named and never transcribed (§5.3). Restricted and withdrawn orders are counted by the
caller; they are not here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from localdb.chart import wording
from localdb.chart.dose_times import Timetable, times_a_day, timetable
from localdb.chart.drug_lists import DrugLists
from localdb.chart.grid import Latest
from localdb.chart.medicine_blocks import Block, blocks_of
from localdb.chart.medicines import NEEDED, RUNNING, STOPPED, SUSPENDED, Dose, Row, doses_of, medicine_rows
from localdb.chart.views import Chart

DAY = timedelta(hours=24)
_ONCE = re.compile(
    r"^(?:(?:once only|one dose only|single dose|one[- ]off|stat|immediately|at once|now)\b|once$"
    r"|once[,;] (?!daily|a |every))",
    re.I,
)
_RATE = re.compile(
    r"(?<![\w])\d[\d.,]*\s?(?:mL|ml|mg|g|micrograms?|nanograms?|units?|mmol|mcg|µg|μg)(?:\s?(?:/|per)\s?kg)?\s?"
    r"(?:/|per|an|a)\s?(?:h|hr|hour|min|minute)\b|\bover \d+ (?:hours?|hr)\b"
    r"|continuous (?:infusion|intravenous|subcutaneous)",
    re.I,
)
_BY_DRIP = re.compile(r"infusion|intravenous|(?<!\w)iv(?!\w)|syringe driver|pump|subcutaneous", re.I)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One order: `number` on the sheet; its row, what must stand below it, and its times."""

    number: int
    row: Row
    blocks: tuple[Block, ...] = ()
    table: Timetable = Timetable()

    def is_on(self, block: str) -> bool:
        """Whether the order is on a list of that block (`insulin`, `anticoagulant` …)."""
        return any(found.list.block == block for found in self.row.lists)

    def is_listed(self, code: str) -> bool:
        return any(found.list.code == code for found in self.row.lists)


class DrugChart(msgspec.Struct, frozen=True, kw_only=True):
    """Every order in its section, numbered through. `view_only` are named, not transcribed; `loose` the
    doses of the last 24 hours that belong to no order of the copy, newest first; `earlier` = how many were
    stopped or finished more than a day ago (or without a time); `total` all of them."""

    once: tuple[Item, ...] = ()
    regular: tuple[Item, ...] = ()
    needed: tuple[Item, ...] = ()
    infusions: tuple[Item, ...] = ()
    oxygen: tuple[Item, ...] = ()
    suspended: tuple[Item, ...] = ()
    stopped: tuple[Item, ...] = ()
    view_only: tuple[Row, ...] = ()
    loose: tuple[Dose, ...] = ()
    earlier: int = 0
    total: int = 0

    @property
    def shown(self) -> int:
        return self.total - self.earlier

    @property
    def going(self) -> tuple[Item, ...]:
        """What is given now or will be."""
        return (*self.once, *self.regular, *self.needed, *self.infusions, *self.oxygen)


def is_infusion(row: Row) -> bool:
    """Runs at a rate: its dose, times or instructions name one, or it runs now into a vein or under the skin. What is
    given so many times a day has a grid, however long a dose takes to run in."""
    item = row.item
    if timetable(item).rows or times_a_day(item.frequency or item.instructions):
        return False
    said = f"{item.dose} {item.frequency} {item.instructions}"
    by_drip = bool(_BY_DRIP.search(f"{item.route} {item.form} {item.instructions}"))
    return by_drip and (bool(_RATE.search(said)) or row.group == RUNNING)


def is_once_only(row: Row) -> bool:
    return not row.item.as_needed and bool(_ONCE.match((row.item.frequency or row.item.instructions).strip()))


def section_of(row: Row) -> str:
    """The name of the section of DrugChart in which an order stands."""
    if any(found.list.block == "view_only" for found in row.lists):
        return "view_only"
    if row.group == SUSPENDED:
        return "suspended"
    if row.group == STOPPED:
        return "stopped"
    if any(found.list.code == "oxygen" for found in row.lists):
        return "oxygen"
    if is_infusion(row) and not row.item.as_needed:
        return "infusions"
    if row.group == NEEDED or row.item.as_needed:
        return "needed"
    return "once" if is_once_only(row) else "regular"


def drug_chart(
    chart: Chart, newest: Sequence[Latest], now: datetime, lists: DrugLists, zone: str = wording.ZONE
) -> DrugChart:
    """The orders of `chart` (of which restricted and withdrawn ones were taken out) at the moment of printing."""
    rows = medicine_rows(chart, now, lists, zone, dated=True)
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(section_of(row), []).append(row)
    stopped = [r for r in found.get("stopped", ()) if _within_a_day(r, now)]
    gone = [r for r in found.get("view_only", ()) if r.group == STOPPED and not _within_a_day(r, now)]
    old = len(found.get("stopped", ())) - len(stopped) + len(gone)
    found["stopped"] = stopped
    made: dict[str, tuple[Item, ...]] = {}
    number = 0
    for name in ("once", "regular", "needed", "infusions", "oxygen", "suspended", "stopped"):
        items = []
        for row in found.get(name, ()):
            number += 1
            below = blocks_of(row, chart, rows, newest, now, lists, zone, dated=True) if row.is_going else ()
            items.append(Item(number=number, row=row, blocks=below, table=timetable(row.item, zone)))
        made[name] = tuple(items)
    view_only = tuple(r for r in found.get("view_only", ()) if r not in gone)
    return DrugChart(**made, view_only=view_only, loose=_loose(chart, rows, now), earlier=old, total=len(rows))


def _loose(chart: Chart, rows: Sequence[Row], now: datetime) -> tuple[Dose, ...]:
    """A dose whose order is not here would be on no row: who reads NO RECORD there must see it all the same (H14)."""
    tied = {dose.record for row in rows for dose in row.doses}
    return tuple(
        d
        for d in doses_of(chart)
        if d.record not in tied
        and not d.is_withdrawn
        and d.at is not None
        and (at := d.at.instant) is not None
        and now - DAY <= at <= now
    )


def _within_a_day(row: Row, now: datetime) -> bool:
    """Stopped or finished within 24 hours before `now`: by its end, else by when its source last said so."""
    moment = row.item.ended or row.item.said
    at = moment.instant if moment is not None else None
    return at is not None and now - DAY <= at
