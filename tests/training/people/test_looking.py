"""Looking at a person: what the trail keeps, what the person reads, what is counted."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from tests.make import make_person, staff
from training import seals
from training.audit import Actor, ActorKind, AuditEvent, EventName
from training.database import db, transaction
from training.people.models import LookCount, LookPurpose, Person, PersonKey
from training.people.operations import Look, look_at, look_step
from training.people.queries import looks_at

CHECK = Look("verify", LookPurpose.IDENTITY_CHECK, about="CQ-26-7F3KM-Q9XWS")
ASKED = Look("search", LookPurpose.SEARCH, "person_asks", "本人来电，问到哪一步", about="CQ-26-7F3KM-Q9XWS")


def clerk(office: str = "渝中区人力社保局") -> Actor:
    account = staff("verifier", office=office)
    return Actor(ActorKind.STAFF, account.id, account.office)


def counts() -> list[tuple[str, int, int]]:
    rows = db.session().execute(select(LookCount.desk, LookCount.looks, LookCount.full_numbers))
    return sorted((row[0], row[1], row[2]) for row in rows)


def test_A23_a_look_stands_in_the_persons_trail_and_is_counted(database: Any, clock: Any) -> None:
    person, actor = make_person(), clerk()
    look_at(person.id, actor, CHECK)
    look_at(person.id, actor, CHECK)
    [look] = looks_at(db.session(), person.id)
    assert (look.office, look.purpose, look.full_number) == ("渝中区人力社保局", "identity_check", False)
    assert look.reference == CHECK.about
    assert counts() == [("verify", 1, 0)]
    assert seals.verify(db.session(), None) == []


def test_the_same_look_after_ten_minutes_is_another(database: Any, clock: Any) -> None:
    person, actor = make_person(), clerk()
    look_at(person.id, actor, CHECK)
    clock.shift(timedelta(minutes=9))
    look_at(person.id, actor, CHECK)
    assert len(looks_at(db.session(), person.id)) == 1
    clock.shift(timedelta(minutes=2))
    look_at(person.id, actor, CHECK)
    assert len(looks_at(db.session(), person.id)) == 2


def test_another_clerk_another_reason_and_a_full_number_are_other_looks(database: Any, clock: Any) -> None:
    person, actor = make_person(), clerk()
    full = Look("verify", LookPurpose.IDENTITY_CHECK, "same_name", full_number=True)
    for who, look in ((actor, CHECK), (clerk("另一处"), CHECK), (actor, ASKED), (actor, full)):
        look_at(person.id, who, look)
    seen = looks_at(db.session(), person.id)
    assert [look.full_number for look in seen] == [True, False, False, False]
    assert {look.office for look in seen} == {"渝中区人力社保局", "另一处"}
    assert counts() == [("search", 1, 0), ("verify", 1, 0), ("verify", 2, 1)]


def test_I29_what_the_clerk_wrote_goes_with_the_persons_key(database: Any) -> None:
    person, actor = make_person(), clerk()
    look_at(person.id, actor, ASKED)
    assert looks_at(db.session(), person.id)[0].note == ASKED.note
    [event] = db.session().scalars(select(AuditEvent).where(AuditEvent.name == EventName.PERSON_SEEN))
    assert ASKED.note not in str(event.facts)

    def destroy(session: Any) -> None:
        session.get_one(PersonKey, person.id).wrapped = None

    transaction(destroy)
    db.session().expire_all()
    [look] = looks_at(db.session(), person.id)
    assert (look.reason, look.note) == ("person_asks", "")
    assert seals.verify(db.session(), None) == []


def test_looks_at_a_record_that_was_merged_are_shown_with_the_one_that_stayed(database: Any) -> None:
    stays, goes, actor = make_person(), make_person(), clerk()
    look_at(goes.id, actor, CHECK)

    def merge(session: Any) -> None:
        session.get_one(Person, goes.id).merged_into = stays.id

    transaction(merge)
    look_at(stays.id, actor, ASKED)
    assert [look.purpose for look in looks_at(db.session(), stays.id)] == ["search", "identity_check"]


def test_several_people_are_looked_at_in_few_statements(database: Any, statements: Any) -> None:
    actor, look = clerk(), Look("exports", LookPurpose.EXPORT, "inspection", "季度检查")
    people = [make_person().id for _ in range(12)]
    counted = []
    for some in (people[:3], people[3:]):
        with statements() as seen:
            transaction(partial(look_step, person_ids=some, actor=actor, look=look))
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 5
    assert all(looks_at(db.session(), person)[0].note == "季度检查" for person in people)
