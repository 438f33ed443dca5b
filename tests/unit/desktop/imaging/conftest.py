"""No thread outlives its test, and no section: one that were only garbage could be taken away in the middle of a paint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.desktop.patient.stage import LIVE


@pytest.fixture(autouse=True)
def every_bench_is_ended() -> Iterator[None]:
    yield
    while LIVE:
        for bench in LIVE.pop().context.benches():
            bench.close()  # the last one collects
