"""Labels and wristbands through a real print queue: what the printer got is what was set, and the ledger knows it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from localdb.chart.scanning import SheetCode, read_scan
from tests.made import SECRET, new_house, nhs_number, person, stay, ward, write
from tests.servers import cups
from tests.unit.forms import checks
from tests.unit.forms.stocks import codes_of


@pytest.fixture(scope="module")
def service() -> Iterator[cups.PrintService]:
    cups.require()
    with cups.print_service() as made:
        yield made


@pytest.fixture
def run(
    service: cups.PrintService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    made = new_house(tmp_path / "vault")
    made.fill([write(tmp_path / "a.json", [*ward(), person(1), stay("p1", 1)])], source="pas", processes=1)
    made.close()
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("CUPS_SERVER", service.server)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))

    def run(*words: object, rc: int = 0) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    return run


def newest(service: cups.PrintService) -> bytes:
    return max(service.kept.glob("*.pdf"), key=lambda p: p.stat().st_mtime_ns).read_bytes()


def test_a_part_used_sheet_comes_out_with_the_printer_s_offset(run: Any, service: cups.PrintService) -> None:
    run("labels", "calibrate", "--stock", "L7160", "--printer", service.printer, "--right", 12, "--down", 5, "--print")
    assert "12 right, 5 down" in " ".join(checks.page_texts(newest(service)))
    words = ("print", "F07", "--patient", nhs_number(1), "--start", 19, "--printer", service.printer)
    (sheet,) = run(*words)["sheets"]
    pdf = newest(service)
    text = " ".join(checks.page_texts(pdf))
    assert text.count("NOT FOR TRANSFUSION SAMPLES") == 3
    scanned = [read_scan(t) for t in codes_of(pdf)]
    assert {s.serial for s in scanned if isinstance(s, SheetCode)} == {sheet["serial"]}
    states = [s["state"] for s in run("sheet", sheet["serial"])["states"]]
    assert states[-1] == "printed"


def test_a_roll_that_the_printer_has_not_is_not_printed_on_other_paper(run: Any, service: cups.PrintService) -> None:
    before = len(list(service.kept.glob("*.pdf")))
    words = ("print", "F07", "--patient", nhs_number(1), "--stock", "R50x25", "--printer", service.printer)
    said = run(*words)
    assert said["printed"] == 0
    assert "no paper of 25 by 50 mm" in said["failed"][0]["reason"]
    assert len(list(service.kept.glob("*.pdf"))) == before
