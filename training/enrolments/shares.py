"""How the decisions on one school's cases are shared out among those at a desk, read from the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, select
from sqlalchemy.orm import Session

from training import clock
from training.audit import AuditEvent, EventName, Outcome, SubjectKind
from training.courses.models import ClassRun, Course
from training.enrolments.models import Enrolment
from training.policy.service import Sharing
from training.staff.models import Role, StaffAccount, StaffRole
from training.staff.queries import Scope, in_scope, is_away, who_works
from training.staff.rules import Share, is_above


@dataclass(frozen=True)
class Decisions:
    """What counts as deciding at a desk: whose role, which events of the trail, and the subjects of these with the
    enrolments they are about (columns `subject` and `enrolment_id`)."""

    role: Role
    events: tuple[ColumnElement[bool], ...]
    cases: Select[str, str]


IDENTITY = Decisions(
    Role.VERIFIER,
    (
        AuditEvent.kind == SubjectKind.ENROLMENT,
        AuditEvent.name.in_(
            (EventName.IDENTITY_PASSED, EventName.IDENTITY_RETURNED, EventName.IDENTITY_REFUSED)
        ),
    ),
    select(Enrolment.id.label("subject"), Enrolment.id.label("enrolment_id")),
)


def shares_above(
    session: Session, actor_id: str, decisions: Decisions, scope: Scope, terms: Sharing
) -> dict[str, Share]:
    """The schools, by their ids, of whose cases this member of staff decided too large a part lately, while somebody
    else sits at the same desk. Two statements at most."""
    found = session.execute(_shares(actor_id, decisions, scope, terms))
    shares = [Share(school, own, every) for school, own, every in found]
    above = {share.institution: share for share in shares if is_above(share, terms)}
    return above if above and _somebody_else_sits(session, actor_id, decisions.role, scope) else {}


def _shares(actor_id: str, decisions: Decisions, scope: Scope, terms: Sharing) -> Select[str, int, int]:
    """School, own decisions, all decisions. Of the trail it reads what one person did, and of schools only those
    where that is enough to count: the outer join keeps SQLite, which has no statistics, from reading all of it."""
    since = clock.now() - timedelta(days=terms.days)
    done = (*decisions.events, AuditEvent.at >= since, AuditEvent.outcome == Outcome.DONE)
    cases, mine = decisions.cases.subquery(), _own(actor_id, decisions, done, terms)
    every = (
        select(mine.c.institution_id, mine.c.own, func.count(AuditEvent.id))
        .select_from(mine)
        .join(Course, Course.institution_id == mine.c.institution_id)
        .join(ClassRun, ClassRun.course_id == Course.id)
        .join(Enrolment, Enrolment.class_id == ClassRun.id)
        .join(cases, cases.c.enrolment_id == Enrolment.id)
        .outerjoin(AuditEvent, and_(AuditEvent.subject == cases.c.subject, *done))
        .group_by(mine.c.institution_id, mine.c.own)
    )
    return in_scope(every, Enrolment.district, scope)


def _own(
    actor_id: str, decisions: Decisions, done: tuple[ColumnElement[bool], ...], terms: Sharing
) -> Subquery:
    cases, own = decisions.cases.subquery(), func.count(AuditEvent.id)
    return (
        select(Course.institution_id, own.label("own"))
        .select_from(AuditEvent)
        .join(cases, cases.c.subject == AuditEvent.subject)
        .join(Enrolment, Enrolment.id == cases.c.enrolment_id)
        .join(ClassRun, ClassRun.id == Enrolment.class_id)
        .join(Course, Course.id == ClassRun.course_id)
        .where(AuditEvent.actor_id == actor_id, *done)
        .group_by(Course.institution_id)
        .having(own * 100 > terms.of_at_least * terms.share_percent)
        .subquery()
    )


def _somebody_else_sits(session: Session, actor_id: str, role: Role, scope: Scope) -> bool:
    """Whether another person works at this desk today, in the district where it has one, and is not on leave."""
    today = clock.today()
    there = (StaffRole.role == role, StaffAccount.id != actor_id, *who_works(today), ~is_away(today))
    query = select(StaffRole.id).join(StaffAccount, StaffRole.account_id == StaffAccount.id).where(*there)
    if not scope.is_municipal:
        query = query.where(StaffRole.district == scope.district)
    return session.scalar(query.limit(1)) is not None
