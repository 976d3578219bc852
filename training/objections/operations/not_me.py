"""Denials, "this was not me": one tap or a call freezes the record at once and opens a matter that somebody else decides (A46).

It is about an enrolment made at a counter, a phone registered there, or an account for subsidies (A10).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.claims.operations import end_claims_not_theirs
from training.database import new_id, transaction
from training.enrolments.models import Channel, Enrolment
from training.enrolments.operations.not_me import MAY_BE_PAID, end_not_theirs
from training.enrolments.queries import district_of_person, enrolment_by_reference
from training.errors import NotAllowedNow, NotThere
from training.objections.lifecycle import MatterKind, MatterStatus
from training.objections.models import Matter
from training.objections.operations.opening import open_matter, sent_before
from training.people import operations as people
from training.people.messages import tell, tell_phone
from training.people.models import ActKind, BankAccount, Person, Phone, PhoneChange
from training.people.operations.acts import act_of, end_acts, use_act
from training.policy.pack import Pack
from training.staff.queries import Scope


@dataclass(frozen=True)
class Denied:
    """What was not them: its id and district, the staff who had a part in it, and the phone to be told on.

    `phone` is None where the phone in use is the right one.
    """

    about: str
    district: str
    hands: Collection[str]
    change: PhoneChange | None = None
    phone: str | None = None
    account: BankAccount | None = None


def deny_by_link(code: str, pack: Pack) -> Matter:
    """One tap in the message or on the slip. Raises NotThere for a code that never was, Gone when used or over."""

    def work(session: Session) -> Matter:
        act = act_of(session, code)
        if act.kind is not ActKind.NOT_ME:
            raise NotThere
        use_act(session, code, "not_me")
        person = people.lock_person(session, act.person_id)
        actor = Actor(ActorKind.PERSON, person.id)
        return _stop(session, _denied(session, act.about), person, actor, pack)

    return transaction(work)


def deny_by_call(reference: str, scope: Scope, actor: Actor, note: str, pack: Pack, key: str = "") -> Matter:
    """Somebody called, or stands at a counter: the same, entered by a member of staff of the district; the same form
    twice is one matter.

    Raises NotThere; NotAllowedNow: `not_at_counter` for an enrolment that a person's own code made, `already_open`.
    """

    def work(session: Session) -> Matter:
        enrolment = enrolment_by_reference(session, reference)
        if not scope.is_municipal and enrolment.district != scope.district:
            raise NotThere(reference)
        person = people.lock_person(session, enrolment.person_id)
        if before := sent_before(session, actor.id, key):
            return before
        audit.attempt(session, actor, Entry(EventName.RECORD_FROZEN, SubjectKind.PERSON, person.id))
        if enrolment.channel is Channel.PHONE and not enrolment.without_code:
            raise NotAllowedNow("not_at_counter")
        return _stop(session, _of_enrolment(enrolment), person, actor, pack, note, key)

    return transaction(work)


def uphold_not_me(session: Session, matter: Matter, actor: Actor, pack: Pack, today: date) -> str:
    """What an upheld "this was not me" does: the enrolment and its claims end, or the phone before is in use again."""
    denied = _denied(session, matter.about)
    outcome = "phone_taken_back"
    if denied.change is not None:
        people.take_phone_back(session, denied.change, actor)
    elif denied.account is not None:
        outcome = "account_stopped"
    else:
        outcome = _end(session, matter, actor, pack)
    _move_again(session, matter, actor)
    return outcome


def _end(session: Session, matter: Matter, actor: Actor, pack: Pack) -> str:
    status = end_not_theirs(session, matter.about, actor, pack)
    ended, money_gone = end_claims_not_theirs(session, matter.about, actor, matter.reference)
    if money_gone:
        return "money_gone"
    if ended:
        return "claim_ended"
    return "class_over" if status in MAY_BE_PAID else status.value


def dismiss_not_me(session: Session, matter: Matter, actor: Actor, pack: Pack, today: date) -> str:
    """It was them after all: everything goes on, an account as held as it was."""
    account = session.get(BankAccount, matter.about)
    if account is not None:
        people.restore_account(session, account, actor)
    _move_again(session, matter, actor)
    return "goes_on"


def _stop(
    session: Session,
    denied: Denied,
    person: Person,
    actor: Actor,
    pack: Pack,
    note: str = "",
    key: str = "",
) -> Matter:
    matter = open_matter(
        session,
        MatterKind.NOT_ME,
        actor=actor,
        pack=pack,
        district=denied.district,
        person=person,
        about=denied.about,
        reason="not_me",
        text=note,
        not_by=denied.hands,
        idempotency_key=key or new_id(),
    )
    people.freeze(session, person, actor, denied.about)
    people.stop_phone_changes(session, person)
    if denied.account is not None:
        people.end_account(session, person, "not_me", actor)
    end_acts(session, ActKind.NOT_ME, denied.about)
    said = {"reference": matter.reference, "due_on": matter.due_on}
    if denied.phone is not None:
        tell_phone(session, denied.phone, "not_me_received", person.language, **said)
    else:
        tell(session, person, "not_me_received", **said)
    return matter


def _denied(session: Session, about: str) -> Denied:
    change = session.get(PhoneChange, about, with_for_update={"of": PhoneChange})
    account = session.get(BankAccount, about)
    if account is not None:
        district = district_of_person(session, account.person_id) or ""  # else the city has it
        return Denied(account.id, district, (), account=account)
    if change is None:
        return _of_enrolment(session.get_one(Enrolment, about))
    old = session.get(Phone, change.old_phone_id or "")
    changes = [change, *people.later_changes(session, change)]
    hands = [staff for one in changes for staff in (one.asked_by, one.decided_by) if staff]
    return Denied(change.id, change.district, hands, change, old.number if old else None)


def _of_enrolment(enrolment: Enrolment) -> Denied:
    hands = [staff for staff in (enrolment.created_by, enrolment.verified_by) if staff]
    return Denied(enrolment.id, enrolment.district, hands)


def _move_again(session: Session, matter: Matter, actor: Actor) -> None:
    """The record moves again, unless another "this was not me" of the same person is open."""
    others = (Matter.person_id == matter.person_id, Matter.kind == MatterKind.NOT_ME, Matter.id != matter.id)
    still = select(Matter.id).where(*others, Matter.status == MatterStatus.OPEN).limit(1)
    if matter.person is not None and session.scalar(still) is None:
        people.unfreeze(session, matter.person, actor, matter.about)
