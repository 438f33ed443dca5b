"""pending and enter closure by command: states, closing, and that open and closed add up (H09)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from tests.made import nhs_number, person, stay, ward, write


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    (tmp_path / "secret").write_text("lamp-ward-candle-79-river\n")
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, stdin: object = None, rc: int = 0, plain: bool = False) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO("" if stdin is None else json.dumps(stdin)))
        capsys.readouterr()
        status = main([*map(str, words), *([] if plain else ["--json"])])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return said.out if plain else json.loads(said.out)

    run("init", "--staff", "Tess Tester", "--kdf", "floor", "--device", "T01")
    order = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
             "subject": {"reference": "Patient/p1"}, "code": {"text": "Blood cultures"},
             "note": [{"text": "in laboratory"}], "identifier": [{"value": "L9"}],
             "authoredOn": "2026-11-23T20:00:00+00:00"}  # fmt: skip
    file = write(tmp_path / "in" / "a.json", [*ward(), person(1), stay("p1", 1), order])
    run("fill", file, "--source", "lims", "--as-of", "2026-11-24T02:10:00+00:00")
    return run


def test_a_line_is_told_closed_and_still_told(run: Any) -> None:
    before = run("pending", "--ward", "Ash Ward")
    (request,) = before["requests"]
    assert (request["state"], request["closed"], request["text"]) == ("laboratory", None, "Blood cultures")
    assert (before["open"], before["closed"]) == (1, 0)
    (line,) = before["lines"]
    body = {"happened": "2026-11-24T02:40:00+00:00", "requests": line["ids"], "outcome": "lost", "test": line["test"]}
    schema = run("enter", "closure", "--schema")
    assert set(schema["$defs"]["Closure"]["required"]) <= set(body)
    run("enter", "closure", "--patient", nhs_number(1), stdin=body)
    after = run("pending")
    assert (after["open"], after["closed"]) == (0, 1)
    assert after["requests"][0]["closed"]["outcome"] == "lost"
    assert run("ward")["patients"][0]["waiting"] == 0
    words = run("pending", plain=True)
    assert "In flight at the cut: 1. Closed: 1. Open: 0." in words
    assert "closed: lost by Tess Tester" in words


def test_a_closing_without_its_fields_is_refused(run: Any) -> None:
    body = {"happened": "2026-11-24T02:40:00+00:00", "requests": ["x"], "outcome": "lost", "test": "A"}
    refused = run("enter", "closure", "--patient", nhs_number(1), stdin=body, rc=1)["error"]
    assert refused["code"] == "entry.invalid"
    assert "not the id of a record" in refused["message"]
