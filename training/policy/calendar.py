"""Working days: weekends, official holidays and the weekend days that are worked instead.

The table decides. A year whose schedule has not been published is estimated: weekends and statutory days only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from training.policy.models import Shape, Words

SATURDAY = 5


class CalendarDay(Shape):
    """A day that is not what its weekday says, or a statutory day of a year not yet published."""

    day: date
    kind: Literal["holiday", "working"]
    name: Words
    status: Literal["published", "estimated"]


class Calendar(Shape):
    """The days out of the ordinary, by date."""

    days: dict[date, CalendarDay]

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on `day`."""
        known = self.days.get(day)
        return known.kind == "working" if known else day.weekday() < SATURDAY

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `day` itself never counts. With 0: `day` as it is."""
        reached = day
        for _ in range(count):
            reached = next(later for later in _after(reached) if self.is_working_day(later))
        return reached

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; 0 when `last` is not later."""
        return sum(self.is_working_day(first + timedelta(n)) for n in range(1, (last - first).days + 1))

    def is_estimated(self, year: int) -> bool:
        """Whether the schedule of `year` has not been published, so that a deadline in it may move."""
        known = [entry for day, entry in self.days.items() if day.year == year]
        return not known or any(entry.status == "estimated" for entry in known)


def _after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day
