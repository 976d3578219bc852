"""Deletion that a person asked for, and the holds of law that keep a record."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.errors import NotAllowedNow
from training.objections.models import Matter
from training.people.messages import tell_phone
from training.people.models import Person
from training.people.queries import phone_in_use
from training.policy.pack import Pack
from training.policy.service import Retention
from training.privacy.models import LegalHold
from training.privacy.operations.emptying import empty_record
from training.privacy.queries import kept_of
from training.privacy.rules import reasons_not_to_delete


def delete_person(
    session: Session, person: Person, actor: Actor, periods: Retention, *, matter_id: str = ""
) -> None:
    """A step: meet a request for deletion, `matter_id`, that was upheld.

    Raises NotAllowedNow with the reasons of the rule: enrolment_live, claim_open, matter_open, record_frozen,
    legal_hold, accounts_kept. Nothing is removed then.
    """
    locked = session.get_one(Person, person.id, with_for_update={"of": Person})
    kept = kept_of(session, locked, besides=matter_id)
    if reasons := reasons_not_to_delete(kept, periods, clock.today()):
        raise NotAllowedNow(*reasons)
    empty_record(session, locked, actor, "asked")


def grant_deletion(session: Session, matter: Matter, actor: Actor, pack: Pack, today: date) -> str:
    """A step: what an upheld request for deletion does. The phone on file hears that it is done, for the last time.

    Raises NotAllowedNow as `delete_person`: the desk sees what is still open, and nothing is decided.
    """
    if matter.person is None:
        return ""
    phone, language = phone_in_use(session, matter.person.id), matter.person.language
    number = phone.number if phone else None
    delete_person(session, matter.person, actor, pack.retention, matter_id=matter.id)
    if number:
        tell_phone(session, number, "deletion_done", language, reference=matter.reference)
    return "deleted"


def place_hold(session: Session, person: Person, reason: str, actor: Actor) -> LegalHold:
    """A step: nothing of this person is removed until the hold ends. The same reason twice is one hold."""
    standing = _standing(session, person, reason)
    if standing is not None:
        return standing
    hold = LegalHold(person_id=person.id, reason=reason, placed_by=actor.id, placed_at=clock.now())
    session.add(hold)
    _record(session, person, actor, EventName.LEGAL_HOLD_PLACED, reason)
    return hold


def end_hold(session: Session, person: Person, reason: str, actor: Actor) -> None:
    """A step: the hold for this reason is over. Raises NotAllowedNow(no_hold) where none stands."""
    standing = _standing(session, person, reason)
    if standing is None:
        raise NotAllowedNow("no_hold")
    standing.ended_at = clock.now()
    _record(session, person, actor, EventName.LEGAL_HOLD_ENDED, reason)


def _standing(session: Session, person: Person, reason: str) -> LegalHold | None:
    wanted = (LegalHold.person_id == person.id, LegalHold.reason == reason, LegalHold.ended_at.is_(None))
    return session.scalars(select(LegalHold).where(*wanted).with_for_update()).first()


def _record(session: Session, person: Person, actor: Actor, name: EventName, reason: str) -> None:
    audit.record(session, actor, Entry(name, SubjectKind.PERSON, person.id, facts={"reason": reason}))
