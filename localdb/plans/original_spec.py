"""What the site says of an original of its own (CLINICAL §2.3 a, §6 end): a PDF that may not be redrawn, such as the RCP's
NEWS2 chart, PEWS, MEWS, a consent form; and where on each page the patient and the serial may be put. Pure.

    code = "S01"                              # S and two digits: what the ledger calls it
    name = "NEWS2 chart, adults"
    owner = "Royal College of Physicians 2017; reproduced unchanged and in colour, acknowledged"
    colour = true                             # may only be printed in colour
    wet_ink = false                           # true: valid only with a signature in ink on this sheet itself
    copies = 1
    [[page]]                                  # one for each page, in order; millimetres from the top left corner
    patient = { left = 130, top = 12, width = 70, height = 38 }
    serial = { left = 12, top = 278, width = 90, height = 17 }
"""

from __future__ import annotations

import re
import tomllib

import msgspec

from localdb.errors import InputRefused

LONGEST_SPEC, MOST_PAGES, MOST_COPIES = 16 * 1024, 12, 9
LEAST_PATIENT, LEAST_SERIAL = (
    (50.0, 24.0),
    (52.0, 16.5),
)  # mm: a label of 63.5 by 38 fits, and the symbol with its serial
A4_MM = (210.0, 297.0)
_CODE = re.compile(r"S[0-9]{2}")


class OriginalRefused(InputRefused):
    """An original, or what was said of it, cannot be taken."""

    code = "original.spec"
    next_step = "Compare the file with the example in the help, and correct it."


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rectangle on a page, in millimetres from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def meets(self, other: Place) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class PagePlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where patient and serial go on one page."""

    patient: Place
    serial: Place


class OriginalSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the site says; see the top of this module."""

    code: str
    name: str
    owner: str
    pages: tuple[PagePlaces, ...] = msgspec.field(name="page", default=())
    colour: bool = False
    wet_ink: bool = False
    copies: int = 1


def read_spec(data: bytes) -> OriginalSpec:
    """The TOML of a site, checked as far as it can be without the PDF. Raises original.spec, original.code,
    original.place."""
    if len(data) > LONGEST_SPEC:
        raise OriginalRefused("What is said of the original is larger than 16 kB.")
    try:
        said = msgspec.convert(tomllib.loads(data.decode("utf-8-sig")), OriginalSpec)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError):
        raise OriginalRefused("What is said of the original cannot be read.") from None
    return check_spec(said)


def check_spec(said: OriginalSpec) -> OriginalSpec:
    """Raises original.spec, original.code, original.place."""
    if not _CODE.fullmatch(said.code):
        raise OriginalRefused("The code of an original is S and two digits.", code="original.code",
                              next_step="Give it a code that is free, such as S01.")  # fmt: skip
    for text in (said.name, said.owner):
        if not text.strip() or len(text) > 200 or any(ord(c) < 32 for c in text):
            raise OriginalRefused("An original needs a name and a note of its owner, each on one line.")
    if not 1 <= said.copies <= MOST_COPIES or not 1 <= len(said.pages) <= MOST_PAGES:
        raise OriginalRefused("An original has 1 to 12 pages, each with its places, and 1 to 9 copies.")
    for places in said.pages:
        _check_places(places)
    return said


def _check_places(places: PagePlaces) -> None:
    for place, least in ((places.patient, LEAST_PATIENT), (places.serial, LEAST_SERIAL)):
        numbers = (place.left, place.top, place.width, place.height)
        if not all(-1e4 < n < 1e4 for n in numbers) or place.width < least[0] or place.height < least[1]:
            raise OriginalRefused(
                f"A place is too small: at least {least[0]:g} by {least[1]:g} mm are needed.", code="original.place",
                next_step="Give the patient 50 by 24 mm or more, the serial 52 by 16.5 mm or more, on every page.",
            )  # fmt: skip
        long, short = max(A4_MM), min(A4_MM)
        is_inside = min(place.left, place.top) >= 4 and max(place.right, place.bottom) <= long - 4
        if not is_inside or min(place.right, place.bottom) > short:
            raise OriginalRefused("A place lies outside the page.", code="original.place",
                                  next_step="Measure it in millimetres from the top left corner.")  # fmt: skip
    if places.patient.meets(places.serial):
        raise OriginalRefused("The places of patient and serial lie on each other.", code="original.place",
                              next_step="Give each its own place.")  # fmt: skip
