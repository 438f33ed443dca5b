"""What stands above and below the medicines of high risk (CLINICAL §5.1, §5.3): listed as sent, never added up. Pure.

A block lists facts that the copy holds elsewhere (levels, glucose, INR, doses of a day), each with its own time, so that
"last dose and level" is one glance. What is not here is said; nothing is worked out, and a block is not a protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from localdb.chart import wording
from localdb.chart.cells import VALUE, WITHDRAWN, Cell
from localdb.chart.drug_lists import DrugLists, SameDrug, named_in, same_drug
from localdb.chart.grid import Latest, latest
from localdb.chart.medicines import CHECK, NO_RECORD, Dose, Row, doses_of
from localdb.chart.struck import Telling
from localdb.chart.views import KNOWN, Chart
from localdb.records.moments import Moment, from_instant
from localdb.records.vocabulary import Observation, Problem

DAY = timedelta(hours=24)
INR, APTT, ANTI_XA = ("6301-6",), ("14979-9",), ("32684-3",)
CREATININE, EGFR, POTASSIUM = ("14682-9", "2160-0"), ("62238-1", "98979-8", "33914-3"), ("2823-3", "6298-4")
WEIGHT, HEIGHT, BSA = ("29463-7", "3141-9"), ("8302-2", "3137-7"), ("3140-1", "8277-6")
# Anticoagulants whose dose follows a test.
BY_INR = ("warfarin", "acenocoumarol", "phenindione", "phenprocoumon", "coumadin")
HEPARINS = ("heparin", "enoxaparin", "dalteparin", "tinzaparin", "bemiparin", "clexane", "fragmin", "innohep")
DOSES_OF_A_DAY = "Doses in the 24hr before"
WEEKLY_ON, WEEKLY_UNKNOWN, WEEKLY_STOP = "on", "unknown", "stop"
GLUCOSE = frozenset({"14743-9", "14749-6", "15074-8", "2339-0", "2345-7", "41653-7"})
# Words that make a weekly order a daily one: methotrexate by mouth has no daily order (CLINICAL §5.3).
_DAILY = re.compile(
    r"(?<!\w)(?:daily|once a day|every day|each day|twice a day|once daily|\d+ times? in 1 day|\d+ times a day|QD|OD|BD|TDS"
    r"|BID|TID|every (?:morning|night|evening)|at night|in the morning)(?!\w)",
    re.IGNORECASE,
)
_OFTEN_A_WEEK = re.compile(
    r"(?<!\w)(?:[2-7]|twice|two|three|four|five|six|seven)(?: times)? (?:a|per|each|every|in 1|in a) week",
    re.IGNORECASE,
)
_WEEKDAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
             "sat": "Saturday", "sun": "Sunday"}  # fmt: skip
_DAY_NAMED = re.compile(r"(?<!\w)(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?(?!\w)", re.IGNORECASE)
_BY_MOUTH = re.compile(r"(?<!\w)(?:oral|orally|mouth|po|p\.o\.|tablets?|capsules?|per os)(?!\w)", re.IGNORECASE)
_PREGNANT = re.compile(r"pregnan|breast-?feed|lactati|gravid", re.IGNORECASE)
_FASTING = re.compile(r"nil by mouth|(?<!\w)NBM(?!\w)|swallow|dysphagi", re.IGNORECASE)
_VTE = re.compile(r"(?<!\w)VTE(?!\w)|thromboembolism risk|thrombosis risk", re.IGNORECASE)
_TARGET = re.compile(r"\b(?:88\s*[-–]\s*92|94\s*[-–]\s*98)\s?%?", re.IGNORECASE)


class Fact(msgspec.Struct, frozen=True):
    """One fact of the head: label, words with their time; `missing`: the copy has none."""

    label: str
    text: str
    missing: bool = False


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """What stands below one medicine: `stop` is drawn as a warning; what stands before a tab in a line is its label."""

    title: str
    lines: tuple[str, ...] = ()
    stop: bool = False


def head_facts(
    chart: Chart, newest: Sequence[Latest], now: datetime, zone: str = wording.ZONE, *, dated: bool = False
) -> tuple[Fact, ...]:
    """Weight, height, kidneys, potassium and what else every drug list must have at its head (CLINICAL §5.1); `dated` =
    each time with its day (paper)."""
    telling = Telling(now, zone, dated)
    facts = [_measure(chart, "Weight", WEIGHT, telling), _measure(chart, "Height", HEIGHT, telling)]
    bsa = _measure(chart, "Body surface", BSA, telling)
    facts += [bsa] if not bsa.missing else []
    for label, codes in (("Creatinine", CREATININE), ("eGFR", EGFR), ("Potassium", POTASSIUM)):
        facts.append(_newest(label, newest, codes, telling, chart))
    facts += _said(chart, telling)
    if chart.patient.consultant:
        facts.append(Fact("Consultant", chart.patient.consultant))
    return tuple(facts)


def _measure(chart: Chart, label: str, codes: Sequence[str], telling: Telling) -> Fact:
    for o in chart.lists["observations"].items:
        if isinstance(o, Observation) and o.status != "entered-in-error" and o.value is not None:
            if any(c.code in codes for c in o.codes):
                how = ", ".join(x for x in (o.method, *o.comments) if x)
                how = how or ("not said whether measured" if label == "Weight" else "")
                text = f"{o.comparator or ''}{o.value} {o.unit or 'no unit sent'}"
                return Fact(label, f"{text}, {_when(o.happened or o.said, telling)}{f', {how}' if how else ''}")
    return Fact(label, _absent(chart, "observations"), missing=True)


def _absent(chart: Chart, name: str) -> str:
    """Not recorded and not in this copy are two things."""
    return "not recorded" if chart.lists[name].state in (KNOWN, "not_recorded") else "not in this copy"


def _when(moment: Moment | None, telling: Telling) -> str:
    return telling.text(moment, "time not recorded")


def _newest(label: str, newest: Sequence[Latest], codes: Sequence[str], telling: Telling, chart: Chart) -> Fact:
    found = _of(newest, codes)
    if not found:
        return Fact(label, _absent(chart, "results"), missing=True)
    return Fact(label, result_words(found[0].cell, telling))


def _of(newest: Iterable[Latest], codes: Iterable[str], words: tuple[str, ...] = ()) -> list[Latest]:
    """The rows of these tests, the newest first."""
    wanted = frozenset(codes)
    found = [
        one for one in newest if any(c.code in wanted for c in one.cell.codes) or (words and named_in(words, one.name))
    ]
    return sorted(found, key=lambda one: -_utc(one.cell.when))


def _utc(moment: Moment | None) -> int:
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def result_words(cell: Cell, telling: Telling) -> str:
    """`168 umol/L H, 24-Nov 01:10`: value, unit, flag and marks as sent, and when it was collected."""
    if cell.state != VALUE:
        gone = (
            "withdrawn by lab"
            if cell.state == WITHDRAWN
            else f"not available{f': {cell.reason}' if cell.reason else ''}"
        )
        return f"{gone}, {_when(cell.when, telling)}"
    value = " ".join(x for x in (cell.text, cell.unit, cell.flag, cell.mark) if x)
    taken = _when(cell.when, telling)
    told = "" if cell.collected is not None else ", collected not recorded"
    return ", ".join(x for x in (f"{value}, {taken}{told}", *cell.comments, cell.caution) if x)


def _said(chart: Chart, telling: Telling) -> list[Fact]:
    """Pregnancy, fasting, clot risk and oxygen target where the record names them, in its own words."""
    made: dict[str, Fact] = {}
    for name in ("alerts", "problems", "observations"):
        for item in chart.lists[name].items:
            if item.status == "entered-in-error" or (isinstance(item, Problem) and item.clinical not in ("active", "")):
                continue
            value = (
                (item.value or ", ".join(c.display for c in item.value_codes)) if isinstance(item, Observation) else ""
            )
            text = " ".join(x for x in (item.text, value) if x)
            for label, pattern in (("Pregnancy", _PREGNANT), ("Swallowing", _FASTING), ("Clot risk", _VTE)):
                if label not in made and pattern.search(item.text):
                    made[label] = Fact(label, f"{text}, {_when(item.happened or item.said, telling)}")
            notes = " ".join(item.comments) if isinstance(item, Observation) else ""
            if "Oxygen target" not in made and (hit := _TARGET.search(f"{item.text} {notes}")):
                made["Oxygen target"] = Fact(
                    "Oxygen target", f"{hit[0]}, as sent {_when(item.happened or item.said, telling)}"
                )
    return list(made.values())


def blocks_of(
    row: Row, chart: Chart, rows: Sequence[Row], newest: Sequence[Latest], now: datetime, lists: DrugLists,
    zone: str = wording.ZONE, *, dated: bool = False,
) -> tuple[Block, ...]:  # fmt: skip
    """Everything that must stand below a row, the warnings first; `dated` = each time with its day (paper)."""
    telling = Telling(now, zone, dated)
    kinds = {found.list.block for found in row.lists}
    made: list[Block] = []
    if "methotrexate" in kinds and "view_only" not in kinds:
        made.append(_methotrexate(row, rows))
    if "view_only" in kinds:
        why = next(o.list.why for o in row.lists if o.list.block == "view_only")
        made.append(Block(title="VIEW ONLY", lines=(why,), stop=True))
    if row.item.as_needed or "opioid" in kinds:
        made.append(_doses_of_a_day(row, chart, telling, lists))
    if "insulin" in kinds:
        made.append(_insulin(row, chart, rows, telling))
    if "anticoagulant" in kinds:
        made.append(_anticoagulant(row, chart, newest, telling))
    if "opioid" in kinds:
        made.append(_opioid(rows))
    made += _levels(row, newest, telling)
    return tuple(made)


def is_stop_order(row: Row) -> bool:
    """Whether a methotrexate order as sent is anything but a weekly one: daily, or more than once a week."""
    said = f"{row.item.frequency} {row.item.instructions}"
    if _OFTEN_A_WEEK.search(said):
        return True
    weekly = "week" in said.casefold() or row.item.every.endswith("wk")
    return not weekly and (bool(_DAILY.search(said)) or row.item.every.endswith((" d", " h")))


def is_weekly_only(row: Row) -> bool:
    """Methotrexate by mouth, or by a route that was not sent: once a week and no other way. The source's own words of
    how often stand in the box alone, so that a daily order is nowhere a plain row."""
    on_it = any(o.list.block == "methotrexate" for o in row.lists)
    return on_it and (not row.item.route or bool(_BY_MOUTH.search(f"{row.item.route} {row.form}")))


def weekly(row: Row) -> tuple[str, str]:
    """(# Anticoagulants whose dose follows a test.
    BY_INR = ("warfarin", "acenocoumarol", "phenindione", "phenprocoumon", "coumadin")
    HEPARINS = ("heparin", "enoxaparin", "dalteparin", "tinzaparin", "bemiparin", "clexane", "fragmin", "innohep")
    DOSES_OF_A_DAY = "Doses in the 24hr before"
        WEEKLY_ON, day), (WEEKLY_UNKNOWN, "") or (WEEKLY_STOP, "") of a medicine that is given once a week and no other
            way; ("", "") of any other."""
    if not is_weekly_only(row):
        return "", ""
    days = _days_sent(row)
    if is_stop_order(row) or len(days) > 1:
        return WEEKLY_STOP, ""
    return (WEEKLY_ON, days[0]) if days else (WEEKLY_UNKNOWN, "")


def _days_sent(row: Row) -> list[str]:
    item = row.item
    days = [_WEEKDAYS.get(d.casefold()[:3], d) for d in item.days]
    if not days:
        said = f"{item.frequency} {item.instructions}"
        days = [_WEEKDAYS[hit[1].casefold()[:3]] for hit in _DAY_NAMED.finditer(said)]
    return list(dict.fromkeys(days))


def _methotrexate(row: Row, rows: Sequence[Row]) -> Block:
    item = row.item
    sent = item.frequency or item.instructions or "nothing"
    state, day = weekly(row)
    if not state:
        return Block(title="METHOTREXATE", lines=("Not by mouth: see the prescription.", f'Sent: "{sent}".'))
    if state == WEEKLY_STOP and is_stop_order(row):
        lines: tuple[str, ...] = (
            "STOP. This order as sent is not a weekly one. Methotrexate by mouth is given ONCE A WEEK.",
            f'Sent: "{sent}". Do not give it: call the prescriber or the pharmacist.',
        )
        return Block(title="STOP: METHOTREXATE IS WEEKLY", lines=lines, stop=True)
    if state == WEEKLY_STOP:
        named = ", ".join(_days_sent(row))
        lines = (f"More than one day was sent ({named}). Do not give it: call the prescriber.",)
        return Block(title="STOP: METHOTREXATE IS WEEKLY", lines=lines, stop=True)
    folic = [f'{r.item.text}: "{r.often}"' for r in rows if r.is_going and named_in(("folic acid",), r.item.text)]
    beside = f"Folic acid as sent: {', '.join(folic)}." if folic else "No folic acid is ordered in this copy."
    if state == WEEKLY_ON:
        lines = (f'On {day} and on no other day. Sent: "{sent}".', beside)
        return Block(title=f"ONCE A WEEK, on {day}", lines=lines, stop=True)
    lines = (f'The day was not sent. Sent: "{sent}". Ask which day before giving.', beside)
    return Block(title="ONCE A WEEK, day not sent", lines=lines, stop=True)


def _doses_of_a_day(row: Row, chart: Chart, telling: Telling, lists: DrugLists) -> Block:
    """Every dose of the drug in the 24 hours before now, by whatever route or product, one by one (never added up)."""
    groups = same_drug(row.item.text, lists)
    now = telling.now
    mine = [d for d in _same_doses(row, doses_of(chart), groups) if _in_day(d, now - DAY, now)]
    what = f"{' or '.join(g.drug for g in groups)}, every product and route" if groups else row.drug
    before = telling.text(from_instant(now))
    title = f"{DOSES_OF_A_DAY} {before}: {what}"
    if not mine:
        return Block(title=title, lines=(f"{NO_RECORD}. {CHECK}.",))
    lines = [_dose_line(d, telling) for d in mine]
    return Block(title=title, lines=(*lines, "Listed, not added up. Later ones may not be in this copy."))


def _same_doses(row: Row, doses: Sequence[Dose], groups: Sequence[SameDrug]) -> list[Dose]:
    own = f"{row.item.source}/MedicationRequest/{row.item.source_id}"
    return [
        d
        for d in doses
        if not d.is_withdrawn
        and d.is_given
        and (d.request == own or any(named_in(g.names, d.drug) for g in groups) or d.drug == row.item.text)
    ]


def _in_day(dose: Dose, since: datetime, now: datetime) -> bool:
    instant = dose.at.instant if dose.at is not None else None
    return instant is not None and since <= instant <= now


def _dose_line(dose: Dose, telling: Telling) -> str:
    by = f", {dose.by}" if dose.by else ""
    what = " ".join(x for x in (dose.drug, dose.dose or "dose not sent", dose.route) if x)
    return f"{_when(dose.at, telling)}\t{what}{by}"


def _insulin(row: Row, chart: Chart, rows: Sequence[Row], telling: Telling) -> Block:
    lines = [f"Strength and device as sent: {row.form or row.further or 'not sent'}"]
    found = sugars(chart, telling.now, telling.zone, dated=telling.dated)
    lines += [f"{when}\t{said}" for when, said in found] or ["No glucose or ketone in the last 24hr of this copy."]
    others = [
        r.item.text for r in rows if r is not row and r.is_going and any(o.list.block == "insulin" for o in r.lists)
    ]
    lines.append(
        f"Other insulin ordered: {', '.join(others)}" if others else "No other insulin is ordered in this copy."
    )
    return Block(title="Insulin: glucose and ketones of the last 24hr", lines=tuple(lines))


def _anticoagulant(row: Row, chart: Chart, newest: Sequence[Latest], telling: Telling) -> Block:
    name = row.item.text
    lines: list[str] = []
    if named_in(BY_INR, name):
        inrs = _history(chart, INR, ("INR",), telling)[:5]
        lines += inrs or ["No INR in this copy."]
        doses = [_dose_line(d, telling) for d in row.doses if d.is_given][:5]
        lines += doses or [f"Doses: {NO_RECORD}. {CHECK}."]
        title = "Warfarin and its like: last INRs and doses"
    elif named_in(HEPARINS, name):
        for label, codes, words in (("APTT", APTT, ("APTT",)), ("anti-Xa", ANTI_XA, ("anti-Xa",))):
            found = _of(newest, codes, words)
            lines.append(f"{label}\t{result_words(found[0].cell, telling) if found else 'not in this copy'}")
        lines.append(_fact_line(_measure(chart, "Weight", WEIGHT, telling)))
        title = "Heparin: last tests and weight"
    else:
        given = next((d for d in row.doses if d.is_given), None)
        lines.append(
            f"Last dose\t{_dose_line(given, telling).replace(chr(9), ' ')}" if given else f"{NO_RECORD}. {CHECK}."
        )
        title = "Anticoagulant: last dose and kidneys"
    lines.append(_fact_line(_newest("eGFR", newest, EGFR, telling, chart)))
    lines.append(_fact_line(_newest("Creatinine", newest, CREATININE, telling, chart)))
    return Block(title=title, lines=tuple(lines))


def _fact_line(fact: Fact) -> str:
    return f"{fact.label}\t{fact.text}"


def _history(chart: Chart, codes: Sequence[str], words: tuple[str, ...], telling: Telling) -> list[str]:
    """Every value of a test, newest first, as sent."""
    made = []
    for r in chart.lists["results"].items:
        if isinstance(r, Observation) and r.value is not None and r.status not in ("entered-in-error", "cancelled"):
            if any(c.code in codes for c in r.codes) or named_in(words, r.text):
                flag = f" {r.flag}" if r.flag else ""
                text = f"{r.comparator or ''}{r.value} {r.unit or ''}".strip()
                made.append(f"{_when(r.happened or r.said, telling)}\t{r.text} {text}{flag}")
    return made


def is_by_test(row: Row) -> bool:
    """Whether the dose of this anticoagulant follows INR, APTT or anti-Xa."""
    return bool(named_in((*BY_INR, *HEPARINS), row.item.text))


def sugars(
    chart: Chart, now: datetime, zone: str = wording.ZONE, *, dated: bool = False
) -> tuple[tuple[str, str], ...]:
    """Glucose and ketones of the 24 hours before `now`, newest first: when, and what was sent."""
    telling = Telling(now, zone, dated)
    found: list[tuple[int, str, str]] = []
    for name in ("observations", "results"):
        for one in chart.lists[name].items:
            if not isinstance(one, Observation) or one.status == "entered-in-error" or one.value is None:
                continue
            is_sugar = any(c.code in GLUCOSE for c in one.codes) or re.search(r"glucose|ketone", one.text, re.I)
            at = one.happened or one.said
            if is_sugar and at is not None and at.instant is not None and now - DAY <= at.instant <= now:
                value = f"{one.comparator or ''}{one.value} {one.unit or ''}".strip()
                flag = f" {one.flag}" if one.flag else ""
                found.append((at.utc or 0, _when(at, telling), f"{one.text} {value}{flag}"))
    return tuple((when, said) for _, when, said in sorted(found, key=lambda f: -f[0]))


def clotting(
    chart: Chart, now: datetime, zone: str = wording.ZONE, *, dated: bool = False
) -> tuple[tuple[str, str], ...]:
    """Every INR, APTT and anti-Xa of the copy, newest first: when it was collected, and what was sent."""
    telling = Telling(now, zone, dated)
    made = _history(chart, (*INR, *APTT, *ANTI_XA), ("INR", "APTT", "anti-Xa"), telling)
    return tuple((when, said) for when, _, said in (line.partition("\t") for line in made))


def _opioid(rows: Sequence[Row]) -> Block:
    held = [r.item.text for r in rows if r.is_going and named_in(("naloxone",), r.item.text)]
    lines = [f"Naloxone ordered: {', '.join(held)}" if held else "No naloxone is ordered in this copy."]
    return Block(title="Opioid", lines=tuple(lines))


def _levels(row: Row, newest: Sequence[Latest], telling: Telling) -> list[Block]:
    """The latest level of a drug that has one, beside its last dose, by name or code."""
    made: list[Block] = []
    for found in row.lists:
        named = tuple(w for w in found.list.levels if named_in((w,), row.item.text))
        if not named:
            continue
        levels = _of(newest, (), named)
        last = next((d for d in row.doses if d.is_given), None)
        dose = _dose_line(last, telling).replace("\t", " ") if last is not None else f"{NO_RECORD}. {CHECK}"
        told: list[str] = [f"Level\t{one.name} {result_words(one.cell, telling)}" for one in levels]
        told = told or [f"Level\tno {named[0]} level in this copy"]
        former = [f"Before\t{result_words(one.before, telling)}" for one in levels if one.before is not None]
        lines = (f"Last dose\t{dose}", *told, *former)
        made.append(Block(title=f"{named[0].capitalize()}: last dose and level", lines=lines))
    return made


def newest_results(chart: Chart) -> tuple[Latest, ...]:
    """The newest of each test of the chart; made once and handed to the functions above."""
    return latest(chart.lists["results"].items)
