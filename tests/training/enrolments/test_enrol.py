"""Getting into a class by phone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import PACK, make_class
from tests.training.enrolments.people import enrolled, proved, registered
from training import clock, seals
from training.audit import AuditEvent
from training.courses.models import ClassRun
from training.database import db
from training.enrolments.lifecycle import EnrolmentStatus
from training.enrolments.models import Enrolment
from training.enrolments.operations import Choice, enrol, withdraw
from training.entitlements.models import Entitlement, EntitlementState
from training.errors import NotEligible
from training.people.models import Group
from training.policy.queries import load_pack
from training.ports import Employment, Period


def seats_left(class_id: str) -> int:
    return db.session().get_one(ClassRun, class_id, populate_existing=True).seats_left


@pytest.fixture
def person(database: Any, registries: Any) -> Any:
    someone = registered()
    registries.know(someone)
    return someone


def test_when_everything_agrees_the_person_is_enrolled_at_once(registries: Any, person: Any) -> None:
    class_run = make_class(seats=30)
    enrolment = enrolled(registries, person, class_run.id)
    assert (enrolment.status, enrolment.flags, enrolment.group) == ("enrolled", "", "unemployed")
    assert seats_left(class_run.id) == 29
    held = db.session().scalars(select(Entitlement)).one()
    assert held.state is EntitlementState.HELD
    assert seals.verify(db.session()) == []


def test_A29_the_same_key_leads_to_the_same_enrolment(registries: Any, person: Any) -> None:
    class_run = make_class()
    draft = proved(registries, person, class_run.id)
    choice = Choice(draft.idempotency_key)
    first = enrol(draft, class_run.id, choice, load_pack(PACK), clock.today())
    again = enrol(draft, class_run.id, choice, load_pack(PACK), clock.today())
    assert first.reference == again.reference
    assert seats_left(class_run.id) == class_run.seats - 1


def test_a_new_key_for_the_same_class_is_already_in_class(registries: Any, person: Any) -> None:
    class_run = make_class()
    first = enrolled(registries, person, class_run.id)
    with pytest.raises(NotEligible) as refusal:
        enrolled(registries, person, class_run.id, key="another")
    assert "already_in_class" in refusal.value.reasons
    assert refusal.value.reference == first.reference


def test_a_full_class_gives_a_place_in_line_in_order(registries: Any, database: Any) -> None:
    class_run = make_class(seats=1)
    people = [registered() for _ in range(3)]
    registries.know(*people)
    made = [enrolled(registries, someone, class_run.id) for someone in people]
    assert [row.status.value for row in made] == ["enrolled", "waiting", "waiting"]
    assert [row.place for row in made] == [None, 1, 2]


def test_I21_a_freed_seat_is_for_the_first_in_line(registries: Any, database: Any) -> None:
    class_run = make_class(seats=1)
    people = [registered() for _ in range(3)]
    registries.know(*people)
    first, second, third = [enrolled(registries, someone, class_run.id) for someone in people]
    from training.audit import Actor, ActorKind

    withdraw(
        first.person_id,
        first.reference,
        Actor(ActorKind.PERSON, first.person_id),
        load_pack(PACK),
        clock.today(),
    )
    now = {
        row.id: row.status.value
        for row in db.session().scalars(select(Enrolment).execution_options(populate_existing=True))
    }
    assert (now[first.id], now[second.id], now[third.id]) == ("withdrawn", "offered", "waiting")
    assert seats_left(class_run.id) == 0
    states = [
        row.state.value for row in db.session().scalars(select(Entitlement).order_by(Entitlement.changed_at))
    ]
    assert sorted(states) == ["released"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birth_on": date(2011, 1, 1)}, "under_age"),
        ({"pension_from": date(2020, 1, 1)}, "draws_pension"),
        ({"full_time_study": (Period(date(2024, 9, 1)),)}, "full_time_student"),
        ({"death_on": date(2025, 1, 1)}, "deceased"),
    ],
)
def test_who_may_not_have_it_is_refused_with_the_reason_and_nothing_changes(
    registries: Any, database: Any, changes: dict[str, Any], reason: str
) -> None:
    class_run = make_class()
    someone = registered(**changes)
    registries.know(someone)
    with pytest.raises(NotEligible) as refusal:
        enrolled(registries, someone, class_run.id)
    assert reason in refusal.value.reasons
    assert seats_left(class_run.id) == class_run.seats
    assert db.session().scalars(select(Enrolment)).all() == []


def test_a_group_without_evidence_must_be_declared_and_is_looked_at(registries: Any, database: Any) -> None:
    class_run = make_class()
    someone = registered(groups=(), employed=(Employment("91500000000000000X", date(2024, 1, 1)),))
    registries.know(someone)
    with pytest.raises(NotEligible):
        enrolled(registries, someone, class_run.id)
    enrolment = enrolled(registries, someone, class_run.id, declared=Group.UNEMPLOYED)
    assert enrolment.status is EnrolmentStatus.VERIFYING
    assert "employed" in enrolment.flags.split()
    assert enrolment.group_source == "declared"


def test_a_second_class_of_the_year_meets_the_cap(registries: Any, person: Any) -> None:
    today = clock.today()
    first, second = make_class(), make_class(starts_on=today + timedelta(days=60))
    enrolled(registries, person, first.id)
    with pytest.raises(NotEligible) as refusal:
        enrolled(registries, person, second.id)
    assert "cap_reached" in refusal.value.reasons


def test_who_pays_oneself_needs_no_entitlement(registries: Any, person: Any) -> None:
    today = clock.today()
    first, second = make_class(), make_class(starts_on=today + timedelta(days=60), open_to_self_payers=True)
    enrolled(registries, person, first.id)
    paid = enrolled(registries, person, second.id, self_pay=True)
    assert (paid.status, paid.self_pay) == (EnrolmentStatus.ENROLLED, True)


def test_enrolling_a_first_time_person_takes_at_most_16_statements(
    registries: Any, person: Any, statements: Any
) -> None:
    class_run = make_class()
    draft = proved(registries, person, class_run.id)
    db.session.remove()
    pack, today, choice = load_pack(PACK), clock.today(), Choice("key")
    with statements() as seen:
        enrol(draft, class_run.id, choice, pack, today)
    assert len(seen) <= 16, "\n".join(f"{n}: {sql[:90]}" for n, sql in enumerate(seen, 1))


def test_I31_one_event_per_subject_stands_in_the_same_transaction(registries: Any, person: Any) -> None:
    enrolment = enrolled(registries, person, make_class().id)
    events = db.session().scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    about = [
        (row.kind.value, row.subject, row.n)
        for row in events
        if row.subject in (enrolment.id, enrolment.person_id)
    ]
    assert ("enrolment", enrolment.id, 1) in about
    assert ("person", enrolment.person_id, 1) in about
