"""A tab that is one sheet: what stands on it is said by `arrange`, and said anew when the minute changes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.shell.context import Context
from localdb.chart.views import Chart


class SheetTab(QWidget):
    """Subclasses name themselves in `title` (for screen readers) and lay out their blocks in `arrange`."""

    title = ""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self.context = context
        self.sheet = Sheet(context.look, stand, key, chart, self.arrange, self.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.addWidget(self.sheet)
        self.setFocusProxy(self.sheet)

    def retime(self) -> None:
        self.sheet.retime()

    def arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        """The blocks at a width of `room` px."""
        raise NotImplementedError
