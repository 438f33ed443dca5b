"""F01 Ward census: one line a bed, in bed order, empty beds among them; the ward in place of a patient (CLINICAL §6).

Never on it: confidential or safeguarding alerts, a blood group (§1.5, H16, H24). Resuscitation reads "see original".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from desktop.forms import outline as o
from desktop.forms.allergies import TITLES, is_active
from desktop.forms.blocks import Block, Strip, rule
from desktop.forms.chart_text import RESUS, as_of
from desktop.forms.frame import A4_LANDSCAPE, Frame
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Filling, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Style, glued, wrap
from localdb.chart import wording
from localdb.chart.matching import ON_PAPER
from localdb.chart.views import KNOWN, CensusRow, PatientView
from localdb.records.vocabulary import Record

HEADS = (
    "Patient", "Why here, consultant", "Allergies", "Isolation, alerts, resus", "Diet, discharge", "NEWS2, waiting", "Jobs",
)  # fmt: skip
# Shares of the width: bed, then HEADS.
_SHARES = (0.04, 0.235, 0.16, 0.11, 0.15, 0.085, 0.12, 0.1)
_OFF_PAPER = re.compile(
    r"safeguard|child protection|domestic|abuse|do not disclose|blood group|rh(esus)?d?\b.*(pos|neg)|\bABO\b", re.I
)
# What alerts say of isolation, food and leaving, in the words in which systems send it (CLINICAL §1.5).
_ISOLATION = re.compile(
    r"isolat|side room|barrier|\bMRSA\b|\bCPE\b|\bGRE\b|\bESBL\b|difficile|norovirus|tubercul|\bTB\b|infect|influenza|"
    r"covid",
    re.I,
)
_DIET = re.compile(r"nil by mouth|\bNBM\b|\bdiet|swallow|thicken|clear fluids|soft food|puree|enteral|\bfeeds?\b", re.I)
_LEAVING = re.compile(r"\bEDD\b|(expected|estimated|planned) (date of )?discharge|\bMFFD\b|fit for discharge", re.I)
SORT = (
    "In bed order, empty beds included. A field without a word: nothing of it in this copy, which is no proof of none."
)
TO_WRITE = "Ward ____________________   Date __-___-____   Time __:__"
ROLES = ("nurse in charge", "doctors")
BLANK_ROWS, NAMED = 12, 3
_BED, _NAME, _TEXT, _HEAD = (
    Style("bold", 11), Style("semibold", 10), Style("regular", 9.5), Style("semibold", 9),
)  # fmt: skip
_LEADING = 11.4


def outline(model: FormModel) -> o.Outline:
    """A grid of the beds; cells of several lines are parted by line breaks."""
    heads = tuple(tr(h) for h in HEADS)
    if model.census is None:
        rows = tuple(("",) * (len(HEADS) + 1) for _ in range(BLANK_ROWS))
        return o.Outline(sections=(o.Section(title=tr(TO_WRITE), rows=(o.Grid(heads=heads, rows=rows),)),))
    cells = tuple(_cells(model, row) for row in model.census.rows)
    section = o.Section(title=tr(SORT), as_of=as_of(model, "stay"), rows=(o.Grid(heads=heads, rows=cells),))
    return o.Outline(sections=(section,))


def _cells(model: FormModel, row: CensusRow) -> tuple[str, ...]:
    patient = row.patient
    if patient is None:
        note = wording.clean(row.note)
        return (row.bed, f"{tr('empty')}\n{note}" if note else tr("empty"), "", "", "", "", "", "")
    alerts = _alerts(row)
    return (
        row.bed, _who(model, row, patient), _why(model, patient), _allergies(row), _told(alerts),
        _said(alerts, _DIET, _LEAVING), _score(model, row), "",
    )  # fmt: skip


def _who(model: FormModel, row: CensusRow, patient: PatientView) -> str:
    zone = model.site.zone
    born = wording.born_text(patient.born, model.printed_at, zone, estimated=patient.born_estimated)
    said = tr("Born {born}").format(born=born) + ", " + tr(wording.gender(patient.gender))
    number = wording.nhs_number(patient.nhs) if patient.nhs else tr(wording.NOT_KNOWN)
    numbers = tr("NHS No. {number}").format(number=number)
    if patient.mrn:
        numbers += ", " + tr("Hosp. No. {number}").format(number=wording.clean(patient.mrn))
    who = [wording.display_name(patient.name), said, numbers]
    if row.alike:
        who.append(tr(ON_PAPER[row.alike]))
    if patient.is_deceased or patient.deceased:
        when = wording.date_time(patient.deceased, zone, missing=tr("date not recorded"))
        who.append(tr("Died {when}").format(when=when))
    return "\n".join(who)


def _why(model: FormModel, patient: PatientView) -> str:
    why = [wording.clean(patient.reason) or tr("reason not in this copy"), wording.clean(patient.consultant)]
    if patient.admitted is not None:
        since = tr("since {day}").format(day=wording.date(patient.admitted, model.site.zone))
        why.append(f"{since}{_days(patient.admitted.instant, model)}")
    return "\n".join(t for t in why if t)


def _days(admitted: datetime | None, model: FormModel) -> str:
    if admitted is None or admitted > model.printed_at:
        return ""
    return f" ({wording.duration(model.printed_at - admitted).split()[0]})"


def _allergies(row: CensusRow) -> str:
    title = tr(TITLES[row.allergy_state])
    if row.allergy_state != KNOWN:
        return title.upper() if row.allergy_state != "none_asserted" else title
    names = [wording.clean(a.text) for a in row.allergies if is_active(a) and not a.restricted]
    return "\n".join((title, *names))


def _told(alerts: Sequence[Record]) -> str:
    """Isolation first, then the other alerts, then the pointer to a resuscitation decision, never what it says."""
    isolated = [wording.clean(a.text) for a in alerts if _is_isolation(a)]
    others = [wording.clean(a.text) for a in alerts if not _is_isolation(a) and not _is_placed(a)]
    resus = tr("Resus: HELD, see original") if any(RESUS.search(a.text) for a in alerts) else tr("Resus: see original")
    return "\n".join(t for t in ("; ".join(isolated), "; ".join(others), resus) if t)


def _is_isolation(alert: Record) -> bool:
    return bool(_ISOLATION.search(alert.text)) and not RESUS.search(alert.text)


def _is_placed(alert: Record) -> bool:
    """It stands in another column, or nowhere: a resuscitation decision."""
    return any(pattern.search(alert.text) for pattern in (RESUS, _DIET, _LEAVING))


def _said(alerts: Sequence[Record], *patterns: re.Pattern[str]) -> str:
    """The alerts of a kind, as they were sent."""
    found = [wording.clean(a.text) for a in alerts if any(p.search(a.text) for p in patterns) and not _is_isolation(a)]
    return "\n".join(t for t in found if not RESUS.search(t))


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
        at = wording.date_time(row.score_at, model.site.zone, year=False, missing=tr("time not recorded"))
        score = wording.clean(row.score) if row.is_score_whole else tr("INCOMPLETE")
        lines = [tr("{score} at {when}").format(score=score, when=at)]
    else:
        lines = [tr("no score sent")]
    if row.waiting:
        lines.append(_waiting(model, row))
    if row.entries:
        lines.append(tr("{count} written here").format(count=row.entries))
    return "\n".join(lines)


def _waiting(model: FormModel, row: CensusRow) -> str:
    """`4 waiting: U&E; Blood cultures; CT head; and more, see F30`: the count, and the first names."""
    said = tr("{count} waiting").format(count=row.waiting)
    mine = next((f for f in model.pending if row.patient is not None and f.patient.id == row.patient.id), None)
    names = [line.test for line in mine.open if not line.restricted][:NAMED] if mine is not None else []
    if not names:
        return said
    more = tr("and more, see F30") if row.waiting > len(names) else ""
    named = "; ".join(t for t in (*names, more) if t)
    return f"{said}: {named}"


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
            style = _HEAD if not head and n in (3, 6) and k == 0 else style
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
    head = _row_blocks((tr("Bed"), *grid.heads), area.width, area.height, head=True)[0]
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
    """The order of the list, and how old it is; in a long language the age goes below."""
    title = wrap([(section.title, Style("semibold", 9))], wide)
    as_of_ = wrap([(glued(section.as_of), Style("regular", 8.5))], wide) if section.as_of else []
    beside = len(title) == 1 == len(as_of_) and title[0].width + as_of_[0].width + 12 <= wide
    rows = len(title) if beside else len(title) + len(as_of_)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, line in enumerate(title):
            sheet.text(x, y + 10 + n * 11.5, line.spans)
        for n, line in enumerate(as_of_):
            below = 0 if beside else len(title) + n
            sheet.text(x + wide, y + 10 + below * 11.5, line.spans, align="right")

    return Block((Strip(2.5 + rows * 11.5, draw), rule(wide, 1.0, 0, 0)), tied=True)


FORM = Form(
    code="F01", title="Ward census", size="A4 landscape", takes="ward", version=1, valid=timedelta(hours=12),
    use="For handover. Jobs are written in. Shred at the end of the shift.",
    outline=outline, design=design, allergies=False, hint="Ward, date and time", parts=ROLES,
)  # fmt: skip
