"""The banner, the allergy strip and the second zone (CLINICAL §1.1, LOOK §6).

Rules: name, born, gender, NHS number in this order; labels without colon, lighter than their values; a name wraps and
is never cut or shrunk; nothing covers it; no photo. Deceased: another ground and a pattern. The strip never says "+2".
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.allergies import AllergyWords, allergy_words
from desktop.patient.blocks import fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.words import short
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import ALLERGIES, BANNER, SMALL_WIDTH, TARGET, Look
from desktop.shell.type import BOLD, REGULAR, SEMIBOLD, font, metrics, width
from localdb.chart import wording
from localdb.chart.matching import SAME_WARD
from localdb.chart.registered import REGISTERED
from localdb.chart.views import Chart, PatientView

Fact = tuple[str, str, bool]  # label ("": a chip, not a fact), value, whether it is an identifier


class Banner(KeyedWidget):
    """Zone 1. `spoken` is what a screen reader is told."""

    def __init__(
        self, look: Look, stand: Stand, key: PatientKey, chart: Chart, now: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, stand, key, chart, parent)
        view = chart.patient
        self.name = wording.display_name(view.name)
        self.first, self.second = _first_facts(view, now), _second_facts(view)
        if chart.alike:
            self.second.append(("", chart.alike, False))
        facts = "; ".join(f"{label} {value}" for label, value, _ in (*self.first, *self.second))
        self.setAccessibleName(long_dates(f"{self.name}. {facts}"))
        self.setFixedHeight(BANNER)  # until its width is known: a guess at a narrow width would push the window open

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        high = int(max(BANNER, self._name_height() + (20 if self._under_name() else 0), self._facts_height()) + 0.5)
        if high != self.height() or high != self.minimumHeight():
            self.setFixedHeight(high)

    def _under_name(self) -> str:
        return self.chart.patient.preferred

    def _column(self) -> float:
        """Where the facts begin: one place on every patient, so that the eye need not look for it."""
        return 470 if self.width() >= SMALL_WIDTH else 330

    def _edge(self) -> float:
        return 40 if self.chart.patient.is_deceased else 0

    def _is_stacked(self) -> bool:
        """A part of the name is wider than its column: the name stands on lines of its own above the facts."""
        room = self._column() - 40 - self._edge()
        return any(width(word, "family") > room for word in self.name.split(" "))

    def _name_lines(self) -> list[str]:
        whole = self.width() - 40 - 2 * self._edge()
        room = whole if self._is_stacked() else self._column() - 40 - self._edge()
        return fold(self.name, "family", max(room, 120), BOLD)

    def _name_height(self) -> float:
        return 8 + len(self._name_lines()) * 26 + (4 if not self._under_name() else 0)

    def _placed(self) -> list[tuple[float, float, Fact, bool]]:
        """(x, baseline, fact, is of the first line) of every fact, wrapped to further lines."""
        start, end = self._column(), self.width() - 16 - self._edge()
        top = self._name_height() + (14 if self._under_name() else 0) if self._is_stacked() else 0.0
        if self._is_stacked():
            start = 20 + self._edge()
        made: list[tuple[float, float, Fact, bool]] = []
        baseline = top + 30
        for facts, is_first, step in ((self.first, True, 26), (self.second, False, 20)):
            x = start
            for n, fact in enumerate(facts):
                room = _fact_width(fact, is_first)
                if is_first and not self._is_stacked() and self.width() >= SMALL_WIDTH and n in (1, 2):
                    x = max(x, start + (0, 290, 490)[n])
                if x > start and x + room > end:
                    x, baseline = start, baseline + step
                made.append((x, baseline, fact, is_first))
                x += room + (24 if is_first else 14)
            baseline += 20 if is_first else 0
        return made

    def _facts_height(self) -> float:
        return self._placed()[-1][1] + 6 if self.width() > 200 else BANNER

    def draw(self, painter: QPainter) -> None:
        theme, area = self.theme, QRectF(self.rect())
        dead = self.chart.patient.is_deceased
        painter.fillRect(area, theme.color("sunken" if dead else "panel"))
        if dead:
            for x in (5.0, area.width() - 34):
                paint.hatch(painter, QRectF(x, 0, 34, area.height()), theme.ink3)
                paint.upright(painter, x + 34 if x == 5 else x, 0, area.height(), theme.ink3)
        paint.upright(painter, 0, 0, area.height(), theme.ink, 5)
        self._draw_name(painter)
        for x, baseline, fact, is_first in self._placed():
            label, value, ident = fact
            if not label:
                kind = "strong" if value == SAME_WARD else "plain"
                paint.draw_chip(painter, x, baseline - 16, value, theme, kind=kind, icon="same name", height=22)
                continue
            at = x + paint.draw_text(painter, x, baseline, label, font("label"), theme.ink2) + (8 if is_first else 4)
            made = font("ident" if is_first else "label", SEMIBOLD, ident=ident)
            paint.draw_text(painter, at, baseline, value, made, theme.ink)

    def _draw_name(self, painter: QPainter) -> None:
        theme, left, baseline = self.theme, 20 + self._edge(), 30.0
        family = self.name.split(", ")[0] if ", " in self.name else self.name
        drawn = 0
        for line in self._name_lines():
            heavy = line[: max(0, len(family) + 1 - drawn)] if drawn <= len(family) else ""
            x = left + (paint.draw_text(painter, left, baseline, heavy, font("family"), theme.ink) if heavy else 0)
            paint.draw_text(painter, x, baseline, line[len(heavy) :], font("family", REGULAR), theme.ink)
            drawn += len(line) + 1
            baseline += 26
        if preferred := self._under_name():
            at = left + paint.draw_text(painter, left, baseline - 5, "Preferred name", font("label"), theme.ink2) + 5
            paint.draw_text(painter, at, baseline - 5, preferred, font("label", SEMIBOLD), theme.ink)


def _fact_width(fact: Fact, is_first: bool) -> float:
    label, value, ident = fact
    if not label:
        return paint.chip_width(value, "same name")
    role, gap = ("ident", 8) if is_first else ("label", 4)
    return width(label, "label") + gap + metrics(role, SEMIBOLD, ident=ident).horizontalAdvance(value)


def _first_facts(view: PatientView, now: datetime) -> list[Fact]:
    """Born, Gender, NHS No.; of the deceased, Died and Age at Death after Born."""
    nhs = wording.nhs_number(view.nhs) + (" not verified" if view.nhs and view.nhs_verified is False else "")
    gender = wording.gender(view.gender) if view.gender else "Not Known"
    if not view.is_deceased:
        born = wording.born_text(view.born, now, estimated=view.born_estimated)
        return [("Born", born, False), ("Gender", gender, False), ("NHS No.", nhs, True)]
    born = wording.date(view.born, estimated=view.born_estimated, missing=wording.NOT_KNOWN)
    return [("Born", born, False), ("Gender", gender, False), ("NHS No.", nhs, True)]


def _second_facts(view: PatientView) -> list[Fact]:
    facts: list[Fact] = []
    if view.is_deceased:
        facts.append(("Died", wording.date(view.deceased, missing=wording.NOT_KNOWN), False))
        age = wording.age(view.born, view.deceased) if view.deceased else ""
        facts.append(("Age at Death", age or wording.NOT_KNOWN, False))
    if view.mrn:
        facts.append(("Temporary No." if view.scope == REGISTERED else "Hospital No.", view.mrn, True))
    place = ", ".join(p for p in (view.bed, view.ward) if p)
    facts.append(("Bed" if view.bed else "Ward", place or "not on a ward in this copy", False))
    if view.consultant:
        facts.append(("Consultant", view.consultant, False))
    return facts


def _folded(agent: str, reaction: str, said: str, room: float) -> list[list[tuple[str, str, str]]]:
    """One allergy over several lines: (agent, reaction, date) with the agent in the first ones and the date at the end."""
    names = [[(line, "", "")] for line in fold(agent, "body", room, SEMIBOLD)]
    if not reaction:
        return [*names, [("", "", said)]]
    *rest, last = fold(reaction, "body", room)
    made = [[("", line, "")] for line in rest]
    if width(last, "body") + width(said, "label") + 12 <= room:
        return [*names, *made, [("", last, said)]]
    return [*names, *made, [("", last, "")], [("", "", said)]]


class AllergyStrip(KeyedWidget):
    """One of the four states with its exact title and icon; every allergy with its date, wrapped, none counted away."""

    def __init__(
        self, look: Look, stand: Stand, key: PatientKey, chart: Chart, now: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, stand, key, chart, parent)
        self.words: AllergyWords = allergy_words(chart, now)
        self.setAccessibleName(long_dates(self.words.spoken))
        self.details = Button(
            look, "Details", "quiet", icon="down", name="Details: address, contacts, alerts", parent=self
        )
        self.details.setCheckable(True)
        self.setFixedHeight(ALLERGIES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        high = max(ALLERGIES, 12 + 24 * len(self.lines()))
        if high != self.height() or high != self.minimumHeight():
            self.setFixedHeight(high)
        small = self.width() < SMALL_WIDTH
        self.details.setText("" if small else "Details")
        wide = TARGET if small else 118
        self.details.setGeometry(self.width() - wide - 4, (high - 36) // 2, wide, 36)

    def _title_width(self) -> float:
        return width(self.words.title, "body", BOLD) + 52

    def lines(self) -> list[list[tuple[str, str, str]]]:
        """The allergies in lines: (agent, reaction, date)."""
        room = self.width() - self._title_width() - (60 if self.width() < SMALL_WIDTH else 134)
        if self.words.state != "known":
            return [[("", line, "")] for line in fold(self.words.text, "label", max(room, 160), 500)]
        lines: list[list[tuple[str, str, str]]] = [[]]
        x = 0.0
        for agent, reaction, said in self.words.items:
            need = width(agent, "body", SEMIBOLD) + width(reaction, "body") + width(said, "label") + 12
            if lines[-1] and x + need > room:
                lines.append([])
                x = 0.0
            if need > room:  # wider than a line by itself: its reaction goes on below
                lines[-1:] = [*([lines[-1]] if lines[-1] else []), *_folded(agent, reaction, said, room), []]
                x = 0.0
                continue
            lines[-1].append((agent, reaction, said))
            x += need + 18
        return [line for line in lines if line] or [[]]

    def draw(self, painter: QPainter) -> None:
        theme, area, state = self.theme, QRectF(self.rect()), self.words.state
        edge, start = self._title_width(), 16.0
        ground = {"known": "hi_tint", "none": "panel", "not_recorded": "warn_tint", "unavailable": "panel"}[state]
        painter.fillRect(area, theme.color(ground))
        ink = theme.ink
        if state == "known":
            painter.fillRect(QRectF(0, 0, edge, area.height()), theme.color("crit"))
            ink = theme.oncrit
        elif state == "unavailable":
            used = edge + max(width(line[0][1], "label", 500) for line in self.lines()) + 12
            paint.hatch(painter, QRectF(used, 1, area.width() - used, area.height() - 2), theme.ink3)
            right = QRectF(self.details.geometry()).adjusted(-4, 0, 4, 0)
            painter.fillRect(right, theme.color("panel"))
        draw_icon(painter, self.words.icon, start, 8, 20, ink)
        paint.draw_text(painter, start + 28, 23, self.words.title, font("body", BOLD), ink)
        if state == "known":
            self._draw_items(painter, edge)
        else:
            for n, line in enumerate(self.lines()):
                paint.draw_text(painter, edge + 6, 23 + 24 * n, line[0][1], font("label", 500), ink)
        if state == "not_recorded":
            paint.box(painter, area.adjusted(1, 1, -1, -1), border=theme.ink, width=1.5, dashed=True, radius=0)
        elif state != "known":
            paint.box(painter, area, border=theme.ink, width=1.5, radius=0)
        paint.hairline(painter, 0, area.height() - 1, area.width(), theme.ink)

    def _draw_items(self, painter: QPainter, edge: float) -> None:
        theme, baseline = self.theme, 23.0
        for line in self.lines():
            x = edge + 14
            for n, (agent, reaction, said) in enumerate(line):
                if n:
                    paint.upright(painter, x - 9, baseline - 14, baseline + 4, theme.hi, 1.5)
                x += paint.draw_text(painter, x, baseline, agent, font("body", SEMIBOLD), theme.ink) + 6
                x += paint.draw_text(painter, x, baseline, reaction, font("body"), theme.ink) + 6
                x += paint.draw_text(painter, x, baseline, said, font("label"), theme.ink2) + 18
            baseline += 24


class Details(KeyedWidget):
    """Zone 2: address, contacts, practice, languages, further numbers, restricted alerts, former allergies. It opens
    and closes as one and has no scroll area of its own (PAB-0004..0006)."""

    def __init__(
        self, look: Look, stand: Stand, key: PatientKey, chart: Chart, now: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, stand, key, chart, parent)
        self.facts = _details(chart, now)
        self.setAccessibleName(long_dates("Details. " + "; ".join(f"{label} {text}" for label, text, _ in self.facts)))
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setFixedHeight(int(max(len(side) for side in self._sides()) * 22 + 20))
        super().resizeEvent(event)

    def _sides(self) -> list[list[tuple[str, str, bool]]]:
        """The facts in two columns of drawn lines: (label, line, struck)."""
        room = self.width() / 2 - 200
        lines = [
            [(label if n == 0 else "", line, struck) for n, line in enumerate(fold(text, "label", max(room, 120), 500))]
            for label, text, struck in self.facts
        ]
        half = (sum(map(len, lines)) + 1) // 2
        sides: list[list[tuple[str, str, bool]]] = [[], []]
        for group in lines:
            sides[1 if len(sides[0]) >= half else 0] += group
        return sides

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        painter.fillRect(self.rect(), theme.color("panel"))
        for n, side in enumerate(self._sides()):
            x, baseline = 20 + n * self.width() / 2, 24.0
            for label, text, struck in side:
                paint.draw_text(painter, x, baseline, label, font("label"), theme.ink2)
                if struck:
                    paint.draw_struck(painter, x + 160, baseline, text, font("label", 500), theme.ink2)
                else:
                    paint.draw_text(painter, x + 160, baseline, text, font("label", 500), theme.ink)
                baseline += 22
        paint.hairline(painter, 0, self.height() - 1, self.width(), theme.ink)


def _details(chart: Chart, now: datetime) -> list[tuple[str, str, bool]]:
    view = chart.patient
    facts: list[tuple[str, str, bool]] = [
        ("Address", view.address or "not recorded", False),
        ("Telephone", ", ".join(view.phones) or "not recorded", False),
    ]
    for contact in view.contacts:
        words = " ".join(x for x in (contact.name, f"({contact.relationship})" if contact.relationship else "") if x)
        facts.append(("Contact", ", ".join((words, *contact.phones)), False))
    facts.append(("Practice", view.practitioner or "not recorded", False))
    facts.append(("Language", ", ".join(view.languages) or "not recorded", False))
    others = [n for n in view.names if n != view.name]
    facts += [("Other name", f"{wording.display_name(n)} {n.use}".strip(), False) for n in others]
    shown = {view.nhs, view.mrn}
    facts += [(i.type or "Number", i.value, False) for i in view.identifiers if i.value not in shown]
    facts.append(("Held from", ", ".join(view.sources) or "not recorded", False))
    facts += [
        ("Restricted alert", f"{a.text}, {short(a.said or a.happened, now)}", False)
        for a in chart.lists["alerts"].items
        if a.restricted
    ]
    words = allergy_words(chart, now)
    facts += [("Also recorded", f"{i.agent}, {i.said}", False) for i in words.beside]
    facts += [("Former allergy", f"{i.agent}, {i.reaction}, {i.said}", True) for i in words.former]
    return facts
