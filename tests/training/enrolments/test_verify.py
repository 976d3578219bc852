"""The verifier's desk: locks, four eyes, scope, decisions, the counter's second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.make import PACK, make_class, staff
from tests.training.enrolments.people import enrolled, registered
from training import clock, seals
from training.audit import Actor, ActorKind, AuditEvent, Outcome
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Choice,
    Correction,
    Counter,
    Decision,
    answer_duplicate,
    correct,
    duplicates_of,
    enrol_at_counter,
    pass_identity,
    print_slip,
    put_back,
    refuse_identity,
    renew,
    return_for_correction,
    show_full_number,
    sign_in_with_slip,
    take,
)
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import BadInput, FourEyes, NotAllowedNow, NotEligible, NotThere
from training.limits import Limit
from training.numbers import recognise
from training.people.models import DuplicateAnswer, Group
from training.policy.queries import load_pack

PACK_ = load_pack(PACK)
WIDE = Limit("wide", 10**6, timedelta(hours=1))


def desk(role: str, district: str) -> Actor:
    account = staff(role, district=district)
    return Actor(ActorKind.STAFF, account.id, account.office, district)


def walk_in(registries: Any, actor: Actor, class_id: str, person: Any, **choice: Any) -> Enrolment:
    number = recognise(person.number, clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=3)
    key = choice.pop("key", f"key-{person.number}")
    counter = Counter(number, answer, class_id, Choice(key, **choice))
    return enrol_at_counter(counter, actor, PACK_, clock.today())


@pytest.fixture
def case(database: Any, registries: Any) -> Any:
    """A walk-in's case, made by a counsellor, waiting for a verifier."""
    class_run, person = make_class(seats=5), registered()
    registries.know(person)
    counsellor = desk("counsellor", class_run.district)
    return walk_in(registries, counsellor, class_run.id, person)


def test_a_walk_in_is_always_seen_by_a_second_person(case: Any) -> None:
    assert (case.status, case.flags) == (EnrolmentStatus.VERIFYING, "")


def test_A34_nobody_verifies_what_they_enrolled(case: Any) -> None:
    maker = Actor(ActorKind.STAFF, case.created_by, "", case.district)
    with pytest.raises(FourEyes):
        take(case.reference, case.district, maker)
    with pytest.raises(FourEyes):
        pass_identity(case.reference, case.district, maker, Decision(), PACK_, clock.today())


def test_another_district_is_not_there(case: Any) -> None:
    other = desk("verifier", "500112")
    with pytest.raises(NotThere):
        take(case.reference, "500112", other)


def test_a_case_held_by_one_is_not_for_another_until_the_lock_ends(case: Any) -> None:
    one, two = desk("verifier", case.district), desk("verifier", case.district)
    take(case.reference, case.district, one)
    with pytest.raises(NotAllowedNow):
        take(case.reference, case.district, two)
    with pytest.raises(NotAllowedNow):
        renew(case.reference, case.district, two)
    with time_machine.travel(clock.real_now() + timedelta(minutes=16), tick=False):
        assert take(case.reference, case.district, two).locked_by == two.id


def test_putting_back_lets_another_take_it(case: Any) -> None:
    one, two = desk("verifier", case.district), desk("verifier", case.district)
    take(case.reference, case.district, one)
    put_back(case.reference, case.district, one)
    assert take(case.reference, case.district, two).locked_by == two.id


def test_I17_two_decisions_on_one_version_give_one(case: Any) -> None:
    one, two = desk("verifier", case.district), desk("verifier", case.district)
    seen = Decision(seen_version=case.version)
    pass_identity(case.reference, case.district, one, seen, PACK_, clock.today())
    with pytest.raises(NotAllowedNow):
        pass_identity(case.reference, case.district, two, seen, PACK_, clock.today())
    last = db.session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert last is not None
    assert (last.outcome, last.facts["reasons"]) == (Outcome.REFUSED, ["changed"])
    assert seals.verify(db.session()) == []


def test_refusing_gives_seat_and_entitlement_back(case: Any) -> None:
    actor = desk("verifier", case.district)
    with pytest.raises(BadInput):
        refuse_identity(case.reference, case.district, actor, Decision(), PACK_)
    refused = refuse_identity(case.reference, case.district, actor, Decision(("deceased",)), PACK_)
    assert refused.status is EnrolmentStatus.REFUSED
    assert db.session().get_one(ClassRun, case.class_id, populate_existing=True).seats_left == 5
    rows = db.session().scalars(select(Entitlement).execution_options(populate_existing=True))
    assert [row.state for row in rows] == [EntitlementState.RELEASED]


def test_a_returned_case_is_corrected_only_in_what_was_named(case: Any) -> None:
    actor = desk("verifier", case.district)
    decision = Decision(fields=("name",), note="请按身份证写")
    returned = return_for_correction(case.reference, case.district, actor, decision, PACK_, clock.today())
    assert (returned.status, returned.returned_fields) == (EnrolmentStatus.RETURNED, "name")
    person = Actor(ActorKind.PERSON, case.person_id)
    with pytest.raises(BadInput):
        correct(case.person_id, case.reference, person, Correction(group=Group.MIGRANT))
    corrected = correct(
        case.person_id, case.reference, person, Correction(name="周小曼", group=Group.MIGRANT)
    )
    assert (corrected.status, corrected.name_typed, corrected.group) == (
        EnrolmentStatus.VERIFYING,
        "周小曼",
        case.group,
    )
    assert corrected.flags == "name_differs"
    with pytest.raises(NotAllowedNow):
        correct(case.person_id, case.reference, person, Correction(name="周小满"))


def test_the_full_number_needs_a_reason_and_leaves_a_trace(case: Any) -> None:
    actor = desk("verifier", case.district)
    with pytest.raises(BadInput):
        show_full_number(case.reference, case.district, actor, " ")
    assert show_full_number(case.reference, case.district, actor, "姓名相近，核对号码") == case.person.number
    seen = db.session().scalars(select(AuditEvent).where(AuditEvent.name == "full_number_seen")).one()
    assert (seen.subject, seen.actor_id) == (case.person_id, actor.id)


def test_A26_a_possible_duplicate_is_answered_before_it_passes(database: Any, registries: Any) -> None:
    class_run, one = make_class(), registered()
    two = registered(name=one.name, birth_on=one.birth_on)
    registries.know(one, two)
    enrolled(registries, one, class_run.id)
    second = enrolled(registries, two, class_run.id)
    assert second.status is EnrolmentStatus.VERIFYING
    assert "possible_duplicate" in second.flags
    actor = desk("verifier", class_run.district)
    take(second.reference, class_run.district, actor)
    with pytest.raises(NotAllowedNow):
        pass_identity(second.reference, class_run.district, actor, Decision(), PACK_, clock.today())
    row = duplicates_of(db.session(), second.person_id)[0]
    answer_duplicate(row.id, DuplicateAnswer.DIFFERENT, second.reference, class_run.district, actor)
    done = pass_identity(second.reference, class_run.district, actor, Decision(), PACK_, clock.today())
    assert done.status is EnrolmentStatus.ENROLLED


def test_a_phone_of_staff_is_not_a_clients(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered()
    registries.know(person)
    counsellor = desk("counsellor", class_run.district)
    staff("verifier", phone=str(person.phone))
    with pytest.raises(NotEligible) as refusal:
        walk_in(registries, counsellor, class_run.id, person)
    assert refusal.value.reasons == ("staff_phone",)


def test_the_slip_joins_the_record_once_and_a_wrong_number_does_not_use_it_up(
    case: Any, registries: Any
) -> None:
    maker = Actor(ActorKind.STAFF, case.created_by, "", case.district)
    old, code = (print_slip(case.id, maker, load_pack(PACK)).code for _ in range(2))
    number = recognise(case.person.number, clock.today())
    wrong = recognise(registered().number, clock.today())
    for tried, by in ((old, number), (code, wrong)):
        with pytest.raises(BadInput):
            sign_in_with_slip(by, tried, "browser", "127.0.0.1", WIDE)
    row = sign_in_with_slip(number, code.lower(), "browser", "127.0.0.1", WIDE)
    assert row.person_id == case.person_id
    with pytest.raises(BadInput):
        sign_in_with_slip(number, code, "another", "127.0.0.1", WIDE)


@pytest.mark.parametrize("mode", ["down", "garbage"])
def test_a_dead_registry_does_not_stop_the_counter(database: Any, registries: Any, mode: str) -> None:
    class_run, person = make_class(), registered()
    registries.know(person)
    registries.misbehave(mode, "social-card")
    counsellor = desk("counsellor", class_run.district)
    number = recognise(person.number, clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=0.5)
    counter = Counter(number, answer, class_run.id, Choice("k"), person.name, person.birth_on)
    made = enrol_at_counter(counter, counsellor, PACK_, clock.today())
    assert (made.status, made.flags) == (EnrolmentStatus.VERIFYING, "registry_unreachable")


def test_not_in_the_register_is_typed_by_hand(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered()
    counsellor = desk("counsellor", class_run.district)
    number = recognise(person.number, clock.today())
    answer = registries.ports.social_card.look_up(number, timeout_s=1)
    counter = Counter(number, answer, class_run.id, Choice("k", Group.MIGRANT), person.name, person.birth_on)
    made = enrol_at_counter(counter, counsellor, PACK_, clock.today())
    assert set(made.flags.split()) >= {"not_found", "entered_by_hand"}
    assert made.group is Group.MIGRANT
