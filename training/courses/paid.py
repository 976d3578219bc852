"""Which classes somebody's answers let the tuition subsidy be had for: a few windows, however many classes there are.

A class is judged by the notice in force on the day it starts, in its district. Of the class itself a notice asks
occupation and level, hours, and the school's grade; all else it asks of the person. So one window stands for each
notice, and the list compares classes with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, get_args

from sqlalchemy import ColumnElement, String, and_, bindparam, cast, false, or_

from training.courses.models import ClassRun, Course, Level
from training.errors import NotThere
from training.institutions.models import Institution
from training.policy.facts import CourseTerms, Facts
from training.policy.models import Family, Grade, Notice
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.policy.rules import course_reasons, findings

TUITION: Family = "tuition"
GRADES: tuple[Grade, ...] = get_args(Grade)


@dataclass(frozen=True)
class Window:
    """Classes that start from `first` to `last` (both included) in these districts and are paid for, surely or
    perhaps. `trades` are occupation and level, `hours` the least."""

    first: date
    last: date
    districts: tuple[str, ...]
    trades: tuple[str, ...]
    grades: tuple[Grade, ...]
    hours: int


def paid_windows(facts: Facts, pack: Pack, on: date) -> tuple[Window, ...]:
    """What is paid for somebody with these facts who asks on the day `on`, in classes that start from then on."""
    starts = sorted({on, *(day for notice in pack.notices.values() for day in _turns(notice) if day > on)})
    ends = [*(day - timedelta(days=1) for day in starts[1:]), date.max]
    found = (
        _window(facts, notice, places, (first, last), pack, on)
        for first, last in zip(starts, ends, strict=True)
        for notice, places in _notices(pack, first)
    )
    return tuple(window for window in found if window is not None)


def _turns(notice: Notice) -> list[date]:
    """The days from which this notice begins to count, and no longer does."""
    after = [notice.in_force_to + timedelta(days=1)] if notice.in_force_to else []
    return [notice.in_force_from, *after]


def _notices(pack: Pack, day: date) -> list[tuple[Notice, tuple[str, ...]]]:
    """Each notice in force for classes that start on `day`, with its districts."""
    found: dict[str, tuple[Notice, tuple[str, ...]]] = {}
    for code in pack.districts:
        try:
            notice = notice_for(pack, code, day)
        except NotThere:
            continue
        found[notice.number] = (notice, (*found.get(notice.number, (notice, ()))[1], code))
    return list(found.values())


def _window(
    facts: Facts,
    notice: Notice,
    places: tuple[str, ...],
    days: tuple[date, date],
    pack: Pack,
    on: date,
) -> Window | None:
    rule = notice.families.get(TUITION)
    if rule is None:
        return None
    least = rule.min_hours.value if rule.min_hours else 0

    def terms(occupation: str, level: Level, grade: Grade) -> CourseTerms:
        return CourseTerms(occupation, level.value, least, 0, days[0], places[0], grade)

    def is_open(code: str, course: CourseTerms) -> bool:
        return all(reason.code != code or reason.met != "no" for reason in course_reasons(rule, course))

    pairs = list(product(pack.occupations, Level))
    trades = [pair for pair in pairs if is_open("level_not_paid", terms(*pair, "A"))]
    grades = [grade for grade in GRADES if is_open("grade_too_low", terms(*pairs[0], grade))]
    if not trades or not grades:
        return None
    judged = findings(facts, terms(*trades[0], grades[0]), None, notice, on)
    if next(item for item in judged if item.family == TUITION).outcome == "no":
        return None
    words = tuple(f"{occupation} {level.value}" for occupation, level in trades)
    return Window(*days, places, words, tuple(grades), least)


def in_windows(count: int) -> ColumnElement[bool]:
    """A condition on classes with their course and school: in one of so many windows (`window_values`)."""
    return or_(false(), *(_in_window(n) for n in range(count)))


def _in_window(n: int) -> ColumnElement[bool]:
    def said(name: str, **more: Any) -> Any:
        return bindparam(f"{name}{n}", **more)

    trade = Course.occupation + " " + cast(Course.level, String)
    return and_(
        ClassRun.starts_on.between(said("first"), said("last")),
        ClassRun.district.in_(said("districts", expanding=True)),
        trade.in_(said("trades", expanding=True)),
        cast(Institution.grade, String).in_(said("grades", expanding=True)),
        Course.hours >= said("hours"),
    )


def window_values(windows: Sequence[Window]) -> dict[str, Any]:
    """What the windows are compared with, by the names of the condition."""
    names = ("first", "last", "districts", "trades", "grades", "hours")
    return {f"{name}{n}": getattr(window, name) for n, window in enumerate(windows) for name in names}
