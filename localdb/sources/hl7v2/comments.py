"""NTE: comments in the order and the lines in which they were sent (CLINICAL L6)."""

from __future__ import annotations

from collections.abc import Iterable

from localdb.sources.hl7v2.message import Segment, unescape


def note_text(nte: Segment) -> str:
    """NTE-3; its repetitions are lines. A comment put only into NTE-4 (its type's words) is read there."""
    lines = [unescape(r, nte.delimiters).strip() for r in nte.repetitions(3)]
    return "\n".join(lines) or nte.text(4, 2)


def comment_text(notes: Iterable[Segment]) -> str:
    """One comment of NTE segments that follow one another: senders write one line of a text in each."""
    return "\n".join(note_text(n) for n in notes).strip()


def comments_of(notes: Iterable[Segment]) -> tuple[str, ...]:
    """The comment as a record holds it; () where nothing was said."""
    text = comment_text(notes)
    return (text,) if text else ()
