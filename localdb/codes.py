"""The code tables that ship with Wardlamp (`resources/codes`), read once and frozen."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from localdb.chart.drug_lists import DrugLists
from localdb.chart.grid import SetPanel


@cache
def downtime_set() -> tuple[SetPanel, ...]:
    """The downtime cumulative set of CLINICAL §3.4: panels and lines in the order of screen and paper."""
    text = files("resources").joinpath("codes", "downtime_set.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["panel"], tuple[SetPanel, ...])


@cache
def drug_lists() -> DrugLists:
    """The lists of drug names that are marked (CLINICAL §5.3), as the site's file has them."""
    text = files("resources").joinpath("codes", "time_critical.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), DrugLists)


class ErrorWords(msgspec.Struct, frozen=True):
    """What an error code means, and what to do."""

    message: str
    next_step: str


@cache
def error_words() -> dict[str, ErrorWords]:
    """Every code of `errors.toml`."""
    text = files("resources").joinpath("codes", "errors.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, ErrorWords])
