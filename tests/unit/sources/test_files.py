"""Finding files, opening archives within limits, and reading in child processes (D2, D4, D11)."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import signal
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from localdb.sources.files import _Chunk, _read_chunk, chunks, read_all, read_beside, read_part
from localdb.sources.limits import STANDARD
from localdb.sources.readers import Readers
from localdb.sources.walking import FileMissing, Part, bare_name, walk
from tests.unit.sources.fhir_help import own_bytes

PERSON = b'{"resourceType":"Patient","id":"p%d"}'


def person(n: int) -> bytes:
    return PERSON % n


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def tar_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def shown(path: Path, source: str | None = None) -> list[tuple[str, str, str]]:
    return [(p.file, p.source, p.code) for p in walk([path], source)]


def test_files_come_in_path_order_and_name_their_source(tmp_path: Path) -> None:
    for name in ("lims/b.json", "lims/a/z.json", "pas.json", "epr/x.json"):
        put(tmp_path / name, person(1))
    assert shown(tmp_path) == [
        ("epr/x.json", "epr", ""),
        ("lims/a/z.json", "lims", ""),
        ("lims/b.json", "lims", ""),
        ("pas.json", "files", ""),
    ]
    assert {source for _, source, _ in shown(tmp_path, "walk")} == {"walk"}
    assert shown(tmp_path / "pas.json") == [("pas.json", "files", "")]


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileMissing) as refused:
        list(walk([tmp_path / "gone"]))
    assert (refused.value.code, str(tmp_path) in refused.value.message) == ("file.missing", False)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tar", tar_of({"d/m1.json": person(1), "d/m2.json": person(2)})),
        ("a.tar.gz", gzip.compress(tar_of({"d/m1.json": person(1), "d/m2.json": person(2)}))),
        ("a.tar.xz", lzma.compress(tar_of({"d/m1.json": person(1), "d/m2.json": person(2)}))),
        ("a.zip", zip_of({"d/m2.json": person(2), "d/m1.json": person(1)})),
        ("wrong-name.json", zip_of({"d/m1.json": person(1), "d/m2.json": person(2)})),
    ],
)
def test_archives_are_opened_member_by_member(tmp_path: Path, name: str, data: bytes) -> None:
    put(tmp_path / "src" / name, data)
    readings = list(read_all([tmp_path], processes=0))
    assert [(r.file, r.source, r.units[0].source_id) for r in readings] == [
        (f"src/{name}!d/m1.json", "src", "p1"),
        (f"src/{name}!d/m2.json", "src", "p2"),
    ]


def test_a_packed_file_is_the_file_itself(tmp_path: Path) -> None:
    lines = person(1) + b"\n" + person(2)
    put(tmp_path / "Patient.000.ndjson.gz", gzip.compress(lines))
    (reading,) = read_all([tmp_path])
    assert (reading.file, len(reading.units)) == ("Patient.000.ndjson.gz", 2)
    assert bare_name("x/a.tar.xz!d/Patient.ndjson.gz") == "Patient.ndjson"


def test_archives_in_archives_are_opened_only_so_deep(tmp_path: Path) -> None:
    inner = zip_of({"m.json": person(1)})
    put(tmp_path / "a.zip", zip_of({"inner.zip": inner}))
    assert shown(tmp_path) == [("a.zip!inner.zip!m.json", "files", "")]
    put(tmp_path / "a.zip", zip_of({"x.zip": zip_of({"inner.zip": inner}), "y.json": person(2)}))
    assert shown(tmp_path) == [("a.zip!x.zip!inner.zip", "files", "archive.too_deep"), ("a.zip!y.json", "files", "")]


@pytest.mark.parametrize("name", ["a.json.gz", "a.tar.gz", "a.tar.xz", "a.zip"])
def test_a_damaged_archive_is_set_aside_and_others_are_read(tmp_path: Path, name: str) -> None:
    body = tar_of({"m.json": person(1) + b" " * 30_000})
    packed = {
        "a.json.gz": gzip.compress(os.urandom(4000)),
        "a.tar.gz": gzip.compress(body),
        "a.tar.xz": lzma.compress(body),
        "a.zip": zip_of({"m.json": os.urandom(4000)}),
    }[name]
    put(tmp_path / name, packed[: len(packed) // 2])
    put(tmp_path / "b.json", person(2))
    readings = list(read_all([tmp_path]))
    assert [(r.file.split("!")[0], r.units[0].code) for r in readings][-1] == ("b.json", "")
    assert [u.code for r in readings for u in r.units if r.file.startswith(name)] == ["archive.damaged"]


def test_a_bomb_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(STANDARD, file=1_000_000, unpacked=3_000_000, ratio=50, ratio_from=500_000)
    put(tmp_path / "one.gz", gzip.compress(b"{" + b" " * 5_000_000))
    put(tmp_path / "many.zip", zip_of({f"m{n}.json": os.urandom(400_000) for n in range(20)}))
    codes = [(p.file.split("!")[0], p.code) for p in walk([tmp_path], limits=limits) if p.code]
    assert codes == [("many.zip", "archive.too_large"), ("one.gz", "archive.too_large")]
    put(tmp_path / "large.json", person(1) + b" " * 2_000_000)
    assert ("large.json", "file.too_large") in [(p.file, p.code) for p in walk([tmp_path], limits=limits)]
    few = msgspec.structs.replace(STANDARD, members=3)
    put(tmp_path / "many.zip", zip_of({f"m{n}.json": person(n) for n in range(5)}))
    assert [p.code for p in walk([tmp_path / "many.zip"], limits=few)] == ["", "", "", "archive.too_large"]


def test_a_locked_member_is_said_to_be_locked(tmp_path: Path) -> None:
    data = bytearray(zip_of({"m.json": person(1)}))
    data[6] |= 1  # general purpose flag of the local header: encrypted
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    put(tmp_path / "a.zip", bytes(data))
    assert shown(tmp_path) == [("a.zip!m.json", "files", "archive.encrypted")]


def test_links_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        link = tarfile.TarInfo("../../evil.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    put(tmp_path / "a.tar", out.getvalue())
    assert shown(tmp_path) == [("a.tar!../../evil.json", "files", "file.unknown_kind")]


def test_a_file_that_may_not_be_read_has_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    (reading,) = read_all([tmp_path])
    assert reading.units[0].code == "file.unreadable"


def test_the_log_of_a_bulk_export_gives_its_files_their_time(tmp_path: Path) -> None:
    put(tmp_path / "x" / "Patient.ndjson", person(1))
    put(tmp_path / "x" / "log.ndjson", b'{"exportId":"e","eventDetail":{"transactionTime":"2026-11-01T00:00:00Z"}}\n')
    put(tmp_path / "y" / "Patient.ndjson", person(1))
    manifest = {"transactionTime": "2026-11-02T00:00:00Z", "output": []}
    put(tmp_path / "y" / "manifest.json", json.dumps(manifest).encode())
    put(tmp_path / "z" / "Patient.ndjson", person(1))
    cuts = {r.file: r.cut.text if r.cut else None for r in read_all([tmp_path]) if "Patient" in r.file}
    assert cuts == {
        "x/Patient.ndjson": "2026-11-01T00:00:00Z",
        "y/Patient.ndjson": "2026-11-02T00:00:00Z",
        "z/Patient.ndjson": None,
    }


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_long_ndjson_file_comes_in_pieces_that_count_on(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    lines = b"\n".join(person(n) for n in range(500)) + b"\n{broken\n" + person(501)
    name = "Patient.ndjson" + {gzip.compress: ".gz", lzma.compress: ".xz"}.get(pack, "")
    put(tmp_path / name, pack(lines))
    limits = msgspec.structs.replace(STANDARD, piece=1000)
    readings = list(read_all([tmp_path], limits=limits))
    assert len(readings) > 10
    assert {r.file for r in readings} == {name}
    units = [u for r in readings for u in r.units]
    assert [u.index for u in units] == list(range(502))
    assert [(u.index, u.code) for u in units if u.verdict != "read"] == [(500, "fhir.not_json")]


def test_a_refused_file_keeps_its_bytes(tmp_path: Path) -> None:
    data = zip_of({"m.json": person(1)})[:40]
    put(tmp_path / "a.zip", data)
    (reading,) = read_all([tmp_path])
    assert own_bytes(reading, reading.units[0]) == data
    assert reading.sha256 == sha256(data).hexdigest()


def test_child_processes_read_the_same_in_the_same_order(corpus: Path) -> None:
    alone = list(read_all([corpus], processes=0))
    assert list(read_all([corpus], processes=2)) == alone
    assert len(alone) > 100


def test_a_reading_that_is_given_up_leaves_no_thread_and_no_child(tmp_path: Path) -> None:
    for n in range(300):
        put(tmp_path / f"{n:03}.json", person(n))
    readings = read_all([tmp_path], processes=1)
    assert next(readings).units[0].source_id == "p0"
    readings.close()  # type: ignore[attr-defined]


def test_what_fails_while_walking_reaches_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        list(read_all([tmp_path / "gone"], processes=1))


def test_files_whose_reader_was_killed_are_read_by_another() -> None:
    parts = [Part(file=f"{n}.json", source="s", data=person(n) + b" " * 400_000) for n in range(40)]
    readers = Readers(1, _read_chunk)
    killed: list[int] = []

    def murderous() -> Iterator[_Chunk]:
        for number, chunk in enumerate(chunks(parts)):
            if number == 3:
                (child,) = readers.children
                assert child.process.pid is not None
                os.kill(child.process.pid, signal.SIGKILL)
                killed.append(child.process.pid)
            yield _Chunk(chunk, "Europe/London")

    found = [u.source_id for reading in read_beside(readers, murderous()) for u in reading.units]
    assert killed
    assert found == [f"p{n}" for n in range(40)]
    assert readers.children == []


def deadly(asked: _Chunk) -> bytes:
    """A reader that one file kills, as a fault in a decoder would."""
    if any(part.file == "7.json" for part in asked.parts):
        os.kill(os.getpid(), signal.SIGKILL)
    return _read_chunk(asked)


def test_only_the_file_that_kills_its_reader_is_set_aside() -> None:
    parts = [Part(file=f"{n}.json", source="s", data=person(n)) for n in range(20)]
    readings = list(read_beside(Readers(2, deadly), iter([_Chunk(parts[:10], "UTC"), _Chunk(parts[10:], "UTC")])))
    assert [r.file for r in readings] == [f"{n}.json" for n in range(20)]
    aside = [r for r in readings if any(u.verdict == "set_aside" for u in r.units)]
    assert [(r.file, r.units[0].code) for r in aside] == [("7.json", "file.reader_died")]


def test_a_refused_part_is_one_unit_set_aside() -> None:
    reading = read_part(Part(file="a.zip", source="s", data=b"", code="archive.damaged", reason="cut"), "UTC")
    assert [(u.verdict, u.code, u.reason) for u in reading.units] == [("set_aside", "archive.damaged", "cut")]
