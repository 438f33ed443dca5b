"""`print T02`, `print F02 --images` and `export --image` on a vault filled from DICOM files (DESIGN §5; issue 8, Out)."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from desktop.cli import charts, main
from desktop.cli.image_options import add_images, images_of
from localdb.errors import WardlampError
from tests.made import SECRET, new_house
from tests.unit.demo.reading import DEMO

FOOT, VEINS = "1.2.826.0.1.3680043.10.999.2619447.1", "1.2.826.0.1.3680043.10.999.3120064.1"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images out")
    made = new_house(folder / "vault")
    made.fill([DEMO / "pacs" / "foot", DEMO / "pacs" / "leg-veins"], source="pacs", processes=1)
    made.close()
    (folder / "secret").write_bytes(SECRET)
    return folder / "vault"


@pytest.fixture
def run(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("WARDLAMP_VAULT", str(vault))
    monkeypatch.setenv("WARDLAMP_SECRET_FILE", str(vault.parent / "secret"))

    def act(*words: str) -> tuple[int, dict[str, Any]]:
        status = main([*words, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return act


def words_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    document.close()
    return " ".join(text.split())


def test_an_image_by_command_with_its_window_and_turned(run: Any, tmp_path: Path) -> None:
    pdf = tmp_path / "t02.pdf"
    status, answer = run("print", "T02", "--patient", "H2619447", "--study", FOOT, "--image", "1", "--window", "512/700",
                         "--flip", "--pdf", str(pdf))  # fmt: skip
    assert (status, answer["sheets"][0]["form"], answer["sheets"][0]["pages"]) == (0, "T02", 1)
    said = words_of(pdf)
    for text in ("KAUR", "X-ray, right foot, 20-Nov-2026 09:10", "W 700 L 512", "FLIPPED", "REVIEW ONLY",
                 "NOT REPORTED in this copy"):  # fmt: skip
        assert text in said, text


def test_a_summary_with_images_has_them_on_a_side_of_their_own(run: Any, tmp_path: Path) -> None:
    pdf = tmp_path / "more.pdf"
    run("print", "F02", "--patient", "H3120064", "--images", "4", "--pdf", str(pdf))
    said = words_of(pdf)
    assert "Key images" in said and "Ultrasound, left leg veins, 21-Nov-2026 16:05" in said


def test_a_picture_file_in_grey_and_in_colour(run: Any, tmp_path: Path) -> None:
    png, jpg = tmp_path / "foot.png", tmp_path / "vein.jpg"
    status, answer = run("export", "H2619447", "--image", str(png), "--study", FOOT)
    made = answer["exports"][0]
    assert (status, made["format"], made["in_clear"], made["study"]) == (0, "PNG", True, FOOT)
    with Image.open(io.BytesIO(png.read_bytes())) as picture:
        assert (picture.mode, picture.size) == ("L", (made["width"], made["height"]))
        assert picture.info == {}, "nothing but pixels"
    status, answer = run("export", "H3120064", "--image", str(jpg), "--study", VEINS, "--number", "3")
    assert status == 0 and any("frame 3 of 16" in w for w in answer["exports"][0]["words"])
    with Image.open(io.BytesIO(jpg.read_bytes())) as picture:
        assert picture.mode == "RGB"
    assert png.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--image", "x.tif", "--study", FOOT), "image.file_kind"),
        (("--image", "x.png"), "image.wish"),
        (("--image", "x.png", "--ips", "y.json", "--study", FOOT), "export.nowhere"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_before_the_vault_is_opened(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(charts, "house_of", None)
    status, answer = run("export", "H2619447", *words)
    assert (status, answer["error"]["code"]) == (1, code)
    assert list(tmp_path.iterdir()) == []


def test_an_image_of_another_patient_burns_no_serial_and_leaves_no_file(run: Any, tmp_path: Path) -> None:
    pdf = tmp_path / "x.pdf"
    status, answer = run("print", "T02", "--patient", "H2619447", "--study", VEINS, "--pdf", str(pdf))
    assert (status, answer["error"]["code"]) == (1, "image.no_such")
    assert not pdf.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("--image", "1"),
        ("--study", FOOT, "--image", "0"),
        ("--study", FOOT, *("--image", "1") * 5),
        ("--study", FOOT, "--window", "broad"),
        ("--study", FOOT, "--window", "1/nan"),
        ("--study", FOOT, "--window", "1/0"),
        ("--study", FOOT, "--window", "1e99/5"),
        ("--images", "999"),
        ("--images", "-1"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(words: tuple[str, ...]) -> None:
    parser = argparse.ArgumentParser()
    add_images(parser)
    parser.add_argument("--images", type=int, default=0)
    with pytest.raises(WardlampError) as refused:
        images_of(parser.parse_args(words))
    assert refused.value.code == "image.wish"


def test_a_picture_never_lands_inside_the_vault(run: Any, vault: Path) -> None:
    status, answer = run("export", "H2619447", "--image", str(vault / "x.png"), "--study", FOOT)
    assert (status, answer["error"]["code"]) == (1, "export.inside_vault")
