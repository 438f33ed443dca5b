"""All commands, each from the module that runs it."""

from __future__ import annotations

from desktop.cli import (
    booking,
    cards,
    charts,
    copying,
    demonstration,
    feeding,
    imaging,
    keys,
    labels,
    numbers,
    originals,
    plans,
    press,
    printers,
    returning,
    scanning,
    searching,
    sheets,
    site,
    writing,
)
from desktop.cli.parser import Commands


def commands() -> Commands:
    """The whole command line."""
    made = Commands()
    for module in (
        keys,
        demonstration,
        copying,
        feeding,
        charts,
        booking,
        imaging,
        scanning,
        searching,
        writing,
        numbers,
        sheets,
        labels,
        press,
        printers,
        plans,
        originals,
        cards,
        returning,
        site,
    ):
        module.add_to(made)
    return made
