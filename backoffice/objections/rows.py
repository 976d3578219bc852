"""One row of the list: what a matter is about, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from training.courses.models import ClassRun
from training.institutions.models import Institution
from training.objections.models import Matter
from training.objections.queries import enrolment_behind, is_late
from training.policy.pack import Pack
from web.matter_words import appeal_reason, desk_of

LONGEST_LINE = 40


@dataclass(frozen=True)
class Row:
    """`about` names it in one line, `line` is what was said, cut short; `is_chinese`: both are as people wrote them."""

    matter: Matter
    about: str
    line: str
    desk: str
    late: bool


def row_of(session: Session, matter: Matter, pack: Pack) -> Row:
    """The matter as the list shows it: never a person's name."""
    return Row(matter, _about(session, matter), _line(matter), desk_of(pack, matter), is_late(matter))


def _about(session: Session, matter: Matter) -> str:
    enrolment = enrolment_behind(session, matter)
    if enrolment is not None:
        return enrolment.reference
    run = session.get(ClassRun, matter.about) if matter.about else None
    if run is not None:
        return f"{run.course.institution.name} · {run.course.title}"
    school = session.get(Institution, matter.about) if matter.about else None
    return school.name if school else ""


def _line(matter: Matter) -> str:
    if matter.reason:
        return appeal_reason(matter.reason)
    said = " ".join((matter.text or "").split())
    return said if len(said) <= LONGEST_LINE else f"{said[:LONGEST_LINE]}…"
