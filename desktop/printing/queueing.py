"""Issued sheets to a printer, one job a sheet, and what the printer says of each into the journal (DESIGN D10)."""

from __future__ import annotations

from collections.abc import Callable

from desktop.printing.cups import Job, print_pdf
from desktop.printing.issuing import Issued
from desktop.printing.preview import split
from localdb.house import House


def print_sheets(
    house: House, issued: Issued, printer: str, *, told: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Job, ...]:
    """Print them in order and mark each `printed` only when its job has completed; `told` hears (done, of).

    Raises print.* at the first sheet that fails: it and those after it stay `made` and can be printed again.
    """
    counts = [sheet.pages * house.journal.sheet(sheet.serial).copies for sheet in issued.sheets]
    jobs: list[Job] = []
    for sheet, pdf in zip(issued.sheets, split(issued.pdf, counts), strict=True):
        jobs.append(print_pdf(printer, pdf, sheet.serial))
        house.sheet_state(sheet.serial, "printed", f"job {jobs[-1].number}")
        told(len(jobs), len(counts))
    return tuple(jobs)
