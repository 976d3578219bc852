"""Reads about institutions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.errors import NotThere
from training.institutions.models import Institution, InstitutionStatus

BARRED = (InstitutionStatus.DELISTED, InstitutionStatus.BLACKLISTED)


def is_id(text: str) -> bool:
    """Whether `text` could be one of our ids; what could not (a null byte) is not asked of the database."""
    return 0 < len(text) <= 40 and text.isascii() and text.isprintable()


def institution(session: Session, institution_id: str) -> Institution:
    """An institution with its grades, whatever its status. Raises NotThere."""
    wanted = select(Institution).where(Institution.id == institution_id)
    found = session.scalars(wanted).first() if is_id(institution_id) else None
    if found is None:
        raise NotThere(institution_id)
    return found


def is_barred(session: Session, institution_id: str) -> bool:
    """Was this institution struck off? Then its own staff act no longer here (b12)."""
    wanted = (Institution.id == institution_id, Institution.status.in_(BARRED))
    return session.scalar(select(Institution.id).where(*wanted)) is not None


def active_institutions(session: Session) -> Sequence[Institution]:
    """The institutions that may have staff of their own here: not those struck off, by name."""
    found = select(Institution).where(Institution.status.not_in(BARRED)).order_by(Institution.name)
    return session.scalars(found).all()
