"""The medicines: all of them, the time-critical ones, and what was given (look/06, CLINICAL §5).

What is said and in which order comes from `localdb/chart/medicines.py` and `medicine_blocks.py`; here it is only painted.
Rows are never cut; a filtered list says how many of how many it shows; what may have been given in the gap stands above.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, State, TableRow
from desktop.patient.factline import FactLine
from desktop.patient.given import GivenDoses
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.tabs import Tab, Tabs
from desktop.patient.words import dose_gap, section_age, short, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Button
from desktop.shell.type import SEMIBOLD, width
from localdb.chart.medicine_blocks import blocks_of, head_facts, is_weekly_only, newest_results
from localdb.chart.medicines import (
    CHECK,
    GROUPS,
    LATER,
    NEEDED,
    NEXT,
    NO_RECORD,
    OVERDUE,
    RUNNING,
    STOPPED,
    SUSPENDED,
    UNKNOWN,
    Dose,
    Row,
    medicine_rows,
)
from localdb.chart.views import Chart
from localdb.codes import drug_lists

WIDE, NARROW = (0.0, 0.34, 0.46, 0.64, 0.81), (0.0, 0.36, 0.57, 0.79)
NARROW_ROOM = 860
LAST_STOPPED = 20  # of what was stopped so many stand below the list; all of it on request
FILTERS = (
    ("all", "All", tuple(GROUPS)),
    ("due", "Due", (OVERDUE, UNKNOWN, RUNNING)),
    ("regular", "Regular", (NEXT, LATER)),
    ("needed", "If needed", (NEEDED,)),
    ("suspended", "Suspended", (SUSPENDED,)),
    ("stopped", "Stopped", (STOPPED,)),
)


def medicine_row(row: Row, now: datetime, room: float) -> list[Block]:
    """One order: drug and why, dose, route and times, last given, next due; a name that is too long for its column
    stands above the row, so that it is not parted (CLINICAL §5.2)."""
    item = row.item
    columns = NARROW if room < NARROW_ROOM else WIDE
    name = Cell(row.drug, "body", weight=700)
    above: list[Block] = []
    if width(row.drug, "body", 700) > room * columns[1] - 12:
        above, name = [Gap(4), Para(row.drug, "body", weight=700)], Cell("", "body")
    drug = [name]
    if row.lists:
        marks = dict.fromkeys(("Time-critical" if row.is_time_critical else "", *(o.list.title for o in row.lists)))
        drug.append(Cell(", ".join(m for m in marks if m), "label", weight=700))
    about = "; ".join(x for x in (row.form, row.further, row.why) if x)
    drug += [Cell(about, "label", "ink2"), Cell(_began(row, now), "label", "ink2")]
    drug += [Cell(note, "label", weight=600) for note in row.notes]
    drug += [Cell(f"Caution: {c.words}.", "label", "warn", 600) for c in row.cautions]
    dose = [Cell(f"DOSE {item.dose}" if columns is NARROW and item.dose else item.dose or "dose not sent", weight=700)]
    often = "see the box below" if is_weekly_only(row) else row.often
    how = [Cell(item.route or "route not sent", "body"), Cell(often, "label", "ink2")]
    last, due = _last(row, now), _due(row)
    if columns is NARROW:
        cells = [drug, [*dose, *how], last, due]
    else:
        cells = [drug, dose, how, last, due]
    return [*above, TableRow(cells, columns)]


def _began(row: Row, now: datetime) -> str:
    started = short(row.item.happened or row.item.said, now, missing="start not sent")
    ended = f", until {short(row.item.ended, now)}" if row.item.ended is not None else ""
    by = f", {row.item.author}" if row.item.author else ""
    return f"started {started}{ended}{by}"


def _last(row: Row, now: datetime) -> list[Cell]:
    if row.last is None:
        if not row.is_going:
            return [Cell("no dose in this copy", "label", "ink2")]
        return [Cell(NO_RECORD, "label", weight=700, boxed=True), Cell(CHECK, "label", weight=500, boxed=True)]
    cells = _dose_cells(row.last, now)
    if row.before is not None:
        cells.append(Cell(f"before: {short(row.before.at, now)} {row.before.outcome}", "label", "ink2"))
    return cells


def _dose_cells(dose: Dose, now: datetime) -> list[Cell]:
    heavy = 600 if dose.is_given else 700
    how = ", ".join(x for x in ((dose.how, dose.dose, dose.by) if dose.is_given else (dose.by,)) if x)
    notes = [Cell(c, "label", "ink2") for c in dose.comments]
    if not dose.is_given:
        return [
            Cell(f"{short(dose.at, now)} {dose.how.upper()}", "body", weight=heavy),
            Cell(how, "label", "ink2"),
            *notes,
        ]
    return [Cell(short(dose.at, now), "body", weight=heavy), Cell(how, "label", "ink2"), *notes]


def _due(row: Row) -> list[Cell]:
    due = row.due
    if due.is_boxed:
        return [Cell(due.head, "body", weight=700, boxed=True), Cell(due.text, "label", "ink", 600, boxed=True)]
    plain = due.head in ("no due time sent", "if needed") or not row.is_going
    return [Cell(due.head, "label" if plain else "body", "ink2" if plain else "ink", None if plain else 600),
            Cell(due.text, "label", "ink2")]  # fmt: skip


class Drugs(QWidget):
    """The list. `only_critical`: those on a list of time-critical names. `chosen`: which of FILTERS is shown."""

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, chart: Chart, *, only_critical: bool = False
    ) -> None:
        super().__init__()
        self._context, self.chosen, self._only = context, "all", only_critical
        self.may_filter = False  # whether the rest of a shortened group can be asked for
        self._newest = newest_results(chart)
        self._read: tuple[datetime, tuple[Row, ...]] | None = None
        name = "Time-critical medicines" if only_critical else "Medicines"
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange, name)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.addWidget(self.sheet)
        self.setFocusProxy(self.sheet)

    def choose(self, group: str) -> None:
        """Show one of FILTERS."""
        self.chosen = group
        self.sheet.pane.rearrange()

    def retime(self) -> None:
        self.sheet.retime()

    def rows(self, chart: Chart) -> tuple[Row, ...]:
        """Every row as it is read now; made once for each time that was asked."""
        now = self._context.now()
        if self._read is None or self._read[0] != now:
            self._read = (now, medicine_rows(chart, now, drug_lists()))
        return self._read[1]

    def _arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now = self._context.now()
        listing = chart.lists["medicines"]
        age = section_age(chart, now, "administration", "medicine")
        if said := state_words(listing, "medicines", chart, now, "medicine"):
            return [Placed(8, 0, room - 16, [Head("Medicines", age), State(said)])]
        wide = room - 16
        blocks: list[Block] = []
        if gap := dose_gap(chart.sources, now):
            upto = section_age(chart, now, "administration").text
            ask = "Ask the nurse who was here, and check the patient."
            blocks += [Boxed([(f"Given up to {upto}. {gap} {ask}", True)], "warn", "ageing")]
        # The banner above names the consultant already.
        blocks.append(FactLine([f for f in head_facts(chart, self._newest, now) if f.label != "Consultant"]))
        every = self.rows(chart)
        offered = [r for r in every if r.is_time_critical] if self._only else list(every)
        wanted = next(groups for code, _, groups in FILTERS if code == self.chosen)
        shown = [r for r in offered if r.group in wanted]
        if self._only:
            blocks += [Para(_ABOUT_LIST, "label", "ink2"), Gap(4)]
        if wide >= NARROW_ROOM:
            blocks.append(Lead(("Medicine, why", "DOSE", "Route and times", "Last given", "Next due, as sent"), WIDE))
        else:
            blocks.append(Lead(("Medicine, why", "DOSE, route, times", "Last given", "Next due, as sent"), NARROW))
        hidden = 0
        for group, title in GROUPS.items():
            mine = [r for r in shown if r.group == group]
            is_short = group == STOPPED and self.chosen == "all" and self.may_filter
            kept = mine[:LAST_STOPPED] if is_short else mine
            hidden += len(mine) - len(kept)
            if mine:
                count = f"{len(kept)} of {len(mine)}" + (", press Stopped for all" if len(kept) < len(mine) else "")
                blocks.append(Lead([title], (0,), line=1, count=count))
            for row in kept:
                blocks += medicine_row(row, now, wide)
                if self._only:
                    whys = [(o.words, False) for o in row.lists if o.list.time_critical]
                    blocks.append(Boxed(whys, "plain", None))
                blocks += self._special(row, chart, every, now)
        windows = " ".join(w for n in ("medicines", "administrations") if (w := chart.lists[n].window))
        words = f"{len(shown) - hidden} of {len(every)} medicines shown. Complete to {age.text}. {windows}".rstrip()
        blocks += [Gap(6), Para(words, "label", weight=SEMIBOLD)]
        return [Placed(8, 0, wide, blocks)]

    def _special(self, row: Row, chart: Chart, every: Sequence[Row], now: datetime) -> list[Block]:
        if not row.is_going and not any(o.list.levels for o in row.lists):
            return []
        made: list[Block] = []
        for one in blocks_of(row, chart, every, self._newest, now, drug_lists()):
            lines = [(one.title, True), *((text, False) for text in one.lines)]
            made.append(Boxed(lines, "crit" if one.stop else "plain", "caution" if one.stop else None))
        return made


_ABOUT_LIST = (
    "A list of names that this site edits: a medicine stands here because its name or code is on it. One that is not "
    "here may be urgent all the same."
)


class CriticalDrugs(Drugs):
    """The tab of the time-critical ones."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context, stand, key, chart, only_critical=True)


class Medicines(Tabs):
    """The section. The filters of the first tab stand at the right of the tabs where there is room; where there is none
    the whole list is shown."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        rows = medicine_rows(chart, context.now(), drug_lists())
        given = len(chart.lists["administrations"].items)
        critical = sum(r.is_time_critical for r in rows)
        tabs = (
            Tab("all", "All", Drugs, str(len(rows)) if rows else ""),
            Tab("critical", "Time-critical", CriticalDrugs, str(critical) if rows else ""),
            Tab("given", "Given", GivenDoses, str(given) if given else ""),
        )
        self.filters: dict[str, Button] = {}
        super().__init__(context, stand, key, chart, tabs, "Medicines")
        for code, word, groups in FILTERS:
            count = sum(r.group in groups for r in rows)
            if not count or (code == "all" and not rows):
                continue
            words = "Every group" if code == "all" else f"{word} {count}"
            button = Button(context.look, words, "chosen" if code == "all" else "normal", name=f"Show {words}")
            button.setProperty("group", code)
            button.clicked.connect(self._on_filter)
            self.filters[code] = button
            self.bar.addWidget(button)
        self.shown_tab.connect(self._fit_filters)
        self._fit_filters()

    @property
    def chosen(self) -> str:
        return self._drugs.chosen

    @property
    def _drugs(self) -> Drugs:
        found = self._made["all"]
        assert isinstance(found, Drugs)
        return found

    def choose(self, group: str) -> None:
        """Show one group of the first tab, or all."""
        self._drugs.choose(group)
        for name, button in self.filters.items():
            button.use_kind("chosen" if name == group else "normal")

    def _on_filter(self) -> None:
        self.choose(str(self.sender().property("group")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_filters()

    def _fit_filters(self) -> None:
        """Show the filters on the first tab where all of them have room, else the two that a long record needs."""
        spare = self.width() - 40 - sum(b.sizeHint().width() + self.bar.spacing() for b in self.buttons.values())

        def room(codes: Iterable[str]) -> int:
            return sum(self.filters[c].sizeHint().width() + self.bar.spacing() for c in codes)

        offered = [set(self.filters), {"all", "stopped"} & set(self.filters)] if len(self.filters) > 2 else []
        shown = next((codes for codes in offered if len(codes) > 1 and room(codes) <= spare), set())
        if "all" in self._made:
            if self.chosen not in {"all", *shown}:
                self.choose("all")
            if self._drugs.may_filter != ("stopped" in shown):
                self._drugs.may_filter = "stopped" in shown
                self._drugs.sheet.pane.rearrange()
        for code, button in self.filters.items():
            button.setVisible(code in shown and self.tab == "all")
