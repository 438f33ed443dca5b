"""What the press asks of a printer, whichever way it is reached: IPP (`cups`) or the Windows spooler (`windows`).

A job comes in two steps, so that its number can be on disk before a byte of the page leaves: `begin` (no page yet) and
`send`. Options that a printer does not name are never sent to it (an unsupported one cancels the job, STACK-desktop §7).
"""

from __future__ import annotations

import re
from typing import Protocol

import msgspec

from desktop.printing.errors import PaperNotThere
from desktop.printing.ipp import CREATE_JOB, SEND_DOCUMENT, Attribute
from desktop.printing.reasons import is_stopping, reason_words

A4 = (595.28, 841.89)
A4_NAME = "iso_a4_210x297mm"
_POINTS_A_MM = 72 / 25.4
_SLACK = 1.5  # mm by which a named size may differ from the page


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A printer as it describes itself. `state` idle, printing or stopped; `reasons` its own keywords; `ppm` pages a
    minute, None = not told; `media` names of paper sizes, `trays` of sources; `operations` IPP operations and
    `options` job attributes that it takes (empty = not told); `jobs` how many wait there."""

    name: str
    uri: str = ""
    make: str = ""
    state: str = "idle"
    accepting: bool = True
    reasons: tuple[str, ...] = ()
    message: str = ""
    sides: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    media_ready: tuple[str, ...] = ()
    media_members: tuple[str, ...] = ()
    trays: tuple[str, ...] = ()
    colour_modes: tuple[str, ...] = ()
    scaling: tuple[str, ...] = ()
    colour: bool = False
    ppm: int | None = None
    resolutions: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    operations: tuple[int, ...] = ()
    options: tuple[str, ...] = ()
    jobs: int | None = None
    is_default: bool = False

    @property
    def ready(self) -> bool:
        """Whether a sheet sent now would come out as far as the printer says."""
        return self.accepting and self.state != "stopped" and not any(map(is_stopping, self.reasons))

    @property
    def words(self) -> str:
        """`ready`, `printing`, or what is wrong: `paper jam, cover open`."""
        told = list(reason_words(self.reasons))
        if not self.accepting:
            told.insert(0, "takes no jobs")
        if self.state == "stopped" and (not told or told == ["takes no jobs"]):
            told.append(self.message or "stopped")
        return ", ".join(told) or ("printing" if self.state == "printing" else "ready")

    @property
    def takes_pdf(self) -> bool:
        return not self.formats or bool({"application/pdf", "application/octet-stream"} & set(self.formats))

    @property
    def two_steps(self) -> bool:
        """Whether a job gets its number before the page is sent."""
        return {CREATE_JOB, SEND_DOCUMENT} <= set(self.operations)


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """How a sheet shall come out: `sides` as IPP names them, `tray` the printer's own name or "", `size` of its pages in
    points; `colour` of an original that may only be printed so (all else is monochrome)."""

    sides: str = "one-sided"
    tray: str = ""
    size: tuple[float, float] = A4
    colour: bool = False


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """A job at the printer. `state` as IPP counts (9 = completed); `documents` that it has, None = not told; `title` ""
    where the printer keeps it to itself."""

    number: int
    title: str = ""
    state: int = 3
    reasons: tuple[str, ...] = ()
    documents: int | None = None


class Wire(Protocol):
    """Raises print.no_service where nothing answers, print.lost where the line broke after something was sent,
    print.stopped where the printer takes nothing now, print.refused, print.unknown_printer."""

    def facts(self, printer: str) -> Facts: ...
    def begin(self, printer: str, serial: str, facts: Facts, ticket: Ticket) -> int: ...
    def send(self, printer: str, number: int, pdf: bytes) -> None: ...
    def print_whole(self, printer: str, serial: str, facts: Facts, ticket: Ticket, pdf: bytes) -> int: ...
    def job(self, printer: str, number: int) -> JobState | None: ...
    def find(self, printer: str, serial: str) -> tuple[JobState, ...]: ...
    def cancel(self, printer: str, number: int) -> None: ...


def options(facts: Facts, ticket: Ticket) -> list[Attribute]:
    """The job's attributes: what was wished, as far as the printer names it. Raises print.no_paper."""
    made: list[Attribute] = []
    if ticket.sides in facts.sides:
        made.append(("keyword", "sides", ticket.sides))
    if "none" in facts.scaling:  # actual size: the ruler on the page must be 50 mm
        made.append(("keyword", "print-scaling", "none"))
    mode = "color" if ticket.colour else "monochrome"
    if mode in facts.colour_modes:
        made.append(("keyword", "print-color-mode", mode))
    media = media_name(facts, ticket.size)
    if ticket.tray and ticket.tray in facts.trays and {"media-size", "media-source"} <= set(facts.media_members):
        wide, high = (round(side / _POINTS_A_MM * 100) for side in sorted(ticket.size))
        size = [("integer", "x-dimension", wide), ("integer", "y-dimension", high)]
        made.append(("collection", "media-col", [("collection", "media-size", size),
                                                 ("keyword", "media-source", ticket.tray)]))  # fmt: skip
    elif media:
        made.append(("keyword", "media", media))
    return made


def media_name(facts: Facts, size: tuple[float, float]) -> str:
    """The printer's name for paper of this size, either way up. Raises print.no_paper.

    A queue that takes the option and names no sizes is asked for A4 all the same: else its default, often Letter, would
    cut the page. "" where nothing is told.
    """
    wanted = tuple(side / _POINTS_A_MM for side in sorted(size))
    named = [(name, found) for name in facts.media if (found := _size_of(name)) is not None]
    is_a4 = all(abs(a - b) <= _SLACK for a, b in zip(sorted(A4), sorted(size), strict=True))
    if not named:
        return A4_NAME if is_a4 and "media" in facts.options else ""
    for name, found in named:
        is_limit = name.startswith(("custom_min_", "custom_max_"))
        if not is_limit and all(abs(a - b) <= _SLACK for a, b in zip(sorted(found), wanted, strict=True)):
            return name
    least = next((s for n, s in named if n.startswith("custom_min_")), None)
    most = next((s for n, s in named if n.startswith("custom_max_")), None)
    fits = least and most and all(a - 0.1 <= b <= c + 0.1 for a, b, c in zip(least, wanted, most, strict=True))
    if fits and not is_a4:
        return f"custom_label_{wanted[0]:.4g}x{wanted[1]:.4g}mm"
    raise PaperNotThere(f"The printer has no paper of {wanted[0]:.0f} by {wanted[1]:.0f} mm.")


def _size_of(name: str) -> tuple[float, float] | None:
    """Width and height in mm of a self-describing name (PWG 5101.1): `iso_a4_210x297mm`, `na_letter_8.5x11in`; also the
    old names `A4`, `iso-a4`."""
    if name.lower() in ("a4", "iso-a4"):
        return 210.0, 297.0
    found = re.search(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$", name)
    if found is None:
        return None
    factor = 25.4 if found[3] == "in" else 1.0
    return float(found[1]) * factor, float(found[2]) * factor
