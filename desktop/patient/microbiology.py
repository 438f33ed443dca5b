"""The microbiology tab: specimens newest first, text as sent, organisms against antibiotics (CLINICAL §3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import Block, Boxed, Gap, Head, Mono, Para, State, fold
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.struck import struck_blocks
from desktop.patient.words import section_age, short, state_words
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, SEMIBOLD, font, width
from localdb.chart.microbiology import KEY_I, LETTERS, Drug, Finding, Isolate, Microbiology, Specimen, microbiology
from localdb.chart.views import Chart

DRUG_ROOM, LEAST_COLUMN, ROW = 240, 190, 26
FOOT = "Antibiotics that the laboratory does not report are not shown. Blank: not tested, or not reported."


class Title:
    """The head of one specimen: what and from where, its state boxed, when it was taken at the right."""

    def __init__(self, one: Specimen, now: datetime, *, is_first: bool = False) -> None:
        self._is_first = is_first
        where = ", ".join(x for x in (one.specimen, one.site) if x)
        self._name = f"{one.title}: {where}" if where else one.title
        self._status = one.status
        basis = "" if one.collected else "received " if one.received else "reported " if one.said else ""
        self._when = basis + short(one.when, now, missing="time of collection not recorded")
        further = [f"received {short(one.received, now)}" if one.received and one.collected else ""]
        further += [f"reported {short(one.said, now)}" if one.said and one.when is not one.said else "", one.laboratory]
        self._further = ", ".join(x for x in further if x)
        self.words = ", ".join(
            x
            for x in (self._name, one.status, f"taken {self._when}" if one.collected else self._when, self._further)
            if x
        )

    def _room(self, room: float) -> float:
        return room - width(self._when, "label", SEMIBOLD) - 16

    def _lines(self, room: float) -> list[str]:
        chip = paint.chip_width(self._status) + 10 if self._status else 0
        return fold(self._name, "body", max(160, self._room(room) - chip), SEMIBOLD)

    def height(self, width: float) -> float:
        further = len(fold(self._further, "label", width)) if self._further else 0
        return 14 + 22 * len(self._lines(width)) + 21 * further + 4

    def draw(self, painter: QPainter, x: float, y: float, width_: float, theme: Theme) -> None:
        if not self._is_first:  # the section's head has its own line
            paint.hairline(painter, x, y + 6, x + width_, theme.ink)
        baseline, end = y + 28, x
        for line in self._lines(width_):
            end = x + paint.draw_text(painter, x, baseline, line, font("body", SEMIBOLD), theme.ink)
            baseline += 22
        if self._status:
            paint.draw_chip(painter, end + 10, baseline - 22 - 17, self._status, theme, kind="strong", height=22)
        paint.draw_text(painter, x + width_, y + 28, self._when, font("label", SEMIBOLD), theme.ink, right=True)
        for line in fold(self._further, "label", width_) if self._further else ():
            paint.draw_text(painter, x, baseline - 1, line, font("label"), theme.ink2)
            baseline += 21


class Matrix:
    """Organisms as columns, antibiotics as rows: the letter as sent, R boxed, the figure behind it. As many organisms
    side by side as fit; the others below in a further matrix, so that no name is cut."""

    def __init__(self, isolates: Sequence[Isolate], drugs: Sequence[tuple[str, int]]) -> None:
        self._isolates, self._drugs = tuple(isolates), tuple(drugs)
        self._readings = {id(i): i.readings for i in self._isolates}
        self.words = ". ".join(
            f"{i.name}: " + ", ".join(f"{d.name} {d.letter}, {LETTERS[d.letter]} {d.figure}".strip() for d in i.drugs)
            for i in isolates
        )

    def _bands(self, room: float) -> list[tuple[Isolate, ...]]:
        count = max(1, int((room - DRUG_ROOM) // LEAST_COLUMN))
        return [self._isolates[n : n + count] for n in range(0, len(self._isolates), count)]

    def _rows(self, band: Sequence[Isolate]) -> list[tuple[str, int]]:
        held = {key for i in band for key in self._readings[id(i)]}
        return [key for key in self._drugs if key in held]

    def _step(self, band: Sequence[Isolate], room: float) -> float:
        return min(300.0, (room - DRUG_ROOM) / len(band))

    def _head(self, band: Sequence[Isolate], room: float) -> list[list[str]]:
        return [fold(i.name, "label", self._step(band, room) - 12, SEMIBOLD) for i in band]

    def _row_height(self, row: tuple[str, int], band: Sequence[Isolate], room: float) -> float:
        lines = len(fold(row[0], "body", DRUG_ROOM - 12))
        step = self._step(band, room)
        figures = max((len(self._figure(i, row, step)) for i in band), default=1)
        return max(lines, figures, 1) * 22 + ROW - 22

    def _of(self, isolate: Isolate, row: tuple[str, int]) -> Drug | None:
        return self._readings[id(isolate)].get(row)

    def _figure(self, isolate: Isolate, row: tuple[str, int], step: float) -> list[str]:
        drug = self._of(isolate, row)
        said = " ".join(x for x in (drug.figure, drug.note) if x) if drug else ""
        return fold(said, "label", step - 64) if said else []

    def height(self, width: float) -> float:
        total = 0.0
        for band in self._bands(width):
            total += 10 + 21 * max(len(h) for h in self._head(band, width)) + 6
            total += sum(self._row_height(row, band, width) for row in self._rows(band))
        return total + 6

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for band in self._bands(width):
            step, heads = self._step(band, width), self._head(band, width)
            high = 21 * max(len(h) for h in heads)
            for n, lines in enumerate(heads):
                for m, line in enumerate(lines):
                    left, baseline = x + DRUG_ROOM + n * step, y + 10 + 15 + 21 * m
                    paint.draw_text(painter, left, baseline, line, font("label", SEMIBOLD), theme.ink)
            y += 10 + high + 4
            paint.hairline(painter, x, y, x + width, theme.ink, 1.5)
            y += 2
            for row in self._rows(band):
                self._row(painter, x, y, step, row, band, theme)
                y += self._row_height(row, band, width)
                paint.hairline(painter, x, y - 1, x + DRUG_ROOM + step * len(band), theme.rule)

    def _row(
        self, painter: QPainter, x: float, y: float, step: float, row: tuple[str, int], band: Sequence[Isolate],
        theme: Theme,
    ) -> None:  # fmt: skip
        for m, line in enumerate(fold(row[0], "body", DRUG_ROOM - 12)):
            paint.draw_text(painter, x, y + 18 + 22 * m, line, font("body"), theme.ink)
        for n, isolate in enumerate(band):
            drug, left = self._of(isolate, row), x + DRUG_ROOM + n * step
            if drug is None:
                continue
            wide = max(30.0, width(drug.letter, "body", BOLD) + 12)
            if drug.letter in ("R", "NS"):
                paint.box(painter, QRectF(left - 4, y + 2, wide, 21), border=theme.ink, width=2)
            paint.draw_text(painter, left + 6, y + 18, drug.letter, font("body", BOLD), theme.ink)
            for m, line in enumerate(self._figure(isolate, row, step)):
                paint.draw_text(painter, left + wide + 8, y + 18 + 22 * m, line, font("label"), theme.ink2)


def specimen_blocks(one: Specimen, now: datetime, *, is_first: bool = False) -> list[Block]:
    """One specimen: its head, what was found, what grew, what it reacts to."""
    blocks: list[Block] = [Title(one, now, is_first=is_first)]
    if one.status == "WITHDRAWN":
        return [*blocks, Para("Withdrawn by the laboratory. What it said is no longer shown.", weight=SEMIBOLD), Gap(8)]
    for finding in one.findings:
        blocks += _finding(finding)
    for isolate in one.isolates:
        named = " ".join(x for x in (isolate.name, isolate.quantity) if x)
        blocks.append(Para(f"{named} {isolate.mark}".strip(), weight=SEMIBOLD))
        blocks += [Para(c, "label", "ink2") for c in (*isolate.comments, isolate.method) if c]
    if one.drugs:
        blocks.append(Matrix([i for i in one.isolates if i.drugs], one.drugs))
        blocks += [Para(KEY_I, "label", "ink2")] if one.has_i else []
    if one.conclusion:
        blocks.append(Mono(one.conclusion))
    if not (one.findings or one.isolates or one.conclusion):
        blocks.append(Para("No finding in this copy yet.", "body", "ink2"))
    return [*blocks, Gap(10)]


def _finding(found: Finding) -> list[Block]:
    if found.is_gone:
        return [Para(f"{found.name}: withdrawn by the laboratory", weight=SEMIBOLD)]
    mark = f" {found.mark}" if found.mark else ""
    notes: list[Block] = [Para(c, "label", "ink2") for c in found.comments]
    if "\n" in found.text:
        return [Para(f"{found.name}{mark}", weight=SEMIBOLD), Mono(found.text), *notes]
    return [Para(f"{found.name}: {found.text}{mark}"), *notes]


def pane_blocks(chart: Chart, now: datetime, held: Microbiology) -> list[Block]:
    """The whole tab."""
    of = {i for s in held.specimens for i in s.records}
    records = [r for name in ("results", "observations", "reports") for r in chart.lists[name].items if r.id in of]
    count = str(len(held.specimens)) if held.specimens else ""
    blocks: list[Block] = [Head("Microbiology", section_age(chart, now, "result", of=records), count)]
    if held.alerts:
        words = "; ".join(f"{a.text} (recorded {short(a.happened or a.said, now)})" for a in held.alerts)
        blocks.append(Boxed([(f"As recorded: {words}", True)], "plain", "infection"))
    if not held.specimens:
        said = state_words(chart.lists["results"], "microbiology", chart, now, "result")
        if said:
            return [*blocks, State(said)]
        return [*blocks, Para("No microbiology in this copy", weight=SEMIBOLD),
                Para("No source sent any for this patient. That is not proof that nothing was sent to the laboratory.",
                     "label", "ink2")]  # fmt: skip
    for n, one in enumerate(held.specimens):
        blocks += specimen_blocks(one, now, is_first=n == 0)
    return [*blocks, Para(FOOT, "label", "ink2")]


class MicrobiologyTab(Sheet):
    """The tab."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        held = microbiology(chart)

        def arrange(shown: Chart, room: float) -> list[Placed]:
            now = context.now()
            blocks = [*struck_blocks(context, shown, "result"), *pane_blocks(shown, now, held)]
            return [Placed(16, 8, room - 32, blocks)]

        super().__init__(context.look, stand, key, chart, arrange, "Microbiology")

    def retime(self) -> None:
        self.pane.rearrange()
