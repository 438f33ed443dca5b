"""The printers that this laptop knows: those of the print service, and addresses that were added by hand. No Qt."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from desktop.printing.cups import Printer, printer_of, printers
from desktop.printing.errors import PrinterUnknown
from desktop.printing.press import wire_for
from localdb.errors import WardlampError
from localdb.house import House

_KEY = "printer addresses"  # among the local drafts: of this laptop, for whoever is in
SERVICE_SETTINGS = Path("/etc/cups/cupsd.conf")


def addresses(house: House) -> tuple[str, ...]:
    """The `ipp://` addresses that were added on this laptop."""
    return tuple(str(a) for a in (house.draft(_KEY) or {}).get("addresses", ()))


def add_address(house: House, address: str) -> None:
    """Raises print.unknown_printer where it is no `ipp://` address."""
    try:
        sound = address.startswith("ipp://") and bool(urlsplit(address).hostname) and address.isprintable()
    except ValueError:
        sound = False
    if not sound:
        raise PrinterUnknown("That is no address of a printer.", next_step="Give ipp://HOST[:PORT]/ipp/print.")
    house.save_draft(_KEY, {"addresses": list(dict.fromkeys([*addresses(house), address]))})


def forget_address(house: House, address: str) -> None:
    """Nothing happens where it was not added."""
    house.save_draft(_KEY, {"addresses": [a for a in addresses(house) if a != address]})


def known_printers(house: House) -> tuple[Printer, ...]:
    """Every printer with its state in words: those of the service, then the added ones; slow where one does not answer."""
    made = list(printers())
    for address in addresses(house):
        try:
            made.append(printer_of(wire_for(address).facts(address)))
        except WardlampError as fault:
            made.append(Printer(address, address, False, fault.message))
    return tuple(made)


def keeps_jobs(settings: Path = SERVICE_SETTINGS) -> bool | None:
    """Whether the print service keeps printed documents (a day, by default), read from its settings; None where they
    cannot be read."""
    try:
        text = settings.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    said = re.findall(r"(?im)^\s*PreserveJobFiles\s+(\S+)", text)
    return not said or said[-1].lower() not in ("no", "off", "false", "0")
