"""A phone that was not the person's own doing is stopped, and taken back with all that was built on it (A10)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.people.models import ActKind, Person, Phone, PhoneChange, PhoneChangeStatus
from training.people.operations.acts import end_acts
from training.people.operations.identity import forget_proofs
from training.people.operations.sessions import end_sessions


def stop_phone_changes(session: Session, person: Person) -> None:
    """A step: the person says that something was not them. Every request that waits for a second person is over;
    what was registered waits for the decision, and opens nothing while the record is frozen."""
    waits = (PhoneChange.person_id == person.id, PhoneChange.status == PhoneChangeStatus.PENDING)
    for change in session.scalars(select(PhoneChange).where(*waits).with_for_update(of=PhoneChange)):
        change.status, change.decided_at = PhoneChangeStatus.STOPPED, clock.now()


def take_phone_back(session: Session, change: PhoneChange, actor: Actor) -> None:
    """A step: it was not them. The phone registered by this change ends, and every phone registered after it: who
    has the first may have asked for the next. The one before is in use again, and no request waits any more."""
    stop_phone_changes(session, change.person)
    if change.status is not PhoneChangeStatus.AGREED:
        return
    at, changes = clock.now(), [change, *later_changes(session, change)]
    wrong = {one.phone_index for one in changes}
    ends = [phone for phone in change.person.phones if phone.ended_at is None and phone.number_index in wrong]
    for phone in ends:
        phone.ended_at = at
    old = session.get(Phone, change.old_phone_id or "")
    if ends and old is not None:
        old.ended_at, old.seen_at = None, at
    for one in changes:
        one.status = PhoneChangeStatus.STOPPED
        end_acts(session, ActKind.NOT_ME, one.id)
    forget_proofs(session, change.person)
    end_sessions(session, change.person_id)
    facts = {"change": change.id, "status": change.status.value, "changes": [one.id for one in changes]}
    audit.record(
        session, actor, Entry(EventName.PHONE_TAKEN_BACK, SubjectKind.PERSON, change.person_id, facts=facts)
    )


def later_changes(session: Session, change: PhoneChange) -> Sequence[PhoneChange]:
    """The phones registered for the person since this one was, the first one first; locked."""
    if change.status is not PhoneChangeStatus.AGREED:
        return ()
    since = (PhoneChange.decided_at >= change.decided_at, PhoneChange.id != change.id)
    registered = (PhoneChange.person_id == change.person_id, PhoneChange.status == PhoneChangeStatus.AGREED)
    query = select(PhoneChange).where(*registered, *since).order_by(PhoneChange.decided_at, PhoneChange.id)
    return session.scalars(query.with_for_update(of=PhoneChange)).all()
