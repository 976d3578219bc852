"""A newer text of the privacy notice: the person is asked at the next sign-in, and the record keeps which."""

from __future__ import annotations

from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor
from training.database import transaction
from training.people.models import Person
from training.people.operations.records import give_consent, lock_person


def accept_notice(person_id: str, actor: Actor, signed_in_by: str) -> None:
    """The signed-in person ticked the text in force. Twice is two consents of the same text; nothing else changes."""

    def work(session: Session) -> Person:
        person = lock_person(session, person_id)
        entry = give_consent(session, person, "tick", "", identity_seen=signed_in_by)
        audit.record(session, actor, entry)
        return person

    transaction(work)
