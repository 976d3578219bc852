"""An enrolment that was not theirs ends: seat and entitlement go back, as if it had never been made."""

from __future__ import annotations

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.enrolments.lifecycle import HOLDS_SEAT, Action, EnrolmentStatus, allowed, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.seats import Freed, free_seat
from training.enrolments.queries import locked
from training.entitlements import operations as entitlements
from training.people.models import ActKind
from training.people.operations.acts import end_acts
from training.policy.pack import Pack

MAY_BE_PAID = (EnrolmentStatus.COMPLETED, EnrolmentStatus.PASSED)


def end_not_theirs(session: Session, enrolment_id: str, actor: Actor, pack: Pack) -> EnrolmentStatus:
    """A step: end it, withdrawn or, once the class has begun, left. What is over already stays as it is; of a class
    that may still lead to money the trail keeps that it was not theirs, and no claim is made of it any more.

    Returns the status it has then. The slip's code ends too.
    """
    seats.lock_class(session, session.get_one(Enrolment, enrolment_id).class_id)
    enrolment = locked(session, enrolment_id)
    action = next(
        (one for one in (Action.WITHDRAW, Action.DROP_OUT) if one in allowed(enrolment.status)), None
    )
    enrolment.slip_hash = None
    if action is None:
        if enrolment.status in MAY_BE_PAID:
            event = (EventName.ENROLMENT_NOT_THEIRS, SubjectKind.ENROLMENT, enrolment.id)
            audit.record(session, actor, Entry(*event, enrolment.status.value))
        return enrolment.status
    had_seat, waited = enrolment.status in HOLDS_SEAT, enrolment.status is EnrolmentStatus.WAITING
    counted = not (enrolment.without_code and enrolment.verified_by is None)
    was_received = enrolment.status is EnrolmentStatus.RECEIVED
    enrolment.status = next_status(enrolment.status, action)
    enrolment.place, enrolment.held_until, enrolment.changed_at = None, None, clock.now()
    enrolment.version += 1
    end_acts(session, ActKind.OFFER, enrolment.id)
    entitlements.release(session, enrolment.id)
    facts = {"not_theirs": True}
    entry = Entry(EventName.WITHDRAWN, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, facts)
    audit.record(session, actor, entry)
    if was_received:
        seats.keep_held_seat(session, enrolment.class_id)
    if had_seat:
        free_seat(session, enrolment.class_id, actor, pack, Freed(EventName.WITHDRAWN, enrolment.id))
    elif waited and counted:
        seats.leave_line(session, enrolment.class_id)
    return enrolment.status
