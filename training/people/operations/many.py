"""Records of many people at once, made from what an office wrote down: no register was asked, nobody was present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session, aliased

from training import audit, clock, keys
from training.audit import Actor, Entry, EventName, SubjectKind
from training.bulk import write_many
from training.database import Model, new_id
from training.people.models import Person, PersonKey
from training.people.operations.matching import name_birth_index, sound_index
from training.people.rules import normal_name, sound_of

RECORDS_BASIS = (
    "records-by-law"  # no consent: the law says who keeps the past; in place of a notice's version
)


@dataclass(frozen=True)
class NewPerson:
    """A record that is ready to be written: two rows, sealed already."""

    row: dict[str, Any]
    key: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["id"])


@lru_cache(maxsize=16384)
def _sound(name: str) -> str | None:
    return sound_of(name)


def prepare_person(name: str, number: str, number_index: str) -> NewPerson:
    """Seal what is known of a person, outside any transaction: it takes longer than the writing."""
    person_id, own = new_id(), keys.new_person_key()
    birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14])) if len(number) == 18 else None
    sealed = keys.seal(number, f"person:{person_id}:number", own)
    row = {
        "id": person_id,
        "number_sealed": sealed,
        "number_index": number_index,
        "birth_sealed": keys.seal(birth_on.isoformat(), f"person:{person_id}:birth", own)
        if birth_on
        else None,
        "name": name,
        "name_normal": normal_name(name),
        "name_birth_index": name_birth_index(name, birth_on) if birth_on else None,
        "sound_index": sound_index(name, birth_on, sound=_sound(name)) if birth_on else None,
        "language": "zh",
        "consent_version": RECORDS_BASIS,
        "created_at": clock.now(),
    }
    return NewPerson(row, {"person_id": person_id, "wrapped": keys.wrap(own, f"person_key:{person_id}")})


def people_by_index(session: Session, indexes: Select[str]) -> dict[str, str]:
    """The ids of the people with these keyed numbers (a question for them); of a merged record, the one that stands."""
    asked = select(Person.number_index, Person.id, Person.merged_into).where(Person.number_index.in_(indexes))
    found = {index: (person_id, merged) for index, person_id, merged in session.execute(asked)}
    return {str(index): _standing(session, *where) for index, where in found.items()}


def _standing(session: Session, person_id: str, merged_into: str | None) -> str:
    while merged_into is not None:
        person_id = merged_into
        merged_into = session.scalar(select(Person.merged_into).where(Person.id == person_id))
    return person_id


def add_people(session: Session, people: Sequence[NewPerson], actor: Actor, about: str) -> None:
    """A step: write the records and the first event of each; `about` is what they were made from."""
    if not people:
        return
    tables = Model.metadata.tables
    write_many(session, tables[Person.__tablename__], [one.row for one in people])
    write_many(session, tables[PersonKey.__tablename__], [one.key for one in people])
    facts, ids = {"consent_version": RECORDS_BASIS, "records": about}, [one.id for one in people]
    audit.record_firsts(session, actor, EventName.PERSON_CREATED, SubjectKind.PERSON, ids, facts)


def remove_people(session: Session, ids: Sequence[str], actor: Actor, about: str) -> int:
    """A step: remove those records that were made from old payments and that nothing refers to. Returns how many."""
    unused = [Person.id.in_(ids), Person.consent_version == RECORDS_BASIS, Person.certified_at.is_(None)]
    unused.append(Person.merged_into.is_(None))
    gone = list(session.scalars(select(Person.id).where(*unused, *_nothing_refers())))
    if gone:
        session.execute(delete(PersonKey).where(PersonKey.person_id.in_(gone)))
        session.execute(delete(Person).where(Person.id.in_(gone)))
        facts, kind = {"records": about}, SubjectKind.PERSON
        audit.record(
            session, actor, *(Entry(EventName.PERSON_REMOVED, kind, one, facts=facts) for one in gone)
        )
    return len(gone)


def _nothing_refers() -> list[ColumnElement[bool]]:
    """One condition for each column of any table that names a person, but for the person's own key."""
    person, other = Model.metadata.tables[Person.__tablename__], aliased(Person)
    return [
        ~select(column).where(column == Person.id).exists()
        for table in Model.metadata.sorted_tables
        if table.name != PersonKey.__tablename__
        for column in table.columns
        if column.references(person.c.id) and table is not person
    ] + [~select(other.id).where(other.merged_into == Person.id).exists()]
