"""`wardlamp feed preview` with the examples that the help points to: they are read as their own cells say."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from desktop.cli.parser import Commands
from desktop.cli.tables import add_preview
from localdb.errors import WardlampError

EXAMPLES = Path(__file__).resolve().parents[3] / "resources/feeds"
Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """run(words…) -> (status, what was printed)."""
    commands = Commands()
    add_preview(commands.group("feed", "feeds"))

    def run(*words: object) -> tuple[int, str]:
        args: argparse.Namespace = commands.parser.parse_args(["feed", "preview", *map(str, words)])
        status = args.run(args)
        return status, capsys.readouterr().out

    return run


def test_the_laboratory_example(run: Run) -> None:
    status, out = run(EXAMPLES / "laboratory.csv", "--mapping", EXAMPLES / "laboratory.toml", "--json")
    said = json.loads(out)
    assert status == 0
    assert (said["rows"], said["read"], said["distinct"]) == (5, 4, 4)
    (rejected,) = said["rejected"]
    assert (rejected["index"], rejected["code"]) == (4, "table.nhs_unsound") and "row 6" in rejected["reason"]
    person, potassium = said["first"][0]["records"]
    assert person["names"][0]["family"] == "EXAMPLE" and person["names"][0]["given"] == ["Zoë", "Ann"]
    assert (potassium["value"], potassium["unit"], potassium["comments"]) == ("5.10", "mmol/L", ["Slightly haemolysed"])
    crp = said["first"][1]["records"][1]
    assert (crp["comparator"], crp["value"]) == ("<", "5")
    first, second = (said["first"][n]["records"][1] for n in (2, 3))
    assert (first["status"], second["status"]) == ("preliminary", "corrected") and first["id"] == second["id"]
    assert said["unused"] == []
    assert {"becomes": "value", "letter": "J", "header": "Result"} in said["columns"]


def test_the_ward_list_example(run: Run) -> None:
    status, out = run(EXAMPLES / "ward list 20261120-0610.xlsx", "--mapping", EXAMPLES / "ward-list.toml", "--json")
    said = json.loads(out)
    assert status == 0 and said["rejected"] == []
    stays = [row["records"][1] for row in said["first"]]
    people = [row["records"][0] for row in said["first"]]
    assert [(s["ward"], s.get("bed"), s["reason"]) for s in stays] == [
        ("Ash Ward", "A1", "Pneumonia"), ("Ash Ward", None, "Fall"),
    ]  # fmt: skip
    assert [(p["identifiers"][0]["value"], p["born"]["text"], p["gender"]) for p in people] == [
        ("0012345", "1970-04-03", "female"), ("0012346", "1948-12-30", "male"),
    ]  # fmt: skip


def test_the_printed_example(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "0012345_DISCH_20261120_1405.pdf"
    canvas = Canvas(str(report))
    for n, line in enumerate(("Patient: EXAMPLE, Zoë Ann", "Date of birth: 03/04/1970", "Hospital no. 0012345")):
        canvas.drawString(60, 780 - 20 * n, line)
    canvas.save()
    status, out = run(report, "--rule", EXAMPLES / "printed.toml", "--json")
    (record,) = json.loads(out)["first"][0]["records"]
    assert status == 0 and record["title"] == "Discharge summary"
    assert record["happened"]["utc"] == "2026-11-20T14:05:00Z"
    other = report.with_name("0099999_DISCH_20261120_1405.pdf")
    other.write_bytes(report.read_bytes())
    status, out = run(other, "--rule", EXAMPLES / "printed.toml")
    assert status == 1 and "REJECTED printed.disagrees" in out


def test_words_for_a_terminal_cannot_steer_it(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('kind = "alert"\n[patient]\nnumber = "N"\n[columns]\ntext = "T"\n')
    table = tmp_path / "t.csv"
    table.write_bytes(b"N,T,Other\n1,\x1b]0;owned\x07red,x\n")
    status, out = run(table, "--mapping", mapping)
    assert status == 0 and "\x1b" not in out and "owned" in out
    assert "not used" in out and "1 read, 0 rejected" in out


@pytest.mark.parametrize(
    ("table", "mapping", "code"),
    [
        ("N,T\n1,x\n", "kind = 1", "table.mapping"),
        ("N,X\n1,x\n", 'kind = "alert"\n[patient]\nnumber = "N"\n[columns]\ntext = "T"\n', "table.column_missing"),
        ("", 'kind = "alert"\n[patient]\nnumber = "N"\n[columns]\ntext = "T"\n', "table.empty"),
    ],
)
def test_what_cannot_be_previewed(run: Run, tmp_path: Path, table: str, mapping: str, code: str) -> None:
    (tmp_path / "m.toml").write_text(mapping)
    (tmp_path / "t.csv").write_text(table)
    with pytest.raises(WardlampError) as error:
        run(tmp_path / "t.csv", "--mapping", tmp_path / "m.toml")
    assert error.value.code == code
