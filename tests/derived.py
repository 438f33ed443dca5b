"""For stories that open one vault many times: its key is derived once (Argon2id has its own tests)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localdb.vault import slots


@pytest.fixture(scope="module", autouse=True)
def derived_once() -> Iterator[None]:
    """Import it into a test module, and the key of each secret and salt is derived once there."""
    held: dict[tuple[bytes, bytes], bytes] = {}

    def derive(secret: bytes | bytearray, kdf: slots.Kdf) -> bytearray:
        name = bytes(slots.tidy_secret(secret)), kdf.salt
        if name not in held:
            held[name] = bytes(own(secret, kdf))
        return bytearray(held[name])

    own = slots.derive_key
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slots, "derive_key", derive)
        yield
