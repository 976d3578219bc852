"""A refusal that was undone: the enrolment goes back to the check, with a seat or in line."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import LIVE, Action, next_status
from training.enrolments.models import Enrolment
from training.enrolments.queries import locked


def reopen(session: Session, enrolment_id: str, actor: Actor, today: date, because: str) -> str:
    """A step: a refused enrolment is `verifying` again where a seat is free, else `waiting`, last in line.

    Whether the person may have the subsidy is judged by whoever passes the identity, as for everybody. Returns the
    status it has now, or the reason why it stays refused all the same: the class has begun or takes nobody, or the
    person is in it by another enrolment. `because` is the reference of what undid the refusal. Raises
    NotAllowedNow when nothing is refused.
    """
    class_run = seats.lock_class(session, session.get_one(Enrolment, enrolment_id).class_id)
    enrolment = locked(session, enrolment_id)
    has_seat = class_run.seats_left > 0 and class_run.waiting == 0
    status = next_status(enrolment.status, Action.REOPEN if has_seat else Action.REOPEN_IN_LINE)
    closed = _reasons_to_stay(session, enrolment, class_run, today, has_seat)
    if closed:
        return closed[0]
    if has_seat:
        seats.take_free_seat(session, class_run.id)
    else:
        counts = not (enrolment.without_code and enrolment.verified_by is None)
        enrolment.place = seats.join_line(session, class_run.id, counts=counts)
    enrolment.status, enrolment.changed_at = status, clock.now()
    enrolment.reasons, enrolment.note = [], ""
    enrolment.version += 1
    facts = {"because": because, "place": enrolment.place}
    name, subject = EventName.ENROLMENT_REOPENED, SubjectKind.ENROLMENT
    audit.record(session, actor, Entry(name, subject, enrolment.id, status.value, facts))
    return status.value


def _reasons_to_stay(
    session: Session, enrolment: Enrolment, class_run: ClassRun, today: date, has_seat: bool
) -> list[str]:
    reasons = rules.reasons_of_class(class_run, today)
    if not has_seat and not class_run.takes_waiting:
        reasons.append("class_full")
    if _is_there_already(session, enrolment):
        reasons.append("already_in_class")
    return reasons


def _is_there_already(session: Session, enrolment: Enrolment) -> bool:
    """Alive in this class by another enrolment, or one with the same number that nobody has seen yet."""
    same = [and_(Enrolment.person_id == enrolment.person_id, Enrolment.class_id == enrolment.class_id)]
    if enrolment.without_code and enrolment.verified_by is None:
        unseen = and_(Enrolment.without_code, Enrolment.verified_by.is_(None))
        same.append(and_(Enrolment.typed_index == enrolment.typed_index, unseen))
    live = (Enrolment.status.in_(LIVE), Enrolment.id != enrolment.id)
    return session.scalar(select(Enrolment.id).where(*live, or_(*same)).limit(1)) is not None
