"""The summary: why here, problems, waiting, reports, medicines with their last dose, key results, observations.

Three columns from 1240 px, two below that, with a line at the foot that jumps (LOOK §4, look/04, look/23). Each head
has its time; what the copy does not hold is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.imaging.reports import examinations
from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Pairs, Para, State, TableRow
from desktop.patient.joined import joined_words
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.lines import Chips, MedicineLine, ResultHead, ResultLine, Score, Vitals
from desktop.patient.obs_sets import ORDER, SHORT, latest_vital, obs_sets
from desktop.patient.opening import HeadButton, changed, why_here
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.struck import struck_blocks
from desktop.patient.words import (
    STATUS_WORDS,
    alert_icon,
    day,
    dose_gap,
    medicine_groups,
    other_ages,
    phoned_head,
    report_mark,
    section_age,
    short,
    state_words,
    told,
)
from desktop.shell.context import Context
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET, Look
from desktop.shell.type import SEMIBOLD
from localdb.chart.blood_bank import ASK, DISCREPANCY, is_group
from localdb.chart.grid import LOINC, Latest, latest
from localdb.chart.in_flight import in_flight
from localdb.chart.ips import is_resuscitation
from localdb.chart.medicines import OVERDUE, UNKNOWN, medicine_rows
from localdb.chart.summary import (
    DAY,
    SPANS,
)
from localdb.chart.views import KNOWN, Chart, Listing
from localdb.codes import downtime_set, drug_lists
from localdb.records.vocabulary import Record

# What a ward asks for first (LOOK look/04); the rest follows in the order of the downtime set, flagged ones first.
FIRST = ("2823-3", "14682-9", "2951-2", "1988-5", "718-7", "32693-4", "2524-7", "62238-1", "98979-8")
MOST_RESULTS, MOST_MEDICINES = 7, 8
MOST_WAITING = 6
# How far a request has come, in the few words of a column (`in_flight.STATES` has the whole ones).
STAGE_WORDS = {
    "not_collected": "not collected", "unstated": "ordered", "not_received": "not received", "laboratory": "in laboratory",
    "partial": "partly here", "sent_away": "sent away", "performed": "not reported", "preliminary": "preliminary",
    "booked": "booked", "on_hold": "on hold", "come": "result is here",
}  # fmt: skip
# Where the press of a head leads: title -> (section, tab).
PLACES = {
    "Why here": (6, "letters"), "Problems": (7, ""), "Waiting at the cut": (2, "flight"), "Reports": (5, "reports"),
    "Medicines, last given": (3, "all"), "Key results": (2, "tests"), "Observations": (4, "chart"), "Changed": (7, ""),
}  # fmt: skip


def alert_chips(chart: Chart, now: datetime) -> list[Block]:
    """The alerts in a row of chips; restricted ones as one discreet chip (CLINICAL §1.5)."""
    listing = chart.lists["alerts"]
    shown = [a for a in listing.items if not a.restricted and a.status not in ("inactive", "entered-in-error")]
    hidden = sum(a.restricted for a in listing.items)
    chips: list[tuple[str, str | None, str]] = []
    first = ("resus", "isolation", "infection")
    named = [(a, alert_icon(a.text, str(getattr(a, "category", "")))) for a in shown]
    named.sort(key=lambda pair: first.index(pair[1]) if pair[1] in first else len(first))
    for alert, icon in named:
        kind = {"isolation": "filled", "resus": "strong"}.get(icon or "", "plain")
        words = f"Record holds: {alert.text}. CHECK THE ORIGINAL" if is_resuscitation(alert) else alert.text
        chips.append((words, icon, kind))
    if hidden:
        chips.append((f"Restricted, see Details: {hidden}", None, "plain"))
    if chips:
        return [Chips(chips)]
    said = state_words(listing, "alerts", chart, now, "alert")
    return [Para(f"{said.title}. {said.text}" if said else "No alerts stand in this copy.", "label", "ink2"), Gap(6)]


def problems(chart: Chart, now: datetime) -> list[Block]:
    listing = chart.lists["problems"]
    active = [
        p
        for p in listing.items
        if getattr(p, "clinical", "") not in ("inactive", "resolved", "remission")
        and getattr(p, "verification", "") not in ("refuted", "entered-in-error")
    ]
    rest = len(listing.items) - len(active)
    blocks: list[Block] = [Head("Problems", section_age(chart, now, "problem"), str(len(active)) if active else "")]
    if said := state_words(listing, "problems", chart, now, "problem"):
        return [*blocks, State(said), Gap(8)]
    blocks.append(Pairs([(p.text, day(p.happened, now) if p.happened else "") for p in active]))
    if rest:
        blocks.append(Para(f"{rest} more resolved or refuted, in the timeline", "label", "ink2"))
    return [*blocks, Gap(8)]


def waiting(chart: Chart, now: datetime) -> list[Block]:
    """What was in flight, by how far it had come (`chart/in_flight.py`)."""
    listing = chart.lists["requests"]
    open_ = in_flight(chart, now).open
    age = section_age(chart, now, "request")
    blocks: list[Block] = [Head("Waiting at the cut", age, str(len(open_)) if open_ else "")]
    if not open_ and (said := state_words(listing, "requests", chart, now, "request")):
        return [*blocks, State(said), Gap(8)]
    if not open_:
        blocks.append(Para("Nothing in this copy was waiting.", "label", "ink2"))
    for line in open_[:MOST_WAITING]:
        hours = line.hours(now)
        aged = f"{hours}hr" if hours is not None else "age not known"
        urgent = f"{line.priority}, " if line.priority not in ("", "routine") else ""
        row = [[Cell(line.test)], [Cell(f"{urgent}{STAGE_WORDS[line.state]}", "label", "ink2")],
               [Cell(aged, "label", weight=SEMIBOLD)]]  # fmt: skip
        blocks.append(TableRow(row, (0, 0.5, 0.84), right=frozenset({2}), pad=2))
    if len(open_) > MOST_WAITING:
        blocks.append(Para(f"{MOST_WAITING} of {len(open_)} shown, all under Results, In flight", "label", "ink2"))
    return [*blocks, Gap(12)]


def reports(chart: Chart, now: datetime) -> list[Block]:
    listing = chart.lists["reports"]
    imaging = [e.report for e in examinations(chart) if e.report is not None]
    count = str(len(imaging)) if imaging else ""
    blocks: list[Block] = [Head("Reports", section_age(chart, now, "report", of=imaging), count)]
    if said := state_words(listing, "reports", chart, now, "report"):
        return [*blocks, State(said), Gap(8)]
    if not imaging:
        blocks.append(Para("No report with a text in this copy; results stand under Results.", "label", "ink2"))
    for r in imaging[:2]:
        mark = report_mark(r)
        when = f"{short(r.happened, now)}  {mark}"
        blocks.append(TableRow([[Cell(r.text, weight=SEMIBOLD)], [Cell(when, "label", "ink2")]], (0, 0.44),
                               right=frozenset({1}), rule="paper", pad=1))  # fmt: skip
        if mark == "WITHDRAWN":
            blocks.append(Para("Withdrawn by its author: its text is not shown.", "body"))
            continue
        first = " ".join((r.addenda[0] if r.addenda else r.conclusion or r.body).split())
        lead = "Addendum: " if r.addenda else ""
        text = first if len(first) <= 180 else first[:180].rsplit(" ", 1)[0] + " … (go on reading: Alt+5)"
        blocks.append(Para(lead + (text or "no text in this copy")))
    if len(imaging) > 2:
        blocks.append(Para(f"2 of {len(imaging)} shown, all under Imaging", "label", "ink2"))
    return [*blocks, Gap(8)]


def written(chart: Chart, now: datetime) -> list[Block]:
    """What the ward wrote, in pen, with author and time (LOOK §1.5)."""
    if not chart.entries:
        return []
    lines: list[tuple[str, bool]] = [("Written here", True)]
    for entry in chart.entries[:3]:
        said = told(entry, now)
        if entry.kind == "phoned_result":
            rest = f"UNCONFIRMED, BY PHONE {short(entry.written, now)}, {entry.staff}"
        else:
            words = said.text if len(said.text) <= 90 else said.text[:90].rsplit(" ", 1)[0] + " …"
            rest = f"{words} ({entry.staff}, {short(entry.written, now)})".strip()
        lines.append((f"{said.head}\t{rest}", False))
    count = f"{min(3, len(chart.entries))} of {len(chart.entries)}"
    return [Boxed(lines, "pen", "ward wrote", right=count), Gap(8)]


def medicines(chart: Chart, now: datetime) -> list[Block]:
    listing = chart.lists["medicines"]
    groups = {g.key: g.items for g in medicine_groups(listing.items)}
    standing = [*groups.get("regular", ()), *groups.get("needed", ())]
    count = str(len(standing)) if standing else ""
    blocks: list[Block] = [Head("Medicines, last given", section_age(chart, now, "administration", "medicine"), count)]
    if said := state_words(listing, "medicines", chart, now, "medicine"):
        return [*blocks, State(said)]
    # The rows of those that are shown alone: this is asked for at each width, on the window's thread.
    shown = replace(chart, lists={**chart.lists, "medicines": Listing(KNOWN, tuple(standing[:MOST_MEDICINES]))})
    due = {row.item.id: row.due for row in medicine_rows(shown, now, drug_lists())}
    for m in standing[:MOST_MEDICINES]:
        at = due[m.id]
        words = ", ".join(x for x in (at.head, at.text) if x and x != "as sent") if at.at is not None else ""
        is_said = at.state in (OVERDUE, UNKNOWN) or words and not at.head.startswith("no due")
        late = at.state in (OVERDUE, UNKNOWN)
        blocks.append(MedicineLine(m, now, (words if late else f"next {words}") if is_said else "", is_late=late))
    if len(standing) > MOST_MEDICINES:
        more = ", ".join(m.text for m in standing[MOST_MEDICINES:])
        blocks.append(Para(f"{MOST_MEDICINES} of {len(standing)} shown. Also: {more}", "label", "ink"))
    for key in ("suspended", "stopped"):
        if items := groups.get(key, ()):
            names = ", ".join(m.text for m in items)
            word = "suspended" if key == "suspended" else STATUS_WORDS.get(items[0].status, items[0].status)
            row = [[Cell(names, "body", "ink2")], [Cell(word if key == "suspended" else "stopped", "label", "ink2")]]
            blocks.append(TableRow(row, (0, 0.76), right=frozenset({1}), rule="paper"))
    if gap := dose_gap(chart.sources, now):
        blocks += [Gap(4), Boxed([(f"{gap} Ask and check.", True)], "warn", "ageing")]
    return [*blocks, Gap(8)]


def key_results(
    chart: Chart, now: datetime, most: int = MOST_RESULTS, every: Sequence[Latest] | None = None
) -> list[Block]:
    """The results that a ward asks for first; `every` if it was made already."""
    listing = chart.lists["results"]
    if said := state_words(listing, "results", chart, now, "result"):
        return [Head("Key results", section_age(chart, now, "result")), State(said), Gap(8)]
    every = latest(listing.items, downtime_set()) if every is None else every
    # A group stands on its card alone, under its caption (H16).
    groups = {r.id for r in listing.items if is_group(r)}
    every = [f for f in every if f.cell.record not in groups]
    chosen = sorted(enumerate(every), key=lambda pair: _rank(pair[1], pair[0]))[:most]
    shown = [found for _, found in chosen]
    days = {day(f.cell.when, now) for f in shown if f.cell.when is not None}
    today = days.pop() if len(days) == 1 and "not recorded" not in days else ""
    by_id = {record.id: record for record in listing.items}
    used = [by_id[f.cell.record] for f in shown]
    age = section_age(chart, now, "result", of=used)
    head = Head("Key results", age, "" if len(shown) == len(every) else f"{len(shown)} of {len(every)}")
    lines: list[Block] = [ResultLine(f, now, today) for f in shown]
    return [head, ResultHead(today), *lines, *_group_note(listing.items), *_others(chart, now, used), Gap(10)]


def _group_note(results: Sequence[Record]) -> list[Block]:
    """Where the blood group stands; never the group itself."""
    groups = [r for r in results if is_group(r)]
    if not groups:
        return []
    words = DISCREPANCY if any(getattr(r, "absent", "") == ASK for r in groups) else "Blood group"
    return [Para(f"{words}: see Results, Blood bank. HISTORICAL.", "label", "ink2")]


def _others(chart: Chart, now: datetime, used: Sequence[Record]) -> list[Block]:
    others = other_ages(chart, now, "result", used)
    return [Para(f"Also: {others}", "label", "ink2")] if others else []


def _rank(found: Latest, order: int) -> tuple[int, int]:
    """Corrected and withdrawn first of all (they may have been acted on), then the usual ones, flagged ones, others."""
    cell = found.cell
    code = next((c.code for c in cell.codes if c.system == LOINC and c.code in FIRST), None)
    if cell.mark in ("CORRECTED", "CHANGED") or cell.state == "withdrawn":
        return 0, order
    if code is not None:
        return 1, FIRST.index(code)
    return (2 if cell.flag and cell.flag.upper() != "N" else 3), order


def phoned_box(chart: Chart, now: datetime) -> list[Block]:
    """Phoned results in their own box, never among the results (CLINICAL §3.1 L10)."""
    if not chart.phoned:
        return []
    lines: list[tuple[str, bool]] = [("UNCONFIRMED, BY PHONE. Never joined to the grid.", True)]
    for entry in chart.phoned:
        said = told(entry, now)
        dead = " CORRECTED BY A LATER ENTRY" if entry.corrected_by else ""
        lines.append((f"{phoned_head(entry)}{dead}\t{said.text} {said.signed}", False))
    return [Gap(6), Boxed(lines, "pen", "phone")]


def observations(chart: Chart, now: datetime) -> list[Block]:
    listing = chart.lists["observations"]
    blocks: list[Block] = [Head("Observations", section_age(chart, now, "observation"))]
    if said := state_words(listing, "observations", chart, now, "observation"):
        return [*blocks, State(said)]
    sets = obs_sets(listing.items)
    scored = [(s.news2.value, s) for s in sets if s.news2 is not None]
    if scored:
        score, first = scored[0]
        assert first.news2 is not None
        before = ", ".join(f"{value} at {short(s.moment, now)}" for value, s in scored[1:3])
        lines = [(f"{short(first.moment, now)}, as sent by {first.news2.record.source}", True)]
        lines += [(first.news2.note, False)] if first.news2.note else []
        blocks.append(Score(score, [*lines, (f"before: {before}" if before else "none before in this copy", False)]))
    found = [(row, pair) for row in ORDER if (pair := latest_vital(sets, row)) is not None]
    shown_at = scored[0][1].moment if scored else None
    cells = []
    for row, (told_, of_set) in found:
        note = "" if of_set.moment == shown_at else short(of_set.moment, now)
        cells.append((SHORT[row], told_.value, told_.unit, note))
    if cells:
        blocks.append(Vitals(cells))
    rest = sum(len(s.rest) for s in sets)
    if not cells and not scored and rest:
        blocks.append(Para(f"No vital signs in this copy; {rest} other observations under Obs.", "body"))
    return [*blocks, Gap(8)]


def _joined(context: Context, chart: Chart, now: datetime) -> list[Block]:
    words = joined_words(chart.patient, context.titles, now, context.zone)
    return [Para(words, "label", "ink2"), Gap(6)] if words else []


def _with_struck(context: Context, chart: Chart, blocks: list[Block], *kinds: str) -> list[Block]:
    """The section with, below its head, which system is down while others live."""
    return [blocks[0], *struck_blocks(context, chart, *kinds), *blocks[1:]]


def arrange(context: Context, span: Callable[[], str] | None = None):  # type: ignore[no-untyped-def]
    """The columns at a width (LOOK §4). A window asks three times before it has its width: the results, which are the
    dear part, are put together once for a chart."""
    made_for: list[tuple[Chart, tuple[Latest, ...]]] = []
    span = span or (lambda: DAY)

    def placed(chart: Chart, room: float) -> list[Placed]:
        if room < 400:
            return []
        now = context.now()
        if not made_for or made_for[0][0] is not chart:
            made_for[:] = [(chart, latest(chart.lists["results"].items, downtime_set()))]
        chips = [*alert_chips(chart, now), *_joined(context, chart, now)]
        top = 8 + sum(b.height(room - 32) for b in chips)
        made = [Placed(16, 8, room - 32, chips)]
        left = [*why_here(chart, now), *changed(chart, now, span()), *problems(chart, now), *waiting(chart, now)]
        left += [*written(chart, now), *reports(chart, now)]
        doses = _with_struck(context, chart, medicines(chart, now), "medicine", "administration")
        results, vitals = key_results(chart, now, every=made_for[0][1]), observations(chart, now)
        third = [*_with_struck(context, chart, results, "result"), *_with_struck(context, chart, vitals, "observation")]
        if room >= 1000:
            one, two = (room - 80) * 0.339, (room - 80) * 0.333
            three = room - 80 - one - two
            made.append(Placed(16, top, one, left))
            made.append(Placed(16 + one + 24, top, two, doses))
            made.append(Placed(16 + one + two + 48, top, three, third))
            return made
        half = (room - 68) / 2
        made.append(Placed(16, top, half, third))
        made.append(Placed(16 + half + 36, top, half, doses))
        below = top + max(sum(b.height(half) for b in p.blocks) for p in made[1:])
        return [*made, Placed(16, below, room - 32, left)]

    return placed


class Summary(Sheet):
    """The first section. Its heads open their sections. Under 1240 px a line at the foot names what lies below and jumps
    there (look/23)."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart, arrange(context, lambda: self.span), "Summary")
        self.span = DAY
        self._context, self._person = context, key.person
        self.heads: dict[str, HeadButton] = {}
        self.spans = Button(context.look, "", "link", parent=self.pane)
        self.spans.clicked.connect(self._on_span)
        self.pane.arranged.connect(self._lay_heads)
        self._jumps = _Jumps(context.look, chart, self)
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(self._jumps)
        self._lay_heads()

    def _lay_heads(self) -> None:
        """A button over each head that leads somewhere, in the order of the screen."""
        seen: set[str] = set()
        last: QWidget = self.scroller
        for area, block in self.pane.standing():
            title = next((t for t in PLACES if isinstance(block, Head) and block.title.startswith(t)), "")
            if not title or title in seen:
                continue
            seen.add(title)
            button = self.heads.get(title)
            if button is None:
                button = self.heads[title] = HeadButton(self._look, title, self.pane)
                button.clicked.connect(self._on_head)
            room = area.adjusted(-4, -6, 4, 2)
            if title == "Changed":
                self._say_span()
                wide = self.spans.sizeHint().width()
                room.setRight(area.right() - wide - 8)
                self.spans.setGeometry(int(area.right()) - wide, int(area.top()) - 6, wide, TARGET)
            button.setGeometry(room.toRect())
            button.show()
            QWidget.setTabOrder(last, button)
            last = button
            if title == "Changed":
                QWidget.setTabOrder(last, self.spans)
                last = self.spans
        for title, button in self.heads.items():
            button.setVisible(title in seen)

    def _say_span(self) -> None:
        order = list(SPANS)
        self.spans.rename(f"Show {SPANS[order[(order.index(self.span) + 1) % len(order)]]}")

    def _on_span(self) -> None:
        order = list(SPANS)
        self.span = order[(order.index(self.span) + 1) % len(order)]
        self.pane.rearrange()

    def _on_head(self) -> None:
        button = self.sender()
        if isinstance(button, HeadButton):
            section, tab = PLACES[button.title]
            self._context.open_section.emit(self._person, section, tab)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        window = self.window().width()
        self._jumps.setVisible(window < SMALL_WIDTH)
        super().resizeEvent(event)

    def now(self) -> datetime:
        return self._context.now()

    def jump(self, title: str) -> None:
        """Bring the head with this title to the top of the view."""
        for p in self.pane.placed:
            y = p.y
            for block in p.blocks:
                if block.words.startswith(title):
                    self.scroller.verticalScrollBar().setValue(int(y))
                    return
                y += block.height(p.width)


class _Jumps(QWidget):
    def __init__(self, look: Look, chart: Chart, sheet: Summary) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 8, 4)
        row.setSpacing(0)
        open_ = in_flight(chart, sheet.now()).open
        targets = [
            (f"Waiting {len(open_)}", "Waiting"),
            (f"Reports {sum(e.report is not None for e in examinations(chart))}", "Reports"),
            ("Changed", "Changed"),
            ("Why here", "Why here"),
            (f"Problems {len(chart.lists['problems'].items)}", "Problems"),
        ]
        if chart.entries:
            targets.append((f"Written here {len(chart.entries)}", "Written here"))
        row.addWidget(Text(look, "Below", "label", "ink2"))
        self._titles = dict(targets)
        for words in self._titles:
            button = Button(look, words, "link", name=f"Go down to {words}")
            button.clicked.connect(self._on_jump)
            row.addWidget(button)
        row.addStretch(1)

    def _on_jump(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self._sheet.jump(self._titles[button.words])
