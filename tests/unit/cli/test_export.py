"""`wardlamp export --ips`: a document in clear where the caller says, never inside the vault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.cli import main
from tests.made import SECRET, new_house, person, result, stay, ward, write


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = new_house(tmp_path / "vault")
    people = [*ward(), person(1), stay("p1", 1), result("r1", "p1", "5.9")]
    made.fill([write(tmp_path / "a.json", people)], source="pas", processes=1)
    made.close()
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    return tmp_path / "vault"


def test_the_document_is_written_and_said_to_be_in_clear(
    vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert main(["export", "H0000001", "--ips", str(out), "--json"]) == 0
    said = capsys.readouterr()
    (made,) = json.loads(said.out)["exports"]
    assert made["in_clear"] is True and made["left_out"] == []
    assert made["resources"]["Observation"] == 1
    assert "in clear" in said.err and "H0000001" not in said.err
    bundle = json.loads(out.read_bytes())
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "document")
    assert out.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("where", "code"), [
    ("vault/out.json", "export.inside_vault"), ("vault/blobs/../out.json", "export.inside_vault"),
    ("nowhere/out.json", "export.no_folder"), ("", "export.nowhere"),
])  # fmt: skip
def test_it_is_refused_elsewhere_and_leaves_nothing(
    vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str, code: str
) -> None:
    before = sorted(vault.rglob("*"))
    words = ["--ips", str(tmp_path / where)] if where else []
    assert main(["export", "H0000001", *words, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert sorted(vault.rglob("*")) == before


def test_a_link_into_the_vault_is_inside_it(vault: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "way").symlink_to(vault)
    assert main(["export", "H0000001", "--ips", str(tmp_path / "way" / "out.json"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "export.inside_vault"
