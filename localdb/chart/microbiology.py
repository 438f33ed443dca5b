"""Microbiology: specimens newest first, what grew, and what each organism reacts to, as sent (CLINICAL §3.3). Pure.

Rules: one specimen is one report, or one result that no report names; a susceptibility is read only where one is said
(a component, or a member below an organism), so that "I" means nothing elsewhere; what is preliminary says INTERIM in
every line; an antibiotic without a letter or a figure, withdrawn, masked or cancelled was suppressed by the laboratory
and stays so; everything else stands as its own text. Nothing is inferred from a name of an organism or a drug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from localdb.chart.cells import NOT_AVAILABLE, PRELIM, UNVERIFIED, VALUE, WITHDRAWN, Cell, cells_of, preliminary_mark
from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Alert, Component, Observation, Record, Report, Result

INTERIM = "INTERIM"
KEY_I = "I = susceptible, increased exposure (EUCAST since 2019); by other standards intermediate: ask the laboratory."
# HL7 table 0078 and FHIR's v3-ObservationInterpretation, inside a susceptibility only.
LETTERS = {
    "S": "susceptible", "I": "susceptible, increased exposure", "R": "resistant", "SDD": "susceptible, dose-dependent",
    "S-DD": "susceptible, dose-dependent", "NS": "not susceptible", "MS": "moderately susceptible",
    "VS": "very susceptible", "SYN-R": "synergy, resistant", "SYN-S": "synergy, susceptible",
}  # fmt: skip
_MICRO = re.compile(
    r"microbiolog|cultur|microscop|gram('?s)? (stain|film)|\bgram\b|sensitivit|susceptib|organism|isolate|\bMRSA\b|\bMSSA\b"
    r"|\bCPE\b|\bVRE\b|\bGRE\b|\bESBL\b|c\.? ?diff|clostridi|norovirus|influenza|sars-?cov|covid|\bRSV\b|\bPCR\b|legionella"
    r"|pneumococc|mycobacter|tubercul|\bAFB\b|aspergill|candida|parasit|malaria|virology|bacteri|mycolog|fung(al|us)",
    re.IGNORECASE,
)
_MB = frozenset({"MB", "MCB", "MYC", "VR"})  # v2-0074: microbiology, mycobacteriology, mycology, virology
_ORGANISM = re.compile(
    r"organism|bacteria identified|isolate|microorganism|cultur|fungus identified|growth", re.IGNORECASE
)
_RESISTANCE = re.compile(
    r"\bMRSA\b|\bCPE\b|\bCRE\b|\bVRE\b|\bGRE\b|\bESBL\b|c\.? ?diff|clostridi|resist|\bMDR|tubercul|\bTB\b",
    re.IGNORECASE,
)
_GONE = frozenset({"entered-in-error", "cancelled", "w", "d", "x", "n"})
_PRELIMINARY = frozenset({"preliminary", "partial", "registered", "p", "s", "r", "i"})
_DEEP = 6  # members below members; a circle of references ends here


class Drug(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One antibiotic of one organism: `letter` as sent (S, I, R …; "" none), `figure` with comparator and unit (MIC or
    zone) as sent, `note` what was said beside it."""

    name: str
    letter: str = ""
    figure: str = ""
    note: str = ""


class Isolate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One organism, in the laboratory's words, with its quantity and comments; `mark` INTERIM or UNVERIFIED or ""."""

    name: str
    quantity: str = ""
    drugs: tuple[Drug, ...] = ()
    comments: tuple[str, ...] = ()
    method: str = ""
    mark: str = ""

    @property
    def readings(self) -> dict[tuple[str, int], Drug]:
        """(antibiotic, which of several readings of it from 0) -> the reading."""
        seen: dict[str, int] = {}
        made = {}
        for drug in self.drugs:
            nth = seen[drug.name] = seen.get(drug.name, -1) + 1
            made[drug.name, nth] = drug
        return made


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Anything else that was found (microscopy, PCR, a screen): `text` as sent, or why there is none."""

    name: str
    text: str
    mark: str = ""
    comments: tuple[str, ...] = ()
    is_gone: bool = False


class Specimen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One specimen or request. `status` INTERIM / UNVERIFIED / CORRECTED / WITHDRAWN / NOT AVAILABLE or ""; `conclusion`
    the report's own words where its findings do not say them."""

    title: str
    specimen: str = ""
    site: str = ""
    collected: Moment | None = None
    received: Moment | None = None
    said: Moment | None = None
    status: str = ""
    laboratory: str = ""
    isolates: tuple[Isolate, ...] = ()
    findings: tuple[Finding, ...] = ()
    conclusion: str = ""
    source: str = ""
    records: tuple[str, ...] = ()

    @property
    def when(self) -> Moment | None:
        """Collected, else received, else reported (L1)."""
        return self.collected or self.received or self.said

    @property
    def drugs(self) -> tuple[tuple[str, int], ...]:
        """The rows of the matrix: (antibiotic, which of several readings of it), in the order in which they were sent;
        one that was tested by two methods has two rows, neither hides the other."""
        return tuple(dict.fromkeys(key for i in self.isolates for key in i.readings))

    @property
    def has_i(self) -> bool:
        return any(d.letter == "I" for i in self.isolates for d in i.drugs)


class Microbiology(msgspec.Struct, frozen=True, kw_only=True):
    """Specimens newest first, and the alerts of resistance as recorded."""

    specimens: tuple[Specimen, ...] = ()
    alerts: tuple[Alert, ...] = ()


def is_micro_name(test: str) -> bool:
    """Whether a test as typed is one of microbiology's by its name."""
    return bool(_MICRO.search(test))


def is_micro(record: Record) -> bool:
    """Whether a result or report is microbiology's, by its category, its panel or its own name."""
    words = " ".join((record.text, getattr(record, "panel", ""), " ".join(c.display for c in record.codes)))
    if isinstance(record, Report):
        parts = set(re.split(r"[^A-Z]+", record.category.upper()))
        return bool(parts & _MB) or bool(_MICRO.search(f"{record.category} {words}"))
    return bool(_MICRO.search(words)) or (
        isinstance(record, Observation) and any(_is_drug(c) for c in record.components)
    )


def microbiology(chart: Chart) -> Microbiology:
    """What the copy holds of microbiology. Each result stands in one specimen, and none is lost."""
    every = [r for name in ("results", "observations") for r in chart.lists[name].items if isinstance(r, Observation)]
    by_key = {(r.source, f"Observation/{r.source_id}"): r for r in every}
    used: set[str] = set()
    specimens = []
    for report in chart.lists["reports"].items:
        if not isinstance(report, Report):
            continue
        found = [r for key in report.results if (r := by_key.get((report.source, key))) is not None]
        if not (is_micro(report) or any(is_micro(r) for r in found)) or not (found or is_micro(report)):
            continue
        trees = []
        for record in found:
            if record.id not in used:
                trees.append(_Tree(record, by_key, used))
        if trees or (is_micro(report) and not found):
            specimens.append(_of_report(report, trees))
    heads = [r for r in every if any(ref.role == "member" for ref in r.references)]
    members = {i for r in heads for i in _Tree(r, by_key, set()).ids if i != r.id}
    # What heads others first; what is left after that names itself in a circle.
    for record in sorted(every, key=lambda r: r.id in members):
        if record.id not in used and isinstance(record, Result) and is_micro(record):
            specimens.append(_of_result(record, _Tree(record, by_key, used)))
    alerts = tuple(
        a for a in chart.lists["alerts"].items
        if isinstance(a, Alert) and not a.restricted and a.status.casefold() not in _GONE and _RESISTANCE.search(a.text)
    )  # fmt: skip
    return Microbiology(specimens=tuple(sorted(specimens, key=_newest_first)), alerts=alerts)


def _newest_first(one: Specimen) -> int:
    return -((one.when.utc or 0) if one.when else 0)


class _Tree:
    """A result with the members below it, and the isolates and findings that they make. What is in `used` already stands
    elsewhere; what this tree holds is added to it."""

    def __init__(self, root: Observation, by_key: Mapping[tuple[str, str], Observation], used: set[str]) -> None:
        self.root, self._by_key, self._used = root, by_key, used
        self.ids: set[str] = set()
        self.isolates: list[Isolate] = []
        self.findings: list[Finding] = []
        self._gather(root, _DEEP)

    def _members(self, record: Observation) -> list[Observation]:
        keys = (r.key for r in record.references if r.role == "member")
        found = (self._by_key.get((record.source, key)) for key in keys)
        return [r for r in found if r is not None and r.id not in self._used]

    def _below(self, record: Observation, deep: int) -> Iterator[Observation]:
        """All members below, those that head others left out."""
        for member in self._members(record):
            if member.id in self._used:  # named twice
                continue
            self._take(member)
            below = list(self._below(member, deep - 1)) if deep else []
            yield from below
            if not below or _has_value(member):
                yield member

    def _take(self, record: Observation) -> None:
        self.ids.add(record.id)
        self._used.add(record.id)

    def _gather(self, record: Observation, deep: int) -> None:
        self._take(record)
        leaves = list(self._below(record, deep))
        drugs = [d for leaf in leaves if (d := _drug_of(leaf)) is not None]
        rest = [leaf for leaf in leaves if _drug_of(leaf) is None]
        organisms = [leaf for leaf in rest if _is_organism(leaf)]
        own = tuple(d for part in record.components if (d := _drug(part)) is not None)
        if own or (drugs and not organisms):
            self._isolate(record, (*own, *drugs))
        elif not leaves or _has_value(record):
            self._finding(record)
        for leaf in rest:
            if leaf in organisms and (drugs or leaf.components):
                mine = tuple(d for part in leaf.components if (d := _drug(part)) is not None)
                shared = tuple(drugs) if len(organisms) == 1 else ()
                self._isolate(leaf, (*mine, *shared))
            else:
                self._finding(leaf)
        if len(organisms) > 1 and drugs:  # whose they are was not said: they stand with none of them
            self.isolates.append(Isolate(name="organism not said", drugs=tuple(drugs), mark=_mark(record)))

    def _isolate(self, record: Observation, drugs: tuple[Drug, ...]) -> None:
        state, text = _shown(record)
        if state == WITHDRAWN:
            self._finding(record)
            return
        name = text if state == VALUE and text else record.text or "organism not named"
        others = [f"{c.text}: {_value(c)}" for c in record.components if _drug(c) is None and _value(c)]
        comments = tuple(c for c in record.comments if c.strip().upper() != INTERIM)
        self.isolates.append(
            Isolate(
                name=name, quantity="; ".join(others), drugs=drugs, comments=comments, method=record.method,
                mark=_mark(record),
            )
        )  # fmt: skip

    def _finding(self, record: Observation) -> None:
        state, text = _shown(record)
        parts = [f"{c.text}: {_value(c)}" for c in record.components if _value(c)] if state == VALUE or not text else []
        self.findings.append(
            Finding(
                name=record.text or "name not sent", text="\n".join(x for x in (text, *parts) if x) or "no text was sent",
                mark=_mark(record) if state == VALUE else "",
                comments=tuple(c for c in record.comments if c.strip().upper() != INTERIM) if state == VALUE else (),
                is_gone=state == WITHDRAWN,
            )
        )  # fmt: skip


def _has_value(record: Observation) -> bool:
    return record.value is not None or bool(record.value_codes) or bool(record.absent)


def _value(part: Component | Observation) -> str:
    shown = part.value if part.value is not None else ", ".join(c.display or c.code for c in part.value_codes)
    return _lines(f"{part.comparator or ''}{shown or ''} {part.unit or ''}".strip())


def _lines(text: str) -> str:
    """A sender's line breaks that came as the two characters of an escape are shown as line breaks."""
    return text if "\n" in text else text.replace("\\n", "\n")


def _letter(flag: str | None, value: str) -> str:
    """The letter of a susceptibility as sent: the interpretation, else a value that is such a letter."""
    sent = (flag or "").strip().upper()
    return sent if sent in LETTERS else value.upper() if value.upper() in LETTERS else ""


def _is_drug(part: Component) -> bool:
    return bool(_letter(part.flag, _value(part)))


def _drug(part: Component) -> Drug | None:
    """A component that says how an organism reacts; None for one that says something else or was suppressed."""
    value, letter = _value(part), _letter(part.flag, _value(part))
    if not letter or part.absent == "masked":
        return None
    figure = "" if value.upper() in LETTERS or value.casefold() == LETTERS[letter] else value
    return Drug(name=part.text or "antibiotic not named", letter=letter, figure=figure)


def _drug_of(record: Observation) -> Drug | None:
    """A member that is a susceptibility of its own."""
    value, letter = _value(record), _letter(record.flag, _value(record))
    if not letter or record.components or record.absent == "masked" or record.status.casefold() in _GONE:
        return None
    figure = "" if value.upper() in LETTERS else value
    return Drug(
        name=record.text or "antibiotic not named", letter=letter, figure=figure, note="; ".join(record.comments)
    )


def _is_organism(record: Observation) -> bool:
    words = f"{record.text} {' '.join(f'{c.code} {c.display}' for c in record.codes)}"
    return bool(_ORGANISM.search(words)) and _has_value(record) and record.unit is None


def _shown(record: Observation) -> tuple[str, str]:
    """(state, text) of a record's own value, by the same rules as a result's cell (H08)."""
    cell = _cell(msgspec.structs.replace(record, components=(), references=()))
    if cell is None:
        return NOT_AVAILABLE, ""
    return cell.state, _lines(f"{cell.text} {cell.unit}".strip()) if cell.text else cell.reason


def _cell(record: Observation) -> Cell | None:
    if not isinstance(record, Result):
        record = Result(**{name: getattr(record, name) for name in record.__struct_fields__})
    found = cells_of(record)
    return found[0] if found else None


def _mark(record: Observation) -> str:
    mark = preliminary_mark(record)
    if mark == UNVERIFIED:
        return UNVERIFIED
    said = any(c.strip().upper() == INTERIM for c in record.comments)
    return INTERIM if mark or said or record.status.casefold() in _PRELIMINARY else ""


def _status(record: Record, marks: Iterable[str]) -> str:
    status = record.status.casefold()
    if status in ("entered-in-error", "w", "d"):
        return "WITHDRAWN"
    if status in ("cancelled", "x", "n"):
        return "NOT AVAILABLE"
    held = set(marks)
    if status in _PRELIMINARY or held & {INTERIM, PRELIM}:
        return INTERIM
    if UNVERIFIED in held:
        return UNVERIFIED
    return "CORRECTED" if status in ("corrected", "amended", "appended", "c") else ""


def _of_report(report: Report, trees: list[_Tree]) -> Specimen:
    roots = [t.root for t in trees]
    isolates = tuple(i for t in trees for i in t.isolates)
    findings = tuple(f for t in trees for f in t.findings)
    status = _status(report, [i.mark for i in isolates] + [f.mark for f in findings])
    said = {f.text.casefold().strip() for f in findings} | {i.name.casefold().strip() for i in isolates}
    body = "\n".join(x for x in (*report.addenda, report.body or report.conclusion) if x).strip()
    is_gone = status == "WITHDRAWN"
    names = [r.text for r in roots]
    return Specimen(
        title=report.text or (names[0] if names else "Microbiology"),
        specimen=", ".join(dict.fromkeys(r.specimen for r in roots if r.specimen)),
        site=", ".join(dict.fromkeys(r.body_site for r in roots if r.body_site)),
        collected=next((r.happened for r in roots if r.happened), report.happened),
        received=next((r.received for r in roots if r.received), None),
        said=report.said or next((r.said for r in roots if r.said), None), status=status, laboratory=report.author,
        isolates=() if is_gone else isolates, findings=() if is_gone else findings,
        conclusion="" if is_gone or body.casefold() in said else body,
        source=report.source, records=(report.id, *sorted(i for t in trees for i in t.ids)),
    )  # fmt: skip


def _of_result(record: Result, tree: _Tree) -> Specimen:
    marks = [i.mark for i in tree.isolates] + [f.mark for f in tree.findings]
    return Specimen(
        title=record.panel or record.text or "Microbiology", specimen=record.specimen, site=record.body_site,
        collected=record.happened, received=record.received, said=record.said, status=_status(record, marks),
        laboratory=record.author, isolates=tuple(tree.isolates), findings=tuple(tree.findings), source=record.source,
        records=tuple(sorted(tree.ids)),
    )  # fmt: skip
