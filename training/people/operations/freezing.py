"""A record is frozen while somebody looks into "this was not me": nothing is passed, claimed or opened meanwhile."""

from __future__ import annotations

from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.errors import NotAllowedNow
from training.people.models import Person


def freeze(session: Session, person: Person, actor: Actor, about: str) -> None:
    """A step: freeze the record; frozen already, it stays as it is. `about` is the id of what was not them."""
    person.frozen_at = person.frozen_at or clock.now()
    audit.record(session, actor, _entry(EventName.RECORD_FROZEN, person, about))


def unfreeze(session: Session, person: Person, actor: Actor, about: str) -> None:
    """A step: the matter is decided, the record moves again. Whoever calls it sees to it that no other is open."""
    person.frozen_at = None
    audit.record(session, actor, _entry(EventName.RECORD_UNFROZEN, person, about))


def must_not_be_frozen(person: Person) -> None:
    """Raises NotAllowedNow(`record_frozen`) while "this was not me" is open."""
    if person.frozen_at is not None:
        raise NotAllowedNow("record_frozen")


def _entry(name: EventName, person: Person, about: str) -> Entry:
    return Entry(name, SubjectKind.PERSON, person.id, facts={"about": about})
