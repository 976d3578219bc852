"""Old records are read in a process of their own: 200,000 rows, and files of strangers, never hold up the worker.

The worker starts `python -m jobs.records` when something waits; it ends when nothing does. A file that wants too much
memory ends this process and no other.
"""

from __future__ import annotations

import logging
import resource
import signal
import subprocess
import sys

from flask import Flask

from jobs.worker_app import create_app
from training.database import db
from training.records.operations import is_anything_due, work_once
from web.logs import start_logging
from web.settings import ROOT, Settings

MEMORY = 1 << 30
log = logging.getLogger(__name__)
_running: list[subprocess.Popen[bytes]] = []


def start_on_records(_: Flask) -> bool:
    """Start the process if something waits and none is running. Says whether one was started."""
    if _running and _running[0].poll() is None:
        return False
    _running.clear()
    if not is_anything_due(db.session()):
        return False
    _running.append(
        subprocess.Popen([sys.executable, "-m", "jobs.records"], cwd=ROOT, stdin=subprocess.DEVNULL)
    )
    return True


def end_on_records() -> None:
    """The worker ends: so does the process; what it has not finished waits where the last transaction ended."""
    for process in _running:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)


def main() -> None:
    """Work until nothing waits."""
    start_logging()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    app = create_app(Settings.from_environment())
    with app.app_context():
        while work_once(app.extensions["pack"]):
            db.session.remove()


if __name__ == "__main__":
    main()
