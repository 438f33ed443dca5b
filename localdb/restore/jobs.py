"""One entry on its way: what is to be there, what is, and what is recorded of it in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from localdb.chart.views import Entry
from localdb.restore.book import Step
from localdb.restore.bring import Piece
from localdb.restore.push import MOST, Pushed
from localdb.restore.queue import Place
from localdb.restore.reasons import reason
from localdb.restore.resources import Draft, provenance
from localdb.restore.search import same_reference


@dataclass(slots=True)
class Job:
    """`step` is set once the entry has come as far as it can in this run."""

    place: Place
    subject: str
    is_in_doubt: bool
    pieces: list[Piece] = field(default_factory=list)
    attest: Piece | None = None
    step: Step | None = None

    @property
    def entry(self) -> Entry:
        return self.place.entry

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(piece.held[0].ref for piece in self.pieces if piece.held)

    def set_drafts(self, drafts: Sequence[Draft]) -> None:
        """A piece of an entry in doubt may be there: nothing tells yet."""
        doubt = Pushed() if self.is_in_doubt else None
        self.pieces = [Piece(self.entry.id, draft, doubt) for draft in drafts]

    def judge(self) -> None:
        """Reads the fates of the clinical resources; leaves the job open where all are there."""
        fates = [piece.fate for piece in self.pieces]
        if all(fate == "there" for fate in fates):
            if any(not same_reference(_subject(piece), self.subject) for piece in self.pieces):
                self.close("unclear", "restore.other_patient")
            return
        if "doubled" in fates:
            self._close_doubled()
        elif "vanished" in fates:
            self.close("unclear", "restore.vanished")
        elif "unsearchable" in fates:
            self.close("unclear", "restore.unsearchable")
        elif "no_answer" in fates:
            self.close_unanswered(self.pieces)
        else:
            status = next(p.pushed.status for p in self.pieces if p.fate == "refused" and p.pushed)
            held = len(self.refs)
            code = "restore.partly" if held else "restore.refused"
            self.close("turned_down", code, status=status, held=held, count=len(fates))

    def write_provenance(self) -> Piece:
        """The piece that says who wrote it; in doubt where an earlier run may have sent it."""
        draft = Draft("Provenance", self.entry.id, provenance(self.entry, self.refs))
        self.attest = Piece(self.entry.id, draft, Pushed() if self.is_in_doubt else None)
        return self.attest

    def judge_provenance(self) -> None:
        """Reads the fate of the Provenance: with it, the entry is confirmed."""
        piece = self.attest
        assert piece is not None
        if piece.fate == "there":
            self.close("found", "restore.there", (*self.refs, piece.held[0].ref))
        elif piece.fate == "refused" and piece.pushed:
            self.close("turned_down", "restore.provenance_refused", status=piece.pushed.status)
        elif piece.fate == "no_answer":
            self.close_unanswered([piece])
        else:
            self.close("unclear", f"restore.{piece.fate}")

    def close(self, event: str, code: str, resources: tuple[str, ...] | None = None, **facts: object) -> None:
        self.step = Step(event, reason(code, **facts), self.refs if resources is None else resources)

    def close_unanswered(self, pieces: Sequence[Piece]) -> None:
        """Still ambiguous: the next run looks first."""
        statuses = [p.pushed.status for p in pieces if p.pushed and p.pushed.status >= 400]
        if statuses:
            self.close("no_answer", "restore.failing", status=statuses[0])
        else:
            self.close("no_answer", "restore.no_answer")

    def _close_doubled(self) -> None:
        everywhere = tuple(held.ref for piece in self.pieces for held in piece.held)
        self.close("unclear", "restore.doubled", everywhere)


def chunks(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs whose resources fit into one transaction; one with more than eight goes alone, in several."""
    chunk: list[Job] = []
    size = 0
    for job in jobs:
        if chunk and size + len(job.pieces) > MOST:
            yield chunk
            chunk, size = [], 0
        chunk.append(job)
        size += len(job.pieces)
    if chunk:
        yield chunk


def _subject(piece: Piece) -> object:
    return (piece.held[0].resource.get("subject") or {}).get("reference")
