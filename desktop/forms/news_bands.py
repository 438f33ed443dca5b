"""The rows of the observation record: bands with their digits, or neutral rows; and the key of what a score asks for.

Source of the scoring: NEWS2, Royal College of Physicians 2017 (CLINICAL §2.1, §2.2), acknowledged on each sheet.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import heading
from desktop.forms.blocks import Block, gap, text_block
from desktop.forms.language import tr
from desktop.forms.observation_columns import Columns
from desktop.forms.parts import Own, Part
from desktop.forms.tables import Column, table
from desktop.forms.time_columns import Group, Row
from localdb.chart import early_warning as ew
from localdb.chart.observation_sets import ObsSet

ADULTS = "Only where both are true:"
NOT_OFFERED = "NEWS2 IS NOT OFFERED ON THIS SHEET"
ACKNOWLEDGED = (
    "Scoring: National Early Warning Score (NEWS2), Royal College of Physicians 2017, which is its source. "
    "Adults of 16 or over, not in pregnancy. This sheet is Wardlamp's own and not the RCP's chart."
)
DEVICES = (
    "Oxygen: write litres a minute or %, and how: A air, N nasal cannulae, SM simple mask, V Venturi mask with its %, "
    "RM reservoir mask, H humidified with its %, NIV, CPAP."
)
LEVELS = "Consciousness: A alert, C new confusion, V responds to voice, P responds to pain, U unresponsive."
NIGHT = "On the night when the clocks change write BST or GMT beside each time."
RESPONSES = (
    ("0", "every 12 hours", "Routine observations."),
    ("1-4 in all", "every 4 to 6 hours", "A registered nurse assesses, and decides on frequency and escalation."),
    ("3 in one row", "every hour", "The nurse informs the medical team, who review."),
    ("5-6", "every hour",
     "URGENT: inform the medical team at once; assessment by a clinician competent in acute illness; monitored place."),
    ("7 or more", "continuous",
     "EMERGENCY: team of registrar level or above with critical-care competence; consider level 2 or 3 care."),
)  # fmt: skip
SEPSIS = "5 or more with suspected infection: think sepsis. A row that was not measured: write INCOMPLETE, no total."


def _label(band: ew.Band) -> str:
    if band.low is None:
        return f"≤ {band.high}"
    return f"≥ {band.low}" if band.high is None else f"{band.low}-{band.high}"


def _banded(columns: Columns, key: str, name: str, bands: tuple[ew.Band, ...], hint: str = "") -> Group:
    cells = columns.banded(key, bands)
    rows = tuple(
        Row(_label(b), b.points, cells=found) for b, found in zip(reversed(bands), cells, strict=True)
    )  # fmt: skip
    return Group(tr(name), rows, tr(hint))


def _spo2(columns: Columns) -> tuple[Group, Group]:
    """Both scales. A value stands on the one that its source named; none named: scale 1, as on screen."""
    one, two = ew.bands_of("spo2"), ew.bands_of("spo2", scale="2", on_oxygen=True)
    first = columns.banded("spo2", one, lambda s: s.scale != "2")

    def breathes(s: ObsSet) -> bool:
        return s.scale == "2" and s.is_on_oxygen is not False

    on_oxygen = columns.banded("spo2", two, breathes)
    low = ew.bands_of("spo2", scale="2")
    on_air = columns.banded("spo2", low, lambda s: s.scale == "2" and s.is_on_oxygen is False)
    rows = [
        Row(f"{_label(b)} O2", b.points, cells=cells)
        for b, cells in zip(reversed(two), on_oxygen, strict=True)
        if b.low is not None and b.low >= 93
    ]
    # On air, 93 and more is 0 points, in a row of its own; 88-92 is one row for both.
    air = on_air[0]
    high = tuple(t if t and _is_high(t) else "" for t in air)
    rows.append(Row("≥ 93 A", 0, cells=high))
    rest = [(b, cells) for b, cells in zip(reversed(two), on_oxygen, strict=True) if not (b.low and b.low >= 93)]
    lower = [tuple("" if h else t for t, h in zip(air, high, strict=True)), *on_air[1:]]
    rows += [
        Row(_label(b), b.points, cells=tuple(x or y for x, y in zip(cells, more, strict=True)))
        for (b, cells), more in zip(rest, lower, strict=True)
    ]
    return (
        Group(
            tr("SpO2 scale 1"),
            tuple(Row(_label(b), b.points, cells=c) for b, c in zip(reversed(one), first, strict=True)),
            "%",
        ),
        Group(tr("SpO2 scale 2"), tuple(rows), tr("%, where decided and signed. O2: on oxygen, A: on air")),
    )


def _is_high(text: str) -> bool:
    return text.isdigit() and int(text) >= 93


def _ends(columns: Columns, *, scored: bool) -> Group:
    total = "Total (copy: as sent)" if scored else "NEWS2 as sent, in the copy only"
    sent = columns.totals()
    rows = []
    if scored or any(sent):
        rows.append(Row(tr(total), height=21, cells=sent, is_closed=not scored))
    rows += [
        Row(tr("Next observations in"), height=15),
        Row(tr("Escalated: yes, no"), height=15),
        Row(tr("Initials"), height=15, cells=columns.sources()),
    ]
    return Group("", tuple(rows))


def banded_groups(columns: Columns) -> tuple[Group, ...]:
    """The seven in the order of CLINICAL §2.3, the highest band at the top."""
    breaths = _banded(columns, "resp", "Respirations", ew.bands_of("resp"), "a minute")
    one, two = _spo2(columns)
    oxygen = Group(
        tr("Air or oxygen"),
        (
            Row(tr("Air"), ew.AIR_POINTS, cells=columns.oxygen(is_oxygen=False)),
            Row(tr("Oxygen"), ew.OXYGEN_POINTS, height=24, cells=columns.oxygen(is_oxygen=True)),
        ),
        tr("litres or %, how"),
    )
    pressure = _banded(columns, "bp", "Blood pressure", ew.bands_of("bp"), "systolic, mmHg")
    diastolic = Group("", (Row(tr("Diastolic, mmHg"), height=14, cells=columns.diastolic()),))
    pulse = _banded(columns, "pulse", "Pulse", ew.bands_of("pulse"), "a minute")
    level = Group(
        tr("Consciousness"),
        (
            Row("A", ew.ALERT_POINTS, cells=columns.level(is_alert=True)),
            Row("C V P U", ew.OTHER_POINTS, cells=columns.level(is_alert=False)),
        ),
    )
    heat = _banded(columns, "temp", "Temperature", ew.bands_of("temp"), "°C")
    return (breaths, one, two, oxygen, pressure, diastolic, pulse, level, heat, _ends(columns, scored=True))


def neutral_groups(columns: Columns) -> tuple[Group, ...]:
    """The same rows without bands, high enough to write in."""
    rows = [
        Row(tr("Respirations a minute"), cells=columns.words("resp")),
        Row(tr("SpO2 %"), cells=columns.words("spo2")),
        Row(tr("Air or oxygen: litres or %, how"), cells=columns.words("oxygen")),
        Row(tr("Systolic mmHg"), cells=columns.systolic()),
        Row(tr("Diastolic mmHg"), cells=columns.diastolic()),
        Row(tr("Pulse a minute"), cells=columns.words("pulse")),
        Row(tr("Capillary refill, seconds")),
        Row(tr("Consciousness"), cells=columns.words("acvpu")),
        Row(tr("Temperature °C"), cells=columns.words("temp")),
        Row(tr("Score of the ward's own chart")),
    ]
    return (Group("", tuple(rows)), _ends(columns, scored=False))


def _key(wide: float, rows: tuple[tuple[str, ...], ...]) -> Block:
    """Head and table in one piece: half a key is none."""
    made = table(wide, (Column("Score", 0.15), Column("At least", 0.19), Column("Response", 0.66)), rows, pitch=14)
    head = heading(wide, "What the score asks for")
    return Block((*head.strips, *made.head.strips, *(s for row in made.rows for s in row.strips), gap(3)))


def key_parts(*, banded: bool) -> list[Part]:
    """The thresholds key and the letters; without the key where no score is offered."""
    out: list[Part] = []
    if banded:
        rows = tuple(tuple(tr(t) for t in row) for row in RESPONSES)
        out.append(Own(lambda wide: [_key(wide, rows)], tuple(o.Pair(left=t) for row in rows for t in row)))
    texts = [*([SEPSIS] if banded else []), DEVICES, LEVELS, NIGHT, *([ACKNOWLEDGED] if banded else [])]
    rows_said = tuple(o.Text(text=tr(t)) for t in texts)
    return [*out, Own(lambda wide: [text_block(row, wide) for row in rows_said], rows_said)]
