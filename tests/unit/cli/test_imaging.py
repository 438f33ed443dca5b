"""By command: images moved by two people and given back, provisional readings, what awaits a report, a sheet's answer."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from desktop.cli import main
from tests.made import SECRET, nhs_number, person, stay, ward, write
from tests.unit.reading.test_moved_images import STUDY, THEIRS, laid, study

NOW = "2026-11-24T02:40:00+00:00"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of two members of staff with a CT under the first patient's number, and their secrets."""
    folder = tmp_path_factory.mktemp("images")
    (folder / "secret").write_bytes(SECRET)
    (folder / "second").write_bytes(THEIRS)
    laid(folder, [*ward(), person(1), person(2), stay("p1", 1), stay("p2", 2), study("p1")])
    return folder


@pytest.fixture
def run(ground: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("WARDLAMP_VAULT", str(ground / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(ground / "secret"))
    monkeypatch.setenv("WARDLAMP_STAFF", "Tess Tester")

    def run(*words: object, stdin: object = None, rc: int = 0, plain: bool = False) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO("" if stdin is None else json.dumps(stdin)))
        capsys.readouterr()
        status = main([*map(str, words), *([] if plain else ["--json"])])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return said.out if plain else json.loads(said.out)

    return run


def test_the_whole_way_by_command(run: Any, ground: Path) -> None:
    one, two = nhs_number(1), nhs_number(2)
    (line,) = run("imaging", "awaiting", "--ward", "Ash Ward")["awaiting"]
    assert (line["state"], line["accession"], line["readings"]) == ("performed", "A77", [])
    reading = {"happened": NOW, "examination": "CT head", "seen_on": "review", "findings": "No bleed.", "study": STUDY}
    run("enter", "evaluation", "--patient", one, stdin=reading)
    assert "provisional reading by Tess Tester" in run("imaging", "awaiting", plain=True)
    # Alone nobody moves anything; the second person's secret comes from a file of their own.
    move = {"happened": NOW, "study": STUDY, "from": one, "reason": "Wrong band."}
    assert run("enter", "image_move", "--patient", two, stdin=move, rc=1)["error"]["code"] == "image.two_people"
    second = ("--second", "Sam Second", "--second-secret-file", ground / "second")
    wrong = ("--second", "Sam Second", "--second-secret-file", ground / "secret")
    assert (
        run("enter", "image_move", "--patient", two, *wrong, stdin=move, rc=1)["error"]["code"] == "vault.wrong_secret"
    )
    entry = run("enter", "image_move", "--patient", two, *second, stdin=move)["entry"]
    here, away = run("chart", two), run("chart", one)
    assert [(m["way"], m["state"], m["moved_by"]) for m in here["moved"]] == [
        ("here", "moved", ["Tess Tester", "Sam Second"])
    ]
    assert [(m["way"], m["shown"]) for m in away["moved"]] == [("away", False)]
    assert ([i["uid"] for i in here["images"]["items"]], away["images"]["items"]) == ([STUDY], [])
    assert [(p["provisional"], p["body"]["findings"]) for p in here["provisional"]] == [(True, "No bleed.")]
    assert "MOVED HERE from number H0000001" in run("chart", two, plain=True)
    assert "MOVED TO number H0000002" in run("chart", one, plain=True)
    (line,) = run("imaging", "awaiting")["awaiting"]
    assert line["patient"]["nhs"] == two
    undo = {"happened": NOW, "reason": "It was hers.", "undone": True}
    run("enter", "image_move", "--patient", two, "--corrects", entry, *second, stdin=undo)
    assert run("chart", two)["images"]["items"] == []
    assert run("audit", "verify")["ok"]


def test_a_sheet_says_what_came_of_it(run: Any, ground: Path, tmp_path: Path) -> None:
    two = nhs_number(2)
    asked = {"happened": NOW, "kind": "imaging", "tests": ["Chest X-ray"], "priority": "urgent", "reason": "Cough",
             "phone": "2217"}  # fmt: skip
    run("enter", "request", "--patient", two, stdin=asked)
    (sheet,) = run("print", "F08", "--patient", two, "--pdf", tmp_path / "f08.pdf")["sheets"]
    assert "nothing of it has come" in run("sheet", sheet["serial"], plain=True)
    come = write(tmp_path / "b.json", [study("p2", "s8", "1.2.8", sheet["serial"])])
    run("fill", come, "--source", "epr")
    held = run("sheet", sheet["serial"])
    assert (held["awaited"]["state"], held["awaited"]["study"]) == ("performed", "1.2.8")
    said = f"accession {sheet['serial']}: performed, NOT REPORTED"
    assert said in run("sheet", sheet["serial"], plain=True)
    # The chase list has the ward's request with what came of it, on paper.
    run("print", "F30", "--ward", "Ash Ward", "--pdf", tmp_path / "f30.pdf")
    pages = pypdfium2.PdfDocument(tmp_path / "f30.pdf")
    words = " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
    pages.close()
    assert "Asked for here, on paper" in words
    assert said.replace("accession ", "") in words.replace("accession ", "")
