"""Reads about staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.staff.models import Role, StaffAccount, StaffSession
from training.staff.rights import Reach, reach_of

Columns = TypeVarTuple("Columns")
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


@dataclass(frozen=True)
class Pile:
    """What lies at a desk: how many cases, how many of them overdue, since when the oldest waits."""

    cases: int = 0
    overdue: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True)
class Scope:
    """Whose cases may be seen: those of one district, at municipal desks all, at a school's only its own.

    A school's scope has no district: what belongs to a district stays closed to it.
    """

    district: str | None
    is_municipal: bool = False
    institution: str | None = None


def scope_of(account: StaffAccount, role: Role) -> Scope:
    """What `account` may see in `role`; nothing where it does not hold the role."""
    held = next((found for found in account.roles if found.role is role), None)
    if held is None:
        return Scope(None)
    if reach_of(role) is Reach.OWN_INSTITUTION:
        return Scope(None, institution=held.institution_id)
    return Scope(held.district, is_municipal=reach_of(role) is Reach.MUNICIPAL)


def in_scope(
    statement: Select[*Columns], district: InstrumentedAttribute[str], scope: Scope
) -> Select[*Columns]:
    """`statement` without the rows of other districts: the one place where A16 is kept.

    `district` is the column that says whose a row is. No district, and not municipal: no rows.
    """
    if scope.is_municipal:
        return statement
    return statement.where(false() if scope.district is None else district == scope.district)


def done_since(session: Session, account_id: str, since: datetime) -> Counter[str]:
    """What this member of staff has done since then: how often, by the names of the trail."""
    mine = (AuditEvent.actor_id == account_id, AuditEvent.at >= since, AuditEvent.outcome == Outcome.DONE)
    counted = select(AuditEvent.name, func.count()).where(*mine).group_by(AuditEvent.name)
    return Counter({row[0]: row[1] for row in session.execute(counted)})


def names_of(session: Session, ids: Collection[str]) -> Mapping[str, str]:
    """The names of these members of staff, by their ids; strangers are left out."""
    if not ids:
        return {}
    found = select(StaffAccount.id, StaffAccount.name).where(StaffAccount.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(found)}


def seen_since(session: Session, account_id: str, person_id: str, since: datetime) -> bool:
    """Has this member of staff given a reason for seeing this person's full number since then?"""
    wanted = (
        AuditEvent.kind == SubjectKind.PERSON,
        AuditEvent.subject == person_id,
        AuditEvent.name == EventName.FULL_NUMBER_SEEN,
        AuditEvent.actor_id == account_id,
        AuditEvent.at > since,
    )
    return session.scalar(select(AuditEvent.id).where(*wanted).limit(1)) is not None
