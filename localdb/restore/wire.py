"""JSON to the letter: a number that was written 7.10 leaves as 7.10 (DESIGN D3: no floats).

Numbers of ours are `msgspec.Raw`; numbers read from a server keep their text the same way, so that marking a resource
never rewrites its values.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z", re.ASCII)
_ENCODER = msgspec.json.Encoder()


def number(text: str) -> msgspec.Raw | None:
    """The text as a JSON number to the letter, or None where it is none (`<5`, `07`, `.5`, `1,000`, `trace`)."""
    return msgspec.Raw(text.encode()) if _NUMBER.match(text) else None


def encode(value: object) -> bytes:
    return _ENCODER.encode(value)


def decode(data: bytes) -> Any:
    """Parsed JSON whose fractions are `Raw`; raises msgspec.DecodeError (a ValueError) for anything else."""
    return _DECODER.decode(data)


def _to_the_letter(text: str) -> Any:
    return msgspec.Raw(text.encode())


_DECODER = msgspec.json.Decoder(float_hook=_to_the_letter)
