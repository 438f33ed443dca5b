"""Results on paper: the newest and the one before, as sent, in whatever state (CLINICAL §3.1, H07, H08, H11, H12)."""

from __future__ import annotations

from collections import Counter

from desktop.forms import outline as o
from desktop.forms.blocks import NO_RANGE
from desktop.forms.chart_text import as_of, empty_text, gap_text, held_back, short, struck_texts, when
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import cells, wording
from localdb.chart.cells import Cell
from localdb.chart.grid import Latest, latest
from localdb.chart.views import KNOWN, Listing
from localdb.records.vocabulary import BLOOD_GROUP_CODES

KEY, MOST = 12, 45
HISTORICAL = "HISTORICAL, NOT FOR ISSUE OF BLOOD"
_BASIS = {
    "received": "collected not recorded, received {when}", "reported": "collected not recorded, reported {when}",
}  # fmt: skip


def results_sections(model: FormModel, listing: Listing) -> tuple[o.Section, o.Section | None]:
    """The newest KEY analytes, and all others in a section of their own, so that medicines stay on the first sides.

    Each under its collection time; "n of m shown" where the newest MOST are chosen.
    """
    head = as_of(model, "result")
    down = tuple(o.Text(text=t, strong=True) for t in struck_texts(model, "result"))
    if listing.state != KNOWN or not listing.items:
        text = o.Text(text=empty_text(listing.state, "results", listing.window), strong=listing.state != KNOWN)
        return o.Section(title=tr("Key results"), as_of=head, rows=(*down, text), side=1), None
    every = latest([r for r in listing.items if not r.restricted], model.order)
    chosen = [f for _, group in _groups(model, _newest(every)) for f in group]
    key, rest = chosen[:KEY], chosen[KEY:]
    notes: list[o.Row] = [o.Text(text=t, strong=True) for t in held_back([r for r in listing.items if r.restricted])]
    notes += [o.Text(text=f"{listing.window} {tr('The last of each test is shown.')}")] if listing.window else []
    gap = gap_text(model, "result")
    notes += [o.Text(text=gap)] if gap else []
    if len(chosen) < len(every):
        said = tr("{shown} of {count} tests shown, the newest.").format(shown=len(chosen), count=len(every))
        notes.append(o.Text(text=said, strong=True))
    if not rest:
        return o.Section(title=tr("Key results"), as_of=head, rows=(*down, *_rows(model, key), *notes), side=1), None
    further = o.Text(text=tr("{count} more tests under More results.").format(count=len(rest)), strong=True)
    first = o.Section(title=tr("Key results"), as_of=head, rows=(*down, *_rows(model, key), further), side=1)
    return first, o.Section(title=tr("More results"), as_of=head, rows=(*_rows(model, rest), *notes), side=1)


def _rows(model: FormModel, chosen: list[Latest]) -> list[o.Row]:
    rows: list[o.Row] = []
    for time, group in _groups(model, chosen):
        usual = _usual_before(model, group)
        rows.append(o.Heads(now=time, before=usual))
        rows += [_row(model, found, usual) for found in group]
    return rows


def _newest(every: tuple[Latest, ...]) -> list[Latest]:
    if len(every) <= MOST:
        return list(every)
    by_time = sorted(every, key=lambda f: f.cell.when.utc or 0 if f.cell.when else 0, reverse=True)[:MOST]
    kept = {id(f) for f in by_time}
    return [f for f in every if id(f) in kept]


def _time(model: FormModel, cell: Cell) -> str:
    """The column time: collection, else what else is known, and says so (L1)."""
    if cell.collected is not None:
        return short(model, cell.collected)
    basis = "received" if cell.received is not None else "reported"
    if cell.when is None:
        return tr("time not recorded")
    return tr(_BASIS[basis]).format(when=short(model, cell.when))


def _groups(model: FormModel, chosen: list[Latest]) -> list[tuple[str, list[Latest]]]:
    """Results of one time under one head, newest time first, each group in the order of the grid."""
    groups: dict[str, list[Latest]] = {}
    for found in chosen:
        groups.setdefault(_time(model, found.cell), []).append(found)
    return sorted(groups.items(), key=lambda pair: -(_instant(pair[1][0].cell)))


def _instant(cell: Cell) -> int:
    return cell.when.utc if cell.when is not None and cell.when.utc is not None else 0


def _usual_before(model: FormModel, group: list[Latest]) -> str:
    counted = Counter(_time(model, f.before) for f in group if f.before is not None)
    return counted.most_common(1)[0][0] if counted else ""


def _row(model: FormModel, found: Latest, usual: str) -> o.Result:
    cell, before = found.cell, found.before
    notes = list(_state_notes(model, cell))
    if BLOOD_GROUP_CODES & {c.code for c in cell.codes}:
        notes.insert(0, o.Note(tr(HISTORICAL)))
    shown_before = o.Value()
    if before is not None:
        value = o.Value(wording.clean(before.text), before.flag)
        if _time(model, before) == usual:
            shown_before = value
        else:
            said = tr("before {value}, {when}").format(value=value.line, when=_time(model, before))
            notes.append(o.Note(said))
        if before.mark in (cells.PRELIM, cells.UNVERIFIED):
            notes.append(o.Note(tr("the one before is {mark}").format(mark=_mark(before))))
    notes += [o.Note(wording.clean(c)) for c in cell.comments if c not in cell.reason]
    if cell.caution:
        notes.append(o.Note(tr("CAUTION: {text}").format(text=tr(cell.caution))))
    method = f", {found.method}" if found.method else ""
    value = o.Value(wording.clean(cell.text), cell.flag)
    return o.Result(
        name=wording.clean(f"{found.name} {found.unit}{method}"),
        now=value,
        before=shown_before,
        range=wording.clean(cell.range or "") or tr(NO_RANGE),
        notes=tuple(notes),
    )


def _mark(cell: Cell) -> str:
    """The mark of a result that is not authorised yet, in full on paper: PRELIMINARY (CLINICAL §3.1)."""
    return tr("PRELIMINARY" if cell.mark == cells.PRELIM else cell.mark)


def _state_notes(model: FormModel, cell: Cell) -> tuple[o.Note, ...]:
    """What the source said of the result itself: preliminary, corrected, withdrawn, not to be had."""
    said = when(model, cell.marked_at or cell.said)
    if cell.state == cells.WITHDRAWN:
        text = tr("WITHDRAWN by {source} {when}: {reason}")
        return (o.Note(text.format(source=cell.source, when=said, reason=cell.reason or tr("no reason sent"))),)
    if cell.state == cells.NOT_AVAILABLE:
        return (o.Note(tr("NOT AVAILABLE: {reason}").format(reason=wording.clean(cell.reason))),)
    if cell.state == cells.WAITING:
        return (o.Note(tr("no result yet, in the laboratory")),)
    if cell.mark in (cells.PRELIM, cells.UNVERIFIED):
        return (o.Note(tr("{mark}, not yet authorised").format(mark=_mark(cell))),)
    if cell.mark in (cells.CORRECTED, cells.CHANGED):
        if not cell.struck:
            return (o.Note(f"{tr(cell.mark)} {said}"),)
        return tuple(
            o.Note(
                tr("{mark} {when}, was").format(mark=tr(cell.mark), when=said),
                f"{f.comparator or ''}{f.value or ''}",
                _former_time(model, f.said),
            )
            for f in cell.struck
        )
    return ()


def _former_time(model: FormModel, said: object) -> str:
    return tr("reported {when}").format(when=when(model, said)) if said is not None else ""  # type: ignore[arg-type]
