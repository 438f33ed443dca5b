"""The site's own originals to paper: serial first, then the layer, then the queue (DESIGN D9, D10; CLINICAL §2.3 a). No Qt.

An original that needs colour is refused on a printer that has none: the pre-printed stock is used. One that is valid only
with a signature in ink says so beside the answer.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
import pikepdf

from desktop.forms.model import FormModel
from desktop.forms.overlay import overlaid
from desktop.printing.issuing import Held, SheetMade, Wanted, copy_cut, made_of, site_of
from desktop.printing.wire import Facts
from localdb.chart.living import identity_of
from localdb.errors import InputRefused
from localdb.house import House
from localdb.journal.sheets import NewSheet
from localdb.plans.originals import Original

WET_INK = "Valid only with a signature in ink on this sheet itself; a copy or a scan of it is none."
STOCK = "use the pre-printed stock"


class NeedsColour(InputRefused):
    """An original that may only be printed in colour was asked of a printer without."""

    code = "original.colour"
    next_step = f"Choose a printer with colour, or {STOCK}."


class Printed(msgspec.Struct, frozen=True):
    """What came of it: one PDF a sheet with all its copies, the sheets, and what must be said beside them."""

    pdfs: tuple[bytes, ...]
    sheets: tuple[SheetMade, ...]
    notes: tuple[str, ...] = ()


def check_printer(original: Original, facts: Facts) -> None:
    """Raises original.colour."""
    if original.spec.colour and not facts.colour:
        raise NeedsColour(f"{original.spec.name} may only be printed in colour, and this printer has none: {STOCK}.")


def issue_originals(
    house: House, original: Original, *, patient: str | None = None, ward: str | None = None, blank: int = 0,
    copies: int = 0,
) -> Printed:  # fmt: skip
    """Sheets of one original: for a patient, for everyone of a ward in bed order, or `blank` ones with a serial alone.
    `copies` 0 = as many as the site said. Serials are on disk before a page is made; what cannot be made is spoiled.

    Raises form.needs_patient, patient.*, ward.unknown, original.no_room, original.not_here, vault.not_permitted, disk.*.
    """
    held = Held(house)
    wants = _wants(original, held, patient=patient, ward=ward, blank=blank, copies=copies or original.spec.copies)
    data = house.originals.content(original)
    models = [_model(house, want, held) for want in wants]
    for model in models:
        overlaid(
            data, original.spec, msgspec.structs.replace(model, copies=1)
        )  # no serial is burnt for what has no room
    sheets = [
        NewSheet(
            form=original.code, pages=len(original.spec.pages), blank=want.is_blank, copies=want.copies,
            patient=want.chart.patient.id if want.chart else None,
            identity=identity_of(want.chart.patient) if want.chart else None,
            ward=(want.chart.patient.ward if want.chart else "") or str(house.site["ward"]),
            generation=want.chart.generation if want.chart else 0,
            cut="" if want.is_blank else copy_cut(model.sources),
        )
        for want, model in zip(wants, models, strict=True)
    ]  # fmt: skip
    serials = house.issue_sheets(sheets)
    try:
        pdfs = tuple(
            overlaid(data, original.spec, msgspec.structs.replace(model, serial=serial))
            for model, serial in zip(models, serials, strict=True)
        )
    except BaseException:
        house.journal.move_sheets(serials, "spoiled", "the page could not be made")
        raise
    house.journal.move_sheets(serials, "made")
    return Printed(pdfs, made_of(serials, sheets), (WET_INK,) if original.spec.wet_ink else ())


def _model(house: House, want: Wanted, held: Held) -> FormModel:
    """The frozen facts of a layer. An original stands in no catalogue of forms."""
    return FormModel(
        printed_at=house.now(), chart=want.chart, sources=want.chart.sources if want.chart else held.sources(),
        staff=house.staff, device=house.device, site=site_of(house), copies=want.copies,
    )  # fmt: skip


def joined(pdfs: Sequence[bytes]) -> bytes:
    """Several PDFs as one, page after page."""
    made = pikepdf.new()
    for pdf in pdfs:
        with pikepdf.open(io.BytesIO(pdf)) as one:
            made.pages.extend(one.pages)
    out = io.BytesIO()
    made.save(out, deterministic_id=True)
    return out.getvalue()


def _wants(
    original: Original, held: Held, *, patient: str | None, ward: str | None, blank: int, copies: int
) -> Sequence[Wanted]:
    if blank:
        return [Wanted(original.code, copies=copies)] * blank
    if patient:
        return [Wanted(original.code, chart=held.chart(patient), copies=copies)]
    if ward:
        people = [r.patient.id for r in held.ward(ward).rows if r.patient is not None]
        return [Wanted(original.code, chart=held.chart(p), copies=copies) for p in people]
    raise InputRefused("An original is about a patient.", code="form.needs_patient",
                       next_step="Give --patient, --ward for everyone on it, or --blank N.")  # fmt: skip
