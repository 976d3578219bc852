"""The one clock. Times are aware UTC; dates are those of Asia/Shanghai.

A demo may move business time (`moved_by`); sessions, codes and limits ask `real_now`.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOVED_FILE = "demo-clock.txt"

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


class SharedMove:
    """How far a demo has moved its clock: whole minutes in a file that all its processes read.

    The file is looked at each time and read only when it has changed. No file: nothing was moved.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._moved = timedelta()

    def __call__(self) -> timedelta:
        try:
            found = self.path.stat()
        except OSError:
            return timedelta()
        if self._seen != (found.st_mtime_ns, found.st_ino):
            self._moved = timedelta(minutes=int(self.path.read_text()))
            self._seen = (found.st_mtime_ns, found.st_ino)
        return self._moved

    def advance(self, minutes: int) -> None:
        """Move on by `minutes`; of two moves at once both count."""
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            fresh = self.path.with_suffix(".new")
            fresh.write_text(str(self() // timedelta(minutes=1) + minutes))
            fresh.replace(self.path)


def follow(path: Path) -> SharedMove:
    """Let business time follow the move kept in `path`."""
    global moved_by
    move = SharedMove(path)
    moved_by = move
    return move
