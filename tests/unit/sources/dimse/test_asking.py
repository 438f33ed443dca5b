"""Archives that err, lie or fall silent (pynetdicom as the other side): whoever asks is told, and never waits for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.dsutils import decode, encode
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from localdb.clock import present
from localdb.errors import WardlampError
from localdb.sources.dimse.archive import DimseArchive
from localdb.sources.dimse.asking import Peer, storage_contexts
from localdb.sources.dimse.exchange import STORED, Limits, Received, Stored
from localdb.sources.dimse.letters import lettered
from localdb.sources.dimse.wire import TRANSFER_SYNTAXES

SINCE = date(2024, 1, 1)


@contextmanager
def scp(*handlers: tuple[Any, Callable[..., Any]], classes: tuple[str, ...] | None = None) -> Iterator[int]:
    """An archive that answers by these handlers: its port."""
    entity = AE("LIAR")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    for uid in classes or (
        Verification, StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelMove,
        StudyRootQueryRetrieveInformationModelGet, ModalityWorklistInformationFind,
    ):  # fmt: skip
        entity.add_supported_context(uid)
    for context in StoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, scu_role=True, scp_role=True)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=list(handlers))
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        for one in entity.active_associations:
            one.abort()
            one.join(10)


def archive(port: int, take: Callable[[Received], Stored] = lambda _: Stored(STORED), **more: Any) -> DimseArchive:
    peer = Peer(host="127.0.0.1", port=port, called="LIAR", title="WARDLAMP", answer=more.pop("answer", 10.0))
    return DimseArchive(peer, present, take, **more)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(WardlampError) as refused:
        act()
    assert refused.value.next_step
    return refused.value.code


def study(uid: str = "1.2.3") -> Dataset:
    made = Dataset()
    made.QueryRetrieveLevel, made.StudyInstanceUID, made.PatientID = "STUDY", uid, "12"
    return made


def test_an_archive_that_answers_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localdb.sources.dimse.archive.MOST_STUDIES", 50)
    told = []

    def endless(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        for n in range(1_000_000):
            if event.is_cancelled or not event.assoc.is_established:
                return
            told.append(n)
            yield 0xFF00, study(f"1.2.{n}")

    with scp((evt.EVT_C_FIND, endless)) as port:
        assert code_of(lambda: archive(port).studies(["12"], SINCE)) == "dicom.too_many_answers"
    assert len(told) < 10_000


def test_a_failure_is_told_with_its_status() -> None:
    def fails(event: evt.Event) -> Iterator[tuple[int, None]]:
        yield 0xA700, None

    with scp((evt.EVT_C_FIND, fails)) as port, pytest.raises(WardlampError) as refused:
        archive(port).studies(["12"], SINCE)
    assert (refused.value.code, "A700H" in refused.value.message) == ("dicom.failed", True)


def test_silence_ends() -> None:
    """In the middle of answers, before any, and where something listens that speaks no DICOM."""
    gate = threading.Event()

    def stops(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        yield 0xFF00, study()
        gate.wait(10)

    with scp((evt.EVT_C_FIND, stops)) as port:
        assert code_of(lambda: archive(port, answer=0.3).studies(["12"], SINCE)) == "dicom.no_answer"
        gate.set()
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert code_of(archive(mute.getsockname()[1], answer=0.3).check) == "dicom.no_answer"
    assert code_of(archive(1).check) == "dicom.no_answer"


def test_what_is_not_offered_is_said() -> None:
    with scp(classes=(Verification,)) as port:
        asked = archive(port)
        asked.check()
        assert code_of(lambda: asked.studies(["12"], SINCE)) == "dicom.refused_class"
        assert code_of(asked.offers) == "dicom.refused_class"
        fetch = ("1.2", "1.2.3", ["1.2.3.4"], [CTImageStorage])
        assert code_of(lambda: asked.fetch(*fetch, is_all=True)) == "dicom.refused_class"


def ct() -> Dataset:
    return dcmread(get_testdata_file("CT_small.dcm"))


def test_what_comes_by_c_get_comes_byte_for_byte() -> None:
    sent = ct()
    received: list[Received] = []

    def sends(event: evt.Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, sent

    def keep(one: Received) -> Stored:
        received.append(one)
        return Stored(STORED)

    with scp((evt.EVT_C_GET, sends)) as port:
        archive(port, keep).fetch("1.2", "1.2.3", ["1"], [CTImageStorage], is_all=True)
    came = dcmread(BytesIO(received[0].data))
    assert came.PixelData == sent.PixelData
    assert came.SOPInstanceUID == sent.SOPInstanceUID
    assert came.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID


def test_what_could_not_be_made_durable_is_said_to_the_archive() -> None:
    statuses: list[int] = []

    def sends(event: evt.Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, ct()

    def full(_: Received) -> Stored:
        return Stored(0xA700, "disk.full")

    def answered(event: evt.Event) -> None:
        if event.message.__class__.__name__ == "C_STORE_RSP":
            statuses.append(int(event.message.command_set.Status))

    with scp((evt.EVT_C_GET, sends), (evt.EVT_DIMSE_RECV, answered)) as port:
        fetch = ("1.2", "1.2.3", ["1"], [CTImageStorage])
        assert code_of(lambda: archive(port, full).fetch(*fetch, is_all=True)) == "disk.full"
    assert statuses == [0xA700]


def test_an_archive_that_breaks_off_while_it_sends_is_told() -> None:
    def breaks(event: evt.Event) -> Iterator[Any]:
        yield 2
        yield 0xFF00, ct()
        event.assoc.abort()

    kept: list[Received] = []
    with scp((evt.EVT_C_GET, breaks)) as port:
        fetch = ("1.2", "1.2.3", ["1"], [CTImageStorage])
        take = lambda one: kept.append(one) or Stored(STORED)  # type: ignore[func-returns-value]  # noqa: E731
        assert code_of(lambda: archive(port, take).fetch(*fetch, is_all=True)) == "dicom.no_answer"
    assert len(kept) == 1, "what came before stays"


def test_an_object_beyond_the_limit_is_handed_over_by_its_beginning() -> None:
    def sends(event: evt.Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, ct()

    kept: list[Received] = []
    limits = Limits(object=20_000, beginning=500, pdu=16_384)
    with scp((evt.EVT_C_GET, sends)) as port:
        take = lambda one: kept.append(one) or Stored(0xB007)  # type: ignore[func-returns-value]  # noqa: E731
        asked = archive(port, take, limits=limits)
        assert code_of(lambda: asked.fetch("1.2", "1.2.3", ["1"], [CTImageStorage], is_all=True)) == "dicom.failed"
    assert [(k.fault, len(k.data) < 2000) for k in kept] == [("dimse.too_large", True)]


def test_a_stop_from_another_thread_ends_a_question() -> None:
    asked, gate = threading.Event(), threading.Event()

    def waits(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        asked.set()
        gate.wait(20)
        yield 0xFF00, study()

    with scp((evt.EVT_C_FIND, waits)) as port:
        made = archive(port, answer=60.0)
        codes: list[str] = []
        thread = threading.Thread(target=lambda: codes.append(code_of(lambda: made.studies(["12"], SINCE))))
        thread.start()
        assert asked.wait(10)
        made.stop()
        thread.join(10)
        assert codes == ["dicom.no_answer"]
        gate.set()


def test_contexts_fit_into_an_association() -> None:
    few = storage_contexts([CTImageStorage, "1.2.3"])
    assert {(c.abstract_syntax, *c.transfer_syntax) for c in few} == {
        (uid, t) for uid in (CTImageStorage, "1.2.3") for t in TRANSFER_SYNTAXES
    }
    many = storage_contexts([f"1.2.{n}" for n in range(500)])
    assert len(many) == 126
    assert all(len(c.transfer_syntax) == len(TRANSFER_SYNTAXES) for c in many)
    assert CTImageStorage in {c.abstract_syntax for c in storage_contexts([])}, "where the classes were not said"


# -- letters --------------------------------------------------------------------------------------------------------


def as_sent(name: bytes, charset: str = "", nested: bytes = b"") -> Dataset:
    """An answer whose name has these bytes."""
    made = Dataset()
    if charset:
        made.SpecificCharacterSet = charset
    made.PatientName, made.PatientID = "X" * len(name), "12"
    step = Dataset()
    step.ScheduledProcedureStepDescription = "Y" * len(nested) or "plain"
    made.ScheduledProcedureStepSequence = [step]
    data = encode(made, True, True).replace(b"X" * len(name), name)
    if nested:
        data = data.replace(b"Y" * len(nested), nested)
    return decode(BytesIO(data), True, True)


@pytest.mark.parametrize(
    ("name", "charset", "read"),
    [
        ("Müller^Zoë ".encode(), "", "Müller^Zoë"),  # DCMTK's worklist says no character set
        (b"Smith^Ann ", "", "Smith^Ann"),
        ("Müller^Zoë".encode("latin-1"), "ISO_IR 100", "Müller^Zoë"),
        ("Müller^Zoë".encode("latin-1"), "", "Müller^Zoë"),  # no UTF-8: as pydicom reads what says nothing
        ("Müller^Zoë ".encode(), "ISO_IR 192", "Müller^Zoë"),
    ],
)
def test_names_are_read_although_their_letters_were_not_said(name: bytes, charset: str, read: str) -> None:
    assert str(lettered(as_sent(name, charset)).PatientName) == read


def test_letters_in_a_step_count_too() -> None:
    found = lettered(as_sent(b"Smith^Ann ", nested="Schädel-CT ".encode()))
    assert found.ScheduledProcedureStepSequence[0].ScheduledProcedureStepDescription == "Schädel-CT"
