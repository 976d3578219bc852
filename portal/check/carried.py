"""A saved check on its way with the person: its answers preset what is asked later, and are never asked again."""

from __future__ import annotations

from training.database import db
from training.entitlements.models import SavedCheck
from training.entitlements.queries import saved_check
from training.errors import Gone, NotThere
from training.people.models import Group


def carried_check(code: str) -> SavedCheck | None:
    """The check whose code stands in an address; None where there is none, or it has run out."""
    try:
        return saved_check(db.session(), code) if code else None
    except (NotThere, Gone):
        return None


def carried_group(code: str) -> Group | None:
    """The group that somebody said in a check: preset, and marked as the person's own statement."""
    check = carried_check(code)
    said = check.answers.get("situation") if check else None
    return Group(said) if said in set(Group) else None
