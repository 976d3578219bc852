"""Working days with official holidays and the weekends worked instead."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.policy.packs import chongqing

CALENDAR = chongqing().calendar


@pytest.mark.parametrize(("year", "count"), [(2025, 248), (2026, 248)])
def test_a_published_year_has_its_working_days(year, count):
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


@pytest.mark.parametrize(
    "day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
)
def test_a_swapped_weekend_is_worked(day):
    assert CALENDAR.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-02-17", "2026-10-06", "2026-11-28", "2026-11-29", "2025-10-08"])
def test_holidays_and_plain_weekends_are_not_worked(day):
    assert not CALENDAR.is_working_day(date.fromisoformat(day))


def test_five_working_days_after_28_september_2026_is_10_october():
    assert CALENDAR.add_working_days(date(2026, 9, 28), 5) == date(2026, 10, 10)


def test_the_day_itself_never_counts():
    assert CALENDAR.add_working_days(date(2026, 11, 25), 1) == date(2026, 11, 26)
    assert CALENDAR.add_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert CALENDAR.add_working_days(date(2026, 11, 28), 0) == date(2026, 11, 28)


def test_a_year_not_published_is_estimated():
    assert not CALENDAR.is_estimated(2026)
    assert CALENDAR.is_estimated(2027)
    assert CALENDAR.is_estimated(2031)


@given(st.dates(date(2025, 1, 1), date(2027, 6, 30)), st.integers(1, 40))
def test_adding_and_counting_agree(day, count):
    later = CALENDAR.add_working_days(day, count)
    assert CALENDAR.is_working_day(later)
    assert CALENDAR.working_days_between(day, later) == count
    assert CALENDAR.working_days_between(day, later - timedelta(days=1)) == count - 1
