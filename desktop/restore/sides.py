"""What stands side by side for one entry (look/11): the copy at the cut, what the ward wrote, what is there now. No Qt.

Each side says when it was so and by whom; a side that holds nothing says why, and never "none".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from desktop.patient.words import moment_of, phoned_head, section_age, short, state_words, told
from localdb.chart.cells import cells_of
from localdb.chart.staleness import NEVER
from localdb.chart.views import Chart, Entry
from localdb.records.vocabulary import Record, Result
from localdb.restore.beside import Beside, Standing

_LISTS = {"observations": "observations", "phoned_result": "results", "note": "documents", "request": "requests",
          "closure": "requests", "evaluation": "images", "comparison": "reports", "image_move": "images"}  # fmt: skip
_KINDS = {"observations": "observation", "phoned_result": "result", "note": "document", "request": "request",
          "closure": "request", "evaluation": "image", "comparison": "report", "image_move": "image"}  # fmt: skip
ROWS = ("Says", "Flag", "When", "Status", "Said by", "Number")


class Side(NamedTuple):
    """One column: `head`, `when` (as of), the six facts of ROWS, and a line below where there is more to say."""

    head: str
    when: str
    facts: tuple[str, ...]
    below: str = ""


def title(entry: Entry, now: datetime) -> str:
    """`Potassium 6.0 mmol/L, taken 02:30`."""
    if entry.kind == "phoned_result":
        return f"{phoned_head(entry)}, taken {short(moment_of(entry.body.get('collected')), now)}"
    said = told(entry, now).head
    return said if entry.kind == "observations" else f"{said}, {short(entry.happened or entry.written, now)}"


def ward_side(entry: Entry, now: datetime) -> Side:
    said = told(entry, now)
    if entry.kind == "phoned_result":
        caller = entry.body.get("caller") or {}
        value = (
            f"{entry.body.get('comparator') or ''}{entry.body.get('value', '')} {entry.body.get('unit', '')}".strip()
        )
        who = ", ".join(str(caller[k]) for k in ("name", "role") if caller.get(k))
        ext = f", ext. {caller['ext']}" if caller.get("ext") else ""
        facts = (value, str(entry.body.get("flag") or "not given"), short(moment_of(entry.body.get("collected")), now),
                 "unconfirmed, by phone", f"{who}{ext}, written by {entry.staff}", entry.number)  # fmt: skip
    else:
        words = said.text or said.head
        words = words if entry.kind != "request" else f"{said.head.removeprefix('Request: ')}: {said.text}"
        facts = (words, "", short(entry.happened or entry.written, now), "written here", entry.staff, entry.number)
    below = "Corrected by a later entry: it goes as entered in error." if entry.corrected_by else ""
    return Side("Ward wrote", f"journal, {short(entry.written, now)}", facts, below)


def copy_side(entry: Entry, chart: Chart | None, now: datetime) -> Side:
    """The newest record of the copy that is about the same thing; else what is known of its absence."""
    blank = ("",) * 5
    if chart is None:
        return Side("Copy at the cut", "being read \u2026", ("", *blank))
    name, kind = _LISTS.get(entry.kind, "documents"), _KINDS.get(entry.kind, "document")
    listing = chart.lists[name]
    found = [r for r in listing.items if not r.restricted and _is_alike(entry, r)]
    newest = max(found, key=lambda r: (r.happened.utc or 0) if r.happened else 0, default=None)
    age = section_age(chart, now, kind, of=() if newest is None else (newest,))
    when = age.text if age.state == NEVER else f"to {age.text}"
    if missing := state_words(listing, name, chart, now, kind):
        return Side("Copy at the cut", when, (missing.title, *blank), missing.text)
    if newest is None:
        return Side("Copy at the cut", when, ("nothing of it yet", *blank), "")
    more = f"{len(found) - 1} earlier in the record" if len(found) > 1 else ""
    return Side("Copy at the cut", when, _record_facts(newest, now), more)


def _is_alike(entry: Entry, record: Record) -> bool:
    if entry.kind == "phoned_result":
        return str(entry.body.get("test", "")).casefold() in _names(record)
    if entry.kind == "observations":
        return bool({str(i.get("code", "")).casefold() for i in entry.body.get("items", ())} & _names(record))
    if entry.kind == "request":
        return bool({str(t).casefold() for t in entry.body.get("tests", ())} & _names(record))
    return True


def _names(record: Record) -> set[str]:
    codes = getattr(record, "codes", ())
    return {record.text.casefold(), *(c.code.casefold() for c in codes), *(c.display.casefold() for c in codes)} - {""}


def _record_facts(record: Record, now: datetime) -> tuple[str, ...]:
    cell = next(iter(cells_of(record)), None) if isinstance(record, Result) else None
    value = cell.text if cell is not None else str(getattr(record, "value", "") or "")
    unit = str(getattr(record, "unit", "") or "")
    said = f"{value} {unit}".strip() or record.text or str(getattr(record, "title", ""))
    if value and not isinstance(record, Result):
        said = f"{record.text} {said}"
    author = str(getattr(record, "author", "") or "") or record.source
    flag = str(getattr(record, "flag", "") or "")
    return said, flag, short(record.happened or record.said, now), record.status, author, record.source_id


def live_side(entry: Entry, found: Beside | None, asked: str, proposed: str, now: datetime) -> Side:
    """What the target holds; `asked` = when it was read or why not, `proposed` = what a send would do."""
    if found is None:
        return Side("There now", asked, ("not asked yet", "", "", "", "", ""), proposed)
    if not found.subject or found.reason:
        return Side("There now", asked, ("not known", "", "", "", "", ""), found.reason.partition(": ")[2])
    if not found.held:
        words = "Nothing like it among the newest there; that is no proof of none."
        return Side("There now", asked, ("nothing like it found", "", "", "", "", ""), proposed or words)
    mine = [h for h in found.held if h.is_ours]
    first = found.held[0]
    said = _held_words(mine, now) if entry.kind == "observations" and mine else first.said or first.name
    facts = (said, first.flag, short(first.happened, now), first.status, first.by or "not said", first.ref)
    rest = len(found.held) - (len(mine) if entry.kind == "observations" and mine else 1)
    more = f"{rest} more alike there" if rest else ""
    ours = "It is this entry, sent from here." if first.is_ours else ""
    return Side("There now", asked, facts, " ".join(x for x in (ours, more, "" if first.is_ours else proposed) if x))


def _held_words(held: Sequence[Standing], now: datetime) -> str:
    return ", ".join(f"{h.name} {h.said}".strip() for h in held)


def alike(entry: Entry, found: Beside | None) -> str:
    """The word of the chip: "" / `Possibly the same` / `Value differs` / `Sent from here`."""
    if found is None or not found.held:
        return ""
    first = found.held[0]
    if first.is_ours:
        return "Sent from here"
    if entry.kind == "phoned_result":
        value = f"{entry.body.get('comparator') or ''}{entry.body.get('value', '')}"
        return "Possibly the same" if first.said.split(" ")[0] == value else "Value differs"
    return "Possibly the same"


def what_happens(state: str) -> str:
    """What each decision does, in one line (look/11 What happens)."""
    if state in ("refused", "needs_person"):
        return (
            "\u201cAlready there\u201d closes the entry and keeps who said so. \u201cSend again\u201d puts it back into"
            " the queue. \u201cType in by hand\u201d keeps it open until somebody says that it is there."
        )
    return {
        "confirmed": "It was read back, or a person said that it is there: nothing is left to do.",
        "sent": "A request left and no answer settled it. The next Send asks there first; nothing goes twice.",
    }.get(state, "It waits for Send. A decision is asked only where a send was refused or needs a person.")
