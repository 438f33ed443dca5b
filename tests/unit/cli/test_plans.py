"""plans by command: import, list, show, withdraw, export, print; refusals with their codes (DESIGN §5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main

Run = Callable[..., Any]
NUMBERS = "# Numbers\n\n| Name | Number |\n|---|---|\n| Haematology | 01632 960115 |\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run(words…, rc=0) -> the JSON object, in a new vault whose coordinator acts."""
    (tmp_path / "secret").write_text("lamp-ward-candle-79-river\n")
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, rc: int = 0) -> Any:
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    run("init", "--staff", "Tess Tester", "--kdf", "floor", "--device", "T01")
    return run


def test_a_document_comes_is_read_is_printed_and_goes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "numbers.md"
    file.write_text(NUMBERS)
    made = run(
        "plans", "import", file, "--title", "Telephone directory", "--kind", "directory", "--review", "2020-01-31"
    )
    assert made["plan"]["version"] == 1
    (held,) = run("plans", "list")["plans"]
    assert (held["title"], held["state"], held["review_overdue"]) == ("Telephone directory", "stands", True)
    shown = run("plans", "show", "telephone directory")
    assert shown["text"] == NUMBERS
    assert shown["contacts"][0]["number"] == "01632 960115"
    run("plans", "export", held["number"], "--out", tmp_path / "out.md")
    assert (tmp_path / "out.md").read_text() == NUMBERS
    run("plans", "print", held["number"], "--pdf", tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    assert run("plans", "withdraw", held["number"], "--reason", "old")["plan"]["state"] == "withdrawn"
    assert run("plans", "list")["plans"] == []
    assert [p["state"] for p in run("plans", "list", "--all")["plans"]] == ["withdrawn"]
    assert run("audit", "verify")["ok"]


@pytest.mark.parametrize(
    ("name", "data", "words", "code"),
    [
        ("a.docx", b"PK", ("--title", "A", "--kind", "protocol"), "plan.unknown_type"),
        ("a.md", b"", ("--title", "A", "--kind", "protocol"), "plan.empty"),
        ("a.md", b"x", ("--title", "A", "--kind", "song"), "plan.unknown_kind"),
        ("a.md", b"x", ("--title", "A", "--kind", "directory"), "plan.no_numbers"),
        ("a.pdf", b"%PDF-1.4 broken", ("--title", "A", "--kind", "protocol"), "plan.unreadable"),
    ],
)
def test_what_is_refused_says_why(
    run: Run, tmp_path: Path, name: str, data: bytes, words: tuple[str, ...], code: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert run("plans", "import", tmp_path / name, *words, rc=1)["error"]["code"] == code


def test_unknown_files_and_documents(run: Run, tmp_path: Path) -> None:
    words = ("--title", "A", "--kind", "protocol")
    assert run("plans", "import", tmp_path / "none.md", *words, rc=1)["error"]["code"] == "file.missing"
    assert run("plans", "show", "T01-9", rc=1)["error"]["code"] == "plan.unknown"
    assert run("plans", "print", "T01-9", rc=1)["error"]["code"] == "print.nowhere"
