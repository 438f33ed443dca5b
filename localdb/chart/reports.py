"""Examinations and what is known of each: request, study, report; statuses, addenda, what stands in which order. Pure.

Rules (CLINICAL §4.1, hazard H17): every examination is listed, also the one that was only asked for, booked, or done
and not reported; what was added or corrected stands above the original, with date and author; the original stays word
for word; what is not final says PRELIMINARY wherever its text is shown; a withdrawn text is shown nowhere. A report, a
study and a request are one examination only where one names the other (by reference or Study Instance UID), both name
one order, or both have the same accession number; never by name or day. Numbers are compared to the letter, without the
blanks around them: leading noughts count. Where several studies have one accession number, a report of that number is
given to none of them, and each says that there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import msgspec

from localdb.chart import wording
from localdb.chart.documents import HIDDEN, ONE, showing
from localdb.chart.microbiology import is_micro
from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Former, ImagingStudy, Record, Report, Request

REQUESTED, VETTED, BOOKED, NOT_REPORTED = "requested", "vetted", "booked", "performed, NOT REPORTED"
PRELIMINARY, FINAL, ADDENDED, CORRECTED = "PRELIMINARY", "final", "ADDENDED", "CORRECTED"
CANCELLED, WITHDRAWN, ON_HOLD, IN_DEPARTMENT = "cancelled", "WITHDRAWN", "on hold", "in the department"
SHARED = "a report has the same number"
_GONE = frozenset({"entered-in-error"})
_SIDES = {"L": "left", "R": "right", "B": "both sides", "U": ""}
_ENDED = {"revoked": CANCELLED, "cancelled": CANCELLED, "entered-in-error": WITHDRAWN}
# HL7 table 0074 and DICOM (0008,0060) in words; both say how an examination was made.
MODALITIES = {
    "CT": "CT", "CTH": "Cardiac catheter", "CR": "X-ray", "DX": "X-ray", "DR": "X-ray", "XR": "X-ray", "RX": "X-ray",
    "MR": "MRI", "MRI": "MRI", "NMR": "MRI", "US": "Ultrasound", "RUS": "Ultrasound", "OUS": "Ultrasound",
    "VUS": "Vascular ultrasound", "CUS": "Echocardiography", "MG": "Mammography", "NM": "Nuclear medicine",
    "NMS": "Nuclear medicine", "PT": "PET", "PET": "PET", "RF": "Fluoroscopy", "XA": "Angiography",
    "EC": "Electrocardiography", "ECG": "Electrocardiography", "EN": "Endoscopy", "ES": "Endoscopy",
    "PF": "Lung function", "RAD": "Radiology", "LP29684-5": "Radiology", "LP29708-2": "Cardiology",
    "LP7796-8": "Endoscopy", "CP": "Cytology", "SP": "Pathology", "PAT": "Pathology", "LAB": "Laboratory",
    "MB": "Microbiology", "363679005": "Imaging", "15220000": "Laboratory", "252275004": "Haematology", "HM": "Haematology",
    "394914008": "Radiology", "394579002": "Cardiology",
}  # fmt: skip
# Of those the codes of DICOM (PS3.16 CID 33) by which a worklist says what is to be done.
_DICOM = frozenset("CT CR DX MR US MG NM PT RF XA ES EN OP OPT IVUS BMD PX IO".split())
_IMAGING_WORDS = re.compile(
    r"\b(?:imaging|radiolog\w*|x-?ray|ct|mri|ultrasound|echo\w*|scan|angiogra\w*|cardiolog\w*|endoscop\w*)\b", re.I
)
_LABORATORY = re.compile(
    r"\b(?:lab\w*|patholog\w*|haematolog\w*|hematolog\w*|microbiolog\w*|chemistry|blood bank)\b", re.I
)
# A department's own word for how far a request has come, where a comment begins with it (R4 has no status for these);
# a word further on in a sentence ("to be booked") says nothing.
_STAGES = (
    (re.compile(r"(?:not (?:booked|vetted)|requested)\b", re.I), REQUESTED),
    (re.compile(r"(?:performed|examined|awaiting report|not reported)\b", re.I), NOT_REPORTED),
    (re.compile(r"(?:booked|scheduled)\b", re.I), BOOKED),
    (re.compile(r"(?:vetted|protocolled|justified|authorised)\b", re.I), VETTED),
)
_UNITS = (
    "mm|cm|m|µm|mm2|mm3|cm2|cm3|ml|mL|l|L|cc|HU|kg|g|mg|mcg|micrograms|units|mmHg|ms|s|bpm|Hz|MHz|weeks|days|degrees|%"
)
# The spaces inside a measurement: before its unit, after its sign, between its sides ("12 x 8 mm"), inside a range.
_INSIDE = re.compile(
    rf"(?<=\d) +(?=(?:{_UNITS})(?![A-Za-z]))|(?<=\d) +(?=[x×] *\d)|(?<=\d [x×]) +(?=\d)|(?<=\d[x×]) +(?=\d)"
    r"|(?<=[<>≤≥±~]) +(?=\d)|(?<=\d) +(?=(?:-|–|to) +\d)|(?<=\d [-–]) +(?=\d)|(?<=\d to) +(?=\d)"
)
ADDENDUM, CORRECTION, ORIGINAL, BODY, CONCLUSION, NOTICE, WATERMARK, ALERT = (
    "addendum", "correction", "original", "body", "conclusion", "notice", "watermark", "alert",
)  # fmt: skip


class Part(msgspec.Struct, frozen=True):
    """One part of a report in the order in which it is read: `kind` above, `head` our words, `text` the source's."""

    kind: str
    head: str = ""
    text: str = ""


class Examination(msgspec.Struct, frozen=True):
    """What is known of one examination: at least one of the three is there. `shared`: reports with text that may be of
    this study or of another one with the same accession number."""

    report: Report | None = None
    study: ImagingStudy | None = None
    request: Request | None = None
    shared: tuple[Report, ...] = ()

    @property
    def held(self) -> Record:
        found = self.report or self.study or self.request
        assert found is not None
        return found

    @property
    def moment(self) -> Moment | None:
        """When it was done; of a request the time of its booking, else when it was asked for."""
        done = next((r.happened for r in (self.report, self.study) if r is not None and r.happened), None)
        if done is not None or self.request is None:
            return done
        request = self.request
        booked = request.wanted if request_word(request) == BOOKED else None
        return booked or request.asked or request.happened

    @property
    def utc(self) -> int:
        moment = self.moment or self.held.said
        return moment.utc if moment is not None and moment.utc is not None else -(2**62)

    @property
    def name(self) -> str:
        """The examination as sent, with its side where the name does not say it."""
        text = self.held.text or "Examination without a name"
        side = self.laterality
        return f"{text}, {side}" if side and side.casefold() not in text.casefold() else text

    @property
    def laterality(self) -> str:
        """The side as sent; a code of DICOM (0020,0060) in words, "" for U, which says that there are no sides."""
        sent = [s.laterality for s in self.study.series] if self.study is not None else []
        sides = [side for text in sent if (side := _SIDES.get(text.strip().upper(), text))]
        own = self.report.laterality if self.report is not None else ""
        return own or ", ".join(dict.fromkeys(sides))

    @property
    def accession(self) -> str:
        return (self.report.accession if self.report else "") or (self.study.accession if self.study else "")

    @property
    def modality(self) -> str:
        """In words; the code as sent where we have no words; "" where nothing was sent."""
        code = (self.study.modality if self.study else "") or (self.report.modality if self.report else "")
        code = code or (self.report.category if self.report else "") or (self.request.category if self.request else "")
        words = (MODALITIES.get(c.strip().upper(), c.strip()) for c in code.split(","))
        return ", ".join(dict.fromkeys(w for w in words if w))

    @property
    def status(self) -> str:
        if self.report is not None and (has_text(self.report) or self.report.status != "registered"):
            return report_word(self.report)
        if self.study is not None and self.study.status not in _ENDED and self.shared:
            return PRELIMINARY if all(report_word(r) == PRELIMINARY for r in self.shared) else SHARED
        if self.study is not None:
            return _ENDED.get(self.study.status, NOT_REPORTED)
        if self.request is not None and self.report is None:
            return request_word(self.request)
        return NOT_REPORTED


def has_text(report: Report) -> bool:
    """Whether anything of the report itself is here."""
    return bool(report.body or report.conclusion or report.addenda or report.blob or report.files)


def report_word(report: Report) -> str:
    """The status of a report in words; one that we do not know stands as it was sent."""
    status = report.status.casefold()
    if status in ("registered", "partial", "preliminary"):
        return PRELIMINARY
    if status in _GONE:
        return WITHDRAWN
    if status in ("amended", "corrected", "appended") or report.addenda:
        return ADDENDED if report.addenda or status == "appended" else CORRECTED
    return {"final": FINAL, "cancelled": CANCELLED}.get(status, report.status or "status not sent")


def request_word(request: Request) -> str:
    """How far a request has come, in the department's own word where it sent one."""
    status = request.status.casefold()
    if status in _ENDED:
        return _ENDED[status]
    if status == "completed":
        return NOT_REPORTED
    if status == "on-hold":
        return ON_HOLD
    if request.stage.strip().upper() in ("S", "SC"):  # HL7 tables 0123 and 0038: scheduled
        return BOOKED
    if request.stage.strip().upper() in ("I", "IP"):
        return IN_DEPARTMENT
    said = (word for comment in request.comments for pattern, word in _STAGES if pattern.match(comment.strip()))
    return next(said, REQUESTED)


def kept_whole(text: str) -> str:
    """`text` with spaces that no line may end at inside measurements; what is seen is the same."""
    return _INSIDE.sub("\u00a0", text)


def is_laboratory(report: Report) -> bool:
    """A report that only heads laboratory results: those stand in the grid. One with a text of its own is read here."""
    return bool(report.results) and not has_text(report)


def is_for_microbiology(report: Report) -> bool:
    """A report of the microbiology, which the results have a tab of their own for."""
    department = set(re.split(r"[^A-Z]+", report.category.upper()))
    return bool(department & {"MB", "MCB", "MYC", "VR"}) or (
        bool(_LABORATORY.search(report.category)) and is_micro(report)
    )


def is_examination(request: Request) -> bool:
    """Whether a request is for imaging or another examination that is reported in words, rather than the laboratory."""
    if request.intent in ("proposal", "plan", "option"):
        return False
    if request.category.strip().upper() in _DICOM:
        return True
    category = " ".join((MODALITIES.get(request.category.strip().upper(), ""), request.category))
    if _LABORATORY.search(category):
        return False
    return bool(_IMAGING_WORDS.search(category))


def examinations(chart: Chart, role: str = "clinician") -> tuple[Examination, ...]:
    """Every examination that `role` may open, newest first (what is booked for later stands above)."""
    may = [
        r for n in ("reports", "images", "requests") for r in chart.lists[n].items if showing(r, ONE, role) != HIDDEN
    ]
    reports = [r for r in may if isinstance(r, Report) and not is_laboratory(r) and not is_for_microbiology(r)]
    studies = [s for s in may if isinstance(s, ImagingStudy)]
    requests = [q for q in may if isinstance(q, Request) and q.status != "unknown"]
    made: list[Examination] = []
    used: set[str] = set()
    for report in reports:
        study = next((s for s in studies if _names(report, s)), None) or _one(s for s in studies if _same(report, s))
        made.append(Examination(report, study, _request_of((report, study), requests)))
        used |= {r.id for r in (study, made[-1].request) if r is not None}
    for study in studies:
        if study.id not in used:
            shared = tuple(r for r in reports if _same(r, study) and has_text(r) and r.status not in _GONE)
            made.append(Examination(None, study, _request_of((study,), requests), shared))
            used |= {r.id for r in (made[-1].request,) if r is not None}
    made += [Examination(None, None, q) for q in requests if q.id not in used and is_examination(q)]
    return tuple(sorted(made, key=lambda e: e.utc, reverse=True))


def one_examination(report: Report, study: ImagingStudy) -> bool:
    """Whether a report and a study are of one examination (see the module)."""
    return _names(report, study) or _same(report, study)


def _names(report: Report, study: ImagingStudy) -> bool:
    """A report names its study by the id that its own system gave it, or by the UID, which is one everywhere."""
    named = {r.key for r in report.references if r.role == "imaging"}
    if not named:
        return False
    own = {f"{study.source}/ImagingStudy/{study.source_id}", *(r.key for r in study.references if r.role == "also")}
    is_own = bool(own & {f"{report.source}/{key}" for key in named})
    return is_own or (bool(study.uid) and f"ImagingStudy/{study.uid}" in named)


def _orders(record: Record) -> set[str]:
    return {r.key for r in record.references if r.role == "based_on" and r.key}


def _same(report: Report, study: ImagingStudy) -> bool:
    """One order of one source, or one accession number (which a radiology system and its archive share)."""
    number = report.accession.strip()
    if number and number == study.accession.strip():
        return True
    return study.source == report.source and bool(_orders(report) & _orders(study))


def _one(found: Iterable[ImagingStudy]) -> ImagingStudy | None:
    """The only one; two studies of one order are not told apart by us."""
    every = list(found)
    return every[0] if len(every) == 1 else None


def _request_of(records: Iterable[Record | None], requests: Sequence[Request]) -> Request | None:
    for record in records:
        if record is None:
            continue
        keys, accession = _orders(record), getattr(record, "accession", "").strip()
        for request in requests:
            key = f"ServiceRequest/{request.source_id}"
            # A message numbers the tests of one order `number|test`; its answers may name the number alone.
            if request.source == record.source and (key in keys or key.split("|", 1)[0] in keys):
                return request
            if accession and accession in map(str.strip, request.numbers):
                return request
    return None


def held_words(study: ImagingStudy | None) -> str:
    """`1 of 2 images held`; how many there are is said as not known where the source did not say (H19)."""
    if study is None:
        return "no images named"
    if study.total is None:
        return f"{study.held} image{'' if study.held == 1 else 's'} held, of how many is not known"
    return f"{study.held} of {study.total} images held"


def verified_by(report: Report | None) -> tuple[str, Moment | None]:
    """(who verified it, when) of a report that says that it is verified; ("", None) of any other."""
    if report is None or report_word(report) not in (FINAL, ADDENDED, CORRECTED):
        return "", None
    return report.author, report.said


def parts(report: Report, when: Callable[[Moment | None], str] = wording.date_time) -> tuple[Part, ...]:
    """A report in reading order: watermark, alert, addenda or correction, the text, its conclusion, the original.

    `when` says a moment in words. A withdrawn report has its notice alone.
    """
    word, said = report_word(report), when(report.said)
    if word == WITHDRAWN:
        return (Part(NOTICE, f"WITHDRAWN {said}: its text was entered in error and is not shown."),)
    made: list[Part] = []
    if word == PRELIMINARY:
        made.append(Part(WATERMARK, PRELIMINARY, "Not yet verified: it may change."))
    if word == CANCELLED:
        made.append(Part(NOTICE, f"CANCELLED {said}."))
    if report.alert:
        made.append(Part(ALERT, f"Alert as sent: {report.alert}", "Acknowledge it on paper."))
    who = ", ".join(x for x in (said, report.author or "author not recorded") if x)
    for text in report.addenda:
        has_head = text.lstrip().upper().startswith("ADDENDUM")
        made.append(Part(ADDENDUM, "" if has_head else f"ADDENDUM {who}", text))
    former = _former(report)
    if word == CORRECTED or (word == ADDENDED and not report.addenda):
        told = "the former text stands below" if former is not None else "the former text is not in this copy"
        made.append(Part(CORRECTION, f"{word} {who}: {told}."))
    if report.body:
        made.append(Part(BODY, text=report.body))
    if report.conclusion:
        made.append(Part(CONCLUSION, "Conclusion", report.conclusion))
    if not has_text(report):
        made.append(Part(NOTICE, "No text of this report is in this copy."))
    if former is not None and word in (CORRECTED, ADDENDED):
        words = former_text(former)
        if words and words not in (report.body, report.conclusion, f"{report.body}\n\n{report.conclusion}".strip()):
            made.append(
                Part(ORIGINAL, f"FORMER TEXT, as sent {when(former.said)}, replaced by what stands above", words)
            )
    return tuple(made)


def _former(report: Report) -> Former | None:
    """What the report said before, the latest first; what was itself withdrawn is left out."""
    return next((f for f in reversed(report.replaces) if f.status not in _GONE and former_text(f)), None)


def former_text(former: Former) -> str:
    """The words of an earlier version."""
    return "\n\n".join(dict.fromkeys(x for x in (former.body, former.text) if x))


def earlier(of: Examination, found: Sequence[Examination]) -> tuple[Examination, ...]:
    """What an examination can be put beside: the others that have a report, the likeliest prior first.

    Order: earlier ones before later; of those the same name, then the same modality, then the rest; newest first.
    """
    others = [e for e in found if e is not of and e.report is not None and not e.held.restricted]
    return tuple(sorted(others, key=lambda e: (
        e.utc > of.utc, e.held.text.casefold() != of.held.text.casefold(), e.modality != of.modality, -e.utc)))  # fmt: skip


def beside(of: Examination, other: Examination) -> tuple[str, str]:
    """The heads of two examinations side by side: (of `of`, of `other`), in words with the time between them."""
    if of.moment is None or other.moment is None or of.moment.instant is None or other.moment.instant is None:
        return "CHOSEN", "OTHER, the time between them is not known"
    span = of.moment.instant - other.moment.instant
    first, last = (other.moment, of.moment) if span >= timedelta(0) else (of.moment, other.moment)
    apart = _apart(first, last, abs(span))
    if span >= timedelta(0):
        return "CURRENT", f"PRIOR, {apart} earlier" if span else "OTHER, at the same time"
    return "PRIOR", f"CURRENT, {apart} later"


def _apart(first: Moment, last: Moment, span: timedelta) -> str:
    """`5hr 12min` where both times of day were sent and it is less than two days, then days, then as ages are said."""
    if first.has_time and last.has_time and span < timedelta(days=2):
        return wording.duration(span)
    return f"{max(span.days, 0)}d" if span < timedelta(days=90) else wording.age(first, last) or f"{span.days}d"


def modalities(found: Sequence[Examination]) -> tuple[tuple[str, int], ...]:
    """(modality in words, how many) of a list, most frequent first; what has none counts as "Not sent"."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.modality or "Not sent"] = counts.get(one.modality or "Not sent", 0) + 1
    return tuple(sorted(counts.items(), key=lambda c: (-c[1], c[0])))
