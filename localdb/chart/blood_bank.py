"""The blood bank card: what is on record of a patient's group and needs, never for the issue of blood (CLINICAL §3.3).

Rules: groups that contradict each other are shown nowhere: `guarded` takes their values out of the lists from which
screens, sheets, search and commands are made, and puts the word DISCREPANCY in their place (hazard H16); `CAPTION`
stands in every render of the card; validity, counts of samples and units held are the source's own words. Nothing here
is chosen, computed or completed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import replace

from localdb.chart.cells import VALUE, Cell, cells_of
from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Alert, Observation, Problem, Record, Request, Result

CAPTION = "HISTORICAL. Not for issue of blood. Laboratory must test a current sample."
DISCREPANCY = "GROUP DISCREPANCY"
ASK = f"{DISCREPANCY}: the groups on record contradict each other. No group is shown. Ask the blood bank."
ABO, RHD = "abo", "rhd"
# LOINC: ABO and Rh group; ABO group; Rh type; antibody screen (CLINICAL §3.4).
_BOTH, _ABO, _RHD, _SCREEN = "882-1", "883-9", "10331-7", "890-4"
_GROUP_CODES = frozenset({_BOTH, _ABO, _RHD})
_GROUP_NAME = re.compile(r"\s*(blood group|abo\b|rh(esus)?\b|rh ?\(?d\)?|group and rh)", re.IGNORECASE)
_NOT_A_GROUP = re.compile(r"antibod|screen|save|phenotype|sample", re.IGNORECASE)
_ABO_WORD = re.compile(r"(?<![A-Za-z])(AB|A|B|O|0)(?![A-Za-z0-9])")
_NEGATIVE = re.compile(r"\bneg|(?<=[ABO0D) ])-\s*$|^-$", re.IGNORECASE)
_POSITIVE = re.compile(r"\bpos|\+\s*$", re.IGNORECASE)
_ANTIBODY = re.compile(r"antibod|\banti-", re.IGNORECASE)
_SAMPLE = re.compile(r"group (and|&) (save|screen)|\bg ?& ?s\b|cross-?match|compatib", re.IGNORECASE)
_UNITS = re.compile(
    r"\bunits?\b.*\b(held|reserved|available|allocated|issued)|blood (components?|products?) held", re.IGNORECASE
)
_NEED = re.compile(
    r"irradiat|cmv[- ]?neg|hev[- ]?neg|washed|phenotyp|hla[- ]?(matched|selected)|transfusion requirement"
    r"|special transfusion|warmed|blood[- ]product refus|refus\w* (of )?blood", re.IGNORECASE,
)  # fmt: skip
_REACTION = re.compile(r"transfusion reaction|reaction to (a )?(blood )?transfusion|\bTACO\b|\bTRALI\b", re.IGNORECASE)
_EVENT = re.compile(r"last transfus|transfused|date of transfusion|pregnan|gravid|deliver(y|ed)", re.IGNORECASE)
_BANKING = re.compile(r"transfus|blood bank|immunohaemat", re.IGNORECASE)
_GONE = frozenset({"entered-in-error", "cancelled", "w", "d", "x"})


class BankLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact of the card: `label` as the source names it, `text` as sent, `mark` PRELIM …, `when` of the sample or
    event (None: not recorded), `comments` beside it, `by` the laboratory or author, `source`."""

    label: str
    text: str
    mark: str = ""
    when: Moment | None = None
    said: Moment | None = None
    comments: tuple[str, ...] = ()
    by: str = ""
    source: str = ""
    record: str = ""


class BloodBank(msgspec.Struct, frozen=True, kw_only=True):
    """The card. With `is_discrepant` there are no `groups`. Newest first in each list."""

    is_discrepant: bool = False
    groups: tuple[BankLine, ...] = ()
    antibodies: tuple[BankLine, ...] = ()
    requirements: tuple[BankLine, ...] = ()
    reactions: tuple[BankLine, ...] = ()
    events: tuple[BankLine, ...] = ()
    samples: tuple[BankLine, ...] = ()
    units: tuple[BankLine, ...] = ()

    @property
    def is_empty(self) -> bool:
        lists = (self.groups, self.antibodies, self.requirements, self.reactions, self.events, self.samples, self.units)
        return not self.is_discrepant and not any(lists)


def is_group(record: Record) -> bool:
    """Whether a record says an ABO or RhD group, by LOINC's code or by its name."""
    if not isinstance(record, Observation):
        return False
    if any(c.code in _GROUP_CODES for c in record.codes):
        return True
    return bool(_GROUP_NAME.match(record.text)) and not _NOT_A_GROUP.search(record.text)


def _said(record: Observation) -> str:
    return record.value if record.value is not None else ", ".join(c.display or c.code for c in record.value_codes)


def _parts(record: Observation) -> list[tuple[str, str]]:
    """(abo or rhd, what it says in one spelling) of one record; what cannot be read stands as its own letters."""
    said, codes = _said(record), {c.code for c in record.codes}
    if not said:
        return []
    abo = {"O" if m == "0" else m for m in _ABO_WORD.findall(said)}
    rhd = "neg" if _NEGATIVE.search(said) else "pos" if _POSITIVE.search(said) else ""
    if _RHD in codes or re.match(r"\s*rh", record.text, re.IGNORECASE):
        return [(RHD, rhd or said.casefold())]
    found = [(ABO, abo.pop() if len(abo) == 1 else said.casefold())]
    return [*found, (RHD, rhd)] if rhd and _ABO not in codes else found


def contradict(records: Iterable[Record]) -> bool:
    """Whether the groups among these records say more than one ABO group, or more than one RhD type."""
    held: dict[str, set[str]] = {ABO: set(), RHD: set()}
    for record in records:
        if isinstance(record, Observation) and is_group(record) and record.status.casefold() not in _GONE:
            for part, value in _parts(record):
                held[part].add(value)
    return any(len(values) > 1 for values in held.values())


def guarded(records: Sequence[Record], *, all_of: Iterable[Record] | None = None) -> tuple[Record, ...]:
    """The same records; where the groups (of `all_of`, else of these) contradict each other, each of them without its
    value, its former values and its comments, and with ASK as the reason why there is none."""
    if not any(is_group(r) for r in records) or not contradict(records if all_of is None else all_of):
        return tuple(records)
    return tuple(_without_value(r) if isinstance(r, Observation) and is_group(r) else r for r in records)


def _without_value(record: Observation) -> Observation:
    return replace(
        record, value=None, comparator=None, value_codes=(), flag=None, absent=ASK, replaces=(), comments=(),
        components=(),
    )  # fmt: skip


def blood_bank(chart: Chart) -> BloodBank:
    """The card of a chart, from its lists as they are shown (`guarded` was there before)."""
    results = [r for name in ("results", "observations") for r in chart.lists[name].items if isinstance(r, Observation)]
    live = [r for r in results if r.status.casefold() not in _GONE]
    groups = [r for r in live if is_group(r)]
    is_discrepant = any(r.absent == ASK for r in groups)
    alerts = [a for a in chart.lists["alerts"].items if isinstance(a, Alert) and a.status.casefold() in ("active", "")]
    problems = [p for p in chart.lists["problems"].items if isinstance(p, Problem) and p.status.casefold() not in _GONE]
    requests = [r for r in chart.lists["requests"].items if isinstance(r, Request)]
    rest = [r for r in live if not is_group(r)]
    return BloodBank(
        is_discrepant=is_discrepant,
        groups=() if is_discrepant else _lines(groups),
        antibodies=_lines([r for r in rest if _codes(r) & {_SCREEN} or _ANTIBODY.search(r.text)], _is_banking),
        requirements=(*_facts(a for a in alerts if _NEED.search(f"{a.category} {a.text}")),
                      *_lines([r for r in rest if _NEED.search(r.text)])),
        reactions=_facts(r for r in (*alerts, *problems) if _REACTION.search(r.text)),
        events=_lines([r for r in rest if _EVENT.search(r.text)]),
        samples=(*_lines([r for r in rest if _SAMPLE.search(r.text)]),
                 *_facts(r for r in requests if _SAMPLE.search(r.text))),
        units=_lines([r for r in rest if _UNITS.search(f"{r.text} {_said(r)}")]),
    )  # fmt: skip


def _codes(record: Record) -> set[str]:
    return {c.code for c in record.codes}


def _is_banking(record: Observation) -> bool:
    """An antibody of the blood bank, not of virology or immunology: by code, or by who sent it."""
    words = f"{record.author} {record.method} {getattr(record, 'panel', '')} {record.source} {record.text}"
    return _SCREEN in _codes(record) or bool(_BANKING.search(words)) or bool(re.search(r"\banti-[A-Z]", record.text))


def _lines(
    records: Iterable[Observation], wanted: Callable[[Observation], bool] = lambda _: True
) -> tuple[BankLine, ...]:
    return tuple(
        BankLine(
            label=cell.name, text=_text(cell), mark=cell.mark, when=cell.when, said=cell.said, comments=cell.comments,
            by=cell.laboratory or cell.author, source=cell.source, record=cell.record,
        )
        for record in sorted((r for r in records if wanted(r)), key=_when, reverse=True)
        for cell in (cells_of(record) if isinstance(record, Result) else cells_of(_as_result(record)))
    )  # fmt: skip


def _text(cell: Cell) -> str:
    shown = f"{cell.text} {cell.unit}".strip() if cell.state == VALUE else cell.reason
    return shown or "not available"


def _as_result(record: Observation) -> Result:
    """A group may come as an observation of no category: it reads the same."""
    return Result(**{name: getattr(record, name) for name in record.__struct_fields__})


def _facts(records: Iterable[Record]) -> tuple[BankLine, ...]:
    return tuple(
        BankLine(label=r.text or "name not sent", text=r.status, when=r.happened, said=r.said, comments=r.comments,
                 by=r.author, source=r.source, record=r.id)
        for r in sorted(records, key=_when, reverse=True)
    )  # fmt: skip


def _when(record: Record) -> int:
    moment = record.happened or record.said
    return (moment.utc or 0) if moment else 0
