"""What a person asks about the own data: correct it, delete it, explain a look. Each is a matter with its deadline."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from training import audit
from training.audit import Actor, AuditEvent, Entry, EventName, SubjectKind
from training.database import new_id, transaction
from training.enrolments.queries import district_of_person
from training.errors import BadInput, NotThere
from training.objections.lifecycle import MatterKind
from training.objections.models import Matter
from training.objections.operations import open_matter, sent_before
from training.people.models import Person
from training.policy.pack import Pack
from training.staff.models import StaffAccount

LOOKS = (EventName.PERSON_SEEN, EventName.FULL_NUMBER_SEEN)
ABOUT_A_LOOK = "access"


def ask_for_correction(person_id: str, text: str, key: str, actor: Actor, pack: Pack) -> Matter:
    """Ask for something to be corrected; sent twice with one key it is one matter.

    Raises BadInput(text) when nothing is said, NotAllowedNow(already_open) with the reference of an open one.
    """
    if not text.strip():
        raise BadInput("text", "empty")
    return _ask(person_id, MatterKind.CORRECTION, text, key, actor, pack)


def ask_for_deletion(person_id: str, text: str, key: str, actor: Actor, pack: Pack) -> Matter:
    """Ask for everything to be deleted that need not be kept. The desk decides; what it may not remove it says.

    Raises NotAllowedNow(already_open) with the reference of an open one.
    """
    return _ask(person_id, MatterKind.DELETION, text, key, actor, pack)


def ask_about_look(person_id: str, at: datetime, text: str, key: str, actor: Actor, pack: Pack) -> Matter:
    """Ask why somebody looked, at the moment `at`. Whoever looked, and the same office, may not answer.

    Raises NotThere where nobody looked then.
    """

    def work(session: Session) -> Matter:
        if before := sent_before(session, actor.id, key):
            return before
        look = _look(session, person_id, at)
        person = session.get_one(Person, person_id, with_for_update={"of": Person})
        return open_matter(
            session,
            MatterKind.COMPLAINT,
            actor=actor,
            pack=pack,
            district=_district(session, person_id, pack),
            person=person,
            reason=ABOUT_A_LOOK,
            text=text.strip(),
            not_by=_same_office(session, look),
            idempotency_key=key or new_id(),
        )

    return transaction(work)


def note_taken(person_id: str, actor: Actor) -> None:
    """Write into the trail that the person took everything along."""
    entry = Entry(EventName.DATA_TAKEN, SubjectKind.PERSON, person_id)
    transaction(lambda session: audit.record(session, actor, entry))


def _ask(person_id: str, kind: MatterKind, text: str, key: str, actor: Actor, pack: Pack) -> Matter:
    def work(session: Session) -> Matter:
        if before := sent_before(session, actor.id, key):
            return before
        person = session.get_one(Person, person_id, with_for_update={"of": Person})
        audit.attempt(session, actor, Entry(EventName.MATTER_OPENED, SubjectKind.PERSON, person_id))
        return open_matter(
            session,
            kind,
            actor=actor,
            pack=pack,
            district=_district(session, person_id, pack),
            person=person,
            text=text.strip(),
            idempotency_key=key or new_id(),
        )

    return transaction(work)


def _district(session: Session, person_id: str, pack: Pack) -> str:
    """Where the person is served, else the district that has what names none."""
    return district_of_person(session, person_id) or pack.objections.home


def _look(session: Session, person_id: str, at: datetime) -> AuditEvent:
    merged = select(Person.id).where(Person.merged_into == person_id)
    theirs = (AuditEvent.subject == person_id) | AuditEvent.subject.in_(merged)
    wanted = (AuditEvent.kind == SubjectKind.PERSON, AuditEvent.name.in_(LOOKS), AuditEvent.at == at)
    found = session.scalars(select(AuditEvent).where(theirs, *wanted)).first()
    if found is None:
        raise NotThere
    return found


def _same_office(session: Session, look: AuditEvent) -> set[str]:
    """Whoever looked, and everybody of the same office."""
    colleagues = select(StaffAccount.id).where(StaffAccount.office == look.office)
    return {look.actor_id, *session.scalars(colleagues)}
