"""Run as a process of its own by the kill tests: opens a vault and does one thing, saying what was acknowledged.

usage: python -m tests.flows.acting VAULT fill FOLDER | cut | enter COUNT      the secret's file: WARDLAMP_SECRET_FILE

Prints "open" when the vault is open and "done" at the end; `enter` prints each number after it was acknowledged, and
never before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from localdb.house import House, open_house
from localdb.vault.unlocking import read_secret_file
from tests.made import NOW, nhs_number

NOTE = {"happened": "2026-11-24T03:10:00+00:00", "text": "Seen on the night round."}


def act(house: House, what: str, argument: str) -> None:
    if what == "fill":
        house.fill([Path(argument)], source="lims")
    elif what == "cut":
        house.cut()
    else:
        for turn in range(int(argument)):
            print(house.enter("note", nhs_number(1), NOTE | {"text": f"Note {turn}."}).number, flush=True)


def main(vault: str, what: str, argument: str = "") -> None:
    house = open_house(Path(vault), read_secret_file(Path(os.environ["WARDLAMP_SECRET_FILE"])), clock=lambda: NOW)
    print("open", flush=True)
    act(house, what, argument)
    house.close()
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
