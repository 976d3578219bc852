"""The worker: sends what the outbox asks for within seconds, and does what the clock asks for.

It may be killed at any moment and started again; on PostgreSQL several may run. Slow outside systems hold up
nothing but their own errand: each runs in a thread of a small pool.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import TypeVar

from flask import Flask

from jobs.errands import do_errand
from jobs.records import end_on_records
from jobs.tasks import TASKS
from jobs.watch import Watch
from jobs.worker_app import create_app
from training import clock, outbox
from training.database import transaction
from web.logs import start_logging
from web.settings import Settings

POLL_S = 0.3
LOOK_EVERY_S = 2.0
THREADS = 12
T = TypeVar("T")
log = logging.getLogger(__name__)


class Worker:
    """Polls the outbox and runs each clock task when it is due, until told to stop."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.stop = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._busy: set[str] = set()
        self._next = {task.name: 0.0 for task in TASKS}
        self._watch, self._look_again = Watch(), 0.0
        self._moved = clock.moved_by()

    def run(self) -> None:
        """Work until `stop` is set."""
        while not self.stop.is_set():
            found = self.poll()
            self.run_due_tasks(time.monotonic())
            if not found:
                self.stop.wait(POLL_S)
        end_on_records()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def poll(self) -> int:
        """Lease what is due and hand it to the pool. Returns how many."""
        room = THREADS - len(self._busy)
        ids = self._guarded("outbox", lambda: _lease(room)) if room > 0 else []
        for row_id in ids or []:
            self._busy.add(row_id)
            self._pool.submit(self._errand, row_id)
        return len(ids or [])

    def run_due_tasks(self, moment: float) -> None:
        """Run each task whose time has come; all of them when a demo has moved its clock."""
        if (moved := clock.moved_by()) != self._moved:
            self._next, self._moved = dict.fromkeys(self._next, 0.0), moved
        if moment >= self._look_again:
            self._look_again = moment + LOOK_EVERY_S
            for name in self._guarded("wishes", self._watch.wishes) or ():
                self._next[name] = 0.0
        for task in TASKS:
            if moment >= self._next[task.name]:
                self._next[task.name] = moment + task.every_s
                self._guarded(task.name, partial(self._watch.run, self.app, task))

    def _errand(self, row_id: str) -> None:
        try:
            self._guarded("errand", lambda: do_errand(self.app, row_id))
        finally:
            self._busy.discard(row_id)

    def _guarded(self, what: str, work: Callable[[], T]) -> T | None:
        """One failure never ends the worker: it is logged, and tried again when its time comes."""
        try:
            with self.app.app_context():
                return work()
        except Exception:
            log.exception("%s failed", what)
            return None


def _lease(limit: int) -> list[str]:
    return transaction(lambda session: [row.id for row in outbox.take_due(session, limit)])


def main() -> None:
    """`python -m jobs.worker`: run until SIGTERM or SIGINT, then finish what is begun."""
    start_logging()
    worker = Worker(create_app(Settings.from_environment()))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()


if __name__ == "__main__":
    main()
