"""Reads about institutions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from training.errors import NotThere
from training.institutions.models import Institution


def institution(session: Session, institution_id: str) -> Institution:
    """An institution with its grades, whatever its status. Raises NotThere."""
    found = session.scalars(select(Institution).where(Institution.id == institution_id)).first()
    if found is None:
        raise NotThere(institution_id)
    return found
