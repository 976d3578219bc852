"""From one class to another of the same course, under the same reference.

Who holds a seat keeps it until the new one is theirs: one transaction takes the one and frees the other. Who stands
in line goes to the end of the other line, where nobody is passed, or onto a seat that is free there.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.courses import seats
from training.courses.models import ClassRun
from training.enrolments import rules
from training.enrolments.lifecycle import Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment
from training.enrolments.operations.belonging import judge_again, reasons_against
from training.enrolments.operations.doubt import still_seen
from training.enrolments.operations.place import class_with_course, tell_status, while_seats_move
from training.enrolments.operations.seats import Freed, free_seat, reasons_not_to_hold, record_move
from training.enrolments.queries import enrolment_of, is_live_in, locked
from training.entitlements import operations as entitlements
from training.errors import NotAllowedNow, NotEligible
from training.people.operations.freezing import must_not_be_frozen
from training.policy.pack import Pack
from training.policy.queries import notice_for


@dataclass(frozen=True)
class Change:
    """What is asked: this enrolment into that class. `person_id` where the person asks, for one's own only."""

    reference: str
    class_id: str
    person_id: str


def change_class(change: Change, actor: Actor, pack: Pack) -> Enrolment:
    """Change the class. Raises NotThere, NotAllowedNow (no_seat_there, class_started, offer_open, other_course,
    no_change_now, changed), NotEligible where the person cannot have that class."""
    return while_seats_move(lambda session: _change(session, change, actor, pack))


def _change(session: Session, change: Change, actor: Actor, pack: Pack) -> Enrolment:
    found = enrolment_of(session, change.person_id, change.reference)
    run, old = class_with_course(session, change.class_id), found.class_id
    for class_id in sorted({old, run.id}):
        seats.lock_class(session, class_id)
    enrolment = locked(session, found.id)
    audit.attempt(session, actor, Entry(EventName.CLASS_CHANGED, SubjectKind.ENROLMENT, enrolment.id))
    if enrolment.class_id != old:
        raise NotAllowedNow("changed")
    must_not_be_frozen(enrolment.person)
    _refuse_if_not(enrolment, run)
    if is_live_in(session, enrolment.person_id, run.id):
        raise NotEligible("already_in_class")
    waited = enrolment.status is EnrolmentStatus.WAITING
    _into(session, enrolment, run, pack)
    if waited:
        _from_line(session, enrolment, old, pack)
    else:
        _from_seat(session, enrolment, old, actor, pack)
    enrolment.changed_at = clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, EventName.CLASS_CHANGED, **{"from": old})
    tell_status(session, enrolment, run, "class_changed")
    return enrolment


def move_to(session: Session, enrolment: Enrolment, run: ClassRun, pack: Pack) -> None:
    """A step: the row belongs to another class, its district and its notice; what it holds goes with it."""
    enrolment.moved_from = enrolment.class_id
    enrolment.class_run, enrolment.class_id = run, run.id
    if enrolment.district != run.district:
        entitlements.carry_over(session, enrolment.id, run.district)
        enrolment.locked_by, enrolment.locked_until = None, None
    enrolment.district = run.district
    enrolment.notice = notice_for(pack, run.district, run.starts_on).number


def _refuse_if_not(enrolment: Enrolment, run: ClassRun) -> None:
    proved = not enrolment.without_code or enrolment.verified_by is not None
    codes = rules.reasons_not_to_change(enrolment.status, proved, enrolment.class_run, run, clock.today())
    if codes:
        raise NotAllowedNow(*codes)


def _into(session: Session, enrolment: Enrolment, run: ClassRun, pack: Pack) -> None:
    """Judged as if they came anew, but for what they hold themselves."""
    move_to(session, enrolment, run, pack)
    if codes := reasons_against(judge_again(session, enrolment, pack, clock.today())):
        raise NotEligible(*codes)


def _from_seat(session: Session, enrolment: Enrolment, old: str, actor: Actor, pack: Pack) -> None:
    run = enrolment.class_run
    if run.seats_left == 0 or run.waiting > 0:
        raise NotAllowedNow("no_seat_there")
    seats.take_seat(session, run.id)
    free_seat(session, old, actor, pack, Freed(EventName.CLASS_CHANGED, enrolment.id))


def _from_line(session: Session, enrolment: Enrolment, old: str, pack: Pack) -> None:
    run = enrolment.class_run
    seats.leave_line(session, old)
    if run.seats_left == 0 or run.waiting > 0:
        if not run.takes_waiting:
            raise NotAllowedNow("class_full")
        enrolment.place = seats.join_line(session, run.id, counts=True)
        return
    if codes := reasons_not_to_hold(session, enrolment, pack):
        raise NotEligible(*codes)
    seen = still_seen(enrolment)
    enrolment.place = None
    enrolment.status = next_status(enrolment.status, Action.GIVE_SEAT if seen else Action.GIVE_SEAT_UNCHECKED)
    seats.take_seat(session, run.id)
