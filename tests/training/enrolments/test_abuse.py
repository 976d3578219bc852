"""What somebody tries who wants a seat, a subsidy or a record that is not theirs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from tests.make import PACK, make_class, make_course, staff
from tests.training.enrolments.people import enrolled, limits, proved, registered, sent_code, typed
from tests.training.enrolments.test_races import at_once
from training import clock, seals
from training.audit import Actor, ActorKind
from training.courses.models import ClassRun, ClassSession
from training.database import Model, db, new_id, transaction
from training.enrolments.lifecycle import FINAL, LIVE, NEXT, Action, EnrolmentStatus, next_status
from training.enrolments.models import Enrolment, GroupSource
from training.enrolments.operations import (
    Choice,
    Correction,
    Counter,
    Decision,
    ask_registry,
    correct,
    correct_at_counter,
    enrol_at_counter,
    forget_answers,
    lapse_corrections,
    pass_identity,
    print_slip,
    return_for_correction,
    submit_without_code,
    take,
    withdraw,
)
from training.entitlements.models import Entitlement, EntitlementState, EntitlementYear
from training.errors import FourEyes, NotAllowedNow, NotEligible
from training.numbers import recognise
from training.people import operations as people
from training.people.models import Evidence, Group, Person
from training.policy.queries import load_pack

PACK_ = load_pack(PACK)


def desk(role: str, district: str) -> Actor:
    account = staff(role, district=district)
    return Actor(ActorKind.STAFF, account.id, account.office, district)


def received(person: Any, class_id: str, number: str | None = None) -> Enrolment:
    told = {"number": number} if number else {}
    draft = people.ask_for_code(typed(person, class_id, **told), limits(), "127.0.0.1")
    return submit_without_code(draft, class_id, draft.idempotency_key, PACK_, clock.today())


def walk_in(
    registries: Any, actor: Actor, class_id: str, person: Any, number: str = "", **choice: Any
) -> Any:
    typed_number = recognise(number or person.number, clock.today())
    answer = registries.ports.social_card.look_up(typed_number, timeout_s=0.5)
    key = choice.pop("key", new_id())
    counter = Counter(typed_number, answer, class_id, Choice(key, **choice), person.name, person.birth_on)
    return enrol_at_counter(counter, actor, PACK_, clock.today())


def passed(enrolment: Enrolment, actor: Actor) -> Enrolment:
    return pass_identity(enrolment.reference, enrolment.district, actor, Decision(), PACK_, clock.today())


def leave(enrolment: Enrolment) -> None:
    actor = Actor(ActorKind.PERSON, enrolment.person_id)
    withdraw(enrolment.person_id, enrolment.reference, actor, PACK_, clock.today())


def run(class_id: str) -> ClassRun:
    return db.session().get_one(ClassRun, class_id, populate_existing=True)


def row(enrolment: Enrolment) -> Enrolment:
    return db.session().get_one(Enrolment, enrolment.id, populate_existing=True)


def test_A39_paying_oneself_does_not_stand_in_for_a_group(database: Any, registries: Any) -> None:
    subsidised, payers, person = make_class(), make_class(open_to_self_payers=True), registered(groups=())
    registries.know(person)
    with pytest.raises(NotEligible) as refusal:
        enrolled(registries, person, subsidised.id, self_pay=True)
    assert "group_not_eligible" in refusal.value.reasons
    assert enrolled(registries, person, payers.id, self_pay=True).self_pay
    assert db.session().scalars(select(Entitlement)).all() == []


def test_A39_paying_oneself_hides_no_flag_of_a_subsidised_seat(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered(groups=())
    registries.know(person)
    made = enrolled(registries, person, class_run.id, declared=Group.UNEMPLOYED, self_pay=True)
    assert (made.status, made.group_source) == (EnrolmentStatus.VERIFYING, GroupSource.DECLARED)
    assert "group_unproven" in made.flags.split()


def test_a_seat_that_comes_free_is_not_stopped_by_what_the_first_in_line_has_had(
    database: Any, registries: Any
) -> None:
    """Held last year, in line for the same trade this year: the seat goes on, and nobody's leaving fails."""
    december = datetime(2026, 12, 15, 10, 0, tzinfo=clock.SHANGHAI)
    inside, waits, third = registered(), registered(), registered()
    registries.know(inside, waits, third)
    with time_machine.travel(december) as time:
        course = make_course()
        first = make_class(course=course, seats=1, starts_on=date(2027, 1, 25))
        other = make_class(course=course, seats=3, starts_on=date(2027, 3, 1))
        seated = enrolled(registries, inside, first.id)
        in_line = enrolled(registries, waits, first.id)
        enrolled(registries, waits, other.id)
        time.shift(timedelta(days=25))
        behind = enrolled(registries, third, first.id)
        leave(seated)
    assert (row(in_line).status, row(in_line).reasons) == (
        EnrolmentStatus.REFUSED,
        ["already_paid_same_level"],
    )
    assert row(behind).status is EnrolmentStatus.OFFERED
    assert (run(first.id).seats_left, run(first.id).waiting) == (0, 0)


def test_a_place_in_line_does_not_lead_to_two_classes_at_one_time(database: Any, registries: Any) -> None:
    first, other = make_class(seats=1), make_class(seats=3)
    begins = clock.now() + timedelta(days=10)
    lessons = [
        ClassSession(class_id=class_run.id, starts_at=begins, ends_at=begins + timedelta(hours=3))
        for class_run in (first, other)
    ]
    transaction(lambda session: session.add_all(lessons))
    inside, waits = registered(), registered()
    registries.know(inside, waits)
    seated = enrolled(registries, inside, first.id)
    in_line = enrolled(registries, waits, first.id)
    enrolled(registries, waits, other.id)
    leave(seated)
    assert row(in_line).status is EnrolmentStatus.REFUSED
    assert "overlapping_class" in row(in_line).reasons


def test_I25_a_number_the_register_does_not_know_is_one_person_too(database: Any, registries: Any) -> None:
    class_run, person = make_class(seats=40), registered()
    verifier = desk("verifier", class_run.district)
    one = received(person, class_run.id)
    ask_registry(one.id, registries.ports)
    take(one.reference, class_run.district, verifier)
    passed(one, verifier)
    two = received(person, class_run.id)
    ask_registry(two.id, registries.ports)
    take(two.reference, class_run.district, verifier)
    with pytest.raises((NotAllowedNow, NotEligible)) as refusal:
        passed(two, verifier)
    assert "already_in_class" in refusal.value.reasons
    assert _people_with(person.number) == 1


def test_I25_a_person_in_a_class_does_not_get_a_second_seat_by_a_record_nobody_proved(
    database: Any, registries: Any
) -> None:
    class_run, person = make_class(seats=40), registered()
    registries.know(person)
    verifier = desk("verifier", class_run.district)
    enrolled(registries, person, class_run.id)
    stranger = received(person, class_run.id)
    ask_registry(stranger.id, registries.ports)
    take(stranger.reference, class_run.district, verifier)
    with pytest.raises((NotAllowedNow, NotEligible)) as refusal:
        passed(stranger, verifier)
    assert "already_in_class" in refusal.value.reasons


def test_A27_a_card_typed_while_the_register_is_silent_brings_no_second_subsidy(
    database: Any, registries: Any
) -> None:
    first, second = make_class(), make_class(starts_on=clock.today() + timedelta(days=90))
    person = registered()
    registries.know(person)
    enrolled(registries, person, first.id)
    counsellor, verifier = desk("counsellor", second.district), desk("verifier", second.district)
    registries.misbehave("down", "social-card")
    made = walk_in(registries, counsellor, second.id, person, person.cards[0].number)
    registries.misbehave("none", "social-card")
    assert made.flags == "registry_unreachable"
    ask_registry(made.id, registries.ports)
    take(made.reference, second.district, verifier)
    with pytest.raises(NotEligible) as refusal:
        passed(made, verifier)
    assert "cap_reached" in refusal.value.reasons
    held = select(func.count()).select_from(Entitlement).where(Entitlement.state == EntitlementState.HELD)
    assert db.session().scalar(held) == 1
    assert sum(db.session().scalars(select(EntitlementYear.held))) == 1


def test_a_case_without_a_code_is_judged_before_it_passes(database: Any, registries: Any) -> None:
    class_run, person = make_class(seats=40), registered(death_on=date(2025, 1, 1))
    registries.know(person)
    verifier = desk("verifier", class_run.district)
    made = received(person, class_run.id)
    ask_registry(made.id, registries.ports)
    with pytest.raises(NotEligible) as refusal:
        passed(made, verifier)
    assert "deceased" in refusal.value.reasons
    assert row(made).status is EnrolmentStatus.RECEIVED


def test_I18_the_key_of_one_walk_in_is_not_the_receipt_of_another(database: Any, registries: Any) -> None:
    class_run, one, two = make_class(), registered(), registered()
    registries.know(one, two)
    counsellor = desk("counsellor", class_run.district)
    first = walk_in(registries, counsellor, class_run.id, one, key="the-same-form")
    for known in (False, True):
        if known:
            enrolled(registries, two, make_class(starts_on=clock.today() + timedelta(days=200)).id)
        with pytest.raises(NotAllowedNow) as refusal:
            walk_in(registries, counsellor, class_run.id, two, key="the-same-form")
        assert refusal.value.reasons == ("changed",)
    assert row(first).reference == first.reference


def test_one_of_a_number_waits_even_when_many_hand_it_in_at_once(database: Any, registries: Any) -> None:
    classes = [make_class(seats=1) for _ in range(6)]
    for class_run in classes:
        received(registered(), class_run.id)
    person = registered()
    drafts = [
        (people.ask_for_code(typed(person, one.id), limits(), "127.0.0.1"), one.id)
        for one in classes
        for _ in "ab"
    ]

    def go(item: Any) -> str:
        draft, class_id = item
        return submit_without_code(draft, class_id, draft.idempotency_key, PACK_, clock.today()).reference

    at_once(go, drafts, 12)
    live = select(Enrolment).where(Enrolment.typed_index == people_index(person), Enrolment.status.in_(LIVE))
    assert len(db.session().scalars(live).all()) == 1


def people_index(person: Any) -> str:
    from training.enrolments.queries import typed_index

    return typed_index(person.number)


def _people_with(number: str) -> int:
    index = Person.number.index_of(number)
    return (
        db.session().scalar(select(func.count()).select_from(Person).where(Person.number_index == index)) or 0
    )


def test_a_case_that_is_not_corrected_in_time_ends_and_its_seat_goes_on(
    database: Any, registries: Any
) -> None:
    class_run = make_class(seats=1, starts_on=clock.today() + timedelta(days=60))
    silent, next_one = registered(), registered()
    registries.know(silent, next_one)
    made = walk_in(registries, desk("counsellor", class_run.district), class_run.id, silent)
    behind = enrolled(registries, next_one, class_run.id)
    asked, verifier = Decision(fields=("name",)), desk("verifier", class_run.district)
    return_for_correction(made.reference, class_run.district, verifier, asked, PACK_, clock.today())
    assert lapse_corrections(PACK_) == 0
    with time_machine.travel(clock.real_now() + timedelta(days=30)):
        assert lapse_corrections(PACK_) == 1
        assert lapse_corrections(PACK_) == 0
    assert (row(made).status, row(behind).status) == (EnrolmentStatus.EXPIRED, EnrolmentStatus.OFFERED)
    held = select(Entitlement.person_id).where(Entitlement.state == EntitlementState.HELD)
    assert db.session().scalars(held).all() == []
    assert seals.verify(db.session()) == []


def test_A66_a_stolen_database_shows_no_number_phone_birth_or_code(database: Any, registries: Any) -> None:
    class_run, person, unseen = make_class(), registered(), registered(phone=None)
    registries.know(person, unseen)
    enrolled(registries, person, class_run.id)
    code = sent_code()
    counsellor = desk("counsellor", class_run.district)
    at_desk = registered()
    registries.know(at_desk)
    case = walk_in(registries, counsellor, class_run.id, at_desk)
    slip = print_slip(case.id, counsellor, load_pack(PACK)).code
    ask_registry(received(unseen, class_run.id).id, registries.ports)
    everything = "\n".join(_cells())
    secrets = [code, slip, str(person.phone), str(at_desk.phone)]
    secrets += [one.number for one in (person, at_desk, unseen)]
    secrets += [card.number for one in (person, at_desk) for card in one.cards]
    secrets += [person.birth_on.isoformat(), f"{person.birth_on:%Y%m%d}"]
    assert [one for one in secrets if one in everything] == []
    assert person.name in everything  # names stand in clear: staff must search them


def _cells() -> list[str]:
    session = db.session()
    rows = (row for table in Model.metadata.sorted_tables for row in session.execute(select(table)))
    return [str(cell) for row in rows for cell in row]


def test_I13_only_the_edges_of_the_graph_and_the_end_is_the_end() -> None:
    for status in EnrolmentStatus:
        for action in Action:
            if (status, action) in NEXT:
                assert next_status(status, action) is NEXT[status, action]
            else:
                with pytest.raises(NotAllowedNow):
                    next_status(status, action)
    assert set(EnrolmentStatus) == LIVE | FINAL
    assert not LIVE & FINAL
    left = {(status, action) for status, action in NEXT if status in FINAL}
    appealed = {(EnrolmentStatus.REFUSED, action) for action in (Action.REOPEN, Action.REOPEN_IN_LINE)}
    assert left == appealed, "only an appeal leads back (docs/decisions/0006)"


def test_I19_two_people_in_either_order_end_alike(database: Any, registries: Any) -> None:
    """Who has a seat does not depend on who leaves first."""
    ended = []
    for order in ((0, 1), (1, 0)):
        class_run = make_class(seats=3)
        crowd = [registered() for _ in range(5)]
        registries.know(*crowd)
        made = [enrolled(registries, person, class_run.id) for person in crowd]
        for which in order:
            leave(made[which])
        now = run(class_run.id)
        ended.append(([row(one).status.value for one in made], now.seats_left, now.waiting))
    assert ended[0] == ended[1]
    assert ended[0][0] == ["withdrawn", "withdrawn", "enrolled", "offered", "offered"]


def test_A34_nobody_verifies_what_they_corrected_at_the_counter(database: Any, registries: Any) -> None:
    class_run, person = make_class(), registered(groups=())
    registries.know(person)
    made = enrolled(registries, person, class_run.id, declared=Group.MIGRANT)
    both = desk("counsellor", class_run.district)
    asked = Decision(fields=("group",))
    return_for_correction(
        made.reference, class_run.district, desk("verifier", class_run.district), asked, PACK_, clock.today()
    )
    correct_at_counter(made.id, both, Correction(group=Group.UNEMPLOYED))
    with pytest.raises(FourEyes):
        passed(made, both)


def test_A26_a_number_corrected_to_anothers_is_asked_about_and_does_not_carry_the_case_over(
    database: Any, registries: Any
) -> None:
    class_run, person, other = make_class(), registered(groups=()), registered()
    registries.know(person, other)
    made = enrolled(registries, person, class_run.id, declared=Group.MIGRANT)
    verifier, asked = desk("verifier", class_run.district), Decision(fields=("number",))
    return_for_correction(made.reference, class_run.district, verifier, asked, PACK_, clock.today())
    theirs = Correction(number=recognise(other.number, clock.today()))
    actor = Actor(ActorKind.PERSON, made.person_id)
    corrected = correct(made.person_id, made.reference, actor, theirs)
    assert "registry_unreachable" in corrected.flags.split()
    ask_registry(made.id, registries.ports)
    taken = take(made.reference, class_run.district, verifier)
    assert taken.person_id == made.person_id
    assert "name_differs" in taken.flags.split()


def test_what_the_register_said_goes_where_no_case_was_made(database: Any, registries: Any) -> None:
    class_run, person, stranger = make_class(), registered(), registered()
    registries.know(person, stranger)
    enrolled(registries, person, class_run.id)
    proved(registries, stranger, class_run.id)
    assert db.session().scalar(select(func.count()).select_from(Evidence)) == 2
    with time_machine.travel(clock.real_now() + timedelta(minutes=61)):
        transaction(people.forget_drafts)
        transaction(forget_answers)
    (left,) = db.session().scalars(select(Evidence)).all()
    assert str(person.name) in str(left.answer)
