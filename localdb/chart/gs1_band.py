"""What the GS1 DataMatrix of a wristband says (CLINICAL §1.4: DCB1077; GS1 General Specifications). Pure.

Rules:
- 8018 stands only for a **verified NHS number**; numbers of Scotland and Northern Ireland and unverified ones have none.
- 91 = ODS code, hospital number, empty location number. A hospital number that the element may not hold is left out of
  it, and so is the element where no ODS code is set: the Code 128 beside it has the number then.
- 92 only for a newborn whose number among its mother's babies was said; 93 = family name, given name, date (and, of a
  newborn, time) of birth.
- The element may hold the GS1 character set 82, which has no space and no accent, and commas part its fields: marks are
  taken off (`Zoë` is `Zoe`), spaces become hyphens, other punctuation goes. **A name stands in it whole or not at all**:
  one with a letter that this cannot write is left empty, for half a name reads as another one. So is a given name with
  figures (`Twin 1`), which scanners that lose the separator could not tell from the next element; a date that is not
  known to the day is left out too.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

import msgspec

from localdb.chart.gs1 import Element, gsrn_of
from localdb.chart.scanning import number_label
from localdb.chart.views import PatientView
from localdb.records.ids import nhs_number_is_sound
from localdb.records.moments import Moment
from localdb.records.vocabulary import HumanName

NEWBORN = timedelta(days=28)
LONGEST = 90  # characters of an element 91 to 99
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Letters that have no accent to take off, as passports write them (ICAO 9303).
_WRITTEN = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-", "—": "-",
})  # fmt: skip


class Baby(msgspec.Struct, frozen=True, kw_only=True):
    """AI 92 of a newborn's band: baby `n` of `of`, and the mother's names as her record has them."""

    n: int
    of: int
    family: str = ""
    given: str = ""


def written(name: str) -> str:
    """A name as the element may hold it; "" where it cannot be written whole."""
    plain = unicodedata.normalize("NFKD", name.translate(_WRITTEN))
    kept = "".join(c for c in plain if not unicodedata.category(c).startswith("M"))
    made = re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s'.-]|_", "", kept)).strip("-.'")
    return made if re.fullmatch(r"[A-Za-z][A-Za-z'.-]*", made) else ""


def verified_nhs(view: PatientView) -> str:
    """The ten digits where the PAS verified them and they are sound, else ""."""
    digits = re.sub(r"[ -]", "", view.nhs or "")
    return digits if view.nhs_verified is True and nhs_number_is_sound(digits) else ""


def is_newborn(view: PatientView, at: datetime) -> bool:
    born = view.born.instant if view.born is not None and view.born.precision not in ("year", "month") else None
    return born is not None and timedelta(0) <= at - born < NEWBORN


def _day(born: Moment | None) -> str:
    """`1-Mar-1950`; "" where it is not known to the day."""
    if born is None or born.utc is None or born.precision in ("year", "month"):
        return ""
    local = born.local
    return f"{local.day}-{_MONTHS[local.month - 1]}-{local.year:04d}" if local is not None else ""


def _time(view: PatientView, at: datetime) -> str:
    born = view.born
    if born is None or not born.has_time or not is_newborn(view, at) or (local := born.local) is None:
        return ""
    return f"{local:%H:%M}"


def _given(name: HumanName) -> str:
    return written(" ".join(name.given))


def band_elements(view: PatientView, at: datetime, *, ods: str = "", baby: Baby | None = None) -> tuple[Element, ...]:
    """The elements in their order; empty where nothing of the patient may be coded. `at` the time of printing."""
    out: list[Element] = []
    nhs = verified_nhs(view)
    if nhs and number_label(nhs) == "NHS No.":
        out.append(("8018", gsrn_of(nhs)))
    mrn = (view.mrn or "").strip()
    if ods and re.fullmatch(r"[A-Za-z0-9/_-]{1,20}", mrn):
        out.append(("91", f"{ods},{mrn},"))
    if baby is not None and is_newborn(view, at):
        mother = ",".join((written(baby.family), written(baby.given))).rstrip(",")
        out.append(("92", f"{baby.n},{baby.of},{mother}" if written(baby.family) else f"{baby.n},{baby.of},"))
    family, given = written(view.name.family or (view.name.text if not view.name.given else "")), _given(view.name)
    day = _day(view.born)
    who = f"{family},{given},{day},{_time(view, at)}"
    if len(who) > LONGEST:  # the given names in full, or only as many as stand whole
        names = [written(n) for n in view.name.given]
        while names and len(who) > LONGEST:
            names.pop()
            who = f"{family},{'-'.join(names)},{day},{_time(view, at)}"
    if (family or day) and len(who) <= LONGEST:
        out.append(("93", who))
    return tuple(out)
