"""Secrets that the program makes: the recovery code, and the secret of a feeding machine.

The code has 8 groups of 4 characters that can be read out and typed without a mistake going unnoticed: 31 random
characters of DESIGN D9's alphabet (155 bits) and an ISO 7064 MOD 37-2 check character, drawn anew until the check
character belongs to that alphabet too.
"""

from __future__ import annotations

import secrets

from localdb.records.ids import ALPHABET, check_character

_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\t": ""})
LENGTH = 32


def make_code() -> str:
    """A new code, grouped: `4KQ7-…` (8 groups of 4)."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
        check = check_character(body)
        if check in ALPHABET:
            whole = body + check
            return "-".join(whole[n : n + 4] for n in range(0, LENGTH, 4))


def bare_code(typed: bytes | bytearray) -> bytes | None:
    """The code without grouping if what was typed is a sound code (O read as 0, I and L as 1), else None."""
    try:
        bare = bytes(typed).decode("ascii").strip().upper().translate(_ALIKE)
    except UnicodeDecodeError:
        return None
    if len(bare) != LENGTH or any(c not in ALPHABET for c in bare) or check_character(bare[:-1]) != bare[-1]:
        return None
    return bare.encode()


_FEED_MARK = b"wardlamp-feed-"
_FEED_SECRET = 52  # characters of 5 bits: 260 of them


def make_feed_secret() -> bytes:
    """A feeding machine's secret: nobody types it, so it has 260 random bits. Its beginning tells what it opens."""
    return _FEED_MARK + "".join(secrets.choice(ALPHABET) for _ in range(_FEED_SECRET)).encode()


def is_feed_secret(given: bytes | bytearray) -> bool:
    """Whether this was made by `make_feed_secret`: it needs no name beside it."""
    bare = bytes(given[len(_FEED_MARK) :])
    return given.startswith(_FEED_MARK) and len(bare) == _FEED_SECRET and all(chr(c) in ALPHABET for c in bare)
