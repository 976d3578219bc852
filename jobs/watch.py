"""What the worker tells of its own tasks: when each ran, how long it took, what went wrong."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from jobs.tasks import TASKS, Task
from training import clock, pulse
from training.database import db, transaction

TELL_EVERY_S = 60.0
KNOWN = {task.name for task in TASKS}
log = logging.getLogger(__name__)


class Watch:
    """Runs tasks and writes how they went: at once when that has changed, else once a minute, so that a worker
    with nothing to do hardly writes."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, str | None]] = {}
        self._wished: set[str] = set()

    def wishes(self) -> list[str]:
        """The tasks that an administrator wants run now; each is off the list when it has run."""
        self._wished.update(name for name in pulse.asked_for(db.session()) if name in KNOWN)
        return sorted(self._wished)

    def run(self, app: Flask, task: Task) -> None:
        """Run one task; what it raises goes on."""
        began, error = time.monotonic(), None
        try:
            task.run(app)
        except Exception as fault:
            error = type(fault).__name__
            raise
        finally:
            self._tell(task, time.monotonic() - began, error)

    def _tell(self, task: Task, took_s: float, error: str | None) -> None:
        moment, (told_at, said) = time.monotonic(), self._told.get(task.name, (-TELL_EVERY_S, ""))
        if error == said and moment - told_at < TELL_EVERY_S and task.name not in self._wished:
            return
        self._wished.discard(task.name)
        self._told[task.name] = (moment, error)
        next_at = clock.now() + timedelta(seconds=task.every_s)

        def work(session: Session) -> None:
            pulse.tell_task(session, task.name, took_ms=round(took_s * 1000), next_at=next_at, error=error)

        try:
            transaction(work)
        except Exception:
            log.exception("the pulse of %s", task.name)
