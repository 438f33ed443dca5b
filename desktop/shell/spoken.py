"""Words for the ear: a screen reader says `24-Nov-2026` sign by sign, so it gets the long form (CUI D+Ta-0015). Pure."""

from __future__ import annotations

import re

_NAMES = {
    "Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "May": "May", "Jun": "June", "Jul": "July",
    "Aug": "August", "Sep": "September", "Oct": "October", "Nov": "November", "Dec": "December",
}  # fmt: skip
_SHORT = re.compile(rf"\b(\d{{2}})-({'|'.join(_NAMES)})(?:-(\d{{4}}))?\b")


def long_dates(text: str) -> str:
    """`24 November 2026` for each `24-Nov-2026`, `24 November` for `24-Nov`; everything else as it is."""
    return _SHORT.sub(lambda found: " ".join(x for x in (str(int(found[1])), _NAMES[found[2]], found[3]) if x), text)
