"""The ink header: hatched edge, lamp, COPY and its age, DOWNTIME, search, clock, person, laptop, Lock (LOOK §6).

It is one height (56 px, edge included) at every scale; when the words beside the lamp grow, the search field gives way,
never the words. Under 1240 px the battery folds into the person's line and the date loses its weekday (LOOK §4).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from desktop.lamp.drawing import draw_lamp
from desktop.lamp.state import Lamp
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.machine import Machine
from desktop.shell.parts import Button
from desktop.shell.tokens import FOCUS, HATCH, HEADER, LOWEST_WIDTH, SMALL_WIDTH, TARGET, TRAINING_HATCH, Look
from desktop.shell.type import BOLD, SEMIBOLD, font, metrics, width
from localdb.chart import wording

NO_LAMP = Lamp("out", "", "")


class LampButton(QAbstractButton):
    """The lamp with its word and line; pressing it shows every age, gap and last error."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self.lamp = look, NO_LAMP
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        look.changed.connect(self.update)

    def show_lamp(self, lamp: Lamp) -> None:
        self.lamp = lamp
        self.setAccessibleName(f"{lamp.word}, {lamp.line}. Show all ages")
        self.update()

    def sizeHint(self) -> QSize:
        words = max(width(self.lamp.word, "body", SEMIBOLD), width(self.lamp.line, "label"))
        return QSize(round(48 + words) + 6, TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        draw_lamp(painter, QRectF(2, 3, 38, 38), self.lamp.shape, ink=theme.onshell, brass=theme.brass)
        paint.draw_text(painter, 48, 18, self.lamp.word, font("body", SEMIBOLD), theme.onshell)
        paint.draw_text(painter, 48, 38, self.lamp.line, font("label"), theme.onshell2)
        if self.hasFocus():
            paint.box(painter, QRectF(self.rect()), border=theme.brass, width=FOCUS)


class StateBox(QAbstractButton):
    """DOWNTIME since … (filled brass), or a question such as Acknowledge (outlined). Hidden where there is none."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self.lamp = look, NO_LAMP
        look.changed.connect(self.update)
        self.hide()

    def show_lamp(self, lamp: Lamp) -> None:
        self.lamp = lamp
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if lamp.must_acknowledge else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{lamp.box} {lamp.box_line}".strip() or "No state")
        self.setVisible(bool(lamp.box))
        self.update()

    def sizeHint(self) -> QSize:
        words = max(width(self.lamp.box, "label", BOLD), width(self.lamp.box_line, "label", SEMIBOLD))
        return QSize(max(round(words) + 24, 122), TARGET)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        area = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if self.lamp.filled:
            paint.box(painter, area, fill=theme.brass)
        else:
            paint.box(painter, area, border=theme.brass, width=2)
        ink = theme.onbrass if self.lamp.filled else theme.onshell
        for baseline, words, weight in ((19, self.lamp.box, BOLD), (37, self.lamp.box_line, SEMIBOLD)):
            made = metrics("label", weight)
            x = (self.width() - made.horizontalAdvance(words)) / 2
            paint.draw_text(painter, x, baseline, words, font("label", weight), ink)
        if self.hasFocus():
            paint.box(painter, area.adjusted(3, 3, -3, -3), border=theme.onshell, width=FOCUS)


class FindField(QLineEdit):
    """The search field: F2 leads here, Esc out of it; arrows and Enter go to the list of hits."""

    moved = Signal(int)
    left = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setObjectName("find")
        self.setFont(font("value", 400))
        self.setAccessibleName("Find a patient: name, number, born, bed")
        self.setMaxLength(80)
        look.changed.connect(self.update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        if event.key() in steps:
            self.moved.emit(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, painter = self._look.theme, QPainter(self)
        draw_icon(painter, "find", 12, (self.height() - 20) / 2, 20, theme.ink2)
        key = "Esc" if self.hasFocus() else "F2"
        room = metrics("label").horizontalAdvance(key) + 12
        paint.draw_key(painter, self.width() - room - 9, (self.height() - 20) / 2, key, theme)


class Header(QWidget):
    """The header. Signals tell what was pressed; it knows no screen."""

    lock_pressed = Signal()
    ages_pressed = Signal()
    acknowledge_pressed = Signal()

    def __init__(self, look: Look, *, training: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._edge = look, TRAINING_HATCH if training else HATCH
        self._training, self._now, self._zone = training, None, wording.ZONE
        self._person, self._role, self._machine = "", "", Machine()
        self.setFixedHeight(HEADER + self._edge - HATCH)
        self.lamp, self.state = LampButton(look, self), StateBox(look, self)
        self.find = FindField(look, self)
        self.lock = Button(look, "Lock", "header", icon="lock", hint="F12", name="Lock, F12", parent=self)
        self.lamp.clicked.connect(self.ages_pressed)
        self.state.clicked.connect(self._on_state)
        self.lock.clicked.connect(self.lock_pressed)
        look.changed.connect(self.update)

    def show_lamp(self, lamp: Lamp) -> None:
        self.lamp.show_lamp(lamp)
        self.state.show_lamp(lamp)
        self._arrange()

    def show_now(self, now: datetime, zone: str = wording.ZONE) -> None:
        self._now, self._zone = now, zone
        self._name_it()

    def show_person(self, person: str, role: str) -> None:
        self._person, self._role = person, role
        self._name_it()

    def show_machine(self, machine: Machine) -> None:
        self._machine = machine
        self._name_it()

    def _name_it(self) -> None:
        facts = (self._person, self._role, f"Printer {self._machine.printer}", f"Battery {self._machine.battery}")
        self.setAccessibleName(". ".join(x for x in facts if x))
        self._arrange()
        self.update()

    def _on_state(self) -> None:
        if self.state.lamp.must_acknowledge:
            self.acknowledge_pressed.emit()

    @property
    def is_small(self) -> bool:
        return self.width() < SMALL_WIDTH

    def _facts(self) -> tuple[list[str], list[str]]:
        """The two lines of words right of the search: clock and date, person and role."""
        if self._now is None:
            return ["", ""], [self._person, self._role]
        here = self._now.astimezone(ZoneInfo(self._zone))
        day = "" if self.width() < LOWEST_WIDTH else wording.instant_text(self._now, self._zone).split(" ")[0]
        weekday = "" if self.is_small else f"{wording.WEEKDAYS[here.weekday()]} "  # at 150 % the date folds too
        person = [self._person, f"{self._role}, {self._machine.battery.split(',')[0]}" if self.is_small else self._role]
        return [wording.clock(self._now, self._zone), f"{weekday}{day}"], person

    def _right_room(self) -> tuple[float, float, float]:
        (clock, day), person = self._facts()
        clocked = max(metrics("ident").horizontalAdvance(clock), metrics("label").horizontalAdvance(day))
        who = max(width(person[0], "label", SEMIBOLD), width(person[1], "label"))
        words = (self._machine.printer, self._machine.battery)
        machine = 24.0 if self.is_small else 24 + max(metrics("label").horizontalAdvance(w) for w in words)
        return clocked, who, machine

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        middle = self._edge + (HEADER - HATCH - TARGET) // 2
        self.lamp.setGeometry(8, middle, self.lamp.sizeHint().width(), TARGET)
        x = self.lamp.geometry().right() + 12
        if self.state.lamp.box:
            x = x if self.is_small else max(x, 222)
            self.state.setGeometry(x, middle, self.state.sizeHint().width(), TARGET)
            x = self.state.geometry().right() + 11
        elif not self.is_small:
            x = max(x, 222)
        room = self.lock.sizeHint().width() - 16
        self.lock.setGeometry(self.width() - room - 10, middle, room, TARGET)
        gap = 12 if self.is_small else 16
        right = self.lock.x() - sum(self._right_room()) - 5 * gap - 4
        end = min(right, x + 500) if not self.is_small else right
        self.find.setGeometry(
            round(x), middle, max(round(end - x), 136 if self.width() < LOWEST_WIDTH else 160), TARGET
        )
        short, long = "Find: name, number, bed", "Find a patient: name, number, born, bed"
        fits = metrics("value", 400).horizontalAdvance(long) + 100 < self.find.width()
        self.find.setPlaceholderText(long if fits else short if self.find.width() > 300 else "Find")

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("shell"))
        edge = QRectF(0, 0, self.width(), self._edge)
        paint.hatch(painter, edge, theme.brass, theme.shell, step=7, width=2.2)
        if self._training:
            self._paint_training(painter)
        clocked, who, _ = self._right_room()
        gap = 12 if self.is_small else 16
        top = self._edge + 2
        (clock, day), (person, role) = self._facts()
        x = self.lock.x() - sum(self._right_room()) - 4 * gap + clocked
        paint.draw_text(painter, x, top + 21, clock, font("ident"), theme.onshell, right=True)
        paint.draw_text(painter, x, top + 41, day, font("label"), theme.onshell2, right=True)
        x += gap
        paint.upright(painter, x, top + 6, top + 42, "#3A4650")
        x += gap * 0.75
        paint.draw_text(painter, x, top + 21, person, font("label", SEMIBOLD), theme.onshell)
        paint.draw_text(painter, x, top + 41, role, font("label"), theme.onshell2)
        x += who + gap
        if self.is_small:
            draw_icon(painter, "print", x, top + 14, 22, theme.onshell)
            return
        paint.upright(painter, x - 4, top + 6, top + 42, "#3A4650")
        x += gap * 0.25
        draw_icon(painter, "print", x, top + 6, 18, theme.onshell)
        paint.draw_text(painter, x + 24, top + 21, self._machine.printer, font("label"), theme.onshell2)
        draw_icon(painter, "battery", x, top + 27, 18, theme.brass if self._machine.is_low else theme.onshell)
        paint.draw_text(painter, x + 24, top + 41, self._machine.battery, font("label"), theme.onshell2)

    def _paint_training(self, painter: QPainter) -> None:
        """TRAINING across a 20 px hatch (LOOK §1.5), several times, so that no part of the window lacks it."""
        theme, made = self._look.theme, metrics("label", BOLD)
        words = "TRAINING, invented patients"
        room = made.horizontalAdvance(words) + 24
        count = max(1, self.width() // 460)
        for n in range(count):
            x = self.width() * (n + 0.5) / count - room / 2
            painter.fillRect(QRectF(x, 0, room, self._edge), theme.color("brass"))
            paint.draw_text(painter, x + 12, self._edge - 5, words, font("label", BOLD), theme.onbrass)
