"""Reads about staff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.errors import NotThere
from training.slices import Slice, slice_of
from training.staff.models import (
    NO_PASSWORD,
    ProposalState,
    Role,
    StaffAccount,
    StaffPasskey,
    StaffProposal,
    StaffRole,
    StaffSession,
    StaffStart,
)
from training.staff.rights import Reach, reach_of
from training.staff.rules import ADMINISTRATORS

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


def who_works(today: date) -> tuple[ColumnElement[bool], ...]:
    """Of StaffRole joined with its StaffAccount: the rights in force today of whoever can sign in.

    Not of an account that was never started, or whose password and token are lost.
    """
    return (
        StaffAccount.disabled_at.is_(None),
        StaffAccount.password_hash != NO_PASSWORD,
        or_(StaffRole.from_on.is_(None), StaffRole.from_on <= today),
        or_(StaffRole.until_on.is_(None), StaffRole.until_on >= today),
    )


def is_away(today: date) -> ColumnElement[bool]:
    """Of StaffAccount: on leave today."""
    until = or_(StaffAccount.leave_until.is_(None), StaffAccount.leave_until >= today)
    return and_(StaffAccount.leave_from.is_not(None), StaffAccount.leave_from <= today, until)


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


# --- the desk of the administrators ---------------------------------------------------------------------------

TABS = ("in_force", "waiting", "leave", "disabled")
ON_A_PAGE = 20


@dataclass(frozen=True)
class StaffFilter:
    """What an administrator looks for: a tab, words of name or staff number, a district, a page from 1."""

    tab: str = "in_force"
    words: str = ""
    district: str = ""
    page: int = 1


@dataclass(frozen=True)
class StaffPage:
    """One page of accounts. `last_seen`: when each was last used, by id."""

    accounts: Slice[StaffAccount]
    last_seen: Mapping[str, datetime]


def staff_page(session: Session, wanted: StaffFilter, today: date) -> StaffPage:
    """The accounts of a tab that fit, by staff number."""
    found = _fitting(select(StaffAccount), wanted, today).order_by(StaffAccount.username)
    accounts = slice_of(session, found, wanted.page, ON_A_PAGE)
    return StaffPage(accounts, last_seen(session, [one.id for one in accounts.rows]))


def counts_of_staff(session: Session, wanted: StaffFilter, today: date) -> Mapping[str, int]:
    """How many stand under each tab, with the words and the district of `wanted`."""
    counts = {}
    for tab in TABS:
        found = _fitting(select(StaffAccount.id), replace(wanted, tab=tab), today)
        counts[tab] = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    waiting = select(func.count()).where(StaffProposal.state == ProposalState.OPEN)
    return counts | {"waiting": session.scalar(waiting) or 0}


def _fitting(statement: Select[*Columns], wanted: StaffFilter, today: date) -> Select[*Columns]:
    if wanted.tab == "disabled":
        statement = statement.where(StaffAccount.disabled_at.is_not(None))
    else:
        statement = statement.where(StaffAccount.disabled_at.is_(None))
    if wanted.tab == "leave":
        statement = statement.where(is_away(today))
    if wanted.words:
        name = StaffAccount.name.contains(wanted.words, autoescape=True)
        number = StaffAccount.username.startswith(wanted.words.lower(), autoescape=True)
        statement = statement.where(or_(name, number))
    if wanted.district:
        here = select(StaffRole.account_id).where(StaffRole.district == wanted.district)
        statement = statement.where(StaffAccount.id.in_(here))
    return statement


def last_seen(session: Session, ids: Collection[str]) -> Mapping[str, datetime]:
    """When each of these accounts was last used; whoever never signed in is left out."""
    found = select(StaffSession.account_id, func.max(StaffSession.seen_at))
    found = found.where(StaffSession.account_id.in_(ids)).group_by(StaffSession.account_id)
    return {row[0]: row[1] for row in session.execute(found)}


def account_of(session: Session, account_id: str) -> StaffAccount:
    """One account. Raises NotThere."""
    account = session.get(StaffAccount, account_id) if len(account_id) == 26 else None
    if account is None:
        raise NotThere(account_id)
    return account


def proposal_of(session: Session, proposal_id: str) -> StaffProposal:
    """One proposal, whatever became of it. Raises NotThere."""
    proposal = session.get(StaffProposal, proposal_id) if len(proposal_id) == 26 else None
    if proposal is None:
        raise NotThere(proposal_id)
    return proposal


def open_proposals(session: Session, account_id: str | None = None) -> Sequence[StaffProposal]:
    """What waits for a second person, oldest first; only about one account where it is named."""
    wanted = [StaffProposal.state == ProposalState.OPEN]
    if account_id is not None:
        wanted.append(StaffProposal.account_id == account_id)
    found = select(StaffProposal).where(*wanted).order_by(StaffProposal.proposed_at, StaffProposal.id)
    return session.scalars(found).all()


def half_to_hand_over(session: Session, account_id: str, administrator_id: str) -> str | None:
    """The proposal of a first sign-in that is still to come and of whose code this administrator has a half."""
    waits = (StaffStart.account_id == account_id, StaffStart.used_at.is_(None))
    mine = or_(StaffProposal.proposed_by == administrator_id, StaffStart.made_by == administrator_id)
    found = select(StaffStart.proposal_id).join(StaffProposal, StaffProposal.id == StaffStart.proposal_id)
    return session.scalar(found.where(*waits, StaffStart.until > clock.real_now(), mine))


def possible_deputies(session: Session, account: StaffAccount) -> Sequence[StaffAccount]:
    """Who serves the same district or institution, by staff number; at municipal desks nobody is bound."""
    places = [
        and_(StaffRole.district == held.district, StaffRole.institution_id.is_(None))
        if held.district
        else StaffRole.institution_id == held.institution_id
        for held in account.held
        if held.district or held.institution_id
    ] or [and_(StaffRole.district.is_(None), StaffRole.institution_id.is_(None))]
    here = select(StaffRole.account_id).where(or_(*places), StaffRole.role.not_in(ADMINISTRATORS))
    wanted = (StaffAccount.id.in_(here), StaffAccount.id != account.id, StaffAccount.disabled_at.is_(None))
    return session.scalars(select(StaffAccount).where(*wanted).order_by(StaffAccount.username)).all()


def live_sessions(session: Session, account_id: str) -> Sequence[StaffSession]:
    """Where somebody is signed in now, the newest first."""
    at = clock.real_now()
    alive = (
        StaffSession.account_id == account_id,
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > at,
        StaffSession.seen_at > at - IDLE,
    )
    return session.scalars(select(StaffSession).where(*alive).order_by(StaffSession.expires_at.desc())).all()


def passkeys_of(session: Session, account_id: str) -> Sequence[StaffPasskey]:
    """The passkeys of an account, oldest first."""
    own = select(StaffPasskey).where(StaffPasskey.account_id == account_id)
    return session.scalars(own.order_by(StaffPasskey.created_at, StaffPasskey.id)).all()


def changes_of(session: Session, account_id: str, limit: int = 12) -> Sequence[AuditEvent]:
    """What was done with an account, newest first: no sign-ins, nothing that was refused."""
    wanted = (
        AuditEvent.kind == SubjectKind.STAFF,
        AuditEvent.subject == account_id,
        AuditEvent.outcome == Outcome.DONE,
        AuditEvent.name.not_in(_COMINGS),
    )
    return session.scalars(select(AuditEvent).where(*wanted).order_by(AuditEvent.n.desc()).limit(limit)).all()


_COMINGS = (
    EventName.STAFF_SIGNED_IN,
    EventName.STAFF_SIGNED_OUT,
    EventName.STAFF_PROVED_AGAIN,
    EventName.STAFF_SETTINGS_CHANGED,
)
