"""A temporary patient number: ODS prefix, seven digits, check character (CLINICAL §7.3), as in `RPH4830172W`.

Rules: the check character is ISO 7064 MOD 37-2 over prefix and digits; numbers whose check character could be read as
another sign (I, L, O, U) or is none (`*`) are never dealt, but read where a paper pack bears them. A site whose
laboratory or imaging system takes no letters shows the seven digits and the ODS code apart.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from localdb.errors import InputRefused
from localdb.records.ids import ALPHABET, PatientId, check_character, patient_id

SOURCE = "wardlamp"  # of the patient id (DESIGN D2); the assigner is the prefix
SPACE = 10_000_000
_PREFIX = re.compile(r"(?=[0-9]*[A-Z])[0-9A-Z]{3,5}\Z")
_NUMBER = re.compile(r"(?=[0-9]*[A-Z])([0-9A-Z]{3,5})([0-9]{7})([0-9A-Z*])\Z")


class NumberRefused(InputRefused):
    """A temporary number, its prefix or its pack cannot be taken."""

    code = "numbers.unsound"
    next_step = "Compare it with the band or the pack, character by character."


class Parts(NamedTuple):
    """`RPH`, `4830172`, `W`."""

    prefix: str
    digits: str
    check: str


def tidy_prefix(prefix: str) -> str:
    """An ODS code in capitals: three to five letters or digits, at least one letter. Raises numbers.prefix."""
    tidy = prefix.strip().upper()
    if not _PREFIX.match(tidy):
        raise NumberRefused("A prefix is an ODS code: three to five letters or digits, at least one of them a letter.",
                            code="numbers.prefix", next_step="Give the trust's own code, such as RPH.")  # fmt: skip
    return tidy


def temporary_number(prefix: str, seven: int) -> str:
    """The whole number of a value below 10^7."""
    if not 0 <= seven < SPACE:
        raise ValueError("a temporary number has seven digits")
    body = f"{prefix}{seven:07d}"
    return body + check_character(body)


def may_be_dealt(number: str) -> bool:
    """Whether its check character can be read as nothing else."""
    return number[-1] in ALPHABET


def read_number(text: str) -> Parts:
    """The parts of a number as typed or scanned: spaces, hyphens and small letters do not matter. Raises
    numbers.unsound."""
    bare = re.sub(r"[\s-]", "", text).upper()
    found = _NUMBER.match(bare)
    if found is None or check_character(bare[:-1]) != bare[-1]:
        raise NumberRefused("That is not a temporary number: a character was misread or is missing.")
    return Parts(*found.groups())


def whole(parts: Parts) -> str:
    return "".join(parts)


def is_number(text: str) -> bool:
    """Whether this is a sound temporary number."""
    try:
        read_number(text)
    except NumberRefused:
        return False
    return True


def shown(number: str, *, letters: bool = True) -> str:
    """As it is to be read: `RPH4830172W`; without letters `4830172 (ODS RPH)`."""
    if letters or not is_number(number):
        return number
    parts = read_number(number)
    return f"{parts.digits} (ODS {parts.prefix})"


def id_of_number(number: str) -> PatientId:
    """The patient's id (DESIGN D2): equal on every laptop. `number` is whole and sound."""
    return patient_id(SOURCE, read_number(number).prefix, number)
