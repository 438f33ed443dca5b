"""What stands for one patient on the page: banner, strip, details, rail and the sections, all of one key.

A frame is made for one chart and one key; another patient, or a newer copy of the same one, gets a new frame. Sections
are made when they are first shown.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.patient.banner import AllergyStrip, Banner, Details
from desktop.patient.corrections import CorrectionStrip
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.rail import SECTIONS, PatientRail
from desktop.patient.summary import Summary
from desktop.patient.tabs import Tabs
from desktop.shell.context import Context
from desktop.shell.tokens import TARGET
from localdb.chart.views import Chart

MakeSection = Callable[[Context, Stand, PatientKey, Chart], QWidget]


def section_makers() -> tuple[MakeSection, ...]:
    """The seven sections in the order of the rail."""
    from desktop.imaging.reports import Imaging
    from desktop.patient.letters import Letters
    from desktop.patient.medicines import Medicines
    from desktop.patient.observations import Observations
    from desktop.patient.results import Results
    from desktop.patient.timeline import Timeline

    return (Summary, Results, Medicines, Observations, Imaging, Letters, Timeline)


class _RailRoom(QScrollArea):
    """The room of the rail: it tells the rail how high it may be."""

    def __init__(self, rail: PatientRail) -> None:
        super().__init__()
        self._rail = rail
        self.setWidget(rail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._rail.fit_height(event.size().height())
        super().resizeEvent(event)


class PatientFrame(QWidget):
    """`key` never changes. `section` is 1 to 7."""

    section_changed = Signal(int)

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._stand, self.key, self.chart = context, stand, key, chart
        look, now = context.look, context.now()
        self.banner = Banner(look, stand, key, chart, now, self)
        self.strip = AllergyStrip(look, stand, key, chart, now, self)
        self.details = Details(look, stand, key, chart, now, self)
        self.corrected = CorrectionStrip(context, stand, key, chart, self)
        self.strip.details.toggled.connect(self._on_details)
        self.rail = PatientRail(look)
        self.rail.name_ward(chart.patient.ward)
        self.rail.chosen.connect(self.set_section)
        self.body = QStackedWidget()
        self._made: dict[int, QWidget] = {}
        self._entry: QWidget | None = None
        self.section = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.banner, self.strip, self.details, self.corrected):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(0)
        # Under a tall banner on a low screen the rail scrolls; it must not push the window open.
        self._rail_room = _RailRoom(self.rail)
        self._rail_room.setWidgetResizable(True)
        self._rail_room.setFrameShape(QFrame.Shape.NoFrame)
        self._rail_room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rail_room.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rail_room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rail_room.setAccessibleName("Sections")
        self._rail_room.setMinimumHeight(TARGET)
        row.addWidget(self._rail_room)
        row.addWidget(self.body, 1)
        column.addLayout(row, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.rail.fit(event.size().width())
        self._rail_room.setFixedWidth(self.rail.width())
        super().resizeEvent(event)

    def _on_details(self, is_open: bool) -> None:
        self.details.setVisible(is_open)
        self.strip.details.icon_name = "up" if is_open else "down"
        self.strip.details.setAccessibleName("Close details" if is_open else "Details: address, contacts, alerts")

    def set_section(self, number: int, tab: str = "") -> None:
        """Show section 1 to 7, and of it the tab of that code; it is made on first use."""
        if number not in self._made:
            self._made[number] = section_makers()[number - 1](self._context, self._stand, self.key, self.chart)
            self.body.addWidget(self._made[number])
        self.section = number
        self.rail.show_section(number)
        section = self._made[number]
        if isinstance(section, Tabs):  # before it is shown: no other tab need be made
            section.show_tab(tab)
            section.show_first()
        self.body.setCurrentWidget(section)
        section.setFocus(Qt.FocusReason.OtherFocusReason)
        self.section_changed.emit(number)

    @property
    def tab(self) -> str:
        """The code of the open section's tab; "" where the section has none."""
        section = self._made.get(self.section)
        return section.tab if isinstance(section, Tabs) else ""

    def place(self) -> object:
        """Where the open section stands, for the frame that a newer copy of the same patient makes; None: nowhere."""
        keep = getattr(self._made.get(self.section), "place", None)
        return keep() if keep is not None else None

    def take_place(self, place: object) -> None:
        """Stand where the same section of the former frame stood."""
        take = getattr(self._made.get(self.section), "take_place", None)
        if take is not None and place is not None:
            take(place)

    def step(self, number: int) -> None:
        """The key of a section: opens it; of the section that is open, steps to its next tab."""
        section = self._made.get(number)
        if number == self.section and isinstance(section, Tabs):
            section.next_tab()
        else:
            self.set_section(number)

    def show_entry(self, form: QWidget) -> None:
        """A form in place of the section; the banner stays."""
        self._entry = form
        self.body.addWidget(form)
        self.body.setCurrentWidget(form)

    @property
    def shown(self) -> QWidget | None:
        return self.body.currentWidget()

    def retime(self) -> None:
        """The minute changed: ages are said anew."""
        for widget in self._made.values():
            retime = getattr(widget, "retime", None)
            if retime is not None:
                retime()


__all__ = ["SECTIONS", "PatientFrame"]
