"""What every source file of ours keeps to, whoever wrote it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("localdb", "desktop")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_LINES = 500
QT_MODULES = {"QtCore", "QtGui", "QtWidgets", "QtSvg", "QtNetwork"}  # LGPL, in the Essentials, and needed
DRAWERS = {"utils", "util", "common", "misc", "helpers"}
CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
VERDICT = re.compile(r"(archive|fhir|file|identity|reference)\.[a-z][a-z0-9_]*")  # why a unit was set aside
TEXTS = {".py", ".sh", ".toml", ".json", ".md", ".txt", ".sql", ".html", ".svg", ".ps1", ".mjs", ""}
NOT_OURS = re.compile(
    r"/home/[a-z]|/root/|/work/|/tmp/bash|[A-Z]:\\Users|"
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|npmjs\.com|deb\.debian\.org|archive\.ubuntu\.com|proxy\.golang\.org"
)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def qt_modules_of(tree: ast.Module) -> set[str]:
    """`QtGui` for `import PySide6.QtGui`, `from PySide6.QtGui import …` and `from PySide6 import QtGui`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("PySide6.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "PySide6":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
            found.add(str(node.module).split(".")[1])
    return found


def named_codes(tree: ast.Module) -> set[str]:
    """Error codes: the class attribute `code = "…"`, and `code="…"` given to a call."""
    found: set[str] = set()
    for node in ast.walk(tree):
        value: ast.expr | None = None
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
            value = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "code":
            value = node.value
        elif isinstance(node, ast.keyword) and node.arg == "code":
            value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
            found.add(value.value)
    return found


def error_table() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = tomllib.loads((ROOT / "resources/codes/errors.toml").read_text("utf-8"))
    return table


def test_there_is_something_to_check():
    assert len(SOURCES) > 20
    assert set(PACKAGES) == {path.relative_to(ROOT).parts[0] for path in SOURCES}


def test_no_module_outgrows_its_reader():
    too_long = {shown(p): n for p in SOURCES if (n := len(p.read_text("utf-8").splitlines())) > MOST_LINES}
    assert too_long == {}


def test_no_module_is_a_drawer():
    assert [shown(p) for p in SOURCES if {p.stem, *p.relative_to(ROOT).parts[:-1]} & DRAWERS] == []


def test_every_module_says_what_it_is_for():
    assert [shown(path) for path, tree in trees() if tree.body and not ast.get_docstring(tree)] == []


def test_only_allowed_qt_modules_are_imported():
    found = {shown(path): extra for path, tree in trees() if (extra := qt_modules_of(tree) - QT_MODULES)}
    assert found == {}, "Charts and Graphs are GPL only, Pdf is in the Addons, PrintSupport writes clear files"


@pytest.mark.parametrize(
    "line",
    [
        "import PySide6.QtCharts",
        "from PySide6.QtPrintSupport import QPrinter",
        "from PySide6 import QtPdf",
        "import PySide6.QtGraphs as g",
    ],
)
def test_the_search_for_qt_modules_finds_each_way_of_importing(line):
    assert qt_modules_of(ast.parse(line)) - QT_MODULES


def test_every_error_code_has_its_words():
    table = error_table()
    missing = [f"{code} in {shown(path)}" for path, tree in trees() for code in named_codes(tree) if code not in table]
    missing += [
        f"{node.value} in {shown(path)}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if "sources" in path.parts and isinstance(node, ast.Constant) and VERDICT.fullmatch(str(node.value))
        if node.value not in table
    ]
    assert not missing, "give each a row in resources/codes/errors.toml:\n" + "\n".join(missing)


def test_the_search_for_codes_finds_attributes_and_arguments():
    tree = ast.parse('class A(E):\n    code = "disk.gone"\nraise E("x", code="net.gone")\nuse(code="8867-4")')
    assert named_codes(tree) == {"disk.gone", "net.gone"}


def test_every_row_of_the_error_table_is_whole():
    for code, row in error_table().items():
        assert CODE.fullmatch(code), f"{code}: write the key in quotes"
        assert set(row) == {"message", "next_step"}, code
        assert all(text.strip().endswith((".", "`.")) for text in row.values()), f"{code}: whole sentences"
        assert not re.search(r"please|!", " ".join(row.values()), re.IGNORECASE), f"{code}: no blame, no begging"


def test_no_file_names_a_machine_or_a_registry():
    named = [
        f"{shown(path)}: {found.group()}"
        for folder in ("localdb", "desktop", "packaging", "resources", "tests/servers")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and path.suffix in TEXTS and "node_modules" not in path.parts
        if (found := NOT_OURS.search(path.read_text(encoding="utf-8")))
    ]
    assert named == []
