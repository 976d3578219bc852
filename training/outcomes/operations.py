"""Enter a result, note a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import clock
from training.audit import Actor, Entry, EventName, SubjectKind, attempt, record
from training.courses.models import Level
from training.database import transaction
from training.enrolments.lifecycle import Action, next_status
from training.enrolments.models import Enrolment
from training.entitlements.operations import release
from training.errors import NotThere
from training.outcomes.models import Certificate, Result


@dataclass(frozen=True)
class Marks:
    """Marks of an exam, of a hundred each, and the examiners' verdict."""

    theory: int
    practice: int
    passed: bool


def enter_result(enrolment_id: str, marks: Marks, actor: Actor) -> Enrolment:
    """Close a completed class for one person: `passed` or `failed`; failing gives the entitlement back.

    Raises NotThere, and NotAllowedNow where the class is not completed or the result stands already.
    """

    def work(session: Session) -> Enrolment:
        query = select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update(of=Enrolment)
        enrolment = session.scalars(query).first()
        if enrolment is None:
            raise NotThere(enrolment_id)
        subject = (EventName.RESULT_ENTERED, SubjectKind.ENROLMENT, enrolment.id)
        attempt(session, actor, Entry(*subject))
        action = Action.PASS_EXAM if marks.passed else Action.FAIL_EXAM
        enrolment.status = next_status(enrolment.status, action)
        enrolment.changed_at, enrolment.version = clock.now(), enrolment.version + 1
        session.add(Result(enrolment_id=enrolment.id, at=enrolment.changed_at, **vars(marks)))
        if not marks.passed:
            release(session, enrolment.id)
        record(session, actor, Entry(*subject, status=enrolment.status.value, facts=vars(marks)))
        return enrolment

    return transaction(work)


def note_certificate(
    session: Session,
    person_id: str,
    occupation: str,
    level: Level,
    number: str,
    issued_on: date,
    assessor: str = "",
) -> Certificate:
    """A step: keep what the certificate register or a school's record says. A number stands only once."""
    known = session.scalars(select(Certificate).where(Certificate.number == number)).first()
    if known is not None:
        return known
    row = Certificate(
        person_id=person_id,
        occupation=occupation,
        level=level,
        number=number,
        issued_on=issued_on,
        assessor=assessor,
    )
    session.add(row)
    return row
