"""No one is mistaken for another: every widget with patient data has a key that cannot change (hazard H02).

Rules: a widget is made for one key and is never given another patient; what it is given must be that patient's; it
draws only while the page stands on its key. The page changes its key before it asks for the next patient, so that an
answer that comes late, and a widget that is left over, find themselves refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.shell.tokens import Look, Theme
from localdb.chart.views import Chart
from localdb.errors import HouseFault


class WrongPatient(HouseFault):
    """A widget was given the record of another patient than the one it was made for."""

    code = "window.wrong_patient"
    next_step = "Open the patient again from the ward. Nothing was written."


@dataclass(frozen=True, slots=True)
class PatientKey:
    """Whom a widget is for: the person asked for, and the turn in which the page asked."""

    person: str
    turn: int


NOBODY = PatientKey("", 0)


def is_of(chart: Chart, key: PatientKey) -> bool:
    """Whether the chart is the record of the person that the key names."""
    return bool(key.person) and (key.person == chart.patient.id or key.person in chart.patient.ids)


class Stand(QObject):
    """The key on which a page stands now. `turned` tells left-over widgets to go."""

    turned = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._key, self._turn = NOBODY, 0

    @property
    def key(self) -> PatientKey:
        return self._key

    def turn_to(self, person: str) -> PatientKey:
        """A new key for `person` ("" = nobody); everything of the former key is refused from here on."""
        self._turn += 1
        self._key = PatientKey(person, self._turn) if person else NOBODY
        self.turned.emit()
        return self._key

    def admits(self, key: PatientKey) -> bool:
        """Whether something made for `key` may be shown now."""
        return key == self._key and key != NOBODY


class KeyedWidget(QWidget):
    """A widget for one patient. Subclasses draw in `draw`, which is not called when the key is refused."""

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, parent: QWidget | None = None) -> None:
        """Raises WrongPatient when `chart` is another person's."""
        super().__init__(parent)
        if not is_of(chart, key):
            raise WrongPatient("A record of another patient was refused.")
        self._look, self._stand, self._key, self._chart = look, stand, key, chart
        stand.turned.connect(self._on_turned)
        look.changed.connect(self.update)

    @property
    def key(self) -> PatientKey:
        return self._key

    @property
    def chart(self) -> Chart:
        return self._chart

    @property
    def theme(self) -> Theme:
        return self._look.theme

    def may_show(self) -> bool:
        """Whether the page stands on this widget's key and its record is that person's."""
        return self._stand.admits(self._key) and is_of(self._chart, self._key)

    def _on_turned(self) -> None:
        if not self._stand.admits(self._key):
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            if not self.may_show():
                painter.fillRect(self.rect(), self.theme.color("sunken"))
                return
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            self.draw(painter)
        finally:
            painter.end()  # a painter that a raised error keeps alive would take the process with it

    def draw(self, painter: QPainter) -> None:
        """Paint the record. The ground is the parent's."""
