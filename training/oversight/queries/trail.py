"""The trail as an auditor reads it: searched by subject, actor, name, day and district; one subject's story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.claims.models import Claim
from training.enrolments.models import Enrolment
from training.errors import NotThere
from training.objections.models import Matter
from training.oversight.models import TrailCheck
from training.people.models import Person
from training.references import Mistyped, parse_reference
from training.staff.models import StaffAccount, StaffRole

SHOWN = 30
LONGEST_STORY = 500
MODELS: Mapping[SubjectKind, Any] = {
    SubjectKind.ENROLMENT: Enrolment,
    SubjectKind.CLAIM: Claim,
    SubjectKind.MATTER: Matter,
}


@dataclass(frozen=True)
class Subject:
    """What an event is about, with the word under which people know it: a reference, or a username."""

    kind: SubjectKind
    id: str
    word: str = ""


@dataclass(frozen=True)
class Filters:
    """What an auditor looks for. `before` is the number of an event: only older ones."""

    subject: Subject | None = None
    actor_id: str | None = None
    name: EventName | None = None
    first: date | None = None
    last: date | None = None
    district: str = ""
    before: int | None = None


def subject_named(session: Session, text: str) -> Subject | None:
    """What a reference or a staff username stands for; None for nothing that is there."""
    try:
        reference = parse_reference(text)
    except Mistyped:
        return staff_named(session, text)
    for kind, model in MODELS.items():
        found = session.scalar(select(model.id).where(model.reference == reference))
        if found is not None:
            return Subject(kind, found, reference)
    return None


def staff_named(session: Session, username: str) -> Subject | None:
    """The account with this username."""
    name = username.strip().lower()[:40]
    found = session.scalar(select(StaffAccount.id).where(StaffAccount.username == name))
    return None if found is None else Subject(SubjectKind.STAFF, found, name)


def events(session: Session, wanted: Filters, limit: int = SHOWN) -> Sequence[AuditEvent]:
    """The newest events that fit, one more than `limit` where there are more."""
    query = select(AuditEvent).where(*_conditions(wanted)).order_by(AuditEvent.id.desc())
    return session.scalars(query.limit(limit + 1)).all()


def event_ids(session: Session, wanted: Filters, limit: int) -> list[int]:
    """The numbers of the events that fit, newest first: for an export."""
    query = select(AuditEvent.id).where(*_conditions(wanted)).order_by(AuditEvent.id.desc())
    return list(session.scalars(query.limit(limit)))


def events_numbered(session: Session, ids: Iterable[int]) -> Sequence[AuditEvent]:
    """These events, oldest first."""
    return session.scalars(
        select(AuditEvent).where(AuditEvent.id.in_(list(ids))).order_by(AuditEvent.id)
    ).all()


def story(session: Session, subject: Subject) -> Sequence[AuditEvent]:
    """The events of one subject, newest first, also what was refused; at most LONGEST_STORY."""
    own = (AuditEvent.kind == subject.kind, AuditEvent.subject == subject.id)
    query = select(AuditEvent).where(*own).order_by(AuditEvent.n.desc()).limit(LONGEST_STORY)
    found = session.scalars(query).all()
    if not found:
        raise NotThere(subject.id)
    return found


def words_of(session: Session, found: Iterable[AuditEvent]) -> dict[tuple[SubjectKind, str], str]:
    """The references and usernames of what these events are about, one statement for each kind."""
    ids: dict[SubjectKind, set[str]] = defaultdict(set)
    for event in found:
        ids[event.kind].add(event.subject)
    said: dict[tuple[SubjectKind, str], str] = {}
    for kind, model in MODELS.items():
        if ids[kind]:
            rows = session.execute(select(model.id, model.reference).where(model.id.in_(ids[kind])))
            said |= {(kind, row[0]): row[1] for row in rows}
    if ids[SubjectKind.STAFF]:
        columns = select(StaffAccount.id, StaffAccount.username)
        rows = session.execute(columns.where(StaffAccount.id.in_(ids[SubjectKind.STAFF])))
        said |= {(SubjectKind.STAFF, row[0]): row[1] for row in rows}
    return said


def person_of(session: Session, subject: Subject) -> Person | None:
    """The person whom a subject is about; None for staff, notices and what names nobody."""
    if subject.kind is SubjectKind.PERSON:
        return session.get(Person, subject.id)
    model = MODELS.get(subject.kind)
    row = session.get(model, subject.id) if model else None
    return row.person if row is not None else None


def related_to(session: Session, subject: Subject) -> Sequence[Claim | Enrolment]:
    """The claims of an enrolment, the enrolment of a claim, the enrolments of a person."""
    if subject.kind is SubjectKind.ENROLMENT:
        return session.scalars(select(Claim).where(Claim.enrolment_id == subject.id)).all()
    if subject.kind is SubjectKind.CLAIM:
        own = select(Claim.enrolment_id).where(Claim.id == subject.id)
        return session.scalars(select(Enrolment).where(Enrolment.id.in_(own))).all()
    if subject.kind is SubjectKind.PERSON:
        return session.scalars(select(Enrolment).where(Enrolment.person_id == subject.id)).all()
    return []


def last_checks(session: Session, limit: int = 5) -> Sequence[TrailCheck]:
    """The checks of the trail that were asked for of late, newest first."""
    return session.scalars(select(TrailCheck).order_by(TrailCheck.asked_at.desc()).limit(limit)).all()


def was_refused(event: AuditEvent) -> bool:
    """Whether it was tried and not allowed."""
    return event.outcome is Outcome.REFUSED


def _conditions(wanted: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.subject is not None:
        found += [AuditEvent.kind == wanted.subject.kind, AuditEvent.subject == wanted.subject.id]
    if wanted.actor_id is not None:
        found.append(AuditEvent.actor_id == wanted.actor_id)
    if wanted.name is not None:
        found.append(AuditEvent.name == wanted.name)
    if wanted.first is not None:
        found.append(AuditEvent.at >= clock.midnight(wanted.first))
    if wanted.last is not None:
        found.append(AuditEvent.at < clock.midnight(wanted.last + timedelta(days=1)))
    if wanted.district:
        found.append(_in_district(wanted.district))
    if wanted.before is not None:
        found.append(AuditEvent.id < wanted.before)
    return found


def _in_district(district: str) -> ColumnElement[bool]:
    """Done by staff of the district, or about one of its enrolments, claims or matters."""
    staff = select(StaffRole.account_id).where(StaffRole.district == district)
    about = [
        and_(
            AuditEvent.kind == kind,
            AuditEvent.subject.in_(select(model.id).where(model.district == district)),
        )
        for kind, model in MODELS.items()
    ]
    return or_(AuditEvent.actor_id.in_(staff), *about)
