"""What the program stands on: its parts and their licences, the two commands, the fonts, the corpus."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PySide6.QtCore import QCoreApplication

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = sorted((ROOT / "packaging").glob("*.sh"))
FONTS = sorted((ROOT / "resources/fonts").glob("*.ttf"))
GPL_ONLY = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)


def runtime_parts() -> set[str]:
    """Wardlamp's requirements and theirs, as far as this machine installs them; extras and test tools left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    left, seen = list(project["dependencies"]), set()
    while left:
        line = left.pop()
        name = re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0]
        if "extra ==" in line or name.lower() in seen:
            continue
        try:
            left += requires(name) or []
        except PackageNotFoundError:
            if ";" not in line:  # a part that its marker leaves out here is no part
                raise
            continue
        seen.add(name.lower())
    return seen


def licence_of(name: str) -> str:
    """The licence as its metadata says: the SPDX expression, else the classifiers, else the words, else the text."""
    part = distribution(name)
    meta = part.metadata
    classifiers = [c.rsplit("::", 1)[1].strip() for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    texts = [str(path.locate().read_text("utf-8")) for path in part.files or [] if path.name.startswith("LICENSE")]
    return str(meta.get("License-Expression") or " OR ".join(classifiers) or meta.get("License") or " ".join(texts))


def is_gpl_only(licence: str) -> bool:
    """True when no alternative is left but GPL or AGPL."""
    return all(GPL_ONLY.search(choice) for choice in re.split(r"\s+OR\s+", licence))


@cache
def letters_of_all_fonts() -> frozenset[int]:
    found: set[int] = set()
    for path in FONTS:
        with TTFont(path, lazy=True) as font:
            found |= set(font.getBestCmap())
    return frozenset(found)


def test_no_part_is_gpl_only():
    parts = runtime_parts()
    assert {"pyside6_essentials", "sqlcipher3", "cryptography"} <= parts
    licences = {name: licence_of(name) for name in parts}
    assert [name for name, licence in licences.items() if not licence] == []
    assert {name: licence for name, licence in licences.items() if is_gpl_only(licence)} == {}


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", False),
        ("MIT", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("AGPL-3.0-or-later", True),
        ("GPL-2.0-only OR GPL-3.0-only", True),
    ],
)
def test_gpl_only_is_told_from_a_choice(licence, verdict):
    assert is_gpl_only(licence) is verdict


def test_qt_loses_no_reference_to_none(qapp):
    """6.12.0 took one from `None` at each call under Python 3.11 and aborted after some thousands."""
    before = sys.getrefcount(None)
    for _ in range(2000):
        QCoreApplication.processEvents()
    assert abs(sys.getrefcount(None) - before) < 200


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_scripts_are_posix_sh(script):
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_environment_that_is_a_link_to_another_is_not_cleared(tmp_path):
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell
    other, here = tmp_path / "other", tmp_path / "here"
    (other / ".venv").mkdir(parents=True)
    (other / ".venv" / "kept").write_text("of another checkout")
    shutil.copytree(ROOT / "packaging", here / "packaging")
    shutil.copy(ROOT / "pyproject.toml", here)
    (here / ".venv").symlink_to(other / ".venv")
    bare = 'python3() { if [ "$1" = -m ]; then command python3 "$@" --without-pip; else command python3 "$@"; fi; }'
    words = f"set -eu; . packaging/setup.sh; {bare}; need_environment"
    done = subprocess.run([shell, "-c", words], cwd=here, capture_output=True, text=True, check=False)
    assert "could not be installed" in done.stderr, "without pip it ends there"
    assert [p.name for p in (other / ".venv").iterdir()] == ["kept"]
    assert (here / ".venv").is_dir() and not (here / ".venv").is_symlink()


def test_both_commands_are_there():
    assert {"try.sh", "check.sh", "setup.sh"} <= {script.name for script in SCRIPTS}


def test_readme_begins_with_the_two_commands():
    code = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert code
    lines = code.group(1).splitlines()
    assert [line.split("#")[0].strip() for line in lines] == ["sh packaging/try.sh", "sh packaging/check.sh"]
    assert (ROOT / "README.md").read_text("utf-8")[: code.start()].strip() == "# Wardlamp"


def test_every_font_can_stand_in_a_pdf_and_has_its_licence():
    """reportlab takes TrueType outlines only."""
    assert FONTS
    for path in FONTS:
        family = path.stem.split("-")[0]
        owner = {"WardlampSansID": "IBMPlexSans", "WardlampMono": "IBMPlexMono"}.get(family, family)
        assert (path.parent / f"OFL-{owner}.txt").is_file(), path.name
        with TTFont(path, lazy=True) as font:
            assert "glyf" in font, path.name


@pytest.mark.parametrize("path", [p for p in FONTS if p.name.startswith("Wardlamp")], ids=lambda p: p.name)
def test_identifier_fonts_slash_the_zero_under_a_name_of_our_own(path):
    plain = path.with_name(path.name.replace("WardlampSansID", "IBMPlexSans").replace("WardlampMono", "IBMPlexMono"))
    with TTFont(path) as ours, TTFont(plain) as theirs:
        assert ours.getBestCmap()[ord("0")] != theirs.getBestCmap()[ord("0")]
        assert ours.getBestCmap()[ord("8")] == theirs.getBestCmap()[ord("8")]
        family, full = ours["name"].getDebugName(1), ours["name"].getDebugName(4)
        assert family.startswith("Wardlamp")
        assert full.startswith("Wardlamp")
        names = [r for r in ours["name"].names if r.nameID in (1, 3, 4, 6, 7, 16)]
        assert not [str(r) for r in names if "Plex" in str(r)], "Plex is a reserved name"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Okonkwo-Łukasiewicz",
        "Ελένη",
        "Ольга",
        "Nguyễn",
        "王海东",
        "佐藤さくら",
        "김희중",
        "محمد",
        "דוד",
        "अनिता",
        "রহিমা",
    ]
    + ["ਹਰਪ੍ਰੀਤ", "નીલમ", "செல்வி", "สมชาย", "µmol/L ≤ 5 → ²₂"],
)
def test_every_letter_of_a_name_has_a_glyph(name):
    assert [letter for letter in name if ord(letter) not in letters_of_all_fonts()] == []


def test_every_icon_is_a_drawing_that_takes_our_colour():
    icons = sorted((ROOT / "resources/icons").glob("*.svg"))
    assert icons
    assert (ROOT / "resources/icons/LICENSE").is_file()
    for icon in icons:
        assert ET.parse(icon).getroot().get("stroke") == "currentColor", icon.name


def test_every_folder_of_the_corpus_says_where_it_comes_from(corpus):
    said = set(re.findall(r"^\| `([a-z0-9-]+)/`", (ROOT / "tests/corpus.md").read_text("utf-8"), re.MULTILINE))
    assert said == {path.name for path in corpus.iterdir()}
    assert sum(path.stat().st_size for path in corpus.rglob("*") if path.is_file()) < 3_000_000
