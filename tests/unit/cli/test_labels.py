"""`wardlamp labels` and the words of `print` for labels and wristbands, on a real vault."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from desktop.printing import preview
from tests.made import SECRET, new_house, nhs_number, person, stay, ward, write
from tests.unit.forms import checks
from tests.unit.forms.stocks import codes_of

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Two people; the first one's NHS number is verified."""
    made = new_house(tmp_path / "vault")
    checked = {"extension": [{"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
                              "valueCodeableConcept": {"coding": [{"code": "01"}]}}],
               "system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number(1)}  # fmt: skip
    mrn = {"type": {"coding": [{"code": "MR"}]}, "system": "urn:h", "value": "H0000001"}
    people = [person(1, identifier=[checked, mrn]), person(2), stay("p1", 1), stay("p2", 2)]
    made.fill([write(tmp_path / "a.json", [*ward(), *people])], source="pas", processes=1)
    made.set_site({"ods": "RJC"})
    made.close()
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, rc: int = 0) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        found = json.loads(said.out)
        return found["error"]["code"] if rc else found

    return run


def test_labels_are_printed_and_scan_to_their_sheet(run: Run, tmp_path: Path) -> None:
    pdf = tmp_path / "labels.pdf"
    (sheet,) = run("print", "F07", "--patient", nhs_number(1), "--labels", 4, "--start", 6, "--pdf", pdf)["sheets"]
    assert sheet["pages"] == 1
    text = " ".join(checks.page_texts(pdf.read_bytes()))
    assert text.count("NOT FOR TRANSFUSION SAMPLES") == 4
    codes = {t for t in codes_of(pdf.read_bytes()) if t.startswith("WL1")}
    (code,) = codes
    found = run("scan", code)
    assert [p["nhs"] for p in found["patients"]] == [nhs_number(1)]
    assert found["sheet"]["serial"] == sheet["serial"]


def test_a_band_is_printed_and_scanning_it_finds_the_patient(run: Run, tmp_path: Path) -> None:
    for stock in ("adult", "child", "insert"):
        pdf = tmp_path / f"{stock}.pdf"
        run("print", "F10", "--patient", nhs_number(1), "--stock", stock, "--pdf", pdf)
        bands = [t for t in codes_of(pdf.read_bytes()) if t.startswith("]d2")]
        assert len(bands) == 2
        for typed in bands:
            found = run("scan", typed)
            assert [p["nhs"] for p in found["patients"]] == [nhs_number(1)]
            assert found["cautions"] == []


def test_labels_for_a_ward_are_a_sheet_a_patient(run: Run, tmp_path: Path) -> None:
    sheets = run("print", "F07", "--ward", "Ash Ward", "--labels", 2, "--pdf", tmp_path / "w.pdf")["sheets"]
    assert len({s["patient"] for s in sheets}) == 2
    assert len({s["serial"] for s in sheets}) == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("print", "F07", "--stock", "L9999"), "label.stock"),
        (("print", "F07", "--stock", "adult"), "label.stock"),
        (("print", "F10", "--stock", "L7160"), "label.stock"),
        (("print", "F07", "--start", "22"), "label.start"),
        (("print", "F07", "--labels", "-1"), "label.start"),
        (("print", "F07", "--request", "anything"), "label.request_unknown"),
        (("print", "F10", "--baby", "1/2"), "label.baby"),
        (("print", "F10", "--baby", "3/2"), "label.baby"),
        (("print", "F10", "--request", "W07AF0300001F"), "label.request_unknown"),
        (("print", "F02", "--stock", "L7160"), "label.stock"),
    ],
)
def test_what_is_refused_says_why_and_burns_no_serial(
    run: Run, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    before = run("sheets")["balance"]["issued"]
    assert run(*words, "--patient", nhs_number(1), "--pdf", tmp_path / "x.pdf", rc=1) == code
    assert not (tmp_path / "x.pdf").exists()
    assert run("sheets")["balance"]["issued"] == before


def test_an_offset_is_kept_for_one_printer_and_one_stock(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "cross.pdf"
    said = run(
        "labels", "calibrate", "--stock", "l7160", "--printer", "HP 4", "--right", 12, "--down", -5, "--pdf", page
    )
    assert said == {"stock": "L7160", "printer": "HP 4", "right": 12, "down": -5}
    assert "12 right, -5 down" in " ".join(checks.page_texts(page.read_bytes()))
    assert run("labels", "stocks")["offsets"] == {"HP 4": {"L7160": [12, -5]}}
    assert run("labels", "calibrate", "--stock", "L7160", "--printer", "Other")["right"] == 0
    run("labels", "calibrate", "--stock", "adult", "--printer", "HP 4", "--right", 3)
    assert run("labels", "stocks")["offsets"] == {"HP 4": {"L7160": [12, -5], "adult": [3, 0]}}
    assert run("labels", "calibrate", "--right", 3, rc=1) == "label.offset"
    assert run("labels", "calibrate", "--printer", "HP 4", "--right", 101, rc=1) == "label.offset"


def test_a_site_s_own_stock_is_taken_in_and_used(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[labels]\ndefault = "Ours"\n[labels.stocks.Ours]\ntitle = "Roll, 60 × 40 mm"\npage = [60, 40]\n'
                    "label = [60, 40]\n", encoding="utf-8")  # fmt: skip
    run("settings", "take", site)
    listed = run("labels", "stocks")
    assert listed["default"] == "Ours"
    assert {"L7160", "Ours"} <= {s["name"] for s in listed["labels"]}
    pdf = tmp_path / "own.pdf"
    run("print", "F07", "--patient", nhs_number(1), "--pdf", pdf)
    assert preview.page_sizes(pdf.read_bytes())[0] == pytest.approx((170.08, 113.39), abs=0.1)
    site.write_text(
        '[labels.stocks."Crossmatch tubes"]\ntitle = "x"\npage = [60, 40]\nlabel = [60, 40]\n', encoding="utf-8"
    )
    assert run("settings", "take", site, rc=1) == "label.transfusion"
    site.write_text('ods = "?"\n', encoding="utf-8")
    assert run("settings", "take", site, rc=1) == "label.ods"
