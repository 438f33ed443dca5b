"""One HL7 v2 message as segments, fields, repetitions, components and subcomponents (HL7 v2.8 chapter 2).

Liberal: whatever a sender left out is "", whatever it added stays; nothing here fails on odd content. Field numbers are
the standard's: `MSH-1` is the field separator itself. `""` (two quotes) is the standard's delete: `is_null`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

NULL = '""'
_LINE_ENDS = re.compile(r"[\r\n]+")
_AROUND = "\ufeff\x0b\x1c\x00 \t\r\n"
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
# Segments that senders write without a single field; another word of three letters on a line of its own is text.
_BARE = frozenset(
    "MSA EVN PID PD1 NK1 PV1 PV2 ROL DB1 OBX AL1 DG1 DRG PR1 GT1 IN1 IN2 ACC UB1 UB2 ORC OBR NTE SPM SAC TQ1 TQ2 RXA RXO"
    " RXE RXR RXD TXA SCH AIS AIL AIP AIG RGS SFT MRG PDA ERR QAK".split()
)


class Delimiters(msgspec.Struct, frozen=True):
    """MSH-1 and MSH-2: field, component, repetition, escape, subcomponent, truncation ("" where none was sent)."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""


STANDARD = Delimiters()
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
# Formatting commands of FT (chapter 2.7.6) that break a line; the others (indent, wrap) leave no mark in plain text.
_BREAKS = re.compile(r"\.(?:br|sp\d*|ce|sk\d*)\Z")


def unescape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """Text with its escape sequences resolved (chapter 2.7). An unknown one stands as it was sent."""
    escape = delimiters.escape
    if not escape or escape not in text:
        return text
    parts, out, n = text.split(escape), [], 0
    out.append(parts[0])
    n = 1
    while n < len(parts):
        if n + 1 == len(parts):  # an escape without its end
            out.append(escape + parts[n])
            break
        known = _resolved(parts[n], delimiters)
        if known is None:
            out.append(escape + parts[n])
            n += 1
            continue
        out.append(known + parts[n + 1])
        n += 2
    return "".join(out)


def _resolved(code: str, d: Delimiters) -> str | None:
    plain = {"F": d.field, "S": d.component, "T": d.subcomponent, "R": d.repetition, "E": d.escape, "P": d.truncation}
    if code in plain:
        return plain[code]
    if code in ("H", "N"):  # highlighting starts and ends
        return ""
    if code[:1] == "X" and _HEX.match(code[1:]):
        raw = bytes.fromhex(code[1:])
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    if code.startswith("."):
        return "\n" if _BREAKS.match(code) else "" if re.match(r"\.(?:fi|nf|in[+-]?\d*|ti[+-]?\d*)\Z", code) else None
    return None


class Segment(msgspec.Struct, frozen=True):
    """One segment. `fields[0]` is its name, `fields[n]` field n as sent (for MSH too: `fields[1]` the separator)."""

    fields: tuple[str, ...]
    delimiters: Delimiters = STANDARD

    @property
    def name(self) -> str:
        return self.fields[0]

    def raw(self, field: int) -> str:
        """Field as sent, "" where it is not there."""
        return self.fields[field] if field < len(self.fields) else ""

    def is_null(self, field: int) -> bool:
        """Whether the sender deletes the field (chapter 2.5.3)."""
        return self.raw(field).strip() == NULL

    def repetitions(self, field: int) -> list[str]:
        """The repetitions as sent that are not empty and not null."""
        raw = self.fields[field] if field < len(self.fields) else ""
        if not raw or raw == NULL:
            return []
        mark = self.delimiters.repetition
        parts = raw.split(mark) if mark and mark in raw else (raw,)
        return [p for p in parts if p and (bare := p.strip()) and bare != NULL]

    def text(self, field: int, component: int = 1, subcomponent: int = 1, repetition: int = 0) -> str:
        """One value, resolved and stripped; "" where it is not there or null. Counts from 1, repetitions from 0."""
        fields = self.fields
        if field >= len(fields) or not (raw := fields[field]):
            return ""
        mark = self.delimiters.repetition
        if mark and mark in raw:
            found = self.repetitions(field)
            return self.part(found[repetition], component, subcomponent) if repetition < len(found) else ""
        return "" if repetition else self.part(raw, component, subcomponent)

    def whole(self, field: int) -> str:
        """The whole field as text: for ST, TX, FT fields whose senders did not escape `^` and `&`. Resolved."""
        raw = self.raw(field).strip()
        return "" if raw == NULL else unescape(raw, self.delimiters)

    def components(self, repetition: str) -> list[str]:
        """The components of one repetition as sent."""
        return repetition.split(self.delimiters.component) if self.delimiters.component else [repetition]

    def part(self, repetition: str, component: int = 1, subcomponent: int = 1) -> str:
        """One component (and subcomponent) of a repetition, resolved and stripped."""
        d, raw = self.delimiters, repetition
        if d.component and d.component in raw:
            parts = raw.split(d.component, component)
            if component > len(parts):
                return ""
            raw = parts[component - 1]
        elif component != 1:
            return ""
        if d.subcomponent and d.subcomponent in raw:
            subs = raw.split(d.subcomponent, subcomponent)
            if subcomponent > len(subs):
                return ""
            raw = subs[subcomponent - 1]
        elif subcomponent != 1:
            return ""
        found = raw.strip()
        if not found or found == NULL:
            return ""
        return unescape(found, d) if d.escape and d.escape in found else found


class Message(msgspec.Struct, frozen=True):
    """One message: `segments` in order (Z segments too), `text` its decoded text, segments ended by CR."""

    segments: tuple[Segment, ...]
    text: str
    delimiters: Delimiters = STANDARD

    @property
    def msh(self) -> Segment:
        return self.segments[0]

    @property
    def type(self) -> str:
        """`ADT^A01` (MSH-9.1 and 9.2 as sent), `ACK` where there is no trigger, "" where there is nothing."""
        code, trigger = self.msh.text(9, 1), self.msh.text(9, 2)
        return f"{code}^{trigger}" if trigger else code

    @property
    def code(self) -> str:
        return self.msh.text(9, 1)

    @property
    def trigger(self) -> str:
        """MSH-9.2, else EVN-1 (v2.1 and v2.2 senders)."""
        evn = self.first("EVN")
        return self.msh.text(9, 2) or (evn.text(1) if evn else "")

    @property
    def control_id(self) -> str:
        return self.msh.text(10)

    def first(self, name: str) -> Segment | None:
        for segment in self.segments:
            if segment.fields[0] == name:
                return segment
        return None

    def all(self, name: str) -> list[Segment]:
        return [s for s in self.segments if s.fields[0] == name]

    def groups(self, opening: str) -> Iterator[list[Segment]]:
        """Runs of segments, each beginning with a segment of that name (up to the next of it)."""
        run: list[Segment] = []
        for segment in self.segments:
            if segment.name == opening:
                if run:
                    yield run
                run = [segment]
            elif run:
                run.append(segment)
        if run:
            yield run


def parse(text: str) -> Message | None:
    """A message from decoded text with any line ends; None where it does not begin with MSH and a separator.

    A line that does not begin with a segment's name goes on where the line before ended: senders break the text of a
    value over lines although the standard has an escape for that (chapter 2.7).
    """
    lines = [line for line in _LINE_ENDS.split(text.lstrip(_AROUND)) if line.strip(_AROUND)]
    if not lines or not lines[0].startswith("MSH") or len(lines[0]) < 4:
        return None
    separator = lines[0][3]
    if separator.isalnum() or separator.isspace():
        return None
    encoding = lines[0][4:].split(separator, 1)[0].strip()
    found = Delimiters(separator, *(encoding[n : n + 1] for n in range(5))) if encoding else Delimiters(separator)
    if found == STANDARD:
        found = STANDARD
    wholes: list[str] = []
    for line in lines:
        line = line.strip("\x0b\x1c")
        bare = line.lstrip()
        if _is_segment(bare, separator):
            wholes.append(bare)
        else:
            wholes[-1] += "\n" + line
    segments = []
    for whole in wholes:
        parts = whole.split(separator)
        if parts[0] == "MSH":
            parts.insert(1, separator)
        else:
            parts[0] = parts[0].strip()
        segments.append(Segment(tuple(parts), found))
    return Message(tuple(segments), "\r".join(wholes) + "\r", found)


def _is_segment(line: str, separator: str) -> bool:
    """`PID|…`, or a name alone on its line."""
    if line[3:4] == separator:
        return _NAME.match(line) is not None
    return len(line) <= 4 and line.rstrip() in _BARE
