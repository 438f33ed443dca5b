"""A child process that writes to a journal: `python -m tests.unit.journal.writer FOLDER COUNT`, keys on standard input.

Each number is printed after the journal has acknowledged it, and never before.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from localdb.journal.opening import open_journal
from localdb.vault.unlocking import keys_from_pipe
from tests.unit.journal.conftest import ANN, NOTE


def write(folder: Path, count: int) -> None:
    keys = keys_from_pipe(sys.stdin.buffer.read(), folder)
    journal = open_journal(folder, keys, lambda: datetime.now(UTC))
    print("ready", flush=True)
    for turn in range(count):
        if turn % 3:
            print(journal.append_entry("note", ANN, NOTE).number, flush=True)
        else:
            print(journal.issue_sheet("F18", 1), flush=True)
    journal.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
