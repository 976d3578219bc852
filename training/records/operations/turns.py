"""Whose turn it is: one import at a time is worked on, by one worker, for as long as it shows signs of life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session

from training import clock
from training.audit import Actor
from training.records.models import ImportStatus, RecordImport

LEASE = timedelta(seconds=30)
TRIES = 3
WORKER = Actor.system("records")
_TO_DO = (ImportStatus.WAITING, ImportStatus.READING, ImportStatus.IMPORTING)
_TO_CLEAN = (ImportStatus.IMPORTED, ImportStatus.UNDONE, ImportStatus.FAILED)


def take_turn(session: Session) -> tuple[str, ImportStatus] | None:
    """A step: the import to work on now, leased; None where there is none, or another is in work.

    What was killed in the middle is taken again when its lease has run out; what fails three times is given up.
    An import of which something is written goes before all others: it was judged by what counted when it began, and
    nothing else may come to count before it does.
    """
    at = clock.real_now()
    busy = session.scalars(select(RecordImport).where(RecordImport.turn == 1).with_for_update()).first()
    if busy is not None:
        if busy.worked_until is not None and busy.worked_until > at:
            return None
        busy.turn = None
        session.flush()
    begun = (RecordImport.status == ImportStatus.IMPORTING) & (RecordImport.done_to > 0)
    first = (case((begun, 0), else_=1), RecordImport.uploaded_at, RecordImport.id)
    asked = select(RecordImport).where(_due()).order_by(*first)
    row = session.scalars(asked.limit(1).with_for_update()).first()
    if row is None:
        return None
    row.turn, row.worked_until, row.tries = 1, at + LEASE, row.tries + 1
    session.flush()
    return row.id, row.status


def keep_turn(session: Session, import_id: str, **progress: Any) -> None:
    """A step: how far it is, and that the worker lives."""
    values = {"worked_until": clock.real_now() + LEASE, **progress}
    session.execute(update(RecordImport).where(RecordImport.id == import_id).values(**values))


def end_turn(row: RecordImport) -> None:
    """A step: this errand of the import is over, and the next may have its turn."""
    row.turn, row.worked_until = None, None


def is_anything_due(session: Session) -> bool:
    """Whether a worker should look: something waits, and nobody has an import in hand. Without a lock."""
    in_hand = (RecordImport.turn == 1, RecordImport.worked_until > clock.real_now())
    if session.scalar(select(RecordImport.id).where(*in_hand).limit(1)) is not None:
        return False
    return session.scalar(select(RecordImport.id).where(_due()).limit(1)) is not None


def _due() -> ColumnElement[bool]:
    return or_(
        RecordImport.status.in_(_TO_DO),
        RecordImport.status.in_(_TO_CLEAN) & RecordImport.cleaned_at.is_(None),
    )
