"""Sending what the ward wrote: `send` goes on from wherever it stood, at any moment, without loss or duplicate (D8).

By risk, in waves whose entries do not depend on each other; in each wave at most eight resources a transaction:

    patient found → first entry marked (corrections) → resources there → Provenance there → confirmed

Every arrow begins with a look at the target. What stops one entry is its reason; what stops the run is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from localdb.chart.views import Entry
from localdb.restore.amend import amend
from localdb.restore.book import Book, Step
from localdb.restore.bring import Piece, Run, bring
from localdb.restore.errors import Unreachable
from localdb.restore.jobs import Job, chunks
from localdb.restore.ledger import Ledger
from localdb.restore.patients import Patients
from localdb.restore.push import Pusher
from localdb.restore.queue import Place, in_order, waves
from localdb.restore.reasons import reason
from localdb.restore.resources import NotSendable, drafts, names_entry
from localdb.restore.search import Held, Seeker, Unsearchable, bare
from localdb.restore.states import ONGOING
from localdb.restore.summary import Summary, status
from localdb.restore.target import Failing, NothingSent, Target

#: So many transactions in a row that only fail mean that the target is down.
_FAILURES = 5
Progress = Callable[[int, int], None]


def send(ledger: Ledger, target: Target, progress: Progress | None = None) -> Summary:
    """Delivers every entry that is not closed; `progress(done, of)` after each transaction.

    Raises Unreachable, NotAllowed, NotFhir, `restore.busy`; whatever was settled until then is recorded.
    """
    with ledger.sending():
        capabilities = target.greet()
        entries = ledger.entries()
        book = Book(ledger, target.url)
        book.queue(entry.id for entry in entries)
        run = Run(target, book, Pusher(target, capabilities), Seeker(target))
        _Sender(run, entries, progress).go()
    return status(ledger)


class _Sender:
    def __init__(self, run: Run, entries: Sequence[Entry], progress: Progress | None) -> None:
        self._run = run
        self._places = in_order(entries)
        self._by_id = {p.entry.id: p for p in self._places}
        self._patients = Patients(run.target)
        self._progress = progress
        self._failures = 0

    def go(self) -> None:
        todo = [p for p in self._places if self._run.book.of(p.entry.id).state in ONGOING]
        done = 0
        for wave in waves(todo):
            steps: dict[str, Step] = {}
            jobs = list(self._jobs(wave, steps))
            self._run.book.note(steps)
            done += len(steps)
            for chunk in chunks(jobs):
                self._deliver(chunk)
                done += len(chunk)
                if self._progress:
                    self._progress(done, len(todo))

    def _jobs(self, wave: Sequence[Place], steps: dict[str, Step]) -> Iterator[Job]:
        """A job for each entry that can go now; of the others `steps` says why not."""
        for place in wave:
            if step := self._held_back(place):
                steps[place.entry.id] = step
                continue
            try:
                match = self._patients.find(place.entry.identity)
            except Failing as failing:
                self._fails(failing)
                continue
            if not match.subject:
                steps[place.entry.id] = Step("unclear", match.reason)
                continue
            job = Job(place, match.subject, self._run.book.of(place.entry.id).state == "sent")
            try:
                job.set_drafts(drafts(place.entry, match.subject, is_corrected=place.is_corrected, replaces={}))
            except NotSendable:
                steps[place.entry.id] = Step("unclear", reason("restore.body"))
                continue
            yield job

    def _held_back(self, place: Place) -> Step | None:
        first = place.entry.corrects
        if not first:
            return None
        if place.first_missing:
            return Step("unclear", reason("restore.first_missing", entry=first))
        if self._run.book.of(first).state != "confirmed":
            return Step("held_back", reason("restore.waits_for", entry=first))
        return None

    def _deliver(self, jobs: Sequence[Job]) -> None:
        try:
            self._bring(jobs)
            self._failures = 0
        except Failing as failing:
            self._fails(failing)
        except NothingSent as nothing:
            steps = {i: Step("not_taken", reason("restore.not_sent")) for i in nothing.entries}
            self._run.book.note(steps)
            raise Unreachable("no connection to the target can be made") from None
        finally:
            self._run.book.note({job.entry.id: job.step for job in jobs if job.step})

    def _bring(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            if job.entry.corrects:
                self._amend(job, self._by_id[job.entry.corrects])
        going = [job for job in jobs if not job.step]
        if going:
            bring(self._run, [piece for job in going for piece in job.pieces], self._seek)
        for job in going:
            job.judge()
        going = [job for job in going if not job.step]
        if going:
            by_id = {job.entry.id: job for job in going}
            pieces = [job.write_provenance() for job in going]
            bring(self._run, pieces, lambda asked: self._seek_provenance(asked, by_id))
        for job in going:
            job.judge_provenance()

    def _amend(self, job: Job, first: Place) -> None:
        try:
            firsts = drafts(first.entry, job.subject, is_corrected=True, replaces={})
        except NotSendable:
            job.step = Step("unclear", reason("restore.first_not_there", entry=first.entry.id))
            return
        amended = amend(self._run, job.entry.id, first.entry.id, firsts, self._seek)
        if amended.reason:
            job.step = Step(amended.event, amended.reason)
            return
        whole = drafts(job.entry, job.subject, is_corrected=job.place.is_corrected, replaces=amended.replaces)
        job.set_drafts(whole)

    def _seek(self, pieces: Sequence[Piece]) -> dict[str, list[Held]]:
        found: dict[str, list[Held]] = {}
        for type_ in dict.fromkeys(p.draft.type for p in pieces):
            asked = [p for p in pieces if p.draft.type == type_]
            must_know = any(p.pushed is not None for p in asked)
            try:
                found |= self._run.seeker.by_marks(type_, [p.draft.mark for p in asked], must_know=must_know)
            except Unsearchable:
                continue
        return found

    def _seek_provenance(self, pieces: Sequence[Piece], jobs: dict[str, Job]) -> dict[str, list[Held]]:
        """By target, as R4 gives Provenance no identifier (D8); a stranger's on the same target is passed over."""
        refs = {p.draft.mark: jobs[p.owner].refs[0] for p in pieces}
        try:
            found = self._run.seeker.find(
                "Provenance", "target", refs, lambda r, mark: refs[mark] in _targets(r), must_know=True
            )
        except Unsearchable:
            return {}
        return {mark: [h for h in held if names_entry(h.resource, mark)] for mark, held in found.items()}

    def _fails(self, failing: Failing) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            raise Unreachable(f"the target fails at every request (status {failing.status})") from None


def _targets(provenance: dict[str, object]) -> set[str]:
    listed = provenance.get("target")
    listed = listed if isinstance(listed, list) else [listed]
    return {bare(str(t["reference"])) for t in listed if isinstance(t, dict) and "reference" in t}
