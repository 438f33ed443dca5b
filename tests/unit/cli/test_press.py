"""print, press, printer, sheet, sheets and doctor through `main`, against a real print service and a real IPP printer."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from desktop.cli import main
from desktop.cli import press as pressing
from desktop.printing import known
from tests.made import nhs_number, person, stay, ward, write
from tests.servers import cups as servers
from tests.servers.cups import PrintService

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def service() -> Iterator[PrintService]:
    servers.require()
    with servers.print_service(ppm=17) as made:
        made.queue("Ward", "file:///dev/null")
        made.queue("Closed", "file:///dev/null")
        made.run("cupsreject", "Closed")
        made.run("lpadmin", "-d", "Ward")
        yield made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "secret").write_text("lamp-ward-candle-79-river\n")
    here = [*ward(), person(1), stay("p1", 1), person(2), stay("p2", 2)]
    common = ("--vault", str(folder / "vault"), "--secret-file", str(folder / "secret"))
    assert main(["init", "--staff", "Tess Tester", "--kdf", "floor", "--device", "T01", *common]) == 0
    file = str(write(folder / "in" / "a.json", here))
    assert main(["fill", file, "--source", "epr", "--as-of", "2026-11-24T02:10:00+00:00", *common]) == 0
    return folder


@pytest.fixture
def run(
    made: Path, service: PrintService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("CUPS_SERVER", service.server)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, rc: int = 0) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    return run


def test_a_print_goes_through_the_queue_and_its_sheet_through_its_life(run: Run, service: PrintService) -> None:
    printed = run("print", "F02", "--ward", "Ash Ward", "--printer", service.printer)
    assert (printed["printed"], printed["of"], printed["left"]) == (2, 2, 0)
    assert printed["minutes"] == 1  # four pages at the 17 a minute that the printer tells
    serial = printed["sheets"][0]["serial"]
    code = f"WL1|F02|{serial}|{printed['sheets'][0]['patient']}"
    assert run("sheet", code)["state"] == "printed"
    assert run("sheet", serial, "--state", "handed over", rc=1)["error"]["code"] == "sheet.no_receiver"
    held = run("sheet", serial, "--state", "handed over", "--to", "Porter, Ash Ward")
    assert (held["holder"], held["states"][-1]["to"]) == ("Porter, Ash Ward", "Porter, Ash Ward")
    again = run("press", "reprint", serial, "--page", 1, "--reason", "soaked")
    assert (again["reprint"], again["sheet"]["state"], again["sheet"]["reprints"]) == (1, "printed", 1)
    assert run("press", "reprint", serial, "--page", 99, rc=1)["error"]["code"] == "press.no_page"
    assert run("sheet", serial, "--state", "returned", "--remark", "wet")["holder"] == ""
    run("sheet", serial, "--state", "entered")
    other = printed["sheets"][1]["serial"]
    assert run("sheets")["balance"]["balanced"] is False
    assert [s["serial"] for s in run("sheets", "--open")["sheets"]] == [other]
    run("sheet", other, "--state", "void")
    found = run("sheets")
    assert found["balance"] == {"issued": 2, "entered": 1, "scanned": 0, "void": 1, "spoiled": 0, "open": 0,
                                "missing": [], "balanced": True}  # fmt: skip
    assert [r["first"] for r in found["ranges"]] == [serial]
    assert run("sheets", "--patient", nhs_number(1))["sheets"][0]["patient"] in {
        s["patient"] for s in printed["sheets"]
    }
    assert run("sheets", "--void")["sheets"][0]["serial"] == other


def test_newer_prints_and_newer_copies_supersede(run: Run, made: Path, tmp_path: Path) -> None:
    first = run("print", "F02", "--patient", nhs_number(1), "--printer", "Ward")["sheets"][0]["serial"]
    second = run("print", "F02", "--patient", nhs_number(1), "--printer", "Ward")["sheets"][0]["serial"]
    (old,) = run("sheets", "--superseded")["sheets"]
    assert (old["serial"], old["superseded"]["by"]) == (first, second)
    assert old["cut"].startswith("2026-11-24T02:10")
    run("fill", write(tmp_path / "b.json", [person(3)]), "--source", "epr", "--as-of", "2026-11-24T02:40:00+00:00")
    found = {s["serial"]: s["superseded"]["reason"] for s in run("sheets", "--superseded")["sheets"]}
    assert found == {first: "newer_print", second: "newer_copy"}
    assert run("print", "F27", "--blank", 1, "--printer", "Ward")["printed"] == 1
    assert len(run("sheets", "--superseded")["sheets"]) == 2, "a blank is never out of date"


def test_nothing_is_lost_when_the_printer_takes_nothing(
    run: Run, service: PrintService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressing, "PATIENCE", 0.3)
    assert run("print", "F27", "--blank", 2, "--printer", "Nowhere", rc=1)["error"]["code"] == "print.unknown_printer"
    assert run("sheets")["sheets"] == [], "an unknown printer burns no serials"
    refused = run("print", "F27", "--blank", 2, "--printer", "Closed", rc=1)["error"]
    assert refused["code"] == "press.waits"
    assert "takes no jobs" in refused["message"]
    (pack,) = run("press", "status", "--open")["packs"]
    assert (pack["done"], pack["total"], pack["pages_left"]) == (0, 2, 2)
    assert any(f["code"] == "print.waiting" for f in run("doctor")["findings"])
    serials = [i["serial"] for i in pack["items"]]
    assert run("press", "cancel", "--serial", serials[1])["cancelled"] == 1
    service.run("cupsaccept", "Closed")
    try:
        run("press", "resume")
    finally:
        service.run("cupsreject", "Closed")
    assert [run("sheet", s)["state"] for s in serials] == ["printed", "void"]
    assert run("press", "came-out", serials[0], rc=1)["error"]["code"] == "press.nothing_unsure"
    assert run("press", "cancel", rc=1)["error"]["code"] == "press.nothing_named"


def test_no_wait_leaves_it_durable_and_another_command_prints_it(run: Run) -> None:
    queued = run("print", "F01", "F27", "--ward", "Ash Ward", "--printer", "Ward", "--no-wait")
    assert (queued["printed"], queued["left"]) == (0, queued["of"])
    run("press", "resume")
    assert {s["state"] for s in run("sheets")["sheets"]} == {"printed"}


def test_printers_tell_what_they_can_and_are_tested(
    run: Run, service: PrintService, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("printer", "add", service.printer)
    assert run("printer", "add", "http://x", rc=1)["error"]["code"] == "print.unknown_printer"
    found = {p["name"]: p for p in run("printer", "list")["printers"]}
    assert list(found) == ["Ward", "Closed", service.printer]
    assert found["Ward"]["is_default"]
    assert found["Closed"]["note"] == "takes no jobs"
    facts = found[service.printer]["facts"]
    assert facts is not None, found[service.printer]
    assert facts["ppm"] == 17
    assert "two-sided-long-edge" in facts["sides"]
    assert "iso_a4_210x297mm" in facts["media"]
    untested = [f["text"] for f in run("doctor")["findings"] if f["code"] == "print.untested"]
    assert len(untested) == 3
    tested = run("printer", "test", "--printer", service.printer)
    assert service.out[-1].stem.endswith(tested["code"])
    page = service.out[-1].read_bytes()
    assert tested["code"] in scanned(page), "both codes of the page read"
    wrong = tested["code"][:-1] + ("A" if tested["code"][-1] != "A" else "B")
    assert run("printer", "scanned", wrong, rc=1)["error"]["code"] == "print.not_a_test"
    assert run("printer", "scanned", tested["code"])["scanned"] is not None
    untested = [f["text"] for f in run("doctor")["findings"] if f["code"] == "print.untested"]
    assert not any(service.printer in t for t in untested)
    run("printer", "forget", service.printer)
    assert service.printer not in {p["name"] for p in run("printer", "list")["printers"]}


def scanned(pdf: bytes) -> str:
    """What a scanner reads, when both codes say the same; the rulers are measured too, in the drawing."""
    import pypdfium2
    import zxingcpp

    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72, grayscale=True).to_pil()
    read = zxingcpp.read_barcodes(picture)
    assert {str(b.format) for b in read} >= {"BarcodeFormat.Code128", "BarcodeFormat.DataMatrix"} or len(read) == 2
    (text,) = {b.text for b in read}
    return str(text)


def test_a_spool_that_keeps_what_it_printed_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "cupsd.conf"
    for text, said in (
        ("PreserveJobFiles No\n", None),
        ("LogLevel warn\n", "keeps what it printed"),
        (None, "is not known"),
    ):
        settings.unlink(missing_ok=True)
        if text is not None:
            settings.write_text(text)
        monkeypatch.setattr(known.keeps_jobs, "__defaults__", (settings,))
        found = [f["text"] for f in run("doctor")["findings"] if f["code"] == "print.spool"]
        assert (said is None) == (not found), (text, found)
        assert said is None or said in found[0]


def test_files_for_the_archive_and_for_a_stick(run: Run, tmp_path: Path) -> None:
    from desktop.printing.archival import findings

    (tmp_path / "words").write_text("lamp river candle seventy\n")
    (tmp_path / "weak").write_text("candle\n")
    ask = ("print", "F02", "--patient", nhs_number(1))
    refused = run(*ask, "--sealed", tmp_path / "s.pdf", "--words-file", tmp_path / "weak", rc=1)
    assert refused["error"]["code"] == "print.weak_words"
    assert run("sheets")["sheets"] == []
    run(*ask, "--archive", tmp_path / "a.pdf", "--sealed", tmp_path / "s.pdf", "--words-file", tmp_path / "words")
    assert findings((tmp_path / "a.pdf").read_bytes()) == ()
    with pikepdf.open(tmp_path / "s.pdf", password="lamp river candle seventy") as document:
        assert document.is_encrypted
    assert (tmp_path / "s.pdf").stat().st_mode & 0o077 == 0
    assert len(run("sheets")["sheets"]) == 1, "one sheet, in two files"
