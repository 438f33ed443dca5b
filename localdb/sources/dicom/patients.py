"""Whom an image is of: number with its issuer, names in every writing, birth date, sex, other numbers (DESIGN D2).

A source patient is (source, issuer, Patient ID). The issuer is the one sent (0010,0021), else the one that the site says
this source's numbers have (`SourceProfile.issuer`), else none: numbers of nobody in particular join with nobody else's.
"""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import PersonName

from localdb.records.ids import nhs_number_is_sound, patient_id
from localdb.records.moments import Moment
from localdb.records.vocabulary import HumanName, Identifier, Patient
from localdb.sources.dicom.elements import FAULTS, first, items, text, texts
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.hl7v2.patients import NHS_SYSTEM, born
from localdb.sources.profiles import SourceProfile

_NHS = frozenset(
    {"NH", "NHS", "NHSNBR", "NHSNMBR", "NHSNUMBER", "NHSNO", "2.16.840.1.113883.2.1.4.1", NHS_SYSTEM.upper()}
)
_SEXES = {"M": "male", "F": "female", "O": "other"}


def issuer_of(ds: Dataset, profile: SourceProfile) -> str:
    """The authority of an item's Patient ID as its name is sent; its universal id where only that was."""
    qualifiers = first(ds, 0x00100024)
    return text(ds, 0x00100021) or text(qualifiers, 0x00400032) or profile.issuer


def key_of(ds: Dataset, source: str, profile: SourceProfile) -> tuple[str, str]:
    """(patient id `P…`, the Patient ID as sent). Raises dicom.no_patient where it names nobody."""
    value = text(ds, 0x00100020)
    if not value:
        raise DicomRefused("dicom.no_patient", "it has no Patient ID, so it does not say whom it is of")
    return patient_id(source, issuer_of(ds, profile), value), value


def person(ds: Dataset, source: str, profile: SourceProfile, id_: str) -> Patient:
    """What the patient module of an object says of a person."""
    names = [n for keyword, use in ((0x00100010, "official"), (0x00101005, "maiden"), (0x00101001, ""))
             for n in names_of(ds, keyword, use)]  # fmt: skip
    numbers = [_identifier(ds, text(ds, 0x00100020), profile)]
    for item in items(ds, 0x00101002):
        value = text(item, 0x00100020)
        if value:
            numbers.append(_identifier(item, value, SourceProfile(nhs_authorities=profile.nhs_authorities), "PI"))
    numbers += [Identifier("", v, "PI") for v in texts(ds, 0x00101000) if v]
    sex = text(ds, 0x00100040)
    comments = (
        ("The source says that this is no human patient: " + text(ds, 0x00102201),) if text(ds, 0x00102201) else ()
    )
    return Patient(
        id=id_, patient=id_, source=source, source_id=text(ds, 0x00100020),
        text=_line(names[0]) if names else "",
        names=tuple(dict.fromkeys(names)),
        identifiers=tuple({(i.system, i.value): i for i in reversed(numbers)}.values())[::-1],
        gender=_SEXES.get(sex.upper(), sex),
        born=born_of(ds, profile.zone),
        is_deceased=False,
        comments=comments,
    )  # fmt: skip


def born_of(ds: Dataset, zone: str) -> Moment | None:
    """(0010,0030) as a date of FHIR's form, the old form 1953.04.21 too."""
    sent = text(ds, 0x00100030)
    return born(sent.replace(".", "") if len(sent) == 10 else sent, zone)


def _identifier(ds: Dataset, value: str, profile: SourceProfile, type_: str = "MR") -> Identifier:
    qualifiers = first(ds, 0x00100024)
    universal, kind = text(qualifiers, 0x00400032), text(qualifiers, 0x00400033)
    issuer = issuer_of(ds, profile)
    if {issuer.upper(), universal.upper()} & (_NHS | {n.upper() for n in profile.nhs_authorities}):
        bare = value.replace(" ", "").replace("-", "")
        return Identifier(NHS_SYSTEM, bare if nhs_number_is_sound(bare) else value, "NH")
    system = f"urn:oid:{universal}" if universal and kind.upper() == "ISO" else issuer
    return Identifier(system, value, type_)


def names_of(ds: Dataset, tag: int, use: str) -> tuple[HumanName, ...]:
    """A name in each of its writings (alphabetic, ideographic, phonetic; PS3.5 §6.2.1), as they were sent."""
    if tag not in ds:
        return ()
    try:
        value = ds[tag].value
        found = list(value) if isinstance(value, MultiValue | list) else [value]
        groups = [(p.alphabetic, p.ideographic, p.phonetic) for p in found if isinstance(p, PersonName)]
    except FAULTS:
        return ()
    made = []
    for writings in groups:
        for n, writing in enumerate(writings):
            parts = [p.strip(" \0") for p in str(writing).split("^")] + [""] * 5
            family, given, middle, prefix, suffix = parts[:5]
            if not any(parts):
                continue
            made.append(
                HumanName(
                    family=family,
                    given=tuple(g for g in (given, middle) if g),
                    prefix=(prefix,) if prefix else (),
                    suffix=(suffix,) if suffix else (),
                    use=use if n == 0 else "",
                )
            )
    return tuple(made)


def person_line(ds: Dataset | None, tag: int) -> str:
    """Somebody else's name (a reader, a verifier) in one line as it is spoken."""
    found = names_of(ds, tag, "") if ds is not None else ()
    return _line(found[0]) if found else ""


def _line(name: HumanName) -> str:
    return " ".join(x for x in (*name.prefix, *name.given, name.family, *name.suffix) if x)
