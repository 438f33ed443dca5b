"""The study and the instance that a file is (PS3.3 C.7.2, C.7.3, C.12.1; DESIGN §4 "imaging study")."""

from __future__ import annotations

from pydicom.dataset import Dataset

from localdb.records.vocabulary import Coding, ImagingStudy, Instance, Reference
from localdb.sources.dicom.context import FileContext, coding, meaning
from localdb.sources.dicom.elements import first, is_uid, items, joined, text, texts, uid_name, whole
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.part10 import Part10, identity
from localdb.sources.dicom.presentations import presentation_of

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
PRESENTATIONS = "1.2.840.10008.5.1.4.1.1.11."
# Objects that are made from images or about them: what they are says nothing of how an examination was made.
SECONDARY = frozenset(
    {
        "SR",
        "PR",
        "KO",
        "SEG",
        "DOC",
        "REG",
        "RTSTRUCT",
        "RTPLAN",
        "RTDOSE",
        "RTRECORD",
        "ANN",
        "RWV",
        "FID",
        "PLAN",
        "AU",
    }
)
_DEPTH = 32  # of a content tree
_MOST_POINTED = 20_000


def uids(part: Part10) -> tuple[str, str, str, str]:
    """(SOP class, SOP instance, study, series). Raises dicom.no_uid where an object cannot be told from another."""
    class_, uid = identity(part)
    study, series = text(part.dataset, 0x0020000D), text(part.dataset, 0x0020000E)
    for what, value in (("SOP Instance UID", uid), ("Study Instance UID", study), ("Series Instance UID", series)):
        if not is_uid(value):
            raise DicomRefused("dicom.no_uid", f"it has no {what} that could be one", uid_name(class_), uid)
    return class_, uid, study, series


def study_of(ds: Dataset, uid: str, at: FileContext) -> ImagingStudy:
    """What an object says of its study; counts and series come from all of them together."""
    codes = tuple(c for i in items(ds, 0x00081032) if (c := coding(i)) is not None)
    asked = first(ds, 0x00400275)
    name = text(ds, 0x00081030) or text(asked, 0x00321060) or text(ds, 0x00321060) or text(asked, 0x00400007)
    orders = [text(ds, 0x00402016), text(ds, 0x00402017), text(asked, 0x00402016), text(asked, 0x00402017)]
    modality = text(ds, 0x00080060)
    of_study = [m for m in texts(ds, 0x00080061) if m and m not in SECONDARY]
    return ImagingStudy(
        **at.common("ImagingStudy", uid),
        uid=uid,
        happened=at.when(ds, (0x00080020, 0x00080030)),
        status="available",
        text=name or (codes[0].display if codes else ""),
        codes=codes,
        modality=",".join(of_study) or ("" if modality in SECONDARY else modality),
        accession=accession(ds),
        references=tuple(Reference("based_on", f"ServiceRequest/{o}") for o in dict.fromkeys(orders) if o),
    )


def accession(ds: Dataset) -> str:
    """(0008,0050), else that of the request (0040,0275)."""
    return text(ds, 0x00080050) or text(first(ds, 0x00400275), 0x00080050)


def instance_of(part: Part10, at: FileContext, ids: tuple[str, str, str, str]) -> Instance:
    """The instance without its pixels."""
    ds = part.dataset
    class_, uid, study, series = ids
    shared, frame = first(ds, 0x52009229), first(ds, 0x52009230)
    place = first(frame, 0x00209113) or first(shared, 0x00209113) or ds
    turn = first(frame, 0x00209116) or first(shared, 0x00209116) or ds
    anatomy = first(frame, 0x00209071) or first(shared, 0x00209071)
    is_image = part.pixels is not None
    title = ""
    codes: tuple[Coding, ...] = ()
    if class_ == KEY_OBJECTS:
        found = coding(first(ds, 0x0040A043))
        title, codes = meaning(first(ds, 0x0040A043)), (found,) if found else ()
    elif class_.startswith(PRESENTATIONS):
        title = text(ds, 0x00700081) or text(ds, 0x00700080)
    series_text = text(ds, 0x0008103E)
    return Instance(
        **at.common("instance", uid),
        uid=uid,
        study=study,
        series=series,
        sop_class=class_,
        modality=text(ds, 0x00080060),
        number=whole(ds, 0x00200013),
        series_number=whole(ds, 0x00200011),
        series_text=series_text,
        text=title or series_text or uid_name(class_),
        codes=codes,
        title=title,
        happened=at.when(
            ds,
            (0x0008002A, 0),
            (0x00080022, 0x00080032),
            (0x00080023, 0x00080033),
            (0x00080021, 0x00080031),
            (0x00080020, 0x00080030),
        ),
        said=at.when(ds, (0x00080012, 0x00080013)),
        body_site=text(ds, 0x00180015) or meaning(first(anatomy, 0x00082218)) or meaning(first(ds, 0x00082218)),
        laterality=text(ds, 0x00200062) or text(anatomy, 0x00209072) or text(ds, 0x00200060),
        view=text(ds, 0x00185101) or meaning(first(ds, 0x00540220)),
        image_type=texts(ds, 0x00080008),
        rows=max(whole(ds, 0x00280010) or 0, 0) if is_image else 0,
        columns=max(whole(ds, 0x00280011) or 0, 0) if is_image else 0,
        frames=max(whole(ds, 0x00280008) or 1, 1) if is_image else 0,
        position=numbers(place, 0x00200032, 3),
        orientation=numbers(turn, 0x00200037, 6),
        frame_of_reference=text(ds, 0x00200052),
        lossy=lossy(ds, part.syntax),
        pointed=pointed(ds, class_),
        presentation=presentation_of(ds, class_) if class_.startswith(PRESENTATIONS) else None,
    )


def numbers(ds: Dataset | None, tag: int, count: int) -> tuple[str, ...]:
    """Exactly `count` numbers as sent; () where there are not so many, or one is no number."""
    found = texts(ds, tag)
    return found if len(found) == count and all(is_number(v) for v in found) else ()


def is_number(value: str) -> bool:
    """Whether a text is a finite decimal number."""
    try:
        return value.isascii() and len(value) <= 32 and abs(float(value)) < 1e12
    except ValueError:
        return False


# Transfer syntaxes that may only be lossy: an object in one has lost something, whatever its header says (PS3.5 §8.2).
_LOSSY = {
    "1.2.840.10008.1.2.4.50": "JPEG Baseline",
    "1.2.840.10008.1.2.4.51": "JPEG Extended",
    "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}


def lossy(ds: Dataset, syntax: str) -> str:
    """The ratios as sent (0028,2112), else "lossy" where it is said (0028,2110) or cannot be otherwise."""
    ratio = "\\".join(r for r in texts(ds, 0x00282112) if r)
    if text(ds, 0x00282110) == "01":
        return ratio or "lossy"
    return (ratio or "lossy") if syntax in _LOSSY else ""


def lossy_method(ds: Dataset, syntax: str) -> str:
    """(0028,2114) as sent, else the name of the coding."""
    return joined(ds, 0x00282114) or _LOSSY.get(syntax, "")


def pointed(ds: Dataset, class_: str) -> tuple[str, ...]:
    """The instances that a key object selection or a presentation state is about, in the order of its content."""
    found: list[str] = []
    if class_ == KEY_OBJECTS:
        _of_tree(ds, found, 0)
    elif class_.startswith(PRESENTATIONS):
        for series in items(ds, 0x00081115):
            found += [text(i, 0x00081155) for i in items(series, 0x00081140)]
    return tuple(u for u in dict.fromkeys(found[:_MOST_POINTED]) if is_uid(u))


def _of_tree(ds: Dataset, found: list[str], depth: int) -> None:
    for item in items(ds, 0x0040A730) if depth < _DEPTH else ():
        found += [text(i, 0x00081155) for i in items(item, 0x00081199)]
        _of_tree(item, found, depth + 1)
