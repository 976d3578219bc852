"""A phone registered at the counter: one asks, another confirms by typing it again (trust.md 1c, A08, A10).

The phone in use until then is told at both steps and may say "this was not me" with one tap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.errors import BadInput, FourEyes, NotAllowedNow, NotEligible, NotThere
from training.numbers import Number, masked
from training.people.messages import tell, tell_phone
from training.people.models import (
    ActKind,
    Person,
    Phone,
    PhoneChange,
    PhoneChangeStatus,
    PhoneReason,
    PhoneSource,
)
from training.people.operations.acts import issue_act
from training.people.operations.identity import forget_proofs
from training.people.operations.records import known_by_number, lock_person, person_for
from training.people.operations.sessions import end_sessions
from training.people.queries import phone_in_use
from training.people.rules import PHONE_TRIES
from training.policy.pack import Pack
from training.ports import RegistryAnswer


@dataclass(frozen=True)
class AskedPhone:
    """What the first person sends: who stands there, by number and the registry's answer, and the new phone.

    `district` is that of the desk; `is_staff_phone` says whether a phone belongs to a member of staff; `key` is that
    of the form.
    """

    number: Number
    answer: RegistryAnswer
    phone: str
    reason: PhoneReason
    district: str
    is_staff_phone: Callable[[Session, str], bool]
    key: str = ""


def ask_for_phone(asked: AskedPhone, actor: Actor, pack: Pack) -> PhoneChange:
    """Ask for a new phone; nothing changes until a second person confirms it. The same form twice is one request.

    Raises NotAllowedNow: `no_record` (unknown here and to the register), `record_frozen`, `same_phone`,
    `phone_change_pending`; NotEligible: `staff_phone`.
    """

    def work(session: Session) -> PhoneChange:
        if before := _sent_before(session, asked, actor):
            return before
        person = _person(session, asked, actor)
        audit.attempt(session, actor, Entry(EventName.PHONE_ASKED, SubjectKind.PERSON, person.id))
        again = _pending_of(session, person, pack)
        if again is not None:
            return _same_request(again, asked, actor)
        current = phone_in_use(session, person.id)
        _refuse_to_ask(session, asked, person, current)
        change = _new_change(session, asked, actor, person, current)
        facts = {"change": change.id, "reason": change.reason.value, "others": change.owners}
        audit.record(session, actor, Entry(EventName.PHONE_ASKED, SubjectKind.PERSON, person.id, facts=facts))
        _tell_old_phone(session, change, current, "phone_asked", pack)
        return change

    return transaction(work)


def agree_to_phone(
    change_id: str, district: str | None, actor: Actor, phone: str, pack: Pack, *, is_verifier: bool
) -> PhoneChange:
    """The second person typed the phone again: alike, it is registered at once, and every open session ends.

    Raises FourEyes for the first person, NotThere for another district's, NotAllowedNow (`decided`,
    `record_frozen`, `needs_verifier` for a phone of too many people); BadInput on `phone`: `differs` with `left`,
    after the third time `closed`: then the request is over and the phone stays as it was.
    """

    def work(session: Session) -> tuple[PhoneChange, BadInput | None]:
        change = _to_decide(session, change_id, district, actor, pack, EventName.PHONE_CHANGED)
        if change.person.frozen_at is not None:
            raise NotAllowedNow("record_frozen")
        change.owners = owners_of(session, change.phone_index, change.person_id)
        if change.owners + 1 > pack.phones.verifier_above and not is_verifier:
            raise NotAllowedNow("needs_verifier")
        if Phone.number.index_of(phone) != change.phone_index:
            return change, _mistyped(session, change, actor)
        _register(session, change, actor, pack)
        return change, None

    change, fault = transaction(work)
    if fault is not None:
        raise fault
    return change


def refuse_phone(change_id: str, district: str | None, actor: Actor, pack: Pack) -> PhoneChange:
    """The second person does not agree: the request is over, the phone stays as it was. Raises like agree_to_phone."""

    def work(session: Session) -> PhoneChange:
        change = _to_decide(session, change_id, district, actor, pack, EventName.PHONE_REFUSED)
        _decide(change, PhoneChangeStatus.REFUSED, actor)
        _record(session, change, actor, EventName.PHONE_REFUSED)
        return change

    return transaction(work)


def owners_of(session: Session, phone_index: str, without: str = "") -> int:
    """How many people have this phone now, `without` this one."""
    live = (Phone.number_index == phone_index, Phone.ended_at.is_(None), Phone.person_id != without)
    return session.scalar(select(func.count(Phone.person_id.distinct())).where(*live)) or 0


def _sent_before(session: Session, asked: AskedPhone, actor: Actor) -> PhoneChange | None:
    same = (PhoneChange.asked_by == actor.id, PhoneChange.idempotency_key == asked.key)
    return session.scalars(select(PhoneChange).where(*same)).first() if asked.key else None


def _person(session: Session, asked: AskedPhone, actor: Actor) -> Person:
    """The record of whoever stands there, locked; made from the register's answer where there was none."""
    registered = asked.answer.person
    if registered is not None:
        record = person_for(session, registered, asked.number, "zh")
        if record.entries:
            audit.record(session, actor, *record.entries)
        session.flush()
        return record.person
    known = None if asked.number.is_card else known_by_number(session, asked.number.value)
    if known is None:
        raise NotAllowedNow("no_record")
    return known


def _pending_of(session: Session, person: Person, pack: Pack) -> PhoneChange | None:
    """The request that waits; one that has waited too long is closed on the way."""
    waits = (PhoneChange.person_id == person.id, PhoneChange.status == PhoneChangeStatus.PENDING)
    found = session.scalars(select(PhoneChange).where(*waits)).first()
    if found is not None and _is_too_old(found, pack):
        found.status, found.decided_at = PhoneChangeStatus.CLOSED, clock.now()
        session.flush()
        return None
    return found


def _is_too_old(change: PhoneChange, pack: Pack) -> bool:
    return change.asked_at + timedelta(hours=pack.phones.request_hours) <= clock.now()


def _same_request(again: PhoneChange, asked: AskedPhone, actor: Actor) -> PhoneChange:
    if again.asked_by == actor.id and again.phone_index == Phone.number.index_of(asked.phone):
        return again
    raise NotAllowedNow("phone_change_pending")


def _refuse_to_ask(session: Session, asked: AskedPhone, person: Person, current: Phone | None) -> None:
    if person.frozen_at is not None:
        raise NotAllowedNow("record_frozen")
    if asked.is_staff_phone(session, asked.phone):
        raise NotEligible("staff_phone")
    if current is not None and current.number_index == Phone.number.index_of(asked.phone):
        raise NotAllowedNow("same_phone")


def _new_change(
    session: Session, asked: AskedPhone, actor: Actor, person: Person, current: Phone | None
) -> PhoneChange:
    change = PhoneChange(
        id=new_id(),
        person=person,
        person_id=person.id,
        old_phone_id=current.id if current else None,
        reason=asked.reason,
        status=PhoneChangeStatus.PENDING,
        shown=masked(asked.number.value),
        owners=owners_of(session, Phone.number.index_of(asked.phone), person.id),
        tries=0,
        district=asked.district,
        place=actor.office,
        asked_by=actor.id,
        asked_at=clock.now(),
        idempotency_key=asked.key or None,
    )
    change.phone = asked.phone
    session.add(change)
    session.flush()
    return change


def _tell_old_phone(
    session: Session, change: PhoneChange, current: Phone | None, message: str, pack: Pack
) -> None:
    """By the number itself: a moment later another phone may be the one in use."""
    until = clock.now() + timedelta(days=pack.counter.not_me_days)
    person = change.person
    said = {"office": change.place, "until": clock.on_date(until)}
    act = issue_act(session, ActKind.NOT_ME, person, change.id, until)
    if current is not None and current.number:
        tell_phone(session, current.number, message, person.language, **said, act=act)
    else:
        tell(session, person, message, **said, act=act)


def _to_decide(
    session: Session, change_id: str, district: str | None, actor: Actor, pack: Pack, name: EventName
) -> PhoneChange:
    found = session.get(PhoneChange, change_id)
    if found is None or district is None or found.district != district:
        raise NotThere(change_id)
    audit.attempt(session, actor, Entry(name, SubjectKind.PERSON, found.person_id))
    if found.asked_by == actor.id:
        raise FourEyes("own_request")
    lock_person(session, found.person_id)
    change = session.get_one(
        PhoneChange, change_id, with_for_update={"of": PhoneChange}, populate_existing=True
    )
    if change.status is not PhoneChangeStatus.PENDING or _is_too_old(change, pack):
        raise NotAllowedNow("decided")
    return change


def _mistyped(session: Session, change: PhoneChange, actor: Actor) -> BadInput:
    change.tries += 1
    left = PHONE_TRIES - change.tries
    if left == 0:
        _decide(change, PhoneChangeStatus.CLOSED, actor)
    _record(session, change, actor, EventName.PHONE_MISTYPED)
    return BadInput("phone", "differs" if left else "closed", left=left)


def _register(session: Session, change: PhoneChange, actor: Actor, pack: Pack) -> None:
    at, person = clock.now(), change.person
    old = phone_in_use(session, person.id)
    for phone in person.phones:
        phone.ended_at = phone.ended_at or at
    known = next((phone for phone in person.phones if phone.number_index == change.phone_index), None)
    row = known or Phone(id=new_id(), person=person, person_id=person.id)
    row.number, row.source, row.seen_at, row.ended_at = change.phone, PhoneSource.COUNTER, at, None
    row.level_two_from = at + timedelta(hours=pack.phones.level_two_after_hours)
    row.money_from = at + timedelta(hours=pack.phones.money_hold_hours)
    session.add(row)
    _decide(change, PhoneChangeStatus.AGREED, actor)
    forget_proofs(session, person)
    end_sessions(session, person.id)
    _record(session, change, actor, EventName.PHONE_CHANGED)
    if old is not None:
        _tell_old_phone(session, change, old, "phone_changed", pack)
    tell(session, person, "phone_registered", hours=pack.phones.level_two_after_hours)


def _decide(change: PhoneChange, status: PhoneChangeStatus, actor: Actor) -> None:
    change.status, change.decided_by, change.decided_at = status, actor.id, clock.now()


def _record(session: Session, change: PhoneChange, actor: Actor, name: EventName) -> None:
    facts = {
        "change": change.id,
        "status": change.status.value,
        "others": change.owners,
        "tries": change.tries,
    }
    audit.record(session, actor, Entry(name, SubjectKind.PERSON, change.person_id, facts=facts))
