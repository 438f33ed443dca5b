"""The codes for a dose that is not given, as a site writes them on its drug charts (CLINICAL §5.2). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from localdb.chart import wording
from localdb.errors import InputRefused

# CLINICAL §5.2; 1 is the first.
OMISSIONS = ("nil by mouth", "refused", "absent", "unavailable", "no access", "vomited", "asleep", "withheld")
MOST, LONGEST = 20, 40


def read_omissions(given: Sequence[object]) -> tuple[str, ...]:
    """The setting `omissions`: words in the order of their codes; none given: OMISSIONS. Raises settings.wrong_value."""
    words = tuple(wording.clean(w) if isinstance(w, str) else "" for w in given)
    if len(words) > MOST or any(not w or len(w) > LONGEST for w in words) or len(set(words)) < len(words):
        raise InputRefused(
            f'The setting "omissions" is a list of at most {MOST} different texts, each of up to {LONGEST} letters.',
            code="settings.wrong_value",
            next_step="Correct that field; `wardlamp help` has an example of each.",
        )
    return words or OMISSIONS
