"""In flight: what was asked for and had not come back when the copy was taken, each line to be closed (H09)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Head
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.words import section_age
from desktop.shell.context import Context
from localdb.chart.views import Chart


class Flight(QWidget):
    """The tab."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context = context
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange, "In flight")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.addWidget(self.sheet)
        self.setFocusProxy(self.sheet)

    def retime(self) -> None:
        self.sheet.retime()

    def _arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        blocks: list[Block] = [Head("In flight", section_age(chart, self._context.now(), "request"))]
        return [Placed(8, 0, room - 16, blocks)]
