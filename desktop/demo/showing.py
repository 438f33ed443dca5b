"""Opens the window on the demonstration, or walks through it; forms as PDFs beside the pictures.

The real window on the real vault: it is unlocked as a person does, with the demonstration's secret.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from desktop.demo.hospital import SECRET, Demonstration
from desktop.forms.catalogue import FORMS
from desktop.printing.image_wish import ImageWish
from desktop.printing.issuing import issue, wanted
from localdb.durable import write_whole
from localdb.house import House

Clock = Callable[[], datetime]


def forms_of(house: House, said: Demonstration, out: Path) -> list[Path]:
    """Each form filled and blank, and the summaries of the whole ward, as PDFs of invented patients."""
    out.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []

    def keep(name: str, code: str, *, patient: str | None = None, ward: str | None = None, blank: int = 0) -> None:
        sheets = wanted(house, code, patient=patient, ward=ward, blank=blank, copies=1)
        path = out / f"{name}.pdf"
        write_whole(path, issue(house, sheets).pdf)
        made.append(path)

    for code, form in FORMS.items():
        if form.takes == "ward":
            keep(f"{code}-filled", code, ward=said.ward)
        elif form.takes == "patient":
            keep(f"{code}-filled", code, patient=said.star)
        else:
            keep(f"{code}-filled", code)
        keep(f"{code}-blank", code, blank=1)
    keep("F02-whole-ward", "F02", ward=said.ward)
    keep("F09-written", "F09", patient=said.unreported)
    keep("T02-slices-missing", "T02", patient=said.incomplete)
    sheets = wanted(house, "F02", patient=said.star, ward=None, blank=0, copies=1, images=(ImageWish(),))
    made.append(out / "F02-with-images.pdf")
    write_whole(made[-1], issue(house, sheets).pdf)
    return made


def walk_through(vault: Path, said: Demonstration, clock: Clock, out: Path) -> list[Path]:
    """A picture of every main screen."""
    from desktop.screens import walk

    return walk(vault, out, staff=said.staff, secret=SECRET.decode(), clock=clock, star=said.star, typed=said.same_name,
                walked=(said.unreported, said.incomplete, said.misfiled))  # fmt: skip


def show(vault: Path, said: Demonstration, clock: Clock) -> int:
    """The window, already unlocked; its exit status."""
    from desktop.app import open_window

    return open_window(vault, clock=clock, staff=said.staff, secret=SECRET)
