"""The cumulative results grid: rows by analyte, columns by collection time, newest at the right (CLINICAL §3.1).

Rules: a different code, name, unit, method or laboratory is another row (L4); bedside results have a block of their own
(L9); the look-back window keeps, for each row, the last result before it (L7); phoned results are not results and
cannot get in (L10: only `Result` is taken). Order and grouping only: nothing is computed. The order comes from the
downtime set of CLINICAL §3.4 (`localdb.codes.downtime_set()`), passed in so that this module reads nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from localdb.chart.cells import VALUE, Cell, cells_of
from localdb.records.moments import Moment, micros
from localdb.records.vocabulary import Coding, Record, Result

LOINC = "http://loinc.org"
WEEK = timedelta(days=7)
BEDSIDE = "At the bedside (point of care)"
NO_PANEL = "Other results"


class SetLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the downtime set: the local name and the codes that belong to it (`codes`: "system|code")."""

    name: str
    loinc: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class SetPanel(msgspec.Struct, frozen=True):
    """A panel of the downtime set in its order."""

    code: str
    title: str
    lines: tuple[SetLine, ...] = ()


class Column(msgspec.Struct, frozen=True):
    """A column: `basis` says what its time is (collected / received / reported / unknown, L1)."""

    moment: Moment | None
    basis: str = "collected"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One analyte in one unit by one method. `range` is the newest one sent (None: "no range"), `ranges_differ` when
    others were sent too; `cells` maps column number -> the results of that time; `before` the last before the window.
    """

    name: str
    panel: str
    unit: str = ""
    method: str = ""
    laboratory: str = ""
    range: str | None = None
    ranges_differ: bool = False
    cells: dict[int, tuple[Cell, ...]] = {}
    before: tuple[Cell, ...] = ()
    codes: tuple[Coding, ...] = ()

    @property
    def every(self) -> tuple[Cell, ...]:
        """All cells of the row that are in the grid, oldest first."""
        return (*self.before, *(c for n in sorted(self.cells) for c in self.cells[n]))


class Panel(msgspec.Struct, frozen=True):
    code: str
    title: str
    rows: tuple[Row, ...]


class Grid(msgspec.Struct, frozen=True):
    """`columns` oldest first. `shown` of `total` results stand in it; the others are older than the window."""

    panels: tuple[Panel, ...]
    columns: tuple[Column, ...]
    shown: int
    total: int
    since: datetime | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for panel in self.panels for row in panel.rows)


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest result of one row, in whatever state, and the one before it that has a value."""

    name: str
    panel: str
    cell: Cell
    before: Cell | None = None
    unit: str = ""
    method: str = ""


class _Place(msgspec.Struct, frozen=True, order=True):
    """Where a row stands: panel, line, then name."""

    panel: int
    line: int
    title: str
    code: str
    name: str


def cumulative(
    results: Iterable[Record],
    order: Sequence[SetPanel] = (),
    *,
    now: datetime | None = None,
    window: timedelta | None = None,
) -> Grid:
    """The grid of `results` (records that are not `Result` are left out). `window` looks back from `now` (L7); without
    one, everything stands in it."""
    since = now - window if window is not None and now is not None else None
    rows = _rows(results)
    total = sum(len(cells) for cells in rows)
    inside = [[c for c in cells if _is_inside(c, since)] for cells in rows]
    examples = {_column_key(c): c for cells in inside for c in cells}
    columns = sorted(examples)
    number = {key: n for n, key in enumerate(columns)}
    index = _index(order)
    placed: dict[_Place, list[Row]] = defaultdict(list)
    for every, kept in zip(rows, inside, strict=True):
        earlier = [c for c in every if not _is_inside(c, since)]
        before = _last(earlier)
        if kept or before:
            by_column: dict[int, tuple[Cell, ...]] = {}
            for cell in kept:
                at = number[_column_key(cell)]
                by_column[at] = (*by_column.get(at, ()), cell)
            place = _place(every[-1], index, order)
            placed[place].append(_row(every, by_column, before, place.title))
    shown = sum(len(kept) for kept in inside)
    return Grid(_panels(placed), tuple(_column(examples[k]) for k in columns), shown, total, since)


def latest(results: Iterable[Record], order: Sequence[SetPanel] = ()) -> tuple[Latest, ...]:
    """Per row the newest result and the one before it (summary, F02), in the order of the grid.

    A withdrawn or unavailable newest one stands as such: it never lets an older value pass for the latest.
    """
    index = _index(order)
    found: list[tuple[_Place, Latest]] = []
    for cells in _rows(results):
        newest = cells[-1]
        before = next((c for c in reversed(cells[:-1]) if c.state == VALUE), None)
        place = _place(newest, index, order)
        made = Latest(
            name=newest.name,
            panel=place.title,
            cell=newest,
            before=before,
            unit=newest.unit or (before.unit if before else ""),
            method=newest.method,
        )
        found.append((place, made))
    return tuple(made for _, made in sorted(found, key=lambda pair: pair[0]))


def _rows(results: Iterable[Record]) -> list[list[Cell]]:
    """The cells of each row, oldest first (L4). A cell without a value and unit joins the only row of its analyte."""
    split: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    loose: list[Cell] = []
    for record in results:
        for cell in cells_of(record) if isinstance(record, Result) else ():
            if cell.state != VALUE and not cell.unit:
                loose.append(cell)
            else:
                split[(*_analyte(cell), _plain(cell.unit), _plain(cell.method), _plain(cell.laboratory))].append(cell)
    for cell in loose:
        name = _analyte(cell)
        homes = [key for key in split if key[: len(name)] == name and split[key][0].unit]
        key = homes[0] if len(homes) == 1 else (*name, "", _plain(cell.method), _plain(cell.laboratory))
        split[key].append(cell)
    return [sorted(cells, key=_when) for cells in split.values()]


def _analyte(cell: Cell) -> tuple[str, ...]:
    """What is measured: LOINC code, else the first code, and the name as sent; a sample where no LOINC code tells."""
    loinc = next((c.code for c in cell.codes if c.system == LOINC), "")
    first = next((f"{c.system}|{c.code}" for c in cell.codes if c.code), "")
    sample = "" if loinc else _plain(cell.specimen)
    return (loinc or first, _plain(cell.name), sample, "bedside" if cell.point_of_care else "")


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _when(cell: Cell) -> tuple[int, int]:
    said = cell.said.utc if cell.said is not None and cell.said.utc is not None else 0
    return _column_key(cell)[0], said


def _column_key(cell: Cell) -> tuple[int, str]:
    moment = cell.when
    utc = moment.utc if moment is not None and moment.utc is not None else -(2**62)
    return utc, _basis(cell) + ("" if moment is None or moment.has_time else " day")


def _basis(cell: Cell) -> str:
    for moment, word in ((cell.collected, "collected"), (cell.received, "received"), (cell.said, "reported")):
        if moment is not None:
            return word
    return "unknown"


def _column(cell: Cell) -> Column:
    return Column(cell.when, _basis(cell))


def _is_inside(cell: Cell, since: datetime | None) -> bool:
    """In the window; a result whose time is unknown always is: it may be new."""
    moment = cell.when
    return since is None or moment is None or moment.utc is None or moment.utc >= micros(since)


def _last(cells: list[Cell]) -> tuple[Cell, ...]:
    """The last before the window: the newest one that has a value, together with any of the same time."""
    newest = next((c for c in reversed(cells) if c.state == VALUE), None)
    if newest is None:
        return ()
    return tuple(c for c in cells if _column_key(c) == _column_key(newest) and c.state == VALUE)


def _row(every: list[Cell], cells: dict[int, tuple[Cell, ...]], before: tuple[Cell, ...], panel: str) -> Row:
    shown = [*before, *(c for n in sorted(cells) for c in cells[n])]
    ranges = [c.range for c in reversed(shown) if c.range]
    return Row(
        name=every[-1].name,
        panel=panel,
        unit=next((c.unit for c in reversed(every) if c.unit), ""),
        method=every[-1].method,
        laboratory=every[-1].laboratory,
        range=ranges[0] if ranges else None,
        ranges_differ=len(set(ranges)) > 1,
        cells=cells,
        before=before,
        codes=every[-1].codes,
    )


def _index(order: Sequence[SetPanel]) -> dict[str, tuple[int, int]]:
    """Code -> (panel, line) in the set; a local code reads `system|code`."""
    places: dict[str, tuple[int, int]] = {}
    for p, panel in enumerate(order):
        for n, line in enumerate(panel.lines):
            for code in (*(f"{LOINC}|{c}" for c in line.loinc), *line.codes):
                places.setdefault(code, (p, n))
    return places


def _place(cell: Cell, index: dict[str, tuple[int, int]], order: Sequence[SetPanel]) -> _Place:
    keys = [f"{c.system}|{c.code}" for c in cell.codes] + [f"text|{_plain(cell.name)}"]
    found = next((index[k] for k in keys if k in index), None)
    if cell.point_of_care:
        return _Place(len(order), found[1] if found else 999, BEDSIDE, "Bedside", _plain(cell.name))
    if found is None:
        title = cell.panel or NO_PANEL
        return _Place(len(order) + 1 + (title == NO_PANEL), 0, title, title, _plain(cell.name))
    panel = order[found[0]]
    return _Place(found[0], found[1], panel.title, panel.code, _plain(cell.name))


def _panels(placed: dict[_Place, list[Row]]) -> tuple[Panel, ...]:
    made: dict[tuple[str, str], list[Row]] = {}
    for place in sorted(placed):
        made.setdefault((place.code, place.title), []).extend(placed[place])
    return tuple(Panel(code, title, tuple(rows)) for (code, title), rows in made.items())
