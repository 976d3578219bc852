"""The SQL of docs/runbooks/postgresql-roles.md, as it stands there: who may do what on PostgreSQL."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url, select

from jobs import prepare
from jobs.tasks import seal_trail
from jobs.worker_app import create_app
from tests import postgres
from tests.house import tree
from tests.make import make_class
from tests.training.enrolments.people import enrolled, registered
from training import seals
from training.audit import AuditEvent
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from web.settings import Settings

PAGE = tree.ROOT / "docs/runbooks/postgresql-roles.md"
BEFORE, AFTER = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text(), re.M | re.S)
ROLES = ("training_migrator", "training_app", "training_auditor")
TRAIL = ("audit_event", "audit_seal")
PASSWORD = "only-for-this-test"  # a server that is not ours may ask for one


def as_role(url: str, role: str) -> str:
    """The same database, as another role."""
    named = make_url(url).set(username=role, password=PASSWORD)
    return named.render_as_string(hide_password=False)


def run(url: str, *statements: str) -> list[Any]:
    """Run statements in one transaction; the rows of the last."""
    with psycopg.connect(postgres.plain(make_url(url))) as connection:
        for statement in statements:
            answer = connection.execute(statement.encode())
        return answer.fetchall() if answer.description else []


@pytest.fixture
def town(
    settings: Settings, postgres_only: None, registries: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """An empty database made ready as the page says; its settings are those of the app."""
    url = settings.database_url
    run(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    run(url, BEFORE)
    try:
        run(url, *(f"ALTER ROLE {role} PASSWORD '{PASSWORD}'" for role in ROLES))
        app = dataclasses.replace(settings, database_url=as_role(url, "training_app"))
        migrator = as_role(url, "training_migrator").replace("postgresql+psycopg:", "postgres:")
        monkeypatch.setenv("MIGRATE_DATABASE_URL", migrator)
        prepare.migrate(app)
        run(url, AFTER)
        yield app
    finally:
        run(url, *(f"DROP OWNED BY {role} CASCADE" for role in ROLES))
        run(url, *(f"DROP ROLE {role}" for role in ROLES))


@pytest.fixture
def jobs(town: Settings) -> Iterator[Flask]:
    app = create_app(town)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_A67_the_roles_of_the_page_do_their_work_and_no_more(
    town: Settings, jobs: Flask, registries: Any
) -> None:
    person = registered()
    registries.know(person)
    assert enrolled(registries, person, make_class().id).status is EnrolmentStatus.ENROLLED
    assert seal_trail(jobs) == 1
    assert db.session().scalar(select(AuditEvent.id).limit(1)) is not None
    assert seals.verify(db.session(), town.audit_heads) == []
    for statement in forbidden_to_the_app():
        assert is_denied(town.database_url, statement), statement
    auditor = as_role(town.database_url, "training_auditor")
    for table in sorted(db.metadata.tables):
        run(auditor, f'SELECT * FROM "{table}" LIMIT 1')
    for statement in (*forbidden_to_the_app(), *written_by_the_app()):
        assert is_denied(auditor, statement), statement
        assert is_denied(auditor, "SET default_transaction_read_only = off", "COMMIT", statement), statement
    assert seals.verify(db.session(), town.audit_heads) == []


def test_the_page_can_be_run_again_after_every_migration(town: Settings) -> None:
    run(as_role(town.database_url, "training_migrator"), AFTER, AFTER)
    assert prepare.revision({"DATABASE_URL": town.database_url}) == prepare.revision(
        {"DATABASE_URL": as_role(town.database_url, "training_migrator")}
    )
    assert is_denied(town.database_url, "DELETE FROM audit_event")


def is_denied(url: str, *statements: str) -> bool:
    """The role may not: neither by its rights nor by being read-only."""
    try:
        run(url, *statements)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
        return True
    return False


def forbidden_to_the_app() -> list[str]:
    """What nobody but the migrator may do, and nobody at all to the trail."""
    changes = [
        "UPDATE {} SET mac = ''",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER USER",
    ]
    others = [
        "DROP TABLE enrolment",
        "TRUNCATE limit_counter",
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE ROLE mine",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = ''",
    ]
    return [change.format(table) for table in TRAIL for change in changes] + others


def written_by_the_app() -> list[str]:
    """What the app may do and the auditor may not."""
    return ["UPDATE class_run SET seats_left = 0", "DELETE FROM outbox", "SELECT * FROM class_run FOR UPDATE"]
