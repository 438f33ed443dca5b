"""Numbers under any order of what laptops do: burn, register, spoil, take, exchange, open anew. Nobody gets one twice."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localdb.journal.book import Journal
from localdb.journal.opening import open_journal
from localdb.numbers.temporary import NumberRefused
from localdb.vault.unlocking import keys_from_pipe
from tests.unit.journal.conftest import NOW
from tests.unit.journal.numbering import PERSON

SIZE, WORDS = 6, b"exchange words"
ACTS = ("burn", "register", "register_burnt", "spoil", "take", "exchange", "reopen")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 99)), max_size=25)


class Laptops:
    """Two laptops; the first deals. `given` = every number that somebody saw, `held` = burnt and not yet registered."""

    def __init__(self, folder: Path, vaults: list[tuple[Path, bytes]]) -> None:
        self.folder, self.vaults, self.given = folder, [], list[str]()
        self.held: list[list[str]] = [[], []]
        self.registered = set[str]()
        self.taken = [0, 0]
        for n, (path, pipe) in enumerate(vaults):
            self.vaults.append((Path(shutil.copytree(path, folder / f"v{n}")), pipe))
        self.journals = [self._open(n) for n in (0, 1)]

    def _open(self, n: int) -> Journal:
        path, pipe = self.vaults[n]
        return open_journal(path, keys_from_pipe(pipe, path), lambda: NOW)

    def act(self, name: str, n: int, which: int) -> None:
        journal, held = self.journals[n], self.held[n]
        if name == "burn":
            number = journal.burn_number().number
            self.given.append(number)
            held.append(number)
        elif name == "register":
            number = journal.register(PERSON).temporary_number
            self.given.append(number)
            self.registered.add(number)
        elif name == "register_burnt" and held:
            number = held.pop(which % len(held))
            journal.register({**PERSON, "number": number})
            self.registered.add(number)
        elif name == "spoil" and held:
            journal.spoil_number(held.pop(which % len(held)), "spoiled")
        elif name == "take":
            (dealt,) = self.journals[0].deal_numbers("RPH", [journal.log.keys.device], SIZE)
            journal.take_pack(dealt.pack)
            self.taken[n] += SIZE
        elif name == "exchange":
            file = self.folder / "x"
            journal.exchange_out(file, WORDS, "floor")
            self.journals[1 - n].exchange_in(file, WORDS)
        elif name == "reopen":
            journal.close()
            self.journals[n] = self._open(n)

    def check(self) -> None:
        assert len(self.given) == len(set(self.given))
        for n, journal in enumerate(self.journals):
            found = journal.number_status()
            assert found.burnt + found.left == self.taken[n]
            assert found.voided == 0
            assert found.used + found.spoiled + len(self.held[n]) == found.burnt
            assert journal.verify().ok
            journal.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_order_of_acts_gives_a_number_twice(
    made: tuple[Path, bytes], made_other: tuple[Path, bytes], steps: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        laptops = Laptops(Path(folder), [made, made_other])
        for name, n, which in steps:
            with suppress(NumberRefused):  # nothing left: what is refused gives nothing
                laptops.act(name, n, which)
        laptops.check()
