"""Identifiers that are equal on every laptop, and the check character of serials.

Rules (DESIGN D2, D9): an id is a letter + 13 characters of base 32 (65 bits of SHA-256) over UTF-8 parts joined by
U+001F; the alphabet leaves out I, L, O and U, so that a read-out id cannot be mis-heard as another.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NewType

PatientId = NewType("PatientId", str)
RecordId = NewType("RecordId", str)
EntryId = NewType("EntryId", str)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(a + b for a in ALPHABET for b in ALPHABET)
_MOD = 37
# ISO 7064 MOD 37-2 works over 0-9, A-Z and "*" as the 37th character.
_CHECK = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_VALUE = {c: n for n, c in enumerate(_CHECK)}


def digest32(*parts: str, length: int = 13) -> str:
    """`length` characters of base 32 over the parts joined by U+001F (DESIGN D2)."""
    number = int.from_bytes(sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()[:9], "big") >> 7
    pairs = (number >> 55, number >> 45 & 1023, number >> 35 & 1023, number >> 25 & 1023, number >> 15 & 1023)
    text = "".join(map(_PAIRS.__getitem__, pairs)) + _PAIRS[number >> 5 & 1023] + ALPHABET[number & 31]
    return text[:length]


def patient_id(source: str, assigner: str, value: str) -> PatientId:
    """The id of a source patient (source, assigner, value): `P` + 13 characters. FHIR: assigner is `fhir`."""
    return PatientId("P" + digest32(source, assigner, value))


def record_id(source: str, type_: str, source_id: str) -> RecordId:
    """The id of a record over (source, type, source id): `R` + 13 characters; its version stands beside it."""
    return RecordId("R" + digest32(source, type_, source_id))


def entry_id(device_key: str, sequence: int) -> EntryId:
    """The id of a downtime entry over (device public key, journal sequence): `E` + 13 characters."""
    return EntryId("E" + digest32("entry", device_key, str(sequence)))


_TEMPORARY = "urn:wardlamp:temporary:"


def temporary_system(prefix: str) -> str:
    """The system of the temporary patient numbers that bear an ODS prefix."""
    return _TEMPORARY + prefix.lower()


def is_temporary_system(system: str) -> bool:
    """Whether an identifier is a temporary number of ours: its holder was registered here, and is in no copy."""
    return system.startswith(_TEMPORARY)


def check_character(text: str) -> str:
    """ISO 7064 MOD 37-2 check character of upper-case letters and digits."""
    rest = 0
    for c in text:
        rest = (rest + _VALUE[c]) * 2 % _MOD
    return _CHECK[(_MOD + 1 - rest) % _MOD]


def serial_number(device: str, form: str, sequence: int) -> str:
    """A sheet's serial `W` + device (3) + form (3) + sequence (5, base 32) + check (DESIGN D9)."""
    if len(device) != 3 or len(form) != 3 or not 0 <= sequence < 32**5:
        raise ValueError("serial needs a device of 3, a form of 3 and a sequence below 32^5")
    digits = "".join(ALPHABET[(sequence >> shift) & 31] for shift in (20, 15, 10, 5, 0))
    body = f"W{device}{form}{digits}"
    return body + check_character(body)


def serial_is_sound(text: str) -> bool:
    """Whether a serial (grouping spaces allowed) has the right length, characters and check character."""
    bare = text.replace(" ", "").upper()
    if len(bare) != 13 or bare[0] != "W" or any(c not in _VALUE for c in bare):
        return False
    return check_character(bare[:-1]) == bare[-1]


def nhs_number_is_sound(text: str) -> bool:
    """Ten digits whose Modulus 11 check digit holds (CLINICAL §1.2)."""
    if len(text) != 10 or not text.isascii() or not text.isdigit():
        return False
    check = 11 - sum(int(d) * w for d, w in zip(text[:9], range(10, 1, -1), strict=True)) % 11
    return check != 10 and check % 11 == int(text[9])
