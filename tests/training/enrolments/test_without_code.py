"""Received without a code: nobody is known, a seat is held, a person decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.make import PACK, make_class, staff
from tests.training.enrolments.people import enrolled, limits, registered, typed
from training import clock
from training.audit import Actor, ActorKind
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Decision,
    ask_registry,
    lapse_holds,
    pass_identity,
    submit_without_code,
    take,
    take_next,
)
from training.enrolments.queries import enrolment_by_reference
from training.errors import NotEligible
from training.people import operations as people
from training.people.models import Person
from training.policy.queries import load_pack


def received(person: Any, class_id: str) -> Enrolment:
    draft = people.ask_for_code(typed(person, class_id), limits(), "127.0.0.1")
    return submit_without_code(draft, class_id, draft.idempotency_key, load_pack(PACK), clock.today())


def run(class_id: str) -> ClassRun:
    return db.session().get_one(ClassRun, class_id, populate_existing=True)


def verifier(district: str) -> Actor:
    account = staff("verifier", district=district)
    return Actor(ActorKind.STAFF, account.id, account.office, district)


def test_a_seat_is_held_and_nobody_is_known(database: Any, registries: Any) -> None:
    class_run = make_class(seats=30)
    enrolment = received(registered(), class_run.id)
    assert enrolment.status is EnrolmentStatus.RECEIVED
    assert enrolment.held_until is not None
    assert (run(class_run.id).seats_left, run(class_run.id).held_without_code) == (29, 1)
    assert [row.number for row in db.session().scalars(select(Person))] == [None]


def test_a_tenth_of_the_seats_is_held_and_further_ones_wait(database: Any, registries: Any) -> None:
    class_run = make_class(seats=20)
    made = [received(registered(), class_run.id) for _ in range(4)]
    assert [row.status.value for row in made] == ["received", "received", "waiting", "waiting"]
    assert run(class_run.id).seats_left == 18


def test_who_waits_unseen_does_not_stand_before_people_with_a_code(database: Any, registries: Any) -> None:
    class_run = make_class(seats=2)
    received(registered(), class_run.id)
    received(registered(), class_run.id)
    person = registered()
    registries.know(person)
    assert enrolled(registries, person, class_run.id).status is EnrolmentStatus.ENROLLED


def test_one_of_a_number_lives(database: Any, registries: Any) -> None:
    first, second, person = make_class(), make_class(), registered()
    one = received(person, first.id)
    assert received(person, first.id).reference == one.reference
    with pytest.raises(NotEligible) as refusal:
        received(person, second.id)
    assert refusal.value.reasons == ("already_received",)


def test_I28_being_enrolled_already_changes_nothing_for_a_stranger(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered()
    registries.know(person)
    enrolled(registries, person, class_run.id)
    stranger = received(person, class_run.id)
    assert stranger.status is EnrolmentStatus.RECEIVED


def test_the_registry_answers_later_beside_the_case(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered(phone=None)
    registries.know(person)
    enrolment = received(person, class_run.id)
    assert ask_registry(enrolment.id, registries.ports)
    again = db.session().get_one(Enrolment, enrolment.id, populate_existing=True)
    assert again.status is EnrolmentStatus.RECEIVED
    assert again.evidence is not None
    assert again.evidence.outcome == "found"


def test_when_the_days_are_over_the_seat_goes_and_a_place_in_line_comes(
    database: Any, registries: Any
) -> None:
    class_run = make_class(seats=30, starts_on=clock.today() + timedelta(days=40))
    made = [received(registered(), class_run.id) for _ in range(2)]
    assert lapse_holds(load_pack(PACK)) == 0
    with time_machine.travel(clock.real_now() + timedelta(days=12), tick=False):
        assert lapse_holds(load_pack(PACK)) == 2
        assert lapse_holds(load_pack(PACK)) == 0
    rows = [db.session().get_one(Enrolment, row.id, populate_existing=True) for row in made]
    assert [(row.status.value, row.place) for row in rows] == [("waiting", 1), ("waiting", 2)]
    assert (run(class_run.id).seats_left, run(class_run.id).held_without_code) == (30, 0)


def test_a_verifier_takes_it_and_passes_it(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered(phone=None)
    registries.know(person)
    enrolment = received(person, class_run.id)
    ask_registry(enrolment.id, registries.ports)
    actor = verifier(class_run.district)
    taken = take(enrolment.reference, class_run.district, actor)
    assert taken.status is EnrolmentStatus.VERIFYING
    assert run(class_run.id).held_without_code == 0
    passed = pass_identity(
        enrolment.reference, class_run.district, actor, Decision(), load_pack(PACK), clock.today()
    )
    assert passed.status is EnrolmentStatus.ENROLLED
    assert passed.person.number == person.number
    assert run(class_run.id).seats_left == class_run.seats - 1


def test_a_place_in_line_that_passes_gets_the_free_seat(database: Any, registries: Any) -> None:
    class_run = make_class(seats=2)
    people_ = [registered(phone=None) for _ in range(2)]
    registries.know(*people_)
    made = [received(person, class_run.id) for person in people_]
    for row in made:
        ask_registry(row.id, registries.ports)
    assert made[1].status is EnrolmentStatus.WAITING
    actor = verifier(class_run.district)
    decided = pass_identity(
        made[1].reference, class_run.district, actor, Decision(), load_pack(PACK), clock.today()
    )
    assert decided.status is EnrolmentStatus.ENROLLED
    assert (run(class_run.id).seats_left, run(class_run.id).waiting) == (0, 0)


def test_the_queue_gives_the_longest_waiting(database: Any, registries: Any) -> None:
    class_run = make_class()
    first = received(registered(), class_run.id)
    received(registered(), class_run.id)
    taken = take_next(class_run.district, verifier(class_run.district), load_pack(PACK).sharing)
    assert taken is not None
    assert taken.case.reference == first.reference
    assert enrolment_by_reference(db.session(), first.reference).locked_by is not None


def test_the_code_that_comes_after_all_keeps_the_seat_and_ends_what_was_received(
    database: Any, registries: Any
) -> None:
    class_run, person = make_class(seats=30), registered()
    registries.know(person)
    before = received(person, class_run.id)
    after = enrolled(registries, person, class_run.id)
    assert after.status is EnrolmentStatus.ENROLLED
    ended = db.session().get_one(Enrolment, before.id, populate_existing=True)
    assert ended.status is EnrolmentStatus.WITHDRAWN
    assert (run(class_run.id).seats_left, run(class_run.id).held_without_code) == (29, 0)
