"""Reads about people: drafts, sessions, records by number."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from training import clock
from training.people.models import Draft, Person, Phone, Purpose, VisitorSession

IDLE = timedelta(minutes=30)
DOUBLE_CLICK = timedelta(seconds=30)


def live_visitor(session: Session, id_hash: str) -> VisitorSession | None:
    """The session row if it has not ended, run out or idled for 30 minutes."""
    at = clock.real_now()
    row = session.scalars(select(VisitorSession).where(VisitorSession.id_hash == id_hash)).first()
    if row is None or row.ended_at is not None or row.expires_at <= at or row.seen_at <= at - IDLE:
        return None
    return row


def draft_of(session: Session, session_hash: str, purpose: Purpose, about: str = "") -> Draft | None:
    """What this browser typed in step 1 for this purpose and class, if it is younger than 30 minutes."""
    wanted = (Draft.session_hash == session_hash, Draft.purpose == purpose, Draft.about == about)
    row = session.scalars(select(Draft).where(*wanted)).first()
    return None if row is None or row.expires_at <= clock.real_now() else row


def phone_owners(session: Session, person_id: str) -> int:
    """How many other people have one of this person's phones."""
    own, others = aliased(Phone), aliased(Phone)
    same = (others.number_index == own.number_index) & (others.person_id != own.person_id)
    live = (own.person_id == person_id, own.ended_at.is_(None), others.ended_at.is_(None))
    counted = select(func.count(others.person_id.distinct())).select_from(own).join(others, same).where(*live)
    return session.scalar(counted) or 0


def has_just_moved_on(session: Session, session_hash: str, purpose: Purpose, about: str = "") -> bool:
    """Whether the code of this browser was right a moment ago, so that its id has changed meanwhile."""
    came = (Draft.came_from == session_hash, Draft.purpose == purpose, Draft.about == about)
    since = Draft.proved_at >= clock.real_now() - DOUBLE_CLICK
    return session.scalars(select(Draft.id).where(*came, since)).first() is not None


def person_with_number(session: Session, number: str) -> Person | None:
    """The record with this identity number, in the one form it is stored in."""
    return session.scalars(
        select(Person).where(Person.number_index == Person.number.index_of(number))
    ).first()
