"""Two clerks, or a clerk and an enrolment, at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from tests.make import PACK, make_class
from tests.training.enrolments.people import number_of
from tests.training.identities.records import (
    BORN,
    DIFFERENT,
    HERE,
    SAME,
    again,
    at_counter,
    by_hand,
    by_register,
    clerk,
    pairs,
)
from training import clock
from training.audit import AuditEvent, EventName
from training.database import db, new_id, transaction
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, Counter, enrol_at_counter
from training.entitlements.operations import release
from training.errors import NotAllowedNow, NotEligible
from training.identities import operations
from training.identities.operations import Verdict
from training.identities.queries import current_person
from training.numbers import recognise
from training.people.models import DuplicateAnswer, Group, Person
from training.people.operations import open_pairs
from training.policy.queries import load_pack
from training.ports import RegistryAnswer
from training.seals import verify

pytestmark = pytest.mark.usefixtures("database")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the codes with which it was refused; all begin together, each with a session."""
    app, gate = current_app._get_current_object(), Barrier(len(acts))  # type: ignore[attr-defined]
    db.session.remove()

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            try:
                gate.wait()
                return act() or "done"
            except (NotAllowedNow, NotEligible) as refusal:
                return tuple(refusal.reasons)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def deciding(answer: DuplicateAnswer, pair_id: str, name: str) -> Callable[[], Any]:
    def act() -> Any:
        kept = operations.decide(pair_id, HERE, clerk(name), Verdict(answer), load_pack(PACK))
        return kept.id if kept else "told"

    return act


def enrolling(number: str, class_id: str) -> Callable[[], str]:
    """A counter enrolment for the record with this number."""

    def act() -> str:
        answer = RegistryAnswer("not_found", None, clock.now())
        choice = Choice(new_id(), Group.MIGRANT)
        typed = recognise(number, clock.today())
        counter = Counter(typed, answer, class_id, choice, "周小满", BORN)
        return enrol_at_counter(counter, clerk("counsellor"), load_pack(PACK), clock.today()).id

    return act


def free(case: Enrolment) -> Enrolment:
    transaction(lambda session: release(session, case.id))
    return case


def owners() -> set[str]:
    """The records that enrolments hang on."""
    return set(db.session().scalars(select(Enrolment.person_id)))


@pytest.mark.parametrize("second", [SAME, DIFFERENT])
def test_of_two_clerks_one_decides(registries: Any, second: DuplicateAnswer) -> None:
    by_hand()
    by_register(registries)
    pair = pairs()[0].id
    found = at_once(deciding(SAME, pair, "one"), deciding(second, pair, "two"))
    assert sorted(one == ("already_decided",) for one in found) == [False, True]
    merged = select(AuditEvent).where(AuditEvent.name == EventName.RECORDS_MERGED)
    answered = select(AuditEvent).where(AuditEvent.name == EventName.DUPLICATE_ANSWERED)
    acts = {event.facts.get("act") for event in db.session().scalars(merged)} - {None}
    done = [row for row in db.session().scalars(answered) if row.outcome == "done"]
    assert len(acts) + len(done) // 2 == 1
    assert verify(db.session()) == []


def test_an_enrolment_written_at_that_moment_is_not_left_behind(registries: Any) -> None:
    """Whoever comes first: afterwards no live enrolment hangs on a record that is no longer one."""
    by_register(registries)
    old = free(at_counter())
    number, pair, other = old.number or "", pairs()[0].id, make_class().id
    at_once(deciding(SAME, pair, "one"), enrolling(number, other))
    db.session().expire_all()
    gone = set(db.session().scalars(select(Person.id).where(Person.merged_into.is_not(None))))
    assert not owners() & gone
    assert verify(db.session()) == []


def test_merging_a_into_b_and_b_into_a_ends_in_one_record(registries: Any) -> None:
    """Three records, two pairs, two clerks: no circle, whatever comes first."""
    ids = [by_hand().id for _ in range(3)]
    free(at_counter())
    two = [pair.id for pair in pairs()][:2]

    def only(pair: str, name: str) -> Callable[[], Any]:
        verdict = Verdict(SAME, only=pair)
        return lambda: operations.decide(pair, HERE, clerk(name), verdict, load_pack(PACK))

    at_once(only(two[0], "one"), only(two[1], "two"), only(two[0], "three"))
    for one in ids:
        assert current_person(db.session(), one).merged_into is None
    assert {again(one).merged_into for one in ids} - set(ids) <= {None}


def test_a_newcomer_raised_against_a_record_that_is_being_merged_is_asked_about(registries: Any) -> None:
    """Whoever comes first, the clerk is asked whether the newcomer is the one who stays."""
    by_register(registries)
    free(at_counter())
    pair, newcomer = pairs()[0].id, number_of(BORN)
    found = at_once(deciding(SAME, pair, "one"), enrolling(newcomer, make_class().id))
    assert found[0] != ("already_decided",)
    db.session().expire_all()
    who = Person.number_index == Person.number.index_of(newcomer)
    person = db.session().scalars(select(Person).where(who)).first()
    if person is not None:  # its number is free again where it was merged as well
        asked = [row for row in open_pairs(db.session(), person.id) if row.answer is not SAME]
        assert asked
    assert verify(db.session()) == []
