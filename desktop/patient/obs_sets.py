"""Observations in sets: the pure model stands in `localdb/chart/observation_sets.py`; here are its names for screens."""

from __future__ import annotations

from localdb.chart.observation_sets import (
    LABELS,
    NEWS,
    ORDER,
    SHORT,
    VITALS,
    ObsSet,
    Reading,
    latest_vital,
    obs_sets,
    reading,
    row_of,
)

__all__ = [
    "LABELS",
    "NEWS",
    "ORDER",
    "SHORT",
    "VITALS",
    "ObsSet",
    "Reading",
    "latest_vital",
    "obs_sets",
    "reading",
    "row_of",
]
