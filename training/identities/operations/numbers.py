"""Steps on the number and name of one record. A number stands in one record at a time (I25)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from training import clock
from training.enrolments.models import Enrolment
from training.numbers import born_on
from training.people.models import Person, PhoneSource
from training.people.operations import end_sessions, name_birth_index, sound_index
from training.people.operations.identity import forget_proofs
from training.people.rules import normal_name


def other_with_number(session: Session, number: str, person: Person) -> Person | None:
    """A step: the other record in which this number stands, locked."""
    has = (Person.number_index == Person.number.index_of(number), Person.id != person.id)
    return session.scalars(select(Person).where(*has).with_for_update(of=Person)).first()


def give_number(session: Session, person: Person, number: str, *, by_register: bool) -> None:
    """A step: the record has this number from now on, with the birth date in it."""
    person.number = number
    born = born_on(number, clock.today())
    if born is not None:
        person.birth = born.isoformat()
    person.registered_at = clock.now() if by_register else None
    if by_register:
        person.certified_at = person.certified_at or clock.now()
    _index(person)
    session.flush()


def give_name(person: Person, name: str) -> None:
    """A step: the record has this name from now on."""
    person.name, person.name_normal = name, normal_name(name)
    _index(person)


def void_certification(person: Person) -> None:
    """A step: a verified field has changed: the verification is over (c5)."""
    person.certified_at = person.certified_by = None


def release_number(session: Session, person: Person) -> None:
    """A step: the number was never this person's. With it go the certification and all that `leave_number` ends."""
    void_certification(person)
    leave_number(session, person)
    person.name_birth_index = person.sound_index = None
    session.flush()


def leave_number(session: Session, person: Person) -> None:
    """A step: nothing that this number opened leads here any more (A08): not a code that was sent, whoever is signed
    in, a slip, nor the phone that the register gave for it. A phone registered at a counter stays."""
    forget_proofs(session, person)
    person.number, person.registered_at = None, None
    for phone in person.phones:
        if phone.source is PhoneSource.REGISTER and phone.ended_at is None:
            phone.ended_at = clock.now()
    end_sessions(session, person.id)
    slips = (Enrolment.person_id == person.id, Enrolment.slip_hash.is_not(None))
    session.execute(update(Enrolment).where(*slips).values(slip_hash=None))
    session.flush()


def _index(person: Person) -> None:
    birth_on = person.birth_on
    person.name_birth_index = name_birth_index(person.name, birth_on) if birth_on else None
    person.sound_index = sound_index(person.name, birth_on)
