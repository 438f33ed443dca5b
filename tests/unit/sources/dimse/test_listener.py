"""The storage listener against real senders (DCMTK, pynetdicom) and against bytes that mean harm."""

from __future__ import annotations

import random
import resource
import struct
import threading
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pynetdicom import _config, build_context
from pynetdicom.sop_class import CTImageStorage

from localdb.sources.dimse.exchange import NEVER, SET_ASIDE, STORED, TRY_AGAIN, Limits, Stored
from localdb.sources.feed.certificates import server_context
from localdb.vault.secrets import Secret
from tests.conftest import LONG
from tests.servers import dcmtk
from tests.servers.certificates import Authority
from tests.unit.sources.dimse.peers import (
    SEQUENTIAL,
    Keeper,
    associated,
    dataset_bytes,
    listener,
    meta_of,
    p_data,
    raw,
    store_request,
)

CT_SMALL, MR_SMALL = Path(get_testdata_file("CT_small.dcm")), Path(get_testdata_file("MR_small.dcm"))


def sendable(folder: Path) -> list[tuple[Path, tuple[str, str, str]]]:
    """Every DICOM file of the data that says what it is, so that it can be sent as it lies there."""
    found = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.suffix not in (".dcm", "") or file.read_bytes()[128:132] != b"DICM":
            continue
        meta = meta_of(file)
        if meta is not None and meta[0] != "1.2.840.10008.1.3.10":  # a DICOMDIR is no object
            found.append((file, meta))
    return found


def test_every_object_of_the_data_comes_byte_for_byte(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)  # pynetdicom sends the file's own bytes
    files = sendable(data_dir / "dicom")
    assert len(files) > 200
    if not LONG:
        files = list({m[2]: (f, m) for f, m in files}.values())  # one of each transfer syntax
    assert len({m[2] for _, m in files}) >= 14, "transfer syntaxes"
    keeper = Keeper()
    with listener(keeper) as (port, held):
        wanted = sorted({(m[0], m[2]) for _, m in files})
        for start in range(0, len(wanted), 120):
            part = wanted[start : start + 120]
            with associated(port, [build_context(c, t) for c, t in part]) as peer:
                for file, meta in files:
                    if (meta[0], meta[2]) in part:
                        assert peer.send_c_store(file).Status == STORED, file.name
        assert held.room.held == 0
    for (file, meta), received in zip(sorted(files, key=lambda f: wanted.index((f[1][0], f[1][2])) // 120),
                                      keeper.received, strict=True):  # fmt: skip
        assert received.fault == ""
        assert received.data[128:132] == b"DICM"
        assert dataset_bytes(received.data) == dataset_bytes(file.read_bytes()), file.name
        came = dcmread(BytesIO(received.data), specific_tags=[], stop_before_pixels=True)
        assert (came.file_meta.MediaStorageSOPInstanceUID, came.file_meta.TransferSyntaxUID) == (meta[1], meta[2])


def test_dcmtk_sends_and_asks_whether_we_live() -> None:
    keeper = Keeper()
    with listener(keeper) as (port, _):
        assert dcmtk.echoscu(port) == 0
        status, said = dcmtk.storescu(port, [CT_SMALL, MR_SMALL])
        assert status == 0, said
        assert said.count("Success") == 2, said
        assert dcmtk.echoscu(port, called="ANOTHER") != 0
    assert len(keeper.received) == 2
    assert ("echoed", "") in keeper.events
    assert ("refused", "dimse.title_refused") in keeper.events


def test_a_private_storage_class_is_taken_like_any_other() -> None:
    keeper, private = Keeper(), "1.3.12.2.1107.5.9.1"  # a vendor's non-image storage
    ct = dcmread(CT_SMALL)
    ct.SOPClassUID = ct.file_meta.MediaStorageSOPClassUID = private
    with listener(keeper) as (port, _), associated(port, [build_context(private, SEQUENTIAL)]) as peer:
        assert peer.send_c_store(ct).Status == STORED
    assert dcmread(BytesIO(keeper.received[0].data)).SOPClassUID == private


@pytest.mark.parametrize(
    ("answer", "status", "comment"),
    [
        (Stored(STORED), STORED, None),
        (Stored(SET_ASIDE, "dicom.damaged"), SET_ASIDE, "dicom.damaged"),
        (Stored(TRY_AGAIN, "disk.full"), TRY_AGAIN, "disk.full"),
        (RuntimeError("Smith, Zoë"), TRY_AGAIN, "feed.no_answer"),
    ],
)
def test_the_answer_says_what_became_of_it(answer: Stored, status: int, comment: str | None) -> None:
    keeper = Keeper(answer)
    with listener(keeper) as (port, _), associated(port) as peer:
        told = peer.send_c_store(dcmread(CT_SMALL))
    assert (told.Status, told.get("ErrorComment")) == (status, comment)


def test_nobody_is_answered_before_the_commit_and_nobody_waits_for_another() -> None:
    slow = Keeper()
    slow.gate.clear()
    with listener(slow) as (port, _), associated(port) as first, associated(port) as second:
        answers: list[int] = []
        sender = threading.Thread(target=lambda: answers.append(first.send_c_store(dcmread(CT_SMALL)).Status))
        sender.start()
        assert slow.came.wait(20)
        assert second.send_c_echo().Status == 0, "another association is served meanwhile"
        assert answers == [], "what is not durable is not answered"
        slow.gate.set()
        sender.join(20)
        assert answers == [STORED]


def test_what_breaks_off_in_the_middle_is_nothing_and_what_came_before_stays() -> None:
    keeper = Keeper()
    with listener(keeper) as (port, held):
        with associated(port) as peer:
            assert peer.send_c_store(dcmread(CT_SMALL)).Status == STORED
            context = next(c.context_id for c in peer.accepted_contexts if c.abstract_syntax == CTImageStorage)
            line = peer.dul.socket.socket
            line.sendall(store_request(context, CTImageStorage, "1.2.3") + p_data(context, 0x00, b"\0" * 5000))
            line.close()
            keeper.until("closed", "dimse.broken")
        assert len(keeper.received) == 1
        assert held.room.held == 0, "the half of it is forgotten"
        assert dcmtk.echoscu(port) == 0


def test_an_object_that_is_too_large_is_refused_for_good_with_its_beginning() -> None:
    keeper = Keeper(Stored(SET_ASIDE, "dimse.too_large"))
    limits = Limits(object=30_000, beginning=1000)
    with listener(keeper, limits=limits) as (port, held), associated(port) as peer:
        told = peer.send_c_store(dcmread(CT_SMALL))  # 39 KB
        assert (told.Status, told.ErrorComment) == (NEVER, "dimse.too_large")
        assert peer.send_c_echo().Status == 0, "the association goes on"
        assert held.room.held == 0
    one = keeper.received[0]
    assert one.fault == "dimse.too_large"
    whole = dataset_bytes(CT_SMALL.read_bytes())
    assert len(dataset_bytes(one.data)) == 1000
    assert dataset_bytes(one.data)[:16] == whole[:16]


def test_senders_share_the_room_that_there_is() -> None:
    """While one object waits for its commit, another that finds no room waits, and goes on when the first is answered."""
    slow = Keeper()
    slow.gate.clear()
    with (
        listener(slow, limits=Limits(buffered=60_000)) as (port, held),
        associated(port) as one,
        associated(port) as two,
    ):
        threads = [threading.Thread(target=p.send_c_store, args=(dcmread(CT_SMALL),)) for p in (one, two)]
        threads[0].start()
        assert slow.came.wait(20)
        threads[1].start()
        assert not threads[1].join(0.3) and threads[1].is_alive()
        assert held.room.held <= 60_000
        assert len(slow.received) == 1
        slow.gate.set()
        for thread in threads:
            thread.join(20)
        assert len(slow.received) == 2


def test_who_finds_no_room_for_too_long_is_ended() -> None:
    slow = Keeper()
    slow.gate.clear()
    limits = Limits(buffered=60_000, patience=0.1)
    with listener(slow, limits=limits) as (port, _), associated(port) as one, associated(port) as two:
        first = threading.Thread(target=one.send_c_store, args=(dcmread(CT_SMALL),))
        first.start()
        assert slow.came.wait(20)
        second = threading.Thread(target=two.send_c_store, args=(dcmread(CT_SMALL),))
        second.start()
        slow.until("closed", "dimse.no_room")
        slow.gate.set()
        first.join(20)
        second.join(20)
    assert len(slow.received) == 1


def test_a_header_that_promises_gigabytes_takes_no_memory() -> None:
    keeper = Keeper()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with listener(keeper) as (port, _):
        raw(port, struct.pack(">BBL", 0x01, 0, 0xFFFFFFF0) + b"\0" * 100)
        keeper.until("closed", "dimse.too_large")
        with associated(port) as peer:
            peer.dul.socket.socket.sendall(struct.pack(">BBL", 0x04, 0, 0x7FFFFFFF) + b"\0" * 100)
            with keeper.happened:
                assert keeper.happened.wait_for(lambda: keeper.events.count(("closed", "dimse.too_large")) == 2, 20)
        assert dcmtk.echoscu(port) == 0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024, "KiB"
    assert keeper.received == []


def test_bytes_that_are_no_dicom_end_their_connection_alone(capfd: pytest.CaptureFixture[str]) -> None:
    keeper, seeded = Keeper(), random.Random(8)
    with listener(keeper, limits=Limits(request=2.0)) as (port, held), associated(port) as peer:
        raw(port, b"")
        for kind in range(1, 9):
            body = seeded.randbytes(60)
            raw(port, struct.pack(">BBL", kind, 0, len(body)) + body)
        raw(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        for hostile in (b"", b"\x03", b"\x03" + b"\xff" * 40, b"\x00data before any command", b"\x02"):
            with associated(port) as other:
                line, context = other.dul.socket.socket, other.accepted_contexts[0].context_id
                pdv = struct.pack(">LB", len(hostile) + 1, context) + hostile
                line.sendall(struct.pack(">BBL", 0x04, 0, len(pdv)) + pdv)
                assert keeper.events  # it is read before the association is asked again
        assert peer.send_c_echo().Status == 0, "the others go on"
        assert held.room.held < 10_000
    assert keeper.received == []
    assert capfd.readouterr().err == "", "nothing is printed, least of all what came"


def test_certificates_decide_who_talks(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs", "stranger")
    secret = Secret(
        certificate=(ours.folder / "server.pem").read_bytes(), key=(ours.folder / "server.key").read_bytes(),
        authorities=ours.file.read_bytes(),
    )  # fmt: skip
    keeper = Keeper()
    with listener(keeper, context=server_context(secret, client_certificates=True)) as (port, _):
        with associated(port, tls=ours.client()) as peer:
            assert peer.send_c_store(dcmread(CT_SMALL)).Status == STORED
        tls = ("+tls", ours.folder / "client.key", ours.folder / "client.pem", "+cf", ours.file)
        assert dcmtk.echoscu(port, more=map(str, tls)) == 0, "DCMTK with its own certificate"
        tls = ("+tls", theirs.folder / "client.key", theirs.folder / "client.pem", "-ic")
        assert dcmtk.echoscu(port, more=map(str, tls)) != 0, "a stranger's certificate"
        assert dcmtk.echoscu(port) != 0, "no TLS at all"
        keeper.until("refused", "dimse.tls_failed")
    assert len(keeper.received) == 1


def test_addresses_titles_and_numbers_decide_too() -> None:
    keeper = Keeper()
    with listener(keeper, senders=("10.0.0.0/8",)) as (port, _), associated(port) as peer:
        assert not peer.is_established
        keeper.until("refused", "dimse.address_refused")
    with listener(keeper, callers=("PACS", "CT1")) as (port, _):
        with associated(port, calling="CT1") as peer:
            assert peer.is_established
        with associated(port, calling="LAPTOP") as peer:
            assert peer.is_rejected
    with listener(keeper, limits=Limits(associations=1)) as (port, _), associated(port) as one, associated(port) as two:
        assert one.send_c_echo().Status == 0
        assert not two.is_established
        keeper.until("refused", "dimse.too_many")


def test_a_stop_answers_what_is_being_committed() -> None:
    slow = Keeper()
    slow.gate.clear()
    answers: list[int | None] = []
    with listener(slow) as (port, held), associated(port) as peer:
        sender = threading.Thread(target=lambda: answers.append(peer.send_c_store(dcmread(CT_SMALL)).get("Status")))
        sender.start()
        assert slow.came.wait(20)
        stopping = threading.Thread(target=held.stop)
        stopping.start()
        slow.gate.set()
        stopping.join(20)
        sender.join(20)
    assert answers == [STORED]


def test_a_port_that_is_taken_says_so() -> None:
    from localdb.sources.mllp.listener import CannotListen

    with listener(Keeper()) as (port, _), pytest.raises(CannotListen) as refused, listener(Keeper(), port=port):
        pass
    assert refused.value.code == "feed.cannot_listen"
