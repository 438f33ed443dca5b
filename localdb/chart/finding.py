"""Everything that is written of one patient, and where words stand in it: letters, reports, notes, results, lists. Pure.

Rules: what a screen would not show is not found either: nothing of a withdrawn text, no value that was taken back
(hazard H08); a restricted record is found under its code alone, without a line of it (CLINICAL §1.5). A word of the
question stands at the beginning of a word of the text, case and accents apart; "in quotes" stands as it is; all of them
must be there. No index is kept anywhere: a chart is small enough to be read through (ARCHITECTURE).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from localdb.chart import documents, reports
from localdb.chart.blood_bank import CAPTION, is_group
from localdb.chart.documents import CODE, HIDDEN, ONE, RESTRICTED, showing
from localdb.chart.views import Chart, Entry
from localdb.records.moments import Moment
from localdb.records.vocabulary import (
    Administration,
    Allergy,
    Document,
    ImagingStudy,
    Medicine,
    Observation,
    Problem,
    Record,
    Report,
    Request,
    Result,
)

# Which section of the patient's page, and which tab of it, shows a list.
PLACES: dict[str, tuple[int, str]] = {
    "allergies": (1, ""), "alerts": (1, ""), "problems": (1, ""), "medicines": (3, "all"),
    "administrations": (3, "given"), "results": (2, "tests"), "observations": (4, "table"), "reports": (5, "reports"),
    "images": (5, "reports"), "requests": (2, "flight"), "appointments": (7, ""), "documents": (6, "letters"),
    "stays": (7, ""),
}  # fmt: skip
KINDS = {
    "allergies": "Allergy", "alerts": "Alert", "problems": "Problem", "medicines": "Medicine",
    "administrations": "Dose", "results": "Result", "observations": "Observation", "reports": "Report",
    "images": "Imaging", "requests": "Request", "appointments": "Appointment", "documents": "Letter", "stays": "Stay",
}  # fmt: skip
WRITTEN = "Written here"
LONGEST = 118  # characters of a context line
_QUOTED = re.compile(r'"([^"]+)"|(\S+)')


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """One record in words. `section` and `tab` show it; `lines` as they are written, `folded` the same for comparing.

    `covered`: restricted; only its code may be said.
    """

    record: str
    kind: str
    title: str
    when: Moment | None = None
    source: str = ""
    section: int = 7
    tab: str = ""
    lines: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    covered: bool = False


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A record in which all words stand. `context` the line where they first stand, shortened at words, with the first
    match at `start`:`end` (0:0 where the context is the title); `places` how many lines have one of the words."""

    text: Text
    context: str = ""
    start: int = 0
    end: int = 0
    places: int = 0


class _Folded(dict[int, str]):
    """One character for comparing, reckoned when it is first met."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        bare = unicodedata.normalize("NFKD", c)[:1] or c
        small = bare.casefold()
        made = " " if bare.isspace() else "-" if bare in "‐‑‒–—−" else small if len(small) == 1 else bare
        self[code] = made
        return made


_FOLDED = _Folded()


def fold(text: str) -> str:
    """`text` for comparing, one character for each: case, accents and the kinds of space and dash do not count."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def wanted(question: str) -> tuple[str, ...]:
    """The words and quoted phrases of a question, folded."""
    found = (fold(a or b).strip() for a, b in _QUOTED.findall(_line(question)))
    return tuple(w for w in found if w.strip('" '))


def texts(chart: Chart, role: str, files: Mapping[str, str] | None = None, place: str = ONE) -> tuple[Text, ...]:
    """Everything written of the patient that `role` may see, newest first. `files`: SHA-256 → the words of that file;
    `place` MANY leaves restricted records out altogether: the answer is about several people."""
    held = files or {}
    made = [_of_entry(e) for e in chart.entries]
    standing = {i.document.id: i for i in documents.items(chart, role)}
    for name, listing in chart.lists.items():
        for record in listing.items:
            may = showing(record, place, role)
            if may != HIDDEN:
                made.append(_of_record(name, record, may == CODE, standing, held))
    return tuple(
        sorted(made, key=lambda t: t.when.utc if t.when and t.when.utc is not None else -(2**62), reverse=True)
    )


def file_digests(chart: Chart, role: str) -> tuple[str, ...]:
    """SHA-256 of every PDF whose words may be searched, newest first: what `texts` wants in `files`."""
    found = [i.document for i in documents.items(chart, role) if i.state != documents.WITHDRAWN]
    every: list[Document | Report] = [*found]
    every += [r for r in chart.lists["reports"].items if isinstance(r, Report)
              and showing(r, ONE, role) != HIDDEN and reports.report_word(r) != reports.WITHDRAWN]  # fmt: skip
    return tuple(dict.fromkeys(
        f.blob for r in every for f in documents.attachments(r) if f.media_type == "application/pdf"))  # fmt: skip


def wordless(chart: Chart, role: str, files: Mapping[str, str]) -> int:
    """How many files have no words that could be searched: pictures, scans, files that could not be read."""
    found: list[Document | Report] = [i.document for i in documents.items(chart, role)]
    found += [r for r in chart.lists["reports"].items if isinstance(r, Report) and showing(r, ONE, role) != HIDDEN]
    held = {f.blob: bool(r.body) for r in found for f in documents.attachments(r)}
    return sum(not has_body and not files.get(digest, "").strip() for digest, has_body in held.items())


def _line(text: str) -> str:
    """One line as it is compared and shown: composed characters, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(
    record: Record, name: str, title: str, said: Iterable[str], covered: bool, place: tuple[int, str] | None = None
) -> Text:
    lines = tuple(line for part in said if part for raw in part.split("\n") if (line := _line(raw)))
    section, tab = place or PLACES[name]
    if covered:
        title = RESTRICTED
    return Text(
        record=record.id, kind=KINDS[name], title=title, when=record.happened or record.said, source=record.source,
        section=section, tab=tab, lines=lines, folded=tuple(map(fold, (*lines, title))), covered=covered,
    )  # fmt: skip


def _of_record(
    name: str, record: Record, covered: bool, standing: Mapping[str, documents.Item], files: Mapping[str, str]
) -> Text:
    title = record.text or KINDS[name]
    if isinstance(record, Document):
        item = standing.get(record.id)
        return _text(record, name, _letter_title(record, item), _letter(record, item, files), covered)
    if isinstance(record, Report):
        place = PLACES[name]
        if reports.is_for_microbiology(record):
            place = (2, "microbiology")
        elif reports.is_laboratory(record):
            place = (2, "tests")
        return _text(record, name, title, _report(record, files), covered, place)
    gone = record.status == "entered-in-error" or getattr(record, "verification", "") == "entered-in-error"
    if gone:
        return _text(record, name, f"{title}: entered in error", (), covered)
    said: list[str] = [*record.comments, record.author]
    if isinstance(record, Observation):
        said = [_value(record), *said, record.specimen, record.body_site, record.method]
    elif isinstance(record, Medicine | Administration):
        said = [record.dose, record.route, record.reason, *said]
        said += [record.frequency, record.instructions] if isinstance(record, Medicine) else []
    elif isinstance(record, Allergy):
        said = ["; ".join(record.reactions), record.severity, *said]
    elif isinstance(record, Problem):
        said = [record.clinical, record.verification, *said]
    elif isinstance(record, Request):
        said = [record.reason, ", ".join(record.numbers), *said]
    elif isinstance(record, ImagingStudy):
        said = [record.accession, record.modality, *(s.text for s in record.series), *said]
    else:
        extra = ("reason", "ward", "consultant", "place", "category")
        said = [*(str(getattr(record, k, "") or "") for k in extra), *said]
    return _text(record, name, title, said, covered)


def _value(record: Observation) -> str:
    """A value as it is written beside its name; one that was taken back is not in the record at all (H08)."""
    kind = "" if not isinstance(record, Result) else record.panel
    parts = [f"{c.text} {c.comparator or ''}{c.value or ''} {c.unit or ''} {c.flag or ''}" for c in record.components]
    own = f"{record.comparator or ''}{record.value or ''} {record.unit or ''} {record.flag or ''}"
    said = " ".join("; ".join(x for x in (own.strip(), *parts) if x.strip()).split())
    caption = CAPTION if is_group(record) else ""
    return "\n".join(x for x in (f"{record.text} {said}".strip(), kind, record.absent, caption) if x)


def _letter_title(document: Document, item: documents.Item | None) -> str:
    title = documents.title_of(document)
    return title if item is None or item.state == documents.CURRENT else f"{title}, {item.state.upper()}"


def _letter(document: Document, item: documents.Item | None, files: Mapping[str, str]) -> list[str]:
    said = [document.text, document.author, document.specialty, document.category]
    if item is not None and item.state == documents.WITHDRAWN:
        return said
    inside = [files.get(f.blob, "") for f in documents.attachments(document)]
    return [document.body, *inside, *said, *document.comments]


def _report(report: Report, files: Mapping[str, str]) -> list[str]:
    """The parts that are shown, without our own heads: a withdrawn report has none."""
    if reports.report_word(report) == reports.WITHDRAWN:
        return [reports.WITHDRAWN]
    inside = [files.get(f.blob, "") for f in documents.attachments(report)]
    shown = [p.text for p in reports.parts(report) if p.kind not in (reports.WATERMARK, reports.ALERT, reports.NOTICE)]
    return [*shown, *inside, report.alert, report.author, report.accession, *report.comments]


def _of_entry(entry: Entry) -> Text:
    """What the ward wrote; an entry that was corrected says so."""
    lines = tuple(_line(x) for x in _strings(entry.body) if x.strip())
    title = entry.kind.replace("_", " ").capitalize() + (", corrected by a later entry" if entry.corrected_by else "")
    signed = (*lines, f"{entry.staff}, {entry.number}")
    return Text(
        record=entry.id, kind=WRITTEN, title=title, when=entry.happened or entry.written, source=entry.staff, section=7,
        lines=signed, folded=tuple(map(fold, (*signed, title))),
    )  # fmt: skip


def _strings(value: object) -> list[str]:
    """Every text inside a body, line by line, in its order."""
    if isinstance(value, str):
        return value.split("\n")
    if isinstance(value, Mapping):
        return [x for v in value.values() for x in _strings(v)]
    if isinstance(value, Sequence):
        return [x for v in value for x in _strings(v)]
    return []


def hits(found: Sequence[Text], question: str, most: int = 200) -> tuple[tuple[Hit, ...], int]:
    """(the first `most` records in which every word stands, how many there are), in the order of `found`."""
    words = wanted(question)
    if not words:
        return (), 0
    patterns = [re.compile(rf"(?<!\w){re.escape(w)}") for w in words]
    made: list[Hit] = []
    count = 0
    for text in found:
        if not all(
            any(w in line and p.search(line) for line in text.folded) for w, p in zip(words, patterns, strict=True)
        ):
            continue
        count += 1
        if len(made) < most:
            made.append(_hit(text, words, patterns))
    return tuple(made), count


def _hit(text: Text, words: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> Hit:
    if text.covered:
        return Hit(text=text)
    counts = [sum(w in line and p.search(line) is not None for w, p in zip(words, patterns, strict=True))
              for line in text.folded[: len(text.lines)]]  # fmt: skip
    if not any(counts):
        return Hit(text=text, context=text.lines[0][:LONGEST] if text.lines else "", places=1)
    best = counts.index(max(counts))
    found = min((m for p in patterns if (m := p.search(text.folded[best]))), key=lambda m: m.start())
    context, start = _around(text.lines[best], found.start(), found.end())
    return Hit(
        text=text, context=context, start=start, end=start + found.end() - found.start(), places=sum(map(bool, counts))
    )


def _around(line: str, start: int, end: int) -> tuple[str, int]:
    """(about LONGEST characters of a line round a match, where the match begins in them), cut between words only."""
    if len(line) <= LONGEST:
        return line, start
    low = max(0, start - (LONGEST - (end - start)) // 3)
    if low:
        low = line.find(" ", low, start) + 1 or start
    high = min(len(line), max(low + LONGEST, end))
    if high < len(line):
        high = max(line.rfind(" ", end, high), end)
    before, after = "… " if low else "", " …" if high < len(line) else ""
    return f"{before}{line[low:high]}{after}", start - low + len(before)


def kept_back_words(chart: Chart, role: str) -> str:
    """What is said of records that are not searched, because `role` may not see them; "" where there are none."""
    return documents.kept_back((r for listing in chart.lists.values() for r in listing.items), ONE, role)
