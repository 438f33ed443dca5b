"""Whether bytes are DICOM, by their content alone (PS3.10 §7.1). Pure, and cheap: asked of every file."""

from __future__ import annotations

import struct

_KINDS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
)
HEAD = 2048  # bytes that are looked at


def looks_like_dicom(head: bytes) -> bool:
    """Whether a file begins as DICOM does: `DICM` after the preamble, or elements of groups 2 or 8 of a known kind."""
    if head[128:132] == b"DICM":
        return True
    if len(head) < 16:
        return False
    for order in "<>":
        group, element, kind, _ = struct.unpack_from(f"{order}HH2sH", head)
        if group in (0x0002, 0x0008) and element <= 0x0100 and kind in _KINDS and (group == 8 or order == "<"):
            return True
    # Implicit VR, always little endian: a short element of the identifying group, then another one of a low group.
    group, element, length = struct.unpack_from("<HHI", head)
    if group not in (0x0002, 0x0008) or element > 0x0100 or length % 2 or length > 1024 or len(head) < 12 + length:
        return False
    following: int = struct.unpack_from("<H", head, 8 + length)[0]
    return following in (0x0002, 0x0008, 0x0010)
