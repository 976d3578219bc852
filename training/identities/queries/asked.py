"""Corrections that people asked for, that the desk of objections granted, and that nobody has proposed yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.identities.models import ChangeStatus, IdentityChange
from training.objections.lifecycle import MatterStatus
from training.objections.models import Matter, MatterKind
from training.staff.queries import Scope, in_scope

MOST = 20


def corrections_asked(session: Session, scope: Scope) -> Sequence[Matter]:
    """The granted requests of one's own district for which there is no correction yet, the oldest first.

    A correction of another person, or one that was refused, answers none, whatever reference was typed into it.
    """
    granted = (Matter.kind == MatterKind.CORRECTION, Matter.status == MatterStatus.UPHELD)
    proposed = select(IdentityChange.id).where(
        IdentityChange.matter == Matter.reference,
        IdentityChange.person_id == Matter.person_id,
        IdentityChange.status != ChangeStatus.REFUSED,
    )
    query = in_scope(select(Matter).where(*granted, ~proposed.exists()), Matter.district, scope)
    return session.scalars(query.order_by(Matter.decided_at, Matter.id).limit(MOST)).all()
