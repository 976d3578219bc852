"""What waits at the counters of a district: phones for a second person, letters to hand over.

Whoever has no district has nothing here: `district` None finds no rows (A16).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from training import clock
from training.errors import NotThere
from training.people.models import Letter, PhoneChange, PhoneChangeStatus
from training.policy.pack import Pack

SHOWN = 100


def waiting_phones(session: Session, district: str | None, pack: Pack) -> Sequence[PhoneChange]:
    """Requests that wait for a second person, newest first, without those that have waited too long."""
    query = select(PhoneChange).where(*_waits(district, pack)).order_by(PhoneChange.asked_at.desc())
    return session.scalars(query.limit(SHOWN)).all()


def count_phones(session: Session, district: str | None, pack: Pack, without: str) -> int:
    """How many of them wait for somebody: those that this member of staff did not ask for."""
    others = PhoneChange.asked_by != without
    return session.scalar(select(func.count(PhoneChange.id)).where(*_waits(district, pack), others)) or 0


def decided_phones(session: Session, district: str | None, since: datetime) -> Sequence[PhoneChange]:
    """What became of requests since then, newest first."""
    here = (PhoneChange.district == district, PhoneChange.decided_at >= since)
    query = select(PhoneChange).where(*here).order_by(PhoneChange.decided_at.desc())
    return session.scalars(query.limit(SHOWN)).all()


def phone_change(session: Session, district: str | None, change_id: str) -> PhoneChange:
    """One request of the district. Raises NotThere."""
    found = session.get(PhoneChange, change_id)
    if found is None or district is None or found.district != district:
        raise NotThere(change_id)
    return found


def waiting_letters(session: Session, district: str | None) -> Sequence[Letter]:
    """Letters to print and hand over, oldest first."""
    waits = (Letter.district == district, Letter.handed_at.is_(None))
    return session.scalars(
        select(Letter).where(*waits).order_by(Letter.written_at, Letter.id).limit(SHOWN)
    ).all()


def handed_letters(session: Session, district: str | None) -> Sequence[Letter]:
    """Letters that were handed over or posted, newest first."""
    gone = (Letter.district == district, Letter.handed_at.is_not(None))
    return session.scalars(
        select(Letter).where(*gone).order_by(Letter.handed_at.desc(), Letter.id).limit(SHOWN)
    ).all()


def count_letters(session: Session, district: str | None) -> int:
    """How many letters wait in the district."""
    waits = (Letter.district == district, Letter.handed_at.is_(None))
    return session.scalar(select(func.count(Letter.id)).where(*waits)) or 0


def letter(session: Session, district: str | None, letter_id: str) -> Letter:
    """One letter of the district. Raises NotThere."""
    found = session.get(Letter, letter_id)
    if found is None or district is None or found.district != district:
        raise NotThere(letter_id)
    return found


def undelivered(session: Session, person_ids: Collection[str]) -> Sequence[Letter]:
    """What this person, under any of these records, has not been told yet, oldest first: to be read out at whichever
    counter they stand."""
    mine = (Letter.person_id.in_(person_ids), Letter.handed_at.is_(None))
    return session.scalars(select(Letter).where(*mine).order_by(Letter.written_at, Letter.id)).all()


def _waits(district: str | None, pack: Pack) -> tuple[ColumnElement[bool], ...]:
    since = clock.now() - timedelta(hours=pack.phones.request_hours)
    waits = PhoneChange.status == PhoneChangeStatus.PENDING
    return PhoneChange.district == district, waits, PhoneChange.asked_at > since
