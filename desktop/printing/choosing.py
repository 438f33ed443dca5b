"""Which images of a patient are printed when none is named: key images first, else one of each examination. No Qt.

Rule (issue 8 "Out"): of the examinations whose images are held, newest first, the key images that a key object selection
points to (PS3.3 A.35.4), at most two of one examination; of one without, the picture that the viewer shows first. Withdrawn
and restricted examinations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from localdb.chart.images import KEY_SERIES, Row, first_index, first_row, rows_of
from localdb.chart.reports import CANCELLED, WITHDRAWN, Examination, examinations
from localdb.chart.views import Chart
from localdb.records.vocabulary import Instance

MOST_OF_ONE = 2


class Held(Protocol):
    def instances(self, patient: str, study: str) -> tuple[Instance, ...]: ...


@dataclass(frozen=True)
class Study:
    """One examination with what is known of its images."""

    examination: Examination
    instances: tuple[Instance, ...]
    rows: tuple[Row, ...]

    @property
    def uid(self) -> str:
        return self.examination.study.uid if self.examination.study is not None else ""

    def places(self) -> Iterator[tuple[Row, int]]:
        """Every picture once: of a key image its own series, not the list of key images."""
        for row in self.rows:
            if row.uid != KEY_SERIES:
                yield from ((row, n) for n in range(len(row.slides)))

    def first(self, rows: Sequence[Row] | None = None) -> Candidate | None:
        """The picture that is shown first, None where none is held."""
        among = self.rows if rows is None else tuple(rows)
        if not any(s.is_held for r in among for s in r.slides):
            return None
        row = among[first_row(among)]
        return self._own(row, first_index(row))

    def keys(self) -> list[Candidate]:
        """The key images that are held, in order."""
        return [Candidate(self, r, n) for r, n in self.places() if r.slides[n].is_key and r.slides[n].is_held]

    def _own(self, row: Row, index: int) -> Candidate:
        """The same picture in its own series."""
        slide = row.slides[index]
        for other, n in self.places():
            if other.slides[n].instance.uid == slide.instance.uid and other.slides[n].frame == slide.frame:
                return Candidate(self, other, n)
        return Candidate(self, row, index)


@dataclass(frozen=True)
class Candidate:
    """One picture: the `index`-th of a series of a study."""

    study: Study
    row: Row
    index: int


def eligible(chart: Chart, role: str = "clinician") -> Iterator[Examination]:
    """The examinations whose images may leave the screen, newest first."""
    for one in examinations(chart, role):
        if one.study is None or not one.study.uid or one.status in (WITHDRAWN, CANCELLED):
            continue
        if not any(r is not None and r.restricted for r in (one.report, one.study, one.request)):
            yield one


def opened(reading: Held, chart: Chart, one: Examination) -> Study:
    """What is known of the images of an examination."""
    assert one.study is not None
    found = reading.instances(chart.patient.id, one.study.uid)
    return Study(one, found, rows_of(one.study, found))


def chosen(reading: Held, chart: Chart, most: int, role: str = "clinician") -> list[Candidate]:
    """At most `most` pictures by the rule above."""
    made: list[Candidate] = []
    for one in eligible(chart, role):
        if len(made) >= most:
            break
        if not one.study or not one.study.held:  # nothing of it is here: it is not read
            continue
        study = opened(reading, chart, one)
        keys = study.keys()[:MOST_OF_ONE]
        first = study.first() if not keys else None
        made += keys or ([first] if first is not None else [])
    return made[:most]
