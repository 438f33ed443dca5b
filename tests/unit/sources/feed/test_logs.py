"""A log line holds names, numbers and codes of ours; nothing else gets in, whoever writes it."""

from __future__ import annotations

import io
import json
import sys
import threading
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.errors import HouseFault, InputRefused
from localdb.sources.feed.logs import FeedLog


def log() -> tuple[FeedLog, io.StringIO]:
    out = io.StringIO()
    return FeedLog(lambda: datetime(2026, 11, 24, 3, 12, tzinfo=UTC), out), out


def test_a_line_is_one_json_object_with_its_time() -> None:
    it, out = log()
    it.say("cut", generation=7, seconds=0.25, feed="engine")
    assert json.loads(out.getvalue()) == {
        "at": "2026-11-24T03:12:00.000+00:00", "event": "cut", "generation": 7, "seconds": 0.25, "feed": "engine",
    }  # fmt: skip
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize("field", ["name", "text", "message", "file", "path", "patient"])
def test_there_is_no_field_for_content(field: str) -> None:
    it, out = log()
    with pytest.raises(HouseFault):
        it.say("x", **{field: "a"})
    assert out.getvalue() == ""


@given(st.text(min_size=1))
def test_a_text_with_blanks_or_marks_is_no_name_of_ours(text: str) -> None:
    it, out = log()
    try:
        it.say("x", feed=text)
    except HouseFault:
        assert out.getvalue() == ""
    else:
        assert len(text) <= 64 and all(c.isascii() and (c.isalnum() or c in "._:[]-") for c in text)


def test_an_error_is_logged_by_its_type_or_code_never_by_its_words() -> None:
    it, out = log()
    it.failed("reader", ValueError("MARIGOLDINE QUILLFEATHER 9990000123"))
    it.failed("reader", InputRefused("QUILLFEATHER", code="fhir.not_json"))
    assert "QUILL" not in out.getvalue()
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["error"], second["code"]) == ("ValueError", "fhir.not_json")


def test_a_log_that_nobody_reads_any_more_stops_nothing() -> None:
    out = io.StringIO()
    it = FeedLog(lambda: datetime(2026, 11, 24, tzinfo=UTC), out)
    out.close()
    it.say("x")


def test_a_library_that_warns_of_a_value_is_logged_by_the_kind_of_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """pydicom repeats the value that it warns of."""
    for module, name in ((sys, "excepthook"), (threading, "excepthook"), (warnings, "showwarning")):
        monkeypatch.setattr(module, name, getattr(module, name))  # put back afterwards
    stream = io.StringIO()
    FeedLog(stream=stream).hook()
    warnings.showwarning("Invalid value: 'Smith^Zoë'", UserWarning, "x.py", 1)
    said = json.loads(stream.getvalue())
    assert (said["event"], said["error"]) == ("warning", "UserWarning")
    assert "Smith" not in stream.getvalue()
