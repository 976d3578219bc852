"""What a worker of each kind holds in memory once it has worked."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator
from itertools import combinations
from urllib.parse import quote

from sqlalchemy import func, select

from benchmarks import programs
from benchmarks.demo import Demo
from benchmarks.figures import Figure, against
from benchmarks.place import Place
from benchmarks.programs import Failed
from jobs.stack import granian
from jobs.worker_app import create_app
from training import outbox
from training.database import db, transaction
from training.outbox import OutboxRow, OutboxState
from training.people.messages import tell
from training.people.models import Person

MOST_MB = 100.0
WORKERS, REQUESTS, MESSAGES = 2, 200, 60
PATIENCE_S = 60.0
# Each is a statement of its own.
FILTERS = [
    "&".join(some)
    for n in (1, 2, 3)
    for some in combinations(("level=5", "rhythm=evenings", "seats=1", "sort=subsidy"), n)
]


def measure(place: Place, demo: Demo) -> Iterator[Figure]:
    """The lines about memory: the largest worker of the doors after 200 pages each, the job worker after 60
    messages. All of them run at once, as `make run` has them, and share what programs share."""
    log, app = place.log("doors-weighed"), create_app(demo.settings)
    with app.app_context(), programs.running(granian(demo.port, WORKERS), demo.environ, log) as doors:
        programs.wait_until_answers(demo.port, "/healthz", doors, log)
        visit(demo.port, addresses(demo))
        put_messages()
        command = [sys.executable, "-m", "jobs.worker"]
        with programs.running(command, demo.environ, place.log("worker")) as worker:
            wait_until_sent()
            job = programs.own_memory_mb(worker.pid)
            door = max(programs.own_memory_mb(pid) for pid in programs.family(doors.pid))
        db.session.remove()
        db.engine.dispose()
    yield Figure("door_worker_memory", **against(MOST_MB, [door]), goal=1.0, unit="MB", n=REQUESTS)
    yield Figure("job_worker_memory", **against(MOST_MB, [job]), goal=1.0, unit="MB", n=MESSAGES)


def addresses(demo: Demo) -> list[str]:
    """Pages of both doors, of every kind that needs no sign-in."""
    told = demo.told
    found = ["/", "/courses", f"/courses?q={quote('电工')}", "/courses?district=500103&free=1", "/check/1"]
    found += [f"/courses?{filters}" for filters in FILTERS]
    found += ["/rules", "/centres", "/help", "/privacy", "/track", "/sign-in", "/office/sign-in"]
    found += [f"/classes/{one['ref']}" for one in told["classes"]]
    found += [f"/enrol/{one['ref']}" for one in told["classes"]]
    return found + [f"/t/{track['reference']}" for track in told["tracks"]]


def visit(port: int, paths: list[str]) -> None:
    """Ask for REQUESTS pages a worker, each on a connection of its own, so that every worker gets its share.
    Raises Failed at one that is not shown."""
    for n in range(REQUESTS * WORKERS):
        path = paths[n % len(paths)]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path, headers={"Accept-Encoding": "br, gzip"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise Failed(f"{path} answered {answer.status}")


def put_messages() -> None:
    """Something for the worker to do: tell some people of the demo that a class goes to the next in line."""
    people = db.session().scalars(select(Person).limit(MESSAGES)).all()

    def work(session: object) -> None:
        for person in people:
            tell(
                db.session(), person, "enrolled", reference="", course="", starts_on="2027-01-04", place=None
            )

    transaction(work)


def wait_until_sent() -> None:
    """Until nothing in the outbox is waiting. Raises Failed."""
    waiting = select(func.count()).select_from(OutboxRow).where(OutboxRow.state == OutboxState.WAITING)
    until = time.monotonic() + PATIENCE_S
    while db.session().scalar(waiting):
        if time.monotonic() > until:
            raise Failed(f"the job worker left {outbox.open_count(db.session())} errands")
        time.sleep(0.1)
