"""The search over everything that is written of one patient: letters with the words of their PDFs, reports, notes,
results, lists (Ctrl+F from every section).

The record is read through beside the window; nothing is kept on disk, and the words of files are forgotten when the
laptop is locked. What a hit opens is a section of the same patient's page.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.file_words import words_of_files
from desktop.patient.blocks import fold
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.keyedrows import KeyedRows
from desktop.patient.words import short, state_words
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.parts import Field, Text
from desktop.shell.tokens import Theme
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart import finding
from localdb.chart.finding import Hit
from localdb.chart.views import Chart
from localdb.errors import WardlampError

MOST_WORDS = 8_000_000  # characters of files that are remembered between two openings of a record
_BENCH = "words"


class Words:
    """The words of files, by SHA-256, for as long as nobody locks the laptop."""

    def __init__(self, context: Context) -> None:
        self.held: dict[str, str] = {}
        context.locking.connect(self.held.clear)

    def keep(self, found: dict[str, str]) -> None:
        self.held.update(found)
        while sum(map(len, self.held.values())) > MOST_WORDS and len(self.held) > 1:
            self.held.pop(next(iter(self.held)))


_words: WeakKeyDictionary[Context, Words] = WeakKeyDictionary()


def words_for(context: Context) -> Words:
    if context not in _words:
        _words[context] = Words(context)
    return _words[context]


class HitRow:
    """One record in which the words stand: kind, title and time; below it the line with the words."""

    can_open = True

    def __init__(self, hit: Hit, now: datetime, room: float) -> None:
        self.hit = hit
        found = hit.text
        self._when = short(found.when, now)
        self._side = width(self._when, "label") + 24
        self._titles = fold(found.title, "body", max(room - self._side - 24, 120), SEMIBOLD)
        self._context = fold(hit.context, "label", room - 24) if hit.context and hit.context != found.title else []
        places = f", {hit.places} places" if hit.places > 1 else ""
        self._foot = f"{found.kind}, {found.source}{places}" if found.source else f"{found.kind}{places}"
        self.text = ". ".join(x for x in (found.title, self._when, self._foot, hit.context) if x)
        self.height = max(44, 14 + 22 * len(self._titles) + 21 * len(self._context) + 21)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        x, y = area.left() + 12, area.top() + 22
        paint.draw_text(painter, area.right() - 12, y, self._when, font("label"), theme.ink2, right=True)
        for line in self._titles:
            paint.draw_text(painter, x, y, line, font("body", SEMIBOLD), theme.ink)
            y += 22
        done = 0
        for line in self._context:
            self._line(painter, x, y, line, done, theme)
            done += len(line) + 1
            y += 21
        paint.draw_text(painter, x, y, self._foot, font("label"), theme.ink2)
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)

    def _line(self, painter: QPainter, x: float, y: float, line: str, done: int, theme: Theme) -> None:
        """One line of the context; the match is heavy, over a tint."""
        start, end = (min(max(n - done, 0), len(line)) for n in (self.hit.start, self.hit.end))
        for text, is_match in ((line[:start], False), (line[start:end], True), (line[end:], False)):
            if not text:
                continue
            made = font("label", SEMIBOLD) if is_match else font("label")
            if is_match:
                wide = width(text, "label", SEMIBOLD)
                painter.fillRect(QRectF(x - 1, y - 16, wide + 2, 21), theme.color("warn_tint"))
            x += paint.draw_text(painter, x, y, text, made, theme.ink)


class Find(QWidget):
    """The tab: a field, what was searched, and the hits, newest first."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        self._role = str(getattr(context.house, "role", "clinician"))
        self._texts: tuple[finding.Text, ...] = ()
        self._hits: tuple[Hit, ...] = ()
        self._total, self._is_ready, self._wide = 0, False, -1
        self._digests = finding.file_digests(chart, self._role)
        self.setAccessibleName("Find in record")
        self.field = Field(context.look, "")
        self.field.box.setPlaceholderText("Words in letters, reports, notes, results, medicines")
        self.field.box.setAccessibleName("Words to find in the whole record of this patient")
        self.field.box.setClearButtonEnabled(False)
        self.field.box.textChanged.connect(self._on_text)
        self.field.entered.connect(self._on_entered)
        self.said = Text(context.look, "", "label", "ink2", wrap=True)
        self.rows = KeyedRows(context.look, stand, key, chart, "Where the words stand")
        self.rows.opened.connect(self._on_opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(6)
        for widget in (self.field, self.said):
            column.addWidget(widget)
        column.addWidget(self.rows, 1)
        self.setFocusProxy(self.field)
        self._tell()
        self._prepare()

    # -- reading

    def _prepare(self) -> None:
        """The texts at once; then again with the words of the files that were not read yet."""
        held = dict(words_for(self._context).held)
        chart, role = self._chart, self._role
        self._bench().ask(self._key, lambda _: finding.texts(chart, role, held), self._on_texts, self._on_failed)
        todo = [d for d in self._digests if d not in held]
        if todo:
            self._bench().ask(
                self._key, lambda house: _read_files(house, todo, lambda: self._stand.admits(self._key)), self._on_words,
                self._on_failed,
            )  # fmt: skip

    def _bench(self) -> Any:
        return self._context.extra(_BENCH)

    def _on_texts(self, key: Hashable, texts: tuple[finding.Text, ...]) -> None:
        if self._stand.admits(self._key):
            self._texts, self._is_ready = texts, True
            self._ask()

    def _on_words(self, key: Hashable, found: dict[str, str]) -> None:
        if self._stand.admits(self._key):
            words_for(self._context).keep(found)
            held = {**words_for(self._context).held, **found}
            chart, role = self._chart, self._role
            self._bench().ask(self._key, lambda _: finding.texts(chart, role, held), self._on_texts, self._on_failed)

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if self._stand.admits(self._key):
            self.said.setText(f"{error.code}. {error.message} {error.next_step}")

    # -- asking

    def _on_text(self, text: str) -> None:
        self._ask()

    def _ask(self) -> None:
        question, texts = self.field.text(), self._texts
        self._bench().ask(
            (self._key, question), lambda _: finding.hits(texts, question), self._on_hits, self._on_failed,
            lane=f"find-{id(self)}",
        )  # fmt: skip

    def _on_hits(self, key: tuple[PatientKey, str], answer: tuple[tuple[Hit, ...], int]) -> None:
        if self._stand.admits(self._key) and key[1] == self.field.text():
            self._hits, self._total = answer
            self._fill()
            self._tell()

    def _fill(self) -> None:
        now, room = self._context.now(), float(self.rows.viewport().width())
        self._wide = self.rows.viewport().width()
        self.rows.show_rows([HitRow(h, now, room) for h in self._hits])

    def _tell(self) -> None:
        """How many, of what; what could not be searched."""
        held = words_for(self._context).held
        left = sum(d not in held for d in self._digests)
        parts = []
        if not finding.wanted(self.field.text()):
            parts.append("Type one or more words; all of them must stand in a record.")
        elif self._is_ready:
            shown = f", the newest {len(self._hits)} shown" if self._total > len(self._hits) else ""
            parts.append(f"{self._total} of {len(self._texts)} records have these words{shown}.")
        if left:
            parts.append(f"The words of {left} PDF {'file is' if left == 1 else 'files are'} being read.")
        elif lost := finding.wordless(self._chart, self._role, held):
            parts.append(
                f"{lost} {'file has' if lost == 1 else 'files have'} no words (pictures, scans): look at them."
            )
        for name, kind in (("documents", "document"), ("reports", "report")):
            if missing := state_words(self._chart.lists[name], {"documents": "letters"}.get(name, name), self._chart,
                                      self._context.now(), kind):  # fmt: skip
                parts.append(f"{missing.title}.")
        if kept := finding.kept_back_words(self._chart, self._role):
            parts.append(kept)
        self.said.setText(" ".join(parts))

    def retime(self) -> None:
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._hits and self.rows.viewport().width() != self._wide:
            self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.field.box.hasFocus() and self._hits:
            self.rows.setFocus(Qt.FocusReason.TabFocusReason)
            return
        super().keyPressEvent(event)

    # -- opening

    def _on_entered(self) -> None:
        self.rows.open_chosen()

    def _on_opened(self, row: HitRow) -> None:
        open_record(self, row.hit.text.section, row.hit.text.tab, row.hit.text.record)


def open_record(inside: QWidget, section: int, tab: str, record: str) -> None:
    """Of the patient's page that `inside` stands in: show a section, its tab, and in it one record where it can."""
    from desktop.patient.frame import PatientFrame

    frame: QWidget | None = inside
    while frame is not None and not isinstance(frame, PatientFrame):
        frame = frame.parentWidget()
    if frame is None:
        return
    frame.set_section(section, tab)
    shown: Any = frame.shown
    front = getattr(shown, "shown", None)  # of a section with tabs the tab in front
    for place in (front, shown):
        if place is not None and shiboken6.isValid(place) and hasattr(place, "show_record"):
            place.show_record(record)
            return


def _read_files(house: Any, digests: list[str], is_wanted: Any) -> dict[str, str]:
    """The words of files, on the bench."""
    reading = house.reading()
    try:
        return words_of_files(reading, digests, is_wanted)
    finally:
        reading.close()
