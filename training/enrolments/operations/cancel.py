"""A class that will not be held: everybody is told, nothing is used up, and the next class is offered in order."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import case, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun, ClassStatus
from training.database import part, transaction
from training.enrolments import rules
from training.enrolments.lifecycle import (
    BEFORE_CLASS,
    HOLDS_SEAT,
    Action,
    EnrolmentStatus,
    next_status,
)
from training.enrolments.models import Enrolment
from training.enrolments.operations.moves import move_to
from training.enrolments.operations.place import tell_status
from training.enrolments.operations.seats import keep_for, record_move
from training.enrolments.queries import is_live_in
from training.entitlements import operations as entitlements
from training.errors import BadInput, NotAllowedNow
from training.people.models import ActKind
from training.people.operations.acts import end_acts
from training.policy.pack import Pack

log = logging.getLogger(__name__)

CAN_BE_CANCELLED = (ClassStatus.PUBLISHED, ClassStatus.ENROLLING, ClassStatus.FULL, ClassStatus.SUSPENDED)


@dataclass(frozen=True)
class _Next:
    """The classes that take who was in the cancelled one. `passed_over`: how many of the line of each have a frozen
    record and came from it just now; they keep their place, and no seat from those after them."""

    classes: Sequence[ClassRun]
    passed_over: Counter[str] = field(default_factory=Counter)

    def has_seat(self, run: ClassRun) -> bool:
        return run.seats_left > 0 and run.waiting == self.passed_over[run.id]


def cancel_class(class_id: str, actor: Actor, reason: str, pack: Pack) -> int:
    """Cancel a class before it begins. Returns how many people were told.

    Those with a seat come first, then the line, each in order: a seat of the next class of the course is offered
    as long as there is one, then a place at the end of its line. Somebody whose record is frozen is not asked, and
    stands in the line of that class before those who come after. Without a next class the enrolment ends; so does
    one that cannot go on, which never keeps the class or the others.
    Raises BadInput without a reason, NotAllowedNow when the class has begun or is over.
    """
    if not reason.strip():
        raise BadInput("reason", "empty")

    def work(session: Session) -> int:
        run = seats.lock_class(session, class_id)
        entry = Entry(EventName.CLASS_CANCELLED, SubjectKind.STAFF, actor.id)
        audit.attempt(session, actor, entry)
        if run.status not in CAN_BE_CANCELLED or run.starts_on <= clock.today():
            raise NotAllowedNow("class_not_open" if run.starts_on > clock.today() else "class_started")
        run.status, run.cancelled_on = ClassStatus.CANCELLED, clock.today()
        run.cancel_reason = reason.strip()[:200]
        others, people = _Next(_next_classes(session, run)), _people(session, run)
        for enrolment in people:
            _end_here(session, enrolment, others, actor, pack)
        run.seats_left, run.waiting, run.held_without_code = run.seats, 0, 0
        seats.touch_catalogue(session, run.id)
        facts = {"class": run.id, "why": run.cancel_reason, "people": len(people)}
        audit.record(
            session, actor, Entry(EventName.CLASS_CANCELLED, SubjectKind.STAFF, actor.id, facts=facts)
        )
        return len(people)

    return transaction(work)


def _people(session: Session, run: ClassRun) -> Sequence[Enrolment]:
    """Who is in the class or its line: seats first, by receipt, then the line by place; all locked."""
    first = case((Enrolment.status.in_(HOLDS_SEAT), 0), else_=1)
    here = (Enrolment.class_id == run.id, Enrolment.status.in_(BEFORE_CLASS))
    query = select(Enrolment).where(*here).order_by(first, Enrolment.place, Enrolment.received_at)
    return session.scalars(query.with_for_update(of=Enrolment)).all()


def _next_classes(session: Session, run: ClassRun) -> list[ClassRun]:
    """The other classes of the course that take people, the first to begin first; locked in the order of ids."""
    same = (ClassRun.course_id == run.course_id, ClassRun.id != run.id)
    query = select(ClassRun).where(*same).order_by(ClassRun.id).with_for_update(of=ClassRun)
    takes = [one for one in session.scalars(query) if not rules.reasons_of_class(one, clock.today())]
    return sorted(takes, key=lambda one: (one.starts_on, one.id))


def _end_here(session: Session, enrolment: Enrolment, others: _Next, actor: Actor, pack: Pack) -> None:
    """Into a next class; one that fails ends, and holds up no other."""
    try:
        part(session, lambda inside: _go_on(inside, enrolment, others, actor, pack))
    except Exception as error:
        if isinstance(error, OperationalError):
            raise
        log.exception("could not move an enrolment of a cancelled class on")
        for row in (enrolment, *others.classes):
            session.refresh(row)
        _go_on(session, enrolment, _Next(()), actor, pack)
        session.flush()


def _go_on(session: Session, enrolment: Enrolment, others: _Next, actor: Actor, pack: Pack) -> None:
    old, proved = enrolment.class_id, not enrolment.without_code or enrolment.verified_by is not None
    entitlements.release(session, enrolment.id)
    end_acts(session, ActKind.OFFER, enrolment.id)
    free = [run for run in others.classes if not is_live_in(session, enrolment.person_id, run.id)]
    seat = next((run for run in free if proved and others.has_seat(run)), None)
    is_frozen = enrolment.person.frozen_at is not None
    line = seat if is_frozen and seat else next((run for run in free if run.takes_waiting), None)
    enrolment.held_until, enrolment.returned_fields, enrolment.answer_by = None, "", None
    facts = {"from": old, "freed_by": EventName.CLASS_CANCELLED.value}
    if seat is not None and not is_frozen:
        _offer(session, enrolment, seat, actor, pack, facts)
        return
    if line is not None and not _typed_elsewhere(session, enrolment):
        move_to(session, enrolment, line, pack)
        enrolment.place = seats.line_up(session, line.id, counts=proved)
        enrolment.status = next_status(enrolment.status, Action.NEXT_WAITS)
        session.refresh(line, ["seats_left", "waiting"])
    else:
        enrolment.place, enrolment.status = None, next_status(enrolment.status, Action.CANCEL)
        enrolment.reasons = ["class_cancelled"]
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, EventName.CLASS_CANCELLED, **facts)
    waits = enrolment.status is EnrolmentStatus.WAITING
    tell_status(session, enrolment, enrolment.class_run, "cancelled_waiting" if waits else "cancelled")
    if waits and seat is not None:
        others.passed_over[seat.id] += 1


def _offer(
    session: Session, enrolment: Enrolment, run: ClassRun, actor: Actor, pack: Pack, facts: Mapping[str, str]
) -> None:
    enrolment.place, enrolment.status = None, next_status(enrolment.status, Action.NEXT_OFFERED)
    move_to(session, enrolment, run, pack)
    enrolment.place_before = seats.line_up(session, run.id, counts=False)
    seats.take_free_seat(session, run.id)
    audit.record(session, actor, keep_for(session, enrolment, pack, facts, "cancelled_offered"))
    session.refresh(run, ["seats_left", "waiting"])


def _typed_elsewhere(session: Session, enrolment: Enrolment) -> bool:
    """Whether its number was typed again while a verifier had it: one of a number can be in line unseen, and
    anybody can type a number."""
    if not enrolment.without_code or enrolment.verified_by is not None or enrolment.typed_index is None:
        return False
    unseen = (Enrolment.without_code, Enrolment.verified_by.is_(None), Enrolment.id != enrolment.id)
    stands = Enrolment.status.in_((EnrolmentStatus.RECEIVED, EnrolmentStatus.WAITING))
    query = select(Enrolment.id).where(*unseen, stands, Enrolment.typed_index == enrolment.typed_index)
    return session.scalar(query.limit(1)) is not None
