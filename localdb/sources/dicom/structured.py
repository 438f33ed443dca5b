"""Structured reports as indented plain text: headings, codes' meanings, measurements with their units as sent (PS3.3
C.17.3, PS3.16). References to images are named by how many there are; UIDs, which only programs read, are left out (the
header that is kept has them). What is longer or deeper than can be shown ends with a line that says so.
"""

from __future__ import annotations

import re

from pydicom.dataset import Dataset

from localdb.chart import wording
from localdb.sources.dicom.context import FileContext, coding, meaning
from localdb.sources.dicom.elements import first, items, long_text, text
from localdb.sources.dicom.patients import person_line

_DEPTH, _MOST_ITEMS = 32, 20_000
# Impression(s) and conclusion(s) of PS3.16 CID 7001 and LOINC: shown as the report's conclusion.
_CONCLUSIONS = frozenset({"121072", "121073", "121076", "121077", "19005-8", "55110-1"})
_PLAIN_UNIT = re.compile(r"[A-Za-zµ%][A-Za-z0-9µ%/.^*-]*\Z")
_REFERENCES = {"IMAGE": "image", "COMPOSITE": "object", "WAVEFORM": "waveform"}
NOT_WHOLE = "[The report goes on; the rest of it is not shown here.]"


class ReportText:
    """`body` and `conclusion` of a content tree; `is_whole` False where it is longer or deeper than can be shown."""

    def __init__(self, ds: Dataset, at: FileContext) -> None:
        self._at = at
        self._left = _MOST_ITEMS
        self.is_whole = True
        conclusions: list[str] = []
        lines: list[str] = []
        self._children(ds, 0, lines, conclusions)
        if not self.is_whole:
            lines.append(NOT_WHOLE)
        self.body = "\n".join(lines).strip("\n")
        self.conclusion = "\n".join(conclusions).strip("\n")

    def _item(self, item: Dataset, depth: int, lines: list[str], conclusions: list[str]) -> None:
        self._left -= 1
        if depth >= _DEPTH or self._left < 0:
            self.is_whole = False
            return
        name = coding(first(item, 0x0040A043))
        if name is not None and name.code in _CONCLUSIONS and lines is not conclusions:
            inner: list[str] = []
            self._item(item, 0, inner, inner)
            conclusions += inner if text(item, 0x0040A040) != "CONTAINER" else [x[2:] for x in inner[1:]]
            return
        if text(item, 0x0040A040) == "UIDREF" and not items(item, 0x0040A730):
            return
        said = self._said(item)
        heading = meaning(first(item, 0x0040A043))
        if said is not None:
            indent = "  " * depth
            head = f"{heading}: " if heading else ""
            parts = said.split("\n")
            lines.append(f"{indent}{head}{parts[0]}".rstrip())
            lines += [f"{indent}  {line}".rstrip() for line in parts[1:]]
        elif heading:
            lines.append(f"{'  ' * depth}{heading}")
        self._children(item, depth + 1, lines, conclusions)

    def _children(self, of: Dataset, depth: int, lines: list[str], conclusions: list[str]) -> None:
        """The items below one; a run of bare references of one kind makes one line."""
        run, kind = 0, ""
        for child in (*items(of, 0x0040A730), None):
            bare = text(child, 0x0040A040) if child is not None and _is_bare_reference(child) else ""
            if run and bare != kind:
                lines.append(f"{'  ' * depth}{_referred(run, _REFERENCES[kind])}")
                run = 0
            if bare:
                assert child is not None
                run, kind = run + max(len(items(child, 0x00081199)), 1), bare
            elif child is not None:
                self._item(child, depth, lines, conclusions)

    def _said(self, item: Dataset) -> str | None:
        """The value of a content item in words; None of a heading."""
        kind = text(item, 0x0040A040)
        if kind in ("CONTAINER", "UIDREF", ""):
            return None
        if kind == "NUM":
            return _number(item)
        if kind == "CODE":
            return meaning(first(item, 0x0040A168))
        if kind == "PNAME":
            return person_line(item, 0x0040A123)
        if kind in _REFERENCES:
            return _referred(len(items(item, 0x00081199)), _REFERENCES[kind])
        if kind in ("SCOORD", "SCOORD3D", "TCOORD"):
            return f"[{(text(item, 0x00700023) or text(item, 0x0040A130) or 'region').lower()} in an image]"
        if kind == "TEXT":
            return long_text(item, 0x0040A160)
        if kind == "TIME":
            found = text(item, 0x0040A122).replace(":", "")
            return f"{found[:2]}:{found[2:4]}" if found[:4].isdigit() and len(found) >= 4 else found
        if kind in ("DATE", "DATETIME"):
            return wording.date_time(self._at.moment(text(item, 0x0040A121 if kind == "DATE" else 0x0040A120)))
        return f"[{kind}]"


def _is_bare_reference(item: Dataset) -> bool:
    return text(item, 0x0040A040) in _REFERENCES and 0x0040A043 not in item and not items(item, 0x0040A730)


def _referred(count: int, what: str) -> str:
    return f"[{count} {what}{'' if count == 1 else 's'} referred to]"


def _number(item: Dataset) -> str:
    """A measurement as sent; where there is none, the reason that was given."""
    found = first(item, 0x0040A300)
    if found is None:
        return meaning(first(item, 0x0040A301)) or "not measured"
    unit = coding(first(found, 0x004008EA))
    words = ""
    if unit is not None and unit.code not in ("1", ""):
        words = unit.code if _PLAIN_UNIT.match(unit.code) else unit.display or unit.code
    value = text(found, 0x0040A30A)
    qualifier = meaning(first(item, 0x0040A301))
    return " ".join(x for x in (value, words, f"({qualifier})" if qualifier else "") if x)
