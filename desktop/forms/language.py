"""The language of the fixed words on paper: `tr("Taken by")` (issue 7, "forms translatable").

English stands in the code and is the key; a translation is a file of resources/i18n, `<language>.toml`, with a table
`forms` of English to translated and a table `about`: its name, and whether somebody who speaks it `checked` it. What has
no translation stays English: a form with a gap is better than none. What sources sent is never translated. The language
is the site's, set while a sheet is designed and drawn (`speaking`).

Sentences are translated whole: `tr("Printed {when} by {who}").format(when=…, who=…)`, never glued from halves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any

_spoken: ContextVar[str] = ContextVar("language of paper", default="")
# A made-up language for tests: every fixed word in it is longer than English by two fifths and stands between marks.
PSEUDO = "x-long"


@cache
def words(language: str) -> Mapping[str, str]:
    """English → translated, of a language that has a file; empty for one without."""
    found: Mapping[str, str] = _read(language).get("forms", {})
    return found


def _read(language: str) -> Mapping[str, Any]:
    if not language.replace("-", "").isalnum():
        return {}
    file = files("resources").joinpath("i18n", f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a file, besides British English."""
    folder = files("resources").joinpath("i18n")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def is_draft(language: str) -> bool:
    """Whether nobody who speaks it has checked the words of a language: then every sheet says so."""
    about = _read(language).get("about", {})
    return bool(about) and not about.get("checked", False)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """The fixed words within are in `language` (a BCP 47 tag; empty = British English)."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def tr(text: str) -> str:
    """`text` in the language that is spoken."""
    language = _spoken.get()
    if not language or not text.strip():
        return text
    if language == PSEUDO:
        return f"[{text} {'~' * max(1, round(len(text) * 0.4) - 3)}]"
    return words(language).get(text, text)
