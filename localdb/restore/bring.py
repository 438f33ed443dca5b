"""Bringing pieces to a target so that each is there once: look, send what is missing, look again (DESIGN D8).

The same few lines serve a first sending, a lost answer and a restart after a kill: nothing is sent that was not looked
for first, and nothing is `there` that was not read back. A target whose index lags behind its store is noticed by
comparing the search with a read by id; its silence then proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from localdb.restore.book import Book
from localdb.restore.push import Pushed, Pusher, eights
from localdb.restore.resources import Draft
from localdb.restore.search import Held, Seeker, by_ref
from localdb.restore.target import NothingSent, Target

_TURNS = 5
_LAG_PAUSES = (0.25, 0.5, 1.0, 2.0)


@dataclass(slots=True)
class Piece:
    """One resource on its way. `fate`: there, refused, vanished, doubled, unsearchable, no_answer ("" still open)."""

    owner: str
    draft: Draft
    pushed: Pushed | None = None
    fate: str = ""
    held: list[Held] = field(default_factory=list)

    @property
    def is_in_doubt(self) -> bool:
        return self.pushed is not None and not self.pushed.was_refused


@dataclass(slots=True)
class Run:
    """What one `send` knows of its target. `is_prompt`: the search shows at once what was just made; `lags`: it does
    not."""

    target: Target
    book: Book
    pusher: Pusher
    seeker: Seeker
    is_prompt: bool = False
    lags: bool = False


#: Mark → what is held; a mark that is missing cannot be searched.
Seek = Callable[[Sequence[Piece]], dict[str, list[Held]]]


def bring(run: Run, pieces: Sequence[Piece], seek: Seek) -> None:
    """Sets the fate of every piece. Raises NothingSent, Failing, Unreachable, NotAllowed, NotFhir."""
    for turn in range(_TURNS):
        _look(run, pieces, seek)
        missing = [p for p in pieces if not p.fate]
        if not missing:
            return
        if turn == _TURNS - 1:
            break
        if _send(run, missing):
            for owner in dict.fromkeys(p.owner for p in missing):
                bring(run, [p for p in missing if p.owner == owner], seek)
            return
    for piece in missing:
        piece.fate = "no_answer"


def _send(run: Run, missing: Sequence[Piece]) -> bool:
    """Sends the missing pieces; True where the target turned several entries down as one: each must go alone."""
    by_mark = {p.draft.mark: p for p in missing}
    several = len({p.owner for p in missing}) > 1
    for drafts in eights([p.draft for p in missing]):
        owners = list(dict.fromkeys(by_mark[d.mark].owner for d in drafts))
        before = {owner: run.book.of(owner).state for owner in owners}
        run.book.left(owners)
        try:
            answers = run.pusher.push(drafts)
        except NothingSent:
            raise NothingSent([o for o in owners if before[o] != "sent"]) from None
        for mark, pushed in answers.items():
            by_mark[mark].pushed = pushed
        first = next(iter(answers.values()))
        if several and first.whole and first.status:
            for mark in answers:
                by_mark[mark].pushed = Pushed() if first.is_open else None
            return True
    return False


def _look(run: Run, pieces: Sequence[Piece], seek: Seek) -> None:
    found = _seek(run, pieces, seek)
    for piece in pieces:
        if piece.fate:
            continue
        piece.held = found.get(piece.draft.mark, [])
        if piece.held:
            piece.fate = "there" if len(piece.held) == 1 else "doubled"
        elif piece.pushed is not None:
            piece.fate = _fate(run, piece, is_searchable=piece.draft.mark in found)


def _seek(run: Run, pieces: Sequence[Piece], seek: Seek) -> dict[str, list[Held]]:
    """What is held of the open pieces; waits for an index that may lag where something should be there."""
    found = seek([p for p in pieces if not p.fate])
    for pause in _LAG_PAUSES:
        absent = [p for p in pieces if not p.fate and found.get(p.draft.mark) == [] and p.is_in_doubt]
        for piece in absent:
            if held := _by_location(run, piece):
                found[piece.draft.mark] = [held]
                run.lags = True
        absent = [p for p in absent if not found[p.draft.mark]]
        if not absent or run.is_prompt:
            break
        run.target.pause(pause)
        found |= {mark: held for mark, held in seek(absent).items() if held}
    taken = [p for p in pieces if not p.fate and p.pushed is not None and p.pushed.was_taken]
    if taken and not run.lags and all(found.get(p.draft.mark) for p in taken):
        run.is_prompt = True
    return found


def _fate(run: Run, piece: Piece, *, is_searchable: bool) -> str:
    """Of a piece that was sent and is not found by searching."""
    pushed = piece.pushed
    assert pushed is not None
    if pushed.was_refused:
        return "refused"
    if held := _by_location(run, piece):
        piece.held = [held]
        return "there"
    if not is_searchable:
        return "unsearchable"
    if pushed.was_taken:
        return "no_answer" if run.lags else "vanished"
    return "no_answer" if run.lags else ""


def _by_location(run: Run, piece: Piece) -> Held | None:
    """What the target's own answer points to, if it is really ours."""
    pushed, draft = piece.pushed, piece.draft
    if pushed is None or not pushed.was_taken or not pushed.location.startswith(f"{draft.type}/"):
        return None
    held = by_ref(run.target, pushed.location)
    return held if held and draft.is_in(held.resource) else None
