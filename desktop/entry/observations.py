"""A set of observations, typed fast: Enter moves on, the sets before stand beside, odd typing is questioned (look/08).

A site may switch on that a set just typed is added up (`scores` of its settings, DESIGN D7): then the points of each part
stand beside the sum, a blank makes it INCOMPLETE, and nobody for whom the bands do not hold gets one (hazard H22). Off, the
form says so. What is saved is the set, never the sum.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.entry.form import Form
from desktop.entry.plausible import Question, pressure_question, question
from desktop.entry.questions import QuestionBox
from desktop.entry.typing_words import read_when, typed_moment, typed_time
from desktop.patient.obs_sets import SHORT, ObsSet, obs_sets
from desktop.patient.words import short
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.early_warning import SEVEN as SEVEN_ROWS
from localdb.chart.early_warning import add_up, eligible
from localdb.chart.views import Entry

# field, label, unit shown, LOINC, unit kept, row of the sets before
NUMBERS = (
    ("resp", "Respirations", "per minute", "9279-1", "/min", "resp"),
    ("spo2", "SpO2", "%", "59408-5", "%", "spo2"),
    ("pulse", "Pulse", "per minute", "8867-4", "/min", "pulse"),
    ("temp", "Temperature", "°C", "8310-5", "Cel", "temp"),
    ("glucose", "Glucose, capillary", "mmol/L", "14743-9", "mmol/L", "glucose"),
)
LEVELS = (("A", "Alert"), ("C", "New confusion"), ("V", "Responds to voice"), ("P", "Responds to pain"),
          ("U", "Unresponsive"))  # fmt: skip
OXYGEN, PRESSURE, SYSTOLIC, DIASTOLIC, LEVEL = "3151-8", "85354-9", "8480-6", "8462-4", "67775-7"
AIR = "Air"
_BESIDE = 800  # px that fields and words need beside each other
LABELS = {f: label for f, label, *_ in NUMBERS} | {
    "oxygen": "Oxygen", "systolic": "Systolic", "diastolic": "Diastolic", "bp": "Blood pressure",
    "level": "Consciousness",
}  # fmt: skip
SEVEN = ("resp", "spo2", "air", "bp", "pulse", "level", "temp")


class Choice(QWidget):
    """A row of buttons of which one is chosen; the first letter chooses it while the row has the focus, and only then
    (so that a scanner triggers nothing, LOOK §7)."""

    changed = Signal()
    entered = Signal()

    def __init__(self, form: Form, name: str, options: tuple[tuple[str, str], ...], *, letters: bool = True) -> None:
        super().__init__()
        self.value = ""
        self._letters = letters
        self._buttons: dict[str, Button] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key, words in options:
            button = Button(form.context.look, key, "normal", name=f"{name}: {words}")
            button.setFixedWidth(max(TARGET, button.minimumSizeHint().width()))
            button.setProperty("option", key)
            button.clicked.connect(self._on_clicked)
            button.installEventFilter(self)
            self._buttons[key] = button
            row.addWidget(button)
        row.addStretch(1)
        self.setAccessibleName(name)
        self.setFocusProxy(next(iter(self._buttons.values())))

    def choose(self, key: str) -> None:
        """Choose `key`; "" chooses none."""
        self.value = key if key in self._buttons else ""
        for name, button in self._buttons.items():
            button.use_kind("chosen" if name == self.value else "normal")
            button.setAccessibleDescription("chosen" if name == self.value else "")
        self.changed.emit()

    def _on_clicked(self) -> None:
        self.choose(self.sender().property("option"))
        self.entered.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._letters and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            letter = event.text().upper()
            if letter in self._buttons and event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.ShiftModifier,
            ):
                self.choose(letter)
                self.entered.emit()
                return True
        return False


class ObservationForm(Form):
    """The form. Fields: taken, resp, spo2, air, oxygen, systolic, diastolic, pulse, level, temp, glucose."""

    kind = "observations"
    title = "New observation set"
    save_words = "Save set"

    def fill(self, column: QVBoxLayout) -> None:
        self._sets = [s for s in obs_sets(self.chart.lists["observations"].items) if s.vitals][:2]
        self.fields: dict[str, QLineEdit] = {}
        self._kept: set[tuple[str, str]] = set()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, 160)
        self._grid.setColumnMinimumWidth(3, 96)
        self._grid.setColumnMinimumWidth(4, 110)
        self._row = 0
        self._head()
        self._add_row("Taken at", [self._field("taken", "Taken at", 130)], "24-hour", "")
        self.fields["taken"].setText(typed_time(self.context.now()))
        for field, label, unit, *_, row in NUMBERS[:2]:
            self._add_row(label, [self._field(field, label)], unit, row)
        self._add_oxygen()
        self._add_pressure()
        field, label, unit, *_, row = NUMBERS[2]
        self._add_row(label, [self._field(field, label)], unit, row)
        self.level = Choice(self, "Consciousness", LEVELS)
        self.level.changed.connect(self._on_edit)
        self._add_row("Consciousness", [self.level], "", "acvpu")
        for field, label, unit, *_, row in NUMBERS[3:]:
            self._add_row(label, [self._field(field, label)], unit, row)
        self._chain()
        self._grid.setColumnStretch(5, 1)
        row = self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(32)
        row.addLayout(self._grid, 3)
        row.addWidget(self._side(), 2)
        column.addLayout(row)
        column.addStretch(1)
        self.setFocusProxy(self.fields["resp"])
        self._look_at("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On the lowest screens the words stand below the fields, not cut beside them."""
        way = QBoxLayout.Direction.LeftToRight if event.size().width() >= _BESIDE else QBoxLayout.Direction.TopToBottom
        self._beside.setDirection(way)
        super().resizeEvent(event)

    def _head(self) -> None:
        look, now = self.context.look, self.context.now()
        self._grid.addWidget(Text(look, "Now", "label", "ink2", weight=SEMIBOLD), 0, 1)
        for n, one in enumerate(self._sets):
            self._grid.addWidget(Text(look, short(one.moment, now), "label", "ink2", weight=SEMIBOLD), 0, 3 + n)
        self._row = 1

    def _field(self, field: str, label: str, wide: int = 88) -> QLineEdit:
        made = QLineEdit()
        made.setFont(font("value", SEMIBOLD))
        made.setAlignment(Qt.AlignmentFlag.AlignRight)
        made.setFixedSize(wide, TARGET)
        made.setAccessibleName(label)
        made.setProperty("field", field)
        made.textEdited.connect(self._on_edit)
        made.editingFinished.connect(self._on_left)
        self.fields[field] = made
        return made

    def _add_row(self, label: str, widgets: list[QWidget], unit: str, row: str) -> None:
        look = self.context.look
        name = Text(look, label, "body", weight=SEMIBOLD)
        name.setBuddy(widgets[0])
        self._grid.addWidget(name, self._row, 0)
        box = QHBoxLayout()
        box.setSpacing(4)
        for widget in widgets:
            box.addWidget(widget)
        if unit:
            box.addSpacing(4)
            box.addWidget(Text(look, unit, "label", "ink2"))
        box.addStretch(1)
        self._grid.addLayout(box, self._row, 1, 1, 2)
        for n, one in enumerate(self._sets):
            found = one.vitals.get(row)
            words = (
                "" if found is None else f"{found.value} {found.unit}".strip() if row in ("oxygen",) else found.value
            )
            self._grid.addWidget(Text(look, words, "body", "ink2"), self._row, 3 + n)
        self._row += 1

    def _add_oxygen(self) -> None:
        self.air = Choice(self, "Air or oxygen", ((AIR, "Air"), ("Oxygen", "Oxygen")), letters=False)
        self.air.changed.connect(self._on_air)
        flow = self._field("oxygen", "Oxygen, litres per minute", 64)
        flow.setEnabled(False)
        self._add_row("Air or oxygen", [self.air, flow], "L/min", "oxygen")

    def _add_pressure(self) -> None:
        high, low = self._field("systolic", "Systolic"), self._field("diastolic", "Diastolic")
        high.textEdited.connect(self._on_slash)
        slash = Text(self.context.look, "/", "ident", "ink2")
        self._add_row("Blood pressure", [high, slash, low], "mmHg", "bp")

    def _chain(self) -> None:
        """Enter moves on, in the order of the rows."""
        order: list[QWidget] = [self.fields["taken"], self.fields["resp"], self.fields["spo2"], self.air,
                                self.fields["oxygen"], self.fields["systolic"], self.fields["diastolic"],
                                self.fields["pulse"], self.level, self.fields["temp"], self.fields["glucose"]]  # fmt: skip
        self._order = order
        for one in order:
            if isinstance(one, QLineEdit):
                one.returnPressed.connect(self._on_enter)
            elif isinstance(one, Choice):
                one.entered.connect(self._on_enter)

    def _on_enter(self) -> None:
        at = self._order.index(self.sender()) + 1  # type: ignore[arg-type]
        while at < len(self._order) and not self._order[at].isEnabled():
            at += 1
        following: QWidget = self._order[at] if at < len(self._order) else self.save_button
        following.setFocus(Qt.FocusReason.TabFocusReason)
        self.scroller.ensureWidgetVisible(following)

    def _side(self) -> QWidget:
        look, side = self.context.look, QWidget()
        side.setMinimumWidth(240)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 24, 0, 0)
        column.setSpacing(8)
        self.question = QuestionBox(look)
        self.question.kept.connect(self._on_keep_value)
        self.question.again.connect(self._on_type_again)
        column.addWidget(self.question)
        column.addWidget(Text(look, "Consciousness, one key in its row", "body", weight=SEMIBOLD, wrap=True))
        for key, words in LEVELS:
            column.addWidget(Text(look, f"{key}   {words}", "label", "ink2"))
        column.addSpacing(8)
        column.addWidget(Text(look, "Not done yet", "body", weight=SEMIBOLD))
        self.missing = Text(look, "", "label", "ink2", wrap=True)
        column.addWidget(self.missing)
        column.addStretch(1)
        return side

    # typing

    def _on_edit(self) -> None:
        self.touched()
        self._say_missing()

    def _on_air(self) -> None:
        self.fields["oxygen"].setEnabled(self.air.value == "Oxygen")
        if self.air.value != "Oxygen":
            self.fields["oxygen"].clear()
        self._on_edit()

    def _on_slash(self, text: str) -> None:
        """`108/62` in one go: the slash leads to the second box."""
        if "/" in text:
            high, _, low = text.partition("/")
            self.fields["systolic"].setText(high.strip())
            if low.strip():
                self.fields["diastolic"].setText(low.strip())
            self.fields["diastolic"].setFocus(Qt.FocusReason.TabFocusReason)

    def _on_left(self) -> None:
        self._look_at(self.sender().property("field"))

    def _look_at(self, field: str) -> None:
        """Put the first open question, that of `field` before others."""
        found = self.questions()
        found.sort(key=lambda q: q.field != field)
        self.question.show_question(found[0] if found else None)
        if found and self._beside.direction() == QBoxLayout.Direction.TopToBottom:
            self.scroller.ensureWidgetVisible(self.question)
        self._say_missing()

    def questions(self) -> list[Question]:
        """What must still be answered: odd values that nobody kept."""
        found: list[Question | None] = []
        for name in (*(f for f, *_ in NUMBERS), "oxygen", "systolic", "diastolic"):
            before, when = self._before(name)
            found.append(question(name, LABELS[name], self.fields[name].text(), before, when))
        found.append(pressure_question(self.fields["systolic"].text(), self.fields["diastolic"].text()))
        return [q for q in found if q is not None and (q.field, q.value) not in self._kept]

    def _before(self, field: str) -> tuple[str, str]:
        if not self._sets:
            return "", ""
        one: ObsSet = self._sets[0]
        row = "bp" if field in ("systolic", "diastolic") else field
        found = one.vitals.get(row)
        if found is None:
            return "", ""
        value = found.value
        if row == "bp":
            high, _, low = value.partition("/")
            value = high if field == "systolic" else low
        return value, short(one.moment, self.context.now())

    def _on_keep_value(self, asked: Question) -> None:
        self._kept.add((asked.field, asked.value))
        self.touched()
        self._look_at("")

    def _on_type_again(self, asked: Question) -> None:
        field = self.fields["systolic" if asked.field == "bp" else asked.field]
        field.setFocus(Qt.FocusReason.TabFocusReason)
        field.selectAll()

    def done(self) -> list[str]:
        """Which of the seven parameters are there."""
        fields = {name: bool(self.fields[name].text().strip()) for name in self.fields}
        pressure = fields["systolic"] and fields["diastolic"]
        return [
            n
            for n in SEVEN
            if (n == "air" and self.air.value) or (n == "level" and self.level.value) or (n == "bp" and pressure)
            or fields.get(n, False)
        ]  # fmt: skip

    def _say_missing(self) -> None:
        names = LABELS | {"air": "air or oxygen"}
        done = self.done()
        missing = [names[n].lower() if n != "spo2" else "SpO2" for n in SEVEN if n not in done]
        if missing:
            words = f"{', '.join(missing)}. It is saved as it stands: {len(done)} of 7."
        else:
            words = "Nothing: all seven are there."
        self.missing.setText(f"{words[0].upper()}{words[1:]} {self.score_words()}")

    def score_words(self) -> str:
        """The points of what is typed and their sum, or why there is none (CLINICAL §2.2, DESIGN D7)."""
        if not self.context.house.site.get("scores"):
            return "No score is added up here: use the chart of your ward."
        guard = eligible(self.chart, self.context.now())
        if not guard.may:
            return f"No score is added up. {guard.why}"
        scale = next((s.scale for s in self._sets if s.scale), "1")
        texts = {name: self.fields[name].text() for name in ("resp", "spo2", "pulse", "temp")}
        typed = texts | {"bp": self.fields["systolic"].text(), "oxygen": self.air.value, "acvpu": self.level.value}
        if not self.fields["diastolic"].text().strip():
            typed["bp"] = ""  # half a pressure is none, here as in what is saved
        found = add_up(typed, scale)
        parts = ", ".join(f"{SHORT[row]} {found.parts[row]}" for row in SEVEN_ROWS if row in found.parts)
        return f"NEWS2 of what is typed, SpO2 scale {scale}: {found.words}. Points: {parts or 'none yet'}. Check it."

    # keeping and saving

    def state(self) -> dict[str, Any]:
        texts = {name: field.text() for name, field in self.fields.items()}
        return texts | {"air": self.air.value, "level": self.level.value, "kept": sorted(map(list, self._kept))}

    def restore(self, state: dict[str, Any]) -> None:
        self._kept = {(str(f), str(v)) for f, v in state.get("kept", ())}
        self.air.choose(str(state.get("air", "")))
        self.level.choose(str(state.get("level", "")))
        for name, field in self.fields.items():
            if name in state:
                field.setText(str(state[name]))
        self._look_at("")

    def state_of(self, entry: Entry) -> dict[str, Any]:
        state: dict[str, Any] = {"taken": typed_moment(entry.happened, self.context.now())}
        by_code = {code: field for field, _, _, code, _, _ in NUMBERS}
        for item in entry.body.get("items", ()):
            code, value = item.get("code"), str(item.get("value") or "")
            if code in by_code:
                state[by_code[code]] = value
            elif code == OXYGEN:
                state |= {"air": AIR} if value == AIR else {"air": "Oxygen", "oxygen": value}
            elif code == LEVEL:
                state["level"] = next((k for k, words in LEVELS if words == value), "")
            elif code == PRESSURE:
                parts = {c.get("code"): str(c.get("value") or "") for c in item.get("components", ())}
                state |= {"systolic": parts.get(SYSTOLIC, ""), "diastolic": parts.get(DIASTOLIC, "")}
        return state

    def refusal(self) -> str:
        open_ = self.questions()
        if open_:
            self.question.show_question(open_[0])
            return f"{open_[0].head}: keep it or type it again."
        texts = {name: field.text().strip() for name, field in self.fields.items()}
        if bool(texts["systolic"]) != bool(texts["diastolic"]):
            return "Blood pressure needs both numbers."
        if self.air.value == "Oxygen" and not texts["oxygen"]:
            return "Oxygen needs its litres per minute."
        return "" if self.done() or texts["glucose"] else "Nothing is typed yet."

    def body(self) -> dict[str, Any]:
        happened = read_when(self.fields["taken"].text(), self.context.now())
        texts = {name: field.text().strip() for name, field in self.fields.items()}
        items: list[dict[str, Any]] = [
            {"code": code, "value": texts[field], "unit": unit}
            for field, _, _, code, unit, _ in NUMBERS
            if texts[field]
        ]
        if self.air.value == AIR:
            items.append({"code": OXYGEN, "value": AIR, "unit": ""})
        elif self.air.value:
            items.append({"code": OXYGEN, "value": texts["oxygen"], "unit": "L/min"})
        if texts["systolic"]:
            parts = ((SYSTOLIC, texts["systolic"]), (DIASTOLIC, texts["diastolic"]))
            components = [{"code": code, "value": value, "unit": "mm[Hg]"} for code, value in parts]
            items.append({"code": PRESSURE, "components": components})
        if self.level.value:
            items.append({"code": LEVEL, "value": dict(LEVELS)[self.level.value], "unit": ""})
        return {"happened": happened, "items": items}


__all__ = ["SMALL_WIDTH", "Choice", "ObservationForm"]
