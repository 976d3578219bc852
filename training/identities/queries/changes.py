"""Corrections of number and name that wait for a second person, and those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from training.errors import NotThere
from training.identities.models import ChangeKind, ChangeStatus, IdentityChange
from training.staff.queries import Pile, Scope, in_scope

DECIDED_SHOWN = 50


@dataclass(frozen=True)
class ChangesAsked:
    """Which corrections somebody wants to see."""

    kind: ChangeKind | None = None
    status: ChangeStatus = ChangeStatus.OPEN


def changes(session: Session, scope: Scope, asked: ChangesAsked) -> Sequence[IdentityChange]:
    """Corrections of the scope, the longest waiting first; those that are over, newest first and at most fifty."""
    query = in_scope(select(IdentityChange), IdentityChange.district, scope)
    if asked.status is ChangeStatus.OPEN:
        query = query.where(IdentityChange.status == ChangeStatus.OPEN).order_by(IdentityChange.proposed_at)
    else:
        over = IdentityChange.status != ChangeStatus.OPEN
        query = query.where(over).order_by(IdentityChange.decided_at.desc()).limit(DECIDED_SHOWN)
    if asked.kind is not None:
        query = query.where(IdentityChange.kind == asked.kind)
    return session.scalars(query).all()


def change_in_scope(session: Session, scope: Scope, change_id: str) -> IdentityChange:
    """One correction. Raises NotThere, also for another district's (A16)."""
    query = select(IdentityChange).where(IdentityChange.id == change_id)
    found = session.scalars(in_scope(query, IdentityChange.district, scope)).first()
    if found is None:
        raise NotThere
    return found


def changes_pile(session: Session, scope: Scope, kind: ChangeKind | None = None) -> Pile:
    """How many corrections wait for a second person."""
    columns = select(func.count(IdentityChange.id), func.min(IdentityChange.proposed_at))
    query = columns.where(IdentityChange.status == ChangeStatus.OPEN)
    query = query.where(IdentityChange.kind == kind) if kind else query
    cases, oldest = session.execute(in_scope(query, IdentityChange.district, scope)).one()
    return Pile(int(cases), 0, oldest)
