"""Whatever bytes and texts come, the small functions of the reader answer and keep their promises."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.sources.dicom import inside
from localdb.sources.dicom.child import Asked, answer
from localdb.sources.dicom.context import FileContext
from localdb.sources.dicom.elements import is_uid, swapped, whole_of
from localdb.sources.dicom.recognising import looks_like_dicom
from localdb.sources.dicom.studies import is_number
from localdb.sources.dicom.tables import NoTable, expanded
from localdb.sources.profiles import SourceProfile
from localdb.sources.walking import plain_path

FEW = settings(max_examples=60, deadline=None)
AT = FileContext(source="s", profile=SourceProfile(), offset="", patient="P")


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


@FEW
@given(st.binary(max_size=600))
def test_any_bytes_after_a_preamble_are_read_or_refused_by_a_written_code(data: bytes) -> None:
    found = answer(Asked("f", "s", SourceProfile(), 5), b"\0" * 128 + b"DICM" + data)
    assert found.refusal is not None and found.refusal.code != "dicom.reader_failed"
    looks_like_dicom(data)


@FEW
@given(st.lists(st.integers(0, 65535), max_size=60), st.sampled_from([8, 16]))
def test_a_segmented_palette_is_never_longer_than_one_can_be(words: list[int], bits: int) -> None:
    try:
        made = expanded([w & 0xFF for w in words] if bits == 8 else words, bits)
    except NoTable:
        return
    assert len(made) <= 65536 and all(0 <= v <= 65535 for v in made)


@FEW
@given(st.text(max_size=30), st.text(max_size=20))
def test_any_date_and_time_is_a_moment_that_keeps_its_text(day: str, time: str) -> None:
    found = AT.moment(day, time)
    assert found is None or found.text
    assert (found is None) <= (not day.strip())


@FEW
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.times())
def test_a_date_and_a_time_as_the_standard_writes_them_are_that_moment(day: date, time: object) -> None:
    found = AT.moment(f"{day:%Y%m%d}", f"{time:%H%M%S.%f}")
    assert found is not None and found.precision == "fraction" and found.local is not None
    if not set(found.doubts) - {"assumed_zone"}:
        assert (found.local.date(), f"{found.local.time():%H%M%S.%f}") == (day, f"{time:%H%M%S.%f}")


@FEW
@given(st.text(max_size=40))
def test_numbers_are_told_from_what_is_none(text: str) -> None:
    value = whole_of(text)
    assert value is None or isinstance(value, int)
    if is_number(text):
        assert abs(float(text)) < 1e12
    is_uid(text)


@FEW
@given(st.binary(max_size=40).filter(lambda b: len(b) % 2 == 0))
def test_words_turned_over_twice_are_themselves(data: bytes) -> None:
    assert swapped(swapped(data)) == data


@FEW
@given(st.from_regex(r"\A[A-Z0-9_]{1,8}\Z"), st.integers(1, 32767))
def test_a_name_of_a_disc_is_one_in_each_of_its_writings(name: str, version: int) -> None:
    for written in (name, name.lower(), f"{name};{version}", f"{name}.;{version}", f"/{name}."):
        assert plain_path(written) == name
