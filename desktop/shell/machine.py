"""What the laptop itself says: battery and printer, in words (LOOK §6).

It reads the disk: not for the window's thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_POWER = Path("/sys/class/power_supply")


@dataclass(frozen=True, slots=True)
class Machine:
    """`battery` and `printer` as words for the header; `is_low` under 15 % and not charging."""

    battery: str = "not known"
    printer: str = "not known"
    is_low: bool = False


def read_battery(power: Path = _POWER) -> tuple[str, bool]:
    """`64 %, 3hr`, `64 %, charging`, `mains`; and whether it is low."""
    if sys.platform == "win32":
        return "not known", False
    for supply in sorted(power.glob("*")) if power.is_dir() else ():
        facts = {name: _line(supply / name) for name in ("type", "capacity", "status", "energy_now", "power_now")}
        if facts["type"] != "Battery" or not facts["capacity"].isdigit():
            continue
        percent = int(facts["capacity"])
        if facts["status"] == "Charging":
            return f"{percent} %, charging", False
        left = _hours(facts["energy_now"], facts["power_now"])
        return f"{percent} %{left}", percent < 15
    return "mains", False


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _hours(energy: str, power: str) -> str:
    if not (energy.isdigit() and power.isdigit()) or int(power) == 0:
        return ""
    minutes = int(energy) * 60 // int(power)
    return f", {minutes // 60}hr" if minutes >= 60 else f", {minutes}min"


def printer_words() -> str:
    """The state of the first printer in a word or two; `none` where the system has none."""
    from desktop.printing.cups import printers  # late: nothing of printing before the first paint

    found = printers()
    if not found:
        return "none"
    return "ready" if found[0].ready else found[0].note or "stopped"


def read_machine(printer: Callable[[], str]) -> Machine:
    """Both, for the header; `printer()` says the printer's state in a word or two."""
    battery, is_low = read_battery()
    return Machine(battery, printer(), is_low)
