"""A hundred thousand old payments from a district's file into the books, on PostgreSQL, and the memory it takes.

Ours is everything between the file and the moment from which it counts: sent and sealed, read dry with every check,
compared with the past, and brought in, by the process that does it in production, its start included. The limit is
bare_records: the same file read and inserted.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks import bare_records
from benchmarks.figures import Figure
from benchmarks.place import Place, migrated
from benchmarks.programs import Failed
from jobs.stack import ROOT
from jobs.worker_app import create_app
from tests.postgres import plain
from tests.training.records.files import JIULONGPO, payments
from training.audit import Actor, ActorKind
from training.database import db
from training.policy.pack import Pack
from training.records import operations
from training.records.models import ImportStatus
from training.records.queries import one_import

GOAL, MEMORY_GOAL = 5.0, 1.25
DISTRICT = "500107"
CLERK = Actor(ActorKind.STAFF, "benchmark")
SMALL_SHARE = 10  # the small file that the memory is held against


@dataclass(frozen=True)
class Run:
    """How long it took, and the most memory the process held (MB)."""

    seconds: float
    peak_mb: float


def measure(place: Place, rounds: int, rows: int) -> Iterator[Figure]:
    """Both in turn; every round brings other people."""
    environ = place.environ("records", place.database("records"))
    bare = str(plain(make_url(place.database("bare_records"))))
    app = create_app(migrated(environ))
    ours: list[Run] = []
    small: list[Run] = []
    limit: list[float] = []
    with app.app_context():
        pack: Pack = app.extensions["pack"]
        for number in range(rounds):
            content = JIULONGPO.file(payments(rows, seed=number, first=number * rows))
            begun = time.monotonic()
            if bare_records.load(bare, content, "gb18030") != rows:
                raise Failed("the limit did not insert every row")
            limit.append(time.monotonic() - begun)
            ours.append(_bring_in(content, pack, environ))
            some = payments(rows // SMALL_SHARE, seed=number, first=10**6 + number * rows)
            small.append(_bring_in(JIULONGPO.file(some), pack, environ))
        db.session.remove()
        db.engine.dispose()
    yield Figure("old_records_import", [run.seconds for run in ours], limit, GOAL, "s", rows)
    peaks = [run.peak_mb for run in ours], [run.peak_mb for run in small]
    yield Figure("old_records_memory", *peaks, MEMORY_GOAL, "MB", rows)


def _bring_in(content: bytes, pack: Pack, environ: Mapping[str, str]) -> Run:
    begun = time.monotonic()
    sent = operations.upload(CLERK, "book.csv", io.BytesIO(content), pack, DISTRICT).record.id
    peaks = [_worked(environ)]
    operations.ask_import(sent, CLERK)
    peaks.append(_worked(environ))
    seconds = time.monotonic() - begun
    if one_import(db.session(), sent).status is not ImportStatus.IMPORTED:
        raise Failed("the file is not in")
    return Run(seconds, max(peaks))


def _worked(environ: Mapping[str, str]) -> float:
    """Let the process of production do what waits. Returns its peak of memory in MB."""
    command = [sys.executable, "-m", "jobs.records"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mb(process.pid))
        time.sleep(0.02)
    if process.returncode != 0:
        raise Failed(f"the process for old records ended with {process.returncode}")
    return peak


def _peak_mb(pid: int) -> float:
    """The most that the program has held so far; what the one before it held in this process does not count."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return 0.0
