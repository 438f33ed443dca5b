"""Pages are made in a process of their own: reportlab holds the interpreter's lock, and the window must not wait.

The parent writes the job and the keys into the child's standard input and reads a head and the PDF from its standard
output: no key in the environment, no page in a file (DESIGN D10, STACK-desktop §4). Both sides of that pipe stand here.

Jobs: `show` = one sheet without a serial, for the preview; `count` = the sheets and pages of every choice; `issue` =
serials first, then the pages (DESIGN D9), as one PDF; `enqueue` = the same into the print queue (`press`), nothing comes
back but serials. Each chart is read once for all the forms of a job.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from desktop.printing.image_wish import ImageWish
from desktop.printing.labelling import Wish
from localdb.errors import EnvironmentFault, WardlampError
from localdb.house import House, house_from_pipe

if TYPE_CHECKING:
    from desktop.printing.issuing import Held, Wanted

_HEAD = struct.Struct(">I")


class Choice(msgspec.Struct, frozen=True):
    """One form that was chosen: for a patient, for a ward, or `blank` sheets; `label` the stock of labels and bands;
    `images` those of a sheet of images, or of the annex of a summary."""

    form: str
    patient: str | None = None
    ward: str | None = None
    blank: int = 0
    copies: int = 1
    label: Wish | None = None
    images: tuple[ImageWish, ...] = ()


class Job(msgspec.Struct, frozen=True):
    """What the child shall do, with the moment that stands on the sheets; `show` = the number of the choice to preview;
    `printer`, `sides` and `tray` for `enqueue`; `by_bed` collates."""

    vault: str
    do: str
    now: datetime
    choices: tuple[Choice, ...]
    show: int = 0
    printer: str = ""
    sides: str = "one-sided"
    tray: str = ""
    by_bed: bool = False


class Made(msgspec.Struct, frozen=True):
    """`counts`: (sheets, pages in all) of each choice; `sheets`: (serial, form, pages, patient) of what was issued;
    `plain` the serials that print as plain text; `error` (code, message, next step) when refused; `pack` its number in
    the queue."""

    counts: tuple[tuple[int, int], ...] = ()
    sheets: tuple[tuple[str, str, int, str | None], ...] = ()
    plain: tuple[str, ...] = ()
    error: tuple[str, str, str] | None = None
    pack: int = 0


class PagesFailed(EnvironmentFault):
    """The process that makes pages ended without an answer."""

    code = "print.pages_failed"
    next_step = "Try again; if it fails twice, print the form blank and write by hand. Nothing is lost."


def run(house: Any, job: Job) -> tuple[Made, bytes]:
    """Ask the child; raises what it was refused with, or print.pages_failed. Blocks: call it on a bench."""
    words, keys = msgspec.json.encode(job), house.keys_for_child()
    told = _HEAD.pack(len(words)) + words + keys
    done = subprocess.run(
        [sys.executable, "-m", "desktop.printing.child"], input=told, capture_output=True, check=False
    )
    if done.returncode != 0 or len(done.stdout) < _HEAD.size:
        raise PagesFailed("The pages could not be made.")
    (size,) = _HEAD.unpack_from(done.stdout)
    made = msgspec.json.decode(done.stdout[_HEAD.size : _HEAD.size + size], type=Made)
    if made.error is not None:
        code, message, next_step = made.error
        raise WardlampError(message, code=code, next_step=next_step)
    return made, done.stdout[_HEAD.size + size :]


def show(house: House, job: Job) -> tuple[Made, bytes]:
    """The first sheet of one choice as it would look; nothing is issued."""
    from desktop.forms.catalogue import render
    from desktop.printing.issuing import Held, first_of, model_of

    if not 0 <= job.show < len(job.choices):
        return Made(), b""
    held = Held(house)
    want = first_of(house, job.choices[job.show], held, job.printer)
    return (Made(), b"") if want is None else (Made(), render(want.form, model_of(house, want, held=held)))


def count(house: House, job: Job) -> tuple[Made, bytes]:
    """How many sheets and pages each choice has; nothing is issued."""
    from desktop.forms.catalogue import pages_needed
    from desktop.printing.issuing import Held, copies_of, model_of, wanted_by

    held, counts = Held(house), []
    for choice in job.choices:
        wants = wanted_by(house, choice, held, job.printer)
        alike = wants[:1] if choice.blank else wants
        pages = [pages_needed(want.form, model_of(house, want, held=held)) * copies_of(want) for want in alike]
        counts.append((len(wants), sum(pages) * (len(wants) if choice.blank else 1)))
    return Made(counts=tuple(counts)), b""


def issue(house: House, job: Job) -> tuple[Made, bytes]:
    """Every sheet of every choice, in bed order within a form; each serial is in the journal before its page is made."""
    from desktop.printing.issuing import Held
    from desktop.printing.issuing import issue as issue_sheets

    held = Held(house)
    issued = issue_sheets(house, _wants(house, job, held), held)
    sheets = tuple((s.serial, s.form, s.pages, s.patient) for s in issued.sheets)
    return Made(sheets=sheets, plain=issued.plain), issued.pdf


def enqueue(house: House, job: Job) -> tuple[Made, bytes]:
    """The same into the print queue, durable when it returns; `press.run` or `runner.start` prints it."""
    from desktop.printing.issuing import Held
    from desktop.printing.press import enqueue as put_in

    queued = put_in(house, _wants(house, job, Held(house)), job.printer, sides=job.sides, tray=job.tray)
    sheets = tuple((s.serial, s.form, s.pages, s.patient) for s in queued.sheets)
    return Made(sheets=sheets, plain=queued.plain, pack=queued.pack), b""


def _wants(house: House, job: Job, held: Held) -> list[Wanted]:
    from desktop.printing.issuing import by_bed, wanted_by

    wants = [want for choice in job.choices for want in wanted_by(house, choice, held, job.printer)]
    return by_bed(wants) if job.by_bed else wants


def main(inward: BinaryIO, outward: BinaryIO) -> int:
    """The child's side."""
    (size,) = _HEAD.unpack(inward.read(_HEAD.size))
    job = msgspec.json.decode(inward.read(size), type=Job)
    try:
        house = house_from_pipe(Path(job.vault), inward.read(), clock=lambda: job.now)
        try:
            make = {"show": show, "count": count, "issue": issue, "enqueue": enqueue}[job.do]
            made, pdf = make(house, job)
        finally:
            house.close()
    except WardlampError as error:
        made, pdf = Made(error=(error.code, error.message, error.next_step)), b""
    words = msgspec.json.encode(made)
    outward.write(_HEAD.pack(len(words)) + words + pdf)
    outward.flush()
    return 0


if __name__ == "__main__":
    from desktop.hardening import harden

    harden()
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
