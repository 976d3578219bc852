"""Possible duplicates of a case: answered before it passes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import transaction
from training.enrolments.operations.cases import (
    must_hold,
    own_case,
)
from training.errors import NotThere
from training.people.models import DuplicateAnswer, PossibleDuplicate

DUPLICATE_OPEN = (DuplicateAnswer.OPEN, DuplicateAnswer.ASK, DuplicateAnswer.SAME)


def answer_duplicate(
    duplicate_id: str, answer: DuplicateAnswer, reference: str, district: str | None, actor: Actor
) -> None:
    """Answer one possible duplicate of a case: same (held for the duplicates desk), different, or ask."""

    def work(session: Session) -> None:
        enrolment = own_case(session, reference, district, actor)
        row = session.get(PossibleDuplicate, duplicate_id, with_for_update=True)
        if row is None or enrolment.person_id not in (row.person_a, row.person_b):
            raise NotThere
        must_hold(enrolment, actor)
        row.answer, row.answered_by, row.answered_at = answer, actor.id, clock.now()
        facts = {"answer": answer.value, "evidence": row.evidence}
        entries = [
            Entry(EventName.DUPLICATE_ANSWERED, SubjectKind.PERSON, one, facts=facts)
            for one in (row.person_a, row.person_b)
        ]
        audit.record(session, actor, *entries)

    transaction(work)


def open_duplicates(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """What still stands between a case and "pass": not answered, to be asked, or the same person."""
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    return session.scalars(
        select(PossibleDuplicate).where(either, PossibleDuplicate.answer.in_(DUPLICATE_OPEN))
    ).all()


def duplicates_of(session: Session, person_id: str) -> Sequence[PossibleDuplicate]:
    """Every possible duplicate of a person, answered or not."""
    either = or_(PossibleDuplicate.person_a == person_id, PossibleDuplicate.person_b == person_id)
    return session.scalars(
        select(PossibleDuplicate).where(either).order_by(PossibleDuplicate.raised_at)
    ).all()
