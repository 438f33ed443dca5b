"""Every value of every message of the data that is read stands in what it tells (issue 5, Done when).

Expectations come from the messages themselves: each word of each OBX-5, whatever its type, and of each comment (NTE-3)
of a clinical message is in some record or file.
Left out, because they must not be in one: values that were withdrawn or are not to be had (CLINICAL §3.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from localdb.sources.hl7v2 import charsets, markup, reading
from localdb.sources.hl7v2.message import Message, Segment, parse, unescape
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ
from tests.unit.sources.hl7v2_help import PID, message, own_bytes, read

WORD = re.compile(r"\w+")
CODED = ("CE", "CWE", "CNE")
GONE = ("W", "D", "X", "N")
CLINICAL = ("ORU", "OUL", "MDM", "ORM", "OML", "OMG", "OMD", "OMP", "RDE", "RDS", "SIU", "REF", "PPR", "VXU")


def strings(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value)


def again(raw: bytes) -> Message:
    if markup.looks_like_markup(raw):
        text = markup.text_of(raw)
    else:
        data, proven = charsets.unwrapped(raw)
        text = charsets.decode(data, "", proven).text
    made = parse(text)
    assert made is not None
    return made


def sent_words(obx: Segment) -> Iterator[str]:
    """The words of a value. The name of a coding system is read as its URI, ED as a file."""
    if obx.text(2).upper() == "ED" or obx.text(11).upper() in GONE:
        return
    for repetition in obx.repetitions(5):
        parts = obx.components(repetition)
        if obx.text(2).upper() in CODED:
            parts = [p for n, p in enumerate(parts[:5], 1) if n != 3]
        for part in parts:
            subs = part.split(obx.delimiters.subcomponent) if obx.delimiters.subcomponent else [part]
            for sub in subs:
                yield from WORD.findall(unescape(sub, obx.delimiters))


def comment_words(nte: Segment) -> Iterator[str]:
    for repetition in nte.repetitions(3):
        yield from WORD.findall(unescape(repetition, nte.delimiters))


def vanished(data: bytes) -> tuple[int, list[str]]:
    """(words that were sent, those that no record of their message holds)."""
    found = read(data, SourceProfile())
    count, missing = 0, []
    for unit in found.units:
        if unit.verdict != READ or all(f.kind in ("patient", "other") for f in unit.facts):
            continue
        told = {w for f in unit.facts for s in strings(msgspec.json.decode(f.body)) for w in WORD.findall(s)}
        held = again(own_bytes(found, unit))
        words = [(obx.text(3), word) for obx in held.all("OBX") for word in sent_words(obx)]
        if unit.type[:3] in CLINICAL:
            words += [("NTE", word) for nte in held.all("NTE") for word in comment_words(nte)]
        count += len(words)
        missing += [f"{unit.type} {place}: {word}" for place, word in words if word not in told]
    return count, missing


@pytest.mark.parametrize(
    "maker", ["hapi", "linuxforhealth", "ms-fhir-converter", "python-hl7", "reportstream", "simhospital"]
)
def test_no_value_of_a_message_that_is_read_vanishes(data_dir: Path, maker: str) -> None:
    files = sorted(p for p in (data_dir / "hl7v2" / maker).rglob("*") if p.is_file())
    assert files
    total, missing = 0, []
    for path in files:
        count, gone = vanished(path.read_bytes())
        total += count
        missing += [f"{path.name}: {m}" for m in gone]
    assert missing == []
    assert total or maker == "python-hl7"


def test_no_reader_fails_on_the_data(data_dir: Path) -> None:
    failed = [
        (path.name, unit.reason)
        for path in sorted((data_dir / "hl7v2").rglob("*"))
        if path.is_file()
        for unit in reading.read_messages(path.name, path.read_bytes(), "x", SourceProfile()).units
        if unit.code == "hl7.reader_failed"
    ]
    assert failed == []


def test_sabotage_a_reader_that_lets_the_later_value_win_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from localdb.sources.hl7v2 import results

    data = message("ORU^R01", PID, "OBR|1|P1|F1|K^K^L", "OBX|1|ST|A^A^L||first||||||F", "OBX|2|ST|A^A^L||second||||||F")
    assert vanished(data) == (2, [])
    monkeypatch.setattr(results, "_joined", lambda a, b: b)
    assert vanished(data)[1] == ["ORU^R01 A: first"]
