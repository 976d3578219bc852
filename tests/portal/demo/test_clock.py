"""A demo's clock: moved on for all processes at once; an event of the trail, and nothing that is bound to real time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.tasks import TASKS
from jobs.worker import Worker
from portal.app import create_app
from training import clock
from training.audit import AuditEvent, EventName
from training.database import db
from training.demo_clock import MOVED_FILE, SharedMove
from web.settings import Settings

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def demo_portal(settings: Settings) -> Iterator[Flask]:
    before = clock.moved_by
    app = create_app(dataclasses.replace(settings, environment="demo"))
    yield app
    clock.moved_by = before
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def move(app: Flask, minutes: object, **given: str) -> int:
    return app.test_client().post("/demo/clock", data={"advance_minutes": minutes}, **given).status_code


def test_business_time_moves_and_real_time_stays(demo_portal: Flask, tmp_path: Path) -> None:
    today, real = clock.today(), clock.real_now()
    assert move(demo_portal, 3 * 24 * 60) == 204
    assert clock.today() == today + timedelta(days=3)
    assert clock.real_now() - real < timedelta(minutes=1)
    other = SharedMove(tmp_path / MOVED_FILE)
    assert other() == timedelta(days=3), "another process reads the same move"
    assert move(demo_portal, 60) == 204
    assert other() == timedelta(days=3, hours=1)


def test_A68_a_move_is_an_event_of_the_trail(demo_portal: Flask) -> None:
    move(demo_portal, 90)
    with demo_portal.app_context():
        [event] = db.session().scalars(select(AuditEvent).where(AuditEvent.name == EventName.CLOCK_MOVED))
        assert event.facts == {"minutes": 90}


@pytest.mark.parametrize("typed", ["", "0", "-5", "1.5", "abc", "９", "9" * 30])
def test_what_cannot_be_read_moves_nothing(demo_portal: Flask, typed: str) -> None:
    assert move(demo_portal, typed) == 422
    assert clock.moved_by() == timedelta()


def test_only_this_machine_and_no_other_site_may_move_it(demo_portal: Flask) -> None:
    assert move(demo_portal, 5, environ_base={"REMOTE_ADDR": "10.0.0.7"}) == 403  # type: ignore[arg-type]
    client = demo_portal.test_client()
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/demo/clock", data={"advance_minutes": 5}, headers=foreign).status_code == 403
    assert clock.moved_by() == timedelta()


def test_nowhere_but_in_a_demo(portal: Flask) -> None:
    assert portal.test_client().post("/demo/clock", data={"advance_minutes": 5}).status_code == 404


def test_two_moves_at_once_both_count(engine: str, tmp_path: Path) -> None:
    move = SharedMove(tmp_path / MOVED_FILE)
    both = [Thread(target=SharedMove(move.path).advance, args=(1,)) for _ in range(8)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert move() == timedelta(minutes=8)


def test_the_worker_does_what_became_due_at_once(demo_portal: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    names = {task.name for task in TASKS if task.every_s > 60}
    worker = Worker(demo_portal)
    monkeypatch.setattr(worker, "_guarded", lambda what, work: ran.append(what) if what in names else None)
    worker.run_due_tasks(1000.0)
    first = len(ran)
    assert first > 3
    worker.run_due_tasks(1001.0)
    assert len(ran) == first
    move(demo_portal, 1)
    worker.run_due_tasks(1002.0)
    assert len(ran) == 2 * first
