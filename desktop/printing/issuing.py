"""Issuing sheets: the serial is in the journal before the page is made (DESIGN D9, D10). No Qt here.

A sheet is issued, made, and printed only when the print service says so; one whose page could not be made is spoiled.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop.forms.catalogue import form, pages_needed, render_pack
from desktop.forms.model import FormModel, Site
from localdb.chart.living import identity_of
from localdb.chart.struck import titles_of_site
from localdb.chart.views import Census, Chart
from localdb.codes import downtime_set
from localdb.errors import InputRefused
from localdb.house import House


class SheetMade(msgspec.Struct, frozen=True):
    """One sheet: serial, form, pages of each copy, the patient's id or None."""

    serial: str
    form: str
    pages: int
    patient: str | None


class Issued(msgspec.Struct, frozen=True):
    """A PDF and its sheets, in order; `plain` = serials whose design failed and that print as plain text."""

    pdf: bytes
    sheets: tuple[SheetMade, ...]
    plain: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """One sheet to be made: a form, filled from a chart or a census, or blank."""

    form: str
    chart: Chart | None = None
    census: Census | None = None
    copies: int = 1


def site_of(house: House) -> Site:
    """What the head of each sheet says of the place."""
    held = house.site
    return Site(
        hospital=str(held["hospital"]), ward=str(held["ward"]), incident=str(held["incident"]),
        zone=str(held["zone"]), training=bool(held["training"]), titles=titles_of_site(held),
    )  # fmt: skip


def wanted(house: House, code: str, *, patient: str | None, ward: str | None, blank: int, copies: int) -> list[Wanted]:
    """What a command or the print pane asks for. Raises form.unknown, form.needs_patient, patient.*, ward.unknown."""
    made = form(code)
    if blank:
        return [Wanted(made.code, copies=copies)] * blank
    reading = house.reading()
    if made.takes == "ward":
        return [Wanted(made.code, census=reading.ward(ward), copies=copies)]
    if patient:
        return [Wanted(made.code, chart=reading.chart(patient), copies=copies)]
    if ward:  # one for each patient, in bed order
        people = [r.patient.id for r in reading.ward(ward).rows if r.patient is not None]
        return [Wanted(made.code, chart=reading.chart(p), copies=copies) for p in people]
    raise InputRefused("That form is about a patient.", code="form.needs_patient",
                       next_step="Give --patient, --ward for everyone on it, or --blank N.")  # fmt: skip


def copies_of(want: Wanted) -> int:
    """How many copies are drawn: a set of named parts is one copy of each (CLINICAL §6, "2-part")."""
    return want.copies * max(1, len(form(want.form).parts))


def model_of(house: House, want: Wanted, serial: str = "") -> FormModel:
    """The frozen facts of one sheet."""
    sources = want.chart.sources if want.chart else want.census.sources if want.census else house.reading().sources()
    return FormModel(
        printed_at=house.now(), chart=want.chart, census=want.census, sources=sources, staff=house.staff,
        device=house.device, serial=serial, site=site_of(house), copies=copies_of(want), order=downtime_set(),
    )  # fmt: skip


def issue(house: House, sheets: Sequence[Wanted]) -> Issued:
    """Serials first, then the pages. Raises disk.*; a serial whose page could not be made is spoiled, never given
    again."""
    made: list[SheetMade] = []
    jobs: list[tuple[str, FormModel]] = []
    for want in sheets:
        model = model_of(house, want)
        pages = pages_needed(want.form, model)
        view = want.chart.patient if want.chart else None
        serial = house.issue_sheet(
            want.form, pages, view.id if view else None, identity_of(view) if view else None,
            blank=want.chart is None and want.census is None, copies=copies_of(want),
        )  # fmt: skip
        made.append(SheetMade(serial, want.form, pages, view.id if view else None))
        jobs.append((want.form, msgspec.structs.replace(model, serial=serial)))
    try:
        rendered = render_pack(jobs)
    except BaseException:
        for sheet in made:
            house.sheet_state(sheet.serial, "spoiled", "the page could not be made")
        raise
    for sheet in made:
        house.sheet_state(sheet.serial, "made")
    return Issued(rendered.pdf, tuple(made), tuple(made[n].serial for n in rendered.plain))
