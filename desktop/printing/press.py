"""Sheets to paper, one job a sheet, and what the printer said of each into the ledger (DESIGN D10). No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.printing.child import Made
from desktop.printing.cups import print_pdf, printers
from desktop.printing.errors import NoPrintService
from desktop.printing.preview import split
from localdb.errors import EnvironmentFault, WardlampError


class PackStopped(EnvironmentFault):
    """Some sheets of a pack are out, the rest are not; those are issued and can be printed again."""

    code = "print.pack_stopped"
    next_step = "See to the printer and print the rest again: each new sheet gets a new serial, void the old ones."


def print_sheets(
    house: Any, made: Made, pdf: bytes, printer: str = "", told: Callable[[int, int], None] = lambda done, of: None
) -> str:
    """Print every sheet; a sheet counts as printed only when its job completed. Words for the status line.

    `printer` "" = the default one. Raises print.*; what came out before is recorded all the same.
    """
    name = printer or next((p.name for p in printers() if p.ready), "")
    if not name:
        raise NoPrintService("No printer that is ready was found.")
    parts = split(pdf, [pages for _, _, pages, _ in made.sheets])
    for n, ((serial, _, _, _), part) in enumerate(zip(made.sheets, parts, strict=True)):
        try:
            print_pdf(name, part, serial)
        except WardlampError as error:
            if n == 0:
                raise
            words = f"{n} of {len(parts)} sheets came out, then: {error.message}"
            raise PackStopped(words) from None
        house.sheet_state(serial, "printed")
        told(n + 1, len(parts))
    return f"printed on {name}"
