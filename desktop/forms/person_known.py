"""What the copy knows of a person around them: address, next of kin, GP, alerts, weight; each with its age (CLINICAL §6).

Shared by the forms that begin with who somebody is (F22, F28, F32) and by the summary. Nothing restricted, nothing
withdrawn (§1.5, H08, H24); what a list lacks says so in words.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.chart_text import as_of, day, empty_text, entry_text, held_back, phoned_text, shown
from desktop.forms.identity import placed
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import wording
from localdb.chart.views import KNOWN, Chart, Entry
from localdb.records.vocabulary import Contact, Observation, Record

NOT_HERE = "not recorded in this copy"
_OVER = ("inactive", "completed")
_WEIGHT = frozenset({"29463-7", "3141-9", "3142-7", "27113001", "8341-0"})  # LOINC body weight; SNOMED CT body weight


def address_text(model: FormModel) -> str:
    """The address and the telephone numbers as sent; empty on a blank."""
    if model.chart is None:
        return ""
    patient = model.chart.patient
    said = wording.clean(", ".join(t for t in (patient.address, *patient.phones) if t))
    return said or tr(NOT_HERE)


def contact_text(contact: Contact) -> str:
    return wording.clean(", ".join(t for t in (contact.name, contact.relationship, *contact.phones) if t))


def kin_text(model: FormModel) -> str:
    """Every contact as sent; empty on a blank."""
    if model.chart is None:
        return ""
    return "; ".join(contact_text(c) for c in model.chart.patient.contacts) or tr(NOT_HERE)


def gp_text(model: FormModel) -> str:
    if model.chart is None:
        return ""
    return wording.clean(model.chart.patient.practitioner) or tr(NOT_HERE)


def active_alerts(chart: Chart) -> tuple[Record, ...]:
    """The alerts that may stand on the page of this patient."""
    return tuple(r for r in shown(chart.alerts.items) if r.status not in _OVER)


def alerts_section(model: FormModel, title: str = "Alerts") -> o.Section:
    """Every active alert with its date; what is held back is counted."""
    chart = model.chart
    if chart is None:
        return o.Section(title=tr(title))
    found = active_alerts(chart)
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.said or r.happened)) for r in found]
    if not found:
        rows.append(o.Text(text=empty_text(chart.alerts.state, "alerts"), strong=chart.alerts.state != KNOWN))
    rows += [o.Text(text=t, strong=True) for t in held_back(chart.alerts.items)]
    return o.Section(title=tr(title), as_of=as_of(model, "alert"), rows=tuple(rows))


def weight_text(model: FormModel) -> str:
    """The newest weight as sent, with its day: `71.5 kg, 23-Nov-2026`; empty where none is held or on a blank."""
    if model.chart is None:
        return ""
    for r in shown(model.chart.observations.items):
        if isinstance(r, Observation) and r.value and _WEIGHT & {c.code for c in r.codes}:
            value = wording.clean(f"{r.comparator or ''}{r.value} {r.unit or ''}")
            return f"{value}, {day(model, r.happened or r.said)}"
    return ""


def place_text(model: FormModel) -> str:
    """`Ash Ward, bed A1 at 24-Nov-2026 02:40`; empty where none was sent, or on a blank."""
    if model.chart is None:
        return ""
    patient = model.chart.patient
    bed = tr("bed {bed}").format(bed=patient.bed) if patient.bed else ""
    place = ", ".join(t for t in (patient.ward, bed) if t)
    return wording.clean(f"{place} {placed(model)}") if place else ""


def _entry(model: FormModel, entry: Entry) -> str:
    if entry.kind != "phoned_result":
        return entry_text(model, entry)
    return tr("UNCONFIRMED, BY PHONE: {result}").format(result=phoned_text(model, entry))


def written_section(model: FormModel, *kinds: str) -> tuple[o.Section, ...]:
    """What the ward wrote of these kinds in this downtime (none named: all), newest first, with author and time."""
    if model.chart is None:
        return ()
    mine = [e for e in model.chart.entries if not kinds or e.kind in kinds]
    rows: tuple[o.Row, ...] = tuple(o.Text(text=_entry(model, e)) for e in mine)
    return (o.Section(title=tr("Written here"), as_of=tr("not in the copy"), rows=rows),) if rows else ()
