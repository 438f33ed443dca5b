"""A PDF for the archive (PDF/A-2b as far as a PDF of ours can be one) and a sealed PDF for a USB stick (AES-256). No Qt.

Archive (ISO 19005-2, level B): fonts embedded, no encryption, an output intent with its colour profile, XMP metadata that
say part 2 conformance B and agree with the document information, a trailer ID, no transparency beyond what part 2 allows,
no scripts, no files, no outside content. `findings` checks each of these clauses on the bytes; it is no veraPDF.

Sealed (ISO 32000-2, revision 6, AES-256): opens in any reader with the passphrase. The stretching of PDF is quick to try,
so its floor is higher than the vault's: 16 characters, 6 of them different. Metadata are encrypted too. Both are pure;
equal bytes make an equal archive, a sealed file differs each time (its salt).
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache

import msgspec
import pikepdf
from PIL import ImageCms

from localdb.errors import HouseFault, InputRefused

_Told = Callable[[str, str], None]
MIN_WORDS, MIN_DIFFERENT = 16, 6
_PROFILE_NAME = "sRGB IEC61966-2.1"
_BEGINNING, _BEGINNING_KEPT = b"1 0 0 1 0 0 cm  BT /F1 12 Tf 14.4 TL ET", b"1 0 0 1 0 0 cm"
_FORBIDDEN_KEYS = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/AA", "/XFA", "/RichMedia", "/Movie", "/Sound")


class WeakWords(InputRefused):
    """Words that a thief of the file could find by trying."""

    code = "print.weak_words"
    next_step = "Take four or five words that belong to nobody, such as `lamp river candle seventy`."


class Finding(msgspec.Struct, frozen=True):
    """A clause of ISO 19005-2 that does not hold, and what was found; no patient data."""

    clause: str
    words: str


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """An sRGB profile (ICC version 2 or 4, display class), the same bytes each time: its date is fixed."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes((0x07, 0xE6, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # 2022-01-01 00:00:00, as the header counts
    made[84:100] = bytes(16)  # the profile's own digest, which covered the date: "not calculated"
    return bytes(made)


def archival(pdf: bytes, title: str, at: datetime) -> bytes:
    """The same pages as PDF/A-2b. `title` holds no patient data (the serial, or `12 sheets`); `at` stands as the time of
    making, in the information and in the XMP.

    Raises house.fault where the result does not keep a clause that `findings` checks: then the pages are not ours.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for key in ("/OpenAction", "/AcroForm", "/Outlines"):
            if key in document.Root:
                del document.Root[key]
        _annotations_away(document)
        _unused_font_away(document)
        _describe(document, title, at)
        profile = document.make_stream(srgb_profile())
        profile.N = 3
        profile.Alternate = pikepdf.Name.DeviceRGB
        document.Root.OutputIntents = pikepdf.Array([
            document.make_indirect(pikepdf.Dictionary(
                Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier=_PROFILE_NAME,
                Info=_PROFILE_NAME, RegistryName="http://www.color.org", DestOutputProfile=profile,
            ))
        ])  # fmt: skip
        document.Root.MarkInfo = pikepdf.Dictionary(Marked=False)
        out = io.BytesIO()
        document.save(
            out, deterministic_id=True, min_version="1.7", force_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.disable, linearize=False,
        )  # fmt: skip
    made = out.getvalue()
    if found := findings(made):
        raise HouseFault(f"The archival PDF does not keep {found[0].clause}.")
    return made


def _annotations_away(document: pikepdf.Pdf) -> None:
    for page in document.pages:
        for key in ("/Annots", "/AA", "/Group"):
            if key in page.obj:
                del page.obj[key]


def _unused_font_away(document: pikepdf.Pdf) -> None:
    """reportlab begins each page by choosing Helvetica, which is not in the file, and never sets a letter in it."""
    for page in document.pages:
        contents = page.obj.get("/Contents")
        resources = page.obj.get("/Resources")
        fonts = resources.get("/Font") if resources is not None else None
        if resources is None or not isinstance(contents, pikepdf.Stream) or fonts is None or "/F1" not in fonts:
            continue
        drawn = contents.read_bytes()
        if drawn.startswith(_BEGINNING):
            drawn = _BEGINNING_KEPT + drawn[len(_BEGINNING) :]
            if not re.search(rb"/F1[\s]", drawn):
                contents.write(drawn)
                kept = pikepdf.Dictionary({k: v for k, v in fonts.items() if k != "/F1"})
                page.obj.Resources = pikepdf.Dictionary({**dict(resources.items()), "/Font": kept})


def _describe(document: pikepdf.Pdf, title: str, at: datetime) -> None:
    """Information and XMP that say the same."""
    lang = document.Root.get("/Lang", pikepdf.String("en-GB"))
    document.Root.Lang = lang
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    stamp = at.strftime("D:%Y%m%d%H%M%S") + (at.strftime("%z")[:3] + "'" + at.strftime("%z")[3:5] if at.tzinfo else "Z")
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        for key in list(xmp):
            del xmp[key]
        iso = at.isoformat(timespec="seconds")
        xmp["dc:title"] = title
        xmp["dc:creator"] = ["Wardlamp"]
        xmp["dc:format"] = "application/pdf"
        xmp["xmp:CreateDate"] = iso
        xmp["xmp:ModifyDate"] = iso
        xmp["xmp:CreatorTool"] = "Wardlamp"
        xmp["pdf:Producer"] = "Wardlamp"
        xmp["pdfaid:part"] = "2"
        xmp["pdfaid:conformance"] = "B"
    document.docinfo["/Title"] = title
    document.docinfo["/Author"] = "Wardlamp"
    document.docinfo["/Creator"] = "Wardlamp"
    document.docinfo["/Producer"] = "Wardlamp"
    document.docinfo["/CreationDate"] = stamp
    document.docinfo["/ModDate"] = stamp


def sealed(pdf: bytes, passphrase: bytes | bytearray) -> bytes:
    """The same pages, encrypted by AES-256 under the passphrase; printing and copying are allowed to whoever has it.

    Raises print.weak_words.
    """
    words = check_words(passphrase)
    rule = pikepdf.Encryption(user=words, owner=words, R=6, aes=True, metadata=True)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=rule)
    return out.getvalue()


def check_words(passphrase: bytes | bytearray) -> str:
    """The passphrase in the form that every reader derives from (NFKC, at most 127 bytes). Raises print.weak_words."""
    words = unicodedata.normalize("NFKC", bytes(passphrase).decode("utf-8", "replace")).strip()
    if (
        len(words) < MIN_WORDS
        or len(set(words)) < MIN_DIFFERENT
        or len(words.encode()) > 127
        or not words.isprintable()
    ):
        raise WeakWords(f"The words need {MIN_WORDS} to 127 characters, {MIN_DIFFERENT} of them different.")
    return words


# --- what an archive's clauses ask ---------------------------------------------------------------------------------
def findings(pdf: bytes) -> tuple[Finding, ...]:
    """The clauses of ISO 19005-2 level B that these bytes do not keep, of those that matter for pages like ours; () when
    all of them are kept. Read from the bytes alone, so that it also judges files of others. Raises nothing for damage."""
    found: list[Finding] = []

    def add(clause: str, words: str) -> None:
        found.append(Finding(clause, words))

    head = pdf[:1024]
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", head):
        add("6.1.2 file header", "no version line followed by four bytes above 127")
    try:
        document = pikepdf.open(io.BytesIO(pdf))
    except pikepdf.PasswordError:
        return (*found, Finding("6.1.3 no encryption", "the file is encrypted"))
    except pikepdf.PdfError:
        return (*found, Finding("6.1 file structure", "the file cannot be read"))
    with document:
        if document.is_encrypted or "/Encrypt" in document.trailer:
            add("6.1.3 no encryption", "the file is encrypted")
        if "/ID" not in document.trailer:
            add("6.1.3 trailer", "no ID")
        _check_intent(document, add)
        _check_metadata(document, add)
        _check_objects(document, add)
    return tuple(found)


def _check_intent(document: pikepdf.Pdf, told: _Told) -> None:
    intents = document.Root.get("/OutputIntents")
    mine = [i for i in (list(intents) if intents is not None else []) if i.get("/S") == pikepdf.Name.GTS_PDFA1]
    if not mine:
        told("6.2.3 output intent", "none of type GTS_PDFA1")
        return
    profile = mine[0].get("/DestOutputProfile")
    if profile is None:
        told("6.2.3 output intent", "no colour profile")
        return
    data = profile.read_bytes()
    if (
        data[36:40] != b"acsp"
        or data[12:16] not in (b"mntr", b"prtr")
        or data[16:20] not in (b"RGB ", b"GRAY", b"CMYK")
    ):
        told("6.2.3 output intent", "the profile is no ICC profile of a display or printer")
    channels = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}.get(data[16:20])
    if int(profile.get("/N", 0)) != channels:
        told("6.2.3 output intent", "N does not agree with the profile")


def _check_metadata(document: pikepdf.Pdf, told: _Told) -> None:
    stream = document.Root.get("/Metadata")
    if stream is None:
        told("6.6.2 metadata", "no XMP")
        return
    if "/Filter" in stream:
        told("6.6.2 metadata", "the XMP is compressed")
    with document.open_metadata(update_docinfo=False, set_pikepdf_as_editor=False) as xmp:
        if (xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance")) != ("2", "B"):
            told("6.6.4 identification", "not said to be part 2, level B")
        said = {"/Title": xmp.get("dc:title"), "/Producer": xmp.get("pdf:Producer"), "/Creator": xmp.get("xmp:CreatorTool"),
                "/CreationDate": xmp.get("xmp:CreateDate"), "/ModDate": xmp.get("xmp:ModifyDate"),
                "/Author": ", ".join(xmp.get("dc:creator") or [])}  # fmt: skip
    for key, value in document.docinfo.items():
        if key in said and not _same(str(value), str(said[key] or "")):
            told("6.6.3 information", f"{key} is not what the XMP says")


def _same(information: str, xmp: str) -> bool:
    """Equal texts, or the same second of time in both ways of writing it."""
    if not information.startswith("D:"):
        return information == xmp
    digits = re.sub(r"\D", "", information)[:14]
    return digits == re.sub(r"\D", "", xmp)[:14]


def _everything(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every object of the file, those within others too, each once."""
    waiting = [thing for thing in document.objects if thing is not None]
    while waiting:
        thing = waiting.pop()
        yield thing
        inner: list[pikepdf.Object] = []
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            inner = [thing[key] for key in thing.keys()]  # noqa: SIM118
        elif isinstance(thing, pikepdf.Array):
            inner = list(thing)
        waiting += [one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect]


def _check_objects(document: pikepdf.Pdf, told: _Told) -> None:
    for thing in _everything(document):
        if isinstance(thing, pikepdf.Stream):
            _check_stream(thing, told)
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key in _FORBIDDEN_KEYS:
                if key in thing:
                    told("6.5, 6.8 actions and files", f"there is a {key}")
            if thing.get("/Type") == pikepdf.Name.Font:
                _check_font(thing, told)
            if thing.get("/Type") == pikepdf.Name.ExtGState and _is_see_through(thing):
                told("6.2.10 transparency", "a graphics state is see-through")
    for page in document.pages:
        if "/Group" in page.obj and "/CS" not in page.obj["/Group"]:
            told("6.2.10 transparency", "a page's group names no colour space")


def _check_stream(stream: pikepdf.Stream, told: _Told) -> None:
    if "/F" in stream:
        told("6.1.7 streams", "a stream lies outside the file")
    filters = stream.get("/Filter")
    if filters is not None and "/LZWDecode" in str(filters):
        told("6.1.7 streams", "a stream is LZW")
    if stream.get("/Subtype") == pikepdf.Name.Image and "/SMask" in stream:
        told("6.2.10 transparency", "a picture has a soft mask")


def _is_see_through(state: pikepdf.Object) -> bool:
    mask = state.get("/SMask")
    opaque = float(state.get("/ca", 1)) == 1 and float(state.get("/CA", 1)) == 1
    return not opaque or (mask is not None and mask != pikepdf.Name.None_)


def _check_font(font: pikepdf.Object, told: _Told) -> None:
    """Embedded, unless it is drawn from the page's own glyph programs (Type 3) or from its descendant (Type 0); a TrueType
    font names its encoding exactly when it is no symbol font."""
    kind = str(font.get("/Subtype"))
    if kind in ("/Type0", "/Type3"):
        return
    descriptor = font.get("/FontDescriptor")
    if descriptor is None or not any(k in descriptor for k in ("/FontFile", "/FontFile2", "/FontFile3")):
        told("6.2.11.4 fonts embedded", f"{font.get('/BaseFont')} is not in the file")
        return
    if kind == "/TrueType" and bool(int(descriptor.get("/Flags", 0)) & 4) == ("/Encoding" in font):
        told("6.2.11.6 character encodings", f"{font.get('/BaseFont')} has the encoding of the other kind")
    if kind in ("/CIDFontType0", "/CIDFontType2") and "/CIDToGIDMap" not in font and "/FontFile2" in descriptor:
        told("6.2.11.3 composite fonts", "no CIDToGIDMap")
