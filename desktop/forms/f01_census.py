"""F01 Ward census: one line a bed, in bed order, empty beds among them; the ward in place of a patient (CLINICAL §6).

Never on it: confidential or safeguarding alerts, a blood group (§1.5, H16, H24). Resuscitation reads "see original".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from desktop.forms import outline as o
from desktop.forms.allergies import TITLES, is_active
from desktop.forms.blocks import Block, Strip, rule
from desktop.forms.chart_text import RESUS, as_of
from desktop.forms.frame import A4_LANDSCAPE, Frame
from desktop.forms.layout import Area, Design, Filling, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Style, glued, wrap
from localdb.chart import wording
from localdb.chart.matching import ON_PAPER
from localdb.chart.views import KNOWN, CensusRow
from localdb.records.vocabulary import Record

HEADS = ("Patient", "Why here, consultant", "Allergies", "Alerts", "NEWS2, waiting", "Resus", "Jobs")
# Shares of the width: bed, then HEADS.
_SHARES = (0.04, 0.265, 0.155, 0.115, 0.15, 0.1, 0.06, 0.115)
_OFF_PAPER = re.compile(
    r"safeguard|child protection|domestic|abuse|do not disclose|blood group|rh(esus)?d?\b.*(pos|neg)|\bABO\b", re.I
)
SORT = "In bed order, empty beds included."
BLANK_ROWS = 12
_BED, _NAME, _TEXT, _HEAD = (
    Style("bold", 11), Style("semibold", 10), Style("regular", 8.5), Style("semibold", 8.5),
)  # fmt: skip
_LEADING = 11.0


def outline(model: FormModel) -> o.Outline:
    """A grid of the beds; cells of several lines are parted by line breaks."""
    if model.census is None:
        rows = tuple(("",) * (len(HEADS) + 1) for _ in range(BLANK_ROWS))
        title = "Ward ____________________   Date __-___-____   Time __:__"
        return o.Outline(sections=(o.Section(title=title, rows=(o.Grid(heads=HEADS, rows=rows),)),))
    cells = tuple(_cells(model, row) for row in model.census.rows)
    section = o.Section(title=SORT, as_of=as_of(model, "stay"), rows=(o.Grid(heads=HEADS, rows=cells),))
    return o.Outline(sections=(section,))


def _cells(model: FormModel, row: CensusRow) -> tuple[str, ...]:
    patient = row.patient
    if patient is None:
        note = wording.clean(row.note)
        return (row.bed, f"empty\n{note}" if note else "empty", "", "", "", "", "", "")
    zone = model.site.zone
    born = wording.born_text(patient.born, model.printed_at, zone, estimated=patient.born_estimated)
    numbers = f"NHS No. {wording.nhs_number(patient.nhs)}"
    if patient.mrn:
        numbers += f", Hosp. No. {wording.clean(patient.mrn)}"
    who = [wording.display_name(patient.name), f"Born {born}, {wording.gender(patient.gender)}", numbers]
    if row.alike:
        who.append(ON_PAPER[row.alike])
    if patient.is_deceased or patient.deceased:
        who.append(f"Died {wording.date_time(patient.deceased, zone, missing='date not recorded')}")
    why = [wording.clean(patient.reason) or "reason not in this copy", wording.clean(patient.consultant)]
    if patient.admitted is not None:
        why.append(f"since {wording.date(patient.admitted, zone)}{_days(patient.admitted.instant, model)}")
    return (
        row.bed,
        "\n".join(who),
        "\n".join(t for t in why if t),
        _allergies(row),
        "; ".join(wording.clean(a.text) for a in _alerts(row) if not RESUS.search(a.text)),
        _score(model, row),
        "HELD, see original" if any(RESUS.search(a.text) for a in _alerts(row)) else "see original",
        "",
    )


def _days(admitted: datetime | None, model: FormModel) -> str:
    if admitted is None or admitted > model.printed_at:
        return ""
    return f" ({wording.duration(model.printed_at - admitted).split()[0]})"


def _allergies(row: CensusRow) -> str:
    title = TITLES[row.allergy_state]
    if row.allergy_state != KNOWN:
        return title.upper() if row.allergy_state != "none_asserted" else title
    names = [wording.clean(a.text) for a in row.allergies if is_active(a) and not a.restricted]
    return "\n".join((title, *names))


def _alerts(row: CensusRow) -> list[Record]:
    return [
        a
        for a in row.alerts
        if not a.restricted
        and a.status not in ("inactive", "entered-in-error", "completed")
        and not _OFF_PAPER.search(" ".join((a.text, getattr(a, "category", ""), *(c.display for c in a.codes))))
    ]


def _score(model: FormModel, row: CensusRow) -> str:
    if row.score:
        at = wording.date_time(row.score_at, model.site.zone, year=False, missing="time not recorded")
        lines = [f"{wording.clean(row.score) if row.is_score_whole else 'INCOMPLETE'} at {at}"]
    else:
        lines = ["no score sent"]
    if row.waiting:
        lines.append(f"{row.waiting} waiting")
    if row.entries:
        lines.append(f"{row.entries} written here")
    return "\n".join(lines)


def _row_blocks(
    cells: tuple[str, ...], wide: float, most: float, *, head: bool = False, high: float = 0
) -> list[Block]:
    """A bed across the page, cells wrapped in their columns; one that is higher than `most` goes on below itself."""
    columns = [wide * s for s in _SHARES]
    wrapped: list[list[Line]] = []
    for n, cell in enumerate(cells):
        lines: list[Line] = []
        for k, text in enumerate(cell.split("\n")):
            style = _HEAD if head else _BED if n == 0 else _NAME if n == 1 and k == 0 else _TEXT
            style = _HEAD if not head and n == 3 and k == 0 else style
            lines += wrap([(glued(text), style)], columns[n] - 7) if text else []
        wrapped.append(lines)
    each = max(1, int((most - 6) / _LEADING))
    longest = max(1, *(len(lines) for lines in wrapped))
    return [
        _table_row([lines[k : k + each] for lines in wrapped], columns, head=head, high=high)
        for k in range(0, longest, each)
    ]


def _table_row(cells: list[list[Line]], columns: list[float], *, head: bool, high: float) -> Block:
    height = max(max(len(lines) for lines in cells) * _LEADING + 5.5, high)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = x
        for lines, column in zip(cells, columns, strict=True):
            for k, line in enumerate(lines):
                sheet.text(at + 3, y + 10.6 + k * _LEADING, line.spans)
            if at > x:
                sheet.line(at, y, at, y + height)
            at += column

    return Block((Strip(height, draw), rule(sum(columns), 1.0 if head else 0.5, 0, 0)), tied=head)


def design(form: Form, model: FormModel) -> Design:
    """The beds down the page; the head of the table on each page."""
    made = outline(model)
    frame = Frame(form, model, A4_LANDSCAPE, back_entry="line")
    section = made.sections[0]
    grid = section.rows[0]
    assert isinstance(grid, o.Grid)
    area = frame.content
    title = _title_block(section, area.width)
    head = _row_blocks(("Bed", *grid.heads), area.width, area.height, head=True)[0]
    most = area.height - title.height - head.height - 1
    filling = Filling(lambda page: (Area(area.left, area.top, area.width, area.bottom),))
    filling.place(title)
    filling.place(head)
    high = 24 if model.census is None else 0
    for block in (b for cells in grid.rows for b in _row_blocks(cells, area.width, most, high=high)):
        if block.height > filling.room:
            filling.onward()
            filling.place(title)
            filling.place(head)
        filling.place(block)
    return Design(A4_LANDSCAPE, tuple((Panel(frame, items),) for items in filling.pages))


def _title_block(section: o.Section, wide: float) -> Block:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x, y + 10, section.title, Style("semibold", 10))
        sheet.text(x + wide, y + 10, section.as_of, Style("regular", 8.5), align="right")

    return Block((Strip(14, draw), rule(wide, 1.0, 0, 0)), tied=True)


FORM = Form(
    code="F01", title="Ward census", size="A4 landscape", takes="ward", version=1, valid=timedelta(hours=12),
    use="For handover. Jobs are written in. Shred when replaced.",
    outline=outline, design=design, allergies=False, hint="Ward, date and time",
)  # fmt: skip
