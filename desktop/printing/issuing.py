"""Issuing sheets: the serial is in the journal before the page is made (DESIGN D9, D10). No Qt here.

A sheet is issued, made, and printed only when the print service says so; one whose page could not be made is spoiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from desktop.forms.catalogue import form, pages_needed, render_pack
from desktop.forms.model import Form, FormModel, Incident, Picture, Site
from desktop.printing.child import Choice
from desktop.printing.gathering import clinics_of, incident_of
from desktop.printing.image_wish import ImageWish
from desktop.printing.labelling import BAND, LABELS, Wish, job_of
from localdb.chart.agenda import Agenda
from localdb.chart.awaiting import came_words
from localdb.chart.living import identity_of
from localdb.chart.omissions import read_omissions
from localdb.chart.struck import titles_of_site
from localdb.chart.views import Census, Chart, Entry, SourceAge
from localdb.codes import downtime_set
from localdb.errors import InputRefused
from localdb.house import House
from localdb.journal.ledger import Control, control_lines
from localdb.journal.sheets import NewSheet
from localdb.labels import BandJob, LabelJob


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


CONTROL_SHEET = "F29"
IMAGES, WITH_IMAGES = "T02", ("F02",)
IN_FLIGHT = ("F01", "F30")  # lists that name what was in flight


class Wanted(msgspec.Struct, frozen=True):
    """One sheet to be made: a form, filled from a chart, a census, a clinic's day or the downtime, or blank; `label` for
    labels and wristbands."""

    form: str
    chart: Chart | None = None
    census: Census | None = None
    copies: int = 1
    agenda: Agenda | None = None
    incident: Incident | None = None
    ledger: Control | None = None
    tests: tuple[str, ...] = ()  # T01: which results to draw; none: those with most figures
    label: LabelJob | BandJob | None = None
    pictures: tuple[Picture, ...] | None = None

    @property
    def is_blank(self) -> bool:
        return self.chart is None and self.census is None and self.agenda is None and self.incident is None


def site_of(house: House) -> Site:
    """What the head of each sheet says of the place."""
    held = house.site
    return Site(
        hospital=str(held["hospital"]), ward=str(held["ward"]), incident=str(held["incident"]),
        zone=str(held["zone"]), training=bool(held["training"]), titles=titles_of_site(held),
        omissions=read_omissions(held["omissions"]), language=str(held["language"]),
    )  # fmt: skip


class Held:
    """Charts, wards and ages of one job, each read once: a ward's pack asks for each chart once for every form."""

    def __init__(self, house: House) -> None:
        self.reading = house.reading()
        self._charts: dict[str, Chart] = {}
        self._wards: dict[str | None, Census] = {}
        self._sources: tuple[SourceAge, ...] | None = None

    def chart(self, patient: str) -> Chart:
        """Raises patient.*."""
        if patient not in self._charts:
            self._charts[patient] = self.reading.chart(patient)
        return self._charts[patient]

    def ward(self, name: str | None) -> Census:
        """Raises ward.unknown."""
        if name not in self._wards:
            self._wards[name] = self.reading.ward(name)
        return self._wards[name]

    def sources(self) -> tuple[SourceAge, ...]:
        if self._sources is None:
            self._sources = self.reading.sources()
        return self._sources


def wanted_by(house: House, choice: Choice, held: Held | None = None, printer: str = "") -> list[Wanted]:
    """What one line of a pack asks for; no sheet of a clinic's list on a day without clinics. Raises as `wanted`."""
    is_clinic = form(choice.form).takes == "clinic" and not choice.blank
    try:
        return wanted(
            house, choice.form, patient=choice.patient, ward=None if is_clinic else choice.ward, blank=choice.blank,
            copies=choice.copies, label=choice.label, printer=printer, held=held, images=choice.images,
        )  # fmt: skip
    except InputRefused as refused:
        if is_clinic and refused.code == "clinic.unknown":
            return []
        raise


def first_of(house: House, choice: Choice, held: Held, printer: str = "") -> Wanted | None:
    """The first sheet of a line, without reading the others. Raises as `wanted`."""
    if choice.ward and not choice.blank and form(choice.form).takes == "patient":
        people = [r.patient.id for r in held.ward(choice.ward).rows if r.patient is not None]
        if not people:
            return None
        choice = msgspec.structs.replace(choice, patient=people[0], ward=None)
    return next(iter(wanted_by(house, choice, held, printer)), None)


def wanted(
    house: House, code: str, *, patient: str | None, ward: str | None, blank: int, copies: int,
    label: Wish | None = None, printer: str = "", held: Held | None = None, images: Sequence[ImageWish] = (),
) -> list[Wanted]:  # fmt: skip
    """What a command or the print pane asks for; `label` the wishes for labels and wristbands, `printer` whose offset they
    get; `images` those of T02 (none: chosen by rule) or of the annex of F02 (none: no annex). Raises form.unknown,
    form.needs_patient, patient.*, ward.unknown, label.*, image.*."""
    made, held = form(code), held or Held(house)
    wants = _wanted(house, made, held, patient=patient, ward=ward, blank=blank, copies=copies)
    if made.code in (LABELS, BAND):
        return [
            msgspec.structs.replace(want, label=job_of(house, made.code, label, printer, want.chart)) for want in wants
        ]
    if made.code == IMAGES or (made.code in WITH_IMAGES and images):
        return [with_pictures(house, held, want, images or (ImageWish(),)) for want in wants]
    return wants


def with_pictures(house: House, held: Held, want: Wanted, images: Sequence[ImageWish]) -> Wanted:
    """The sheet with the pixels of its images. Raises image.*."""
    if want.chart is None:
        return want
    from desktop.printing.picturing import ANNEX, SHEET, pictures_of  # numpy only where there are pictures

    most = SHEET if want.form == IMAGES else ANNEX
    made = pictures_of(held.reading, want.chart, images, house.now(), str(house.site["zone"]), most, house.role)
    return msgspec.structs.replace(want, pictures=made)


def _wanted(
    house: House, made: Form, held: Held, *, patient: str | None, ward: str | None, blank: int, copies: int
) -> list[Wanted]:
    if blank:
        return [Wanted(made.code, copies=copies)] * blank
    if made.takes == "ward":
        census = held.ward(ward)
        ledger = control_lines(house.journal.sheet_stories(), census.ward) if made.code == CONTROL_SHEET else None
        return [Wanted(made.code, census=census, copies=copies, ledger=ledger)]
    if made.takes == "clinic":
        return [Wanted(made.code, agenda=day, copies=copies) for day in clinics_of(house, held.reading, ward)]
    if made.takes == "site":
        return [Wanted(made.code, incident=incident_of(house), copies=copies)]
    if patient:
        return [Wanted(made.code, chart=held.chart(patient), copies=copies)]
    if ward:  # one for each patient, in bed order
        people = [r.patient.id for r in held.ward(ward).rows if r.patient is not None]
        return [Wanted(made.code, chart=held.chart(p), copies=copies) for p in people]
    raise InputRefused("That form is about a patient.", code="form.needs_patient",
                       next_step="Give --patient, --ward for everyone on it, or --blank N.")  # fmt: skip


def by_bed(wants: Sequence[Wanted]) -> list[Wanted]:
    """The same sheets collated: the lists, then everything of each patient in the order of the beds, then what is blank."""
    order: dict[str, int] = {}
    for want in wants:
        if want.chart is not None:
            order.setdefault(want.chart.patient.id, len(order))

    def place(want: Wanted) -> tuple[int, int]:
        return (1, order[want.chart.patient.id]) if want.chart is not None else (2 if want.is_blank else 0, 0)

    return sorted(wants, key=place)


def copies_of(want: Wanted) -> int:
    """How many copies are drawn: a set of named parts is one copy of each (CLINICAL §6, "2-part")."""
    return want.copies * max(1, len(form(want.form).parts))


def _asked(house: House, census: Census) -> tuple[Entry, ...]:
    """The requests that the ward typed about the people of a ward and that still stand, oldest first."""
    people = [i for row in census.rows if row.patient is not None for i in (row.patient.id, *row.patient.ids)]
    return tuple(e for e in house.journal.entries(people) if e.kind == "request" and not e.corrected_by)


def _came(held: Held, census: Census) -> dict[str, str]:
    """What came of each request for imaging that the ward typed, by the entry's id."""
    found = held.reading.awaiting(census.ward)
    return {
        request.id: came_words(line)
        for one in found for line in (*one.lines, *one.answered, *one.ended) if line.examination is not None
        for request in line.requests
    }  # fmt: skip


def model_of(house: House, want: Wanted, serial: str = "", *, held: Held | None = None) -> FormModel:
    """The frozen facts of one sheet."""
    held = held or Held(house)
    of = want.chart or want.census
    sources = of.sources if of is not None else held.sources()
    return FormModel(
        printed_at=house.now(), chart=want.chart, census=want.census, sources=sources, staff=house.staff,
        device=house.device, serial=serial, site=site_of(house), copies=copies_of(want), order=downtime_set(),
        agenda=want.agenda, incident=want.incident, ledger=want.ledger, tests=want.tests, label=want.label,
        pictures=want.pictures,
        pending=held.reading.flights(want.census.ward) if want.form in IN_FLIGHT and want.census is not None else (),
        asked=_asked(house, want.census) if want.form in IN_FLIGHT and want.census is not None else (),
        came=_came(held, want.census) if want.form in IN_FLIGHT and want.census is not None else {},
    )  # fmt: skip


def new_sheets(
    house: House, wants: Sequence[Wanted], held: Held | None = None
) -> tuple[list[NewSheet], list[FormModel]]:
    """What the ledger shall know of each sheet, and the model that its page is made from. Nothing is issued yet."""
    held = held or Held(house)
    sheets, models = [], []
    blank: dict[tuple[str, int, LabelJob | BandJob | None], FormModel] = {}
    pages: dict[tuple[str, LabelJob | BandJob | None], int] = {}
    for want in wants:
        is_blank = want.is_blank
        model = blank.get((want.form, want.copies, want.label)) if is_blank else None
        if model is None:
            model = model_of(house, want, held=held)
            if is_blank:
                blank[want.form, want.copies, want.label] = model
        # The layout may not depend on the serial: all blanks of one form and stock have as many pages.
        count = pages.get((want.form, want.label)) if is_blank else None
        if count is None:
            count = pages_needed(want.form, model)
            if is_blank:
                pages[want.form, want.label] = count
        view = want.chart.patient if want.chart else None
        copy = want.chart or want.census
        ward = want.census.ward if want.census else view.ward if view else ""
        sheets.append(
            NewSheet(
                form=want.form, pages=count, patient=view.id if view else None,
                identity=identity_of(view) if view else None, blank=is_blank, copies=copies_of(want),
                ward=ward or str(house.site["ward"]), generation=copy.generation if copy else 0,
                cut="" if is_blank else copy_cut(model.sources),
            )
        )  # fmt: skip
        models.append(model)
    return sheets, models


def copy_cut(sources: Iterable[SourceAge]) -> str:
    """The newest moment up to which any source of a copy is complete, ISO 8601; "" where none says. A mere sign of life
    does not count: it makes no print older."""
    told = [m.instant for s in sources for m in (s.cut, *s.kinds.values()) if m is not None and m.instant is not None]
    return max(told).isoformat() if told else ""


def made_of(serials: Sequence[str], sheets: Sequence[NewSheet]) -> tuple[SheetMade, ...]:
    """The sheets with their serials, as commands and screens name them."""
    return tuple(SheetMade(s, new.form, new.pages, new.patient) for s, new in zip(serials, sheets, strict=True))


def issue(house: House, wants: Sequence[Wanted], held: Held | None = None) -> Issued:
    """Serials first, then the pages, as one PDF: for a file. Raises disk.*; a serial whose page could not be made is
    spoiled, never given again. What goes to a printer goes through `press.enqueue`."""
    sheets, models = new_sheets(house, wants, held)
    serials = house.issue_sheets(sheets)
    jobs = [(new.form, msgspec.structs.replace(m, serial=s)) for new, m, s in zip(sheets, models, serials, strict=True)]
    try:
        rendered = render_pack(jobs)
    except BaseException:
        house.journal.move_sheets(serials, "spoiled", "the page could not be made")
        raise
    house.journal.move_sheets(serials, "made")
    return Issued(rendered.pdf, made_of(serials, sheets), tuple(serials[n] for n in rendered.plain))
