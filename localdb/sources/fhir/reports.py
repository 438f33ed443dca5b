"""DiagnosticReport and ImagingStudy (CLINICAL §4.1)."""

from __future__ import annotations

from localdb.records.vocabulary import Attachment, ImagingStudy, Record, Report, Series
from localdb.sources.fhir.attachments import Attached
from localdb.sources.fhir.markup import narrative
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    Json,
    codings,
    concept_text,
    first_code,
    first_codes,
    happened,
    joined,
    named,
    notes,
    obj,
    objects,
    string,
    texts,
    when,
)

_REPORT_ROLES = (
    ("encounter", "encounter"),
    ("performer", "performer"),
    ("specimen", "specimen"),
    ("imagingStudy", "imaging"),
    ("basedOn", "based_on"),
)


def report(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("code"))
    start, end = happened(r, "effective", s.zone)
    references = []
    for key, role in _REPORT_ROLES:
        if key in r:
            references += s.refer(role, r[key])
    results = _results(s, objects(r["result"]), base["source_id"]) if "result" in r else ()
    conclusion = string(r.get("conclusion")) or texts(r.get("conclusionCode"))
    body = ""
    remarks: tuple[str, ...] = ()
    blob, media_type = "", ""
    files: tuple[Attachment, ...] = ()
    if "presentedForm" in r:
        attached = Attached(s, r["presentedForm"])
        body, remarks, files = attached.body, tuple(attached.remarks), attached.files
        blob, media_type = attached.blob, attached.media_type if attached.blob else ""
    if not body and not conclusion and not results:
        body = narrative(r)
    return Report(
        happened=start,
        ended=end,
        said=when(r.get("issued"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text,
        comments=remarks + notes(r),
        author=s.displays(r.get("resultsInterpreter")) or s.displays(r.get("performer")),
        references=tuple(references),
        category=first_codes(r.get("category")),
        conclusion=conclusion,
        body=body,
        addenda=_addenda(r) if "extension" in r else (),
        results=results,
        blob=blob,
        media_type=media_type,
        files=files,
        accession=_accession(objects(r["identifier"])) if "identifier" in r else "",
        modality=_modality(r),
        laterality=_extension(r, "laterality"),
        alert=_extension(r, "alert"),
        **base,
    )


# HL7 table 0074 and DICOM: how an imaging report was made, where a category says it.
_MODALITIES = frozenset("CT CTH CR DX MG MR MRI NM NMR NMS PET PT RF RUS US OUS VUS CUS XA XR VR".split())


def _modality(r: Json) -> str:
    """The category's code where it is one of a modality; "" where only the department was sent."""
    found = (c.code for concept in objects(r.get("category")) for c in codings(concept))
    return next((code for code in found if code in _MODALITIES), "")


def _extension(r: Json, word: str) -> str:
    """The text of an extension whose address ends in a name with `word`: R4's DiagnosticReport has no side and no
    alert, so that senders add them."""
    for ext in objects(r.get("extension")) if "extension" in r else ():
        if word in string(ext.get("url")).rstrip("/").rsplit("/", 1)[-1].lower():
            value = string(ext.get("valueString")) or string(ext.get("valueCode"))
            value = (
                value
                or concept_text(ext.get("valueCodeableConcept"))
                or string(obj(ext.get("valueCoding")).get("code"))
            )
            if value:
                return value
    return ""


def _results(s: Scope, references: list[Json], report_id: str) -> tuple[str, ...]:
    """Keys of the results; one that stands inside the report is called `Observation/<report>#<id>`."""
    out = []
    for reference in references:
        key = s.key(reference)
        if not key and s.find(reference).get("resourceType") == "Observation":
            key = f"Observation/{report_id}{string(reference.get('reference'))}"
        if key:
            out.append(key)
    return tuple(out)


def _addenda(r: Json) -> tuple[str, ...]:
    """Texts of extensions that call themselves an addendum; R4 itself has none."""
    return tuple(
        text
        for ext in objects(r.get("extension"))
        if "addend" in string(ext.get("url")).lower()
        and (text := string(ext.get("valueString")) or string(ext.get("valueMarkdown")))
    )


def imaging(s: Scope, r: Json, base: Json) -> Record:
    series = tuple(map(_series, objects(r.get("series"))))
    numbers = objects(r.get("identifier"))
    modality = first_codes(r.get("modality")) or joined((x.modality for x in series), ", ")
    counts = [x.total for x in series if x.total is not None]
    total = _count(r.get("numberOfInstances"))
    codes, text = named(obj((objects(r.get("procedureCode")) or [{}])[0]))
    body_sites = joined((x.body_site for x in series), ", ")
    return ImagingStudy(
        happened=when(r.get("started"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=string(r.get("description")) or text or " ".join(x for x in (modality, body_sites) if x),
        comments=notes(r) + tuple(t for t in (texts(r.get("reasonCode")),) if t),
        author=s.displays(r.get("interpreter")) or s.display(r.get("referrer")),
        references=tuple(
            s.refer("encounter", r.get("encounter"))
            + s.refer("based_on", r.get("basedOn"))
            + s.refer("location", r.get("location"))
        ),
        uid=_uid(numbers),
        modality=modality,
        accession=_accession(numbers),
        series=series,
        # A sum says how many there are only where every series was counted.
        total=total if total is not None else sum(counts) if counts and len(counts) == len(series) else None,
        **base,
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**31 else None


def _series(x: Json) -> Series:
    total = _count(x.get("numberOfInstances"))
    instances = objects(x.get("instance"))
    return Series(
        uid=string(x.get("uid")),
        modality=first_code(x.get("modality")),
        text=string(x.get("description")),
        body_site=concept_text(x.get("bodySite")),
        laterality=concept_text(x.get("laterality")),
        total=total if total is not None else len(instances) or None,
    )


def _uid(numbers: list[Json]) -> str:
    """The study instance UID (R4 ImagingStudy.identifier: system urn:dicom:uid)."""
    for n in numbers:
        value = string(n.get("value"))
        if string(n.get("system")) == "urn:dicom:uid" or value.startswith("urn:oid:"):
            return value.removeprefix("urn:oid:")
    return ""


def _accession(numbers: list[Json]) -> str:
    return next((string(n.get("value")) for n in numbers if first_code(n.get("type")) == "ACSN"), "")
