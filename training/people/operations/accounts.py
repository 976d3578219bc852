"""Where a person's money goes: registered with a code to the phone on file, held, then usable (A10)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.errors import BadInput, NotAllowedNow
from training.people.messages import tell, tell_phone
from training.people.models import ActKind, BankAccount, Draft, Person, Phone, Purpose
from training.people.operations.acts import issue_act
from training.people.queries import account_by_key, account_of, money_hold_until
from training.people.rules import account_state, account_tail, reasons_against_account

LOST_PHONE = timedelta(days=30)


def register_account(
    person_id: str, draft_id: str, actor: Actor, hold: timedelta, key: str = ""
) -> BankAccount:
    """Register the account of a draft whose code was right. Nothing is paid to it for `hold`, nor while a new
    phone holds money back; the phone on file is told, and one that was replaced lately. The same form twice is one.

    Raises BadInput(code) for a draft that proves nothing, NotAllowedNow with the rule's reasons.
    """

    def work(session: Session) -> BankAccount:
        person = session.get_one(Person, person_id, with_for_update={"of": Person})
        if before := account_by_key(session, person.id, key):
            return before
        audit.attempt(session, actor, Entry(EventName.ACCOUNT_REGISTERED, SubjectKind.PERSON, person.id))
        number, holder, draft = _proved(session, person, draft_id)
        before, now = account_of(session, person.id), clock.now()
        state = account_state(before.usable_from if before else None, now)
        if reasons := reasons_against_account(
            holder, person.name, state, is_frozen=person.frozen_at is not None
        ):
            raise NotAllowedNow(*reasons)
        if before is not None:
            before.ended_at, before.ended_why = now, "changed"
            session.flush()
        usable_from = max(now + hold, money_hold_until(session, person.id) or now)
        account = _write(session, person, number, holder, usable_from)
        account.idempotency_key = key or None
        draft.expires_at = clock.real_now()
        _record(session, actor, account, number)
        _tell(session, person, account, number)
        return account

    return transaction(work)


def end_account(session: Session, person: Person, why: str, actor: Actor) -> BankAccount | None:
    """A step: the account in force is no longer used; `why` is not_me or changed. None where there is none."""
    account = account_of(session, person.id)
    if account is None:
        return None
    account.ended_at, account.ended_why = clock.now(), why
    facts = {"account": account.id, "why": why}
    entry = Entry(EventName.ACCOUNT_ENDED, SubjectKind.PERSON, person.id, facts=facts)
    audit.record(session, actor, entry)
    return account


def restore_account(session: Session, account: BankAccount, actor: Actor) -> None:
    """A step: an account that was stopped by mistake is in force again, unless another took its place."""
    if account.ended_why != "not_me" or account_of(session, account.person_id) is not None:
        return
    account.ended_at, account.ended_why = None, ""
    facts = {"account": account.id, "usable_from": account.usable_from.isoformat()}
    entry = Entry(EventName.ACCOUNT_RESTORED, SubjectKind.PERSON, account.person_id, facts=facts)
    audit.record(session, actor, entry)


def _proved(session: Session, person: Person, draft_id: str) -> tuple[str, str, Draft]:
    draft = session.get(Draft, draft_id, with_for_update={"of": Draft})
    is_theirs = draft is not None and draft.purpose is Purpose.ACCOUNT and draft.number == person.number
    if draft is None or not is_theirs or draft.proved_at is None or draft.further is None:
        raise BadInput("code", "none")
    if draft.expires_at <= clock.real_now():
        raise BadInput("code", "expired")
    typed = json.loads(draft.further)
    return typed["account"], typed["holder"], draft


def _write(session: Session, person: Person, number: str, holder: str, usable_from: datetime) -> BankAccount:
    account = BankAccount(person=person, person_id=person.id, how="phone", registered_at=clock.now())
    account.usable_from = usable_from
    account.number, account.holder = number, holder
    session.add(account)
    session.flush()
    return account


def _record(session: Session, actor: Actor, account: BankAccount, number: str) -> None:
    facts = {"account": account.id, "usable_from": account.usable_from.isoformat(), "how": account.how}
    personal, key = {"number": number}, account.own_key()
    entry = Entry(
        EventName.ACCOUNT_REGISTERED, SubjectKind.PERSON, account.person_id, None, facts, personal, key
    )
    audit.record(session, actor, entry)


def _tell(session: Session, person: Person, account: BankAccount, number: str) -> None:
    """Whoever lost the phone hears it on the old one as well: whoever took it cannot move the money unseen."""
    said = {"tail": account_tail(number), "usable_from": clock.on_date(account.usable_from)}
    act = issue_act(session, ActKind.NOT_ME, person, account.id, account.usable_from)
    tell(session, person, "account_registered", act=act, **said)
    lately = (Phone.person_id == person.id, Phone.ended_at > clock.now() - LOST_PHONE)
    for phone in session.scalars(select(Phone).where(*lately)):
        if phone.number:
            tell_phone(session, phone.number, "account_registered_elsewhere", person.language, **said)
