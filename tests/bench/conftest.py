"""One made hospital for all benchmarks of this folder, in our layers and in a naive file; and how a ratio is reported."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localdb.house import House
from localdb.records.vocabulary import Patient
from localdb.store.cuts import Cutter
from tests.bench.limits import LIMITS, within
from tests.bench.naive import Naive
from tests.bench.population import feed, hospital
from tests.conftest import LONG
from tests.made import new_house

SEED = 20261124
PEOPLE, WHOLE, RECORDS = (1_000_000, 2_000, 500) if LONG else (50_000, 400, 500)


class Built:
    """The hospital: `ours` and `naive` hold the same. Times are processor seconds of the builds alone."""

    def __init__(self, folder: Path) -> None:
        self.house: House = new_house(folder / "vault")
        self.people: list[Patient] = []
        with self.house.intake() as intake:
            feed(intake, self._sampled())
        self._making = 0.0
        real = Cutter._people

        def timed(cutter: Cutter, persons: Any) -> Iterator[Any]:
            made = real(cutter, persons)
            while True:
                begun = time.process_time()
                one = next(made, None)
                self._making += time.process_time() - begun
                if one is None:
                    return
                yield one

        begun, Cutter._people = time.process_time(), timed  # type: ignore[method-assign]
        try:
            self.house.cut()
        finally:
            Cutter._people = real  # type: ignore[method-assign]
        self.cut_seconds = time.process_time() - begun
        self.build_seconds = self.cut_seconds - self._making
        self.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.naive = Naive(folder / "naive.db")
        with self.house.intake() as intake:
            cutter = Cutter(self.house.vault, self.house.keys, intake, self.house.now)
            self.naive.build(real(cutter, cutter._changed(0, set())))
        self.size = sum(e.size for e in self.house.generations.newest().layers())  # type: ignore[union-attr]
        self.version = 1

    def _sampled(self) -> Iterator[Any]:
        for n, record in enumerate(hospital(PEOPLE, WHOLE, RECORDS, SEED)):
            if isinstance(record, Patient) and (n % 97 == 0 or len(self.people) < WHOLE):
                self.people.append(record)
            yield record

    @property
    def whole(self) -> list[Patient]:
        return self.people[:WHOLE]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    made = Built(tmp_path_factory.mktemp("bench"))
    yield made
    made.house.close()
    made.naive.connection.close()


@pytest.fixture
def kept(benchmark: Any, record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """`kept(name, ratio, **more)`: reports a ratio beside its budget, and fails where it is over 1.25 x it."""

    def report(name: str, ratio: float, **more: object) -> None:
        said = {"ratio": round(ratio, 3), "budget": LIMITS[name], "seed": SEED, "people": PEOPLE, **more}
        benchmark.extra_info.update({name: said})
        record_property(name, said)
        print(f"\n{name}: {ratio:.3f} of a budget of {LIMITS[name]} {more or ''}")
        assert within(name, ratio), f"{name}: {ratio:.3f}, budget {LIMITS[name]}"

    return report
