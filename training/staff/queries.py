"""Reads about staff."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.staff.models import StaffAccount, StaffSession

IDLE = timedelta(minutes=30)


def live_staff_session(session: Session, id_hash: str) -> StaffSession | None:
    """The session row if it has not ended, run out or idled for 30 minutes, and its account is in force."""
    at = clock.real_now()
    row = session.scalars(select(StaffSession).where(StaffSession.id_hash == id_hash)).first()
    if row is None or row.ended_at is not None or row.expires_at <= at or row.seen_at <= at - IDLE:
        return None
    return None if row.account.disabled_at is not None else row


def phone_belongs_to_staff(session: Session, phone: str) -> bool:
    """Is this the phone of an account in force? It may not be given as a client's."""
    index = StaffAccount.phone.index_of(phone)
    wanted = (StaffAccount.phone_index == index, StaffAccount.disabled_at.is_(None))
    return session.scalar(select(StaffAccount.id).where(*wanted).limit(1)) is not None
