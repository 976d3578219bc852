"""The database: one typed base, the column types, and the only place that commits.

Reads need nothing: `db.session` reads outside a transaction. Every change goes through `transaction(work)`.
"""

from __future__ import annotations

import random
import secrets
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, DateTime, Dialect, Engine, Enum, MetaData, event, text
from sqlalchemy.exc import DatabaseError, DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from training.errors import Refused

T = TypeVar("T")
TRIES = 4
IDLE_S = 5.0
_PASSING = {"40001", "40P01", "55P03", "25P03"}  # serialization, deadlock, lock time-out, idle too long

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _BASE32 for other in _BASE32]


class Model(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False, "autoflush": False})


class Moment(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one of the enum's words, checked by the database."""
    values = [member.value for member in kind]
    longest = max(map(len, values))
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=max(32, longest),
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


def whole(column: str, at_least: int = 0) -> CheckConstraint:
    """A whole number not below `at_least`: SQLite would otherwise take fractions and text."""
    rule = f"{column} = CAST({column} AS BIGINT) AND {column} >= {at_least}"
    return CheckConstraint(rule, name=f"{column}_whole")


def new_id() -> str:
    """A random identifier of 128 bits in 26 lower-case characters; never shown as a number."""
    number = int.from_bytes(secrets.token_bytes(16), "big") << 2
    return "".join([_PAIRS[number >> place & 1023] for place in range(120, -1, -10)])


def transaction(work: Callable[[Session], T]) -> T:
    """Run `work(session)` in one write transaction and commit it. A lock, a deadlock, a serialization failure or a
    lost race for a unique value runs it again, at most three times with jitter. A refusal rolls everything back;
    what was attempted is then recorded."""
    session = db.session()
    if session.info.get("writes"):
        raise RuntimeError("a transaction inside a transaction")
    try:
        return _until_it_passes(session, work)
    except Refused as refusal:
        _record(session, refusal)
        raise


def part(session: Session, work: Callable[[Session], T]) -> T:
    """Run `work(session)` inside the transaction that is open: where it fails, what it wrote is undone, and the rest
    stands. The failure is raised on."""
    with session.begin_nested():
        return work(session)


def _until_it_passes(session: Session, work: Callable[[Session], T]) -> T:
    for attempt in range(1, TRIES + 1):
        try:
            return _once(session, work)
        except DBAPIError as error:
            if attempt == TRIES or not _may_pass(error):
                raise
            time.sleep(random.uniform(0.005, 0.03) * attempt)
    raise AssertionError("unreachable")


def schema_revision(session: Session) -> str | None:
    """The migration the database stands at; None where there is none."""
    found: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def file_problems(session: Session) -> list[str]:
    """What is wrong with a SQLite file: damaged pages, and rows that name what is not there. Empty means sound.

    PostgreSQL keeps watch itself (docs/runbooks/postgresql-roles.md): always empty there.
    """
    if not _is_sqlite(session):
        return []
    try:
        said = list(session.execute(text("PRAGMA integrity_check")).scalars())
    except DatabaseError as error:
        if _may_pass(error):
            raise
        return [str(error.orig)]
    if said != ["ok"]:
        return said
    lost = session.execute(text("PRAGMA foreign_key_check"))
    return [f"{table} row {row} names no row of {parent}" for table, row, parent, _ in lost]


def _once(session: Session, work: Callable[[Session], T]) -> T:
    _end_reading(session)
    session.info["writes"] = True
    session.info.pop("attempt", None)
    try:
        options = {"writes": True} if _is_sqlite(session) else {"isolation_level": "READ COMMITTED"}
        session.connection(execution_options=options)
        result = work(session)
        session.commit()
        return result
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writes"] = False


def _end_reading(session: Session) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside a transaction")
    session.commit()


def _record(session: Session, refusal: Refused) -> None:
    attempt: Callable[[Session, Refused], None] | None = session.info.pop("attempt", None)
    if attempt is not None:
        _until_it_passes(session, lambda inside: attempt(inside, refusal))


def _may_pass(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return _is_unique(error)
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _PASSING


def _is_unique(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE" in str(error.orig)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@event.listens_for(Session, "before_flush")
def _only_in_a_transaction(session: Session, *_: Any) -> None:
    if not session.info.get("writes"):
        raise RuntimeError("a change outside transaction()")


@event.listens_for(Session, "do_orm_execute")
def _read_afresh(state: ORMExecuteState) -> None:
    """What was read before the transaction began may be old: inside it, every row is read again."""
    writes = state.session.info.get("writes")
    if (state.is_insert or state.is_update or state.is_delete) and not writes:
        raise RuntimeError("a change outside transaction()")
    if state.is_select and writes and not state.is_relationship_load:
        state.session.flush()
        state.update_execution_options(populate_existing=True)


def engine_options(url: str, *, statement_timeout_ms: int | None) -> dict[str, Any]:
    """Safe settings of both databases (trust.md, database rules). No limit on statements for jobs: None."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 5}}
    limits = {"lock_timeout": 2000, "idle_in_transaction_session_timeout": 10000}
    if statement_timeout_ms is not None:
        limits["statement_timeout"] = statement_timeout_ms
    options = " ".join(f"-c {name}={value}" for name, value in limits.items())
    return {
        "hide_parameters": True,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": {"options": options},
    }


def install(app: Flask) -> None:
    """Bind the database to a door and give its connections their rules."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)
        else:
            _ping_the_idle(db.engine)


def _ping_the_idle(engine: Engine) -> None:
    """A connection that lay idle may be dead: the server was started anew. Ask it before it is used again;
    one that was in use a moment ago is not asked, which would cost a message at each request."""

    @event.listens_for(engine, "checkin")
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        used = record.info.get("used")
        if used is None or time.monotonic() - used < IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _prepare_sqlite(engine: Engine) -> None:
    """SQLite by its own rules: we say BEGIN ourselves, and only when we are going to write.

    A deferred BEGIN that turns into a write fails at once when another writes, whatever the busy time-out.
    """

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys=ON", "synchronous=EXTRA", "journal_mode=DELETE", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
