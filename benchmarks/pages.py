"""Pages: processor time of one server process for one request, beside the bare page with the same classes.

Everything but the database server counts: routing, queries, template, compression. One request at a time on
one connection that stays open, as a browser asks (`Accept-Encoding: br, gzip`).
"""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import brotli
import psycopg
from sqlalchemy.engine import make_url

from benchmarks import bare_page, programs
from benchmarks.demo import Demo
from benchmarks.figures import Figure
from benchmarks.place import Place, free_port
from benchmarks.programs import Failed
from jobs.stack import granian
from portal.app import create_app
from tests.postgres import plain
from training import clock
from training.courses.queries import Listed, listed, read
from training.database import db
from web.settings import Settings

WARM_UP = 60
ACCEPTS = {"Accept-Encoding": "br, gzip"}
GOALS = {
    "course_list_built": 3.0,
    "course_list_kept": 1.0,
    "landing_built": 1.5,
    "landing_kept": 1.5,
}


@dataclass
class Target:
    """A page of a server, and what is done before each request for it."""

    port: int
    path: str
    pids: Sequence[int]
    before: Callable[[], None] = lambda: None

    def ask(self, times: int) -> float:
        """The server's processor time for one request, in milliseconds, over `times` requests."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        begun = programs.cpu_s(self.pids)
        for _ in range(times):
            self.before()
            connection.request("GET", self.path, headers=ACCEPTS)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise Failed(f"{self.path} answered {answer.status}")
        used = programs.cpu_s(self.pids) - begun
        connection.close()
        return used / times * 1000


def measure(place: Place, demo: Demo, rounds: int, requests: int) -> Iterator[Figure]:
    """The lines about pages, with the classes of the demo set."""
    rows = shown_classes(demo.settings)
    with servers(place, demo, rows) as targets:
        check_same_classes(targets["bare"], targets["course_list_built"], rows)
        for target in targets.values():
            target.ask(WARM_UP)
        series: Mapping[str, list[float]] = {name: [] for name in targets}
        for _ in range(rounds):
            for name, target in targets.items():
                series[name].append(target.ask(requests))
    for name, goal in GOALS.items():
        yield Figure(name, series[name], series["bare"], goal, "ms of processor a request", requests)


def shown_classes(settings: Settings) -> Sequence[Listed]:
    """Every class the list could show today, in its order."""
    app = create_app(settings)
    with app.app_context():
        rows = sorted(read(db.session(), listed(clock.today())), key=lambda row: (row.starts_on, row.id))
        db.session.remove()
        db.engine.dispose()
    return rows


@contextmanager
def servers(place: Place, demo: Demo, rows: Sequence[Listed]) -> Iterator[Mapping[str, Target]]:
    """Both servers with one worker each, and the pages to ask for, by name."""
    bare_url = place.database("bare_page")
    bare_page.fill(bare_url, rows)
    ours, bare = demo.port, free_port()
    command = [*granian(bare, workers=1)[:-1], "benchmarks.bare_page:application"]
    environ = {"BARE_DATABASE_URL": bare_url, "BARE_DAY": clock.today().isoformat()}
    with (
        programs.running(granian(ours, workers=1), demo.environ, place.log("doors")) as doors,
        programs.running(command, environ, place.log("bare")) as limit,
        psycopg.connect(plain(make_url(demo.settings.database_url)), autocommit=True) as connection,
    ):
        programs.wait_until_answers(ours, "/healthz", doors, place.log("doors"))
        programs.wait_until_answers(bare, "/courses", limit, place.log("bare"))
        pids, bare_pids = programs.family(doors.pid), programs.family(limit.pid)
        move = seat_mover(connection, rows[0].id)
        yield {
            "bare": Target(bare, "/courses", bare_pids),
            "course_list_built": Target(ours, "/courses", pids, move),
            "course_list_kept": Target(ours, "/courses", pids),
            "landing_built": Target(ours, "/", pids, move),
            "landing_kept": Target(ours, "/", pids),
        }


def seat_mover(connection: psycopg.Connection, class_id: str) -> Callable[[], None]:
    """What an enrolment changes of the catalogue: one seat, and the catalogue's version. Each call moves it again,
    so that no page was ever built before."""

    def move() -> None:
        connection.execute(
            "UPDATE class_run SET seats = seats + 1, seats_left = seats_left + 1 WHERE id = %s", (class_id,)
        )
        connection.execute("UPDATE catalogue_version SET n = n + 1 WHERE shard = 0")

    return move


def check_same_classes(bare: Target, ours: Target, rows: Sequence[Listed]) -> None:
    """Both pages show the same twenty classes. Raises Failed."""
    for target in (bare, ours):
        page = body(target)
        missing = [row.id for row in rows[: bare_page.ROWS] if row.id not in page]
        if missing or rows[bare_page.ROWS].id in page:
            raise Failed(f"{target.path} on port {target.port} does not show the first twenty classes")


def body(target: Target) -> str:
    """The page as a browser reads it."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=20)
    connection.request("GET", target.path, headers=ACCEPTS)
    answer = connection.getresponse()
    opened = {"br": brotli.decompress, "gzip": gzip.decompress}.get(
        answer.headers.get("Content-Encoding", ""), bytes
    )
    page: bytes = opened(answer.read())
    connection.close()
    return page.decode()
