"""From one class to another of the same course, and a class that is not held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.make import PACK, make_class, make_course
from tests.training.enrolments.people import again, enrolled, link_code, registered
from tests.training.enrolments.test_offers import DESK, freeze, held, names, run_of, statuses
from tests.training.enrolments.test_without_code import received, verifier
from training import clock as clocks
from training import seals
from training.audit import Actor, ActorKind, AuditEvent, Outcome
from training.courses.models import ClassRun, ClassStatus
from training.database import db
from training.enrolments.models import Enrolment
from training.enrolments.operations import (
    Answer,
    Change,
    answer_by_link,
    cancel_class,
    change_class,
    pass_on_offers,
    seats,
    take,
)
from training.entitlements.models import Entitlement
from training.errors import BadInput, Gone, NotAllowedNow, NotEligible, NotThere
from training.outbox import Errand, OutboxRow
from training.policy.queries import load_pack

PACK_ = load_pack(PACK)
pytestmark = pytest.mark.usefixtures("clock")


def course_with(*seats: int, first: int = 10, **changes: Any) -> list[ClassRun]:
    """Classes of one course, a month apart, with so many seats each."""
    course = make_course()
    today = clocks.today()
    return [
        make_class(course=course, seats=n, starts_on=today + timedelta(days=first + 30 * place), **changes)
        for place, n in enumerate(seats)
    ]


def crowd(registries: Any, run: ClassRun, n: int, clock: Any = None) -> list[Enrolment]:
    people = [registered() for _ in range(n)]
    registries.know(*people)
    made = []
    for person in people:
        made.append(enrolled(registries, person, run.id))
        if clock is not None:
            clock.shift(timedelta(minutes=1))
    return made


def change(row: Enrolment, to: ClassRun) -> Enrolment:
    asked = Change(row.reference, to.id, row.person_id)
    return change_class(asked, Actor(ActorKind.PERSON, row.person_id), PACK_)


def counts(run: ClassRun) -> tuple[int, int]:
    row = db.session().get_one(ClassRun, run.id, populate_existing=True)
    return row.seats_left, row.waiting


def messages() -> list[str]:
    rows = db.session().scalars(select(OutboxRow).where(OutboxRow.errand == Errand.SEND_MESSAGE))
    return sorted(row.payload["message"] for row in rows)


def test_I21_who_holds_a_seat_takes_the_new_one_and_frees_the_old(database: Any, registries: Any) -> None:
    first, second = course_with(1, 2)
    seated, waits = crowd(registries, first, 2)
    moved = change(seated, second)
    assert (moved.class_id, moved.reference, moved.status.value) == (second.id, seated.reference, "enrolled")
    assert statuses(waits) == ["offered"], "the seat left behind is offered"
    assert (counts(first), counts(second)) == ((0, 0), (1, 0))
    assert held(moved) == 1, "the entitlement goes along"
    assert names(moved)[-1] == "class_changed"
    assert again(moved)[0].moved_from == first.id


def test_a_seat_is_not_given_up_for_a_full_class(database: Any, registries: Any) -> None:
    first, second = course_with(2, 1)
    [seated] = crowd(registries, first, 1)
    crowd(registries, second, 1)
    with pytest.raises(NotAllowedNow) as refusal:
        change(seated, second)
    assert refusal.value.reasons == ("no_seat_there",)
    assert again(seated)[0].class_id == first.id
    assert (counts(first), counts(second)) == ((1, 0), (0, 0))
    assert names(seated, Outcome.REFUSED) == ["class_changed"]


def test_I21_who_stands_in_line_goes_to_the_end_of_the_other_and_passes_nobody(
    database: Any, registries: Any
) -> None:
    first, second = course_with(1, 1)
    early = crowd(registries, first, 2)[1]
    late = crowd(registries, second, 2)[1]
    moved = change(early, second)
    assert moved.status.value == "waiting"
    [stays] = again(late)
    assert stays.place is not None
    assert moved.place is not None
    assert stays.place < moved.place, "who stood there first is first, whoever came to us earlier"
    assert (counts(first), counts(second)) == ((0, 0), (0, 2))


def test_who_stands_in_line_takes_a_seat_that_is_free_there(database: Any, registries: Any) -> None:
    first, second = course_with(1, 3)
    waits = crowd(registries, first, 2)[1]
    moved = change(waits, second)
    assert (moved.status.value, held(moved)) == ("enrolled", 1)
    assert (counts(first), counts(second)) == ((0, 0), (2, 0))


def test_what_is_held_goes_along_to_another_district(database: Any, registries: Any) -> None:
    course = make_course()
    here = make_class(course=course, seats=2)
    there = make_class(course=course, seats=2, district="500106")
    [seated] = crowd(registries, here, 1)
    moved = change(seated, there)
    assert moved.district == "500106"
    rows = db.session().scalars(select(Entitlement).where(Entitlement.enrolment_id == moved.id)).all()
    assert [(row.district, row.state.value) for row in rows] == [("500106", "held")]


def test_what_cannot_be_changed_says_why_and_changes_nothing(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second = course_with(1, 2)
    other, (seated, waits) = make_class(), crowd(registries, first, 2)
    stranger = Change(seated.reference, second.id, waits.person_id)
    with pytest.raises(NotThere):
        change_class(stranger, Actor(ActorKind.PERSON, waits.person_id), PACK_)
    for run, reason in ((other, "other_course"), (first, "other_course")):
        with pytest.raises(NotAllowedNow) as refusal:
            change(seated, run)
        assert refusal.value.reasons == (reason,)
    unseen = received(registered(), second.id)
    with pytest.raises(NotAllowedNow) as refusal:
        change(unseen, first)
    assert refusal.value.reasons == ("no_change_now",)
    clock.shift(timedelta(days=11))
    with pytest.raises(NotAllowedNow) as refusal:
        change(seated, second)
    assert refusal.value.reasons == ("class_started",)
    assert again(seated)[0].class_id == first.id


def test_nobody_is_twice_in_a_class(clock: Any, database: Any, registries: Any) -> None:
    first, second = course_with(1, 2, open_to_self_payers=True)
    person = registered()
    registries.know(person)
    crowd(registries, first, 1)
    waits = enrolled(registries, person, first.id)
    clock.shift(timedelta(minutes=1))
    enrolled(registries, person, second.id)
    with pytest.raises(NotEligible) as refusal:
        change(waits, second)
    assert refusal.value.reasons == ("already_in_class",)
    assert counts(first) == (0, 1)


def test_a_cancelled_class_offers_the_next_in_order_and_releases_what_it_held(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second, third = course_with(2, 1, 5)
    people = crowd(registries, first, 3, clock)
    assert statuses(*people) == ["enrolled", "enrolled", "waiting"]
    assert cancel_class(first.id, DESK, "报名的人太少", PACK_) == 3
    rows = again(*people)
    assert [row.status.value for row in rows] == ["offered", "offered", "offered"]
    assert [row.class_id for row in rows] == [second.id, third.id, third.id]
    assert [held(row) for row in rows] == [0, 0, 0]
    assert (counts(second), counts(third)) == ((0, 0), (3, 0))
    run = db.session().get_one(ClassRun, first.id, populate_existing=True)
    assert (run.status, run.cancel_reason) == (ClassStatus.CANCELLED, "报名的人太少")
    assert (run.seats_left, run.waiting, run.held_without_code) == (2, 0, 0)
    assert messages().count("cancelled_offered") == 3
    answer_by_link(link_code("cancelled_offered", people[1].reference), Answer("accept"), PACK_)
    assert statuses(people[1]) == ["enrolled"]
    assert held(people[1]) == 1
    assert seals.verify(db.session()) == []


def test_I21_with_no_seat_left_the_next_line_takes_them_in_their_order(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second = course_with(3, 1)
    people = crowd(registries, first, 4, clock)
    stands = crowd(registries, second, 2)[1]
    unseen = received(registered(), first.id)
    cancel_class(first.id, DESK, "老师病了", PACK_)
    rows = again(stands, *people)
    assert [row.status.value for row in rows] == ["waiting"] * 5
    places = [row.place or 0 for row in rows]
    assert places == sorted(places), "who stood there first, then theirs in their order"
    assert counts(second) == (0, 5)
    [gone] = again(unseen)
    assert (gone.status.value, gone.class_id) == ("waiting", second.id)


def test_without_a_next_class_everybody_is_told_and_free_to_choose(database: Any, registries: Any) -> None:
    [only] = course_with(2)
    people = crowd(registries, only, 3)
    cancel_class(only.id, DESK, "老师病了", PACK_)
    rows = again(*people)
    assert [(row.status.value, row.reasons) for row in rows] == [("expired", ["class_cancelled"])] * 3
    assert messages().count("cancelled") == 3
    assert [held(row) for row in rows] == [0, 0, 0]


def test_an_offer_of_a_cancelled_class_ends_with_it(database: Any, registries: Any) -> None:
    [only] = course_with(1)
    seated, waits = crowd(registries, only, 2)
    from tests.training.enrolments.people import leave

    leave(seated)
    code = link_code()
    cancel_class(only.id, DESK, "老师病了", PACK_)
    with pytest.raises(Gone):
        answer_by_link(code, Answer("accept"), PACK_)
    assert statuses(waits) == ["expired"]
    assert run_of(waits).seats_left == 1


def test_a_class_is_cancelled_once_with_a_reason_and_before_it_begins(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second = course_with(2, 2)
    with pytest.raises(BadInput):
        cancel_class(first.id, DESK, "  ", PACK_)
    cancel_class(first.id, DESK, "人太少", PACK_)
    with pytest.raises(NotAllowedNow):
        cancel_class(first.id, DESK, "人太少", PACK_)
    clock.shift(timedelta(days=45))
    with pytest.raises(NotAllowedNow) as refusal:
        cancel_class(second.id, DESK, "人太少", PACK_)
    assert refusal.value.reasons == ("class_started",)
    told = select(AuditEvent).where(AuditEvent.subject == DESK.id)
    outcomes = [event.outcome.value for event in db.session().scalars(told.order_by(AuditEvent.n))]
    assert outcomes == ["done", "refused", "refused"]


def test_what_nobody_answers_after_a_cancellation_passes_on_like_any_offer(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second = course_with(2, 1)
    one, two = crowd(registries, first, 2, clock)
    cancel_class(first.id, DESK, "人太少", PACK_)
    assert statuses(one, two) == ["offered", "waiting"]
    clock.shift(timedelta(hours=25))
    pass_on_offers(PACK_)
    assert statuses(one, two) == ["waiting", "offered"]
    assert counts(second) == (0, 1)


def test_a_number_typed_again_meanwhile_does_not_keep_a_class_from_being_cancelled(
    database: Any, registries: Any
) -> None:
    """Anybody can type a number: the one a verifier has ends, the one unseen stays where it is."""
    first, second = course_with(10, 10)
    person = registered()
    one = received(person, first.id)
    take(one.reference, one.district, verifier(one.district))
    two = received(person, second.id)
    [other] = crowd(registries, first, 1)
    assert cancel_class(first.id, DESK, "老师病了", PACK_) == 2
    assert statuses(one, two, other) == ["expired", "received", "offered"]
    assert seals.verify(db.session()) == []


def test_one_that_cannot_go_on_ends_and_holds_up_no_other(
    clock: Any, database: Any, registries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = course_with(3, 5)
    people = crowd(registries, first, 3, clock)
    real = seats.keep_for

    def fails(session: Any, enrolment: Enrolment, *rest: Any) -> Any:
        if enrolment.id == people[1].id:
            raise LookupError("a notice that is not there")
        return real(session, enrolment, *rest)

    monkeypatch.setattr("training.enrolments.operations.cancel.keep_for", fails)
    assert cancel_class(first.id, DESK, "老师病了", PACK_) == 3
    assert statuses(*people) == ["offered", "expired", "offered"]
    assert [row.class_id for row in again(*people)] == [second.id, first.id, second.id]
    assert counts(second) == (3, 0)
    assert messages().count("cancelled") == 1
    assert seals.verify(db.session()) == []


def test_A46_a_cancelled_class_offers_no_seat_to_a_frozen_record_and_keeps_its_place(
    clock: Any, database: Any, registries: Any
) -> None:
    first, second = course_with(3, 2)
    people = crowd(registries, first, 3, clock)
    freeze(people[0], clocks.now())
    cancel_class(first.id, DESK, "老师病了", PACK_)
    assert statuses(*people) == ["waiting", "offered", "offered"]
    assert counts(second) == (0, 1)
    freeze(people[0], None)
    freeze(people[1], clocks.now())
    clock.shift(timedelta(hours=25))
    pass_on_offers(PACK_)
    assert statuses(*people) == ["offered", "waiting", "offered"], "whoever may have a seat is asked"
    rows = again(*people)
    assert [row.offers_missed for row in rows] == [0, 0, 1]
    assert [row.place_before for row in rows] == [1, 2, 4], (
        "the third went to the end of the line, the second did not"
    )
    assert (rows[1].place, counts(second)) == (2, (0, 1))
