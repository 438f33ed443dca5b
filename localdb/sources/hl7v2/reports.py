"""The report that an OBR is, its text and its files (CLINICAL §4.1)."""

from __future__ import annotations

import re

from localdb.records.vocabulary import Attachment, Document, Reference, Report
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import comments_of
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.embedded import embedded_of
from localdb.sources.hl7v2.grouping import Order, Seen, code_of
from localdb.sources.hl7v2.message import Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.sections import IMAGING, LABORATORY, MODALITIES
from localdb.sources.hl7v2.statuses import WITHDRAWN, report_status, result_status
from localdb.sources.hl7v2.values import FILES, TEXTS, kind_of, read_value

_GONE = frozenset({WITHDRAWN, "cancelled"})
_CONCLUSION = re.compile(r"\b(?:impression|conclusion|diagnosis|summary)\b", re.IGNORECASE)
_ADDENDUM = re.compile(r"\baddend", re.IGNORECASE)
_SIDES = re.compile(r"\b(?:left|right|bilateral|both|lt|rt|l|r)\b", re.IGNORECASE)
_LONG = 80  # characters: longer is read as a text, not in a grid
_CODES = {LABORATORY: "LAB", IMAGING: "RAD"}


def is_narrative(order: Order) -> bool:
    """Whether the order's results are one text: only TX and FT, in several lines or longer than a grid can show."""
    texts = [s.obx for s in order.seen if kind_of(s.obx) not in FILES and (s.obx.repetitions(5) or s.notes)]
    if not texts or any(kind_of(o) not in TEXTS | {""} for o in texts) or all(kind_of(o) == "" for o in texts):
        return False
    values = [read_value(o).text or "" for o in texts]
    codes = [code_of(o, 3) for o in texts]
    return len(set(codes)) < len(codes) or any("\n" in v or len(v) > _LONG for v in values)


def report_of(
    order: Order,
    base: str,
    section: str,
    words: tuple[str, ...],
    notes: list[Segment],
    visit: str,
    at: MessageContext,
    files: list[Document],
) -> tuple[Report, int]:
    """(the report, its tie). `words` = statuses of its results; `notes` = comments on the patient of the message."""
    obr = order.obr
    assert obr is not None
    codes, text = coded(obr, 4)
    status = report_status(obr.text(25), words)
    narrative = section == IMAGING or is_narrative(order)
    body, conclusion, addenda, remarks = _texts(order.seen) if narrative else ("", "", (), ())
    is_gone = status.word == WITHDRAWN or bool(words) and set(words) == {WITHDRAWN}
    if is_gone:
        body, conclusion, addenda = "", "", ()
    reason = coded(obr, 31)[1]
    held = [f for f in files if f.blob] if not is_gone else []
    words_of_file = files[0].body if len(files) == 1 and not order.seen[1:] and not is_gone else ""
    references = [Reference("encounter", f"Encounter/{visit}")] if visit else []
    if order.placer or order.filler:
        references.append(Reference("based_on", f"ServiceRequest/{order.placer or order.filler}"))
    comments = comments_of(order.notes) + comments_of(notes) + remarks
    if status.remark:
        comments += (status.remark,)
    if obr.text(13):
        comments += (f"Clinical information: {obr.whole(13)}",)
    if reason:
        comments += (f"Reason: {reason}",)
    record = Report(
        **at.common("DiagnosticReport", base),
        happened=at.moment(obr.text(7)) or (at.moment(order.specimen.text(17)) if order.specimen else None),
        said=at.moment(obr.text(22)) or at.said,
        # A text that was withdrawn is no report any more; a panel stands as OBR-25 says, its results say it themselves.
        status=WITHDRAWN if is_gone and (narrative or not obr.text(25)) else status.word,
        codes=codes,
        text=text or code_of(obr, 4),
        comments=tuple(dict.fromkeys(comments)),
        author=_interpreter(obr),
        references=tuple(references),
        category=obr.text(24) or _CODES.get(section, ""),
        conclusion=conclusion,
        body=body or words_of_file,
        addenda=addenda,
        blob=held[0].blob if held else "",
        media_type=held[0].media_type if held else "",
        files=tuple(Attachment(f.blob, f.media_type, f.title, f.size) for f in held[1:]),
        # IHE RAD TF-2 4.28: the accession number stands in OBR-18; some departments' filler number is it.
        accession=obr.text(18) if section == IMAGING else "",
        modality=obr.text(24).upper() if obr.text(24).upper() in MODALITIES else "",
        laterality=_side(obr),
        alert=_alert(order.seen) if narrative else "",
    )
    return record, 4 if is_gone else status.tie


def _side(obr: Segment) -> str:
    """The side as sent: the site modifier of OBR-15 (SPS-5), else a modifier of the procedure (OBR-45) that is one."""
    for field, component in ((15, 5), (45, 2), (45, 1)):
        text = obr.text(field, component, 2) or obr.text(field, component)
        if text and (component == 5 or _SIDES.search(text)):
            return text
    return ""


def _alert(rows: list[Seen]) -> str:
    """What the department marked its text with (OBX-8), as sent; normal and empty marks are none."""
    marks = [s.obx.text(8) for s in rows if kind_of(s.obx) in TEXTS and result_status(s.obx.text(11)).word not in _GONE]
    return ", ".join(dict.fromkeys(m for m in marks if m and m.upper() != "N"))


def _interpreter(obr: Segment) -> str:
    """OBR-32 (NDL: the name stands in subcomponents of its first component; some send a person's name outright)."""
    if obr.text(32, 1, 2) or obr.text(32, 1, 3):
        parts = (obr.text(32, 1, 6), obr.text(32, 1, 3), obr.text(32, 1, 4), obr.text(32, 1, 2), obr.text(32, 1, 5))
        return " ".join(p for p in parts if p)
    return person_line(obr, 32)


def _texts(rows: list[Seen]) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """(body, conclusion, addenda, comments) of text results: each under its own name where there are several.

    OBX-3 suffixes of chapter 7.2.4: IMP impression, ADT addendum. A section that was withdrawn leaves a remark.
    """
    parts: list[tuple[str, str, list[str]]] = []  # (place, name, lines)
    remarks: list[str] = []
    for seen in rows:
        obx = seen.obx
        if kind_of(obx) in FILES:
            continue
        name, value = coded(obx, 3)[1], read_value(obx)
        status = result_status(obx.text(11))
        if status.word in _GONE:
            said = "; ".join(comments_of(seen.notes)) or status.absent or "no reason sent"
            word = "withdrawn" if status.word == WITHDRAWN else "not available"
            remarks.append(f"{name}: {word}: {said}")
            continue
        place = _place(obx, name)
        text = f"{value.comparator or ''}{value.text or ''}"
        if obx.text(6) and text:
            text = f"{text} {obx.text(6)}"
        lines = [text] + [f"Comment: {c}" for c in comments_of(seen.notes)]
        if parts and parts[-1][:2] == (place, name):
            parts[-1][2].extend(lines)
        else:
            parts.append((place, name, lines))
        if status.remark:
            remarks.append(f"{name}: {status.remark}")
    bodies = [p for p in parts if p[0] == "body"]
    body = "\n\n".join(_block(name if len(bodies) > 1 else "", lines) for _, name, lines in bodies)
    conclusion = "\n\n".join("\n".join(lines).strip("\n") for place, _, lines in parts if place == "conclusion")
    addenda = tuple("\n".join(lines).strip("\n") for place, _, lines in parts if place == "addendum")
    return body, conclusion, addenda, tuple(remarks)


def _block(name: str, lines: list[str]) -> str:
    text = "\n".join(lines).strip("\n")
    return f"{name}\n{text}" if name else text


def _place(obx: Segment, name: str) -> str:
    suffix = obx.text(3, 1, 2).upper()
    if suffix == "ADT" or _ADDENDUM.search(f"{name} {obx.text(4)}"):
        return "addendum"
    return "conclusion" if suffix == "IMP" or _CONCLUSION.search(name) else "body"


def take_files(order: Order, base: str, visit: str, at: MessageContext, told: Told) -> list[Document]:
    """A document of each ED or RP value under an order, their bytes into `told.blobs`. Returns those that stand."""
    standing: list[Document] = []
    count = 0
    obr = order.obr
    ordered = coded(obr, 4)[1] if obr is not None else ""
    for seen in order.seen:
        obx = seen.obx
        if kind_of(obx) not in FILES:
            continue
        status = result_status(obx.text(11))
        codes, title = coded(obx, 3)
        gone = status.word in _GONE
        for repetition in obx.repetitions(5) or [""]:
            found = embedded_of(obx, repetition) if repetition else None
            if found is None and not gone and not seen.notes:
                continue
            count += 1
            blob = found.blob if found is not None and not gone else None
            remark = (found.remark,) if found is not None and found.remark else ()
            document = Document(
                **at.common("DocumentReference", f"{base}|{code_of(obx, 3)}|{obx.text(4)}|{count}"),
                happened=at.moment(obx.text(14)) or (at.moment(obr.text(7)) if obr else None),
                said=(at.moment(obr.text(22)) if obr else None) or at.said,
                status=status.word,
                codes=codes,
                text=title or ordered or "Document",
                comments=remark + comments_of(seen.notes) + ((status.remark,) if status.remark else ()),
                author=person_line(obx, 16),
                references=(Reference("encounter", f"Encounter/{visit}"),) if visit else (),
                media_type=found.media_type if found is not None else "",
                title=title or ordered or "Document",
                body=found.body if found is not None and not gone else "",
                size=len(blob.data) if blob else None,
                blob=blob.sha256 if blob else "",
            )
            told.facts.append(at.fact(document, tie=status.tie))
            if blob is not None and all(b.sha256 != blob.sha256 for b in told.blobs):
                told.blobs.append(blob)
            if found is not None and not gone:
                standing.append(document)
    return standing
