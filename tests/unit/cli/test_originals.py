"""originals by command: add, list, print with patient and serial, remove; refusals with their codes (DESIGN §5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.printing import press
from desktop.printing.wire import Facts
from tests.unit.cli.test_plans import Run, run  # noqa: F401 - the fixture
from tests.unit.forms import checks
from tests.unit.plans.test_originals import SPEC, original

PATIENT = """{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "p1",
"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
"name": [{"family": "Okonkwo", "given": ["Ifeoma"]}], "birthDate": "1951-03-14"}}]}"""


def files(tmp_path: Path, spec: str = SPEC) -> Path:
    (tmp_path / "news2.toml").write_text(spec)
    (tmp_path / "news2.pdf").write_bytes(original())
    return tmp_path / "news2.pdf"


def test_an_original_comes_is_printed_with_its_patient_and_goes(run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = files(tmp_path, SPEC)
    made = run("originals", "add", file)["original"]
    assert (made["code"], made["version"], made["pages"], made["colour"]) == ("S01", 1, 1, True)
    assert [o["name"] for o in run("originals", "list")["originals"]] == ["NEWS2 chart, adults"]
    (tmp_path / "one.json").write_text(PATIENT)
    run("fill", tmp_path / "one.json")
    (sheet,) = run("originals", "print", "s01", "--patient", "9990000018", "--pdf", tmp_path / "out.pdf")["sheets"]
    (text,) = checks.page_texts((tmp_path / "out.pdf").read_bytes())
    assert sheet["serial"] in text and "OKONKWO, Ifeoma" in text and "Official chart quagga" in text
    assert run("sheet", sheet["serial"])["form"] == "S01"
    blank = run("originals", "print", "S01", "--blank", 2, "--pdf", tmp_path / "blank.pdf")["sheets"]
    assert [s["patient"] for s in blank] == [None, None]
    assert len(checks.page_texts((tmp_path / "blank.pdf").read_bytes())) == 2
    run("originals", "remove", "S01", "--reason", "stock came")
    assert run("originals", "list")["originals"] == []
    assert (
        run("originals", "print", "S01", "--blank", 1, "--pdf", tmp_path / "x.pdf", rc=1)["error"]["code"]
        == "original.unknown"
    )
    assert run("plans", "list", "--all")["plans"] == []
    assert run("audit", "verify")["ok"]


def test_a_mono_printer_burns_no_serial_for_a_chart_in_colour(
    run: Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run("originals", "add", files(tmp_path))

    class Mono:
        def facts(self, printer: str) -> Facts:
            return Facts(name=printer, colour_modes=("monochrome",))

    monkeypatch.setattr(press, "wire_for", lambda printer: Mono())
    error = run("originals", "print", "S01", "--blank", 1, "--printer", "Ward", rc=1)["error"]
    assert error["code"] == "original.colour"
    assert "use the pre-printed stock" in error["message"] + error["next_step"]
    assert run("sheets")["sheets"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "gone.pdf"), "file.missing"),
        (("print", "S01", "--blank", "1", "--pdf", "x.pdf"), "original.unknown"),
        (("print", "S01", "--blank", "1"), "print.nowhere"),
        (("remove", "S77"), "original.unknown"),
    ],
)
def test_what_is_refused_says_why(run: Run, words: tuple[str, ...], code: str) -> None:  # noqa: F811
    assert run("originals", *words, rc=1)["error"]["code"] == code


def test_without_its_places_a_pdf_is_refused(run: Run, tmp_path: Path) -> None:  # noqa: F811
    file = files(tmp_path)
    (tmp_path / "news2.toml").unlink()
    assert run("originals", "add", file, rc=1)["error"]["code"] == "original.spec"
