"""Signed-in browsers of the citizen's door."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import Model, transaction
from training.errors import BadInput
from training.people.models import (
    Draft,
    Person,
    VisitorSession,
)
from training.people.operations.identity import answer_in, forget_typed, number_of
from training.people.operations.records import person_for

SESSION_LIFE = timedelta(hours=12)


def sign_in(draft: Draft, actor_office: str = "") -> VisitorSession:
    """Open a session for the person of a proved sign-in draft; a first-time person gets a record. A step of
    nothing else: one transaction, one event."""

    def work(session: Session) -> VisitorSession:
        current = session.get(Draft, draft.id, with_for_update=True)
        answer = answer_in(current.evidence) if current is not None else None
        if current is None or current.proved_at is None or answer is None or answer.person is None:
            raise BadInput("code", "none")
        found = person_for(session, answer.person, number_of(current), current.language)
        actor = Actor(audit.ActorKind.PERSON, found.person.id, actor_office)
        open_session(session, found.person, current.session_hash, "code")
        audit.record(
            session,
            actor,
            *found.entries,
            _signed_in(found.person, is_first=bool(found.entries)),
        )
        current.expires_at = clock.real_now()
        return session_row(session, current.session_hash)

    return transaction(work)


def _signed_in(person: Person, *, is_first: bool) -> Entry:
    facts = {"how": "code"}
    return Entry(EventName.SIGNED_IN, SubjectKind.PERSON, person.id, facts=facts, is_first=is_first)


def open_session(
    session: Session, person: Person, session_hash: str, how: str, proved_at: datetime | None = None
) -> None:
    """A step: a session row for this browser, taking the place of the one it had; in one statement.

    It is as old as its proof: a code given half an hour ago opens nothing that wants a fresh one.
    """
    at = clock.real_now()
    proved = proved_at or at
    row = {"id_hash": session_hash, "person_id": person.id, "how": how, "proved_at": proved, "seen_at": at}
    session.flush()
    connection = session.connection()
    put = _put_session(connection.dialect.name)
    connection.execute(put, row | {"expires_at": proved + SESSION_LIFE, "ended_at": None})


def session_row(session: Session, session_hash: str) -> VisitorSession:
    """The row of a session just opened."""
    return session.get_one(VisitorSession, session_hash, populate_existing=True)


@cache
def _put_session(dialect: str) -> sqlite.Insert | postgresql.Insert:
    table = Model.metadata.tables[VisitorSession.__tablename__]
    names = [column.name for column in table.columns]
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    statement = insert.values({name: bindparam(name) for name in names})
    fresh = {name: statement.excluded[name] for name in names if name != "id_hash"}
    return statement.on_conflict_do_update(index_elements=["id_hash"], set_=fresh)


def sign_out(session_hash: str) -> None:
    """End this browser's session; its cookie is worth nothing from now on, also not what was proved with it (A13)."""

    def work(session: Session) -> None:
        ended = update(VisitorSession).where(VisitorSession.id_hash == session_hash)
        session.execute(ended.values(ended_at=clock.real_now()))
        forget_typed(session, Draft.session_hash == session_hash)

    transaction(work)


def end_sessions(session: Session, person_id: str) -> None:
    """A step: every browser of this person is signed out."""
    live = (VisitorSession.person_id == person_id, VisitorSession.ended_at.is_(None))
    ended = update(VisitorSession).where(*live).values(ended_at=clock.real_now())
    session.execute(ended.execution_options(synchronize_session=False))


def keep_alive(row: VisitorSession) -> None:
    """Note that the person is still here, at most once a minute."""
    at = clock.real_now()
    if at - row.seen_at > timedelta(minutes=1):
        seen = update(VisitorSession).where(VisitorSession.id_hash == row.id_hash).values(seen_at=at)
        transaction(lambda session: session.execute(seen))
