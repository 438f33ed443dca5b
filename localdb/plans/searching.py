"""Finding in the site's documents by typed words: in titles first, then in what they say. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from localdb.plans.papers import Paper

_AROUND = 60


class Found(msgspec.Struct, frozen=True):
    """A document with all typed words; `where` a piece of its text around the first of them ("": in the title)."""

    paper: Paper
    where: str = ""


def search(papers: Sequence[tuple[Paper, str]], typed: str) -> tuple[Found, ...]:
    """(paper, its words) -> those that have every typed word, in the title first; all where nothing was typed."""
    words = typed.casefold().split()
    if not words:
        return tuple(Found(p) for p, _ in papers)
    titled, inside = [], []
    for paper, text in papers:
        title = f"{paper.title} {paper.kind_words}".casefold()
        if all(w in title for w in words):
            titled.append(Found(paper))
        elif all(w in title or w in text.casefold() for w in words):
            inside.append(Found(paper, _piece(text, words)))
    return (*titled, *inside)


def _piece(text: str, words: Sequence[str]) -> str:
    flat = " ".join(text.split())
    lower = flat.casefold()
    # Where the words stand as they were typed, else where the longest of them stands.
    found = (lower.find(" ".join(words)), lower.find(max(words, key=len)))
    at = next((n for n in found if n >= 0), -1)
    if at < 0:
        return ""
    start, end = max(0, at - _AROUND), min(len(flat), at + _AROUND * 2)
    start = flat.find(" ", start) + 1 if start else 0
    end = flat.rfind(" ", at, end) if end < len(flat) else end
    return f"{'… ' if start else ''}{flat[start : max(end, at + 1)]}{' …' if end < len(flat) else ''}"
