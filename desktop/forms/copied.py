"""Single facts of the copy for the fields of a form: a result, a weight, a medicine, an alert, each with its own time.

Every text says when it was so, in the source's own words; what the ward wrote or was told by telephone stands beside it
and says so. Where there is none, "not in this copy" and "not recorded" stay two things (CLINICAL §1.5, §7.1). Nothing is
computed, and nothing that a source marked as restricted is among them (`held` counts it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from desktop.forms.chart_text import day, held_back, is_withdrawn, phoned_text, short, shown
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import wording
from localdb.chart.cells import VALUE, WITHDRAWN, Cell
from localdb.chart.drug_lists import on_lists
from localdb.chart.grid import Latest, latest
from localdb.chart.measures import MEASURES, measures
from localdb.chart.views import KNOWN, NOT_RECORDED, Chart, Entry
from localdb.codes import drug_lists
from localdb.records.moments import Moment
from localdb.records.vocabulary import Alert, Allergy, Medicine, Observation, Problem, Record

HAEMOGLOBIN, PLATELETS, INR = ("718-7",), ("777-3", "26515-7"), ("6301-6",)
EGFR, CREATININE = ("62238-1", "98979-8", "33914-3", "48642-3", "48643-1"), ("14682-9", "2160-0")
_OVER = frozenset({"completed", "stopped", "cancelled", "ended", "not-taken"})
_PAUSED = frozenset({"on-hold", "suspended", "paused"})
_NOT_SO = frozenset({"refuted", "entered-in-error"})
_PAST = frozenset({"inactive", "resolved", "remission"})


def absent(chart: Chart, *lists: str) -> str:
    """Why nothing is said: the lists came and have none, or did not come at all."""
    states = {chart.lists[name].state for name in lists}
    if states <= {KNOWN, NOT_RECORDED, "none_asserted"}:
        return tr("not recorded in this copy")
    return tr("NOT IN THIS COPY") if len(states) == 1 else tr("not recorded; part of it is NOT IN THIS COPY")


def held(chart: Chart, *lists: str) -> tuple[str, ...]:
    """`1 restricted, not printed: see the screen.` of these lists together."""
    return held_back(r for name in lists for r in chart.lists[name].items if r.restricted and not is_withdrawn(r))


def result(model: FormModel, codes: Sequence[str], words: str = "") -> tuple[str, ...]:
    """The newest result of these tests (LOINC codes, or a name that `words` finds): `104 g/L L, 24-Nov 01:10`; nothing
    where the copy has none."""
    chart = model.chart
    if chart is None:
        return ()
    pattern = re.compile(words, re.IGNORECASE) if words else None
    found = [
        one
        for one in latest(r for r in chart.lists["results"].items if not r.restricted)
        if any(c.code in codes for c in one.cell.codes) or (pattern is not None and pattern.search(one.name))
    ]
    return (result_words(model, max(found, key=_taken).cell),) if found else ()


def labelled(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Each text with its name before it: `eGFR 27 mL/min, …`."""
    return tuple(f"{name} {text}" for text in texts)


def _taken(one: Latest) -> int:
    moment = one.cell.when
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def result_words(model: FormModel, cell: Cell) -> str:
    """Value, unit, flag and marks as sent, comments beside them, and when it was collected (L1, L6)."""
    at = short(model, cell.when)
    if cell.state == WITHDRAWN:
        return wording.clean(f"{tr('withdrawn by the laboratory')}, {at}")
    if cell.state != VALUE:
        return wording.clean(f"{tr('not available')}: {cell.reason or tr('no reason sent')}, {at}")
    value = " ".join(x for x in (cell.text, cell.unit, cell.flag, cell.mark) if x)
    told = "" if cell.collected is not None else tr("collected not recorded")
    return wording.clean(", ".join(x for x in (value, at, told, *cell.comments, cell.caution) if x))


def phoned(model: FormModel, words: str) -> tuple[str, ...]:
    """Results of such a name that came by telephone: unconfirmed, apart from the copy's (L10)."""
    if model.chart is None:
        return ()
    pattern = re.compile(words, re.IGNORECASE)
    entries = [e for e in model.chart.phoned if not e.corrected_by and pattern.search(str(e.body.get("test", "")))]
    return tuple(f"{tr('UNCONFIRMED, BY PHONE')}: {phoned_text(model, e)}" for e in entries)


def measure(model: FormModel, name: str) -> tuple[str, ...]:
    """The newest weight or height with its date and how it was measured, as sent; what the ward typed first."""
    chart = model.chart
    if chart is None:
        return ()
    typed = _typed(model, name)
    series = [s for s in measures(shown(chart.lists["observations"].items)) if s.name == name and s.values]
    values = [s.values[0] for s in series]
    said = [f"{v.text}, {short(model, v.at)}{f', {v.how}' if v.how else ''}" for v in values]
    return tuple(wording.clean(t) for t in (*typed, *said))


def _typed(model: FormModel, name: str) -> list[str]:
    codes = next(known for measured, known, _ in MEASURES if measured == name)
    assert model.chart is not None
    return [
        f"{item.get('value', '')} {item.get('unit', '')}, {written(model, e)}"
        for e in model.chart.entries
        if e.kind == "observations" and not e.corrected_by
        for item in e.body.get("items", ())
        if str(item.get("code", "")) in codes
    ][:1]


def written(model: FormModel, entry: Entry) -> str:
    """`written here, Adaeze Obi, 24-Nov 02:58`."""
    return tr("written here, {staff}, {when}").format(staff=entry.staff, when=short(model, entry.written))


def medicines(
    model: FormModel, lists: Iterable[str], *, words: str = "", days: int = 14, brief: bool = False
) -> tuple[str, ...]:  # fmt: skip
    """Medicines of these lists of names (or whose name `words` finds): those that go on with the last dose, then those
    that were suspended, or stopped within `days`. `brief`: names and times alone."""
    chart = model.chart
    if chart is None:
        return ()
    wanted = [one for one in drug_lists().list if one.code in set(lists)]
    pattern = re.compile(words, re.IGNORECASE) if words else None
    found = [
        m
        for m in shown(chart.lists["medicines"].items)
        if isinstance(m, Medicine) and (on_lists(m, wanted) or (pattern is not None and pattern.search(m.text)))
    ]
    going = [m for m in found if m.status not in _OVER | _PAUSED]
    paused = [m for m in found if m.status in _PAUSED]
    since = model.printed_at - timedelta(days=days)
    over = [m for m in found if m.status in _OVER]
    recent = [m for m in over if _is_since(m.ended or m.said, since)]
    untimed = sum(m.ended is None and m not in recent for m in over)
    return (
        *(_going(model, m, brief=brief) for m in going),
        *(_held_or_over(model, m, tr("suspended"), brief=brief) for m in paused),
        *(_held_or_over(model, m, tr("stopped"), brief=brief) for m in recent),
        *((tr("{count} more ended, when is not sent").format(count=untimed),) if untimed else ()),
    )


def _is_since(moment: Moment | None, since: datetime) -> bool:
    return moment is not None and moment.instant is not None and moment.instant >= since


def _going(model: FormModel, m: Medicine, *, brief: bool) -> str:
    given = short(model, m.last_given) if m.last_given is not None else ""
    last = tr("last given {when}").format(when=given) if given else tr("last dose: NO RECORD")
    order = () if brief else (m.route, m.frequency or m.instructions)
    name = m.text if brief else f"{m.text} {m.dose}".strip()
    return wording.clean(", ".join(x for x in (name, *order, last) if x))


def _held_or_over(model: FormModel, m: Medicine, word: str, *, brief: bool) -> str:
    """`amoxicillin 500 mg, stopped 23-Nov 18:00`; where no end was sent, the time of the order is called just that."""
    why = f" ({m.reason})" if m.reason and not brief else ""
    name = m.text if brief else f"{m.text} {m.dose}".strip()
    at = short(model, m.ended) if m.ended is not None else ""
    if not at:
        at = tr("when is not sent, ordered {when}").format(when=short(model, m.said or m.happened))
    return wording.clean(f"{name}, {word} {at}{why}")


def none_named(model: FormModel, what: str) -> str:
    """That no medicine of the copy was recognised by its name, of how many: no proof of none."""
    chart = model.chart
    if chart is None:
        return ""
    listing = chart.lists["medicines"]
    if listing.state != KNOWN:
        return absent(chart, "medicines")
    count = len(shown(listing.items))
    return tr("none recognised by name among {count} medicines of this copy: ask").format(count=count, what=what)


def named(model: FormModel, words: str, *lists: str, most: int = 0) -> tuple[str, ...]:
    """What standing alerts, problems, allergies and observations of such a name say, each once, with its date; of more
    than `most` the newest, and how many there are."""
    chart = model.chart
    if chart is None:
        return ()
    pattern = re.compile(words, re.IGNORECASE)
    made: dict[str, str] = {}
    for name in lists:
        for record in shown(chart.lists[name].items):
            text = _standing(record)
            if text and pattern.search(text) and text.casefold() not in made:
                made[text.casefold()] = f"{text}, {_dated(model, record.happened or record.said)}"
    every = tuple(made.values())
    if most and len(every) > most:
        return (*every[:most], tr("{shown} of {all} shown").format(shown=most, all=len(every)))
    return every


def _dated(model: FormModel, moment: Moment | None) -> str:
    """With its time of day within the half year before the print, older ones with their day."""
    instant = moment.instant if moment is not None else None
    if instant is not None and abs(model.printed_at - instant) < timedelta(days=180):
        return short(model, moment)
    return day(model, moment, tr("date not recorded"))


def _standing(record: Record) -> str:
    """The words of a record that still holds; empty for one that does not."""
    if isinstance(record, Alert):
        return wording.clean(record.text) if record.status in ("active", "") else ""
    if isinstance(record, Problem | Allergy):
        if record.clinical in _PAST or record.verification in _NOT_SO or getattr(record, "asserts_none", False):
            return ""
        reactions = ", ".join(record.reactions) if isinstance(record, Allergy) else ""
        return wording.clean(f"{record.text}{f' ({reactions})' if reactions else ''}")
    if isinstance(record, Observation):
        value = f"{record.comparator or ''}{record.value or ', '.join(c.display or c.code for c in record.value_codes)}"
        return wording.clean(f"{record.text} {value} {record.unit or ''}") if value else ""
    return ""
