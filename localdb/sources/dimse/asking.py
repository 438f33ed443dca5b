"""Asking an archive by DIMSE: does it live (C-ECHO), what has it (C-FIND, also the modality worklist), send it (C-MOVE to
a listener of ours, C-GET over the same association). Studies are asked for in the Study Root model (PS3.4 C.6.2).

Every call is one association, within the limits of `Limits` and `Peer`. Errors: dicom.no_answer (nobody is there, or who is
there falls silent), dicom.refused_association (with the reason in words), dicom.refused_class (it does not offer what was
asked), dicom.failed (a status of failure, its number in the message), dicom.too_many_answers.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)
from pynetdicom.transport import AddressInformation

from localdb.clock import Clock
from localdb.errors import EnvironmentFault
from localdb.sources.dimse.exchange import TRY_AGAIN, Limits, Take
from localdb.sources.dimse.letters import lettered
from localdb.sources.dimse.wire import (
    TRANSFER_SYNTAXES,
    Line,
    Room,
    bound,
    hand_over,
    why_refused,
)

STORAGE_CONTEXTS = 126  # an association has at most 128 presentation contexts
PENDING = (0xFF00, 0xFF01)


class NoAnswer(EnvironmentFault):
    """Nobody answers there, or who did fell silent."""

    code = "dicom.no_answer"
    next_step = "Look whether the archive runs and whether this machine reaches its address and port."


class AssociationRefused(EnvironmentFault):
    """The archive does not talk with us."""

    code = "dicom.refused_association"
    next_step = "Ask the archive's administrator to enter this machine's AE title and address, and check `called`."


class ClassRefused(EnvironmentFault):
    """The archive does not offer what was asked."""

    code = "dicom.refused_class"
    next_step = "Ask its administrator which of C-MOVE, C-GET, DICOMweb and worklist it offers, and choose that."


class AskingFailed(EnvironmentFault):
    """The archive answered that it failed."""

    code = "dicom.failed"
    next_step = "Look the status up in the archive's conformance statement, or ask its administrator."


class TooManyAnswers(EnvironmentFault):
    """More answers than were asked for: the archive may not know the key that was asked by."""

    code = "dicom.too_many_answers"
    next_step = "Ask the archive's administrator whether it matches by PatientID; narrow the feed's `days`."


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked: `called` its AE title at `host`:`port`; `title` ours. `context` makes it TLS, for the name `host`.
    `answer` seconds without any answer (an archive may fetch from tape), `connect` seconds to reach it."""

    host: str
    port: int
    called: str
    title: str
    context: Any = None
    answer: float = 300.0
    connect: float = 10.0


class Moved(msgspec.Struct, frozen=True):
    """What an archive said of one C-MOVE or C-GET: sub-operations that went well (with warnings), that failed, and the
    last status (None: the association broke, so that nobody knows)."""

    done: int = 0
    failed: int = 0
    status: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.status == 0x0000 and not self.failed


class _Entity(AE):
    """Its connections are bounded lines."""

    def __init__(self, peer: Peer, limits: Limits) -> None:
        super().__init__(peer.title)
        self._limits = limits
        self.lines: list[Line] = []
        self.connection_timeout = peer.connect
        self.acse_timeout = min(peer.answer, limits.request)
        self.dimse_timeout = peer.answer
        self.network_timeout = max(peer.answer, limits.idle)

    def _create_socket(
        self, assoc: Association, address: AddressInformation, tls_args: tuple[ssl.SSLContext, str] | None
    ) -> Line:
        bound(assoc, self._limits)
        made = Line(assoc, self._limits, Room(self._limits), address=address)
        made.tls_args = tls_args
        self.lines.append(made)
        return made


class Asking:
    """Asks one peer. `take` gets what C-GET brings (`exchange.Take`). May be used by one thread; `stop` by any."""

    def __init__(self, peer: Peer, clock: Clock, take: Take | None = None, limits: Limits | None = None) -> None:
        self.peer, self._clock, self._take = peer, clock, take
        self._limits = limits or Limits()
        self._association: Association | None = None
        self._is_over = False
        self.not_durable = ""  # why something that C-GET brought could not be kept here (a code)

    def stop(self) -> None:
        """Ends what is under way, from any thread."""
        self._is_over = True
        held = self._association
        if held is not None and isinstance(held.dul.socket, Line):
            held.dul.socket.shut()

    @contextmanager
    def _associated(self, contexts: Sequence[PresentationContext], **more: Any) -> Iterator[Association]:
        peer = self.peer
        entity = _Entity(peer, self._limits)
        try:
            made = entity.associate(
                peer.host, peer.port, contexts=list(contexts), ae_title=peer.called, max_pdu=self._limits.pdu,
                tls_args=(peer.context, peer.host) if peer.context is not None else None, **more,
            )  # fmt: skip
        except OSError:  # a name that nobody knows
            raise NoAnswer("The archive's address cannot be found.") from None
        try:
            if not made.is_established:
                raise self._why(made)
            if not any(c.abstract_syntax == contexts[0].abstract_syntax for c in made.accepted_contexts):
                raise ClassRefused("The archive does not offer what was asked.")
            self._association = made
            yield made
        finally:
            self._association = None
            if made.is_established:
                made.release()
            for line in entity.lines:
                line.shut()
            if made.is_alive():
                made.join(self._limits.grace)
            made.dul.kill_dul()

    @staticmethod
    def _why(association: Association) -> EnvironmentFault:
        answer = association.acceptor.primitive
        if association.is_rejected and isinstance(answer, A_ASSOCIATE):
            return AssociationRefused(f"The archive refused the association: {why_refused(answer)}.")
        if isinstance(answer, A_ASSOCIATE) and answer.result == 0:
            return ClassRefused("The archive offers nothing of what was asked.")
        return NoAnswer("The archive does not answer, or ended the connection at once.")

    # -- does it live -------------------------------------------------------------------------------------------------

    def echo(self) -> None:
        """C-ECHO. Raises dicom.no_answer, dicom.refused_association, dicom.refused_class, dicom.failed."""
        with self._associated([build_context(Verification)]) as association:
            _well(association.send_c_echo().get("Status"))

    def offers(self, how: str) -> None:
        """Whether it offers C-MOVE (`move`) or C-GET (`get`). Raises as `echo`."""
        model = (
            StudyRootQueryRetrieveInformationModelMove if how == "move" else StudyRootQueryRetrieveInformationModelGet
        )
        with self._associated([build_context(model)]):
            return

    # -- what has it --------------------------------------------------------------------------------------------------

    def find(self, asked: Sequence[Dataset], most: int, *, is_worklist: bool = False) -> list[list[Dataset]]:
        """The answers to each of these identifiers, over one association. Raises dicom.*; dicom.too_many_answers where
        one has more than `most`."""
        model = ModalityWorklistInformationFind if is_worklist else StudyRootQueryRetrieveInformationModelFind
        made = []
        with self._associated([build_context(model)]) as association:
            for identifier in asked:
                answers: list[Dataset] = []
                for status, found in association.send_c_find(identifier, model):
                    code = status.get("Status")
                    if code in PENDING:
                        if found is not None:
                            answers.append(lettered(found))
                        if len(answers) > most:
                            association.abort()
                            raise TooManyAnswers("The archive gave more answers than can be meant.")
                    else:
                        _well(code)
                made.append(answers)
        return made

    # -- send it ------------------------------------------------------------------------------------------------------

    def move(self, identifiers: Sequence[Dataset], destination: str) -> list[Moved]:
        """C-MOVE of each identifier to the AE title `destination`, over one association. What was already sent stays sent,
        whatever the answer. Raises dicom.no_answer, dicom.refused_*."""
        model = StudyRootQueryRetrieveInformationModelMove
        made: list[Moved] = []
        with self._associated([build_context(model)]) as association:
            for identifier in identifiers:
                made.append(_followed(association.send_c_move(identifier, destination, model)))
                if made[-1].status is None or self._is_over:
                    break
        return made

    def get(self, identifiers: Sequence[Dataset], classes: Sequence[str]) -> list[Moved]:
        """C-GET of each identifier; `classes` are the SOP classes that may come. Raises as `move`."""
        model = StudyRootQueryRetrieveInformationModelGet
        contexts = [build_context(model), *storage_contexts(classes)]
        roles = [
            build_role(uid, scp_role=True) for uid in dict.fromkeys(c.abstract_syntax for c in contexts[1:]) if uid
        ]
        handlers = [(evt.EVT_C_STORE, self._stored)]
        made: list[Moved] = []
        with self._associated(contexts, ext_neg=roles, evt_handlers=handlers) as association:
            for identifier in identifiers:
                made.append(_followed(association.send_c_get(identifier, model)))
                if made[-1].status is None or self._is_over:
                    break
        return made

    def _stored(self, event: evt.Event) -> Dataset:
        answer = Dataset()
        line = event.assoc.dul.socket
        assert self._take is not None
        stored = hand_over(event, self._take, f"{self.peer.host}:{self.peer.port}", self._clock, self._limits)
        if isinstance(line, Line):
            line.leave()
        if stored.status == TRY_AGAIN:
            self.not_durable = stored.code
        answer.Status = stored.status
        return answer


def storage_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    """Presentation contexts for what C-GET brings: one for each class and transfer syntax where there is room, so that an
    archive may send each object as it lies there; else one for each class. Not every archive says of which class an
    instance is: then the usual ones are offered."""
    usual = (str(c.abstract_syntax) for c in StoragePresentationContexts)
    wanted = list(dict.fromkeys(classes or usual))[:STORAGE_CONTEXTS]
    if len(wanted) * len(TRANSFER_SYNTAXES) <= STORAGE_CONTEXTS:
        return [build_context(uid, [syntax]) for uid in wanted for syntax in TRANSFER_SYNTAXES]
    return [build_context(uid, list(TRANSFER_SYNTAXES)) for uid in wanted]


def _well(status: int | None) -> None:
    """Raises unless a last status is success."""
    if status is None:
        raise NoAnswer("The archive fell silent in the middle of its answer.")
    if status != 0x0000:
        raise AskingFailed(f"The archive answered with status {status:04X}H.")


def _followed(answers: Iterator[tuple[Dataset, Dataset | None]]) -> Moved:
    done = failed = 0
    last: int | None = None
    for status, _ in answers:
        last = status.get("Status")
        if last is None:
            break
        done = int(status.get("NumberOfCompletedSuboperations") or done)
        done_with_warning = int(status.get("NumberOfWarningSuboperations") or 0)
        failed = int(status.get("NumberOfFailedSuboperations") or failed)
        if last not in PENDING:
            return Moved(done + done_with_warning, failed, last)
    return Moved(done, failed, None)
