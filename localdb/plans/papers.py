"""What a document of the site is, and which of its versions stands. Pure.

Rules: a document is known by its kind and title; the version written last stands, earlier ones are kept and not shown;
a withdrawal ends the title until it is imported again. A row that does not bear its laptop's signature, or was not
written by a coordinator, changes nothing and is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from localdb.records.moments import Moment

KINDS = {
    "action_card": "Action card",
    "protocol": "Protocol",
    "order_set": "Order set",
    "directory": "Telephone directory",
}
MARKDOWN, PDF, CSV = "text/markdown", "application/pdf", "text/csv"
STANDS, REPLACED, WITHDRAWN, REFUSED = "stands", "replaced", "withdrawn", "refused"


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one document: `number` = device code + `-` + journal sequence, `sha256` of its bytes, `words` what
    of a PDF can be searched, `valid_from` and `review` whole dates ("" = not said), `state` STANDS, REPLACED, WITHDRAWN or
    REFUSED with the `reason`."""

    number: str
    title: str
    kind: str
    version: int
    media: str
    sha256: str
    size: int
    staff: str
    written: Moment
    device: str
    sequence: int = 0
    words: str = ""
    valid_from: str = ""
    review: str = ""
    state: str = STANDS
    reason: str = ""

    @property
    def kind_words(self) -> str:
        return KINDS.get(self.kind, self.kind)

    def is_overdue(self, today: date) -> bool:
        """Whether the day on which the site wanted to look at it again has passed."""
        return bool(self.review) and date.fromisoformat(self.review) < today

    def is_early(self, today: date) -> bool:
        """Whether it is not in force yet."""
        return bool(self.valid_from) and date.fromisoformat(self.valid_from) > today

    def origin(self) -> str:
        """`version 2, imported by A. Obi`."""
        return f"version {self.version}, imported by {self.staff}"


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """A coordinator took a title out of use: `number` of the row, of which kind and title, why."""

    number: str
    title: str
    kind: str
    staff: str
    written: Moment
    device: str
    sequence: int = 0
    reason: str = ""


def name_of(kind: str, title: str) -> tuple[str, str]:
    """What makes two imports one document."""
    return kind, " ".join(title.casefold().split())


def _order(one: Paper | Withdrawal) -> tuple[int, int, str]:
    """By time; within one moment of one laptop by its numbers."""
    return one.written.utc or 0, one.sequence, one.device


def standing(papers: Iterable[Paper], withdrawals: Iterable[Withdrawal] = ()) -> tuple[Paper, ...]:
    """Every version with its state: of each document the one written last STANDS unless it was withdrawn after; by kind
    and title, newest version first. Refused ones keep their state."""
    ended: dict[tuple[str, str], Withdrawal] = {}
    for w in sorted(withdrawals, key=_order):
        ended[name_of(w.kind, w.title)] = w
    groups: dict[tuple[str, str], list[Paper]] = {}
    for paper in papers:
        groups.setdefault(name_of(paper.kind, paper.title), []).append(paper)
    made: list[Paper] = []
    for key, group in groups.items():
        group.sort(key=_order, reverse=True)
        is_first = True
        for paper in group:
            if paper.state == REFUSED:
                made.append(paper)
                continue
            end = ended.get(key)
            if end is not None and _order(end) > _order(paper):
                made.append(msgspec.structs.replace(paper, state=WITHDRAWN, reason=end.reason))
            else:
                made.append(msgspec.structs.replace(paper, state=STANDS if is_first else REPLACED))
            is_first = False
    order = list(KINDS)
    return tuple(
        sorted(made, key=lambda p: (order.index(p.kind) if p.kind in order else len(order), p.title.casefold(),
                                    -(p.written.utc or 0)))
    )  # fmt: skip
