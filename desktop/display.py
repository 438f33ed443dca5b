"""Is there a display to open a window on? Asked before Qt, which would abort without a word that a ward understands."""

from __future__ import annotations

import os
import sys

from localdb.errors import EnvironmentFault


class NoDisplay(EnvironmentFault):
    """No X11 or Wayland display, and no other Qt platform asked for."""

    code = "window.no_display"
    next_step = "Open Wardlamp from the desktop of this laptop; over a console use the commands (`wardlamp --help`)."


def need_display() -> None:
    """Raises window.no_display."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise NoDisplay("There is no display to open the window on.")
