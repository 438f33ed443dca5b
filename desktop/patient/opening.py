"""How the summary opens: why the person is here, what changed, and the heads that can be pressed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop.patient.blocks import Block, Gap, Head, Para
from desktop.patient.words import Age, section_age, short
from desktop.shell import paint
from desktop.shell.tokens import FOCUS, Look
from desktop.shell.type import SEMIBOLD
from localdb.chart.documents import title_of
from localdb.chart.registered import REGISTERED
from localdb.chart.summary import (
    SPANS,
    WORDS,
    changes,
    plan,
    resuscitation,
    resuscitation_words,
    since_of,
)
from localdb.chart.views import Chart


def why_here(chart: Chart, now: datetime) -> list[Block]:
    """Why the person is here, the newest plan, and where a decision on resuscitation is named."""
    view = chart.patient
    admitted = f"Admitted {short(view.admitted, now)}." if view.admitted else "Time of admission not in this copy."
    reason = view.reason or "Reason for admission not in this copy."
    notes: list[Block] = [Para(note, "body", weight=SEMIBOLD) for note in view.notes]
    if view.scope == REGISTERED:
        arrived = (
            f"Arrived {short(view.admitted, now)}. Nothing of this patient stands in a copy: ask, and look on paper."
        )
        return [Head("Why here", Age("", "fresh")), *notes, Para(arrived), Gap(8)]
    found = plan(chart)
    when = short(found.happened or found.said, now) if found is not None else ""
    planned = f"Plan: {title_of(found)}, {when}, under Letters." if found is not None else "Plan: none in this copy."
    blocks: list[Block] = [
        Head("Why here", section_age(chart, now, "stay")),
        *notes,
        Para(f"{reason.rstrip('.')}. {admitted} {planned}"),
    ]
    named = resuscitation(chart)
    if all(p.is_alert for p in named):  # those stand as chips, with the words that the original decides
        named = ()
    if named or not resuscitation(chart):
        blocks.append(Para(f"Resus: {' '.join(resuscitation_words(named, now))}", "label", "ink2"))
    return [*blocks, Gap(8)]


def changed(chart: Chart, now: datetime, span: str) -> list[Block]:
    """What changed, in two lines at most; all of it stands in the timeline."""
    since = since_of(chart, span, now)
    title = f"Changed, {SPANS[span]}"
    if since is None:
        return [Head(title, Age("", "fresh")), Para("Time of admission not in this copy.", "label", "ink2"), Gap(6)]
    found = changes(chart, since, now)
    blocks: list[Block] = [Head(title, Age("", "fresh"), str(len(found.items)))]
    if not found.items:
        blocks.append(Para("No change is recorded in this copy.", "label", "ink2"))
    first = [c for c in found.items if c.word in ("Withdrawn", "Corrected", "Addended", "New alert", "New allergy")][:2]
    counts = Counter(c.word for c in found.items)
    told = [f"{c.word} {short(c.at, now)}: {c.text}{f' {c.detail}' if c.detail else ''}" for c in first]
    rest = [f"{word.lower()}\u00a0{n}" for word in WORDS if (n := counts[word] - sum(c.word == word for c in first))]
    if told or rest:
        also = f"{'Also: ' if told else ''}{', '.join(rest)}." if rest else ""
        blocks.append(Para(" ".join(x for x in (*(f"{t}." for t in told), also) if x), "label"))
    if found.undated:
        blocks.append(Para(f"Without a time, so not counted: {found.undated}", "label", "ink2"))
    return [*blocks, Gap(6)]


class HeadButton(QAbstractButton):
    """A head that can be pressed: it opens the section that the head is of. Paints the chevron and the focus alone, so
    that nothing of a patient stands in it (H02)."""

    def __init__(self, look: Look, title: str, pane: QWidget) -> None:
        super().__init__(pane)
        self._look, self.title = look, title
        self.setAccessibleName(f"{title}: open all")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.changed.connect(self.update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            paint.box(QPainter(self), QRectF(self.rect()), border=self._look.theme.ink, width=FOCUS)
