"""To be filled by its part."""

from __future__ import annotations

from desktop.cli.parser import Commands


def add_to(commands: Commands) -> None:
    """Nothing yet."""
