"""An age as it looks, and a date of birth as it is typed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.entry.ages import born_day, estimated_year
from desktop.entry.typing_words import NotRead

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(("text", "year"), [
    ("40", 1986), (" 40 y ", 1986), ("40 years", 1986), ("0", 2026), ("1986", 1986), ("2026", 2026), ("3 months", 2026),
    ("11m", 2025), ("14 months", 2025), ("6 w", 2026), ("2d", 2026), ("125", 1901), ("1901", 1901),
])  # fmt: skip
def test_an_age_or_a_year_is_a_year(text: str, year: int) -> None:
    assert estimated_year(text, NOW) == year


@pytest.mark.parametrize("text", ["", "old", "-4", "126", "1890", "2027", "4.5", "40-50", "forty", "12345"])
def test_what_is_no_age_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotRead):
        estimated_year(text, NOW)


@pytest.mark.parametrize(("text", "day"), [
    ("14-Mar-1951", "1951-03-14"), ("14/03/1951", "1951-03-14"), ("14.3.1951", "1951-03-14"), ("1951-03-14", "1951-03-14"),
    ("29 February 2024", "2024-02-29"), (" 24-nov-2026 ", "2026-11-24"),
])  # fmt: skip
def test_a_date_of_birth_is_read(text: str, day: str) -> None:
    assert born_day(text, NOW) == day


@pytest.mark.parametrize(
    "text", ["", "1951", "Mar 1951", "31-Feb-1990", "25-Nov-2026", "14-Foo-1951", "1-1-1890", "14-03-51"]
)
def test_what_is_no_date_of_birth_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotRead):
        born_day(text, NOW)


@given(st.dates(date(1902, 1, 1), date(2026, 11, 24)))
def test_every_day_is_read_as_it_is_shown(day: date) -> None:
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    assert born_day(f"{day.day:02d}-{months[day.month - 1]}-{day.year}", NOW) == day.isoformat()


@given(st.text(max_size=12))
def test_any_text_is_a_year_or_refused(text: str) -> None:
    try:
        assert 1901 <= estimated_year(text, NOW) <= 2026
    except NotRead as refused:
        assert str(refused)
