"""What the desk shows of a class: figures, line with its reasons, moves in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flask import current_app

from backoffice.roles import own_scope, role_at
from backoffice.seats.said import Said, said, why_not_yet
from backoffice.session import clerk
from training import clock
from training.courses.models import ClassRun
from training.courses.queries import Listed, classes_of_course, starts_of
from training.database import db
from training.enrolments.line import (
    ClassLine,
    class_at_desk,
    enrolment_at_desk,
    line_of_class,
    moves_of_class,
)
from training.enrolments.models import Enrolment
from training.enrolments.operations import CAN_BE_CANCELLED
from training.policy.pack import Pack
from training.references import parse_reference
from training.staff.models import Role

DESK = "seats"
FEW = 12


@dataclass(frozen=True)
class Row:
    """One person in line or asked. `place` counts from 1; 0 for who is asked."""

    enrolment: Enrolment
    place: int
    why: str


@dataclass(frozen=True)
class ClassPage:
    """A class with its line; `all_moves` shows every move there was."""

    line: ClassLine
    all_moves: bool = False

    @property
    def run(self) -> ClassRun:
        return self.line.run

    @cached_property
    def rows(self) -> Sequence[Row]:
        """Who is asked first, then the line in its order."""
        waiting = [Row(row, n, why_not_yet(self.line, row, n)) for n, row in enumerate(self.line.waiting, 1)]
        return [*(Row(row, 0, "") for row in self.line.offered), *waiting]

    @cached_property
    def moves(self) -> Sequence[Said]:
        found = moves_of_class(db.session(), self.run, None if self.all_moves else FEW + 1)
        starts = starts_of(db.session(), self.run.course_id)
        return [said(move, self.run, starts) for move in found]

    @property
    def can_offer(self) -> bool:
        """A seat is free, and somebody stands in line: rare, because the clock offers it too."""
        return self.run.seats_left > 0 and self.run.waiting > 0 and self.has_not_begun

    @property
    def has_not_begun(self) -> bool:
        return self.run.starts_on > clock.today()

    @property
    def can_cancel(self) -> bool:
        """The school itself, before the class begins."""
        return is_school() and self.has_not_begun and self.run.status in CAN_BE_CANCELLED


def class_page(class_id: str, *, all_moves: bool = False) -> ClassPage:
    """One class of the own scope. Raises NotThere."""
    session = db.session()
    session.expire_all()
    return ClassPage(line_of_class(session, class_at_desk(session, own_scope(DESK), class_id)), all_moves)


def one_of(class_id: str, reference: str) -> Enrolment:
    """One enrolment of a class of the own scope. Raises NotThere."""
    session = db.session()
    session.expire_all()
    found = class_at_desk(session, own_scope(DESK), class_id)
    return enrolment_at_desk(session, found, parse_reference(reference))


def other_classes(enrolment: Enrolment) -> Sequence[Listed]:
    """The other classes of the course that people can join today."""
    rows = classes_of_course(db.session(), enrolment.class_run.course_id, clock.today())
    return [row for row in rows if row.id != enrolment.class_id and row.opens_on <= clock.today()]


def is_school() -> bool:
    """Whether a school sits here, and not a counsellor."""
    return role_at(clerk().account, (Role.COUNSELLOR,)) is None


def pack() -> Pack:
    """The pack of this door."""
    found: Pack = current_app.extensions["pack"]
    return found
