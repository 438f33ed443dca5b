"""Every command through `main`, as a script drives it: JSON on standard output, codes, exit status (DESIGN §5)."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from localdb.house import open_house
from tests.made import nhs_number, person, result, stay, ward, write

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a vault of one ward and two people, made by command."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "secret").write_text("lamp-ward-candle-79-river\n")
    here = [*ward(), person(1), stay("p1", 1), result("k", "p1", "4.1"), person(2)]
    here.append({"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
                 "subject": {"reference": "Patient/p1"}, "code": {"text": "Blood cultures"}})  # fmt: skip
    common = ("--vault", str(folder / "vault"), "--secret-file", str(folder / "secret"))
    init = ("--staff", "Tess Tester", "--kdf", "floor", "--device", "T01", "--recovery-out", str(folder / "recovery"))
    assert main(["init", *init, *common]) == 0
    file = str(write(folder / "in" / "a.json", here))
    assert main(["fill", file, "--source", "epr", "--as-of", "2026-11-24T02:10:00+00:00", *common]) == 0
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """run(words…, stdin=…, rc=0) -> the JSON object, in a copy of that vault."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, stdin: object = None, rc: int = 0) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO("" if stdin is None else json.dumps(stdin)))
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    return run


def test_reading(run: Run) -> None:
    assert run("ward", "--list")["wards"] == ["Ash Ward"]
    census = run("ward")
    assert [p["nhs"] for p in census["patients"]] == [nhs_number(1)]
    assert [e["bed"] for e in census["empty"]] == ["A2", "A3", "A4"]
    assert len(run("find", nhs_number(2)[:5], "--limit", 1)["patients"]) == 1
    chart = run("chart", nhs_number(1))
    assert chart["results"]["items"][0]["value"] == "4.1"
    assert chart["results"]["items"][0]["happened"]["utc"] == "2026-11-23T18:05:00Z"
    assert chart["sources"][0]["cut"]["utc"] == "2026-11-24T02:10:00Z"
    assert [r["text"] for r in run("pending", "--ward", "ash ward")["requests"]] == ["Blood cultures"]
    assert run("pending")["requests"][0]["patient"]["nhs"] == nhs_number(1)
    assert run("source", "list")["sources"][0]["source"] == "epr"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("chart", "P0000000000000"), "patient.unknown"),
        (("ward", "Nowhere"), "ward.unknown"),
        (("generation", "use", "99"), "generation.unknown"),
        (("generation", "use", "soon"), "generation.unknown"),
        (("fill", "/nowhere/at/all"), "file.missing"),
        (("fill", ".", "--as-of", "yesterday"), "time.unreadable"),
        (("aside", "show", "77"), "aside.unknown"),
        (("print", "F02", "--pdf", "x.pdf"), "form.needs_patient"),
        (("print", "F99", "--pdf", "x.pdf"), "form.unknown"),
        (("print", "F02", "--patient", "x"), "print.nowhere"),
        (("enter", "note"), "entry.no_patient"),
        (("enter", "sonnet", "--schema"), "entry.unknown_kind"),
        (("sheet", "WT01F0100001X"), "sheet.invalid"),
        (("init", "--staff", "Tess Tester"), "vault.exists"),
        (("settings", "take", "/nowhere.toml"), "file.missing"),
    ],
    ids=lambda v: v if isinstance(v, str) else " ".join(v),
)
def test_refusals_have_a_code_and_a_next_step(run: Run, words: tuple[str, ...], code: str) -> None:
    error = run(*words, rc=1)["error"]
    assert error["code"] == code
    assert error["message"].strip() and error["next_step"].strip()


def test_wrong_usage_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as wrong:
        main(["no-such-command"])
    assert wrong.value.code == 2
    capsys.readouterr()


def test_generations_are_listed_and_held(run: Run, tmp_path: Path) -> None:
    run("fill", write(tmp_path / "in" / "b.json", [result("k", "p1", "4.4")]), "--source", "epr")
    assert [g["generation"] for g in run("generation", "list")["items"]] == [1, 2]
    assert run("generation", "use", 1)["held"] is True
    assert run("cut")["generation"] == 3
    assert run("chart", nhs_number(1))["results"]["items"][0]["value"] == "4.1"
    assert run("generation", "use", "latest")["generation"] == 3
    assert run("chart", nhs_number(1))["results"]["items"][0]["value"] == "4.4"


def test_what_was_set_aside_is_shown_and_read_again(run: Run, tmp_path: Path) -> None:
    other = {"resourceType": "Observation", "id": "lost", "status": "final", "code": {"text": "Potassium"}}
    broken = tmp_path / "in" / "c.json"
    broken.write_text('{"resourceType": "Patient", "id": "cut')
    report = run("fill", broken, write(tmp_path / "in" / "d.json", [other]), "--source", "epr")
    assert {a["code"] for a in report["set_aside"]} == {"fhir.not_json", "reference.missing"}
    run("fill", broken, "--source", "epr", "--strict", rc=1)
    items = run("aside", "list")["items"]
    assert len(items) == 2 and {i["times"] for i in items} == {1, 2}
    shown = run("aside", "show", items[0]["id"])["items"][0]
    assert "cut" in shown["text"] or "Potassium" in shown["text"]
    assert len(run("aside", "retry")["set_aside"]) == 2


def test_entries_are_numbered_and_corrected(run: Run) -> None:
    note = {"happened": "2026-11-24T01:00:00+00:00", "text": "Drowsy"}
    first = run("enter", "note", "--patient", nhs_number(1), stdin=note)
    assert first["number"].startswith("T01-")
    second = run(
        "enter", "note", "--patient", nhs_number(1), "--corrects", first["entry"], stdin=dict(note, text="Alert")
    )
    entries = run("chart", nhs_number(1))["entries"]
    assert {e["id"]: (e["corrects"], e["corrected_by"]) for e in entries} == {
        first["entry"]: (None, second["entry"]), second["entry"]: (first["entry"], None)}  # fmt: skip
    assert run("enter", "note", "--patient", nhs_number(1), stdin=[], rc=1)["error"]["code"] == "entry.not_json"
    assert run("audit", "verify")["ok"] is True
    assert '"text"' in json.dumps(run("enter", "note", "--schema"))


def test_sheets_are_in_the_ledger(run: Run, tmp_path: Path) -> None:
    made = run("print", "F18", "--patient", nhs_number(1), "--pdf", tmp_path / "x.pdf")["sheets"]
    assert [e["state"] for e in run("sheet", made[0]["serial"])["states"]] == ["issued", "made"]
    run("sheet", made[0]["serial"], "--state", "scanned")
    assert run("sheet", made[0]["serial"], "--state", "issued", rc=1)["error"]["code"] == "sheet.state"
    blanks = run("print", "F27", "--blank", 3, "--pdf", tmp_path / "y.pdf")["sheets"]
    assert len({s["serial"] for s in blanks}) == 3
    everyone = run("print", "F02", "--ward", "Ash Ward", "--pdf", tmp_path / "z.pdf")["sheets"]
    assert [s["patient"] for s in everyone] == [run("find", nhs_number(1))["patients"][0]["id"]]
    assert {"F01", "F02", "F03", "F18", "F27"} <= {f["form"] for f in run("print", "--list")["forms"]}


def test_a_kit_is_printed_by_its_name_by_form_or_by_bed(run: Run, tmp_path: Path) -> None:
    """The same sheets in either order: the lists, then form by form, or everything of a bed together."""
    listed = {k["kit"]: k["forms"] for k in run("print", "--list")["kits"]}
    each = [line["form"] for line in listed["charts"] if line["whom"] == "patient"]
    lists = [line["form"] for line in listed["charts"] if line["whom"] == "ward"]
    by_form = run("print", "charts", "--ward", "Ash Ward", "--pdf", tmp_path / "form.pdf")["sheets"]
    by_bed = run("print", "charts", "--ward", "Ash Ward", "--by-bed", "--pdf", tmp_path / "bed.pdf")["sheets"]
    beds = len(by_form) - len(lists)
    assert beds % len(each) == 0
    assert [s["form"] for s in by_form] == [*lists, *(f for f in each for _ in range(beds // len(each)))]
    assert [s["form"] for s in by_bed] == [*lists, *each * (beds // len(each))]
    first = by_bed[len(lists) : len(lists) + len(each)]
    assert len({s["patient"] for s in first}) == 1
    assert {(s["form"], s["patient"]) for s in by_form} == {(s["form"], s["patient"]) for s in by_bed}


def test_kits_of_a_site_are_checked_when_they_are_taken_in(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('ward = "Ash Ward"\n[kits.ours]\ntitle = "Ours"\n', encoding="utf-8")
    assert run("settings", "take", site, rc=1)["error"]["code"] == "kit.invalid"
    site.write_text(
        'ward = "Ash Ward"\n[kits.ours]\ntitle = "Ours"\nwords = "Two"\n'
        'lines = [{form = "F27", whom = "blank", count = 2}]\n',
        encoding="utf-8",
    )
    run("settings", "take", site)
    made = run("print", "ours", "--pdf", tmp_path / "ours.pdf")["sheets"]
    assert [s["form"] for s in made] == ["F27", "F27"]


def test_site_settings_are_checked_and_kept(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('hospital = "Northmoor"\nward = "Ash Ward"\n')
    assert run("settings", "take", site)["settings"]["hospital"] == "Northmoor"
    assert run("settings", "show")["settings"]["ward"] == "Ash Ward"
    for text, code in (
        ("x=", "settings.unreadable"),
        ("colour = 1", "settings.unknown"),
        ("ward = 7", "settings.wrong_type"),
        ('language = "../en"', "settings.wrong_value"),
    ):
        site.write_text(text)
        assert run("settings", "take", site, rc=1)["error"]["code"] == code
    assert run("source", "declare", "epr", "down")["sources"][0]["declared"] == "down"


def test_staff_slots_and_recovery(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = tmp_path / "new"
    new.write_text("another quiet sentence\n")
    run("staff", "add", "Bo Clinician", "--new-secret-file", new)
    assert [s["name"] for s in run("staff", "list")["staff"]] == ["Tess Tester", "Bo Clinician"]
    assert run("ward", rc=1)["error"]["code"] == "vault.staff_needed"
    assert run("ward", "--staff", "Bo Clinician", "--secret-file", new)["ward"] == "Ash Ward"
    run("staff", "remove", "Bo Clinician", "--staff", "Tess Tester")
    code = next(line.strip() for line in (tmp_path / "recovery").read_text().splitlines() if line.startswith("    "))
    (tmp_path / "code").write_text(code)
    done = run("recover", "--reset", "Tess Tester", "--new-secret-file", new, "--secret-file", tmp_path / "code")
    assert done["logged"] is True
    house = open_house(tmp_path / "vault", b"another quiet sentence")
    last = house.journal.log.rows_of_kind("slot")[-1].content
    house.close()
    assert (last["staff"], last["kind"]) == ("Tess Tester", "staff")
    assert run("ward", "--secret-file", new)["ward"] == "Ash Ward"
    assert run("ward", rc=1)["error"]["code"] == "vault.wrong_secret"


def test_readiness(run: Run) -> None:
    assert run("drill")["ok"] is True
    found = run("doctor")
    assert found["ok"] is True
    assert {f["code"] for f in found["findings"]} <= {
        "settings.none",
        "numbers.none",
        "print.none",
        "print.not_ready",
        "print.spool",
        "print.untested",
        "source.no_cut",
        "vault.no_recovery",
    }


def test_words_without_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["ward"], ["find", "a"], ["chart", nhs_number(1)], ["pending"], ["generation", "list"], ["doctor"],
                  ["aside", "list"], ["source", "list"], ["slot", "list"], ["restore", "status"]):  # fmt: skip
        capsys.readouterr()
        assert main(words) == 0
        assert capsys.readouterr().out.strip()
    assert main(["chart", "nobody"]) == 1
    assert capsys.readouterr().err.startswith("patient.unknown: ")
