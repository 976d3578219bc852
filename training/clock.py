"""The one clock. Times are aware UTC; dates are those of Asia/Shanghai.

A demo may move business time (`moved_by`); sessions, codes and limits ask `real_now`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

moved_by: Callable[[], timedelta] = timedelta


def real_now() -> datetime:
    """The machine's time, aware UTC: for sessions, one-time codes, locks and limits."""
    return datetime.now(UTC)


def now() -> datetime:
    """Business time, aware UTC: for dates, deadlines, holds and everything that is stored about a case."""
    return real_now() + moved_by()


def today() -> date:
    """Today's date in Chongqing."""
    return on_date(now())


def on_date(moment: datetime) -> date:
    """The date in Asia/Shanghai on which `moment` falls."""
    return moment.astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """The moment in Asia/Shanghai with which `day` begins."""
    return datetime.combine(day, time(), SHANGHAI)
