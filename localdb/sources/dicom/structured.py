"""Structured reports as indented plain text: headings, codes' meanings, measurements with their units as sent (PS3.3
C.17.3, PS3.16). Nothing is left out in silence; references to images are named by how many there are.
"""

from __future__ import annotations

import re

from pydicom.dataset import Dataset

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
        for item in items(ds, 0x0040A730):
            self._item(item, 0, lines, conclusions)
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
        for child in items(item, 0x0040A730):
            self._item(child, depth + 1, lines, conclusions)

    def _said(self, item: Dataset) -> str | None:
        """The value of a content item in words; None of a heading."""
        kind = text(item, 0x0040A040)
        if kind == "CONTAINER" or not kind:
            return None
        if kind == "NUM":
            return _number(item)
        if kind == "CODE":
            return meaning(first(item, 0x0040A168))
        if kind == "PNAME":
            return person_line(item, 0x0040A123)
        if kind in _REFERENCES:
            found = items(item, 0x00081199)
            return f"[{len(found)} {_REFERENCES[kind]}{'' if len(found) == 1 else 's'} referred to]"
        if kind in ("SCOORD", "SCOORD3D", "TCOORD"):
            return f"[{(text(item, 0x00700023) or text(item, 0x0040A130) or 'region').lower()} in an image]"
        tag = {"TEXT": 0x0040A160, "DATETIME": 0x0040A120, "DATE": 0x0040A121, "TIME": 0x0040A122, "UIDREF": 0x0040A124}
        if kind in tag:
            return long_text(item, tag[kind])
        return f"[{kind}]"


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
