"""What the clock does: seals, and a look at the database file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import literal_column, select, text

from jobs.tasks import TASKS, check_file_at_night, seal_trail
from jobs.worker_app import create_app
from tests.make import make_class
from tests.training.enrolments.people import enrolled, registered
from training import audit, seals
from training.audit import Actor, AuditEvent, Entry, EventName, SubjectKind
from training.clock import SHANGHAI
from training.database import db, file_problems, transaction
from web.settings import Settings

NO_TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"],
    "postgresql": [
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "ALTER TABLE audit_seal DISABLE TRIGGER USER",
    ],
}


@pytest.fixture
def jobs(settings: Settings, registries: Any) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        person = registered()
        registries.know(person)
        enrolled(registries, person, make_class().id)
        yield app
        db.session.remove()
        db.engine.dispose()


def behind_its_back(*statements: str) -> None:
    """What somebody with the database's own password could do."""
    own = NO_TRIGGERS[db.engine.dialect.name]

    def work(session: Any) -> None:
        for statement in (*own, *statements):
            session.execute(text(statement))

    transaction(work)
    db.session.remove()


def faults(app: Flask) -> list[tuple[str, str]]:
    settings: Settings = app.extensions["settings"]
    found = seals.verify(db.session(), settings.audit_heads)
    return [(fault.what, fault.where) for fault in found]


def test_I32_every_row_is_sealed_once_and_the_head_is_kept_outside(jobs: Flask) -> None:
    assert seal_trail(jobs) == 1
    assert seal_trail(jobs) == 0
    covered = [row for seal in db.session().scalars(select(seals.AuditSeal)) for row in seal.rows]
    assert sorted(covered) == sorted(db.session().scalars(select(AuditEvent.id)))
    settings: Settings = jobs.extensions["settings"]
    assert json.loads(settings.audit_heads.read_text().splitlines()[-1])["number"] == 1
    assert faults(jobs) == []


@pytest.mark.parametrize(
    "change", ["UPDATE audit_event SET office = 'x'", "DELETE FROM audit_event", "DELETE FROM audit_seal"]
)
def test_A67_the_database_refuses_to_change_the_trail(jobs: Flask, change: str) -> None:
    seal_trail(jobs)
    with pytest.raises(Exception, match="append-only"):
        transaction(lambda session: session.execute(text(change)))


def test_A67_a_changed_row_is_named(jobs: Flask) -> None:
    seal_trail(jobs)
    row = db.session().scalars(select(AuditEvent.id).order_by(AuditEvent.id)).first()
    behind_its_back(f"UPDATE audit_event SET actor_id = 'somebody' WHERE id = {row}")
    assert any(what == "changed" and f"row {row} " in where for what, where in faults(jobs))


def test_A67_a_removed_row_is_named(jobs: Flask) -> None:
    seal_trail(jobs)
    row = db.session().scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc())).first()
    behind_its_back(f"DELETE FROM audit_event WHERE id = {row}")
    assert any(what == "removed" and f"row {row} " in where for what, where in faults(jobs))


def test_A67_an_inserted_row_is_named(jobs: Flask) -> None:
    seal_trail(jobs)
    column = "kind, subject, n, name, outcome, status, at, actor_kind, actor_id, office, facts, personal, mac"
    behind_its_back(
        f"INSERT INTO audit_event ({column}) SELECT kind, subject, n + 100, name, outcome, status, at, actor_kind, "
        "actor_id, office, facts, personal, mac FROM audit_event WHERE n = 1"
    )
    assert any(what in ("removed", "inserted", "changed") for what, _ in faults(jobs))


def test_A67_a_cut_tail_and_a_rolled_back_database_are_seen(jobs: Flask) -> None:
    seal_trail(jobs)
    behind_its_back(
        "DELETE FROM audit_seal"
        if db.engine.dialect.name != "sqlite"
        else "DROP TRIGGER audit_seal_no_delete"
    )
    if db.engine.dialect.name == "sqlite":
        transaction(lambda session: session.execute(text("DELETE FROM audit_seal")))
    db.session.remove()
    assert ("rolled_back", "seals 1 to 1 are gone") in faults(jobs)


class Held:
    """A transaction in a thread of its own: it has begun, and writes and commits when it is told."""

    def __init__(self, app: Flask) -> None:
        self.app, self.begun, self.told, self.subject = app, Event(), Event(), ""
        self._thread = Thread(target=self._run)
        self._thread.start()
        assert self.begun.wait(5)

    def _run(self) -> None:
        with self.app.app_context():
            transaction(self._work)
            db.session.remove()

    def _work(self, session: Any) -> None:
        session.execute(text("SELECT pg_current_xact_id()"))
        self.begun.set()
        assert self.told.wait(8)
        if self.subject:
            write(session, self.subject)

    def commit(self, subject: str = "") -> None:
        """Write one event about `subject`, and commit."""
        self.subject = subject
        self.told.set()
        self._thread.join(5)


def write(session: Any, subject: str) -> None:
    """An event about a subject nobody has heard of."""
    actor = Actor.system("test")
    audit.record(session, actor, Entry(EventName.ENROLLED, SubjectKind.ENROLMENT, subject, is_first=True))


def sealed_in() -> dict[str, int]:
    """The number of the seal in which each subject's newest event stands."""
    session = db.session()
    session.expire_all()
    subjects = {event.id: event.subject for event in session.scalars(select(AuditEvent))}
    covered = [(row, seal.number) for seal in session.scalars(select(seals.AuditSeal)) for row in seal.rows]
    assert len(covered) == len({row for row, _ in covered}), "a row in two seals"
    return {subjects[row]: number for row, number in covered}


def test_I32_what_began_before_a_seal_and_is_committed_after_it_stands_in_the_next(
    postgres_only: None, jobs: Flask
) -> None:
    early, open_still = Held(jobs), Held(jobs)
    transaction(lambda session: write(session, "quick"))
    seal_trail(jobs)
    early.commit("early")
    seal_trail(jobs)
    open_still.commit("last")
    seal_trail(jobs)
    found = sealed_in()
    assert found["quick"] < found["early"] < found["last"], "a running transaction holds up no other"
    assert len(found) == len(set(db.session().scalars(select(AuditEvent.subject))))
    assert seal_trail(jobs) == 0
    assert faults(jobs) == []


def test_I32_an_effect_stands_in_no_earlier_seal_than_its_cause(postgres_only: None, jobs: Flask) -> None:
    """The effect's transaction began first, and a third one that is still open lies between the two."""
    effect, between = Held(jobs), Held(jobs)
    transaction(lambda session: write(session, "cause"))
    effect.commit("effect")
    seal_trail(jobs)
    between.commit()
    seal_trail(jobs)
    found = sealed_in()
    assert found["cause"] <= found["effect"]
    assert faults(jobs) == []


def test_A70_a_restore_into_a_new_cluster_begins_a_new_series(
    postgres_only: None, jobs: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old cluster had come to a million transactions; the new one counts from the beginning."""
    transaction(partial(write, subject="sealed there"))
    behind_its_back("UPDATE audit_event SET transaction = transaction + 1000000")
    with monkeypatch.context() as there:
        there.setattr(seals, "_ALL_ENDED", literal_column("2000000"))
        seal_trail(jobs)
    transaction(partial(write, subject="restored without a seal"))
    behind_its_back("UPDATE audit_event SET transaction = transaction + 1000000 WHERE transaction < 1000000")
    late = Held(jobs)
    transaction(partial(write, subject="written here"))
    assert seal_trail(jobs) == 1
    late.commit("late")
    seal_trail(jobs)
    transaction(partial(write, subject="after it"))
    seal_trail(jobs)
    assert seal_trail(jobs) == 0
    found = sealed_in()
    assert len(found) == len(set(db.session().scalars(select(AuditEvent.subject))))
    assert found["restored without a seal"] == found["written here"] < found["late"] < found["after it"]
    assert faults(jobs) == []


def test_I32_a_long_tail_is_sealed_in_order_too(
    postgres_only: None, jobs: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "BATCH", 2)
    seal_trail(jobs)
    effect, late = Held(jobs), Held(jobs)
    for subject in ("one", "two", "cause"):
        transaction(partial(write, subject=subject))
    effect.commit("effect")
    seals_made = seal_trail(jobs)
    late.commit("late")
    seal_trail(jobs)
    assert seals_made == 2
    found = sealed_in()
    assert found["one"] <= found["two"] <= found["cause"] <= found["effect"] < found["late"]
    assert faults(jobs) == []


def break_a_key() -> None:
    """A class of a course that is not there, as a tool without foreign keys would leave it."""
    session = db.session()
    assert session.scalar(text("PRAGMA foreign_keys")) == 1
    session.execute(text("PRAGMA foreign_keys=OFF"))
    transaction(lambda inside: inside.execute(text("UPDATE class_run SET course_id = 'nowhere'")))
    session.execute(text("PRAGMA foreign_keys=ON"))


NIGHT = datetime(2026, 6, 17, 3, 30, tzinfo=SHANGHAI)


def test_a_sound_database_has_no_problems_on_either_engine(jobs: Flask) -> None:
    assert file_problems(db.session()) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_broken_foreign_key_is_told_at_night(jobs: Flask, caplog: pytest.LogCaptureFixture) -> None:
    break_a_key()
    with time_machine.travel(NIGHT), caplog.at_level(logging.ERROR):
        found = check_file_at_night(jobs)
    assert [record.getMessage() for record in caplog.records] == [
        f"the database file is damaged: {problem}" for problem in found
    ]
    assert len(found) == 1
    assert "class_run" in found[0]
    assert "course" in found[0]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_by_day_nobody_waits_for_a_look_at_the_file(jobs: Flask) -> None:
    break_a_key()
    with time_machine.travel(NIGHT.replace(hour=12)):
        assert check_file_at_night(jobs) == []
    assert next(task.every_s for task in TASKS if task.run is check_file_at_night) == 3600


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_damaged_page_is_told(jobs: Flask, settings: Settings) -> None:
    root = text("SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'outbox' LIMIT 1")
    page, size = db.session().scalar(root), db.session().scalar(text("PRAGMA page_size"))
    db.session.remove()
    db.engine.dispose()
    with Path(settings.database_url.removeprefix("sqlite:///")).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes(size))
    with time_machine.travel(NIGHT):
        assert check_file_at_night(jobs) != []
