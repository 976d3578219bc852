"""What ends by the clock: seats held without a code, corrections that never came, offers nobody answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from training import clock
from training.audit import Actor, EventName
from training.courses import seats
from training.courses.models import ClassRun
from training.database import db, transaction
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.place import tell_status
from training.enrolments.operations.seats import (
    Freed,
    first_in_line,
    free_seat,
    offer_seat,
    record_move,
)
from training.enrolments.queries import locked
from training.entitlements import operations as entitlements
from training.policy.pack import Pack

log = logging.getLogger(__name__)


def lapse_holds(pack: Pack, limit: int = 200) -> int:
    """Let seats go that were held without a code for as long as the notice says. Returns how many; safe twice."""
    due = _due(EnrolmentStatus.RECEIVED, Enrolment.held_until, limit)
    return _each(due, lambda enrolment_id: _lapse(enrolment_id, pack))


def lapse_corrections(pack: Pack, limit: int = 200) -> int:
    """End what was returned and not corrected in time; seat and entitlement go back. Returns how many; safe twice."""
    due = _due(EnrolmentStatus.RETURNED, Enrolment.answer_by, limit)
    return _each(due, lambda enrolment_id: _expire(enrolment_id, pack))


def pass_on_offers(pack: Pack, limit: int = 1000) -> int:
    """Pass on the seats whose offers nobody answered in time. Returns how many; safe twice.

    Who let one pass stands at the end of the line; who let as many pass as the pack says leaves it.
    """
    due = _due(EnrolmentStatus.OFFERED, Enrolment.held_until, limit)
    return _each(due, lambda enrolment_id: _pass_on(enrolment_id, pack))


def offer_free_seats(pack: Pack, limit: int = 50) -> int:
    """Offer what is free while people stand in line: a class that got more seats, or whose school may teach again."""
    today = clock.today()
    wanted = (ClassRun.seats_left > 0, ClassRun.waiting > 0, ClassRun.starts_on > today)
    classes = select(ClassRun.id).where(*wanted, ClassRun.status.in_(rules.CLASS_TAKES)).limit(limit)
    return _each(db.session().scalars(classes).all(), lambda class_id: _offer_free(class_id, pack))


def _due(status: EnrolmentStatus, end: InstrumentedAttribute[datetime | None], limit: int) -> Sequence[str]:
    """Whose end has come, in the order of the ends."""
    query = select(Enrolment.id).where(end <= clock.now(), Enrolment.status == status)
    return db.session().scalars(query.order_by(end, Enrolment.received_at, Enrolment.id).limit(limit)).all()


def _each(ids: Sequence[str], end: Callable[[str], int]) -> int:
    """End one after the other; one that fails is logged and holds up no other."""
    ended = 0
    for one in ids:
        try:
            ended += end(one)
        except Exception:
            log.exception("could not end what has run out")
    return ended


def _in_status(session: Session, enrolment_id: str, status: EnrolmentStatus) -> Enrolment | None:
    """The class locked, then the enrolment; None when it has moved on."""
    class_id = session.scalars(select(Enrolment.class_id).where(Enrolment.id == enrolment_id)).one()
    seats.lock_class(session, class_id)
    enrolment = locked(session, enrolment_id)
    return enrolment if enrolment.status is status and enrolment.class_id == class_id else None


def _lapse(enrolment_id: str, pack: Pack) -> bool:
    def work(session: Session) -> bool:
        enrolment = _in_status(session, enrolment_id, EnrolmentStatus.RECEIVED)
        if enrolment is None:
            return False
        actor = Actor.system("lapse_holds")
        enrolment.status = next_status(enrolment.status, Action.LAPSE)
        enrolment.place = seats.join_line(session, enrolment.class_id, counts=False)
        _write(session, enrolment, actor, EventName.HOLD_LAPSED)
        seats.keep_held_seat(session, enrolment.class_id)
        freed = Freed(EventName.HOLD_LAPSED, enrolment.id)
        free_seat(session, enrolment.class_id, actor, pack, freed)
        return True

    return transaction(work)


def _expire(enrolment_id: str, pack: Pack) -> bool:
    def work(session: Session) -> bool:
        enrolment = _in_status(session, enrolment_id, EnrolmentStatus.RETURNED)
        if enrolment is None:
            return False
        actor = Actor.system("lapse_corrections")
        enrolment.status = next_status(enrolment.status, Action.LAPSE)
        enrolment.returned_fields = ""
        entitlements.release(session, enrolment.id)
        _write(session, enrolment, actor, EventName.CORRECTION_LAPSED)
        tell_status(session, enrolment, enrolment.class_run)
        freed = Freed(EventName.CORRECTION_LAPSED, enrolment.id)
        free_seat(session, enrolment.class_id, actor, pack, freed)
        return True

    return transaction(work)


def _pass_on(enrolment_id: str, pack: Pack) -> bool:
    def work(session: Session) -> bool:
        enrolment = _in_status(session, enrolment_id, EnrolmentStatus.OFFERED)
        if enrolment is None or enrolment.held_until is None or enrolment.held_until > clock.now():
            return False
        actor = Actor.system("pass_on_offers")
        enrolment.offers_missed += 1
        leaves = enrolment.offers_missed >= pack.offers.misses
        leaves = leaves or bool(rules.reasons_of_class(enrolment.class_run, clock.today()))
        enrolment.place = None if leaves else seats.line_up(session, enrolment.class_id)
        enrolment.status = next_status(enrolment.status, Action.LAPSE if leaves else Action.MISS)
        _write(session, enrolment, actor, EventName.OFFER_MISSED)
        freed = Freed(EventName.OFFER_MISSED, enrolment.id, again=True)
        following = free_seat(session, enrolment.class_id, actor, pack, freed)
        if leaves or following is not enrolment:
            message = "offer_expired" if leaves else "offer_missed"
            tell_status(session, enrolment, enrolment.class_run, message)
        return True

    return transaction(work)


def _offer_free(class_id: str, pack: Pack) -> int:
    def work(session: Session) -> int:
        run, actor, made = seats.lock_class(session, class_id), Actor.system("offer_free_seats"), 0
        if rules.reasons_of_class(run, clock.today()):
            return 0
        for _ in range(run.seats_left):
            first = first_in_line(session, class_id)
            if first is None:
                break
            if offer_seat(session, first, actor, pack, Freed("free_seat")):
                seats.take_free_seat(session, class_id)
                made += 1
        return made

    return transaction(work)


def _write(session: Session, enrolment: Enrolment, actor: Actor, name: EventName) -> None:
    enrolment.held_until, enrolment.changed_at = None, clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, name)
