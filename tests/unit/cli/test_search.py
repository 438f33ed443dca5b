"""`wardlamp search` on a real vault: one patient, a whole ward, restricted letters, words of PDFs."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from desktop.cli import main
from tests.made import SECRET, new_house, nhs_number, person, stay, ward, write

Run = Callable[..., dict[str, Any]]


def pdf(text: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, text)
    canvas.save()
    return out.getvalue()


def letter(n: int, patient: int, data: bytes, kind: str, **more: Any) -> dict[str, Any]:
    attachment = {"contentType": kind, "data": base64.b64encode(data).decode(), "title": f"Letter {n}"}
    return {
        "resourceType": "DocumentReference", "id": f"d{n}", "status": "current", "date": f"2026-11-0{n}T10:00:00Z",
        "subject": {"reference": f"Patient/p{patient}"}, "content": [{"attachment": attachment}], **more,
    }  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    made = new_house(tmp_path / "vault")
    made.set_site({"ward": "Ash Ward"})
    label = {"meta": {"security": [{"code": "R"}]}}
    letters = [
        letter(1, 1, b"Ejection fraction 58 %.", "text/plain"), letter(2, 1, pdf("Sick-day rules"), "application/pdf"),
        letter(3, 2, b"Ejection murmur.", "text/plain"), letter(4, 2, b"Ejection from home.", "text/plain", **label),
    ]  # fmt: skip
    people = [*ward(), person(1), person(2), stay("p1", 1), stay("p2", 2), *letters]
    made.fill([write(tmp_path / "a.json", people)], source="pas", processes=1)
    made.close()
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))

    def run(*words: str) -> dict[str, Any]:
        assert main(["search", *words, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return run


def titles(found: dict[str, Any]) -> list[str]:
    return sorted(h["title"] for h in found["hits"])


def test_a_ward_is_searched_whole_and_restricted_letters_stay_out_of_it(run: Run) -> None:
    found = run("ejection")
    assert titles(found) == ["Letter 1", "Letter 3"]
    assert found["found"] == 2
    assert "home" not in json.dumps(found)
    assert titles(run("ejection", "fraction")) == ["Letter 1"]


def test_one_patient_shows_the_code_of_a_restricted_letter_and_none_of_its_words(run: Run) -> None:
    found = run("ejection", "--patient", nhs_number(2))
    assert titles(found) == ["Letter 3", "Restricted record"]
    assert "home" not in json.dumps(found)


def test_words_of_a_pdf_are_found_unless_they_are_left_out(run: Run) -> None:
    assert titles(run("sick-day", "--ward", "Ash Ward")) == ["Letter 2"]
    left_out = run("sick-day", "--no-files")
    assert titles(left_out) == [] and left_out["without_words"] == 1
