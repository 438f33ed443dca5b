"""Run as a process of its own by the kill tests: opens a vault (secret on standard input) and sends.

usage: python -m tests.flows.restoration.sender VAULT URL     says "sending" before the first request, "done" at the end
"""

from __future__ import annotations

import sys
from pathlib import Path

from localdb.house import open_house
from localdb.restore import Target, send


def main(vault: str, url: str) -> None:
    house = open_house(Path(vault), sys.stdin.buffer.readline().strip())
    print("sending", flush=True)
    send(house.journal.ledger, Target(url, pause=lambda _: None))
    house.close()
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
