"""Errors of printing.

EnvironmentFault
├── NoPrintService   print.no_service   nothing answers where the print service should be
├── PrinterStopped   print.stopped      the printer takes no jobs now
├── PrintRefused     print.refused      the service or the printer did not take the sheet
├── PrintFailed      print.failed       the job was taken, and cancelled or aborted
└── PrintUnsure      print.unsure       the job was taken, and nobody says that it came out
InputRefused
└── PrinterUnknown   print.unknown_printer
"""

from __future__ import annotations

from localdb.errors import EnvironmentFault, InputRefused


class NoPrintService(EnvironmentFault):
    """Nothing answers where the print service should be."""

    code = "print.no_service"
    next_step = "Plug a printer in by USB or ask IT to start the print service; `--pdf FILE` works without it."


class PrinterStopped(EnvironmentFault):
    """The printer takes no jobs now."""

    code = "print.stopped"
    next_step = "Look at the printer (paper, cover, power), or choose another one."


class PrintRefused(EnvironmentFault):
    """The print service or the printer did not take the sheet."""

    code = "print.refused"
    next_step = "Choose another printer; the sheet keeps its serial."


class PrintFailed(EnvironmentFault):
    """The job was taken, and then cancelled or aborted: the sheet does not count as printed."""

    code = "print.failed"
    next_step = "Look at the printer and print the sheet again; what came out half is void."


class PrintUnsure(EnvironmentFault):
    """The job was taken and neither completed nor failed within the time given."""

    code = "print.unsure"
    next_step = "Look whether the sheet came out; if so, mark it by its serial, else print it again."


class PrinterUnknown(InputRefused):
    """No printer of that name."""

    code = "print.unknown_printer"
    next_step = "Choose one of the printers in the list."
