"""A result by phone: typed, said back digit by digit, and only then saved, as unconfirmed (look/09, hazard H10).

Rules: without the tick nothing is saved; whatever is changed after the tick takes the tick away; the entry never joins
the laboratory's grid.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from desktop.entry.form import Form
from desktop.entry.typing_words import NotRead, read_back, read_when, split_comparator, typed_moment, typed_time
from desktop.patient.blocks import fold
from desktop.patient.words import moment_of
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Field, Text
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, TARGET, Look
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart import wording
from localdb.chart.grid import latest
from localdb.chart.views import Entry
from localdb.codes import downtime_set

# name, label, row, column, columns; in the order of typing
FIELDS = (
    ("test", "Test", 0, 0, 6),
    ("value", "Value", 0, 6, 4),
    ("unit", "Unit", 0, 10, 4),
    ("collected", "Collected at", 0, 14, 6),
    ("caller", "Who is calling", 1, 0, 6),
    ("role", "Role", 1, 6, 4),
    ("ext", "Extension", 1, 10, 3),
    ("flag", "Flag, if given", 1, 13, 3),
    ("range", "Range, if given", 1, 16, 4),
)
NEEDED = {"test": "the test", "value": "the value", "collected": "when it was collected", "caller": "who is calling"}


class Tick(QAbstractButton):
    """A check box of 44 px with its words."""

    def __init__(self, look: Look, words: str) -> None:
        super().__init__()
        self._look = look
        self.setCheckable(True)
        self.setText(words)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(TARGET)
        self.setMinimumWidth(round(width(words, "body", SEMIBOLD)) + 52)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        area = QRectF(2, 8, 28, 28)
        paint.box(painter, area, fill=theme.panel, border=theme.ink, width=2)
        if self.isChecked():
            draw_icon(painter, "fresh", 6, 12, 20, theme.ink)
        paint.draw_text(painter, 42, 28, self.text(), font("body", SEMIBOLD), theme.ink)
        if self.hasFocus():
            paint.box(painter, QRectF(self.rect()), border=theme.ink, width=FOCUS)


class SayBack(QFrame):
    """What to say to the caller, in large letters."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self.words, self._whom = look, "", ""
        self.setMinimumHeight(126)
        look.changed.connect(self.update)

    def show_words(self, words: str, whom: str) -> None:
        self.words, self._whom = words, whom
        self.setAccessibleName(long_dates(f"Say it back, digit by digit: {words} {whom}"))
        lines = len(fold(words, "title", max(200, self.width() - 80), SEMIBOLD))
        self.setMinimumHeight(98 + 28 * max(1, lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        paint.box(painter, area, fill=theme.panel, border=theme.ink, width=2)
        draw_icon(painter, "phone", 18, 16, 20, theme.ink)
        paint.draw_text(painter, 52, 31, "Say it back, digit by digit", font("body", SEMIBOLD), theme.ink)
        right = area.width() - 18
        note = "The caller must agree before you save"
        paint.draw_text(painter, right, 31, note, font("label"), theme.ink2, right=True)
        baseline = 72.0
        shown = f"“{self.words}”" if self.words else "Type the test, the value and the unit."
        for line in fold(shown, "title", area.width() - 80, SEMIBOLD):
            paint.draw_text(
                painter, 52, baseline, line, font("title", SEMIBOLD), theme.ink if self.words else theme.ink3
            )
            baseline += 28
        paint.draw_text(painter, 52, baseline + 4, self._whom, font("body"), theme.ink2)


class PhonedForm(Form):
    """The form. Fields: FIELDS, told; `tick` is the read-back."""

    kind = "phoned_result"
    title = "Result by phone"
    hint = "Stays UNCONFIRMED until the laboratory’s own result arrives."
    save_words = "Save as unconfirmed"

    def fill(self, column: QVBoxLayout) -> None:
        look = self.context.look
        self.fields: dict[str, Field] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(10)
        for name, label, row, at, span in FIELDS:
            field = self._field(name, label)
            field.row.setContentsMargins(0, 0, 12 if at + span < 20 else 0, 0)
            grid.addWidget(field, row, at, 1, span)
        for at in range(20):
            grid.setColumnStretch(at, 1)
        column.addLayout(grid)
        self.say = SayBack(look)
        column.addWidget(self.say)
        self.tick = Tick(look, "Read back, and the caller agreed")
        self.tick.toggled.connect(self._on_tick)
        row_ = QHBoxLayout()
        row_.addWidget(self.tick)
        row_.addStretch(1)
        row_.addWidget(Text(look, "Told (name, time)", "body", weight=500))
        self.told_field = self._field("told", "")
        self.told_field.box.setAccessibleName("Told: name and time")
        self.told_field.setMinimumWidth(286)
        row_.addWidget(self.told_field)
        column.addLayout(row_)
        column.addStretch(1)
        self.fields["value"].box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.fields["value"].box.setFont(font("value", SEMIBOLD))
        order = [*(name for name, *_ in FIELDS), "told"]
        self._order = [self.fields[name] for name in order]
        for field in self._order:
            field.entered.connect(self._on_enter)
        self._units = {found.name.casefold(): found.unit for found in self._known()}
        self.fields["test"].box.editingFinished.connect(self._on_test)
        self.setFocusProxy(self.fields["test"])
        self._say()

    def _known(self):  # type: ignore[no-untyped-def]
        return latest(self.chart.lists["results"].items, downtime_set())

    def _field(self, name: str, label: str) -> Field:
        field = Field(self.context.look, label)
        field.box.setProperty("field", name)
        field.box.textChanged.connect(self._on_edit)
        self.fields[name] = field
        return field

    def _on_enter(self) -> None:
        at = self._order.index(self.sender()) + 1  # type: ignore[arg-type]
        following = self._order[at] if at < len(self._order) else self.tick
        following = self.tick if at == len(self._order) - 1 and not self.tick.isChecked() else following
        following.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_test(self) -> None:
        """The unit that the laboratory uses for this test, if none is typed: it is read back like everything else."""
        unit = self._units.get(self.fields["test"].text().strip().casefold(), "")
        if unit and not self.fields["unit"].text().strip():
            self.fields["unit"].set_text(unit)

    def _on_edit(self) -> None:
        if self._is_filling:
            return
        name = self.sender().property("field") if self.sender() is not None else ""
        if name != "told" and self.tick.isChecked():
            self.tick.setChecked(False)  # what was agreed is not what stands here now
        self.touched()
        self._say()

    def _on_tick(self) -> None:
        self.touched()

    def _say(self) -> None:
        texts = {name: field.text() for name, field in self.fields.items()}
        view = self.chart.patient
        whom = f"For {wording.display_name(view.name)}, born {wording.date(view.born, missing=wording.NOT_KNOWN)}"
        collected = f", taken {texts['collected']}" if texts["collected"].strip() else ""
        self.say.show_words(read_back(texts["test"], texts["value"], texts["unit"]), whom + collected)

    def state(self) -> dict[str, Any]:
        return {name: field.text() for name, field in self.fields.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """The fields come back; the tick does not: who opens a draft has not heard the caller agree."""
        for name, field in self.fields.items():
            field.set_text(str(state.get(name, "")))
        self.tick.setChecked(False)
        self._say()

    def state_of(self, entry: Entry) -> dict[str, Any]:
        body, caller = entry.body, entry.body.get("caller") or {}
        return {
            "test": body.get("test", ""),
            "value": f"{body.get('comparator') or ''}{body.get('value', '')}",
            "unit": body.get("unit", ""),
            "collected": typed_moment(moment_of(body.get("collected")), self.context.now()),
            "caller": caller.get("name", ""),
            "role": caller.get("role", ""),
            "ext": caller.get("ext", ""),
            "flag": body.get("flag") or "",
            "range": body.get("range") or "",
            "told": body.get("told") or "",
        }

    def refusal(self) -> str:
        missing = [words for name, words in NEEDED.items() if not self.fields[name].text().strip()]
        if missing:
            return f"Type {', '.join(missing)}."
        if not split_comparator(self.fields["value"].text())[1]:
            return "Type the value."
        if not self.tick.isChecked():
            return "Read the result back to the caller, digit by digit, and tick when the caller agrees."
        return ""

    def body(self) -> dict[str, Any]:
        texts = {name: field.text().strip() for name, field in self.fields.items()}
        comparator, value = split_comparator(texts["value"])
        now = self.context.now()
        try:
            collected = read_when(texts["collected"], now, date_is_enough=True)
        except NotRead as error:
            raise NotRead(f"Collected at: {error}") from None
        body: dict[str, Any] = {
            "collected": collected,
            "test": texts["test"],
            "value": value,
            "unit": texts["unit"],
            "caller": {"name": texts["caller"], "role": texts["role"], "ext": texts["ext"]},
            "read_back": self.tick.isChecked(),
            "happened": read_when(typed_time(now), now),
        }
        optional = {"comparator": comparator, "range": texts["range"], "flag": texts["flag"], "told": texts["told"]}
        return body | {name: text for name, text in optional.items() if text}
