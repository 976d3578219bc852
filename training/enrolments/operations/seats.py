"""Seats that move: a freed seat goes to the first in line at once; holds and returned cases run out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.database import db, transaction
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import judge_again, reasons_against
from training.enrolments.operations.place import hold_entitlement, tell_status
from training.enrolments.queries import locked
from training.entitlements import operations as entitlements
from training.errors import NotEligible
from training.policy.pack import Pack
from training.policy.queries import notice_numbered

GIVES = 20
log = logging.getLogger(__name__)


def free_seat(session: Session, class_id: str, actor: Actor, pack: Pack) -> None:
    """A step: one seat came free. It goes to the first in line whose identity was proved, else back to the class,
    as it does once the class has begun.

    Somebody whose entitlement is used up elsewhere meanwhile is refused with the reason, and the next is asked.
    """
    class_run = seats.lock_class(session, class_id)
    for _ in range(0 if class_run.starts_on <= clock.today() else GIVES):
        first = _first_in_line(session, class_id)
        if first is None:
            break
        if give_seat(session, first, actor, pack):
            return
    seats.put_seat_back(session, class_id)


def give_seat(session: Session, enrolment: Enrolment, actor: Actor, pack: Pack) -> bool:
    """A step: the seat is this one's. False when the entitlement cannot be held: then it is refused."""
    seats.leave_line(session, enrolment.class_id)
    seen = enrolment.verified_by is not None
    enrolment.status = next_status(enrolment.status, Action.GIVE_SEAT if seen else Action.GIVE_SEAT_UNCHECKED)
    enrolment.place, enrolment.changed_at = None, clock.now()
    enrolment.version += 1
    refused = _cannot_hold(session, enrolment, pack)
    if refused:
        enrolment.status, enrolment.reasons = EnrolmentStatus.REFUSED, refused
    _record(session, enrolment, actor, EventName.IDENTITY_REFUSED if refused else EventName.SEAT_GIVEN)
    tell_status(session, enrolment, enrolment.class_run)
    return not refused


def _cannot_hold(session: Session, enrolment: Enrolment, pack: Pack) -> list[str]:
    """Why the entitlement cannot be held now; empty: it is."""
    today = clock.today()
    assessment = judge_again(session, enrolment, pack, today)
    if codes := reasons_against(assessment):
        return codes
    enrolment.group = enrolment.group or assessment.group
    enrolment.group_source = enrolment.group_source or assessment.group_source
    notice = notice_numbered(pack, enrolment.notice)
    try:
        hold_entitlement(session, enrolment, enrolment.class_run, notice, today)
    except NotEligible as refusal:
        return list(refusal.reasons)
    return []


def lapse_holds(pack: Pack, limit: int = 200) -> int:
    """Let seats go that were held without a code for as long as the notice says. Returns how many; safe twice."""
    due = (Enrolment.status == EnrolmentStatus.RECEIVED, Enrolment.held_until <= clock.now())
    query = select(Enrolment.id).where(*due).order_by(Enrolment.received_at, Enrolment.id).limit(limit)
    return _each(db.session().scalars(query).all(), lambda enrolment_id: _lapse(enrolment_id, pack))


def _each(ids: Sequence[str], end: Callable[[str], bool]) -> int:
    """End one after the other; one that fails is logged and holds up no other."""
    ended = 0
    for enrolment_id in ids:
        try:
            ended += end(enrolment_id)
        except Exception:
            log.exception("could not end an enrolment that has run out")
    return ended


def _lapse(enrolment_id: str, pack: Pack) -> bool:
    def work(session: Session) -> bool:
        seats.lock_class(session, session.get_one(Enrolment, enrolment_id).class_id)
        enrolment = locked(session, enrolment_id)
        if enrolment.status is not EnrolmentStatus.RECEIVED:
            return False
        actor = Actor.system("lapse_holds")
        enrolment.status = next_status(enrolment.status, Action.LAPSE)
        enrolment.place = seats.join_line(session, enrolment.class_id, counts=False)
        enrolment.held_until, enrolment.changed_at = None, clock.now()
        enrolment.version += 1
        _record(session, enrolment, actor, EventName.HOLD_LAPSED)
        seats.keep_held_seat(session, enrolment.class_id)
        free_seat(session, enrolment.class_id, actor, pack)
        return True

    return transaction(work)


def lapse_corrections(pack: Pack, limit: int = 200) -> int:
    """End what was returned and not corrected in time; seat and entitlement go back. Returns how many; safe twice."""
    due = (Enrolment.status == EnrolmentStatus.RETURNED, Enrolment.answer_by <= clock.now())
    query = select(Enrolment.id).where(*due).order_by(Enrolment.answer_by, Enrolment.id).limit(limit)
    return _each(db.session().scalars(query).all(), lambda enrolment_id: _expire(enrolment_id, pack))


def _expire(enrolment_id: str, pack: Pack) -> bool:
    def work(session: Session) -> bool:
        seats.lock_class(session, session.get_one(Enrolment, enrolment_id).class_id)
        enrolment = locked(session, enrolment_id)
        if enrolment.status is not EnrolmentStatus.RETURNED:
            return False
        actor = Actor.system("lapse_corrections")
        enrolment.status = next_status(enrolment.status, Action.LAPSE)
        enrolment.returned_fields, enrolment.changed_at = "", clock.now()
        enrolment.version += 1
        entitlements.release(session, enrolment.id)
        _record(session, enrolment, actor, EventName.CORRECTION_LAPSED)
        tell_status(session, enrolment, enrolment.class_run)
        free_seat(session, enrolment.class_id, actor, pack)
        return True

    return transaction(work)


def _first_in_line(session: Session, class_id: str) -> Enrolment | None:
    proved = or_(Enrolment.without_code.is_(False), Enrolment.verified_by.is_not(None))
    waiting = (Enrolment.class_id == class_id, Enrolment.status == EnrolmentStatus.WAITING, proved)
    query = select(Enrolment).where(*waiting).order_by(Enrolment.place).limit(1)
    return session.scalars(query.with_for_update(of=Enrolment)).first()


def _record(session: Session, enrolment: Enrolment, actor: Actor, name: EventName) -> None:
    facts = {"class": enrolment.class_id, "place": enrolment.place, "reasons": enrolment.reasons}
    audit.record(
        session, actor, Entry(name, SubjectKind.ENROLMENT, enrolment.id, enrolment.status.value, facts)
    )
