"""The names that unknown patients get: two words of an edited list (`resources/codes/temporary_names.toml`).

Rules (CLINICAL §1.3, NHS/PSA/RE/2018/008): never a real name, never "Unknown Male"; pairs are dealt in a shuffled order,
each once, as far as they go; in a further round a pair comes again with another number, and is marked so.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

import msgspec

from localdb.numbers.shuffle import Shuffle

# Words that say that nobody knows who it is (the alert of 2018), and words that name nobody when they stand alone.
_DENIES = frozenset("unknown unk unidentified unnamed anonymous anon noname".split())
_NOBODY = frozenset("male female man woman boy girl person patient doe nobody nil none nn".split()) | _DENIES


class Omitted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word of the spelling alphabet that is not used, and why."""

    word: str
    reason: str


class WordList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The list as it ships."""

    words: tuple[str, ...]
    omitted: tuple[Omitted, ...]

    @property
    def pairs(self) -> int:
        """How many different names there are."""
        return len(self.words) * (len(self.words) - 1)

    def pair(self, n: int) -> tuple[str, str]:
        """(family, given) of pair n, n below `pairs`: two different words."""
        family, given = divmod(n, len(self.words) - 1)
        return self.words[family], self.words[given + (given >= family)]


class DealtName(msgspec.Struct, frozen=True, array_like=True):
    """A name as dealt with a number: `again` where every pair of the list was dealt before, so that somebody else may
    bear it."""

    family: str
    given: str
    again: bool = False


@cache
def word_list() -> WordList:
    text = files("resources").joinpath("codes", "temporary_names.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), WordList)


def name_at(key: bytes, place: int, words: WordList | None = None) -> DealtName:
    """The name at a place of the dealer's endless row of names."""
    held = words or word_list()
    turn, at = divmod(place, held.pairs)
    return DealtName(*held.pair(Shuffle(key, held.pairs, "names").number_at(at)), turn > 0)


def is_no_name(*texts: str) -> bool:
    """Whether the parts of a name only say that somebody is not known (`Unknown Male`), so that they name nobody."""
    plain = " ".join(unicodedata.normalize("NFKD", text).casefold() for text in texts)
    parts = ["".join(c for c in part if c.isalpha()) for part in plain.split()]
    said = [part for part in parts if part]
    return not said or any(p in _DENIES for p in said) or all(p in _NOBODY for p in said)
