"""Errors of printing.

EnvironmentFault
├── NoPrintService   print.no_service   nothing answers where the print service should be
├── PrinterStopped   print.stopped      the printer takes no jobs now
├── LineLost         print.lost         the line broke after something was sent: nobody knows how far it came
├── PrintRefused     print.refused      the service or the printer did not take the sheet
├── PrintFailed      print.failed       the job was taken, and cancelled or aborted
├── PrintUnsure      print.unsure       the job was taken, and nobody says that it came out
├── PressBusy        press.busy         another process of ours holds the press
└── PressWaits       press.waits        the queue stands, because the printer or a person has to do something
InputRefused
├── PrinterUnknown   print.unknown_printer
└── PaperNotThere    print.no_paper     the printer has no paper of the page's size
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


class LineLost(EnvironmentFault):
    """The line to the printer broke after something was sent."""

    code = "print.lost"
    next_step = "Look at the printer and its cable; the queue asks the printer what became of the sheet."


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


class PressBusy(EnvironmentFault):
    """Another process of ours prints already, or makes the pages of another pack."""

    code = "press.busy"
    next_step = "Nothing needs doing: what is in the queue is printed by the one that runs."


class PressWaits(EnvironmentFault):
    """The queue stands; nothing in it is lost."""

    code = "press.waits"
    next_step = "See to the printer; then `wardlamp press resume` goes on where it stopped."


class PrinterUnknown(InputRefused):
    """No printer of that name."""

    code = "print.unknown_printer"
    next_step = "Choose one of the printers in the list."


class PaperNotThere(InputRefused):
    """The printer has no paper of the size that the page has."""

    code = "print.no_paper"
    next_step = "Choose a printer with A4 paper (for labels: one with that roll), or put such paper in."
