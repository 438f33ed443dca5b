"""T01 Result trends: up to four tests one above the other on one time axis, each on its own scale (CLINICAL §2.3, L4, L5).

The geometry is that of the screen (localdb.chart.trend): one row of the grid a plot, so never two units, methods or
laboratories in one; the figures stand below each plot as they were sent. Marks are told apart by shape, not by ink.
"""

from __future__ import annotations

from datetime import timedelta

from desktop.forms import outline as o
from desktop.forms.chart_text import as_of, empty_text, gap_text, held_back, short, struck_texts
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Facts, Own, Part, form_of
from desktop.forms.trend_plot import Axis, plot, ticks_width
from localdb.chart import wording
from localdb.chart.grid import Grid, Row, cumulative
from localdb.chart.trend import LIMIT, PHONED, REPLACED, Trend, aligned, trend
from localdb.chart.views import KNOWN, Chart
from localdb.records.moments import Moment, from_instant
from localdb.records.vocabulary import Record

MOST, LISTED = 4, 8
WINDOW = timedelta(days=30)
KEY = (
    "Dot: as sent. Triangle: flagged high or low, as sent. Open circle: beyond a limit, or replaced. "
    "Open square: by phone, UNCONFIRMED. Dashed: the range as sent."
)
BY_HAND = "Nothing is drawn on a blank: print this form for a patient."


def parts(model: FormModel) -> list[Part]:
    chart = model.chart
    if chart is None:
        return [Facts(o.Section(title=tr("Trends"), rows=(o.Text(text=tr(BY_HAND)),)))]
    chosen, window = _chosen(model, chart)
    head = [
        Facts(o.Section(title=tr("Trends"), as_of=as_of(model, "result"), rows=_head(model, chart, chosen, window)))
    ]
    if not chosen:
        return list(head)
    first, last, days = aligned(chosen, zone=model.site.zone)
    axis = Axis(first, last, days)
    left = max(ticks_width(found) for found in chosen)
    plots = [_one(model, found, axis, left) for found in chosen]
    return [*head, *plots, Facts(o.Section(title="", rows=(o.Text(text=tr(KEY)),)))]


def _chosen(model: FormModel, chart: Chart) -> tuple[list[Trend], bool]:
    """The named tests, else those with most figures, in the order of the grid; of the last 30 days, else of all time
    (then False)."""
    items = [r for r in chart.results.items if not r.restricted]
    for window in (WINDOW, None):
        made = _trends(model, chart, cumulative(items, model.order, now=model.printed_at, window=window))
        wanted = {t.casefold() for t in model.tests}
        if wanted:
            made = [(row, t) for row, t in made if row.name.casefold() in wanted]
        best = sorted(range(len(made)), key=lambda n: (-len(made[n][1].points), n))[:MOST]
        if made and (window is None or any(len(made[n][1].points) > 1 for n in best)):
            return [made[n][1] for n in sorted(best)], window is not None
    return [], False


def _trends(model: FormModel, chart: Chart, grid: Grid) -> list[tuple[Row, Trend]]:
    return [(row, t) for row in grid.rows if (t := trend(row, chart.phoned, zone=model.site.zone)) is not None]


def _head(model: FormModel, chart: Chart, chosen: list[Trend], window: bool) -> tuple[o.Row, ...]:
    listing = chart.results
    rows: list[o.Row] = [o.Text(text=t, strong=True) for t in struck_texts(model, "result")]
    if not chosen:
        said = empty_text(listing.state, "results", listing.window)
        if listing.state == KNOWN and listing.items:
            said = tr("No result of this copy is a figure that can be drawn.")
        if model.tests and listing.state == KNOWN:
            named = wording.clean(", ".join(model.tests))
            said = tr("Nothing to draw of what was asked for: {tests}.").format(tests=named)
        return (*rows, o.Text(text=said, strong=True))
    shown = tr("The last 30 days.") if window else tr("Everything in this copy.")
    rows.append(o.Text(text=shown + (f" {gap}" if (gap := gap_text(model, "result")) else "")))
    rows += [o.Text(text=t, strong=True) for t in held_back(_kept(listing.items))]
    rows += [o.Text(text=listing.window)] if listing.window else []
    return tuple(rows)


def _kept(items: tuple[Record, ...]) -> list[Record]:
    return [r for r in items if r.restricted]


def _one(model: FormModel, found: Trend, axis: Axis, left: float) -> Own:
    """The plot and the same in words: name, unit, range, what is odd, every figure with its time."""
    name = wording.clean(f"{found.name}, {found.unit or tr('no unit sent')}")
    notes = _notes(found)
    figures = _figures(model, found)
    listed = o.Text(text="".join(text for text, _ in figures))
    said = (o.Text(text=name, strong=True), o.Text(text=notes), listed)
    return Own(lambda wide: plot(found, axis, wide, left, (name, notes, figures)), said)


def _notes(found: Trend) -> str:
    shapes = {p.shape for p in found.points}
    # `band_text` is the geometry's own words in English: the range alone is taken from it.
    said = [tr("range {range} as sent").format(range=found.band_text.removesuffix(" as sent"))] if found.band else []
    if found.band is None:
        said.append(tr("no one range was sent with all of these"))
    said += [
        tr(words)
        for shape, words in (
            (PHONED, "one by phone: UNCONFIRMED"),
            (REPLACED, "one was replaced"),
            (LIMIT, "one is beyond a limit"),
        )
        if shape in shapes
    ]
    if found.left_out:
        said.append(tr("{count} in words, not drawn").format(count=found.left_out))
    return wording.clean("; ".join(said))


def _figures(model: FormModel, found: Trend) -> tuple[tuple[str, bool], ...]:
    """`24-Nov 01:10 131 · 23-Nov 18:05 133`, newest first, in pieces; True = a value, to stand out."""
    newest = list(reversed(found.points))[:LISTED]
    out: list[tuple[str, bool]] = []
    for n, point in enumerate(newest):
        instant = Moment("", point.utc).instant
        at = short(model, from_instant(instant) if instant is not None else None)
        mark = {PHONED: tr("by phone"), REPLACED: tr("replaced")}.get(point.shape, "")
        out += [(f"{' · ' if n else ''}{at} ", False), (wording.clean(point.text), True)]
        out += [(f" {mark}", False)] if mark else []
    if len(found.points) > len(newest):
        more = tr("{shown} of {count} figures listed, the newest")
        out.append((" · " + more.format(shown=len(newest), count=len(found.points)), False))
    return tuple(out)


FORM = form_of(
    parts, code="T01", title="Result trends", allergies=False,
    back_entry="line", use="To read beside the results themselves. Void when the live system is back.",
)  # fmt: skip
