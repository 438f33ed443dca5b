"""No thread outlives its test: the benches of pictures are ended."""

from __future__ import annotations

from tests.unit.desktop.patient.conftest import every_bench_is_ended

__all__ = ["every_bench_is_ended"]
