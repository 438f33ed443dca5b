"""imaging status, doctor and `chart --json` of images: what is held, of how many, within which room."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from desktop.cli import main
from desktop.cli.image_room import words
from desktop.sources.image_room import size_words
from localdb.store.image_counts import Room
from tests.ct import STUDY, ct_slices
from tests.derived import derived_once
from tests.made import SECRET, new_house

__all__ = ["derived_once"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Path:
    """A vault with eight slices of two series."""
    folder = tmp_path_factory.mktemp("room")
    house = new_house(folder / "vault")
    ct_slices(data_dir, folder / "in", range(1, 7))
    ct_slices(data_dir, folder / "in", range(1, 3), series=2, RescaleIntercept=-1000)
    house.fill([folder / "in"], source="pacs", processes=1)
    house.close()
    return folder / "vault"


@pytest.fixture
def run(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    copytree(template, tmp_path / "vault")
    (tmp_path / "secret").write_bytes(SECRET)
    monkeypatch.setenv("WARDLAMP_VAULT", str(tmp_path / "vault"))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.delenv("WARDLAMP_STAFF", raising=False)

    def run(*words: object, rc: int = 0) -> Any:
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert status == rc, said.out + said.err
        return json.loads(said.out)

    return run


def test_what_is_held_and_what_was_let_go_by_command(run: Any, tmp_path: Path) -> None:
    empty = run("imaging", "status")
    assert {k: empty[k] for k in ("studies", "instances", "images", "held", "keep", "unheld")} == {
        "studies": 1, "instances": 8, "images": 8, "held": 8, "keep": "all", "unheld": {},
    }  # fmt: skip
    blobs = [p.stat().st_size for p in (tmp_path / "vault" / "blobs").glob("*.blob")]
    assert empty["used"] == sum(blobs) - 28 * len(blobs), "28 bytes of each file are its seal"
    assert empty["budget"] == 20_000_000_000
    assert "image.let_go" not in {f["code"] for f in run("doctor", rc=0)["findings"]}

    (tmp_path / "site.toml").write_text(f'hospital = "Northfield"\n[imaging]\nbudget_gb = {empty["used"] / 2e9}\n')
    run("settings", "take", tmp_path / "site.toml")
    waiting = run("imaging", "status")
    assert (waiting["is_applied"], waiting["budget"]) == (False, empty["budget"]), (
        "what counts is said, and that it will not"
    )
    run("cut")
    after = run("imaging", "status")
    assert after["is_applied"] and after["rules"]["budget_gb"] == empty["used"] / 2e9
    gone = after["unheld"]["image.let_go"]
    assert after["used"] <= after["budget"] < empty["used"]
    assert (after["images"], after["held"] + gone) == (8, 8)
    assert len(list((tmp_path / "vault" / "blobs").glob("*.blob"))) == after["held"]
    found = next(f for f in run("doctor")["findings"] if f["code"] == "image.let_go")
    assert found["text"].startswith(f"{gone} images were let go")

    (image,) = run("chart", "7000000017")["images"]["items"]
    (study,) = image["studies"]
    assert (study["uid"], study["held"], study["total"]) == (STUDY, after["held"], None)
    assert [(s["number"], s["modality"], s["text"]) for s in study["series"]] == [
        (1, "CT", "Chest 5 mm"), (2, "CT", "Chest 5 mm"),
    ]  # fmt: skip
    assert sum(s["held"] for s in study["series"]) == after["held"]
    assert image["unheld"] == [["image.let_go", gone]]


def test_a_site_that_keeps_no_pixels_holds_the_facts_and_says_why(run: Any, tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "site.toml").write_text('[imaging]\nkeep = "none"\n')
    run("settings", "take", tmp_path / "site.toml")
    ct_slices(data_dir, tmp_path / "new", range(1, 4), study=f"{STUDY}.5")
    run("fill", tmp_path / "new", "--source", "pacs")
    found = run("imaging", "status")
    assert (found["keep"], found["studies"], found["unheld"]) == ("none", 2, {"image.not_by_rule": 3})
    items = {i["uid"]: i for i in run("chart", "7000000017")["images"]["items"]}
    assert (items[f"{STUDY}.5"]["held"], items[f"{STUDY}.5"]["unheld"]) == (0, [["image.not_by_rule", 3]])


def test_any_other_rule_counts_from_the_next_cut(run: Any, tmp_path: Path) -> None:
    run("cut")
    assert run("imaging", "status")["is_applied"]
    (tmp_path / "site.toml").write_text("[imaging]\npriors = 2\n")
    run("settings", "take", tmp_path / "site.toml")
    assert not run("imaging", "status")["is_applied"]
    run("cut")
    assert run("imaging", "status")["is_applied"]


def test_a_setting_that_is_no_rule_is_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[imaging]\nkeep = "most"\n')
    assert run("settings", "take", tmp_path / "site.toml", rc=1)["error"]["code"] == "settings.wrong_value"


def test_sizes_and_counts_in_words() -> None:
    assert [size_words(n) for n in (0, 1_500_000, 3_210_000_000)] == ["0.0 MB", "1.5 MB", "3.2 GB"]
    room = Room(studies=2, instances=10, images=8, held=5, used=10**9, budget=2 * 10**9, unheld={"image.let_go": 3})
    assert words(room) == [
        "5 of 8 images that came are held, of 2 studies", "2 other objects (reports, key objects, marks)",
        "1.0 GB of 2.0 GB used; kept: all", "3 let go to stay within the budget",
    ]  # fmt: skip
