"""The observations: chart, table, fluids and measures (CLINICAL §2). As sent; nothing is added up."""

from __future__ import annotations

from desktop.patient.fluids import Fluids
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.measures import Measures
from desktop.patient.obs_chart import ChartTab
from desktop.patient.obs_table import ObservationTable
from desktop.patient.tabs import Tab, Tabs
from desktop.shell.context import Context
from localdb.chart.views import Chart


class Observations(Tabs):
    """The section with its four tabs."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        tabs = (
            Tab("chart", "Chart", ChartTab),
            Tab("table", "Table", ObservationTable),
            Tab("fluids", "Fluids", Fluids),
            Tab("measures", "Weight, height", Measures),
        )
        super().__init__(context, stand, key, chart, tabs, "Observations")
