"""Once a night: who is due is told, who was told is emptied, and what is over goes (training/privacy)."""

from __future__ import annotations

import logging

from flask import Flask

from training import clock
from training.database import db
from training.privacy.operations import run_retention
from training.privacy.queries import last_runs

HOUR = 2  # in Chongqing: before the file is read through
log = logging.getLogger(__name__)


def keep_periods(app: Flask) -> dict[str, int]:
    """Run the retention once a night and say what it did; by day nothing. Returns its counts."""
    last = next(iter(last_runs(db.session(), 1)), None)
    is_night = clock.now().astimezone(clock.SHANGHAI).hour == HOUR
    done_today = (
        last is not None and last.ended_at is not None and clock.on_date(last.began_at) == clock.today()
    )
    return {} if done_today or not is_night else run_now(app)


def run_now(app: Flask) -> dict[str, int]:
    """Run it whatever the hour. Returns what was done: `told`, `emptied`, and the counts of the run."""
    run = run_retention(app.extensions["pack"].retention)
    said = {"told": run.told, "emptied": run.emptied, **run.counts}
    log.info("retention: %s", " ".join(f"{word}={n}" for word, n in said.items()))
    return said
