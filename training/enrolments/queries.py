"""Reads about enrolments; each takes the viewer, so that "not there" and "not yours" are one answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from training import audit
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.courses.models import ClassRun, ClassSession, ClassStatus, Course
from training.enrolments.lifecycle import LIVE, EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.rules import Standing
from training.errors import NotThere
from training.people.models import Card, Draft, Person
from training.policy.service import Offers
from training.staff.queries import Scope, in_scope

_HISTORY = 20
QUEUE = (EnrolmentStatus.RECEIVED, EnrolmentStatus.VERIFYING)


def enrolment_by_reference(session: Session, reference: str) -> Enrolment:
    """For the public steps page, which shows no person. Raises NotThere."""
    return _one(session, select(Enrolment).where(Enrolment.reference == reference))


def enrolment_with_id(session: Session, enrolment_id: str) -> Enrolment:
    """For whoever holds a link to exactly this one. Raises NotThere."""
    return _one(session, select(Enrolment).where(Enrolment.id == enrolment_id))


def locked(session: Session, enrolment_id: str) -> Enrolment:
    """The enrolment, locked until the transaction ends. Raises NotThere.

    One that went to another person while we waited is lost at first: PostgreSQL looks at the new row beside
    the old person. A second look finds it.
    """
    for _ in range(2):
        found = session.get(Enrolment, enrolment_id, with_for_update={"of": Enrolment})
        if found is not None:
            return found
    raise NotThere


def enrolment_of(session: Session, person_id: str, reference: str) -> Enrolment:
    """One's own enrolment. Raises NotThere, also for another's (A15)."""
    mine = (Enrolment.person_id == person_id, Enrolment.reference == reference)
    return _one(session, select(Enrolment).where(*mine))


def enrolment_by_key(session: Session, actor: str, key: str) -> Enrolment | None:
    """What this actor's form with this key has made."""
    same = (Enrolment.actor == actor, Enrolment.idempotency_key == key)
    return session.scalars(select(Enrolment).where(*same)).first()


def is_live_in(session: Session, person_id: str, class_id: str) -> bool:
    """Whether the person is alive in this class already."""
    here = (Enrolment.person_id == person_id, Enrolment.class_id == class_id, Enrolment.status.in_(LIVE))
    return session.scalar(select(Enrolment.id).where(*here).limit(1)) is not None


def was_not_theirs(session: Session, enrolment_id: str) -> bool:
    """Whether "this was not me" was upheld of a class that was over already: no money is due for it."""
    said = (AuditEvent.kind == SubjectKind.ENROLMENT, AuditEvent.subject == enrolment_id)
    named = (AuditEvent.name == EventName.ENROLMENT_NOT_THEIRS, AuditEvent.outcome == Outcome.DONE)
    return session.scalar(select(AuditEvent.id).where(*said, *named).limit(1)) is not None


def enrolments_of(session: Session, person_id: str) -> Sequence[Enrolment]:
    """All of one person's, newest first."""
    query = select(Enrolment).where(Enrolment.person_id == person_id)
    return session.scalars(query.order_by(Enrolment.received_at.desc())).all()


def district_of_person(session: Session, person_id: str) -> str | None:
    """Where this person is served: the district of the newest enrolment; None: there is none."""
    mine = select(Enrolment.district).where(Enrolment.person_id == person_id)
    return session.scalar(mine.order_by(Enrolment.received_at.desc(), Enrolment.id).limit(1))


def case_in_district(session: Session, district: str | None, reference: str) -> Enrolment:
    """A verifier's case, within the own district. Raises NotThere (A16)."""
    return _one(session, _scoped(select(Enrolment), district).where(Enrolment.reference == reference))


def case_in_scope(session: Session, scope: Scope, reference: str) -> Enrolment:
    """A case of the own district, at municipal desks of any. Raises NotThere (A16)."""
    query = select(Enrolment).where(Enrolment.reference == reference)
    return _one(session, in_scope(query, Enrolment.district, scope))


def slip_case(session: Session, staff_id: str, reference: str) -> Enrolment:
    """An enrolment made at the counter by this member of staff. Raises NotThere."""
    made = (Enrolment.created_by == staff_id, Enrolment.reference == reference)
    return _one(session, select(Enrolment).where(*made))


def made_by(session: Session, staff_id: str, since: datetime) -> Sequence[Enrolment]:
    """What a counsellor enrolled since `since`, newest first."""
    made = (Enrolment.created_by == staff_id, Enrolment.received_at >= since)
    return session.scalars(select(Enrolment).where(*made).order_by(Enrolment.received_at.desc())).all()


def in_queue() -> ColumnElement[bool]:
    """Waiting for a verifier: received, being checked, or in line with an identity nobody has seen."""
    waiting = Enrolment.status == EnrolmentStatus.WAITING
    unseen = and_(waiting, Enrolment.without_code, Enrolment.verified_by.is_(None))
    return or_(Enrolment.status.in_(QUEUE), unseen)


def verify_queue(district: str | None) -> Select[Enrolment]:
    """Cases waiting for a verifier of the district, the longest waiting first; to be filtered and paged."""
    query = select(Enrolment).where(in_queue())
    return _scoped(query, district).order_by(Enrolment.received_at, Enrolment.id)


def standing_of(session: Session, person_id: str, class_run: ClassRun) -> list[Standing]:
    """The person's live enrolments, and whether any of their lessons overlaps one of `class_run`'s."""
    return standing_of_each(session, [person_id], class_run)[person_id]


def standing_of_each(
    session: Session, person_ids: Collection[str], class_run: ClassRun
) -> Mapping[str, list[Standing]]:
    """The same of several people at once, by their ids."""
    theirs, ours = aliased(ClassSession), aliased(ClassSession)
    overlap = (
        select(theirs.id)
        .join(ours, and_(theirs.starts_at < ours.ends_at, ours.starts_at < theirs.ends_at))
        .where(theirs.class_id == Enrolment.class_id, ours.class_id == class_run.id)
        .exists()
    )
    column = (Enrolment.class_id, Enrolment.reference, Enrolment.status, Enrolment.idempotency_key, overlap)
    live = (Enrolment.person_id.in_(person_ids), Enrolment.status.in_(LIVE))
    found: dict[str, list[Standing]] = {person_id: [] for person_id in person_ids}
    for row in session.execute(select(Enrolment.person_id, *column).where(*live)):
        found[row[0]].append(Standing(*row[1:]))
    return found


def place_in_line(session: Session, enrolment: Enrolment) -> int | None:
    """How many stand in line up to and including this one; None when it does not wait."""
    if enrolment.place is None:
        return None
    ahead = (
        Enrolment.class_id == enrolment.class_id,
        Enrolment.status == EnrolmentStatus.WAITING,
        Enrolment.place <= enrolment.place,
    )
    return session.scalar(select(func.count()).select_from(Enrolment).where(*ahead))


@dataclass(frozen=True)
class LineHistory:
    """How many seats came free in classes like this one that have begun: one number for each, newest first."""

    freed: Sequence[int]

    @property
    def classes(self) -> int:
        return len(self.freed)

    @property
    def average(self) -> int:
        """To the nearest whole seat."""
        return (2 * sum(self.freed) + self.classes) // (2 * self.classes)

    def reaching(self, place: int) -> int:
        """In how many of them somebody at this place in line would have been asked."""
        return sum(freed >= place for freed in self.freed)


def line_history(session: Session, run: ClassRun, on: date, terms: Offers) -> LineHistory | None:
    """Classes of the same occupation and level that began within the pack's period; None: too few to say."""
    since = on - timedelta(days=terms.history_days)
    like = (Course.occupation == run.course.occupation, Course.level == run.course.level)
    begun = (ClassRun.starts_on.between(since, on), ClassRun.status != ClassStatus.CANCELLED)
    wanted = select(ClassRun.seats_freed).join(ClassRun.course).where(*like, *begun)
    found = session.scalars(wanted.order_by(ClassRun.starts_on.desc(), ClassRun.id).limit(_HISTORY)).all()
    return LineHistory(found) if len(found) >= terms.history_classes else None


def received_by_numbers(session: Session, numbers: Sequence[str]) -> Sequence[Enrolment]:
    """Live enrolments without a code under any of these numbers or cards: for the counter."""
    indexes = [typed_index(number) for number in numbers]
    unseen = Enrolment.status.in_((EnrolmentStatus.RECEIVED, EnrolmentStatus.WAITING))
    wanted = (
        Enrolment.typed_index.in_(indexes),
        unseen,
        Enrolment.verified_by.is_(None),
        Enrolment.without_code,
    )
    return session.scalars(select(Enrolment).where(*wanted).order_by(Enrolment.received_at)).all()


def typed_index(number: str) -> str:
    """The index under which an enrolment without a code keeps the number that was typed."""
    return Draft.number.index_of(number)


def live_of_numbers(session: Session, number: str | None, cards: Sequence[str]) -> Sequence[Enrolment]:
    """Live enrolments of the person with this number, or one of these cards, newest first: for the counter."""
    found = select(Person.id).where(Person.number_index == Person.number.index_of(number)) if number else None
    by_card = select(Card.person_id).where(
        Card.number_index.in_([Card.number.index_of(card) for card in cards])
    )
    people = found.union(by_card) if found is not None else by_card
    wanted = (Enrolment.person_id.in_(people), Enrolment.status.in_(LIVE))
    return session.scalars(select(Enrolment).where(*wanted).order_by(Enrolment.received_at.desc())).all()


def steps_of(session: Session, enrolment: Enrolment) -> Sequence[AuditEvent]:
    """What was done, oldest first; statuses and times only, for the timeline."""
    return [event for event in audit.history(session, SubjectKind.ENROLMENT, enrolment.id) if event.status]


def _scoped(query: Select[Enrolment], district: str | None) -> Select[Enrolment]:
    """The one place that binds a staff member's reads to the own district; None: the whole municipality."""
    return in_scope(query, Enrolment.district, Scope(district, is_municipal=district is None))


def _one(session: Session, query: Select[Enrolment]) -> Enrolment:
    found = session.scalars(query).first()
    if found is None:
        raise NotThere
    return found
