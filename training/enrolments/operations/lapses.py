"""What ends by the clock: seats held without a code, corrections that never came, offers nobody answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload

from training import audit, clock
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
    free_seat,
    move_entry,
    offer_seats,
    record_move,
    settle,
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

    Who let one pass stands at the end of the line; who let as many pass as the pack says leaves it. Whose record is
    frozen could not answer: back at the old place, and none is counted as missed. The offers of a
    class go on together, in the order of their ends; where that fails, one by one, so that none holds up another.
    """
    due = (Enrolment.held_until <= clock.now(), Enrolment.status == EnrolmentStatus.OFFERED)
    order = (Enrolment.held_until, Enrolment.received_at, Enrolment.id)
    query = select(Enrolment.class_id, Enrolment.id).where(*due).order_by(*order).limit(limit)
    by_class: dict[str, list[str]] = {}
    for class_id, enrolment_id in db.session().execute(query):
        by_class.setdefault(class_id, []).append(enrolment_id)
    return sum(_pass_on_together(class_id, ids, pack) for class_id, ids in by_class.items())


def offer_free_seats(pack: Pack, limit: int = 50) -> int:
    """Offer what is free while people stand in line: a class that got more seats, or whose school may teach again."""
    today = clock.today()
    wanted = (ClassRun.seats_left > 0, ClassRun.waiting > 0, ClassRun.starts_on > today)
    classes = select(ClassRun.id).where(*wanted, ClassRun.status.in_(rules.CLASS_TAKES)).limit(limit)
    return _each(db.session().scalars(classes).all(), lambda class_id: _offer_free(class_id, pack))


def end_lines(limit: int = 200) -> int:
    """The class has begun: its line is over, and who stood there is told. Returns for how many classes; safe twice."""
    here = (Enrolment.class_id == ClassRun.id, Enrolment.status == EnrolmentStatus.WAITING)
    begun = (ClassRun.starts_on <= clock.today(), ClassRun.last_place > 0)
    query = select(ClassRun.id).where(*begun, select(Enrolment.id).where(*here).exists()).limit(limit)
    return _each(db.session().scalars(query).all(), _end_line)


def _end_line(class_id: str) -> int:
    def work(session: Session) -> int:
        run, actor = seats.lock_class(session, class_id), Actor.system("end_lines")
        waiting = (Enrolment.class_id == class_id, Enrolment.status == EnrolmentStatus.WAITING)
        query = select(Enrolment).where(*waiting).order_by(Enrolment.place).with_for_update(of=Enrolment)
        rows = session.scalars(query).all()
        for row in rows:
            row.status, row.place = next_status(row.status, Action.LAPSE), None
            row.changed_at, row.version = clock.now(), row.version + 1
            tell_status(session, row, run, "line_ended")
        seats.settle_line(session, class_id, waiting=-run.waiting)
        audit.record(session, actor, *(move_entry(row, EventName.LINE_ENDED) for row in rows))
        return 1

    return transaction(work)


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


def _pass_on_together(class_id: str, ids: Sequence[str], pack: Pack) -> int:
    try:
        return _pass_on(class_id, ids, pack)
    except Exception:
        log.exception("could not pass on the offers of a class")
    return _each(ids, lambda one: _pass_on(class_id, [one], pack)) if len(ids) > 1 else 0


def _pass_on(class_id: str, ids: Sequence[str], pack: Pack) -> int:
    def work(session: Session) -> int:
        run, actor = seats.lock_class(session, class_id), Actor.system("pass_on_offers")
        over = _run_out(session, class_id, ids)
        back, places = _end_offers(run, over, pack)
        entries = [move_entry(row, EventName.OFFER_MISSED) for row in over]
        freed = [Freed(EventName.OFFER_MISSED, row.id, again=True) for row in over]
        asked = offer_seats(session, run, pack, freed)
        left = len(over) - len(asked.offered)
        seats.settle_line(session, class_id, waiting=back - asked.left_line, left=left, places=places)
        if over:
            audit.record(session, actor, *entries, *asked.entries)
        for row in over:
            waits = row.status is EnrolmentStatus.WAITING
            if row not in asked.offered and not (waits and row.person.frozen_at):
                tell_status(session, row, run, "offer_missed" if waits else "offer_expired")
        return len(over)

    return transaction(work)


def _run_out(session: Session, class_id: str, ids: Sequence[str]) -> Sequence[Enrolment]:
    """Those of them that are still offered and over, locked, the first to end first."""
    over = (Enrolment.status == EnrolmentStatus.OFFERED, Enrolment.held_until <= clock.now())
    query = select(Enrolment).where(Enrolment.id.in_(ids), Enrolment.class_id == class_id, *over)
    query = query.order_by(Enrolment.held_until, Enrolment.received_at, Enrolment.id)
    query = query.options(lazyload(Enrolment.class_run)).execution_options(populate_existing=True)
    return session.scalars(query.with_for_update(of=Enrolment)).all()


def _end_offers(run: ClassRun, over: Sequence[Enrolment], pack: Pack) -> tuple[int, int]:
    """To the end of the line, out of it, or back to the old place. Returns how many stand in line again, and how many
    places were given for it: the class is locked, so that the last one is known."""
    begun, back, places = bool(rules.reasons_of_class(run, clock.today())), 0, 0
    for row in over:
        could_answer = row.person.frozen_at is None
        row.offers_missed += 1 if could_answer else 0
        leaves = begun or (could_answer and row.offers_missed >= pack.offers.misses)
        back += 0 if leaves else 1
        places += 0 if leaves or not could_answer else 1
        again = run.last_place + places if could_answer else row.place_before or 0
        row.place = None if leaves else again
        row.status = next_status(row.status, Action.LAPSE if leaves else Action.MISS)
        row.held_until, row.changed_at = None, clock.now()
        row.version += 1
    return back, places


def _offer_free(class_id: str, pack: Pack) -> int:
    def work(session: Session) -> int:
        run, actor = seats.lock_class(session, class_id), Actor.system("offer_free_seats")
        asked = offer_seats(session, run, pack, [Freed("free_seat")] * run.seats_left)
        settle(session, run, actor, asked)
        return len(asked.offered)

    return transaction(work)


def _write(session: Session, enrolment: Enrolment, actor: Actor, name: EventName) -> None:
    enrolment.held_until, enrolment.changed_at = None, clock.now()
    enrolment.version += 1
    record_move(session, enrolment, actor, name)
