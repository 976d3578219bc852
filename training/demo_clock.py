"""A demo's clock: how far business time was moved on, for all its processes (contract §5).

Sessions, one-time codes, locks and limits keep real time. A move is an event of the trail, and no jump of the
machine's clock (A68).
"""

from __future__ import annotations

import fcntl
from datetime import timedelta
from pathlib import Path

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction

MOVED_FILE = "demo-clock.txt"


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
    move = SharedMove(path)
    clock.moved_by = move
    return move


def move_clock(move: SharedMove, minutes: int) -> None:
    """Tell the trail, then move every process on: told and not moved is possible, moved and not told is not."""
    facts = {"minutes": minutes}
    entry = Entry(EventName.CLOCK_MOVED, SubjectKind.CLOCK, "demo", facts=facts)
    transaction(lambda session: audit.record(session, Actor.system("demo_clock"), entry))
    move.advance(minutes)
