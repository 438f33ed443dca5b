"""A list of painted rows for one patient: empty and blank as soon as the page stands on another key (hazard H02)."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.keyed import PatientKey, Stand, WrongPatient, is_of
from desktop.shell.lists import RowList
from desktop.shell.tokens import Look
from localdb.chart.views import Chart


class KeyedRows(RowList):
    """As `RowList`; `key` and `chart` never change, and rows are drawn only while the stand admits the key."""

    def __init__(
        self, look: Look, stand: Stand, key: PatientKey, chart: Chart, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, name, parent)
        if not is_of(chart, key):
            raise WrongPatient("A list was given the record of another patient.")
        self.key, self.chart = key, chart
        self._look, self._stand = look, stand
        stand.turned.connect(self._on_turned)

    def may_show(self) -> bool:
        return self._stand.admits(self.key)

    def _on_turned(self) -> None:
        if not self.may_show():
            self.held.show_rows(())
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.may_show():
            painter = QPainter(self.viewport())
            painter.fillRect(self.viewport().rect(), self._look.theme.color("sunken"))
            painter.end()
            return
        super().paintEvent(event)
