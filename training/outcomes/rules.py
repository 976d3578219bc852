"""How much of a class somebody attended. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Lesson:
    """One lesson of a class for one person. `present` is None where nobody recorded anything; times aware UTC."""

    starts_at: datetime
    ends_at: datetime
    present: bool | None
    source: str = ""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True)
class Attended:
    """Minutes present, minutes scheduled, lessons, lessons without a record."""

    present: int
    scheduled: int
    lessons: int
    unrecorded: int

    @property
    def percent(self) -> int:
        """Whole per cent, rounded down; 0 where nothing was scheduled."""
        return self.present * 100 // self.scheduled if self.scheduled else 0

    @property
    def is_recorded(self) -> bool:
        """Whether there is anything to go by."""
        return self.lessons > self.unrecorded


def attended(lessons: Iterable[Lesson]) -> Attended:
    """What the lessons add up to. A lesson without a record does not count as attended."""
    rows = list(lessons)
    return Attended(
        present=sum(lesson.minutes for lesson in rows if lesson.present),
        scheduled=sum(lesson.minutes for lesson in rows),
        lessons=len(rows),
        unrecorded=sum(lesson.present is None for lesson in rows),
    )
