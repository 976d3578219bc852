"""Looking at a person leaves a trace: who, from which office, what for, and whether the full number was seen.

Each look is an event in the person's own trail, where the person reads it; how many a member of staff opens in
a day is counted beside it. Looking again for the same reason within ten minutes is one look.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from training import audit, clock
from training.audit import Actor, Entry, EventName, SubjectKind
from training.database import db, transaction
from training.people.models import LookCount, Person
from training.people.queries import ONE_LOOK, last_look

LONGEST_NOTE = 200


@dataclass(frozen=True)
class Look:
    """`purpose`, `reason` and `desk` are codes; `note` is what the clerk wrote, sealed with the person's key;
    `about` is the reference that was opened."""

    desk: str
    purpose: str
    reason: str = ""
    note: str = ""
    full_number: bool = False
    about: str = ""


def look_at(person_id: str, actor: Actor, look: Look) -> None:
    """Write that `actor` looks at this person; once within ten minutes for the same purpose and reason."""
    same = {"purpose": look.purpose, "reason": look.reason, "full_number": look.full_number}
    same["reference"] = look.about
    if last_look(db.session(), person_id, actor.id, same, clock.now() - ONE_LOOK) is None:
        transaction(lambda session: look_step(session, [person_id], actor, look))


def look_step(session: Session, person_ids: Collection[str], actor: Actor, look: Look) -> None:
    """A step: the same for several people at once, each with an event of their own."""
    if not person_ids:
        return
    keys_of = _keys(session, person_ids) if look.note else {}
    audit.record(session, actor, *(_entry(person, look, keys_of.get(person)) for person in person_ids))
    _count(session, actor.id, look, len(person_ids))


def _entry(person_id: str, look: Look, key: bytes | None) -> Entry:
    name = EventName.FULL_NUMBER_SEEN if look.full_number else EventName.PERSON_SEEN
    facts = {
        "desk": look.desk,
        "purpose": look.purpose,
        "reason": look.reason,
        "full_number": look.full_number,
        "reference": look.about,
    }
    personal = {"note": look.note[:LONGEST_NOTE]} if look.note and key else None
    return Entry(name, SubjectKind.PERSON, person_id, None, facts, personal, key)


def _keys(session: Session, person_ids: Collection[str]) -> dict[str, bytes | None]:
    people = session.scalars(select(Person).where(Person.id.in_(person_ids)))
    return {person.id: person.own_key() for person in people}


def _count(session: Session, staff_id: str, look: Look, number: int) -> None:
    """One statement, so that two looks at once are two."""
    full = number if look.full_number else 0
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {
        "staff_id": staff_id,
        "day": clock.today(),
        "desk": look.desk,
        "looks": number,
        "full_numbers": full,
    }
    more = {"looks": LookCount.looks + number, "full_numbers": LookCount.full_numbers + full}
    put = insert(LookCount).values(row)
    session.execute(put.on_conflict_do_update(index_elements=["staff_id", "day", "desk"], set_=more))
