"""Whom a scanned code is about: asks the copy and the ledger of sheets, decides nothing that a person must decide.

Rules (CLINICAL §1.4, §8): a number finds a person only where it is theirs to the letter; numbers of two people, or a
number whose holder has another family name **and** another date of birth, open nobody; one that differs in the one or the
other is offered with that said. A code without a number never offers one person: it lists whom it may mean. Window and
command ask the same. Errors: scan.*, sheet.invalid, vault.*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

import msgspec

from localdb.chart.matching import normalised
from localdb.chart.scan_errors import refuse_scan
from localdb.chart.scanning import Band, Scan, SheetCode, number_label
from localdb.chart.views import Chart, PatientView
from localdb.errors import WardlampError
from localdb.journal.sheets import Sheet, SheetEvent

_T = TypeVar("_T")
MOST = 50  # people of a list to choose from


class Asked(Protocol):
    """What of a `Reading` is asked here."""

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]: ...

    def chart(self, patient: str) -> Chart: ...

    def similar(self, views: Iterable[PatientView]) -> dict[str, str]: ...


class Ledger(Protocol):
    """What the journal says of sheets. Raises sheet.unknown, sheet.invalid."""

    def sheet(self, serial: str) -> Sheet: ...

    def sheet_events(self, serial: str) -> tuple[SheetEvent, ...]: ...


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the code may mean; `alike` as of a Chart: somebody could be mistaken for them."""

    view: PatientView
    alike: str = ""


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: `people` one = to be confirmed by the banner; several = to be chosen from; none = a sheet of nobody.
    `cautions` sentences that must stand beside the question; `sheet` and its `steps` (oldest first) where the code is a
    sheet's and a laptop here issued it."""

    scan: Scan
    people: tuple[Person, ...] = ()
    cautions: tuple[str, ...] = ()
    sheet: Sheet | None = None
    steps: tuple[SheetEvent, ...] = ()

    @property
    def is_choice(self) -> bool:
        return len(self.people) > 1 or bool(self.people) and isinstance(self.scan, Band) and not _numbers(self.scan)


def identify(scan: Scan, reading: Asked, ledger: Ledger) -> Identified:
    """Whom the code is about. Raises scan.unknown, scan.two_people, scan.disagrees, scan.sheet_disagrees, sheet.invalid."""
    return _of_sheet(scan, reading, ledger) if isinstance(scan, SheetCode) else _of_band(scan, reading)


def _numbers(band: Band) -> tuple[str, ...]:
    return tuple(n for n in (band.nhs, band.mrn) if n)


def _holders(number: str, reading: Asked) -> dict[str, PatientView]:
    """Who has that number as one of their own, to the letter."""
    wanted = normalised(number)
    return {v.id: v for v in reading.find(number, 200) if wanted in _own(v)}


def _own(view: PatientView) -> set[str]:
    return {normalised(n) for n in (*(i.value for i in view.identifiers), view.nhs or "", view.mrn or "") if n}


def _of_band(band: Band, reading: Asked) -> Identified:
    if not _numbers(band):
        return _by_words(band, reading)
    by_nhs = _holders(band.nhs, reading) if band.nhs else {}
    by_mrn = _holders(band.mrn, reading) if band.mrn else {}
    if by_nhs and by_mrn and not by_nhs.keys() & by_mrn.keys():
        raise refuse_scan("scan.two_people")
    found = {k: v for k, v in by_nhs.items() if k in by_mrn} or by_nhs or by_mrn
    if not found:
        raise refuse_scan("scan.unknown")
    fitting = {k: v for k, v in found.items() if not _is_another(band, v)}
    if not fitting:
        raise refuse_scan("scan.disagrees")
    people = _people(tuple(fitting.values()), reading)
    cautions = _cautions(band, people[0].view) if len(people) == 1 else ()
    return Identified(scan=band, people=people, cautions=(*_of_code(band), *cautions))


def _is_another(band: Band, view: PatientView) -> bool:
    """Whether the record is of somebody else than the band: name and birth date both differ, or the NHS number does."""
    if band.nhs and view.nhs and normalised(band.nhs) not in _own(view):
        return True
    return _family_differs(band, view) and _born_differs(band, view)


def _family_differs(band: Band, view: PatientView) -> bool:
    names = {normalised(n.family or n.text) for n in (view.name, *view.names)} - {""}
    return bool(band.family and names) and normalised(band.family) not in names


def _born_differs(band: Band, view: PatientView) -> bool:
    """As far as both are known: a year alone is compared with the year alone."""
    if not band.born or view.born is None or view.born.utc is None:
        return False
    shown = view.born.text[:10]
    return not band.born.startswith(shown[: {"year": 4, "month": 7}.get(view.born.precision, 10)])


def _cautions(band: Band, view: PatientView) -> tuple[str, ...]:
    own, said = _own(view), []
    if _family_differs(band, view):
        said.append("The family name on the band is another than in this copy.")
    if _born_differs(band, view):
        said.append("The date of birth on the band is another than in this copy.")
    if band.nhs and normalised(band.nhs) not in own:
        said.append(f"This copy has no {number_label(band.nhs)} for this patient; the band has one.")
    if band.mrn and view.mrn and normalised(band.mrn) not in own:
        said.append("The hospital number on the band is not one of this patient's in this copy.")
    return tuple(said)


def _of_code(band: Band) -> tuple[str, ...]:
    """What must be said of the code itself."""
    said = []
    if not band.is_checked:
        said.append("The code on the band lacks its check digit, so a misread number would not show.")
    if band.is_number:
        said.append("The code holds a number alone: compare name and date of birth with the band.")
    if band.baby:
        words = f"baby {band.baby} of {band.babies}" if band.babies else f"baby {band.baby}"
        said.append(f"Band of a newborn: {words}" + (f", mother {band.mother}." if band.mother else "."))
    if band.repaired:
        said.append(f"The scanner types as on another keyboard ({band.repaired}); it was read all the same.")
    return tuple(said)


def _by_words(band: Band, reading: Asked) -> Identified:
    """A band without a number: whom name and birth date may mean, to be chosen by a person."""
    found = [
        v
        for v in reading.find(" ".join(x for x in (band.family, band.given) if x), 200)
        if not _family_differs(band, v) and not _born_differs(band, v)
    ]
    if not found:
        raise refuse_scan("scan.unknown")
    words = "The code holds no number: choose by two identifiers."
    people = _people(tuple(found[:MOST]), reading)
    return Identified(scan=band, people=people, cautions=(words, *_of_code(band)))


def _people(views: tuple[PatientView, ...], reading: Asked) -> tuple[Person, ...]:
    """Those people, each with who could be mistaken for them."""
    alike = reading.similar(views)
    return tuple(Person(view=v, alike=alike.get(v.id, "")) for v in views)


def _of_sheet(code: SheetCode, reading: Asked, ledger: Ledger) -> Identified:
    repaired = (f"The scanner types as on another keyboard ({code.repaired}); it was read all the same.",)
    cautions = list(repaired if code.repaired else ())
    sheet = _ask(lambda: ledger.sheet(code.serial))
    steps: tuple[SheetEvent, ...] = ()
    person = "" if code.key.startswith("ward:") else code.key
    if sheet is None:
        cautions.append("The ledger of this laptop does not know that serial: another laptop printed it.")
    else:
        steps = ledger.sheet_events(sheet.serial)
        if person and sheet.patient and person != sheet.patient:
            if sheet.patient not in _ids(person, reading):
                raise refuse_scan("scan.sheet_disagrees")
        person = sheet.patient or person
    chart = _ask(lambda: reading.chart(person)) if person else None
    if person and chart is None:
        cautions.append("The patient of this sheet is not in this copy.")
    people = (Person(view=chart.patient, alike=chart.alike),) if chart is not None else ()
    return Identified(scan=code, people=people, cautions=tuple(cautions), sheet=sheet, steps=steps)


def _ids(person: str, reading: Asked) -> tuple[str, ...]:
    chart = _ask(lambda: reading.chart(person))
    return chart.patient.ids if chart is not None else ()


def _ask(question: Callable[[], _T]) -> _T | None:
    """The answer, or None where nobody has it; everything else is raised on."""
    try:
        return question()
    except WardlampError as error:
        if error.code in ("sheet.unknown", "patient.unknown"):
            return None
        raise
