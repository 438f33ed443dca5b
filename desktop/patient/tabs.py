"""Tabs of a section: results have tests, microbiology, blood bank …; each is made when it is first shown.

The same key that opens the section (Alt+2) steps to the next tab when the section is open already, so that nothing
needs more than the keys that the rail shows. A tab is a widget of the frame's key like a section (hazard H02).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.patient.keyed import PatientKey, Stand
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart.views import Chart

MakeTab = Callable[[Context, Stand, PatientKey, Chart], QWidget]


@dataclass(frozen=True, slots=True)
class Tab:
    """`code` names it in `show_tab`, `word` stands on its button, `make` makes it; `count` behind the word ("")."""

    code: str
    word: str
    make: MakeTab
    count: str = ""


class Tabs(QWidget):
    """A section with tabs. `shown_tab(code)`; `tab` is the code of the one in front, "" until the section is shown: one
    that is opened at its last tab does not make its first."""

    shown_tab = Signal(str)

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, chart: Chart, tabs: Sequence[Tab], name: str
    ) -> None:
        super().__init__()
        self._made_of = (context, stand, key, chart)
        self._tabs = {t.code: t for t in tabs}
        self._made: dict[str, QWidget] = {}
        self.tab = ""
        self.setAccessibleName(name)
        self.buttons: dict[str, Button] = {}
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 8, 12, 0)
        self.bar.setSpacing(6)
        for tab in tabs:
            words = f"{tab.word} {tab.count}".strip()
            button = Button(context.look, words, "normal", name=f"{name}: {words}")
            button.setProperty("tab", tab.code)
            button.clicked.connect(self._on_button)
            self.buttons[tab.code] = button
            self.bar.addWidget(button)
        self.bar.addStretch(1)
        self.stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.bar)
        column.addWidget(self.stack, 1)

    def showEvent(self, event: QShowEvent) -> None:
        self.show_first()
        super().showEvent(event)

    @property
    def shown(self) -> QWidget | None:
        """The widget of the tab in front."""
        return self.stack.currentWidget()

    def show_tab(self, code: str) -> None:
        """Bring a tab to the front; one that does not exist leaves the present one there."""
        if code not in self._tabs:
            return
        if code not in self._made:
            self._made[code] = self._tabs[code].make(*self._made_of)
            self.stack.addWidget(self._made[code])
            self.tab_made(self._made[code])
        self.tab = code
        for other, button in self.buttons.items():
            button.use_kind("chosen" if other == code else "normal")
        self.stack.setCurrentWidget(self._made[code])
        self.setFocusProxy(self._made[code])
        self.shown_tab.emit(code)

    def show_first(self) -> None:
        """Bring the first tab to the front where none is there yet."""
        if not self.tab:
            self.show_tab(next(iter(self._tabs)))

    def tab_made(self, widget: QWidget) -> None:
        """A tab was made: a section takes from it what stands beside the tabs."""

    def next_tab(self) -> None:
        """The next tab, after the last the first."""
        codes = list(self._tabs)
        self.show_tab(codes[(codes.index(self.tab) + 1) % len(codes)])
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def retime(self) -> None:
        """The minute changed: each tab that was made says its ages anew."""
        for widget in self._made.values():
            retime = getattr(widget, "retime", None)
            if retime is not None:
                retime()

    def _on_button(self) -> None:
        self.show_tab(str(self.sender().property("tab")))
