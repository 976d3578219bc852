"""A class as its desk sees it: seats, line, and every move from the trail; each read within one's scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.courses.models import ClassRun, ClassStatus, Course
from training.courses.queries import SHOWN
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.errors import NotThere
from training.institutions.queries import is_id
from training.staff.queries import Scope

LISTED = (*SHOWN, ClassStatus.SUSPENDED, ClassStatus.CANCELLED)
KEPT = timedelta(days=14)
MOST_MOVES = 1000
MOVES = (
    EventName.ENROLLED,
    EventName.TAKEN_OVER,
    EventName.ENROLMENT_REOPENED,
    EventName.SEAT_GIVEN,
    EventName.SEAT_OFFERED,
    EventName.SEAT_ACCEPTED,
    EventName.OFFER_DECLINED,
    EventName.OFFER_MISSED,
    EventName.OFFER_RELEASED,
    EventName.WITHDRAWN,
    EventName.HOLD_LAPSED,
    EventName.CORRECTION_LAPSED,
    EventName.IDENTITY_REFUSED,
    EventName.LINE_ENDED,
    EventName.CLASS_CHANGED,
    EventName.CLASS_CANCELLED,
)
S = EnrolmentStatus


@dataclass(frozen=True)
class ClassLine:
    """`offered` wait for an answer, the first to run out first; `waiting` stand in line, in order; `counts` say how
    many enrolments have which status."""

    run: ClassRun
    offered: Sequence[Enrolment]
    waiting: Sequence[Enrolment]
    counts: Mapping[EnrolmentStatus, int]

    @property
    def enrolled(self) -> int:
        """Who has a seat and need not answer."""
        return self.run.seats - self.run.seats_left - len(self.offered)

    @property
    def checked(self) -> int:
        """Who has a seat, but not yet a checked identity."""
        return sum(self.counts.get(status, 0) for status in (S.RECEIVED, S.VERIFYING, S.RETURNED))


@dataclass(frozen=True)
class Move:
    """One event that moved a seat, and the enrolments it speaks of: whose it is, and who left the seat before."""

    event: AuditEvent
    enrolment: Enrolment
    before: Enrolment | None


def classes_at_desk(session: Session, scope: Scope, today: date) -> Sequence[tuple[ClassRun, int]]:
    """The classes of one's scope that have not begun or have just, the first to begin first, each with how many
    offers are open."""
    open_offers = (
        select(func.count())
        .select_from(Enrolment)
        .where(Enrolment.class_id == ClassRun.id, Enrolment.status == S.OFFERED)
        .scalar_subquery()
    )
    recent = and_(ClassRun.status.in_(LISTED), ClassRun.starts_on > today - KEPT)
    order = (case((ClassRun.starts_on > today, 0), else_=1), ClassRun.starts_on, ClassRun.id)
    query = _scoped(select(ClassRun, open_offers).join(ClassRun.course).where(recent), scope)
    return [(row[0], int(row[1])) for row in session.execute(query.order_by(*order))]


def class_at_desk(session: Session, scope: Scope, class_id: str) -> ClassRun:
    """One class of one's scope. Raises NotThere, also for another's (A16, A17)."""
    query = _scoped(select(ClassRun).join(ClassRun.course).where(ClassRun.id == class_id), scope)
    found: ClassRun | None = session.scalars(query).first() if is_id(class_id) else None
    if found is None:
        raise NotThere(class_id)
    return found


def enrolment_at_desk(session: Session, run: ClassRun, reference: str) -> Enrolment:
    """One enrolment of the class. Raises NotThere."""
    wanted = (Enrolment.class_id == run.id, Enrolment.reference == reference)
    found = session.scalars(select(Enrolment).where(*wanted)).first()
    if found is None:
        raise NotThere(reference)
    return found


def line_of_class(session: Session, run: ClassRun) -> ClassLine:
    """Who is asked, who waits, and how many sit there."""
    here = (Enrolment.class_id == run.id, Enrolment.status.in_((S.OFFERED, S.WAITING)))
    order = (Enrolment.held_until, Enrolment.place)
    rows = session.scalars(select(Enrolment).where(*here).order_by(*order)).all()
    tally = select(Enrolment.status, func.count()).where(Enrolment.class_id == run.id)
    counts = {row[0]: int(row[1]) for row in session.execute(tally.group_by(Enrolment.status))}
    offered = [row for row in rows if row.status is S.OFFERED]
    waiting = sorted((row for row in rows if row.status is S.WAITING), key=lambda row: row.place or 0)
    return ClassLine(run, offered, waiting, counts)


def moves_of_class(session: Session, run: ClassRun, limit: int | None = None) -> Sequence[Move]:
    """What moved the seats and the line of a class, newest first, from the trail of the enrolments that are in it
    or came from it."""
    ours = or_(Enrolment.class_id == run.id, Enrolment.moved_from == run.id)
    inside = select(Enrolment.id).where(ours)
    moved = (AuditEvent.kind == SubjectKind.ENROLMENT, AuditEvent.subject.in_(inside))
    told = (AuditEvent.outcome == Outcome.DONE, AuditEvent.name.in_(MOVES))
    query = select(AuditEvent).where(*moved, *told).order_by(AuditEvent.id.desc()).limit(MOST_MOVES)
    events = [event for event in session.scalars(query) if _is_about(event, run.id)][:limit]
    known = _enrolments(session, events)
    return [
        Move(event, known[event.subject], known.get(str(event.facts.get("from"))))
        for event in events
        if event.subject in known
    ]


def _is_about(event: AuditEvent, class_id: str) -> bool:
    """What happened after somebody went to another class is not of this one; what names no class is."""
    facts = event.facts
    return class_id in (facts.get("class", class_id), facts.get("from"))


def _enrolments(session: Session, events: Sequence[AuditEvent]) -> dict[str, Enrolment]:
    ids = {event.subject for event in events} | {str(event.facts.get("from") or "") for event in events}
    rows = session.scalars(select(Enrolment).where(Enrolment.id.in_(ids)))
    return {row.id: row for row in rows}


def _scoped(query: Select[Any], scope: Scope) -> Select[Any]:
    """Whose classes: a school's own, a district's, the city's; without any of these none."""
    if scope.institution is not None:
        return query.where(Course.institution_id == scope.institution)
    if scope.is_municipal:
        return query
    return query.where(false() if scope.district is None else ClassRun.district == scope.district)
