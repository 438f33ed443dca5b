"""How a specimen label is set (CLINICAL §6 F07, §8): everything whole, in letters of 8 points or more, or not at all.

Rules: name, date of birth, both numbers, the DataMatrix and the transfusion warning stand on every label. The family name
stands on one line; type goes down step by step to 8 points, then given names take a second and third line. What a small
stock has no room for goes in this order, and is never shortened: the serial (it goes onto the margin of the sheet, and
stands in the DataMatrix), the Code 128 (its number stands in figures, and the DataMatrix names the patient), the ward, the
sex, the lines for who took it and when, the request. A label that has no room for what
must stand is refused: a larger stock is named.

The DataMatrix is that of a sheet (`WL1|F07|serial|patient`), not a wristband's: a label scanned in place of the band must
not pass as the patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from desktop.forms import codes
from desktop.forms.language import tr
from desktop.forms.sheet import MM
from desktop.forms.strokes import QUIET, Bars, Box, Matrix, Rule, Stroke, Words, bars_wide, side
from desktop.forms.type import Span, Style, tied, width, wrap

NOT_TRANSFUSION = "NOT FOR TRANSFUSION SAMPLES"
MODULE, LARGE_MODULE = 0.5 * MM, 0.6 * MM  # the least that CLINICAL §8 allows; that of sheets
BAR_MODULE, BAR_HIGH = 0.34 * MM, 5 * MM
PITCH = 14.2  # 5 mm, the least that a hand needs on a label
SERIAL_ROOM = "W" * 12 + "*"  # a serial that needs the largest symbol
SIZES = (
    (18, 13),
    (16, 12),
    (14, 11),
    (13, 10.5),
    (12, 10),
    (11, 9.5),
    (10.5, 9),
    (10.5, 8.5),
    (10, 8),
    (9, 8),
    (8, 8),
)  # fmt: skip - name, the rest
PITCH = 14.2  # 5 mm, the least that a hand needs on a label
SERIAL_ROOM = "W" * 12 + "*"  # a serial that needs the largest symbol
SIZES = (
    (18, 13),
    (16, 12),
    (14, 11),
    (13, 10.5),
    (12, 10),
    (11, 9.5),
    (10.5, 9),
    (10.5, 8.5),
    (10, 8),
    (9, 8),
    (8, 8),
)  # name, the rest
_SMALL = Style("regular", 8)
DATE, TIME = "__-___-____", "__:__"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a label says; "" where nothing is to stand. `given` in the order in which it breaks; `code` what the DataMatrix
    says, `room` the longest that it could say; `alike` the words of the similar-name mark."""

    family: str = ""
    given: str = ""
    alike: str = ""
    born: str = ""
    sex: str = ""
    nhs_label: str = "NHS No."
    nhs: str = ""
    mrn: str = ""
    ward: str = ""
    request: str = ""
    serial: str = ""
    code: str = ""
    room: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What a layout keeps of what may go; `full`: the DataMatrix has the patient's key beside the serial."""

    bars: bool = True
    ward: bool = True
    sex: bool = True
    taken: bool = True
    full: bool = True
    serial: bool = True
    request: bool = True


_ORDER = ("serial", "bars", "ward", "sex", "taken", "full", "request")  # what goes first
# Every choice of what goes, the least loss first: nothing goes while the ones before it would do.
_LEVELS = tuple(
    Kept(**{name: not gone & 1 << n for n, name in enumerate(_ORDER)}) for gone in range(1 << len(_ORDER))
)  # fmt: skip


def _leading(size: float) -> float:
    return size * (1.1 if size <= 8.5 else 1.16)


def _wide(spans: Sequence[Span]) -> float:
    return sum(width(t, s) for t, s in spans)


@dataclass(slots=True)
class _Setting:
    """A label being set: `y` how far down it is; beside the DataMatrix lines are narrower."""

    wide: float
    high: float
    y: float = 0.0
    code_left: float = 0.0
    code_low: float = 0.0
    strokes: list[Stroke] = field(default_factory=list)

    @property
    def room(self) -> float:
        return self.code_left - 3 if self.y < self.code_low - 1 else self.wide

    def below_code(self) -> None:
        self.y = max(self.y, self.code_low + 1)

    def row(self, ways: Sequence[list[Span]], size: float) -> bool:
        """One line of text in the first of these ways that fits, below the code where none fits beside it."""
        if all(_wide(spans) > self.room for spans in ways):
            self.below_code()
        spans = next((s for s in ways if _wide(s) <= self.room), None)
        if spans is None:
            return False
        self.y += _leading(size)
        self.strokes.append(Words(0, self.y - size * 0.2, tuple(spans)))
        return True

    def ends_with(self, spans: list[Span]) -> bool:
        """The same spans at the right end of the last line, where there is room."""
        last = self.strokes[-1]
        if not isinstance(last, Words) or last.y - 7.5 < self.code_low:
            return False
        if last.x + _wide(last.spans) + 6 + _wide(spans) > self.wide:
            return False
        self.strokes.append(Words(self.wide - _wide(spans), last.y, tuple(spans)))
        return True


def name_lines(
    family: str, given: str, size: float, room: float, most: int, comma: str = ", "
) -> list[list[Span]] | None:
    """The name in at most `most` lines, the family name unbroken on the first; None where that cannot be."""
    style = Style("bold", size)
    first = tied(family) + (comma.rstrip() if family and given else "")
    if width(first, style) > room or any(width(w, style) > room for w in given.split()):
        return None
    lines = wrap([(f"{first} {given}" if first else given, style)], room)
    return [list(line.spans) for line in lines] if len(lines) <= most else None


def set_label(facts: Facts, wide: float, high: float, *, margin_serial: bool) -> list[Stroke] | None:
    """The strokes of a label whose printable part is so wide and high, or None where it cannot hold what must stand.
    `margin_serial`: the serial may stand on the sheet's margin instead."""
    for kept in _LEVELS:
        if not kept.serial and not margin_serial or not kept.bars and facts.blank:
            continue
        least = [n for n in (1, 2, 3) if _attempt(facts, kept, wide, high, SIZES[-1], n) is not None]
        if not least:  # what does not fit in the smallest type fits in none
            continue
        tries = (_attempt(facts, kept, wide, high, size, n) for size in SIZES for n in least)
        return next(made for made in tries if made is not None)
    return None


def _attempt(
    facts: Facts, kept: Kept, wide: float, high: float, sizes: tuple[float, float], most: int
) -> list[Stroke] | None:
    size, small = sizes
    at = _Setting(wide, high, code_left=wide)
    if facts.alike:
        _bar(at, facts.alike)
    pitch = max(PITCH, size * 1.35)
    if facts.blank:
        _line(at, tr("Name"), pitch)
    elif not _name(at, facts, size, most):
        return None
    if facts.room:
        module = LARGE_MODULE if size >= 13 else MODULE
        long = side(facts.room if kept.full else SERIAL_ROOM, module)
        at.code_left, at.code_low = wide - long - module, at.y + 2 + long
        if facts.code:
            says = facts.code if kept.full else facts.serial
            at.strokes.append(Matrix(wide - side(says, module) - module, at.y + 2, says, module))
    if facts.blank:
        for label in (f"{tr('Born')} {DATE}", tr("NHS No."), tr("Hosp. No.")):
            _line(at, label, pitch, ruled=DATE not in label)
    elif not all(at.row(ways, small) for ways in _rows(facts, kept, small)):
        return None
    if not _last_rows(at, facts, kept, small):
        return None
    if kept.taken and not _taken(at, pitch):
        return None
    if kept.bars and facts.mrn and not facts.blank and not _bars(at, facts.mrn, size):
        return None
    at.below_code()
    if not _warning(at):
        return None
    return at.strokes if at.y <= high + 0.01 else None


def _line(at: _Setting, label: str, pitch: float, *, ruled: bool = True) -> None:
    """A line to write on."""
    room = at.room
    at.y += pitch
    at.strokes.append(Words(0, at.y - 3, ((label, _SMALL),)))
    if ruled:
        at.strokes.append(Rule(width(label, _SMALL) + 3, at.y - 2, room))


def _name(at: _Setting, facts: Facts, size: float, most: int) -> bool:
    lines = name_lines(facts.family, facts.given, size, at.wide, most)
    if lines is None:
        return False
    at.y += size * 0.22 if facts.alike else 0  # two marks over a capital stand higher than a line: not into the bar
    for spans in lines:
        at.y += _leading(size)
        at.strokes.append(Words(0, at.y - size * 0.2, tuple(spans)))
    return True


def _rows(facts: Facts, kept: Kept, small: float) -> Iterator[list[list[Span]]]:
    """Line by line, each in the ways in which it may stand, the best first."""
    label, value, number = Style("regular", 8), Style("semibold", small), Style("identsans", small)
    born: list[Span] = [(tr("Born") + " ", label), (tied(facts.born), value)]
    if kept.sex and facts.sex:
        yield [[*born, ("  ", label), (tied(facts.sex), value)]]
    else:
        yield [born, born[1:]]
    for names, said in (
        ((facts.nhs_label, facts.nhs_label.removesuffix(" No.")), facts.nhs),
        ((tr("Hosp. No."), tr("Hosp.")), facts.mrn or tr("Not Known")),
    ):
        yield [[(name + " ", label), (tied(said), number)] for name in names]
    if kept.request and facts.request:
        yield [[(tr(name) + " ", label), (facts.request, number)] for name in ("Request", "Req.")]


def _last_rows(at: _Setting, facts: Facts, kept: Kept, small: float) -> bool:
    """Where from, and the serial of the sheet: on one line where it is wide enough."""
    if kept.ward and facts.ward:
        spans: list[Span] = [(facts.ward, Style("medium", max(8, small - 1)))]
        if _wide(spans) > at.room:
            at.below_code()
        if not at.row([spans], small):
            return False
    serial: list[Span] = [(facts.serial, Style("ident", 8))]
    return not kept.serial or at.ends_with(serial) or at.row([serial], 8)


def _taken(at: _Setting, need: float) -> bool:
    """Who took it, and when."""
    who, when = tr("Taken by") + " ", f"{DATE}  {TIME}"
    start = width(who, _SMALL)
    if start + 45 + width(when, _SMALL) <= at.wide:
        if start + 45 + width(when, _SMALL) > at.room:
            at.below_code()
        at.y += need
        right = at.room - width(when, _SMALL)
        at.strokes += [Words(0, at.y - 3, ((who, _SMALL),)), Rule(start, at.y - 2, right - 6),
                       Words(right, at.y - 3, ((when, _SMALL),))]  # fmt: skip
        return True
    if max(start + 30, width(when, _SMALL)) > at.wide:
        return False
    if max(start + 30, width(when, _SMALL)) > at.room:
        at.below_code()
    at.y += need
    at.strokes += [Words(0, at.y - 3, ((who, _SMALL),)), Rule(start, at.y - 2, at.room)]
    at.y += 13
    at.strokes.append(Words(0, at.y - 3, ((when, _SMALL),)))
    return True


def _bars(at: _Setting, mrn: str, size: float) -> bool:
    if not mrn.isascii() or not mrn.isprintable():
        return False
    need = bars_wide(mrn, BAR_MODULE) + 2 * QUIET * BAR_MODULE
    if need > at.wide:
        return False
    if need > at.room:
        at.below_code()
    high = BAR_HIGH if size < 12 else 8 * MM
    at.strokes.append(Bars(QUIET * BAR_MODULE, at.y + 2, mrn, BAR_MODULE, high))
    at.y += high + 3
    return True


def _bar(at: _Setting, text: str, size: float = 8.5) -> bool:
    """White on black across the label."""
    style = Style("bold", size)
    lines = wrap([(text, style)], at.wide - 4)
    if any(line.width > at.wide - 4 for line in lines):
        return False
    high = _bar_high(len(lines), size)
    at.strokes.append(Box(0, at.y + 0.4, at.wide, high - 0.8, filled=True))
    for n, line in enumerate(lines):
        x = (at.wide - line.width) / 2
        at.strokes.append(Words(x, at.y + (n + 1) * size * 1.06 - 0.3, line.spans, white=True))
    at.y += high
    return True


def _bar_high(lines: int, size: float) -> float:
    return lines * size * 1.06 + 1.8


def _warning(at: _Setting) -> bool:
    """At the foot of the label; 9 points where it stands on one line, else 8."""
    text = tr(NOT_TRANSFUSION)
    size = 9 if width(text, Style("bold", 9)) <= at.wide - 4 else 8
    lines = len(wrap([(text, Style("bold", size))], at.wide - 4))
    at.y = max(at.y, at.high - _bar_high(lines, size))
    return _bar(at, text, size)


def room_code(code: str) -> str:
    """The longest text that the DataMatrix of such a label can say: the layout may not depend on the serial."""
    return codes.page_code("F07", SERIAL_ROOM, code)
