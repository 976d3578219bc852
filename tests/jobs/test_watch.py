"""What the worker tells of the systems it asks, and of its own tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from jobs.tasks import Task, note_systems
from jobs.watch import Watch
from jobs.worker_app import create_app
from tests.training.enrolments.people import registered
from training import clock as times
from training import pulse
from training.database import db, transaction
from training.numbers import recognise
from training.pulse import PulseKind, SystemPulse
from web.settings import Settings


@pytest.fixture
def jobs(settings: Settings, registries: Any) -> Iterator[Flask]:
    app = create_app(settings)
    app.extensions["ports"] = registries.ports
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def card_system() -> SystemPulse:
    db.session().expire_all()
    [row] = pulse.all_pulses(db.session(), PulseKind.SYSTEM)
    return row


def test_a_system_that_fails_is_told_until_it_answers_again(jobs: Flask, registries: Any, clock: Any) -> None:
    person = registered()
    registries.know(person)
    number = recognise(person.number, times.today())
    look_up = registries.ports.social_card.look_up
    note_systems(jobs)
    assert list(pulse.all_pulses(db.session(), PulseKind.SYSTEM)) == []
    registries.misbehave("down", "social-card", times=12)
    for _ in range(6):
        look_up(number, timeout_s=3)
    note_systems(jobs)
    row = card_system()
    assert (row.name, row.last_error, row.is_resting) == ("social_card", "refused", True)
    assert row.failing_since is not None
    assert (row.asked, row.failed) == (5, 5)
    failing_since = row.failing_since
    clock.shift(timedelta(minutes=2))
    note_systems(jobs)
    assert card_system().failing_since == failing_since


def test_the_counts_are_those_of_the_hour(jobs: Flask, clock: Any) -> None:
    def tell(failed: int) -> None:
        told = {"asked": 4, "failed": failed}
        error = "timeout" if failed else None
        transaction(
            lambda session: pulse.tell_system(session, "social_card", **told, error=error, is_resting=False)
        )

    tell(1)
    tell(0)
    assert (card_system().asked, card_system().failed, card_system().failing_since) == (8, 1, None)
    clock.shift(timedelta(hours=1))
    tell(0)
    assert (card_system().asked, card_system().failed) == (4, 0)


def test_a_task_that_goes_well_is_told_once_a_minute(
    jobs: Flask, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, task, told = Watch(), Task("propose_claims", 20, lambda _: None), []
    for second in range(0, 120, 20):
        monkeypatch.setattr("jobs.watch.time.monotonic", lambda now=second: 1000.0 + now)
        watch.run(jobs, task)
        db.session().expire_all()
        [row] = pulse.all_pulses(db.session(), PulseKind.TASK)
        told.append(row.at)
        clock.shift(timedelta(seconds=20))
    assert len(set(told)) == 2
    assert row.next_at == told[-1] + timedelta(seconds=20)
