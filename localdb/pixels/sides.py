"""Whether what an image says of its side agrees with what the examination is called (CLINICAL §4.2, hazard H18). Pure.

Only two plain statements that exclude each other make a warning; what is not said makes none. A name is read by words:
"left", "right", "both", "bilateral", LT, RT, and a single L or R, unless what follows makes it something else (L spine,
left lateral decubitus, right anterior oblique: the lumbar spine, and how the patient lies or stands).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LEFT, RIGHT, BOTH = "L", "R", "B"
_NAMED = {LEFT: "LEFT", RIGHT: "RIGHT", BOTH: "BOTH SIDES"}
_TAGS = {"L": LEFT, "R": RIGHT, "B": BOTH, "LEFT": LEFT, "RIGHT": RIGHT, "BOTH": BOTH, "BILATERAL": BOTH}
_WORDS = {
    "LEFT": LEFT, "LT": LEFT, "L": LEFT, "RIGHT": RIGHT, "RT": RIGHT, "R": RIGHT, "BOTH": BOTH, "BILATERAL": BOTH,
    "BILAT": BOTH,
}  # fmt: skip
# After a side these say how the patient lies or which way the rays go, not what is pictured.
_POSITIONS = frozenset(
    ("LAT", "LATERAL", "DECUB", "DECUBITUS", "ANTERIOR", "POSTERIOR", "OBL", "OBLIQUE", "OBLIQUES", "SIDE")
)
# A single letter before these is no side: L spine, L S spine, R O (rule out), L1.
_AFTER_A_LETTER = frozenset(("SPINE", "SP", "SPINAL", "S", "O", "SACRAL", "VERTEBRA", "VERTEBRAE", "TH", "T", "C"))
# Radiotherapy's own objects.
_AFTER_RT = frozenset(("DOSE", "PLAN", "STRUCT", "STRUCTURE", "IMAGE"))
_TOKEN = re.compile(r"[^\W_]+")


def sides_in(name: str) -> frozenset[str]:
    """The sides that the name of an examination or series says: L, R, B; none where it says none."""
    tokens = _TOKEN.findall(name.upper())
    found = set()
    for n, token in enumerate(tokens):
        side = _WORDS.get(token)
        if side is None:
            continue
        after = tokens[n + 1] if n + 1 < len(tokens) else ""
        before = tokens[n - 1] if n else ""
        if side != BOTH and after in _POSITIONS:
            continue
        if token == "RT" and after in _AFTER_RT:
            continue
        if len(token) == 1 and (after in _AFTER_A_LETTER or before in ("T", "C", "TH")):
            continue
        found.add(side)
    return frozenset(found)


def side_said(laterality: str) -> str:
    """L, R or B of (0020,0060), (0020,0062) or a body site as sent; "" for U, nothing, and what is not known."""
    return _TAGS.get(laterality.strip().upper(), "")


def side_warning(lateralities: Iterable[str], names: Iterable[str]) -> str:
    """What is wrong with the side of a picture, in a sentence, "" where nothing is. `lateralities` as sent for the image,
    its series and its report; `names` of the examination and the series."""
    tagged = {s for s in map(side_said, lateralities) if s}
    named = set().union(*(sides_in(n) for n in names))
    if {LEFT, RIGHT} <= tagged:
        return "The side is stated twice, LEFT and RIGHT: check which side this is"
    (said,) = tagged & {LEFT, RIGHT} or {BOTH if BOTH in tagged else ""}
    if not said or not named:
        return ""
    if {LEFT, RIGHT} <= named or BOTH in named:
        return ""
    (called,) = named
    if called == said:
        return ""
    return f"The image says {_NAMED[said]}, the examination {_NAMED[called]}: check which side this is"
