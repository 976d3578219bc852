"""Reads about people: drafts, sessions, records by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from training import audit, clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.people.models import (
    BankAccount,
    Consent,
    Draft,
    Message,
    Person,
    Phone,
    PhoneSource,
    Purpose,
    VisitorSession,
)
from training.people.rules import AccountSeen

IDLE = timedelta(minutes=30)
DOUBLE_CLICK = timedelta(seconds=30)
ONE_LOOK = timedelta(minutes=10)
NUMBER_LEFT = (EventName.CERTIFICATION_VOIDED, EventName.IDENTITY_CHANGE_AGREED)


def live_visitor(session: Session, id_hash: str) -> VisitorSession | None:
    """The session row if it has not ended, run out or idled for 30 minutes."""
    at = clock.real_now()
    row = session.scalars(select(VisitorSession).where(VisitorSession.id_hash == id_hash)).first()
    if row is None or row.ended_at is not None or row.expires_at <= at or row.seen_at <= at - IDLE:
        return None
    return None if row.person.merged_into is not None else row


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


def phone_in_use(session: Session, person_id: str) -> Phone | None:
    """The one phone that messages and codes go to: registered at a counter by two people, else the register's (A08)."""
    return phones_in_use(session, [person_id]).get(person_id)


def phones_in_use(session: Session, person_ids: Iterable[str]) -> dict[str, Phone]:
    """`phone_in_use` of several people, by their ids; whoever has none is left out."""
    counter_first = case((Phone.source == PhoneSource.COUNTER, 0), else_=1)
    live = select(Phone).where(Phone.person_id.in_(list(person_ids)), Phone.ended_at.is_(None))
    found: dict[str, Phone] = {}
    for phone in session.scalars(live.order_by(counter_first, Phone.seen_at.desc(), Phone.id)):
        found.setdefault(phone.person_id, phone)
    return found


def money_hold_until(session: Session, person_id: str) -> datetime | None:
    """Until when no money goes to an account changed after a new phone; None: nothing holds it (A10)."""
    latest = select(func.max(Phone.money_from)).where(Phone.person_id == person_id)
    until = session.scalar(latest)
    return until if until is not None and until > clock.now() else None


def consents_of(session: Session, person_id: str) -> Sequence[Consent]:
    """What this person agreed to, newest first: which text, how, before whom, where and when."""
    mine = select(Consent).where(Consent.person_id == person_id)
    return session.scalars(mine.order_by(Consent.at.desc(), Consent.id)).all()


def place_of_consent(session: Session, about: str) -> str:
    """Where somebody agreed to this, in person; empty where it was by phone."""
    found = select(Consent.place).where(Consent.about == about).order_by(Consent.at.desc()).limit(1)
    return session.scalar(found) or ""


def has_just_moved_on(session: Session, session_hash: str, purpose: Purpose, about: str = "") -> bool:
    """Whether the code of this browser was right a moment ago, so that its id has changed meanwhile."""
    came = (Draft.came_from == session_hash, Draft.purpose == purpose, Draft.about == about)
    since = Draft.proved_at >= clock.real_now() - DOUBLE_CLICK
    return session.scalars(select(Draft.id).where(*came, since)).first() is not None


def numbers_that_left(session: Session, person: Person) -> frozenset[str]:
    """The numbers that two people agreed were not this person's, or that they corrected: read from the trail, also
    that of records merged into this one. Whatever was typed with one of them says nothing of who it is."""
    merged = select(Person).where(Person.merged_into == person.id)
    keys_of = {one.id: one.own_key() for one in [person, *session.scalars(merged)]}
    wanted = (AuditEvent.kind == SubjectKind.PERSON, AuditEvent.subject.in_(keys_of))
    done = (AuditEvent.name.in_(NUMBER_LEFT), AuditEvent.outcome == Outcome.DONE)
    left = set()
    for event in session.scalars(select(AuditEvent).where(*wanted, *done)):
        told = audit.personal_of(event, keys_of[event.subject])
        if event.facts.get("kind") != "name":
            left |= {told.get("number"), told.get("old")}
    return frozenset(number for number in left if number)


def person_with_number(session: Session, number: str) -> Person | None:
    """The record with this identity number, in the one form it is stored in."""
    return session.scalars(
        select(Person).where(Person.number_index == Person.number.index_of(number))
    ).first()


@dataclass(frozen=True)
class Seen:
    """One look at a person, as the person may read it: the office, never the clerk. Codes as in looking.Look."""

    at: datetime
    office: str
    desk: str
    purpose: str
    reason: str
    note: str
    full_number: bool
    reference: str


def last_look(
    session: Session, person_id: str, staff_id: str, facts: Mapping[str, object], since: datetime
) -> AuditEvent | None:
    """The newest look of this member of staff at this person after `since` that has these facts."""
    wanted = (*_looks_of([person_id]), AuditEvent.actor_id == staff_id, AuditEvent.at > since)
    found = session.scalars(select(AuditEvent).where(*wanted).order_by(AuditEvent.n.desc()))
    return next((event for event in found if facts.items() <= event.facts.items()), None)


def looks_at(session: Session, person_id: str) -> list[Seen]:
    """Who looked at this person, newest first; looks at a record that was merged into this one as well."""
    merged = session.scalars(select(Person).where(Person.merged_into == person_id))
    records = {row.id: row for row in (*merged, session.get(Person, person_id)) if row is not None}
    events = session.scalars(select(AuditEvent).where(*_looks_of(records)).order_by(AuditEvent.id.desc()))
    return [_seen(event, records[event.subject]) for event in events]


def _looks_of(person_ids: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    names = (EventName.PERSON_SEEN, EventName.FULL_NUMBER_SEEN)
    return (
        AuditEvent.kind == SubjectKind.PERSON,
        AuditEvent.subject.in_(list(person_ids)),
        AuditEvent.name.in_(names),
        AuditEvent.outcome == Outcome.DONE,
    )


def _seen(event: AuditEvent, person: Person) -> Seen:
    facts = event.facts
    told = audit.personal_of(event, person.own_key()) if event.personal else {}
    return Seen(
        at=event.at,
        office=event.office,
        desk=str(facts.get("desk", "")),
        purpose=str(facts.get("purpose", "")),
        reason=str(facts.get("reason", "")),
        note=str(told.get("note", "")),
        full_number=bool(facts.get("full_number")),
        reference=str(facts.get("reference", "")),
    )


def account_of(session: Session, person_id: str) -> BankAccount | None:
    """The bank account in force, held or usable."""
    wanted = (BankAccount.person_id == person_id, BankAccount.ended_at.is_(None))
    return session.scalars(select(BankAccount).where(*wanted)).first()


def account_by_key(session: Session, person_id: str, key: str) -> BankAccount | None:
    """The account that the form with this key registered."""
    same = (BankAccount.person_id == person_id, BankAccount.idempotency_key == key)
    return session.scalars(select(BankAccount).where(*same)).first() if key else None


def accounts_seen(session: Session, person_ids: Select[str]) -> dict[str, AccountSeen]:
    """The accounts in force of these people, by their ids, and what sets one apart (A10, A40). One statement.

    The same account is found by its blind index: nothing is opened for it.
    """
    own, other, earlier = BankAccount, aliased(BankAccount), aliased(BankAccount)
    others = (
        select(func.count(other.person_id.distinct()))
        .join(Person, Person.id == other.person_id)
        .where(other.number_index == own.number_index, other.person_id != own.person_id)
        .where(other.ended_at.is_(None), Person.merged_into.is_(None))
    )
    before = select(earlier.id).where(
        earlier.person_id == own.person_id,
        earlier.registered_at < own.registered_at,
        earlier.number_index != own.number_index,
    )
    columns = (own.person_id, own.registered_at, before.exists(), others.scalar_subquery())
    wanted = (own.person_id.in_(person_ids), own.ended_at.is_(None))
    return {
        person_id: AccountSeen(since, clock.on_date(since), is_another, count)
        for person_id, since, is_another, count in session.execute(select(*columns).where(*wanted))
    }


def usable_account(session: Session, person_id: str) -> BankAccount | None:
    """The account that money may go to now: none while it is held or the record is frozen (A10, I12)."""
    account = account_of(session, person_id)
    if account is None or account.person.frozen_at is not None or account.usable_from > clock.now():
        return None
    return account


def messages_to(session: Session, person_id: str, limit: int = 100) -> Sequence[Message]:
    """What was told to a person, newest first."""
    query = select(Message).where(Message.person_id == person_id)
    return session.scalars(query.order_by(Message.at.desc(), Message.id.desc()).limit(limit)).all()
