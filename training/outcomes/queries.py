"""Reads about results, certificates and attendance."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.courses.models import ClassSession, Level
from training.enrolments.models import Attendance, Enrolment
from training.outcomes.models import Certificate, Result
from training.outcomes.rules import Lesson


def result_of(session: Session, enrolment_id: str) -> Result | None:
    """The marks of an enrolment's exam; None before it."""
    return session.scalars(select(Result).where(Result.enrolment_id == enrolment_id)).first()


def certificate_for(session: Session, person_id: str, occupation: str, level: Level) -> Certificate | None:
    """The person's newest certificate of this occupation and level."""
    wanted = (
        Certificate.person_id == person_id,
        Certificate.occupation == occupation,
        Certificate.level == level,
    )
    return session.scalars(select(Certificate).where(*wanted).order_by(Certificate.issued_on.desc())).first()


def lessons_of(session: Session, enrolment: Enrolment) -> list[Lesson]:
    """Every lesson of the enrolment's class in order, with what was recorded of this person."""
    recorded = (Attendance.session_id == ClassSession.id) & (Attendance.enrolment_id == enrolment.id)
    query = (
        select(ClassSession.starts_at, ClassSession.ends_at, Attendance.present, Attendance.source)
        .outerjoin(Attendance, recorded)
        .where(ClassSession.class_id == enrolment.class_id)
        .order_by(ClassSession.starts_at)
    )
    return [
        Lesson(start, end, present, source or "") for start, end, present, source in session.execute(query)
    ]
