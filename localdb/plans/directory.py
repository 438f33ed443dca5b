"""The telephone directory: names, numbers and hours out of a Markdown table or a CSV file. Pure and total.

Numbers are texts, as the site wrote them: nothing is grouped, dialled or corrected.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence

import msgspec

from localdb.plans.papers import CSV

_NAME = frozenset("name department who service ward team contact".split())
_NUMBER = ("number", "phone", "telephone", "ext", "extension", "bleep", "tel")
_HOURS = ("hours", "when", "times", "time", "note", "notes")
_RULE = re.compile(r"^[\s|:-]+$")


class Contact(msgspec.Struct, frozen=True):
    """One line: `name`, `number` and `hours` as written ("" = not said), `more` what else its row said."""

    name: str
    number: str
    hours: str = ""
    more: str = ""

    @property
    def text(self) -> str:
        return ", ".join(x for x in (self.name, self.number, self.hours, self.more) if x)


def entries_of(text: str, media: str) -> tuple[Contact, ...]:
    """Every line with a name and a number, by name."""
    rows = _csv(text) if media == CSV else _tables(text)
    found = [c for table in rows for c in _contacts(table)]
    return tuple(sorted(found, key=lambda c: (c.name.casefold(), c.number)))


def matching(contacts: Iterable[Contact], typed: str) -> tuple[Contact, ...]:
    """Those that have every typed word at the beginning of one of their words; all where nothing was typed. Who is meant
    by name comes before who is only mentioned."""
    words = typed.casefold().split()
    every = list(contacts)
    if not words:
        return tuple(every)

    def has(text: str) -> bool:
        parts = re.split(r"[\s,/()-]+", text.casefold())
        return all(any(p.startswith(w) for p in parts) for w in words)

    by_name = [c for c in every if has(c.name)]
    return (*by_name, *(c for c in every if not has(c.name) and has(c.text)))


def _csv(text: str) -> list[list[list[str]]]:
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter)]
    except csv.Error:
        return []
    return [[row for row in rows if any(row)]]


def cells_of(line: str) -> list[str]:
    """The cells of one line of a Markdown table."""
    bare = line.strip().strip("|").replace("\\|", "\x00")
    return [re.sub(r"[*_`]", "", cell).replace("\x00", "|").strip() for cell in bare.split("|")]


def _tables(text: str) -> list[list[list[str]]]:
    tables: list[list[list[str]]] = []
    current: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.strip().startswith("|"):
            if not _RULE.match(line):
                current.append(cells_of(line))
        elif current:
            tables.append(current)
            current = []
    return tables


def _contacts(table: Sequence[Sequence[str]]) -> list[Contact]:
    """The rows under a head that names a column of numbers."""
    if not table:
        return []
    head = [h.casefold() for h in table[0]]
    number = next((n for n, h in enumerate(head) if any(w in h.split() or h.startswith(w) for w in _NUMBER)), None)
    if number is None:
        return []
    name = next((n for n, h in enumerate(head) if n != number and set(h.split()) & _NAME), 0 if number else 1)
    hours = next((n for n, h in enumerate(head) if n not in (name, number) and h.startswith(_HOURS)), None)
    made = []
    for row in table[1:]:
        cell = dict(enumerate(row))
        said, dial = cell.get(name, ""), cell.get(number, "")
        if not said or not dial:
            continue
        rest = [f"{table[0][n]}: {c}" if n < len(head) and table[0][n] else c
                for n, c in cell.items() if n not in (name, number, hours) and c]  # fmt: skip
        made.append(Contact(said, dial, cell.get(hours, "") if hours is not None else "", "; ".join(rest)))
    return made
