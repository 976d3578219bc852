"""A newer text of the privacy notice: the person is asked at the next sign-in, and the record keeps which."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor
from training.database import transaction
from training.people.models import Consent, Person
from training.people.operations.records import give_consent, lock_person


def accept_notice(person_id: str, actor: Actor, signed_in_by: str, key: str = "") -> None:
    """The signed-in person ticked the text in force. The same form twice is one consent; another form is another, and
    nothing else changes."""

    def work(session: Session) -> Person:
        person = lock_person(session, person_id)
        same = (Consent.person_id == person.id, Consent.idempotency_key == key)
        if not key or session.scalar(select(Consent.id).where(*same)) is None:
            entry = give_consent(session, person, "tick", "", identity_seen=signed_in_by, key=key)
            audit.record(session, actor, entry)
        return person

    transaction(work)
