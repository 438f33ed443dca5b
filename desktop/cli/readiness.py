"""What `doctor` looks at: is this laptop ready to carry a ward through a downtime (DESIGN D1, D10; CLINICAL H23, H24)?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.cli.printers import test_words
from desktop.printing.known import keeps_jobs, known_printers
from desktop.sources.image_room import NEARLY_FULL, room_words, size_words
from localdb.chart import staleness
from localdb.chart.views import SourceAge
from localdb.house import House
from localdb.journal.printers import last_tests
from localdb.sources.dicom.rules import LET_GO
from localdb.store.image_counts import Room
from localdb.vault.staff import mend
from localdb.vault.unlocking import slot_list


def findings_of(house: House) -> list[dict[str, str]]:
    """Findings {level fault/caution, code, text}: none means ready. No patient data."""
    found: list[dict[str, str]] = []

    def add(level: str, code: str, text: str) -> None:
        found.append({"level": level, "code": code, "text": text})

    for name in mend(house.vault):
        add("caution", "vault.mended", f"{name} did not verify and was written anew from its twin.")
    if not any(s.kind == "recovery" for s in slot_list(house.vault)):
        add("caution", "vault.no_recovery", "No recovery slot: a forgotten secret would lock this copy for good.")
    used, pinned = house.generations.pointer()
    if not used:
        add("fault", "generation.none", "Nothing was cut yet: there is no copy to read.")
    else:
        snapshot = house.reading().snapshot
        if snapshot.fallen_back:
            add("fault", "vault.damaged", "The newest generation does not verify; an earlier one is read.")
        for name in snapshot.verify():
            add("fault", "vault.damaged", f"The bytes of layer {name} are not those that were cut.")
        if pinned:
            add("caution", "generation.held", f"Reading is held at generation {used}.")
        for level, code, text in _of_sources(house):
            add(level, code, text)
    aside, waiting = house.aside_counts()
    if aside:
        add("caution", "aside.waits", f"{_units(aside)} set aside: see `wardlamp aside list`.")
    if waiting:
        add("caution", "waiting.patient", f"{_units(waiting)} not shown yet: their patient has not come.")
    if text := _of_images(house.image_room()):
        add("caution", "image.let_go", text)
    if not house.journal.verify().ok:
        add("fault", "journal.broken", "The journal does not verify: run `wardlamp audit verify`.")
    numbers = house.number_status()
    if numbers.state != "ready":
        add("caution", f"numbers.{numbers.state}", f"Unknown patients: {numbers.words} {numbers.next_step}")
    free = shutil.disk_usage(house.vault).free
    held = sum(p.stat().st_size for p in (house.vault / "layers").glob("*.db"))
    if free < max(2 * held, 200 << 20):
        add("fault", "disk.full", "The disk has less than twice the copy's size free: cuts will stop.")
    if not house.site["hospital"]:
        add("caution", "settings.none", "No site settings: sheets will not name the hospital.")
    for level, code, text in _of_printers(house):
        add(level, code, text)
    return found


def _of_images(room: Room | None) -> str:
    """That pixels were let go, or soon will be; "" where there is room."""
    if room is None or not room.images:
        return ""
    gone = room.unheld.get(LET_GO, 0)
    if gone:
        return f"{gone} images were let go to stay within {size_words(room.budget)}: see `wardlamp imaging status`."
    if room.share >= NEARLY_FULL:
        return f"The room for images is nearly used up ({room_words(room)}): the oldest will be let go."
    return ""


def _of_printers(house: House) -> list[tuple[str, str, str]]:
    """The print service's residual risk (D10), printers that were never tested, and what waits in the print queue."""
    found = []
    keeps = keeps_jobs()
    if keeps is not False:
        said = (
            "The print service keeps what it printed, in clear"
            if keeps
            else "Whether the print service keeps jobs is not known"
        )
        found.append(("caution", "print.spool",
                      f"{said}: ask IT for `PreserveJobFiles No` and an encrypted disk under the spool."))  # fmt: skip
    known, tested = known_printers(house), last_tests(house.journal.log, house.device)
    if not known:
        found.append(("caution", "print.none", "No printer is set up here: sheets can only be saved as PDF."))
    for one in known:
        test = tested.get(one.name)
        if test is None or test.scanned is None:
            found.append(
                ("caution", "print.untested", f"Printer {one.name}: {test_words(test)}. See `wardlamp printer test`.")
            )
        if not one.ready:
            found.append(("caution", "print.not_ready", f"Printer {one.name}: {one.note or 'not ready'}."))
    waiting = [i for p in house.journal.packs(only_open=True) for i in p.items if i.is_open]
    if waiting:
        count = f"{len(waiting)} sheet{'s are' if len(waiting) != 1 else ' is'}"
        found.append(("caution", "print.waiting", f"{count} in the print queue: see `wardlamp press status`."))
    return found


def _of_sources(house: House) -> list[tuple[str, str, str]]:
    """What is wrong with the systems that feed the copy, as screens and sheets say it."""
    now, zone = house.now(), str(house.site["zone"])
    found = []
    for age in house.reading().sources():
        if age.cut is None:
            found.append(("caution", "source.no_cut", f"Source {age.source}: what it is complete to is not known."))
        if text := staleness.life_sentence(age, now, zone):
            is_silent = staleness.life_of(age, now) == staleness.SILENT
            found.append(("fault", "source.silent", text) if is_silent else ("caution", "source.quiet", text))
        if text := staleness.drift_sentence(age):
            found.append(("caution", "source.drift", text))
    return found


def _units(counts: Mapping[Any, int]) -> str:
    total = sum(counts.values())
    return f"{total} unit{'s are' if total != 1 else ' is'}"


def readiness_line(house: House, findings: Sequence[Mapping[str, str]]) -> str:
    """One line for the daily look, of numbers and names of systems: `Ready; 3 systems, lims silent, ris not safe; 2 set
    aside, 0 waiting; results days 30`."""
    faults = sum(f["level"] == "fault" for f in findings)
    parts = [f"NOT READY, {faults} fault{'s' if faults != 1 else ''}" if faults else "Ready"]
    used, _ = house.generations.pointer()
    sources = house.reading().sources() if used else ()
    parts.append(", ".join([f"{len(sources)} system{'s' if len(sources) != 1 else ''}", *_states(house, sources)]))
    aside, waiting = house.aside_counts()
    parts.append(f"{sum(aside.values())} set aside, {sum(waiting.values())} waiting")
    windows = house.generations.read(used).windows if used else {}
    parts.append(", ".join(f"{n.replace('_', ' ')} {count}" for n, count in windows.items()) or "no windows")
    room = house.image_room()
    parts += [room_words(room)] if room is not None and room.images else []
    return "; ".join(parts)


def _states(house: House, sources: Sequence[SourceAge]) -> list[str]:
    """`lims silent`, `pas down`, `ris not safe`, `epr clock 3min behind ours`; nothing of those that are well."""
    now = house.now()
    newest, told = staleness.newest_cut(sources), []
    for source in sources:
        worst = staleness.of_source(source, now, newest=newest)
        word = "down" if source.declared == "down" else "" if worst.word == "fresh" else worst.word
        if word != "down" and worst.state == staleness.NEVER and source.received:
            word = "time not known"  # something came, but nothing said up to when it is complete
        told += [f"{source.source} {word}"] if word else []
        if drift := staleness.drift_words(source.drift):
            told.append(f"{source.source} clock {drift}")
    return told
