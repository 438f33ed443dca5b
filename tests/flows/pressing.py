"""The laptop's side of `test_press`, in a process of its own so that it can be killed: `enqueue=PRINTER` puts the ward's
pack into the queue, `run` prints. It says `open`, `queued` and `done`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop.printing import press
from desktop.printing.issuing import wanted
from localdb.house import open_house
from localdb.vault.unlocking import read_secret_file
from tests.made import NOW

FORMS = ("F01", "F02", "F18")


def main(vault: Path, acts: list[str]) -> None:
    secret = read_secret_file(Path(os.environ["WARDLAMP_SECRET_FILE"]))
    house = open_house(vault, secret, clock=lambda: NOW)
    print("open", flush=True)
    for act in acts:
        what, _, printer = act.partition("=")
        if what == "enqueue":
            pack = [w for f in FORMS for w in wanted(house, f, patient=None, ward="Ash Ward", blank=0, copies=1)]
            pack += wanted(house, "F27", patient=None, ward=None, blank=2, copies=2)
            press.enqueue(house, pack, printer, sides="two-sided-long-edge")
            print("queued", flush=True)
        else:
            press.run(house)
            print("done", flush=True)
    house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
