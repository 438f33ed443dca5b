"""All commands, each from the module that runs it."""

from __future__ import annotations

from desktop.cli import charts, copying, demonstration, feeding, keys, returning, scanning, sheets, site, writing
from desktop.cli.parser import Commands


def commands() -> Commands:
    """The whole command line."""
    made = Commands()
    for module in (keys, demonstration, copying, feeding, charts, scanning, writing, sheets, returning, site):
        module.add_to(made)
    return made
