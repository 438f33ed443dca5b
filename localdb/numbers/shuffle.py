"""A keyed permutation of the whole numbers below `size`: each place has one number, each number one place.

A balanced Feistel network over HMAC-SHA-256 on the next even number of bits, walked on until the value lies below `size`
(cycle walking: Black and Rogaway 2002). Nothing is kept but the key and how far was dealt: what is dealt next is new
whatever was dealt before.
"""

from __future__ import annotations

import hmac

KEY_BYTES = 32
_ROUNDS = 10


class Shuffle:
    """`number_at(place)` for places 0 to size - 1; `place_of` is its inverse. `key` of 32 bytes, `label` parts uses of one
    key from each other."""

    def __init__(self, key: bytes, size: int, label: str = "") -> None:
        if len(key) != KEY_BYTES or size < 1:
            raise ValueError("a shuffle needs a key of 32 bytes and at least one number")
        self._key, self.size = hmac.digest(key, label.encode(), "sha256"), size
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        self._mask = (1 << self._half) - 1

    def number_at(self, place: int) -> int:
        """The number at a place. Raises ValueError for a place outside."""
        return self._walk(place, backwards=False)

    def place_of(self, number: int) -> int:
        """The place of a number. Raises ValueError for a number outside."""
        return self._walk(number, backwards=True)

    def _walk(self, value: int, *, backwards: bool) -> int:
        if not 0 <= value < self.size:
            raise ValueError("outside of what is shuffled")
        step = self._back if backwards else self._forth
        while (value := step(value)) >= self.size:
            pass
        return value

    def _forth(self, value: int) -> int:
        left, right = value >> self._half, value & self._mask
        for turn in range(_ROUNDS):
            left, right = right, left ^ self._mixed(turn, right)
        return left << self._half | right

    def _back(self, value: int) -> int:
        left, right = value >> self._half, value & self._mask
        for turn in reversed(range(_ROUNDS)):
            left, right = right ^ self._mixed(turn, left), left
        return left << self._half | right

    def _mixed(self, turn: int, half: int) -> int:
        mixed = hmac.digest(self._key, turn.to_bytes(1, "big") + half.to_bytes(8, "big"), "sha256")
        return int.from_bytes(mixed[:8], "big") & self._mask
