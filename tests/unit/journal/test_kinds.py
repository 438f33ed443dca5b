"""What an entry must have, and how a refusal reads (DESIGN D7)."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.errors import InputRefused
from localdb.journal.images import FILLED
from localdb.journal.kinds import MODELS, check, json_schema
from tests.unit.journal.conftest import ALL, NOW, WHEN

SECRET = "Xylophone-Marker"


def refused(kind: str, body: Any) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        check(kind, body, NOW)
    assert caught.value.next_step
    assert SECRET not in caught.value.message
    return caught.value


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """The sound body with one place altered: `items.0.code`; the value `...` removes it."""
    body = copy.deepcopy(ALL[kind])
    *way, last = path.split(".")
    place: Any = body
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    return body


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_sound_body_is_kept_to_the_letter(kind: str) -> None:
    kept, happened = check(kind, ALL[kind], NOW)
    assert kept == ALL[kind]
    assert check(kind, kept, NOW) == (kept, happened)
    assert (happened.text if happened else None) == ALL[kind].get("happened")


REFUSED = [
    ("note", "text", "", "entry.invalid", "`text` is empty"),
    ("note", "text", " \n\t", "entry.invalid", "`text` is empty"),
    ("note", "text", 7, "entry.invalid", "`text` must be text"),
    ("note", "text", None, "entry.invalid", "`text` must be text"),
    ("note", "text", ..., "entry.invalid", "`text` is missing"),
    ("note", "text", SECRET + "\x00", "entry.invalid", "`text` holds a character"),
    ("note", "text", SECRET + "\ud800", "entry.invalid", "`text` holds a character"),
    ("note", "text", SECRET * 20_000, "entry.invalid", "`text` is too long"),
    ("note", "score", SECRET, "entry.invalid", "a field that is not known"),
    ("note", "happened", ..., "entry.invalid", "`happened` is missing"),
    ("note", "happened", SECRET, "entry.invalid", "`happened` is not a date"),
    ("note", "happened", "2026-11-24", "entry.invalid", "`happened` needs a date and a time"),
    ("note", "happened", "2026-11-24T02:55:00", "entry.no_offset", "`happened`"),
    ("note", "happened", "2026-11-24T03:18:00+00:00", "entry.future", "`happened`"),
    ("note", "happened", "2027-11-24T03:00:00+00:00", "entry.future", "`happened`"),
    ("observations", "items", [], "entry.invalid", "`items` is empty"),
    ("observations", "items", {}, "entry.invalid", "`items` must be a list"),
    ("observations", "items.0.code", SECRET, "entry.invalid", "`items number 1 code` is not a LOINC code"),
    ("observations", "items.0.value", 112, "entry.invalid", "`items number 1 value` must be text"),
    ("observations", "items.0.value", "", "entry.invalid", "`items number 1 value` is empty"),
    ("observations", "items.0.value", ..., "entry.invalid", "`items` number 1 needs either"),
    ("observations", "items.1.value", "98", "entry.invalid", "`items` number 2 needs either"),
    ("observations", "items.1.components", [], "entry.invalid", "`items` number 2 needs either"),
    ("observations", "items.1.unit", "mmHg", "entry.invalid", "`items` number 2 has a `unit`"),
    ("observations", "items.1.components.0.value", ..., "entry.invalid", "`items number 2 components number 1 value`"),
    ("phoned_result", "read_back", ..., "entry.no_read_back", "read back"),
    ("phoned_result", "read_back", False, "entry.no_read_back", "read back"),
    ("phoned_result", "read_back", "true", "entry.no_read_back", "read back"),
    ("phoned_result", "read_back", 1, "entry.no_read_back", "read back"),
    ("phoned_result", "caller.name", "", "entry.invalid", "`caller name` is empty"),
    ("phoned_result", "caller.ext", ..., "entry.invalid", "`caller ext` is missing"),
    ("phoned_result", "caller", SECRET, "entry.invalid", "`caller` must be an object"),
    ("phoned_result", "comparator", "~", "entry.invalid", "`comparator` is none of the values"),
    ("phoned_result", "value", 6.8, "entry.invalid", "`value` must be text"),
    ("phoned_result", "collected", "2026-11-24T01:40:00", "entry.no_offset", "`collected`"),
    ("phoned_result", "collected", "2026-11", "entry.invalid", "`collected`"),
    ("phoned_result", "collected", "2026-12-24", "entry.future", "`collected`"),
    ("evaluation", "findings", " ", "entry.invalid", "`findings` is empty"),
    ("evaluation", "seen_on", "phone", "entry.invalid", "`seen_on` is none of the values"),
    ("evaluation", "device", ..., "entry.invalid", "`device` is missing"),
    ("evaluation", "study", SECRET + " 1", "entry.invalid", "`study` is not a DICOM UID"),
    ("evaluation", "done", "2026-12-24", "entry.future", "`done`"),
    ("evaluation", "phoned.at", "2026-11-24", "entry.invalid", "`phoned at` needs a date and a time"),
    ("evaluation", "phoned.to", "", "entry.invalid", "`phoned to` is empty"),
    ("comparison", "words", ..., "entry.invalid", "`words` is missing"),
    ("comparison", "outcome", "perhaps", "entry.invalid", "`outcome` is none of the values"),
    ("comparison", "evaluation", SECRET, "entry.invalid", "`evaluation` is not the id of a record"),
    ("image_move", "study", "1.2\\1.3", "entry.invalid", "`study` is not a DICOM UID"),
    ("image_move", "study", "1." * 33 + "1", "entry.invalid", "`study` is too long"),
    ("image_move", "series.0", "1.2 ", "entry.invalid", "`series number 1` is not a DICOM UID"),
    ("image_move", "series", ["1.2", "1.2"], "entry.invalid", "`series` names one series twice"),
    ("image_move", "from", SECRET, "entry.invalid", "`from` is not the id of a record"),
    ("image_move", "reason", "", "entry.invalid", "`reason` is empty"),
    ("image_move", "shown", ..., "entry.invalid", "`shown` is missing"),
    ("image_move", "moved_by", ["Ann", " ANN "], "image.two_people", "two people"),
    ("image_move", "moved_by", ["Ann"], "entry.invalid", "`moved_by`"),
    ("image_move", "moved_by", ..., "image.two_people", "two people"),
    ("request", "tests", [], "entry.invalid", "`tests` is empty"),
    ("request", "tests.1", " ", "entry.invalid", "`tests number 2` is empty"),
    ("request", "priority", SECRET, "entry.invalid", "`priority` is none of the values"),
    ("request", "phone", "", "entry.invalid", "`phone` is empty"),
]


@pytest.mark.parametrize(("kind", "path", "value", "code", "words"), REFUSED)
def test_a_refusal_names_the_field_and_not_its_content(kind: str, path: str, value: Any, code: str, words: str) -> None:
    error = refused(kind, changed(kind, path, value))
    assert error.code == code
    assert words in error.message


@pytest.mark.parametrize("body", [[], "text", None, 3])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert refused("note", body).code == "entry.invalid"


def test_an_unknown_kind_is_refused() -> None:
    assert refused("prescription", {}).code == "entry.unknown_kind"
    with pytest.raises(InputRefused):
        json_schema("prescription")


def test_a_little_ahead_of_the_clock_is_taken() -> None:
    body = changed("note", "happened", (NOW + timedelta(minutes=5)).isoformat())
    assert check("note", body, NOW)[0] == body


def test_a_phoned_result_may_know_the_day_only_and_say_when_the_call_came() -> None:
    body = changed("phoned_result", "collected", "2026-11-23") | {"happened": WHEN, "told": "", "comparator": ">="}
    kept, happened = check("phoned_result", body, NOW)
    assert kept == body
    assert happened is not None
    assert happened.text == WHEN


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_the_schema_names_every_field_and_closes_the_object(kind: str) -> None:
    schema = json_schema(kind)
    top = schema["$defs"][schema["$ref"].rpartition("/")[2]]
    given = set(ALL[kind]) - set(FILLED) if kind == "image_move" else set(ALL[kind])
    assert given <= set(top["properties"])
    assert top["additionalProperties"] is False
    assert set(top["required"]) <= set(ALL[kind])


def test_the_schema_demands_the_read_back() -> None:
    assert json_schema("phoned_result")["$defs"]["PhonedResult"]["properties"]["read_back"] == {"const": True}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(MODELS)), st.data())
def test_whatever_is_put_in_a_place_is_kept_as_it_is_or_refused(kind: str, data: st.DataObject) -> None:
    """No body crashes the check, and none that passes is altered by it."""
    path = data.draw(st.sampled_from(sorted(ALL[kind])))
    body = changed(kind, path, data.draw(JSON))
    try:
        kept, _ = check(kind, body, NOW)
    except InputRefused:
        return
    assert {k: v for k, v in body.items() if v is not None} == kept
