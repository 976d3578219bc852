"""Reads of single things of the catalogue, and its version."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Session

from training import clock
from training.courses.models import (
    Alert,
    CatalogueVersion,
    ClassRun,
    ClassStatus,
    Course,
    Level,
    PastClass,
    Rhythm,
)
from training.courses.rules import Share, share_of
from training.errors import NotThere
from training.institutions.models import Institution, InstitutionStatus
from training.institutions.queries import is_id


class Listed(NamedTuple):
    """A class as a list shows it."""

    id: str
    course_id: str
    institution_id: str
    title: str
    title_en: str
    level: Level
    hours: int
    fee_fen: int
    school: str
    school_en: str
    district: str
    status: ClassStatus
    opens_on: date
    starts_on: date
    ends_on: date
    rhythm: Rhythm
    timetable: str
    timetable_en: str
    seats_left: int
    waiting: int
    subsidy_fen: int
    pass_rate: int | None

    @property
    def own_fen(self) -> int:
        """What a person who gets the subsidy still pays."""
        return max(0, self.fee_fen - self.subsidy_fen)


@dataclass(frozen=True)
class Results:
    """What happened to the people of past classes, from the first to the last day such a class ended.

    A share is None where fewer than ten people stand behind it.
    """

    classes: int
    enrolled: int
    passed: Share | None
    placed: Share | None
    stayed: Share | None
    from_on: date
    to_on: date


SHOWN = (ClassStatus.PUBLISHED, ClassStatus.ENROLLING, ClassStatus.FULL)
TEACHES = (InstitutionStatus.FILED, InstitutionStatus.LISTED, InstitutionStatus.RECTIFYING)

COLUMNS = (
    ClassRun.id,
    ClassRun.course_id,
    Course.institution_id,
    Course.title,
    Course.title_en,
    Course.level,
    Course.hours,
    Course.fee_fen,
    Institution.name,
    Institution.name_en,
    ClassRun.district,
    ClassRun.status,
    ClassRun.opens_on,
    ClassRun.starts_on,
    ClassRun.ends_on,
    ClassRun.rhythm,
    ClassRun.timetable,
    ClassRun.timetable_en,
    ClassRun.seats_left,
    ClassRun.waiting,
    ClassRun.subsidy_fen,
    ClassRun.pass_rate,
)
FREE = Course.fee_fen <= ClassRun.subsidy_fen
HAS_SEAT = and_(ClassRun.seats_left > 0, ClassRun.waiting == 0)


_VERSION = select(cast(func.sum(CatalogueVersion.n), BigInteger))


def catalogue_version(session: Session) -> int:
    """A number that grows with every change that a catalogue page could show."""
    return session.connection().execute(_VERSION).scalar_one() or 0


def listed(on: date | BindParameter[date]) -> Select[Any]:
    """The columns of `Listed` for every class that may be shown on the day `on`."""
    columns: Any = select(*COLUMNS).select_from(ClassRun)
    found: Select[Any] = columns.join(ClassRun.course).join(Course.institution).where(*shown(on))
    return found


def read(session: Session, wanted: Select[Any]) -> list[Listed]:
    """The rows of a `listed` statement."""
    return [Listed._make(row) for row in session.execute(wanted).all()]


def shown(on: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    """Not begun, listed, and at a school that may teach."""
    return (ClassRun.status.in_(SHOWN), ClassRun.starts_on > on, Institution.status.in_(TEACHES))


def class_run(session: Session, class_id: str) -> ClassRun:
    """A class with its course and school, whatever its status. Raises NotThere."""
    found = (
        session.scalars(select(ClassRun).where(ClassRun.id == class_id)).first() if is_id(class_id) else None
    )
    if found is None:
        raise NotThere(class_id)
    return found


def alerts_of(session: Session, person_id: str) -> Sequence[Alert]:
    """The searches a person has saved and not ended, newest first."""
    mine = (Alert.person_id == person_id, Alert.ended_at.is_(None), Alert.kept_until > clock.now())
    return session.scalars(select(Alert).where(*mine).order_by(Alert.created_at.desc(), Alert.id)).all()


def listed_class(session: Session, class_id: str, on: date) -> Sequence[Listed]:
    """The row of one class that may be joined from the day `on`; none where there is no such class."""
    return read(session, listed(on).where(ClassRun.id == class_id)) if is_id(class_id) else ()


def course(session: Session, course_id: str) -> Course:
    """A course with its school. Raises NotThere."""
    found = (
        session.scalars(select(Course).where(Course.id == course_id)).first() if is_id(course_id) else None
    )
    if found is None:
        raise NotThere(course_id)
    return found


def classes_of_course(session: Session, course_id: str, on: date) -> Sequence[Listed]:
    """The classes of a course that may be joined from the day `on`, first start first."""
    return read(session, listed(on).where(Course.id == course_id).order_by(ClassRun.starts_on, ClassRun.id))


def starts_of(session: Session, course_id: str) -> dict[str, date]:
    """The first day of each class of a course, by its id."""
    found = session.execute(select(ClassRun.id, ClassRun.starts_on).where(ClassRun.course_id == course_id))
    return {row[0]: row[1] for row in found}


def classes_of_school(session: Session, institution_id: str, on: date) -> Sequence[Listed]:
    """The same for all courses of an institution."""
    mine = listed(on).where(Course.institution_id == institution_id)
    return read(session, mine.order_by(ClassRun.starts_on, ClassRun.id))


_SOON = (
    listed(bindparam("on"))
    .where(HAS_SEAT, ClassRun.opens_on <= bindparam("on"))
    .order_by(ClassRun.starts_on, ClassRun.id)
    .limit(bindparam("most"))
)


def next_classes(session: Session, on: date, limit: int = 3) -> Sequence[Listed]:
    """The next classes with a seat that people can join on the day `on`, each of another course."""
    different: dict[str, Listed] = {}
    found = session.connection().execute(_SOON, {"on": on, "most": limit * 4})
    for row in map(Listed._make, found):
        different.setdefault(row.course_id, row)
    return list(different.values())[:limit]


def next_classes_like(session: Session, run: ClassRun, on: date, limit: int = 3) -> Sequence[Listed]:
    """Classes of the same occupation that still have seats: the same level and district first, then by start."""
    like = listed(on).where(Course.occupation == run.course.occupation, ClassRun.id != run.id, HAS_SEAT)
    nearest = (
        case((Course.level == run.course.level, 0), else_=1),
        case((ClassRun.district == run.district, 0), else_=1),
    )
    return read(session, like.order_by(*nearest, ClassRun.starts_on, ClassRun.id).limit(limit))


def classes_paid_for(
    session: Session, occupations: Collection[str], district: str | None, on: date, limit: int = 3
) -> Sequence[Listed]:
    """Classes with a seat whose fee the subsidy covers, in these occupations: the own district first, then by start."""
    paid = listed(on).where(
        Course.occupation.in_(sorted(occupations)), FREE, HAS_SEAT, ClassRun.opens_on <= on
    )
    nearest = case((ClassRun.district == (district or ""), 0), else_=1)
    return read(session, paid.order_by(nearest, ClassRun.starts_on, ClassRun.id).limit(limit))


def results_of_course(session: Session, taught: Course) -> Results | None:
    """How past classes of this school in this occupation and level went; None where no row stands."""
    here = (PastClass.occupation == taught.occupation, PastClass.level == taught.level)
    return _results(session, PastClass.institution_id == taught.institution_id, *here)


def results_of_school(session: Session, institution_id: str) -> Results | None:
    """How all past classes of this school went; None where no row stands."""
    return _results(session, PastClass.institution_id == institution_id)


def results_by_occupation(session: Session, institution_id: str) -> Sequence[tuple[str, Level, Share]]:
    """Occupation, level and share that passed, where at least ten people were examined."""
    what = (PastClass.occupation, PastClass.level)
    counts = (
        select(*what, func.sum(PastClass.passed), func.sum(PastClass.examined))
        .group_by(*what)
        .order_by(*what)
    )
    rows = session.execute(counts.where(PastClass.institution_id == institution_id)).all()
    shares = ((trade, level, share_of(int(passed), int(of))) for trade, level, passed, of in rows)
    return [(trade, level, share) for trade, level, share in shares if share is not None]


def _results(session: Session, *conditions: object) -> Results | None:
    known = PastClass.placed.is_not(None)
    columns = (
        func.count(),
        func.sum(PastClass.enrolled),
        func.sum(PastClass.examined),
        func.sum(PastClass.passed),
        func.sum(PastClass.placed),
        func.sum(case((known, PastClass.passed), else_=0)),
        func.min(PastClass.ended_on),
        func.max(PastClass.ended_on),
    )
    row = session.execute(select(*columns).where(*conditions)).one()  # type: ignore[arg-type]
    if not row[0]:
        return None
    enrolled, examined, passed, placed, asked = (int(value or 0) for value in row[1:6])
    return Results(
        classes=row[0],
        enrolled=enrolled,
        passed=share_of(passed, examined),
        placed=share_of(placed, asked),
        stayed=share_of(examined, enrolled),
        from_on=row[6],
        to_on=row[7],
    )
