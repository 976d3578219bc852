"""Steps on a class's seats and line, each one statement on one row, never below zero (A28).

Lock order: whoever may free a seat locks the class before the enrolments in it (`lock_class`); who only comes in
takes the class last. Newcomers never pass the line: a seat is free for them only while nobody stands in it.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from training.courses.models import CatalogueVersion, ClassRun

SHARDS = 256


class SeatsMoved(Exception):
    """What was read of the class a moment ago no longer holds: look again."""


_STEP = (
    update(CatalogueVersion)
    .where(CatalogueVersion.shard == bindparam("of_shard"))
    .values(n=CatalogueVersion.n + 1)
    .execution_options(synchronize_session=False)
)
_TAKE = (
    update(ClassRun)
    .where(ClassRun.id == bindparam("of_class"), ClassRun.seats_left > 0, ClassRun.waiting == 0)
    .values(seats_left=ClassRun.seats_left - 1)
    .execution_options(synchronize_session=False)
)
# Everybody who wants the class waits while its row is held: on PostgreSQL one message less lies in that time.
_TAKE_AND_STEP = _STEP.where(select(_TAKE.returning(ClassRun.id).cte("taken").c.id).exists())


def take_seat(session: Session, class_id: str) -> None:
    """Take one free seat. Raises SeatsMoved when there is none, or somebody stands in line."""
    if session.get_bind().dialect.name == "sqlite":
        _must_move(session, _TAKE, class_id)
        return
    wanted = {"of_class": class_id, "of_shard": _shard(class_id)}
    if session.execute(_TAKE_AND_STEP, wanted).rowcount != 1:  # type: ignore[attr-defined]
        raise SeatsMoved


def take_free_seat(session: Session, class_id: str) -> None:
    """Take a free seat for the first in line. Raises SeatsMoved when there is none."""
    _must(session, class_id, (ClassRun.seats_left > 0,), seats_left=ClassRun.seats_left - 1)


def hold_seat_without_code(session: Session, class_id: str, share: int) -> None:
    """Take one free seat for a person whom nobody has seen. Raises SeatsMoved when their share is used up."""
    free = (ClassRun.seats_left > 0, ClassRun.waiting == 0, ClassRun.held_without_code < share)
    moved = {"seats_left": ClassRun.seats_left - 1, "held_without_code": ClassRun.held_without_code + 1}
    _must(session, class_id, free, **moved)


def keep_held_seat(session: Session, class_id: str) -> None:
    """A seat held without a code now belongs to a person somebody has seen."""
    _must(
        session, class_id, (ClassRun.held_without_code > 0,), held_without_code=ClassRun.held_without_code - 1
    )


def join_line(session: Session, class_id: str, *, counts: bool) -> int:
    """The next place in line. `counts` when the person's identity was proved: only then do newcomers wait behind.

    Raises SeatsMoved when a seat came free meanwhile.
    """
    is_full = or_(ClassRun.seats_left == 0, ClassRun.waiting > 0)
    guards = (ClassRun.id == class_id, is_full) if counts else (ClassRun.id == class_id,)
    moved = {"last_place": ClassRun.last_place + 1, "waiting": ClassRun.waiting + (1 if counts else 0)}
    place = session.execute(
        update(ClassRun).where(*guards).values(**moved).returning(ClassRun.last_place)
    ).scalar()
    if place is None:
        raise SeatsMoved
    touch_catalogue(session, class_id)
    return place


def lock_class(session: Session, class_id: str) -> ClassRun:
    """The class row, locked until the transaction ends."""
    query = select(ClassRun).where(ClassRun.id == class_id).with_for_update(of=ClassRun)
    return session.scalars(query).one()


def leave_line(session: Session, class_id: str) -> None:
    """One fewer stands in line."""
    _must(session, class_id, (ClassRun.waiting > 0,), waiting=ClassRun.waiting - 1)


def settle_line(
    session: Session, class_id: str, *, waiting: int = 0, left: int = 0, freed: int = 0, places: int = 0
) -> None:
    """All that moved while the class was locked, in one statement: by how many the line and the free seats grew
    or shrank, how many seats came free, how many places were given. Raises SeatsMoved below zero."""
    values = {
        ClassRun.waiting: waiting,
        ClassRun.seats_left: left,
        ClassRun.seats_freed: freed,
        ClassRun.last_place: places,
    }
    moved = {column.key: column + by for column, by in values.items() if by}
    if not moved:
        return
    enough = (ClassRun.waiting + waiting >= 0, ClassRun.seats_left + left >= 0)
    statement = update(ClassRun).where(ClassRun.id == class_id, *enough).values(**moved)
    quick = statement.execution_options(synchronize_session=False)
    if session.execute(quick).rowcount != 1:  # type: ignore[attr-defined]
        raise SeatsMoved
    if waiting or left:
        touch_catalogue(session, class_id)


def line_up(session: Session, class_id: str, *, counts: bool = True) -> int:
    """The last place in line, for somebody whose seat goes to the next: whether seats are free is not asked."""
    moved = {"last_place": ClassRun.last_place + 1, "waiting": ClassRun.waiting + (1 if counts else 0)}
    step = update(ClassRun).where(ClassRun.id == class_id).values(**moved).returning(ClassRun.last_place)
    place = session.execute(step.execution_options(synchronize_session=False)).scalar_one()
    touch_catalogue(session, class_id)
    return place


def count_in_line(session: Session, class_id: str) -> None:
    """Somebody in line has now been seen, and counts."""
    _must(session, class_id, (), waiting=ClassRun.waiting + 1)


def touch_catalogue(session: Session, class_id: str) -> None:
    """Pages built from the catalogue are old now. Many rows carry its version, so that enrolments do not queue."""
    session.execute(_STEP, {"of_shard": _shard(class_id)})


def _shard(class_id: str) -> int:
    return int(hashlib.sha256(class_id.encode()).hexdigest()[:4], 16) % SHARDS


def _must(session: Session, class_id: str, guards: tuple[object, ...], **values: object) -> None:
    statement = update(ClassRun).where(ClassRun.id == bindparam("of_class"), *guards).values(**values)  # type: ignore[arg-type]
    _must_move(session, statement.execution_options(synchronize_session=False), class_id)


def _must_move(session: Session, statement: Update, class_id: str) -> None:
    if session.execute(statement, {"of_class": class_id}).rowcount != 1:  # type: ignore[attr-defined]
        raise SeatsMoved
    touch_catalogue(session, class_id)
