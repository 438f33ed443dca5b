"""Whether a PDF may be taken as an original: whole, small, unlocked, A4, nothing in it that acts, and white where patient
and serial shall stand. Read in a child process with a time limit: the file comes from outside.
"""

from __future__ import annotations

import io
from hashlib import sha256

import msgspec
import pikepdf
import pypdfium2
from PIL import Image

from localdb.plans.checking import LARGEST_PDF, SECONDS
from localdb.plans.original_spec import A4_MM, OriginalRefused, OriginalSpec, Place
from localdb.sources.readers import Readers

_MM = 72 / 25.4
_SLACK = 2.0  # mm by which a page may differ from A4
_DARKEST = 0.06  # share of a place that may be printed already: a thin frame or a grey hint, never a heading
_OBJECTS = 200_000
_ACTS = frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/RichMedia", "/Rendition",
                   "/GoToE", "/GoToR", "/Movie", "/Sound", "/Hide", "/SetOCGState"})  # fmt: skip
_KEYS = ("/JS", "/JavaScript", "/AA", "/OpenAction", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent")
_WORDS = {
    "original.unreadable": ("The PDF cannot be opened.", "Export it again as PDF, and look at it before it is added."),
    "original.locked": ("The PDF is locked by a password.", "Ask its owner for a copy without a password."),
    "original.acts": (
        "The PDF holds something that acts: a script, an action or another file.",
        "Print it to a PDF of plain pages, if its owner permits that.",
    ),
    "original.form": (
        "The PDF is a form to be filled in by computer.",
        "Print it to a PDF of plain pages, if its owner permits that.",
    ),
    "original.size": ("A page is not A4, lies on its side, or is cropped.", "Save it as plain A4 pages."),
    "original.pages": ("The PDF has not as many pages as places were given.", "Give places for each page, in order."),
    "original.covered": (
        "Something is printed where the patient or the serial shall stand.",
        "Choose a place that is white on the original.",
    ),
}


class _Found(msgspec.Struct, frozen=True):
    code: str = ""


def check_pdf(spec: OriginalSpec, data: bytes) -> str:
    """The SHA-256 (hex) of a PDF that may be taken. Raises original.* (see _WORDS) and original.too_large."""
    if len(data) > LARGEST_PDF:
        raise OriginalRefused("The PDF is larger than 8 MB.", code="original.too_large",
                              next_step="Save it with smaller pictures.")  # fmt: skip
    reader: Readers[tuple[OriginalSpec, bytes]] = Readers(1, inspect, SECONDS)
    try:
        answer = reader.ask((spec, data))
    finally:
        reader.close()
    found = msgspec.json.decode(answer, type=_Found) if answer is not None else _Found("original.unreadable")
    if found.code:
        message, next_step = _WORDS[found.code]
        raise OriginalRefused(message, code=found.code, next_step=next_step)
    return sha256(data).hexdigest()


def inspect(asked: tuple[OriginalSpec, bytes]) -> bytes:
    """Runs in the child: why a PDF cannot be taken, as JSON."""
    spec, data = asked
    try:
        code = _wrong(spec, data)
    except Exception:  # noqa: BLE001 - whatever a hostile file does to its readers, it is not taken
        code = "original.unreadable"
    return msgspec.json.encode(_Found(code))


def _wrong(spec: OriginalSpec, data: bytes) -> str:
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        return "original.unreadable"
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        return "original.locked"
    with pdf:
        if pdf.is_encrypted:
            return "original.locked"
        return _acting(pdf) or _pages_wrong(pdf, spec) or _covered(spec, data)


def _acting(pdf: pikepdf.Pdf) -> str:
    """A form, a script, an action, another file: anywhere in the file, named or not."""
    if "/AcroForm" in pdf.Root and len(pdf.Root.AcroForm.get("/Fields", pikepdf.Array())):
        return "original.form"
    for n, held in enumerate(pdf.objects):
        if n > _OBJECTS:
            return "original.unreadable"
        if found := _acts(held, 0):
            return found
    return ""


def _acts(held: pikepdf.Object, depth: int) -> str:
    """What a dictionary holds directly, and dictionaries in it: indirect ones come by themselves."""
    if depth > 12:
        return "original.acts"
    if isinstance(held, pikepdf.Array):
        return next((found for one in held if (found := _acts_in(one, depth))), "")
    if not isinstance(held, pikepdf.Dictionary | pikepdf.Stream):
        return ""
    if any(key in held for key in _KEYS) or str(held.get("/S", "")) in _ACTS:
        return "original.acts"
    if str(held.get("/Subtype", "")) == "/Widget":
        return "original.form"
    if str(held.get("/Subtype", "")) in _ACTS or str(held.get("/Type", "")) == "/EmbeddedFile":
        return "original.acts"
    return next((found for key in held.keys() if (found := _acts_in(held[key], depth))), "")  # noqa: SIM118


def _acts_in(one: object, depth: int) -> str:
    if isinstance(one, pikepdf.Object) and not one.is_indirect:
        return _acts(one, depth + 1)
    return ""


def _pages_wrong(pdf: pikepdf.Pdf, spec: OriginalSpec) -> str:
    if len(pdf.pages) != len(spec.pages):
        return "original.pages"
    for page, places in zip(pdf.pages, spec.pages, strict=True):
        box, crop = ([float(n) for n in found] for found in (page.mediabox, page.cropbox))
        wide, high = (box[2] - box[0]) / _MM, (box[3] - box[1]) / _MM
        is_a4 = all(abs(a - b) <= _SLACK for a, b in zip(sorted((wide, high)), sorted(A4_MM), strict=True))
        if (
            not is_a4
            or int(page.get("/Rotate", 0)) % 360
            or any(abs(a - b) > 1 for a, b in zip(box, crop, strict=True))
        ):
            return "original.size"
        if float(page.get("/UserUnit", 1)) != 1:
            return "original.size"
        for place in (places.patient, places.serial):
            if place.right > wide - 3 or place.bottom > high - 3:
                return "original.size"
    return ""


def _covered(spec: OriginalSpec, data: bytes) -> str:
    """Whether the places are white, as a reader of PDF draws them."""
    document = pypdfium2.PdfDocument(data)
    try:
        for n, places in enumerate(spec.pages):
            image = document[n].render(scale=1.5, grayscale=True).to_pil()
            dots = 1.5 * _MM
            if any(_dark(image, place, dots) > _DARKEST for place in (places.patient, places.serial)):
                return "original.covered"
    finally:
        document.close()
    return ""


def _dark(image: Image.Image, place: Place, dots: float) -> float:
    """The share of a place that is darker than a light grey."""
    left, top, right, bottom = (round(n * dots) for n in (place.left, place.top, place.right, place.bottom))
    counts: list[int] = image.convert("L").crop((left, top, right, bottom)).histogram()
    return sum(counts[:170]) / max(1, sum(counts))
