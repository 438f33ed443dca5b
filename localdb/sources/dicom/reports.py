"""Reports that come as DICOM: structured ones and encapsulated documents (PS3.3 A.35, A.45; CLINICAL §4.1)."""

from __future__ import annotations

from hashlib import sha256

from msgspec.structs import replace
from pydicom.dataset import Dataset

from localdb.records.vocabulary import Reference, Report
from localdb.sources.dicom.context import FileContext, coding, meaning
from localdb.sources.dicom.elements import content, first, is_uid, items, text, texts, whole
from localdb.sources.dicom.patients import person_line
from localdb.sources.dicom.structured import ReportText
from localdb.sources.dicom.studies import SECONDARY, accession
from localdb.sources.units import Blob

_STRUCTURED = "1.2.840.10008.5.1.4.1.1.88."
# Structured objects that no person reads as a report of an examination: logs, doses, contexts, findings of a computer
# (which are not offered, CLINICAL §4.2), selections of key images and plans.
_NO_REPORTS = frozenset({"40", "50", "59", "65", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77"})
_DOCUMENTS = {"1.2.840.10008.5.1.4.1.1.104.1": "application/pdf", "1.2.840.10008.5.1.4.1.1.104.2": "text/xml"}
_TIES = {"partial": 1, "preliminary": 1, "final": 2, "amended": 3}


def report_of(
    ds: Dataset, class_: str, uid: str, study: str, at: FileContext
) -> tuple[Report, tuple[Blob, ...], int] | None:
    """(report, its file, its tie) of a structured report or an encapsulated document; None of anything else."""
    if class_ in _DOCUMENTS:
        return _document(ds, _DOCUMENTS[class_], uid, study, at)
    if not class_.startswith(_STRUCTURED) or class_.removeprefix(_STRUCTURED) in _NO_REPORTS:
        return None
    found = ReportText(ds, at)
    observer = first(ds, 0x0040A073)
    status = _status(ds)
    named = first(ds, 0x0040A043)
    code = coding(named)
    report = _common(ds, uid, study, at, status)
    report = replace(
        report,
        text=meaning(named) or report.text,
        codes=(code,) if code is not None else (),
        body=found.body,
        conclusion=found.conclusion,
        said=at.when(observer, (0x0040A030, 0)) or report.said,
        author=person_line(observer, 0x0040A075) or _author(ds),
    )
    return report, (), _TIES.get(status, 0)


def _document(ds: Dataset, media: str, uid: str, study: str, at: FileContext) -> tuple[Report, tuple[Blob, ...], int]:
    data = content(ds, 0x00420011)
    length = whole(ds, 0x00420015)
    if length is not None and 0 < length <= len(data):
        data = data[:length]
    status = _status(ds)
    title = text(ds, 0x00420010) or meaning(first(ds, 0x0040A043))
    report = _common(ds, uid, study, at, status)
    media = text(ds, 0x00420012).lower() or media
    digest = sha256(data).hexdigest()
    report = replace(
        report, text=title or report.text, blob=digest if data else "", media_type=media, author=_author(ds)
    )
    return report, (Blob(sha256=digest, media_type=media, data=data),) if data else (), _TIES.get(status, 0)


def _common(ds: Dataset, uid: str, study: str, at: FileContext, status: str) -> Report:
    modality = [m for m in texts(ds, 0x00080061) if m and m not in SECONDARY]
    earlier = [
        text(i, 0x00081155) for s in items(ds, 0x0040A360) for r in items(s, 0x00081115) for i in items(r, 0x00081199)
    ]
    return Report(
        **at.common("DiagnosticReport", uid),
        happened=at.when(ds, (0x00080020, 0x00080030), (0x00080023, 0x00080033)),
        said=at.when(ds, (0x00080023, 0x00080033), (0x00080012, 0x00080013), (0x00080021, 0x00080031)),
        status=status,
        text=text(ds, 0x00081030) or text(ds, 0x0008103E) or "Imaging report",
        category="RAD",
        accession=accession(ds),
        modality=",".join(modality),
        references=(
            Reference("imaging", f"ImagingStudy/{study}"),
            *(Reference("replaces", f"DiagnosticReport/{u}") for u in dict.fromkeys(earlier) if is_uid(u)),
        ),
    )


def _status(ds: Dataset) -> str:
    """As in FHIR: what is verified and complete is final; the rest is not yet (PS3.3 C.17.2)."""
    complete, verified, preliminary = text(ds, 0x0040A491), text(ds, 0x0040A493), text(ds, 0x0040A496)
    if preliminary == "PRELIMINARY":
        return "preliminary"
    if complete == "PARTIAL":
        return "partial"
    if verified == "VERIFIED":
        return "amended" if items(ds, 0x0040A360) else "final"
    return "final" if preliminary == "FINAL" else "preliminary"


def _author(ds: Dataset) -> str:
    """The first person who is named as author, else as observer in the content."""
    for author in items(ds, 0x0040A078):
        found = person_line(author, 0x0040A123)
        if found:
            return found
    for item in items(ds, 0x0040A730):
        if text(item, 0x0040A040) == "PNAME" and text(first(item, 0x0040A043), 0x00080100) == "121008":
            return person_line(item, 0x0040A123)
    return ""
