"""Run as a process of its own by the H20 test: laptops that deal temporary numbers and are killed at every point of it.

usage: python -m tests.hazards.numbering FOLDER LAPTOPS NUMBERS SEED [SABOTAGE]      prints one JSON object

The journal, its SQLCipher file and the packs are the real ones. A laptop's work runs in a child of this process, which
kills itself (SIGKILL) at a given point: before and after each statement that reaches the database, before and after the
witness, before and after the number is shown. What was shown is what came through the pipe. Now and then two processes
work at once, the vault is copied to another machine and both go on, or an old copy of the journal is put back.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localdb.errors import WardlampError
from localdb.journal import dealing, opening
from localdb.journal import log as log_module
from localdb.journal import numbers as numbers_module
from localdb.journal.book import Journal
from localdb.journal.opening import create_journal, open_journal
from localdb.journal.pack_file import seal_packs
from localdb.vault.creation import create_vault
from localdb.vault.unlocking import keys_from_pipe, unlock

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
WORDS, SECRET = b"pack words 22", b"12345678"
PERSON = {"happened": "2026-11-24T02:55:00+00:00", "sex": "male", "estimated_year": 1986}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Points:
    """Counts the places where a kill may come; at the one that is named the process is gone."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def pass_(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **named: Any) -> Any:
            self.pass_()
            made = act(*args, **named)
            self.pass_()
            return made

        return guarded


class Watched:
    """The connection, with a point before and after every statement."""

    def __init__(self, connection: Any, points: Points) -> None:
        self._connection = connection
        self.execute, self.executemany = points.around(connection.execute), points.around(connection.executemany)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Laptop:
    """One vault: `shown` every number that anybody saw on it."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder = folder
        create_vault(folder, "Tess Outsider", SECRET, code, kdf="floor", furnish=_furnish)
        self.keys = unlock(folder, SECRET).to_pipe()
        self.machine = "the first machine"
        self.shown: list[str] = []
        self.refusals: list[str] = []
        self.points = 0

    def open(self) -> Journal:
        for module in (opening, numbers_module, dealing):
            module.machine_id = lambda: self.machine
        return open_journal(self.folder, keys_from_pipe(self.keys, self.folder), lambda: NOW)

    def device(self) -> str:
        journal = self.open()
        journal.close()
        return journal.log.keys.device

    def work(self, at: int, turns: int, sabotage: str) -> tuple[int, int]:
        """Starts a child that deals numbers until its point comes; (its process, the end of its pipe)."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return pid, reading
        try:
            self._deal(writing, Points(at), turns, sabotage)
        finally:
            os._exit(0)

    def _deal(self, pipe: int, points: Points, turns: int, sabotage: str) -> None:
        def tell(line: str) -> None:
            os.write(pipe, f"{line}\n".encode())

        def show(number: str) -> None:
            points.pass_()
            tell(f"shown {number}")
            points.pass_()

        log_module.write_witness = points.around(log_module.write_witness)
        try:
            journal = self.open()
            journal.log.connection = Watched(journal.log.connection, points)
            for turn in range(turns):
                if sabotage == "shown_first":
                    _show_first(journal, show)
                elif turn % 2:
                    show(journal.register(PERSON).temporary_number)
                else:
                    number = journal.burn_number().number
                    show(number)
                    journal.register({**PERSON, "number": number})
        except WardlampError as refused:
            tell(f"refused {refused.code}")
        tell(f"points {points.count}")

    def gather(self, pid: int, pipe: int) -> bool:
        """What the child showed; whether it was killed."""
        with os.fdopen(pipe, "rb") as file:
            lines = file.read().decode().split("\n")
        _, status = os.waitpid(pid, 0)
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "shown":
                self.shown.append(rest)
            elif word == "refused":
                self.refusals.append(rest)
            elif word == "points":
                self.points = max(self.points, int(rest))
        return os.WIFSIGNALED(status)

    def run(self, at: int, turns: int, sabotage: str) -> bool:
        return self.gather(*self.work(at, turns, sabotage))


def _show_first(journal: Journal, show: Callable[[str], None]) -> None:
    """Sabotage: the number stands on the screen before it is burnt."""
    try:
        with journal.log.writing():
            number = numbers_module.burn_within(journal.log).number
            raise LookupError
    except LookupError:
        show(number)
    journal.burn_number()


def _furnish(folder: Path, keys: Any) -> None:
    create_journal(folder, keys, lambda: NOW)


def _code(n: int) -> str:
    return "".join(ALPHABET[n >> shift & 31] for shift in (10, 5, 0))


def supply(dealer: Laptop, laptops: Iterable[Laptop], size: int) -> None:
    """A pack for each, in one deal."""
    held = list(laptops)
    journal = dealer.open()
    packs = [one.pack for one in journal.deal_numbers("RPH", [one.device() for one in held], size)]
    files = list(seal_packs(packs, WORDS, journal.log.keys, "floor"))
    journal.close()
    for one, data in zip(held, files, strict=True):
        (one.folder / "pack").write_bytes(data)
        opened = one.open()
        opened.take_numbers(one.folder / "pack", WORDS)
        opened.close()


def use_up(laptop: Laptop, size: int, chance: random.Random, sabotage: str) -> dict[str, int]:
    """Kills at one point after the other, and anywhere in a longer run, until the pack is used up."""
    done = {"kills": 0, "starts": 0, "pairs": 0}
    step = chance.randrange(1, 60)
    while "numbers.exhausted" not in laptop.refusals and "numbers.voided" not in laptop.refusals:
        turns, at = chance.randint(1, 3), step
        if done["starts"] % 2:
            turns = max(3, size // (12 if size < 100 else 4))
            at = chance.randrange(1, 50 * turns)
        step = step % max(laptop.points, 60) + 1 + chance.randrange(3)
        if done["starts"] % 7 == 3:
            children = [laptop.work(at, turns, sabotage), laptop.work(0, 1, sabotage)]
            done["kills"] += sum([laptop.gather(*child) for child in children])
            done["pairs"] += 1
        else:
            done["kills"] += laptop.run(at, turns, sabotage)
        done["starts"] += 1
    return done


def cover(laptop: Laptop, sabotage: str) -> int:
    """A kill at each single point of one number's way, from first to last; how many there are."""
    at = 1
    while laptop.run(at, 1, sabotage):
        at += 1
    return at - 1


def copied(laptop: Laptop, folder: Path) -> Laptop:
    """The same vault on another machine."""
    shutil.copytree(laptop.folder, folder)
    clone = object.__new__(Laptop)
    clone.__dict__.update(laptop.__dict__, folder=folder, machine="another machine", shown=[], refusals=[])
    return clone


def put_back(laptop: Laptop, saved: Path) -> None:
    """An old copy of the journal comes back; the witness beside it stays."""
    for tail in ("-wal", "-shm"):
        (laptop.folder / f"journal.db{tail}").unlink(missing_ok=True)
    shutil.copy(saved, laptop.folder / "journal.db")


def simulate(folder: Path, laptops: int, numbers: int, seed: int, sabotage: str) -> dict[str, Any]:
    if sabotage == "no_clone_check":
        opening._go_on_after_copy = lambda path, journal: None
    if sabotage == "no_witness":
        opening._go_on_after_loss = lambda path, journal, own: None
    chance = random.Random(seed)
    dealer = Laptop(folder / "dealer", "C01")
    ward = [Laptop(folder / f"w{n}", _code(n + 1)) for n in range(laptops)]
    clones, old, total = list[Laptop](), 0, {"kills": 0, "starts": 0, "pairs": 0}
    supply(dealer, ward, numbers)
    points = 0
    for n, laptop in enumerate(ward):
        if n == 0:
            points = cover(laptop, sabotage)
            laptop.refusals.clear()
            supply(dealer, [laptop], numbers)
        if n % 4 == 1:  # copied to another machine in the middle of its pack: both go on
            laptop.run(0, 3, sabotage)
            clones.append(copied(laptop, folder / f"clone{n}"))
            use_up(clones[-1], numbers, random.Random(seed), sabotage)
        if n % 4 == 2:  # an old copy of the journal is put back
            laptop.open().close()
            saved = Path(shutil.copy(laptop.folder / "journal.db", folder / f"old{n}"))
            laptop.run(0, 3, sabotage)
            put_back(laptop, saved)
            old += 1
            laptop.run(0, 1, sabotage)
            if laptop.refusals:
                laptop.refusals.clear()
                supply(dealer, [laptop], numbers)
        done = use_up(laptop, numbers, chance, sabotage)
        total = {name: total[name] + done[name] for name in total}
    shown = [number for laptop in (*ward, *clones) for number in laptop.shown]
    return {
        "laptops": laptops, "numbers": numbers, "seed": seed, "shown": len(shown), "twice": len(shown) - len(set(shown)),
        "points": points, "clones": len(clones), "shown_by_clones": sum(len(c.shown) for c in clones), "put_back": old,
        **total,
    }  # fmt: skip


if __name__ == "__main__":
    found = simulate(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), (*sys.argv[5:], "")[0])
    print(json.dumps(found))
