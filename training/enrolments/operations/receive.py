"""Getting into a class without a code: received, and nobody is known yet."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from training import audit, clock, outbox
from training.audit import Actor, ActorKind, Entry, EventName, SubjectKind
from training.courses import seats
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Channel, Enrolment
from training.enrolments.operations.place import (
    Choice,
    class_with_course,
    draft_in_force,
    enrolled_entry,
    hold_end,
    new_enrolment,
    while_seats_move,
)
from training.enrolments.queries import typed_index
from training.enrolments.rules import Candidate
from training.errors import NotEligible
from training.numbers import Number
from training.outbox import Errand
from training.people import operations as people
from training.people.models import Draft
from training.policy.pack import Pack
from training.policy.queries import notice_for
from training.ports import RegisteredPerson


def submit_without_code(draft: Draft, class_id: str, key: str, pack: Pack, today: date) -> Enrolment:
    """Receive somebody who got no code. A seat is held some working days, within a share of the class; beyond it
    the person stands in line. One such enrolment of a number lives; sending it again gives the same one.

    Nothing here looks at whether the person is known (A02, I28). Raises NotEligible for a closed class.
    """
    return while_seats_move(lambda session: _receive(session, draft, class_id, key, pack, today))


def _receive(session: Session, draft: Draft, class_id: str, key: str, pack: Pack, today: date) -> Enrolment:
    current = draft_in_force(session, draft)
    class_run = class_with_course(session, class_id)
    number = people.number_of(current)
    again = _received_before(session, number, class_id, key)
    if again is not None:
        current.reference = again.reference
        return again
    if reasons := rules.reasons_of_class(class_run, today):
        raise NotEligible(*reasons)
    notice = notice_for(pack, class_run.district, class_run.starts_on)
    person = people.new_person(session, current.name or "", None, None, current.language)
    enrolment = new_enrolment(class_run, person, notice, current.name or "", number, Choice(key), None)
    enrolment.channel, enrolment.actor, enrolment.without_code = (
        Channel.PHONE,
        typed_index(number.value),
        True,
    )
    enrolment.typed_index, enrolment.evidence_id = typed_index(number.value), current.evidence_id
    enrolment.flags = _flags_of_unseen(current)
    enrolment.status = EnrolmentStatus.RECEIVED
    enrolment.held_until = hold_end(pack.calendar, today, notice.identity.hold_working_days.value)
    share = rules.without_code_share(class_run.seats, notice.identity.without_code_percent.value)
    has_seat = class_run.seats_left > 0 and class_run.waiting == 0 and class_run.held_without_code < share
    if not has_seat:
        if not class_run.takes_waiting:
            raise NotEligible("class_full")
        enrolment.status, enrolment.held_until = EnrolmentStatus.WAITING, None
        enrolment.place = seats.join_line(session, class_id, counts=False)
    session.add(enrolment)
    actor = Actor(ActorKind.PERSON, person.id)
    facts = {"consent_version": person.consent_version}
    created = Entry(EventName.PERSON_CREATED, SubjectKind.PERSON, person.id, facts=facts, is_first=True)
    audit.record(session, actor, created, enrolled_entry(enrolment))
    outbox.put(session, Errand.ASK_REGISTRY, {"enrolment": enrolment.id})
    current.reference = enrolment.reference
    session.flush()
    if has_seat:
        seats.hold_seat_without_code(session, class_id, share)
    return enrolment


def _received_before(session: Session, number: Number, class_id: str, key: str) -> Enrolment | None:
    """The live one of this number, or what the same form made. For another class it stands in the way; nobody
    learns whose it is."""
    index = typed_index(number.value)
    same = (Enrolment.actor == index, Enrolment.idempotency_key == key, Enrolment.class_id == class_id)
    unseen = (Enrolment.without_code, Enrolment.verified_by.is_(None))
    live = Enrolment.status.in_((EnrolmentStatus.RECEIVED, EnrolmentStatus.WAITING))
    waits = and_(Enrolment.typed_index == index, *unseen, live)
    found = session.scalars(select(Enrolment).where(or_(waits, and_(*same)))).first()
    if found is not None and found.class_id != class_id:
        raise NotEligible("already_received")
    return found


def _flags_of_unseen(draft: Draft) -> str:
    answer = people.answer_in(draft.evidence)
    candidate = Candidate(draft.name or "", draft.number_kind == "card", draft.number or "", answer)
    return " ".join(flag.value for flag in rules.flags_of_register(candidate))


_UNSEEN = (
    Enrolment.without_code,
    Enrolment.verified_by.is_(None),
    Enrolment.status.in_((EnrolmentStatus.RECEIVED, EnrolmentStatus.WAITING)),
)
_SAME_NUMBER = select(Enrolment.id).where(
    Enrolment.typed_index.in_(bindparam("typed")), Enrolment.class_id == bindparam("of_class"), *_UNSEEN
)


def take_the_place_of_received(
    session: Session, registered: RegisteredPerson, number: Number, class_id: str, actor: Actor
) -> bool:
    """A step: the code came after all. What was received without it ends; says whether it held a seat to keep."""
    numbers = {number.value, registered.number, *(card.number for card in registered.cards)}
    typed = {"typed": [typed_index(one) for one in numbers], "of_class": class_id}
    # Nearly always there is none: ask for no more than the id, and not through what waits to be written.
    found = session.connection().execute(_SAME_NUMBER, typed).scalars().first()
    wanted = select(Enrolment).where(Enrolment.id == found, *_UNSEEN).with_for_update(of=Enrolment)
    old = session.scalars(wanted).first() if found is not None else None
    if old is None:
        return False
    had_seat = old.status is EnrolmentStatus.RECEIVED
    old.status, old.place, old.held_until = next_status(old.status, Action.WITHDRAW), None, None
    old.changed_at = clock.now()
    old.version += 1
    facts = {"replaced": True}
    audit.record(
        session, actor, Entry(EventName.WITHDRAWN, SubjectKind.ENROLMENT, old.id, old.status.value, facts)
    )
    if had_seat:
        seats.keep_held_seat(session, class_id)
    return had_seat
