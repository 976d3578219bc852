"""When classes meet: by rhythm, on working days or weekends, in lessons of whole class hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from training.clock import SHANGHAI
from training.courses.models import Rhythm
from training.policy.calendar import Calendar

# A lesson: from, to, and how many class hours it counts.
_WHOLE_DAY = ((time(9), time(12), 4), (time(14), time(17), 4))
_EVENING = ((time(19), time(21, 15), 3),)
LESSONS = {Rhythm.DAYTIME: _WHOLE_DAY, Rhythm.EVENINGS: _EVENING, Rhythm.WEEKENDS: _WHOLE_DAY}
SATURDAY = 5


@dataclass(frozen=True)
class Lesson:
    """Aware times in Shanghai."""

    starts_at: datetime
    ends_at: datetime


def meets_on(calendar: Calendar, day: date, rhythm: Rhythm) -> bool:
    """Whether a class of this rhythm meets on `day`: never on a holiday."""
    is_weekend = day.weekday() >= SATURDAY
    if rhythm is Rhythm.WEEKENDS:
        return is_weekend and day not in calendar.days
    return not is_weekend and calendar.is_working_day(day)


def first_day(calendar: Calendar, day: date, rhythm: Rhythm) -> date:
    """`day`, or the first one after it on which such a class meets."""
    while not meets_on(calendar, day, rhythm):
        day += timedelta(days=1)
    return day


def lessons(calendar: Calendar, starts_on: date, rhythm: Rhythm, hours: int) -> Iterator[Lesson]:
    """The lessons of a class of `hours` class hours, in order."""
    left, day = hours, first_day(calendar, starts_on, rhythm)
    while left > 0:
        for start, end, counted in LESSONS[rhythm]:
            if left > 0:
                yield Lesson(datetime.combine(day, start, SHANGHAI), datetime.combine(day, end, SHANGHAI))
                left -= counted
        day = first_day(calendar, day + timedelta(days=1), rhythm)


def last_day(calendar: Calendar, starts_on: date, rhythm: Rhythm, hours: int) -> date:
    """The day of the last lesson."""
    return [lesson.starts_at.date() for lesson in lessons(calendar, starts_on, rhythm, hours)][-1]
