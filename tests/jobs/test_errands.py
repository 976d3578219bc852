"""The outbox's errands: done within seconds, safe twice, tried again when the outside is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.errands import do_errand
from jobs.worker_app import create_app
from tests.make import make_class
from tests.training.enrolments.people import enrolled, limits, registered, typed
from training import clock, outbox
from training.database import db, transaction
from training.outbox import OutboxRow, OutboxState
from training.people import operations as people
from web.settings import Settings


@pytest.fixture
def jobs(settings: Settings, registries: Any) -> Iterator[Flask]:
    """The clock's door on the test's database."""
    app = create_app(settings)
    app.extensions["ports"] = registries.ports
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def work_off(app: Flask) -> int:
    """Do everything that is due, as the worker would. Returns how many rows."""
    ids = transaction(lambda session: [row.id for row in outbox.take_due(session)])
    for row_id in ids:
        do_errand(app, row_id)
    db.session.remove()
    return len(ids)


def states() -> list[str]:
    rows = db.session().scalars(select(OutboxRow).order_by(OutboxRow.created_at))
    return [row.state.value for row in rows]


def test_a_code_reaches_the_phone_on_file(jobs: Flask, registries: Any) -> None:
    person = registered()
    registries.know(person)
    people.ask_for_code(typed(person, make_class().id), limits(), "127.0.0.1")
    assert work_off(jobs) == 1
    assert work_off(jobs) == 1
    (message,) = registries.messages(person.phone)
    assert "验证码" in message["text"]
    assert states() == ["done", "done"]
    assert all(not row.payload_sealed for row in db.session().scalars(select(OutboxRow)))


def test_A09_nothing_is_sent_to_unknown_people(jobs: Flask, registries: Any) -> None:
    stranger = registered()
    people.ask_for_code(typed(stranger, make_class().id), limits(), "127.0.0.1")
    work_off(jobs)
    assert work_off(jobs) == 0
    assert registries.messages(stranger.phone) == []


def test_A69_a_registry_that_is_down_is_asked_again_and_the_code_comes(jobs: Flask, registries: Any) -> None:
    person = registered()
    registries.know(person)
    registries.misbehave("down", "social-card")
    people.ask_for_code(typed(person, make_class().id), limits(), "127.0.0.1")
    work_off(jobs)
    assert states() == ["waiting"]
    registries.misbehave("none", "social-card")
    with time_machine.travel(clock.real_now() + timedelta(seconds=120), tick=False):
        work_off(jobs)
        work_off(jobs)
    assert len(registries.messages(person.phone)) == 1


def test_a_worker_killed_before_it_noted_the_end_sends_nothing_twice(jobs: Flask, registries: Any) -> None:
    person = registered()
    registries.know(person)
    enrolled(registries, person, make_class().id)
    ids = transaction(lambda session: [row.id for row in outbox.take_due(session)])
    again = {row_id: db.session().get_one(OutboxRow, row_id).payload_sealed for row_id in ids}
    for row_id in ids:
        do_errand(jobs, row_id)
    before = len(registries.messages(person.phone))

    def forget(session: Any) -> None:
        for row_id, sealed in again.items():
            row = session.get_one(OutboxRow, row_id)
            row.state, row.payload_sealed, row.due_at = OutboxState.WAITING, sealed, clock.real_now()

    transaction(forget)
    work_off(jobs)
    sent = [message["key"] for message in registries.messages(person.phone) if "编号" in message["text"]]
    assert len(sent) == len(set(sent)) == 1
    assert before >= 1


def test_a_leased_row_is_not_given_to_a_second_worker(jobs: Flask, registries: Any) -> None:
    people.ask_for_code(typed(registered(), make_class().id), limits(), "127.0.0.1")
    first = transaction(lambda session: [row.id for row in outbox.take_due(session)])
    second = transaction(lambda session: [row.id for row in outbox.take_due(session)])
    assert (len(first), second) == (1, [])


def test_an_errand_that_never_works_waits_for_a_person(jobs: Flask, registries: Any) -> None:
    person = registered()
    registries.know(person)
    registries.misbehave("down", "social-card")
    people.ask_for_code(typed(person, make_class().id), limits(), "127.0.0.1")
    row = db.session().scalars(select(OutboxRow)).one()
    for _ in range(outbox.ATTEMPTS):

        def due(session: Any) -> None:
            session.get_one(OutboxRow, row.id).due_at = clock.real_now()

        transaction(due)
        work_off(jobs)
    assert states() == ["dead"]


def test_the_message_is_in_the_persons_language(jobs: Flask, registries: Any) -> None:
    person = registered()
    registries.know(person)
    people.ask_for_code(typed(person, make_class().id, language="en"), limits(), "127.0.0.1")
    work_off(jobs)
    work_off(jobs)
    assert registries.messages(person.phone)[0]["text"].startswith("[Chongqing Skills]")
