"""What a form is made from: frozen facts, and nothing else (DESIGN D10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from localdb.chart.agenda import NOWHERE, Agenda
from localdb.chart.grid import SetPanel
from localdb.chart.in_flight import InFlight
from localdb.chart.omissions import OMISSIONS
from localdb.chart.views import Census, Chart, Entry, SourceAge
from localdb.chart.wording import ZONE
from localdb.journal.ledger import Control
from localdb.labels import BandJob, LabelJob
from localdb.plans.directory import Contact

if TYPE_CHECKING:
    from desktop.forms.layout import Design
    from desktop.forms.outline import Outline


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What the head of each sheet says of the place: `incident` empty = none declared; `zone` an IANA name; `titles`
    what the ward calls each source; `omissions` the codes for a dose that is not given, 1 the first (CLINICAL §5.2)."""

    hospital: str = ""
    ward: str = ""
    incident: str = ""
    zone: str = ZONE
    language: str = ""
    titles: dict[str, str] = {}
    omissions: tuple[str, ...] = OMISSIONS
    training: bool = False


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the downtime itself, beside the sources of the model: `contacts` of the site's directory."""

    contacts: tuple[Contact, ...] = ()


class Raster(msgspec.Struct, frozen=True):
    """A picture as bytes, rows from the top: `samples` 1 grey or 3 red, green, blue, 8 bits each."""

    width: int
    height: int
    samples: int
    data: bytes


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An image as it was shown, label and identity burnt in (CLINICAL §4.2). `patient` the person's id, `study` the UID;
    `title` examination and time; `words` series, place in it, window; `notes` what to beware of: how it was turned,
    what was lost, what is missing."""

    patient: str
    study: str
    raster: Raster
    title: str
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class FormModel(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet. `chart` (one patient), `census` (one ward), `agenda` (one clinic's day), `incident` (the downtime) or
    none of them (a blank); `ledger` the sheets of the ward of the census. `serial` empty only while pages are counted;
    `copy` the number of the first copy, `copies` how many stand in the PDF; `order` the downtime set; `tests` the names
    of the results to draw (none: the form chooses); `pending` what was in flight of each patient of the ward and
    `asked` the requests that the ward typed about them since, `came` what came of them by entry id (F30);
    `label` the stock and number of labels, or the wristband (None: the usual ones); `pictures` images of this patient
    (None: none were asked for)."""

    printed_at: datetime
    chart: Chart | None = None
    census: Census | None = None
    agenda: Agenda | None = None
    incident: Incident | None = None
    ledger: Control | None = None
    sources: tuple[SourceAge, ...] = ()
    staff: str = ""
    device: str = ""
    serial: str = ""
    site: Site = Site()
    copy: int = 1
    copies: int = 1
    order: tuple[SetPanel, ...] = ()
    tests: tuple[str, ...] = ()
    pending: tuple[InFlight, ...] = ()
    asked: tuple[Entry, ...] = ()
    came: dict[str, str] = {}
    label: LabelJob | BandJob | None = None
    pictures: tuple[Picture, ...] | None = None

    @property
    def blank(self) -> bool:
        return self.chart is None and self.census is None and self.agenda is None and self.incident is None

    @property
    def clinic(self) -> str:
        """The name of the clinic whose day this is, as sent."""
        return self.agenda.rows[0].place if self.agenda is not None and self.agenda.rows else NOWHERE

    @property
    def key(self) -> str:
        """The page key of the DataMatrix: the patient's id, `ward:NAME`, `clinic:NAME`, `incident:NUMBER`, or empty on a
        blank."""
        if self.chart is not None:
            return self.chart.patient.id
        if self.census is not None:
            return f"ward:{self.census.ward}"
        if self.agenda is not None:
            return f"clinic:{self.clinic}"
        return f"incident:{self.site.incident}" if self.incident is not None else ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form of the catalogue. `takes` what it is filled from (`clinic` = the day of one clinic, `site` = the downtime
    itself); `size` of the page
    that is drawn; `use` the line under the title; `valid` how long a print may be used (CLINICAL §7.1); `allergies`
    whether it carries the strip; `hint` what the empty block of a blank is for; `parts` whom each copy of a set is for
    (CLINICAL §6, "2-part"): that many copies belong together, each says its part; `two_sided` whether it is printed on
    both sides where the printer can."""

    code: str
    title: str
    size: Literal["A4", "A4 landscape", "2 A5 on A4", "labels", "band"]
    takes: Literal["ward", "patient", "clinic", "site"]
    version: int
    use: str
    outline: Callable[[FormModel], Outline]
    design: Callable[[Form, FormModel], Design]
    valid: timedelta = timedelta(hours=24)
    allergies: bool = True
    hint: str = "Patient's label, or name, born and NHS No."
    parts: tuple[str, ...] = ()
    two_sided: bool = True

    @property
    def is_framed(self) -> bool:
        """Whether it stands in the frame that sheets share; labels and wristbands have pages of their own, and no plain
        print: lines of text do not keep to the labels of a sheet, and a label without its identifiers is dangerous."""
        return self.size not in ("labels", "band")
