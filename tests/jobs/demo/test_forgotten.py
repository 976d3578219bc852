"""The whole demo, with people who have been everywhere: a record that is emptied leaves nothing of its person (I29)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.demo_set import DemoSet
from tests.training.privacy.lives import readable, sums
from training import seals
from training.audit import Actor
from training.database import transaction
from training.people.models import Card, Person, Phone
from training.privacy.operations import empty_record

CLOCK = Actor.system("tests")


def test_I29_everybody_of_the_history_can_be_forgotten(demo: DemoSet, demo_database: Any) -> None:
    """Numbers, cards and phones of nobody else, and names that only they bear."""
    session = demo_database.session()
    names = Counter(session.scalars(select(Person.name)))
    listed = {one["number"] for one in demo.people("history")}
    people = [one for one in session.scalars(select(Person)) if one.number in listed]
    assert len(people) > 20
    values = [
        value for one in people for value in (one.number, *(card.number for card in one.cards)) if value
    ]
    values += [phone.number for one in people for phone in one.phones if phone.number]
    values += [one.name for one in people if names[one.name] == 1 and len(one.name) > 2]
    said = readable()
    assert all(value in said for value in values)
    before = sums()
    ids = [person.id for person in people]
    transaction(lambda session: _empty(session, ids))
    said = readable()
    assert [value for value in values if value in said] == []
    assert sums() == before
    assert seals.verify(demo_database.session()) == []
    assert session.scalars(select(Card)).first() is not None
    assert session.scalars(select(Phone)).first() is not None


def _empty(session: Session, ids: list[str]) -> None:
    for person_id in ids:
        empty_record(session, session.get_one(Person, person_id), CLOCK, "asked")
