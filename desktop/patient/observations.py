"""The observations: chart, table, fluids and measures (CLINICAL §2). As sent; nothing is added up."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.fluids import Fluids
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.measures import Measures
from desktop.patient.obs_chart import ChartTab
from desktop.patient.obs_table import ObservationTable
from desktop.patient.tabs import Tab, Tabs
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart.views import Chart

WIDE = 940  # the tabs and the words of the chart's buttons side by side
CONTROLS = ("Earlier", "Later", NEWEST := "Newest", "By time")


class Observations(Tabs):
    """The section with its four tabs."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        tabs = (
            Tab("chart", "Chart", ChartTab),
            Tab("table", "Table", ObservationTable),
            Tab("fluids", "Fluids", Fluids),
            Tab("measures", "Weight, height", Measures),
        )
        self._controls: tuple[Button, ...] = ()
        super().__init__(context, stand, key, chart, tabs, "Observations")
        self.shown_tab.connect(self._fit_controls)

    def tab_made(self, widget: QWidget) -> None:
        """The buttons that move the chart stand beside the tabs."""
        if isinstance(widget, ChartTab):
            self._controls = widget.controls
            for button in self._controls:
                self.bar.addWidget(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_controls()

    def _fit_controls(self) -> None:
        """What moves the chart stands there only with it; where there is little room, as icons and without Newest, for
        which there is the key End."""
        is_wide = self.width() >= WIDE
        for button, word in zip(self._controls, CONTROLS, strict=False):
            button.setText(word if is_wide or button.icon_name is None else "")
            button.setVisible(self.tab == "chart" and (is_wide or word != NEWEST))
            button.updateGeometry()
