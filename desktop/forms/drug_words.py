"""The words of an order on paper, once for the page and for plain text (CLINICAL §5.2, §5.4).

What the source sent stands as sent; a caution beside it where it could be misread. A print is a transcription: no record
of a dose is never "not given", and nothing is worked out (H14).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from desktop.forms import outline as o
from desktop.forms.chart_text import short, shown
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import wording
from localdb.chart.drug_chart import DAY, DrugChart, Item, drug_chart
from localdb.chart.medicine_blocks import DOSES_OF_A_DAY, is_weekly_only, newest_results
from localdb.chart.medicines import Dose, Row
from localdb.chart.views import Chart
from localdb.codes import drug_lists


def paper_chart(chart: Chart) -> Chart:
    """The chart without what may not stand on paper (CLINICAL §1.5) and what its source withdrew (H08)."""
    lists = {
        name: msgspec.structs.replace(listing, items=shown(listing.items)) for name, listing in chart.lists.items()
    }
    return msgspec.structs.replace(chart, lists=lists)


def orders(model: FormModel) -> DrugChart:
    """Every order of the sheet's patient; empty on a blank."""
    if model.chart is None:
        return DrugChart()
    chart = paper_chart(model.chart)
    return drug_chart(chart, newest_results(chart), model.printed_at, drug_lists(), model.site.zone)


@dataclass(frozen=True, slots=True)
class Words:
    """One order in words. `marks` what it is (TIME-CRITICAL, Insulin …); `often` how often as sent; `about` label and
    text of what stands under the name; `warned` what must be read with care; `due` boxed where nobody knows."""

    drug: str
    marks: tuple[str, ...]
    dose: str
    route: str
    often: str
    about: tuple[tuple[str, str], ...]
    last: tuple[str, ...]
    due: str
    is_due_boxed: bool
    warned: tuple[str, ...]

    def row(self, often: str) -> o.Medicine:
        """The same for plain text and for the tests of what a page must say; `often` the label of how often."""
        route = " ".join(t for t in (tr("Route"), self.route) if t)
        about = (f"{label} {text}".strip() for label, text in self.about)
        notes = (f"{often} {self.often}", *about, *self.warned, *self.marks)
        return o.Medicine(
            drug=self.drug, dose=self.dose, detail=route, given=self.last[0],
            notes=tuple(t for t in (*self.last[1:], self.due, *notes) if t),
        )  # fmt: skip


def words_of(model: FormModel, item: Item) -> Words:
    """One order as it is drawn."""
    row, m = item.row, item.row.item
    often = tr("see the box below") if is_weekly_only(row) else wording.clean(row.often)
    marks = [tr("TIME-CRITICAL")] if row.is_time_critical else []
    marks += [tr(found.list.title) for found in row.lists]
    about = [
        ("", wording.clean("; ".join(t for t in (row.form, row.further) if t))),
        (tr("For"), wording.clean(row.why)),
        (tr("From"), _course(model, row)),
        (tr("Notes"), wording.clean("; ".join(row.notes))),
    ]
    return Words(
        drug=wording.clean(row.drug),
        marks=tuple(dict.fromkeys(marks)),
        dose=wording.clean(m.dose) or tr("dose not sent"),
        route=wording.clean(m.route) or tr("route not sent"),
        often=often,
        about=tuple((label, text) for label, text in about if text),
        last=last_words(model, row, has_list=any(b.title.startswith(DOSES_OF_A_DAY) for b in item.blocks)),
        due=due_words(row),
        is_due_boxed=row.due.is_boxed,
        warned=tuple(tr("Caution: {words}.").format(words=wording.clean(c.words)) for c in row.cautions),
    )


def order_words(model: FormModel, item: Item) -> str:
    """The order in one line, for a table."""
    w = words_of(model, item)
    return f"{w.drug}, {tr('DOSE')} {w.dose}, {w.route}, {w.often}"


def _course(model: FormModel, row: Row) -> str:
    """`23-Nov 19:30 until 26-Nov, last changed …, ordered by …`."""
    m = row.item
    began = m.happened or m.said
    parts = [short(model, began, missing=tr("start not sent"))]
    if m.ended is not None:
        parts[0] += " " + tr("until {when}").format(when=short(model, m.ended))
    if m.said is not None and m.happened is not None and m.said != m.happened:
        parts.append(tr("last changed {when}").format(when=short(model, m.said)))
    parts.append(wording.clean(m.author) or tr("prescriber not sent"))
    return ", ".join(parts)


def last_words(model: FormModel, row: Row, *, has_list: bool = False) -> tuple[str, ...]:
    """The newest dose as recorded, the one before where that was not given, and the others of the last 24 hours, unless
    a list of them stands below."""
    if row.last is None and row.item.last_given is not None:
        at = short(model, row.item.last_given)
        return (tr("{when}, the dose itself is not in this copy").format(when=at),)
    if row.last is None:
        return (tr("NO RECORD. Check patient/chart") if row.is_going else tr("no dose in this copy"),)
    said = [dose_words(model, row.last)]
    listed = {row.last.record}
    if row.before is not None:
        listed.add(row.before.record)
        said.append(tr("Last given before that: {dose}").format(dose=dose_words(model, row.before)))
    since = model.printed_at - DAY
    more = [d for d in row.doses if d.record not in listed and _is_since(d, since)]
    if more and not has_list:
        said.append(tr("Also: {doses}").format(doses="; ".join(dose_words(model, d) for d in more)))
    return tuple(said)


def _is_since(dose: Dose, since) -> bool:  # type: ignore[no-untyped-def]
    instant = dose.at.instant if dose.at is not None else None
    return instant is not None and instant >= since


def dose_words(model: FormModel, dose: Dose) -> str:
    """`23-Nov 20:05, 500 mg, given, J. Mensah`; what was not given says how in capitals, as on the screen."""
    how = dose.how if dose.is_given else dose.how.upper()
    parts = (short(model, dose.at), dose.dose if dose.is_given else "", how, dose.by, *dose.comments)
    return wording.clean(", ".join(t for t in parts if t))


def loose_words(model: FormModel, made: DrugChart) -> str:
    """The doses of the last 24 hours that stand on no row; empty where there are none."""
    if not made.loose:
        return ""
    said = "; ".join(
        " ".join(t for t in (wording.clean(d.drug), wording.clean(d.route), dose_words(model, d)) if t)
        for d in made.loose
    )
    return tr("Also recorded in the last 24hr, for no order of this copy: {doses}.").format(doses=said)


def due_words(row: Row) -> str:
    """`DUE 24-Nov 02:45, status unknown`; `Due 24-Nov 08:00, as sent`; empty where no time was sent."""
    due = row.due
    if due.is_boxed:
        return wording.clean(f"{due.head}, {due.text}")
    if not row.is_going or due.head in ("no due time sent", "if needed"):
        return ""
    if due.text == "as sent":
        return wording.clean(tr("Due {when}, as sent").format(when=due.head))
    return wording.clean(", ".join(t for t in (due.head, due.text) if t))


def critical_whys(items: Iterable[Item]) -> tuple[str, ...]:
    """Each time-critical list on the sheet once, with its reason."""
    found = {o_.list.title: o_.list.why for i in items for o_ in i.row.lists if o_.list.time_critical}
    return tuple(f"{title}: {why}" for title, why in found.items())
