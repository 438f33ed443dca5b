"""numbers and register by command, on two vaults (DESIGN §5)."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main

Run = Callable[..., Any]
AT = "2026-11-20T02:55:00+00:00"
BODY = {"happened": AT, "sex": "female", "estimated_year": 1986, "location": {"ward": "Ash Ward", "bed": "B3"}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A coordinator's vault C01 and a ward's W01."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "secret").write_text("lamp-ward-candle-79-river\n")
    (folder / "words").write_text("pack words 22\n")
    for name, device in (("c", "C01"), ("w", "W01")):
        common = ("--vault", str(folder / name), "--secret-file", str(folder / "secret"))
        assert main(["init", "--staff", "Tess Tester", "--kdf", "floor", "--device", device, *common]) == 0
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run(vault, words…, stdin=…, rc=0) -> the JSON object, in a copy of those vaults."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(vault: str, *words: object, stdin: object = None, rc: int = 0) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO("" if stdin is None else json.dumps(stdin)))
        capsys.readouterr()
        status = main([*map(str, words), "--vault", str(tmp_path / vault), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    return run


@pytest.fixture
def supplied(run: Run, tmp_path: Path) -> Run:
    dealt = run("c", "numbers", "deal", "--prefix", "rph", "--device", "W01", "--device", "w02", "--size", 20,
                "--out", tmp_path, "--words-file", tmp_path / "words")  # fmt: skip
    assert [(p["device"], p["prefix"], p["size"], p["bound"]) for p in dealt["packs"]] == [
        ("W01", "RPH", 20, False), ("W02", "RPH", 20, False),
    ]  # fmt: skip
    taken = run("w", "numbers", "take", dealt["packs"][0]["file"], "--words-file", tmp_path / "words")
    assert (taken["state"], taken["left"]) == ("ready", 20)
    other = run("w", "numbers", "take", dealt["packs"][1]["file"], "--words-file", tmp_path / "words", rc=1)
    assert other["error"]["code"] == "numbers.other_device"
    return run


def test_without_a_pack_the_next_step_is_said(run: Run) -> None:
    assert run("w", "numbers", "status")["state"] == "none"
    error = run("w", "register", stdin=BODY, rc=1)["error"]
    assert error["code"] == "numbers.none"
    assert "paper pack" in error["next_step"]


def test_register_find_write_print(supplied: Run, tmp_path: Path) -> None:
    done = supplied("w", "register", stdin=BODY)
    number, patient = done["temporary_number"], done["patient"]
    assert number.startswith("RPH")
    assert len(number) == 11
    assert done["number"].startswith("W01-")
    found = supplied("w", "find", number)["patients"]
    assert [(p["id"], p["mrn"], p["born"], p["ward"], p["bed"], p["scope"]) for p in found] == [
        (patient, number, "1986-01-01", "Ash Ward", "B3", "registered")
    ]
    chart = supplied("w", "chart", number)
    assert chart["patient"]["born_estimated"] is True
    assert chart["patient"]["notes"]
    assert chart["allergies"] == {"state": "unavailable", "items": []}
    supplied("w", "enter", "note", "--patient", number, stdin={"happened": AT, "text": "Seen."})
    sheets = supplied("w", "print", "F02", "--patient", number, "--pdf", tmp_path / "f02.pdf")["sheets"]
    assert [s["patient"] for s in sheets] == [patient]
    status = supplied("w", "numbers", "status")
    assert (status["left"], status["used"], status["burnt"]) == (19, 1, 1)
    assert supplied("w", "audit", "verify")["ok"]


def test_enter_registration_is_the_same_and_corrects(supplied: Run) -> None:
    done = supplied("w", "enter", "registration", stdin=BODY)
    moved = {**BODY, "location": {"ward": "Ash Ward", "bed": "B4"}}
    supplied("w", "enter", "registration", "--patient", done["patient"], "--corrects", done["entry"], stdin=moved)
    found = supplied("w", "find", done["temporary_number"])["patients"]
    assert [(p["id"], p["bed"]) for p in found] == [(done["patient"], "B4")]
    assert supplied("w", "numbers", "status")["burnt"] == 1
    said = {"happened": AT, "matched_by": ["A", "B"], "evidence": "Passport", "nhs": "9990000018"}
    supplied("w", "enter", "identification", "--patient", done["patient"], stdin=said)
    notes = supplied("w", "chart", done["patient"])["patient"]["notes"]
    assert any("999 000 0018" in note for note in notes)


def test_next_burns_and_spoil_counts(supplied: Run) -> None:
    burnt = supplied("w", "numbers", "next")
    assert burnt["left"] == 19
    body = {**BODY, "number": burnt["number"], "temporary_name": {"family": burnt["family"], "given": burnt["given"]}}
    assert supplied("w", "register", stdin=body)["temporary_number"] == burnt["number"]
    other = supplied("w", "numbers", "next")["number"]
    assert supplied("w", "numbers", "spoil", other, "--reason", "band torn")["spoiled"] == 1
    error = supplied("w", "register", stdin={**BODY, "number": other}, rc=1)["error"]
    assert error["code"] == "numbers.spoiled"


def test_the_schemas_name_what_is_needed(run: Run) -> None:
    registration = run("w", "enter", "registration", "--schema")
    fields = registration["$defs"]["Registration"]
    assert fields["required"] == ["happened", "sex"]
    assert fields["additionalProperties"] is False
    assert set(fields["properties"]["sex"]["enum"]) == {"male", "female", "indeterminate", "not_known"}
    assert BODY.keys() <= fields["properties"].keys()
    assert run("w", "register", "--schema") == registration
    known = run("w", "enter", "identification", "--schema")["$defs"]["Identification"]
    assert set(known["required"]) == {"happened", "matched_by", "evidence"}


def test_a_folder_that_is_not_there_deals_nothing(run: Run, tmp_path: Path) -> None:
    words = ("--prefix", "RPH", "--device", "W01", "--out", tmp_path / "nowhere", "--words-file", tmp_path / "words")
    assert run("c", "numbers", "deal", *words, rc=1)["error"]["code"] == "file.missing"
    dealt = run("c", "numbers", "deal", "--prefix", "RPH", "--device", "W01", "--out", tmp_path, "--size", 5,
                "--words-file", tmp_path / "words")  # fmt: skip
    assert len(dealt["packs"]) == 1
