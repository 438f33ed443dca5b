"""`print T02`, `print F02 --images` and `export --image` on a vault filled from DICOM files (DESIGN §5; issue 8, Out)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from desktop.cli import main
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
    plain, more = tmp_path / "plain.pdf", tmp_path / "more.pdf"
    pages = [run("print", "F02", "--patient", "H3120064", *w, "--pdf", str(p))[1]["sheets"][0]["pages"]
             for w, p in (((), plain), (("--images", "4"), more))]  # fmt: skip
    assert pages[1] == pages[0] + 1
    assert "Key images" in words_of(more) and "Key images" not in words_of(plain)


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
        (("print", "T02", "--patient", "H2619447", "--study", VEINS, "--pdf", "x.pdf"), "image.no_such"),
        (("print", "T02", "--patient", "H2619447", "--study", FOOT, "--image", "9", "--pdf", "x.pdf"), "image.no_such"),
        (("print", "T02", "--patient", "H2619447", "--image", "1", "--pdf", "x.pdf"), "image.wish"),
        (
            ("print", "T02", "--patient", "H2619447", "--study", FOOT, "--window", "broad", "--pdf", "x.pdf"),
            "image.wish",
        ),
        (
            ("print", "T02", "--patient", "H2619447", "--study", FOOT, "--window", "1/nan", "--pdf", "x.pdf"),
            "image.wish",
        ),
        (("print", "F02", "--patient", "H2619447", "--images", "999", "--pdf", "x.pdf"), "image.wish"),
        (("export", "H2619447", "--image", "x.tif", "--study", FOOT), "image.file_kind"),
        (("export", "H2619447", "--image", "x.png"), "image.wish"),
        (("export", "H2619447", "--image", "x.png", "--study", VEINS), "image.no_such"),
        (("export", "H2619447", "--image", "x.png", "--ips", "y.json", "--study", FOOT), "export.nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_file(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    status, answer = run(*words)
    assert (status, answer["error"]["code"]) == (1, code)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_never_lands_inside_the_vault(run: Any, vault: Path) -> None:
    status, answer = run("export", "H2619447", "--image", str(vault / "x.png"), "--study", FOOT)
    assert (status, answer["error"]["code"]) == (1, "export.inside_vault")
