"""What a millisecond is worth on this machine: a fixed piece of work, so that budgets in ms become ratios (limits.py)."""

from __future__ import annotations

import hashlib
import json
import time

_BLOCK = bytes(range(256)) * 256
_TEXT = json.dumps([{"code": str(n), "value": f"{n}.5", "text": "Potassium"} for n in range(60)])


def _work() -> None:
    """Hashing and parsing, as reading a store is: about a millisecond on the machine on which the budgets were set."""
    for _ in range(7):
        hashlib.sha512(_BLOCK).digest()
    for _ in range(11):
        json.loads(_TEXT)
    sum(n * n for n in range(7000))


def unit_ms(repeats: int = 60) -> float:
    """The quickest of `repeats` runs, in ms: what this machine does when nobody else has the core."""
    best = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        _work()
        best = min(best, time.perf_counter() - begun)
    return best * 1000


def stretch_ms(units: int) -> float:
    """One unit in a row of so many, in ms: other programs lengthen it as they do the work that it stands beside."""
    begun = time.perf_counter()
    for _ in range(units):
        _work()
    return (time.perf_counter() - begun) * 1000 / units


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
