"""No thread outlives its test: benches that a section asked for by name (letters, find, timeline) are ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.desktop.patient.stage import LIVE


@pytest.fixture(autouse=True)
def every_bench_is_ended() -> Iterator[None]:
    yield
    while LIVE:
        for bench in LIVE.pop().context.benches():
            bench.close()
