"""The words of PDFs that a letter or report came as, for the search. Read in a child: a hostile file may end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from localdb.sources.printed.pages import PrintRefused, text_of
from localdb.sources.readers import Readers

SECONDS = 20.0  # one file; a longer one has no words here


def words_in(data: bytes) -> bytes:
    """The text of one PDF as UTF-8; empty where it has none or cannot be read. Runs in the child."""
    try:
        return text_of(data)[0].encode()
    except PrintRefused:
        return b""


def words_of(files: Iterable[tuple[str, bytes]], is_wanted: Callable[[], bool] = lambda: True) -> dict[str, str]:
    """SHA-256 → words of each file, "" where there are none. Ends early, with what is there, once `is_wanted` is False.

    Nothing is written anywhere: bytes go through a pipe, words come back through it.
    """
    found: dict[str, str] = {}
    reader: Readers[bytes] = Readers(1, words_in, SECONDS)
    try:
        for digest, data in files:
            if not is_wanted():
                break
            answer = reader.ask(data)
            found[digest] = answer.decode("utf-8", "replace") if answer is not None else ""
    finally:
        reader.close()
    return found
