"""Enrolments a second by eight client processes at once, on PostgreSQL: into one class, and into many.

Ours is the whole operation behind the button of the last page: `enrol` with every check, for people who come
for the first time. The limit is bare_enrolment: the seat and a row.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from typing import Protocol, TypeVar

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from benchmarks import bare_enrolment, crowd
from benchmarks.crowd import Click
from benchmarks.figures import Figure
from benchmarks.place import Place, migrated
from benchmarks.programs import Failed
from jobs.worker_app import create_app as create_worker_app
from tests.postgres import plain
from training import clock
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol
from training.people.models import Draft
from web.settings import Settings
from web.skeleton import settle_memory

CLIENTS = 8
CLASSES = 199  # no multiple of the clients: they meet now and then
BARE_TIMES = 4  # the limit is so much faster: as many seconds, not as many enrolments
WARM_UP = 6
PATIENCE_S = 120.0
GOALS = {"enrol_hot": 0.10, "enrol_spread": 0.05}
Bare = tuple[int, int]  # person, class
T = TypeVar("T")


class Waits(Protocol):
    """A barrier of processes."""

    def wait(self, timeout: float | None = None) -> int: ...


# --- one client process --------------------------------------------------------------------------------------


def serve(pipe: Connection, gate: Waits, environ: Mapping[str, str], bare_address: str) -> None:
    """Do the lots that come down the pipe, each when all clients have one; say when it began and ended."""
    from portal.app import create_app

    app, bare = create_app(Settings.from_environment(environ)), bare_enrolment.connect(bare_address)
    settle_memory()
    while lot := pipe.recv():
        gate.wait(PATIENCE_S)
        begun, fault = time.monotonic(), ""
        try:
            for one in lot:
                _press(app, one) if isinstance(one, Click) else bare_enrolment.enrol(bare, *one)
        except Exception as error:  # noqa: BLE001 (the parent says what went wrong, and ends the run)
            fault = repr(error)
        pipe.send((begun, time.monotonic(), fault))


def _press(app: Flask, click: Click) -> None:
    """What the view does, in a context of its own as every request has."""
    with app.app_context():
        draft = Draft(id=click.draft_id)
        choice = Choice(click.key)
        found = enrol(draft, click.class_id, choice, app.extensions["pack"], clock.today())
        if found.status != "enrolled":
            raise Failed(f"{found.status} instead of enrolled: {found.flags}")


# --- all of them ---------------------------------------------------------------------------------------------


@dataclass
class Clients:
    """The other ends of the pipes."""

    pipes: Sequence[Connection]

    def rate(self, lots: Sequence[Sequence[Click | Bare]]) -> float:
        """How many a second, from the first one's beginning to the last one's end. Raises Failed."""
        for pipe, lot in zip(self.pipes, lots, strict=True):
            pipe.send(lot)
        told: list[tuple[float, float, str]] = [pipe.recv() for pipe in self.pipes]
        if faults := sorted({fault for _, _, fault in told if fault}):
            raise Failed("; ".join(faults))
        return sum(map(len, lots)) / (max(end for _, end, _ in told) - min(begun for begun, _, _ in told))


@contextmanager
def clients(environ: Mapping[str, str], bare_address: str) -> Iterator[Clients]:
    """Eight processes, each with its own application and connections."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(CLIENTS)
    pairs = [context.Pipe() for _ in range(CLIENTS)]
    made = [
        context.Process(target=serve, args=(theirs, gate, environ, bare_address), daemon=True)
        for _, theirs in pairs
    ]
    try:
        for process, (_, theirs) in zip(made, pairs, strict=True):
            process.start()
            theirs.close()
        yield Clients([ours for ours, _ in pairs])
        for ours, _ in pairs:
            ours.send(None)
        for process in made:
            process.join(5)
    finally:
        for process in made:
            process.kill()
            process.join()


def measure(place: Place, rounds: int, each: int) -> Iterator[Figure]:
    """The lines about enrolments; `each` is what one client does in one round."""
    url, bare_url = place.database("enrolments"), place.database("bare_enrolments")
    environ, bare_address = place.environ("clients", url), plain(make_url(bare_url))
    bare_enrolment.set_up(bare_address, CLASSES, crowd.SEATS)
    app = create_worker_app(migrated(environ))
    with app.app_context(), clients(environ, bare_address) as eight:
        series = _rounds(eight, rounds, each)
        _check(bare_address)
        db.session.remove()
        db.engine.dispose()
    for name, goal in GOALS.items():
        ours, limit = series[name], series[f"{name}_bare"]
        yield Figure(name, ours, limit, goal, "enrolments/s", each * CLIENTS)


def _rounds(eight: Clients, rounds: int, each: int) -> Mapping[str, list[float]]:
    classes, born, people = crowd.open_classes(CLASSES), crowd.birthdays(), count(1)
    wanted = {"enrol_hot": classes[:1], "enrol_spread": classes}
    series: dict[str, list[float]] = {}

    def go(name: str, number: int) -> tuple[float, float]:
        lots = _dealt(crowd.proved(born, wanted[name], number * CLIENTS))
        bare = [(next(people), n % len(wanted[name])) for n in range(number * CLIENTS * BARE_TIMES)]
        return eight.rate(lots), eight.rate(_dealt(bare))

    for name in wanted:
        go(name, WARM_UP)
    for _ in range(rounds):
        for name in wanted:
            ours, bare = go(name, each)
            series.setdefault(name, []).append(ours)
            series.setdefault(f"{name}_bare", []).append(bare)
    return series


def _dealt(items: Sequence[T]) -> list[Sequence[T]]:
    """The items as a dealer gives out cards."""
    return [items[client::CLIENTS] for client in range(CLIENTS)]


def _check(bare_address: str) -> None:
    """Every seat taken has its row, at ours and at the limit. Raises Failed."""
    rows = select(func.count()).where(Enrolment.class_id == ClassRun.id).scalar_subquery()
    odd = select(ClassRun.id).where(ClassRun.seats - ClassRun.seats_left != rows)
    if wrong := [*db.session().scalars(odd), *bare_enrolment.miscounted(bare_address)]:
        raise Failed(f"seats and rows differ: {wrong[:5]}")
