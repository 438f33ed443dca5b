"""Which numbers a record joins, and who joined them (DESIGN D2): a reader must be able to doubt it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from localdb.chart import wording
from localdb.chart.struck import moment_text
from localdb.chart.views import Join, PatientView

_NHS = "nhs-number"


def number_of(join: Join) -> str:
    """The number by which a source knows the person: its hospital number, else any that is not the NHS number, else
    the NHS number; empty where it sent none."""
    rest = [i for i in join.identifiers if i.value and _NHS not in i.system.casefold()]
    main = next((i for i in rest if i.type == "MR"), rest[0] if rest else None)
    if main is not None:
        return main.value
    nhs = next((i.value for i in join.identifiers if i.value), "")
    return f"NHS No. {wording.nhs_number(nhs)}" if nhs else ""


def how(join: Join, titles: Mapping[str, str], now: datetime, zone: str = wording.ZONE) -> str:
    """`merged by PAS 12-Nov 10:02`, `same number`, `joined by Mair Pryce 03:20`; empty for the first one."""
    who = titles.get(join.source, join.source) if join.by in ("", "source") else join.by
    when = moment_text(join.said or join.made, now, zone)
    verb = {
        "replaced-by": "merged by", "replaces": "merged by", "seealso": "linked by", "refer": "linked by",
        "hand": "joined by",
    }.get(join.type)  # fmt: skip
    if join.type == "shared":
        return "the same number and birth date"
    return " ".join(x for x in (verb, who, when) if x) if verb else ""


def joined_words(view: PatientView, titles: Mapping[str, str], now: datetime, zone: str = wording.ZONE) -> str:
    """`This record joins H204 (PAS) and 88213 (Laboratory), merged by PAS 12-Nov-2026 10:02.` Empty where one number
    stands for all: nothing was joined that the banner does not show."""
    groups: dict[str, list[Join]] = {}
    for join in view.joins:
        groups.setdefault(number_of(join), []).append(join)
    if len(groups) < 2:
        return ""
    parts = []
    for number, joins in groups.items():
        sources = ", ".join(dict.fromkeys(titles.get(j.source, j.source) for j in joins))
        said = next((text for j in joins if (text := how(j, titles, now, zone))), "")
        parts.append(f"{number or 'no number'} ({sources}){f', {said}' if said else ''}")
    return f"This record joins {'; '.join(parts[:-1])} and {parts[-1]}."
