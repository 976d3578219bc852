"""What a person began: whose it is says the register, not the number that was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.make import make_class
from tests.training.enrolments.people import enrolled, proved, registered
from training import clock as clocks
from training.database import db, transaction
from training.enrolments.operations.begun import begun_by, give_up, go_on_with
from training.errors import NotThere
from training.people.models import Draft, Person, VisitorSession
from training.people.operations import open_session
from training.people.operations.identity import forget_proofs
from training.ports import RegisteredCard, RegisteredPerson

pytestmark = pytest.mark.usefixtures("database", "clock")


def signed_in(person_id: str, how: str = "code") -> VisitorSession:
    """A browser in which this person has signed in."""

    def work(session: Session) -> None:
        open_session(session, session.get_one(Person, person_id), f"browser-{how}", how)

    transaction(work)
    return db.session().get_one(VisitorSession, f"browser-{how}")


def known(registries: Any, **changes: Any) -> RegisteredPerson:
    found = registered(**changes)
    registries.know(found)
    return found


def test_it_is_found_by_number_and_by_card_and_moves_with_its_person(registries: Any, clock: Any) -> None:
    person = known(registries)
    who = signed_in(enrolled(registries, person, make_class().id).person_id)
    runs = [make_class(starts_on=clocks.today() + timedelta(days=days)).id for days in (90, 150)]
    for run, number in zip(runs, (person.number, person.cards[0].number), strict=True):
        clock.shift(timedelta(minutes=2))
        proved(registries, person, run, number=number)
    assert [one.class_run.id for one in begun_by(db.session(), who)] == runs[::-1]
    go_on_with(who, runs[1])
    moved = begun_by(db.session(), who)[0].draft
    assert (moved.session_hash, moved.proved_at) == (who.id_hash, who.proved_at)
    give_up(who, runs[1])
    assert [one.class_run.id for one in begun_by(db.session(), who)] == runs[:1]


def test_a_card_that_changed_hands_shows_nothing_to_the_other(registries: Any, clock: Any) -> None:
    card = RegisteredCard("B00000001", "normal", date(2020, 1, 1))
    before = known(registries, cards=(card,))
    who = signed_in(enrolled(registries, before, make_class().id).person_id)
    clock.shift(timedelta(minutes=2))
    registries.know(replace(before, cards=()))
    after, run = known(registries, cards=(card,)), make_class().id
    draft = proved(registries, after, run, number=card.number)
    assert draft.number_index in [Draft.number.index_of(one.number or "") for one in who.person.cards]
    assert begun_by(db.session(), who) == []
    with pytest.raises(NotThere):
        go_on_with(who, run)


def test_what_an_old_phone_proved_is_not_gone_on_with(registries: Any, clock: Any) -> None:
    person, run = known(registries), make_class(starts_on=clocks.today() + timedelta(days=90)).id
    who = signed_in(enrolled(registries, person, make_class().id).person_id)
    clock.shift(timedelta(minutes=2))
    proved(registries, person, run)
    assert len(begun_by(db.session(), who)) == 1
    transaction(lambda session: forget_proofs(session, session.get_one(Person, who.person_id)))
    assert begun_by(db.session(), who) == []


def test_a_slip_opens_none_of_it(registries: Any, clock: Any) -> None:
    person, run = known(registries), make_class(starts_on=clocks.today() + timedelta(days=90)).id
    who = signed_in(enrolled(registries, person, make_class().id).person_id, "slip")
    clock.shift(timedelta(minutes=2))
    proved(registries, person, run)
    assert begun_by(db.session(), who) == []
