"""The search over everything that is written of one patient (its work follows)."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from desktop.patient.keyed import PatientKey, Stand
from desktop.shell.context import Context
from localdb.chart.views import Chart


class Find(QWidget):
    """The tab."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self.setAccessibleName("Find in record")
