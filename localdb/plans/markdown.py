"""The few marks of Markdown that paper sets: headings, paragraphs, lists, tick boxes, tables, rules. Pure and total.

Every character that is no mark stays; what is not understood stands as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from localdb.plans.directory import cells_of

HEADING, PARAGRAPH, ITEM, TICK, ROW, RULE = "heading", "paragraph", "item", "tick", "row", "rule"
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^(\s*)([-*+]|\d{1,3}[.)])\s+(.*)$")
_TICK = re.compile(r"^\[[ xX]\]\s+(.*)$")
_RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
_TABLE_RULE = re.compile(r"^[\s|:-]+$")
_BOLD = re.compile(r"(\*\*|__)(.+?)\1")
_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\n]*)\)")
_MARKS = re.compile(r"(?<!\w)[*_`](?=\S)|(?<=\S)[*_`](?!\w)")


class Mark(msgspec.Struct, frozen=True):
    """One block: `level` 1-6 of a heading, depth of an item from 0; `lead` what stands before an item (`3.` or a dot);
    `cells` of a table's row, whose first is its head (`level` 1)."""

    kind: str
    text: str = ""
    level: int = 0
    lead: str = ""
    cells: tuple[str, ...] = ()


def marks_of(text: str) -> tuple[Mark, ...]:
    """The blocks of a text, in order."""
    made: list[Mark] = []
    held: list[str] = []
    is_table = False

    def put_away() -> None:
        if held:
            made.append(Mark(PARAGRAPH, " ".join(held)))
            held.clear()

    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bare = line.strip()
        if bare.startswith("|"):
            put_away()
            if not _TABLE_RULE.match(bare):
                made.append(Mark(ROW, level=0 if is_table else 1, cells=tuple(cells_of(bare))))
            is_table = True
            continue
        is_table = False
        if not bare:
            put_away()
        elif found := _HEADING.match(bare):
            put_away()
            made.append(Mark(HEADING, found[2], len(found[1])))
        elif _RULE.match(line):
            put_away()
            made.append(Mark(RULE))
        elif found := _ITEM.match(line):
            put_away()
            lead = found[2] if found[2][0].isdigit() else "\u2022"
            tick = _TICK.match(found[3])
            depth = len(found[1].expandtabs(4)) // 2
            made.append(Mark(TICK if tick else ITEM, tick[1] if tick else found[3], depth, lead))
        elif made and made[-1].kind in (ITEM, TICK) and line[:1] in (" ", "\t") and not held:
            made[-1] = msgspec.structs.replace(made[-1], text=f"{made[-1].text} {bare}")
        else:
            held.append(bare.removeprefix("> "))
    put_away()
    return tuple(made)


def spans_of(text: str) -> tuple[tuple[str, bool], ...]:
    """(words, heavy): `**heavy**` without its marks; a link as its words and, where they differ, its address."""
    text = _LINK.sub(lambda m: m[1] if m[1] == m[2] else f"{m[1]} ({m[2]})" if m[2] else m[1], text)
    made: list[tuple[str, bool]] = []
    at = 0
    for found in _BOLD.finditer(text):
        made += [(text[at : found.start()], False), (found[2], True)]
        at = found.end()
    made.append((text[at:], False))
    return tuple((_MARKS.sub("", words), heavy) for words, heavy in made if words)


def plain_words(marks: Sequence[Mark]) -> str:
    """All words, for a test or a search."""
    return "\n".join("".join(w for w, _ in spans_of(m.text)) or " ".join(m.cells) for m in marks)
