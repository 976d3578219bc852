"""A record is emptied: nothing of the person can be read any more, and everything else is as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs.tasks import seal_trail
from tests import make
from tests.training.privacy.lives import (
    PACK,
    close_matters,
    paid,
    readable,
    somebody,
    sums,
    trail_statuses,
    with_a_life,
    work_off,
)
from training import clock as day
from training import seals
from training.audit import Actor, ActorKind
from training.claims.models import Claim
from training.claims.operations import propose, withdraw
from training.database import db, transaction
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.entitlements.operations import release
from training.errors import NotAllowedNow
from training.numbers import recognise
from training.people.models import Person
from training.people.operations import records
from training.privacy.operations import delete_person, empty_record, end_hold, place_hold

pytestmark = pytest.mark.usefixtures("clock")
DESK = Actor.system("objections")


def delete(person: Person, matter_id: str = "") -> None:
    transaction(
        lambda session: delete_person(
            session, session.get_one(Person, person.id), DESK, PACK.retention, matter_id=matter_id
        )
    )
    db.session().expire_all()


def test_I29_A49_after_deletion_nothing_of_the_person_is_readable_and_all_sums_are_as_before(
    portal: Flask, registries: Any
) -> None:
    """With every key of the running system in hand: the trail, what was sealed, what waited to be sent."""
    with portal.app_context():
        known, person = with_a_life(registries)
        other, stays = with_a_life(registries, portal)
        stays_id = stays.id
        close_matters(person)
        seal_trail(portal)
        values = [known.name, known.number, known.phone or "", known.cards[0].number, f"{known.birth_on}"]
        before, said = sums(), readable()
        assert all(value in said for value in values)
        statuses = trail_statuses()
        delete(person)
        seal_trail(portal)
        said = readable()
        assert [value for value in values[:4] if value in said] == []
        assert sums() == before
        assert set(statuses) < set(trail_statuses())
        assert seals.verify(db.session()) == []
        assert all(value in said for value in (other.name, other.number, f"{other.phone}"))
        assert db.session().get_one(Person, stays_id).own_key() is not None
        db.session.remove()


def test_I29_what_was_sealed_for_the_person_reads_as_nothing_and_breaks_no_page(
    portal: Flask, registries: Any
) -> None:
    with portal.app_context():
        _, person = with_a_life(registries, portal)
        close_matters(person)
        delete(person)
        row = db.session().scalars(select(Enrolment).where(Enrolment.person_id == person.id)).one()
        assert (row.number, row.facts, row.name_typed, row.status.value) == (None, None, "", "withdrawn")
        gone = db.session().get_one(Person, person.id)
        assert (gone.number, gone.birth, gone.name, gone.own_key()) == (None, None, "", None)
        reference = row.reference
        db.session.remove()
    assert portal.test_client().get(f"/t/{reference}").status_code == 200


def test_A49_a_request_is_refused_by_name_while_something_is_open_or_money_was_paid(
    database: Any, clock: Any
) -> None:
    claim = make.make_claim(status="approved")
    person = claim.enrolment.person
    with pytest.raises(NotAllowedNow) as refusal:
        delete(person)
    assert refusal.value.reasons == ("claim_open",)
    paid(claim, day.today())
    with pytest.raises(NotAllowedNow) as refusal:
        delete(person)
    assert refusal.value.reasons == ("accounts_kept",)
    clock.shift(timedelta(days=366 * 10))
    delete(person)
    assert db.session().get_one(Person, person.id).name == ""


def test_A48_A49_a_subsidy_that_is_still_to_come_keeps_the_record(database: Any) -> None:
    """The claim is made by the clock, days after the exam: until it has ended there is somebody to be paid."""
    passed = make.make_passed(name="端木长青")
    with pytest.raises(NotAllowedNow) as refusal:
        delete(passed.person)
    assert refusal.value.reasons == ("claim_open",)
    assert db.session().get_one(Person, passed.person_id).name == "端木长青"
    claim = propose(passed.id, PACK, day.today())
    assert claim is not None
    withdraw(passed.id, Actor(ActorKind.PERSON, passed.person_id))
    delete(passed.person)
    assert db.session().get_one(Person, passed.person_id).name == ""


def test_A49_what_is_held_after_the_class_keeps_the_record_and_a_class_paid_by_oneself_does_not(
    database: Any,
) -> None:
    left, pays = make.make_enrolment(), make.make_passed(self_pay=True)
    over = update(Enrolment).where(Enrolment.id == left.id).values(status=EnrolmentStatus.DROPPED_OUT)
    transaction(lambda session: session.execute(over))
    with pytest.raises(NotAllowedNow) as refusal:
        delete(left.person)
    assert refusal.value.reasons == ("claim_open",)
    transaction(lambda session: release(session, left.id))
    for person in (left.person, pays.person):
        delete(person)
        assert db.session().get_one(Person, person.id).own_key() is None


def test_I29_no_claim_is_made_for_a_record_that_was_emptied(database: Any) -> None:
    passed = make.make_passed()

    def emptied(session: Any) -> None:
        empty_record(session, session.get_one(Person, passed.person_id), DESK, "asked")

    transaction(emptied)
    assert propose(passed.id, PACK, day.today()) is None
    assert db.session().scalars(select(Claim)).all() == []


def test_a_live_enrolment_a_hold_and_a_frozen_record_each_stop_it(database: Any) -> None:
    enrolment = make.make_enrolment()
    person = enrolment.person
    transaction(lambda session: place_hold(session, session.get_one(Person, person.id), "audit", DESK))

    def freeze(session: Any) -> None:
        session.get_one(Person, person.id).frozen_at = day.now()

    transaction(freeze)
    with pytest.raises(NotAllowedNow) as refusal:
        delete(person)
    assert refusal.value.reasons == ("enrolment_live", "record_frozen", "legal_hold")
    transaction(lambda session: end_hold(session, session.get_one(Person, person.id), "audit", DESK))
    with pytest.raises(NotAllowedNow, match="no_hold"):
        transaction(lambda session: end_hold(session, session.get_one(Person, person.id), "audit", DESK))


def test_deleting_twice_changes_nothing_more(portal: Flask, registries: Any) -> None:
    with portal.app_context():
        _, person = with_a_life(registries, portal)
        close_matters(person)
        delete(person)
        before = readable()
        delete(person)
        assert readable() == before
        work_off(portal)
        db.session.remove()


def test_records_that_were_merged_go_with_the_one_they_went_into(database: Any) -> None:
    one, other = make.make_person(name="端木长青"), make.make_person(name="端木常青")

    def merge(session: Any) -> None:
        session.get_one(Person, other.id).merged_into = one.id

    transaction(merge)
    delete(one)
    assert "端木" not in readable()


def test_whoever_comes_back_while_the_record_is_being_emptied_gets_a_new_one(
    database: Any, registries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number was found a moment before; the lock is had when the record is empty already."""
    known = somebody()
    registries.know(known)
    old = make.make_person(name=known.name, number=known.number)
    real = records.lock_person

    def emptied_meanwhile(session: Any, person_id: str) -> Person:
        if person_id == old.id:
            empty_record(session, session.get_one(Person, old.id), DESK, "asked")
        return real(session, person_id)

    monkeypatch.setattr(records, "lock_person", emptied_meanwhile)
    number = recognise(known.number, day.today())
    found = transaction(lambda session: records.person_for(session, known, number, "zh"))
    assert found.is_new
    assert (found.person.number, found.person.id == old.id) == (known.number, False)
    assert found.person.own_key() is not None
